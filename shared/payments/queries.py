"""Reading payment methods and receipts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.language import spoken
from shared.payments.counting import payments_of_check
from shared.payments.records import Payment, PaymentMethod, Receipt, ReceiptLine
from shared.payments.rules import Asks, TenderKind


@dataclass(frozen=True, slots=True)
class MethodView:
    """A way to pay; see `PaymentMethod`."""

    id: UUID
    name: str
    kind: TenderKind
    asks: Asks = Asks.LATER
    qr_text: str = ""
    gives_change: bool = False
    needs_right: str = ""
    most_minor: int = 0
    currency: str = ""
    names: Mapping[str, str] = field(default_factory=dict, hash=False)
    language: str = ""

    @property
    def title(self) -> str:
        """Its name on the screens of somebody. Papers and records go by `name`."""
        return spoken(self.name, self.names, self.language)

    @property
    def is_house_cash(self) -> bool:
        """Whether it is cash in the house's own money."""
        return self.kind is TenderKind.CASH and not self.currency


@dataclass(frozen=True, slots=True)
class PaymentView:
    """Money that came in for a check and was not taken back. Amounts as in `Payment`."""

    id: UUID
    method_id: UUID
    method_name: str
    kind: TenderKind
    amount_minor: int
    tendered_minor: int
    taken_at: datetime
    reference: str = ""
    last_four: str = ""
    given_currency: str = ""
    given_minor: int = 0


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """A receipt with its lines and payments, as rows."""

    receipt: Any
    lines: tuple[Any, ...]
    payments: tuple[Any, ...]


async def payment_methods(reader: AsyncConnection | AsyncSession, organization_id: UUID) -> list[MethodView]:
    """The ways to pay that the organization takes, in their order."""
    rows = await reader.execute(
        sa.select(*(getattr(PaymentMethod, each.name) for each in fields(MethodView) if each.name != "language"))
        .where(PaymentMethod.organization_id == organization_id, PaymentMethod.active)
        .order_by(PaymentMethod.position, PaymentMethod.id)
    )
    return [MethodView(*row) for row in rows]


async def noted_payments(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, check_id: UUID
) -> tuple[PaymentView, ...]:
    """What was paid of a check, was not taken back, and no receipt counts, in the order in which it was taken."""
    found = await payments_of_check(reader, organization_id, check_id)
    return tuple(_payment_view(each.row) for each in found if each.receipt_id is None)


async def kept_payments(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, check_id: UUID
) -> tuple[PaymentView, ...]:
    """All payments of a check that were not taken back, counted by a receipt or not."""
    return tuple(_payment_view(each.row) for each in await payments_of_check(reader, organization_id, check_id))


def _payment_view(row: Any) -> PaymentView:
    return PaymentView(*(getattr(row, each.name) for each in fields(PaymentView)))


async def receipt_view(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, receipt_id: UUID
) -> ReceiptView | None:
    """All that a printed receipt says; four statements."""
    receipts, lines = (kind.__table__ for kind in (Receipt, ReceiptLine))
    receipt = (
        await reader.execute(
            sa.select(receipts).where(receipts.c.organization_id == organization_id, receipts.c.id == receipt_id)
        )
    ).first()
    if receipt is None:
        return None
    of_receipt = await reader.execute(
        sa.select(lines)
        .where(lines.c.organization_id == organization_id, lines.c.receipt_id == receipt_id)
        .order_by(lines.c.id)
    )
    of_check = await payments_of_check(reader, organization_id, receipt.check_id)
    return ReceiptView(receipt, tuple(of_receipt), tuple(each.row for each in of_check))


async def used_today(
    reader: AsyncConnection | AsyncSession,
    organization_id: UUID,
    branch_id: UUID,
    day: date,
    method_id: UUID,
    reference: str,
) -> PaymentView | None:
    """The payment of a business date by this method that has this reference already; None if there is none."""
    of = Payment.__table__.c
    rows = await reader.execute(
        sa.select(Payment.__table__)
        .where(of.organization_id == organization_id, of.branch_id == branch_id, of.business_date == day)
        .where(of.method_id == method_id, of.reference == reference)
        .order_by(of.id)
        .limit(1)
    )
    row = rows.first()
    return None if row is None else _payment_view(row)
