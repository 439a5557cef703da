"""The steps on an order that can be undone: what each changed of its unsent lines. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from shared.books.views import LineView, OrderView
from shared.kernel.errors import DomainError
from shared.kernel.quantity import format_quantity
from shared.orders.undoing import LineBefore

MOST_STEPS = 50
"""Nobody undoes more by hand."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        order_id: the order.
        lines: what it changed, as it was before.
        after: the changed lines as the step left them; None for one that it removed.
        word: what undoing it is called: the end of a sentence's key.
        params: for that sentence.
    """

    order_id: UUID
    lines: Mapping[UUID, LineBefore]
    after: Mapping[UUID, LineView | None]
    word: str
    params: Mapping[str, str]


@dataclass
class Steps:
    """The steps on one order, and whether what came before them was sent or paid."""

    _steps: list[Step] = field(default_factory=list)
    _noted: OrderView | None = None
    _is_sent: bool = False

    def note(self, before: OrderView | None, after: OrderView | None) -> None:
        """Note what a deed changed, if that is not noted yet. After a sending or a payment nothing can be undone."""
        if after is None or after == self._noted:
            return
        self._noted = after
        if _is_final(before, after):
            self._steps.clear()
            self._is_sent = True
            return
        step = step_between(before, after)
        if step is not None:
            self._is_sent = False
            self._steps = [*self._steps[1 - MOST_STEPS :], step]

    def last(self, order: OrderView | None) -> Step:
        """The step to undo.

        Raises:
            DomainError: order.undo_nothing, order.undo_sent, order.undo_changed.
        """
        if not self._steps:
            raise DomainError("order.undo_sent" if self._is_sent else "order.undo_nothing")
        step, now = self._steps[-1], {line.id: line for line in order.lines} if order is not None else {}
        if any(_core(now.get(line_id)) != _core(line) for line_id, line in step.after.items()):
            raise DomainError("order.undo_changed")
        return step

    def forget(self, step: Step, order: OrderView | None) -> None:
        """Forget a step that was undone."""
        self._steps.remove(step)
        self._noted = order


def step_between(before: OrderView | None, after: OrderView) -> Step | None:
    """What differs in the unsent lines of two states of an order. None: nothing does."""
    old = {line.id: line for line in before.lines} if before is not None else {}
    new = {line.id: line for line in after.lines}
    changed = {line_id: _before(old.get(line_id), new.get(line_id)) for line_id in old.keys() | new.keys()}
    lines = {line_id: each for line_id, each in changed.items() if each is not None}
    if not lines:
        return None
    first = next(iter(lines))
    was, now, how = old.get(first), new.get(first), lines[first]
    named = was or now
    assert named is not None, "a line that changed is in one of the two"
    held = was.quantity_milli if was is not None else now.quantity_milli if now is not None else 0
    params = {"name": named.item_name, "quantity": format_quantity(held)}
    return Step(after.id, lines, {line_id: new.get(line_id) for line_id in lines}, _word(was, now, how), params)


def _before(was: LineView | None, now: LineView | None) -> LineBefore | None:
    """What of a line to restore. None: nothing changed that can be undone."""
    if was is None:
        return LineBefore(quantity_milli=0) if now is not None and not now.is_told else None
    if now is None:
        return None if was.is_told else LineBefore(quantity_milli=was.quantity_milli)
    found = LineBefore(
        quantity_milli=was.quantity_milli if was.quantity_milli != now.quantity_milli and not was.is_told else None,
        notes=was.notes if was.notes != now.notes else None,
        modifier_ids=was.modifier_ids if was.modifier_ids != now.modifier_ids else None,
        unit_price_minor=was.price_minor if was.price_minor != now.price_minor else None,
        course=was.course if was.course != now.course else None,
        seat=was.seat if was.seat != now.seat else None,
    )
    return found if found != LineBefore() else None


def _word(was: LineView | None, now: LineView | None, how: LineBefore) -> str:
    if was is None:
        return "added"
    if now is None:
        return "removed"
    if how.quantity_milli is not None:
        return "quantity"
    if how.notes is not None:
        return "note"
    if how.modifier_ids is not None:
        return "options"
    if how.unit_price_minor is not None:
        return "price"
    return "course" if how.course is not None else "seat"


def _is_final(before: OrderView | None, after: OrderView) -> bool:
    """Whether something was told the kitchen, paid or voided."""
    if before is None:
        return False
    told = {line.id: (line.is_told, line.is_told and line.to_send_milli, line.voided_milli) for line in before.lines}
    now = {line.id: (line.is_told, line.is_told and line.to_send_milli, line.voided_milli) for line in after.lines}
    sent = any(now[line_id][0] and not told[line_id][0] for line_id in told.keys() & now.keys())
    resent = any(told[line_id][1] and not now[line_id][1] for line_id in told.keys() & now.keys())
    voided = any(told[line_id][2] != now[line_id][2] for line_id in told.keys() & now.keys())
    return sent or resent or voided or [check.receipts for check in before.checks] != [c.receipts for c in after.checks]


def _core(line: LineView | None) -> tuple[object, ...] | None:
    """What a step says of a line; how far the kitchen is, is no part of it, but whether it was told is."""
    if line is None:
        return None
    served = (line.course, line.seat, line.is_told and line.to_send_milli)
    return (line.quantity_milli, line.notes, line.modifier_ids, line.price_minor, *served)
