"""Units of work of a till: the restaurant's commands together with their print jobs.

A print job is queued in the transaction of its sale, so that nothing is printed that was not stored, and no stored sale
lacks its print job.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.ids import derived_id
from shared.kernel.permissions import Permission
from shared.kernel.work import Work
from shared.kitchen.commands import Sent, send_order
from shared.kitchen.records import TicketLine
from shared.orders.records import Order
from shared.payments.commands import Paid, pay
from shared.payments.naming import adjusted_of
from shared.payments.prebills import ask_bill
from shared.payments.queries import noted_payments
from shared.payments.records import Check
from shared.payments.rules import Tender, TenderKind
from shared.payments.tips import add_tip, tips_of_check
from shared.tenancy.queries import Premises
from terminal.bill_documents import bill_document
from terminal.printing.documents import Document
from terminal.printing.queue import PrintJob, enqueue
from terminal.sale_documents import PrintPlan, kitchen_document, part_document, receipt_document


@dataclass(frozen=True, slots=True)
class PrintContext:
    """What a device needs to make its print jobs."""

    premises: Premises
    plan: PrintPlan
    stations: Mapping[UUID, str]


async def send(work: Work, order_id: UUID, printing: PrintContext | None) -> Sent:
    """Tell the kitchen what it does not know yet, and queue kitchen tickets that say just that."""
    sent = await send_order(work, order_id)
    if printing and sent.tickets:
        await _print_tickets(work, sent, printing)
    return sent


async def send_and_pay(
    work: Work,
    check_id: UUID,
    receipt_id: UUID,
    tenders: Sequence[Tender],
    printing: PrintContext | None,
    part_minor: int | None = None,
    tip_minor: int = 0,
) -> Paid:
    """Send what is not sent, take the tenders for a check (and a tip by the last of them), and queue the receipt if
    they pay it.

    A part payment in cash gets a slip on the receipt printer, which opens the drawer. A part by card or wallet gets
    none, since the guest has the proof of the card terminal or the wallet.
    """
    check = await work.get(Check, check_id)
    order = await work.get(Order, check.order_id)
    if work.actor.may(Permission.SEND_ORDER):
        await send(work, order.id, printing)
    paid = await pay(work, check_id, receipt_id, tenders, part_minor=part_minor)
    if tip_minor and tenders:
        by, tip_id = tenders[-1], derived_id("tip", receipt_id)
        payment_id = paid.payments[-1].id if paid.payments else None
        whose = (tip_id, tip_minor, by.method_id, by.method_name, by.kind)
        await add_tip(work, check_id, *whose, payment_id=payment_id)
    if printing and printing.plan.receipt:
        await _print_paid(work, order, paid, printing.premises, printing.plan.receipt)
    return paid


async def send_and_ask_bill(
    work: Work, check_id: UUID, prebill_id: UUID, printing: PrintContext | None
) -> tuple[int, int]:
    """Send what is not sent, note that guests asked for the bill of a check, and queue its paper.

    Returns:
        What is left to pay, and the how manieth bill of the check it is.
    """
    check = await work.get(Check, check_id)
    order = await work.get(Order, check.order_id)
    if work.actor.may(Permission.SEND_ORDER):
        await send(work, order.id, printing)
    prebill, due, count = await ask_bill(work, check_id, prebill_id)
    if printing and printing.plan.receipt:
        noted = await noted_payments(work.session, work.organization_id, check_id)
        paper = await bill_document(work.session, printing.premises, order, prebill, due, count, noted)
        await queue_paper(work, printing.plan.receipt, paper, prebill.id, 1)
    return max(0, due.bill.total_minor - due.credit_minor), count


async def _print_paid(work: Work, order: Order, paid: Paid, premises: Premises, printer: str) -> None:
    if paid.receipt is not None:
        await work.session.flush()
        tips = await tips_of_check(work.session, work.organization_id, paid.receipt.check_id)
        adjusted = await adjusted_of(work.session, work.organization_id, paid.receipt_lines)
        document = receipt_document(premises, order, paid.receipt, paid, adjusted, tips)
        await queue_paper(work, printer, document, paid.receipt.id, 1)
        return
    cash = next((payment for payment in paid.payments if payment.kind is TenderKind.CASH), None)
    if cash is not None:
        await queue_paper(work, printer, part_document(premises, order, paid, work.now), cash.id, 1)


async def _print_tickets(work: Work, sent: Sent, printing: PrintContext) -> None:
    """Queue a ticket for each station. What an earlier ticket said already is not said again."""
    await work.session.flush()
    for ticket in sent.tickets.values():
        printer = printing.plan.kitchen_printer(ticket.station_id)
        if printer is None:
            continue
        station = printing.stations.get(ticket.station_id, "")
        document = kitchen_document(printing.premises, station, ticket, sent, work.now)
        await queue_paper(work, printer, document, ticket.id, await _told(work, ticket.id))


async def _told(work: Work, ticket_id: UUID) -> int:
    """All portions that were ever told on a ticket: each sending raises it, so that each paper is a job of its own."""
    return int(
        await work.session.scalar(
            sa.select(sa.func.sum(TicketLine.told_milli)).where(
                TicketLine.organization_id == work.organization_id, TicketLine.ticket_id == ticket_id
            )
        )
        or 0
    )


async def queue_paper(work: Work, printer: str, document: Document, reference: UUID, revision: int) -> None:
    """Queue a paper in this unit of work. Another content about the same reference is another revision."""
    job = PrintJob.of(document, printer=printer, reference=reference, revision=revision, at=work.now)
    await enqueue(work.session, job)
