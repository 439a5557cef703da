"""Corrections on a paper desk: voids, cancelling and undoing, in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.orders.undoing import LineBefore
from terminal.screens.reach import may_have_begun

if TYPE_CHECKING:
    from tests.terminal.screens.paper_desk import PaperDesk


def _right(begun: bool) -> Permission:
    return Permission.VOID_SENT_LINE if begun else Permission.TAKE_ORDER


class PaperCorrections:
    def __init__(self, desk: PaperDesk) -> None:
        self._desk = desk
        self.voids: list[tuple[str, int, str, bool]] = []
        """Name, thousandths, reason, and whether it was made."""

    async def void_line(
        self, order_id: UUID, line_id: UUID, quantity_milli: int, reason: str, *, was_made: bool = False
    ) -> None:
        desk = self._desk
        line = desk._line(order_id, line_id)
        await desk._turn("void_line", _right(was_made or may_have_begun(line, desk)))
        left = line.quantity_milli - quantity_milli
        self.voids.append((line.item_name, quantity_milli, reason, was_made))
        voided = replace(
            line,
            quantity_milli=left,
            owed_milli=line.owed_milli - quantity_milli,
            voided_milli=line.voided_milli + quantity_milli,
            withdrawn_milli=0 if was_made else quantity_milli,
            to_send_milli=0,
        )
        desk._put(order_id, voided, "void")

    async def cancel(self, order_id: UUID, reason: str = "", *, was_made: bool = False) -> None:
        desk = self._desk
        await desk._turn("cancel", Permission.CANCEL_ORDER)
        order = desk.orders[order_id]
        told = [line for line in order.lines if line.is_told]
        await desk._turn("void", _right(was_made or any(may_have_begun(line, desk) for line in told)))
        del desk.orders[order_id]
        self.voids.append((order.number, 0, reason, was_made))
        desk._did(f"cancel {order.number}")

    async def note_order(self, order_id: UUID, notes: str) -> None:
        desk = self._desk
        await desk._turn("note_order", Permission.TAKE_ORDER)
        desk._keep(replace(desk.orders[order_id], notes=notes), "note")

    async def undo(self, order_id: UUID, lines: Mapping[UUID, LineBefore]) -> None:
        desk = self._desk
        await desk._turn("undo", Permission.TAKE_ORDER)
        order = desk.orders[order_id]
        kept = {line.id: line for line in order.lines}
        for line_id, before in lines.items():
            line = kept.get(line_id) or desk.removed[line_id]
            if line.is_told and before.quantity_milli is not None:
                raise DomainError("LINE_ALREADY_SENT", item=line.item_name)
            if before.quantity_milli == 0:
                del kept[line_id]
                continue
            if before.quantity_milli is not None:
                held = before.quantity_milli
                line = replace(line, quantity_milli=held, owed_milli=held, to_send_milli=held)
            if before.notes is not None:
                line = replace(line, notes=before.notes)
            if before.modifier_ids is not None:
                line = desk._with_modifiers(line, before.modifier_ids)
            kept[line_id] = line
        desk._keep(replace(order, lines=tuple(sorted(kept.values(), key=lambda line: line.id))), "undo")
