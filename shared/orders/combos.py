"""Combos on an order: one choice for each slot, each a line of its own with its share of the price.

The parts are written in one act and changed together: their price holds for all of them. They are sent, made, split,
voided with a reason, paid and given back each by itself, at its share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.errors import DomainError, NotFound
from shared.kernel.permissions import Permission
from shared.kernel.quantity import ONE
from shared.kernel.text import MAX_NOTE_CHARACTERS, clean
from shared.kernel.work import Work
from shared.menu.availability import require_left
from shared.menu.combo_queries import slots_of
from shared.menu.combos import choose_parts, share_combo
from shared.menu.queries import load_item
from shared.menu.rules import ChosenItem, SlotChoice, choose
from shared.orders.combo_records import OrderCombo
from shared.orders.commands import first_check_id, take_off
from shared.orders.hours import priced_otherwise, ruled, sold_now
from shared.orders.records import OrderLine
from shared.orders.rules import quantity_is_sensible
from shared.orders.selling import check_price, check_quantity, check_seat, modifiers_now, snapshot
from shared.orders.taking import branch_of_taken
from shared.pricing.rules import PricedNow
from shared.truth.family import Part, compare
from shared.truth.portions import modifiers_of, said
from shared.truth.reading import require_check, rows_of_families


@dataclass(frozen=True, slots=True)
class ComboPart:
    """What is served for one slot.

    Attributes:
        choice_id: the choice of the slot.
        line_id: of the new line.
    """

    choice_id: UUID
    line_id: UUID
    modifier_ids: tuple[UUID, ...] = ()
    notes: str = ""


async def add_combo(
    work: Work,
    order_id: UUID,
    combo_id: UUID,
    item_id: UUID,
    parts: Sequence[ComboPart],
    quantity_milli: int = ONE,
    check_id: UUID | None = None,
    seat: int = 0,
) -> list[OrderLine]:
    """Order a combo: a line for each of its slots, in their order, which share its price to the minor unit.

    The price is that of this hour; what dearer choices and modifiers add comes to their own line.

    Args:
        combo_id: of the combo as it is ordered now.
        parts: one for each slot, in any order.
        quantity_milli: whole combos.
        check_id, seat: as in `add_line`.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, ORDER_CLOSED, QUANTITY_NOT_SENSIBLE, PRICE_NOT_SENSIBLE, ITEM_NOT_NOW,
            COMBO_UNFINISHED, SEAT_NOT_SENSIBLE, and those of `choose` and `require_left`.
    """
    work.require(Permission.TAKE_ORDER)
    check_seat(seat)
    branch_id = await branch_of_taken(work, order_id)
    if check_id is not None and check_id != first_check_id(order_id):
        await require_check(work, check_id)
    combo, lines = await combo_of(work, branch_id, order_id, combo_id, item_id, parts, quantity_milli)
    work.add(combo)
    for line in lines:
        line.check_id, line.seat = check_id or first_check_id(order_id), seat or None
        work.add(line)
    return lines


async def combo_of(
    work: Work,
    branch_id: UUID,
    order_id: UUID,
    combo_id: UUID,
    item_id: UUID,
    parts: Sequence[ComboPart],
    quantity_milli: int,
    kind: str | None = None,
) -> tuple[OrderCombo, list[OrderLine]]:
    """A combo and its lines as `add_combo` writes them, which nobody has written yet: on no check.

    Args:
        kind: of the order, where it is not there yet.

    Raises:
        DomainError: see `add_combo`.
    """
    combo = await load_item(work.session, work.organization_id, item_id, branch_id)
    check_quantity(quantity_milli, combo)
    if quantity_milli % ONE:
        raise DomainError("QUANTITY_NOT_SENSIBLE")
    slots = await slots_of(work.session, work.organization_id, item_id)
    served = choose_parts(combo.name, slots, [each.choice_id for each in parts])
    part_of = {each.choice_id: each for each in parts}
    chosen = [await _chosen(work, each, part_of[each.id], quantity_milli, branch_id) for each in served]
    for each in chosen:
        await sold_now(work, each.item, order_id, kind)  # a breakfast is none at noon, in a combo or not
    await require_left(work, combo.id, (), quantity_milli)
    now = await sold_now(work, combo, order_id, kind)
    deltas = [each.price_delta_minor for each in served]
    shares = share_combo(now.price_minor, deltas, [each.item.price_minor for each in chosen])
    ordered_combo = OrderCombo(
        organization_id=work.organization_id,
        branch_id=branch_id,
        id=combo_id,
        order_id=order_id,
        item_id=combo.id,
        name=combo.name,
        price_minor=now.price_minor,
        extra_minor=sum(deltas),
        share_minor=now.price_minor + sum(deltas),
        price_rule_id=now.rule.id if now.rule is not None else None,
        added_at=work.now,
    )
    ordered = Ordered(order_id, combo_id, combo.name, now, quantity_milli)
    return ordered_combo, [
        _line(work, branch_id, ordered, choice, part_of[choice.id], each, share_minor)
        for choice, each, share_minor in zip(served, chosen, shares, strict=True)
    ]


async def one_more_combo(work: Work, combo_id: UUID, new_combo_id: UUID, new_line_ids: Sequence[UUID]) -> UUID:
    """One more of a combo, its parts as they stand now. Presses on two devices add up.

    The author's own unsent combo grows. If any part was sent or paid, or if the combo costs something else at this
    hour, or since the house changed its price, one more is a combo of its own on the same check.

    Args:
        new_combo_id, new_line_ids: for a combo of its own; one line for each part.

    Returns:
        The combo that holds the new one.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, LINE_IS_GONE, and those of `add_combo`.
    """
    work.require(Permission.TAKE_ORDER)
    combo, parts = await _standing(work, combo_id)
    if not any(each.part.live for each in parts):
        raise DomainError("LINE_IS_GONE", item=combo.name)
    if await _costs_the_same(work, combo, parts) and all(each.can_grow(work) for each in parts):
        for each in parts:
            await require_left(work, each.row.item_id, each.modifier_ids, ONE)
        await require_left(work, combo.item_id, (), ONE)
        for each in parts:
            line = await work.get(OrderLine, each.row.id)
            line.more_milli += ONE
        return combo_id
    await _add_like(work, combo, parts, new_combo_id, new_line_ids, ONE)
    return new_combo_id


async def set_combo_quantity(
    work: Work,
    combo_id: UUID,
    quantity_milli: int,
    new_combo_id: UUID | None = None,
    new_line_ids: Sequence[UUID] = (),
) -> UUID:
    """So many of a combo in all, typed before any of its parts was sent.

    Args:
        new_combo_id, new_line_ids: for a combo of what comes besides, if it costs something else now.

    Returns:
        The combo that holds what was added last.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, LINE_ALREADY_SENT, QUANTITY_NOT_SENSIBLE, PRICE_OF_ITS_HOUR (no ids for a
            new combo were given), and those of `add_combo`.
    """
    work.require(Permission.TAKE_ORDER)
    if quantity_milli % ONE or not quantity_is_sensible(quantity_milli):
        raise DomainError("QUANTITY_NOT_SENSIBLE")
    combo, parts = await _standing(work, combo_id)
    more_milli = max(quantity_milli - each.part.live for each in parts)
    sent = next((each for each in parts if not each.is_free), None)
    if sent is not None:
        raise DomainError("LINE_ALREADY_SENT", item=sent.row.item_name)
    if more_milli > 0 and not await _costs_the_same(work, combo, parts):
        if new_combo_id is None:
            raise DomainError("PRICE_OF_ITS_HOUR", item=combo.name)
        await _add_like(work, combo, parts, new_combo_id, new_line_ids, more_milli)
        return new_combo_id
    await require_left(work, combo.item_id, (), more_milli)
    for each in parts:
        await require_left(work, each.row.item_id, each.modifier_ids, quantity_milli - each.part.live)
        line = await work.get(OrderLine, each.row.id)
        line.quantity_milli += quantity_milli - each.part.live
    return combo_id


async def _costs_the_same(work: Work, combo: OrderCombo, parts: Sequence[_Standing]) -> bool:
    """Whether one more of a combo costs now what it did: the combo, what its choices add, and their modifiers.

    Raises:
        DomainError: ITEM_SOLD_OUT (the menu has it no more), ITEM_NOT_NOW.
    """
    try:
        item = await load_item(work.session, work.organization_id, combo.item_id, work.place.branch_id)
    except NotFound:
        raise DomainError("ITEM_SOLD_OUT", item=combo.name) from None
    if await priced_otherwise(work, item, combo.order_id, combo.price_minor, combo.price_minor) is not None:
        return False
    slots = await slots_of(work.session, work.organization_id, combo.item_id)
    adds = {choice.id: choice.price_delta_minor for slot in slots for choice in slot.choices}
    chosen = [each.row.combo_choice_id for each in parts]
    if adds.keys() >= set(chosen) and sum(adds[each] for each in chosen) != combo.extra_minor:
        return False
    return all([await _adds_the_same(work, each) for each in parts if each.modifiers])


async def _adds_the_same(work: Work, part: _Standing) -> bool:
    """Whether the modifiers of a part cost now what they did."""
    item = await load_item(work.session, work.organization_id, part.row.item_id, work.place.branch_id)
    return modifiers_now(item, part.modifiers) is None


async def _add_like(
    work: Work,
    combo: OrderCombo,
    parts: Sequence[_Standing],
    combo_id: UUID,
    line_ids: Sequence[UUID],
    quantity_milli: int,
) -> None:
    """So many like a combo, as it stands now, at today's price."""
    first = parts[0]
    anew = [
        ComboPart(each.row.combo_choice_id, line_id, each.modifier_ids, each.notes)
        for each, line_id in zip(parts, line_ids, strict=False)
    ]
    check_id, seat = first.part.check_id, first.seat
    await add_combo(work, combo.order_id, combo_id, combo.item_id, anew, quantity_milli, check_id, seat)


async def remove_combo(work: Work, combo_id: UUID) -> None:
    """Remove a combo, all of its parts, before any of them is sent. Removing it again changes nothing.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, LINE_ALREADY_SENT.
    """
    work.require(Permission.TAKE_ORDER)
    _combo, parts = await _standing(work, combo_id)
    for each in parts:
        await take_off(work, each.row.id)


@dataclass(frozen=True, slots=True)
class Ordered:
    """What all parts of a combo say alike."""

    order_id: UUID
    combo_id: UUID
    name: str
    priced: PricedNow
    quantity_milli: int


@dataclass(frozen=True, slots=True)
class _Standing:
    """The line of a part as it stands now."""

    row: Any
    part: Part
    is_free: bool
    modifiers: Sequence[Mapping[str, Any]]
    notes: str
    seat: int

    @property
    def modifier_ids(self) -> tuple[UUID, ...]:
        """One that was chosen twice is named twice."""
        return tuple(UUID(str(each["id"])) for each in self.modifiers)

    def can_grow(self, work: Work) -> bool:
        """Whether "one more" may be added to it: its author's own, all of it here, neither sent nor paid."""
        return bool(self.is_free and self.row.author == work.author and self.part.live)


async def _chosen(work: Work, choice: SlotChoice, part: ComboPart, quantity_milli: int, branch_id: UUID) -> ChosenItem:
    """The item of a choice with its modifiers, if there is enough of it."""
    item = await load_item(work.session, work.organization_id, choice.item_id, branch_id)
    chosen = choose(item, part.modifier_ids)
    await require_left(work, item.id, (each.id for each in chosen.modifiers), quantity_milli)
    return chosen


def _line(
    work: Work,
    branch_id: UUID,
    ordered: Ordered,
    choice: SlotChoice,
    part: ComboPart,
    chosen: ChosenItem,
    share_minor: int,
) -> OrderLine:
    item, modifiers = chosen.item, snapshot(chosen.modifiers)
    check_price(ordered.quantity_milli, share_minor, modifiers)
    return OrderLine(
        organization_id=work.organization_id,
        branch_id=branch_id,
        id=part.line_id,
        order_id=ordered.order_id,
        root_id=part.line_id,
        author=work.author,
        item_id=item.id,
        item_name=item.name,
        kitchen_name=item.kitchen_name,
        category_id=item.category_id,
        category_name=item.category_name,
        tax_category_id=item.tax_category_id,
        station_id=item.station_id,
        unit=item.unit,
        unit_price_minor=share_minor,
        quantity_milli=ordered.quantity_milli,
        modifiers=modifiers,
        notes=clean(part.notes, MAX_NOTE_CHARACTERS),
        combo_id=ordered.combo_id,
        combo_choice_id=choice.id,
        combo_name=ordered.name,
        share_minor=share_minor,
        **ruled(ordered.priced),
        course=item.course,
        held=0,
        fired=0,
        added_at=work.now,
    )


async def _standing(work: Work, combo_id: UUID) -> tuple[OrderCombo, list[_Standing]]:
    """A combo, and the first line of each of its parts as it stands now, in the order of its slots."""
    combo = await work.get(OrderCombo, combo_id)
    roots = sa.select(OrderLine.id).where(
        OrderLine.organization_id == work.organization_id,
        OrderLine.order_id == combo.order_id,
        OrderLine.combo_id == combo_id,
        OrderLine.combo_choice_id.is_not(None),
    )
    ids = sorted((await work.session.scalars(roots)).all())
    if not ids:
        raise NotFound(OrderCombo.__tablename__, combo_id)
    rows = await rows_of_families(work.session, work.organization_id, ids)
    return combo, [_stands(root, rows[root]) for root in ids]


def _stands(root: UUID, rows: Mapping[str, Mapping[UUID, Any]]) -> _Standing:
    family, lines = compare(root, rows), rows[OrderLine.__tablename__]
    is_free = not family.is_told and not family.is_covered and len(lines) == 1
    notes, seat = said(root, lines, "notes") or "", said(root, lines, "seat") or 0
    return _Standing(lines[root], family.parts[root], is_free, modifiers_of(root, lines), notes, seat)
