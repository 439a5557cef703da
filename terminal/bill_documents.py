"""Makes the paper of a bill before it is paid, and names what was taken off or added on bills and receipts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.instants import local_time
from shared.orders.records import Order
from shared.payments.bill_records import Prebill
from shared.payments.naming import discount_name, service_name
from shared.payments.pricing import Due
from shared.payments.queries import PaymentView
from shared.payments.records import Discount, ServiceCharge
from shared.payments.rules import is_discount_share
from shared.tenancy.queries import Premises
from shared.truth.family import LINES
from shared.truth.portions import modifiers_of
from terminal.printing.documents import NamedAmount, ReceiptDocument, ReceiptLine
from terminal.printing.wording import words
from terminal.sale_documents import Adjusted, letterhead, named_taxes, receipt_line, receipt_payment

Reader = AsyncConnection | AsyncSession


async def adjusted(
    reader: Reader, organization_id: UUID, language: str, lines: Iterable[tuple[Sequence[Any], Sequence[str], int]]
) -> Adjusted:
    """What was taken off some lines, and added for service, by name; at most two statements.

    Args:
        lines: of each the shares of discounts ({id, amount_minor}), the ids of all that it was priced with, and what
            was added for service.
    """
    texts, given, service, known = words(language), Counter[UUID](), 0, set[UUID]()
    for shares, adjusted_by, service_minor in lines:
        service += service_minor
        known |= {UUID(each) for each in adjusted_by}
        for each in filter(is_discount_share, shares):
            given[UUID(each["id"])] += each["amount_minor"]
    discounts, services = {}, []
    if given:
        of = Discount.__table__.c
        rows = await reader.execute(
            sa.select(of.id, of.kind, of.rate_millionths, of.reason)
            .where(of.organization_id == organization_id, of.id.in_(sorted(given)))
            .order_by(of.id)
        )
        discounts = {row.id: discount_name(row.kind, row.rate_millionths, row.reason, texts) for row in rows}
    if service and known:
        charges = ServiceCharge.__table__.c
        found = await reader.execute(
            sa.select(charges.name, charges.rate_millionths)
            .where(charges.organization_id == organization_id, charges.id.in_(sorted(known)))
            .order_by(charges.rate_millionths.desc())
        )
        services = [service_name(row.name, row.rate_millionths, texts) for row in found][:1]
    if service and not services:
        services = [texts("printing.service_charge")]
    return Adjusted(
        tuple(NamedAmount(discounts.get(key, texts("printing.discount")), -given[key]) for key in sorted(given)),
        tuple(NamedAmount(name, service) for name in services),
    )


async def bill_document(
    reader: Reader,
    premises: Premises,
    order: Order,
    prebill: Prebill,
    due: Due,
    count: int,
    noted: Sequence[PaymentView],
) -> ReceiptDocument:
    """The bill of a check: what it owes, and what was paid of it already. It is no receipt, and says so."""
    bill, texts = due.bill, words(premises.language)
    shares = [
        (
            [{"id": str(each.id), "amount_minor": each.amount_minor} for each in line.discounts],
            due.adjusted_by,
            line.service_minor,
        )
        for line in bill.lines.values()
    ]
    named = await adjusted(reader, order.organization_id, premises.language, shares)
    return ReceiptDocument(
        language=premises.language,
        currency=order.currency,
        letterhead=letterhead(premises),
        title=texts("printing.bill.title"),
        number="",
        issued_at=local_time(prebill.asked_at, premises.zone).replace(tzinfo=None),
        lines=tuple(_line(due, line_id) for line_id in sorted(due.parts)),
        gross_minor=bill.gross_minor,
        subtotal_minor=bill.net_minor,
        total_minor=bill.total_minor,
        taxes=named_taxes({**tax._asdict(), "tax_minor": amount} for tax, _net, amount in bill.taxes),
        discounts=named.discounts,
        services=named.services,
        payments=tuple(receipt_payment(payment, earlier=True) for payment in noted),
        left_minor=max(0, bill.total_minor - due.credit_minor) if due.credit_minor else 0,
        order_number=order.number,
        table=order.table_name,
        server=order.server_name,
        guests=order.guests,
        is_bill=True,
        bill_count=count,
    )


def adjusted_of_rows(rows: Iterable[Any]) -> list[tuple[Sequence[Any], Sequence[str], int]]:
    """What `adjusted` takes, of receipt lines."""
    return [(row.discounts, row.adjusted_by, row.service_minor) for row in rows]


def _line(due: Due, line_id: UUID) -> ReceiptLine:
    row, part = due.lines[line_id], due.parts[line_id]
    modifiers: Sequence[Mapping[str, Any]] = modifiers_of(line_id, due.rows[row.root_id][LINES])
    gross = due.bill.lines[line_id].gross_minor
    return receipt_line(row.item_name, part.quantity_milli, gross, row.unit, part.unit_minor, modifiers)
