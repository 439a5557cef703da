"""Payments of a desk on paper: what is taken, noted and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from shared.books.gone import Gone
from shared.books.views import OrderView
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.orders.whole import price_bill
from shared.payments.queries import PaymentView
from shared.payments.rules import Tender, apply_tenders
from shared.truth.balances import CheckState
from terminal.desks.desk import PaidView
from tests.terminal.screens.paper_house import PREMISES


class PaperPayments:
    """What `PaperDesk` knows of payments. It has the state."""

    async def pay(
        self,
        order_id: UUID,
        check_id: UUID,
        tenders: Sequence[Tender],
        part_minor: int | None = None,
        tip_minor: int = 0,
    ) -> PaidView:
        await self._turn("pay", Permission.TAKE_PAYMENT)
        order = self.orders.get(order_id)
        if order is None:
            raise DomainError("ORDER_CLOSED", number="")
        settlement = apply_tenders(order.due_minor, tenders, PREMISES.cash_step_minor, PREMISES.cash_rounding)
        self._send(order_id)
        order = self.orders[order_id]
        kept = sum(applied.kept_minor for applied in settlement.applied)
        taken = tuple(
            PaymentView(
                self._id(),
                each.tender.method_id,
                each.tender.method_name,
                each.tender.kind,
                each.kept_minor,
                each.tender.amount_minor,
                self.time,
                each.tender.reference,
                each.tender.last_four,
                each.tender.given_currency,
                each.tender.given_minor,
            )
            for each in settlement.applied
        )
        self.noted[check_id] = (*self.noted.get(check_id, ()), *taken)
        if tip_minor:
            self.done.append(f"tip {tip_minor}")
        if settlement.left_minor:
            self._credit(order, kept, "pay part of")
            return PaidView(None, 0, 0, settlement.left_minor, 0)
        self._receipts += 1
        self._settle(order, f"pay {order.number}")
        self.gone[order_id] = Gone(order.number, receipt=f"A-{self._receipts:08d}")
        return PaidView(
            receipt_number=f"A-{self._receipts:08d}",
            total_minor=order.bill.total_minor,
            change_minor=settlement.change_minor,
            left_minor=0,
            rounding_minor=settlement.rounding_minor,
        )

    async def noted_payments(self, check_id: UUID) -> tuple[PaymentView, ...]:
        return self.noted.get(check_id, ())

    async def take_back(self, order_id: UUID, payment_id: UUID) -> None:
        await self._turn("take_back", Permission.TAKE_PAYMENT)
        order = self.orders[order_id]
        noted = self.noted[order.check_id]
        (gone,) = (each for each in noted if each.id == payment_id)
        self.noted[order.check_id] = tuple(each for each in noted if each is not gone)
        self._credit(order, -gone.amount_minor, "take back of")

    def _settle(self, order: OrderView, did: str) -> None:
        """It is paid; it stays while it is to be handed over."""
        lines = tuple(replace(line, owed_milli=0) for line in order.lines)
        check = replace(order.check, state=CheckState.SETTLED, bill=price_bill([]), receipts=1, credit_minor=0)
        paid = replace(order, lines=lines, checks=(check,), is_free=True)
        if paid.to_hand_over and (paid.table_id is None or paid.is_cooking):
            self.orders[order.id] = paid
        else:
            del self.orders[order.id]
        self._did(did)

    def _credit(self, order: OrderView, amount_minor: int, did: str) -> None:
        check = replace(order.check, credit_minor=order.check.credit_minor + amount_minor)
        self._keep(replace(order, checks=(check,)), did)
