"""Bills on a paper desk: no rules of the house, and a bill that is noted on its check."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from shared.books.bill_views import PrebillView
from shared.books.views import OrderView
from shared.kernel.permissions import Permission
from terminal.desks.bill import BillShown
from terminal.printing.documents import Document
from terminal.printing.layout import lay_out
from terminal.printing.preview import PaperRow, PaperView, paper_view

if TYPE_CHECKING:
    from tests.terminal.screens.paper_desk import PaperDesk


class PaperBills:
    def __init__(self, desk: PaperDesk) -> None:
        self._desk = desk
        self.rules = ()

    async def begin(self, order_id: UUID, check_id: UUID) -> None:
        """No service charge is automatic."""

    async def print_bill(self, order_id: UUID, check_id: UUID) -> BillShown:
        desk = self._desk
        await desk._turn("print_bill", Permission.TAKE_ORDER)
        desk._send(order_id)
        order = desk.orders[order_id]
        count = (order.check.prebill.count if order.check.prebill else 0) + 1
        prebill = PrebillView(count, order.bill.total_minor, desk.time)
        desk._keep(replace(order, checks=(replace(order.check, prebill=prebill),)), "bill")
        return BillShown(order.due_minor, count, "caja")

    async def preview(self, order_id: UUID, check_id: UUID) -> PaperView:
        desk = self._desk
        await desk._turn("preview", Permission.TAKE_ORDER)
        return PaperView(42, (PaperRow(f"Pedido {desk.orders[order_id].number}"), PaperRow("TOTAL", strong=True)))

    async def show(self, document: Document, printer: str) -> PaperView:
        return paper_view(lay_out(document, 42), 42)

    async def print_labels(self, order: OrderView, bags: int) -> str:
        await self._desk._turn(f"labels {bags}", Permission.TAKE_ORDER)
        return "caja"
