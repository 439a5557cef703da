"""Makes the paper of a bill before it is paid, and the labels of its bags."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.books.views import OrderView
from shared.countries.currencies import format_minor
from shared.kernel.instants import local_time
from shared.orders.records import Order, OrderKind
from shared.payments.bill_records import Prebill
from shared.payments.naming import adjusted_of
from shared.payments.pricing import Due
from shared.payments.queries import PaymentView
from shared.tenancy.queries import Premises
from shared.truth.family import LINES
from shared.truth.portions import modifiers_of
from terminal.papers.sale_documents import (
    letterhead,
    named_discounts,
    named_services,
    named_taxes,
    receipt_line,
    receipt_payment,
)
from terminal.printing.documents import KitchenLine, PackingDocument, ReceiptDocument, ReceiptLine
from terminal.printing.wording import words


@dataclass(frozen=True, slots=True)
class _Charged:
    """What a line would say on a receipt."""

    discounts: Sequence[Any]
    adjusted_by: Sequence[str]
    service_minor: int


async def bill_document(
    reader: AsyncConnection | AsyncSession,
    premises: Premises,
    order: Order,
    prebill: Prebill,
    due: Due,
    count: int,
    noted: Sequence[PaymentView],
) -> ReceiptDocument:
    """The bill of a check: what it owes, and what was paid of it already. It is no receipt, and says so."""
    bill = due.bill
    adjusted = await adjusted_of(reader, order.organization_id, list(_charged(due)))
    return ReceiptDocument(
        language=premises.language,
        currency=order.currency,
        letterhead=letterhead(premises),
        title=words(premises.language)("printing.bill.title"),
        number="",
        issued_at=local_time(prebill.asked_at, premises.zone).replace(tzinfo=None),
        lines=tuple(_line(due, line_id) for line_id in sorted(due.parts)),
        gross_minor=bill.gross_minor,
        subtotal_minor=bill.net_minor,
        total_minor=bill.total_minor,
        taxes=named_taxes({**tax._asdict(), "tax_minor": amount} for tax, _net, amount in bill.taxes),
        discounts=named_discounts(premises, adjusted),
        services=named_services(premises, adjusted),
        payments=tuple(receipt_payment(payment, earlier=True) for payment in noted),
        left_minor=max(0, bill.total_minor - due.credit_minor) if due.credit_minor else 0,
        order_number=order.number,
        table=order.table_name,
        server=order.server_name,
        guests=order.guests,
        is_bill=True,
        bill_count=count,
    )


def packing_documents(premises: Premises, order: OrderView, bags: int, at: datetime) -> list[PackingDocument]:
    """A label for each bag. What is in a bag nobody knows, unless there is only one."""
    lines = tuple(
        KitchenLine(
            line.item_name, line.quantity_milli, tuple(name for name, _price in line.modifiers), line.notes,
            unit=line.unit,
        )
        for line in order.lines
        if line.quantity_milli
    )  # fmt: skip
    promised = order.promised_at and local_time(order.promised_at, premises.zone).replace(tzinfo=None)
    return [
        PackingDocument(
            language=premises.language,
            letterhead=letterhead(premises),
            order_number=order.number,
            printed_at=local_time(at, premises.zone).replace(tzinfo=None),
            service=str(order.kind),
            part=bag,
            parts=bags,
            lines=lines if bags == 1 else (),
            note=order.notes,
            due=format_minor(order.due_minor, order.currency) if order.due_minor > 0 else "",
            contact_of=None if order.kind is OrderKind.DINE_IN else order.id,
            promised_at=promised,
        )
        for bag in range(1, bags + 1)
    ]


def _charged(due: Due) -> Iterator[_Charged]:
    for line in due.bill.lines.values():
        shares = [{"id": str(each.id), "amount_minor": each.amount_minor} for each in line.discounts]
        yield _Charged(shares, due.adjusted_by, line.service_minor)


def _line(due: Due, line_id: UUID) -> ReceiptLine:
    row, part = due.lines[line_id], due.parts[line_id]
    modifiers = modifiers_of(line_id, due.rows[row.root_id][LINES])
    gross = due.bill.lines[line_id].gross_minor
    return receipt_line(row.item_name, part.quantity_milli, gross, row.unit, part.unit_minor, modifiers, row.combo_name)
