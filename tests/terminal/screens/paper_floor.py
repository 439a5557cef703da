"""The floor and its guests, on paper."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from shared.books.views import JoinedParty
from shared.kernel.permissions import Permission
from shared.orders.contacts import ContactView
from shared.orders.records import OrderKind


class PaperFloor:
    """As `terminal.desks.floor`."""

    def __init__(self, desk) -> None:
        self._desk = desk

    async def seat(self, table_id: UUID | None, guests: int, contact: ContactView | None = None) -> UUID:
        await self._desk._turn("seat", Permission.TAKE_ORDER)
        order_id = await self._desk.open_order(OrderKind.DINE_IN, table_id, guests, contact)
        self._desk._did(f"seat {guests}")
        return order_id

    async def move(self, order_ids, table_id: UUID, *, beside: bool = False) -> None:
        await self._desk._turn("move", Permission.TAKE_ORDER)
        table = next(table for table in self._desk.tables if table.id == table_id)
        for order_id in order_ids:
            order = self._desk.orders[order_id]
            self._desk.orders[order_id] = replace(order, table_id=table.id, table_name=table.name)
        self._desk._did(f"move {table.name}")

    async def join(self, order_ids, into_order_id: UUID) -> None:
        await self._desk._turn("join", Permission.TAKE_ORDER)
        for order_id in order_ids:
            order, into = self._desk.orders.pop(order_id), self._desk.orders[into_order_id]
            party = JoinedParty(order.id, order.number, order.table_id, order.table_name, order.guests)
            lines, checks = (*into.lines, *order.lines), (*into.checks, *order.checks)
            self._desk.orders[into_order_id] = replace(into, joined=(*into.joined, party), lines=lines, checks=checks)
        self._desk._did("join")

    async def gather(self, order_id: UUID) -> None:
        """Orders on paper are gathered already."""

    async def set_out_of_service(self, table_id: UUID, *, out: bool) -> None:
        await self._desk._turn("out of service", Permission.TAKE_ORDER)
        self._desk.tables = tuple(
            replace(table, out_of_service=out) if table.id == table_id else table for table in self._desk.tables
        )
        self._desk._did(f"out of service {out}")
