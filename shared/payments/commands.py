"""Taking money: tenders pay a check, and the tender that pays the rest settles it with a receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.errors import DomainError, NotFound
from shared.kernel.instants import local_time
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.orders.commands import lines_of
from shared.orders.queries import CHARGED, discounts_of, line_price, unit_minor
from shared.orders.records import LineStatus, Order, OrderLine, OrderStatus
from shared.orders.rules import BillTotal, price_bill
from shared.payments.records import Check, CheckStatus, Payment, PaymentMethod, Receipt, ReceiptLine
from shared.payments.rules import Applied, Settlement, Tender, TenderKind, apply_tenders
from shared.taxes.queries import rates_in_force
from shared.tenancy.records import Branch

MAX_REFERENCE_CHARACTERS = 60
"""What the record holds: a longer one would be stored here and refused by every other replica."""


@dataclass(frozen=True, slots=True)
class Paid:
    """What some tenders did: the receipt if they closed the check, else what is left to pay.

    Attributes:
        earlier: the check's payments that were taken before.
        payments: what these tenders became, in their order; cash last.
    """

    receipt: Receipt | None
    receipt_lines: tuple[ReceiptLine, ...]
    settlement: Settlement
    earlier: tuple[Payment, ...]
    payments: tuple[Payment, ...]


async def add_payment_method(
    work: Work, name: str, kind: TenderKind, position: int = 0, method_id: UUID | None = None
) -> PaymentMethod:
    """A way to pay that the organization takes. Run on the cloud."""
    work.require(Permission.EDIT_BRANCH)
    return work.add(
        PaymentMethod(
            organization_id=work.organization_id,
            id=method_id or work.ids.new(),
            name=clean(name, 40),
            kind=kind,
            position=position,
        )
    )


async def pay(work: Work, order_id: UUID, receipt_id: UUID, tenders: Sequence[Tender]) -> Paid:
    """Take tenders for an order's check; close it if they pay the rest. Tax rates are those of today.

    Cash above the amount due comes back as change. A check that nothing can be handed over for (a gift, or less than
    the smallest coin) is closed by no tender at all, or by cash of 0. Unsent lines must be sent or removed first, so
    that nobody pays for what the kitchen never hears of. Pressed twice, the second press is told ORDER_CLOSED.

    Args:
        receipt_id: id of the receipt if this closes the check; made before the command starts.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, ORDER_CLOSED, NOTHING_TO_PAY, LINES_NOT_SENT, and those of
            `apply_tenders`.
    """
    work.require(Permission.TAKE_PAYMENT)
    order = await work.get(Order, order_id)
    check = await _check_of(work, order_id)
    if check.standing.status is CheckStatus.SETTLED or order.standing.status is OrderStatus.CANCELLED:
        raise DomainError("ORDER_CLOSED", number=order.number)
    lines = [line for line in await lines_of(work, order_id) if line.standing.status in CHARGED]
    if not lines:
        raise DomainError("NOTHING_TO_PAY", number=order.number)
    if any(line.standing.status is LineStatus.OPEN for line in lines):
        raise DomainError("LINES_NOT_SENT", number=order.number)
    taxes = await rates_in_force(work.session, work.organization_id, work.local_date)
    bill = price_bill([line_price(line, taxes) for line in lines], discounts_of(check, lines))
    branch = await work.get(Branch, order.branch_id)
    earlier = await _payments_of(work, check.id)
    due = bill.total_minor - sum(payment.amount_minor for payment in earlier)
    settlement = apply_tenders(due, tenders, branch.cash_step_minor, branch.cash_rounding)
    payments = tuple(work.add(_payment(work, order, check, applied)) for applied in settlement.applied)
    if settlement.left_minor > 0:
        return Paid(None, (), settlement, earlier, payments)
    receipt = await _receipt(work, order, check, bill, settlement, receipt_id)
    receipt_lines = tuple(_receipt_line(work, receipt, line, bill) for line in lines)
    check.standing = check.standing.advance(CheckStatus.SETTLED)
    order.standing = order.standing.advance(OrderStatus.COMPLETED)
    return Paid(receipt, receipt_lines, settlement, earlier, payments)


def _payment(work: Work, order: Order, check: Check, applied: Applied) -> Payment:
    tender = applied.tender
    return Payment(
        organization_id=work.organization_id,
        branch_id=order.branch_id,
        id=work.ids.new(),
        check_id=check.id,
        method_id=tender.method_id,
        method_name=clean(tender.method_name, 40),
        kind=tender.kind,
        currency=order.currency,
        amount_minor=applied.kept_minor,
        tendered_minor=tender.amount_minor,
        change_minor=applied.change_minor,
        reference=clean(tender.reference, MAX_REFERENCE_CHARACTERS),
        taken_at=work.now,
        taken_by=work.actor.staff_id,
        business_date=work.business_date,
        local_hour=local_time(work.now, work.place.zone).hour,
    )


async def _receipt(
    work: Work, order: Order, check: Check, bill: BillTotal, settlement: Settlement, receipt_id: UUID
) -> Receipt:
    number = await work.next_number("receipt")
    return work.add(
        Receipt(
            organization_id=work.organization_id,
            branch_id=order.branch_id,
            id=receipt_id,
            check_id=check.id,
            order_id=order.id,
            number=f"{work.place.letter}-{number:08d}",
            currency=order.currency,
            gross_minor=bill.gross_minor,
            discount_minor=bill.discount_minor,
            service_minor=bill.service_minor,
            net_minor=bill.net_minor,
            tax_minor=bill.tax_minor,
            total_minor=bill.total_minor,
            rounding_minor=settlement.rounding_minor,
            change_minor=settlement.change_minor,
            taxes=[
                {**total.tax._asdict(), "net_minor": total.net_minor, "tax_minor": total.tax_minor}
                for total in bill.taxes
            ],
            settled_at=work.now,
            settled_by=work.actor.staff_id,
            cashier_name=work.actor.name,
            business_date=work.business_date,
            local_hour=local_time(work.now, work.place.zone).hour,
        )
    )


def _receipt_line(work: Work, receipt: Receipt, line: OrderLine, bill: BillTotal) -> ReceiptLine:
    total = bill.lines[line.id]
    return work.add(
        ReceiptLine(
            organization_id=work.organization_id,
            branch_id=receipt.branch_id,
            id=work.ids.new(),
            receipt_id=receipt.id,
            order_line_id=line.id,
            item_id=line.item_id,
            item_name=line.item_name,
            category_id=line.category_id,
            category_name=line.category_name,
            quantity_milli=line.quantity_milli,
            unit=line.unit,
            unit_price_minor=unit_minor(line),
            gross_minor=total.gross_minor,
            discount_minor=total.discount_minor,
            service_minor=total.service_minor,
            tax_minor=total.tax_minor,
            total_minor=total.total_minor,
            discounts=[{"id": str(share.id), "amount_minor": share.amount_minor} for share in total.discounts],
            taxes=[{**part.tax._asdict(), "tax_minor": part.tax_minor} for part in total.taxes],
            currency=receipt.currency,
            business_date=receipt.business_date,
            local_hour=receipt.local_hour,
        )
    )


async def _check_of(work: Work, order_id: UUID) -> Check:
    check = (
        await work.session.scalars(
            sa.select(Check)
            .where(Check.organization_id == work.organization_id, Check.order_id == order_id)
            .order_by(Check.id)
            .limit(1)
        )
    ).first()
    if check is None:
        raise NotFound("check", order_id)
    return check


async def _payments_of(work: Work, check_id: UUID) -> tuple[Payment, ...]:
    """What was paid of a check so far, in the order in which it was taken."""
    found = await work.session.scalars(
        sa.select(Payment)
        .where(Payment.organization_id == work.organization_id, Payment.check_id == check_id)
        .order_by(Payment.id)
    )
    return tuple(found)
