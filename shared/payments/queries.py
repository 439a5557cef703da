"""Reading payment methods and receipts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.payments.records import Payment, PaymentMethod, Receipt, ReceiptLine
from shared.payments.rules import TenderKind


@dataclass(frozen=True, slots=True)
class MethodView:
    """A way to pay."""

    id: UUID
    name: str
    kind: TenderKind


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """A receipt with its lines and payments, as rows."""

    receipt: Any
    lines: tuple[Any, ...]
    payments: tuple[Any, ...]


async def payment_methods(reader: AsyncConnection | AsyncSession, organization_id: UUID) -> list[MethodView]:
    """The ways to pay that the organization takes, in their order."""
    rows = await reader.execute(
        sa.select(PaymentMethod.id, PaymentMethod.name, PaymentMethod.kind)
        .where(PaymentMethod.organization_id == organization_id, PaymentMethod.active)
        .order_by(PaymentMethod.position, PaymentMethod.id)
    )
    return [MethodView(row.id, row.name, row.kind) for row in rows]


async def receipt_view(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, receipt_id: UUID
) -> ReceiptView | None:
    """All that a printed receipt says; three statements."""
    receipts, lines, payments = (kind.__table__ for kind in (Receipt, ReceiptLine, Payment))
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
    of_check = await reader.execute(
        sa.select(payments)
        .where(payments.c.organization_id == organization_id, payments.c.check_id == receipt.check_id)
        .order_by(payments.c.id)
    )
    return ReceiptView(receipt, tuple(of_receipt), tuple(of_check))
