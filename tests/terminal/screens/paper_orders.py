"""The orders of a desk on paper, in memory, with every rule from `shared`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from shared.books.bill_views import PriceView
from shared.books.views import CheckView, LineView, OrderView
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kernel.quantity import ONE
from shared.kernel.text import clean
from shared.kitchen.serving import HandedOver
from shared.menu.rules import MenuItem, choose
from shared.orders.contacts import ContactView
from shared.orders.records import OrderKind
from shared.orders.rules import BillTotal, LinePrice, unit_with_modifiers
from shared.orders.selling import check_quantity, require_price
from shared.orders.whole import price_bill, unsplit
from shared.truth.balances import CheckState
from terminal.desks.desk import SentView
from tests.terminal.screens.paper_house import AUTHOR, IGV


class PaperOrders:
    """What `PaperDesk` knows of orders. It has the state."""

    async def open_order(
        self,
        kind: OrderKind,
        table_id: UUID | None = None,
        guests: int = 0,
        contact: ContactView | None = None,
        promised_at: datetime | None = None,
        *,
        beside: bool = False,
    ) -> UUID:
        await self._turn("open_order", Permission.TAKE_ORDER)
        order_id = self._id()
        self._orders += 1
        table = next((table for table in self.tables if table.id == table_id), None)
        order = OrderView(
            id=order_id,
            number=f"A-{self._orders}",
            kind=kind,
            table_id=table_id,
            table_name=table.name if table else "",
            guests=guests,
            notes="",
            promised_at=promised_at,
            currency="PEN",
            server_name=self.actor.name if self.actor else "",
            opened_at=self.time,
            opened_by=self.actor.staff_id if self.actor else None,
            has_left=False,
            is_free=False,
            lines=(),
            checks=(CheckView(self._id(), CheckState.EMPTY, price_bill([]), 0, 0),),
        )
        if contact is not None and contact.texts:
            self.contacts[order_id] = contact
        self._keep(order, "open")
        return order_id

    async def add_line(
        self,
        order_id: UUID,
        item: MenuItem,
        modifier_ids: Sequence[UUID] = (),
        quantity_milli: int = ONE,
        notes: str = "",
        unit_price_minor: int | None = None,
        seat: int = 0,
    ) -> UUID:
        await self._turn("add_line", Permission.TAKE_ORDER)
        self._require_left(item.id, item.name)
        chosen = choose(item, modifier_ids)
        check_quantity(quantity_milli, item)
        if item.open_price and unit_price_minor is None:
            raise DomainError("PRICE_IS_ASKED", item=item.name)
        price = item.price_minor if unit_price_minor is None else unit_price_minor
        require_price(self, item, price)
        order, line_id = self.orders[order_id], self._id()
        line = LineView(
            id=line_id,
            root_id=line_id,
            check_id=order.check_id,
            item_id=item.id,
            item_name=item.name,
            category_name=item.category_name,
            quantity_milli=quantity_milli,
            owed_milli=quantity_milli,
            voided_milli=0,
            to_send_milli=quantity_milli,
            made_milli=0,
            served_milli=0,
            withdrawn_milli=0,
            unit_minor=unit_with_modifiers(price, [each.price_delta_minor for each in chosen.modifiers]),
            total_minor=0,
            discount_minor=0,
            modifiers=tuple((each.name, each.price_delta_minor) for each in chosen.modifiers),
            modifier_ids=tuple(each.id for each in chosen.modifiers),
            notes=clean(notes),
            is_told=False,
            author=AUTHOR,
            unit=item.unit,
            price_minor=price,
            course=item.course,
            seat=seat,
        )
        equal = order.unsent_like(item.id, modifier_ids, line.notes, AUTHOR, seat)
        if equal is not None and not item.weight_unit and not item.open_price:
            grown = self._line(order_id, equal)
            self._put(order_id, _holding(grown, grown.quantity_milli + quantity_milli), "add")
            return equal
        self._keep(replace(order, lines=(*order.lines, line)), "add")
        return line.id

    async def one_more(self, order_id: UUID, line_id: UUID) -> UUID:
        await self._turn("one_more", Permission.TAKE_ORDER)
        line = self._line(order_id, line_id)
        if line.weight_unit:
            raise DomainError("LINE_IS_WEIGHED", item=line.item_name)
        self._on_sale(line)
        if not line.is_told:
            self._put(order_id, _holding(line, line.quantity_milli + ONE), "more")
            return line_id
        order, new_id = self.orders[order_id], self._id()
        new = replace(_holding(line, ONE), id=new_id, root_id=new_id, is_told=False, made_milli=0, served_milli=0)
        self._keep(replace(order, lines=(*order.lines, new)), "more")
        return new_id

    async def set_quantity(self, order_id: UUID, line_id: UUID, quantity_milli: int) -> UUID:
        await self._turn("set_quantity", Permission.TAKE_ORDER)
        line = self._unsent(order_id, line_id)
        check_quantity(quantity_milli, line)
        if quantity_milli > line.quantity_milli:
            self._on_sale(line)
        self._put(order_id, _holding(line, quantity_milli), "change")
        return line_id

    async def change_line(
        self,
        order_id: UUID,
        line_id: UUID,
        notes: str | None = None,
        modifier_ids: Sequence[UUID] | None = None,
        unit_price_minor: int | None = None,
    ) -> None:
        await self._turn("change_line", Permission.TAKE_ORDER)
        line = self._line(order_id, line_id)
        if line.is_told:
            line = replace(line, to_send_milli=line.quantity_milli, withdrawn_milli=line.quantity_milli, made_milli=0)
        if notes is not None:
            line = replace(line, notes=clean(notes, 280))
        if modifier_ids is not None:
            line = self._with_modifiers(line, modifier_ids)
        if unit_price_minor is not None:
            require_price(self, self.menu.items[line.item_id], unit_price_minor)
            deltas = [delta for _name, delta in line.modifiers]
            unit_minor = unit_with_modifiers(unit_price_minor, deltas)
            line = replace(line, price_minor=unit_price_minor, unit_minor=unit_minor)
        self._put(order_id, line, "change")

    def _with_modifiers(self, line: LineView, modifier_ids: Sequence[UUID]) -> LineView:
        item = self.menu.items[line.item_id]
        taken = choose(item, modifier_ids).modifiers
        return replace(
            line,
            modifiers=tuple((each.name, each.price_delta_minor) for each in taken),
            modifier_ids=tuple(each.id for each in taken),
            unit_minor=unit_with_modifiers(line.price_minor, [each.price_delta_minor for each in taken]),
        )

    async def remove_line(self, order_id: UUID, line_id: UUID) -> None:
        await self._turn("remove_line", Permission.TAKE_ORDER)
        order, gone = self.orders[order_id], self._unsent(order_id, line_id)
        self.removed[line_id] = gone
        self._keep(replace(order, lines=tuple(line for line in order.lines if line.id != gone.id)), "remove")

    async def send(self, order_id: UUID) -> SentView:
        await self._turn("send", Permission.SEND_ORDER)
        return self._send(order_id)

    async def serve(
        self, order_id: UUID, line_ids: Sequence[UUID] | None = None, *, only_ready: bool = False
    ) -> HandedOver:
        await self._turn("serve", Permission.TAKE_ORDER)
        order, served = self.orders[order_id], 0
        lines = []
        for line in order.lines:
            there = line.made_milli if only_ready else line.quantity_milli - line.to_send_milli
            is_meant = line.is_told and (line_ids is None or line.id in line_ids)
            served += is_meant and there > line.served_milli
            lines.append(replace(line, served_milli=max(line.served_milli, there)) if is_meant else line)
        self._keep(replace(order, lines=tuple(lines)), "serve")
        if self.orders[order_id].is_paid and not self.orders[order_id].to_hand_over:
            del self.orders[order_id]
            self.publish("orders")
        return HandedOver(served, {line.id: line.served_milli for line in lines})

    def _keep(self, order: OrderView, did: str) -> None:
        owed = [line for line in order.lines if line.owed_milli]
        bill = self.bill_of(*owed)
        lines = tuple(
            replace(line, total_minor=bill.lines[line.id].gross_minor if line.id in bill.lines else 0)
            for line in order.lines
        )
        state = CheckState.OPEN if owed else CheckState.SETTLED if order.has_receipt else CheckState.EMPTY
        price = PriceView(order.check.id, unsplit(order.check.id, map(self._price, owed)))
        check = replace(order.check, bill=bill, state=state, price=price)
        self.orders[order.id] = replace(order, lines=lines, checks=(check,))
        self._did(f"{did} {order.number}")

    def bill_of(self, *lines: LineView) -> BillTotal:
        """What these lines owe."""
        return price_bill(list(map(self._price, lines)))

    @staticmethod
    def _price(line: LineView) -> LinePrice:
        return LinePrice(line.id, line.owed_milli, line.unit_minor, (IGV,), line.root_id)

    def _put(self, order_id: UUID, changed: LineView, did: str) -> None:
        order = self.orders[order_id]
        lines = tuple(changed if line.id == changed.id else line for line in order.lines)
        self._keep(replace(order, lines=lines), did)

    def _line(self, order_id: UUID, line_id: UUID) -> LineView:
        return next(line for line in self.orders[order_id].lines if line.id == line_id)

    def _on_sale(self, line: LineView) -> None:
        item = self.menu.items.get(line.item_id)
        if item is None:
            raise DomainError("ITEM_SOLD_OUT", item=line.item_name)
        self._require_left(item.id, item.name)

    def _require_left(self, item_id: UUID, name: str) -> None:
        left = self.left.get(item_id)
        if left is not None and left.is_out:
            raise DomainError("ITEM_SOLD_OUT", item=name)

    def _unsent(self, order_id: UUID, line_id: UUID) -> LineView:
        line = self._line(order_id, line_id)
        if line.is_told:
            raise DomainError("LINE_ALREADY_SENT", item=line.item_name)
        return line


def _holding(line: LineView, quantity_milli: int) -> LineView:
    """A line that was not sent, with so many portions."""
    return replace(line, quantity_milli=quantity_milli, owed_milli=quantity_milli, to_send_milli=quantity_milli)
