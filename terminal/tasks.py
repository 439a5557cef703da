"""Units of work of a till: the restaurant's commands together with their print jobs.

A print job is queued in the transaction of its sale, so that nothing is printed that was not stored, and no stored sale
lacks its print job.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from shared.orders.queries import CHARGED

from shared.kernel.work import Work
from shared.kitchen.records import KitchenTicket, TicketLine
from shared.orders.commands import lines_of, send_order
from shared.orders.records import LineStatus, Order, OrderLine
from shared.payments.commands import Paid, pay
from shared.payments.rules import Tender, TenderKind
from shared.tenancy.queries import Premises
from terminal.printing.documents import Document
from terminal.printing.queue import PrintJob, enqueue
from terminal.sale_documents import PrintPlan, kitchen_document, part_document, receipt_document


@dataclass(frozen=True, slots=True)
class PrintContext:
    """What a device needs to make its print jobs."""

    premises: Premises
    plan: PrintPlan
    stations: Mapping[UUID, str]


async def send(work: Work, order_id: UUID, printing: PrintContext | None) -> int:
    """Send the open lines and queue the kitchen tickets. Returns the number of tickets fired."""
    tickets = await send_order(work, order_id)
    if printing and tickets:
        await _print_tickets(work, tickets, printing)
    return len(tickets)


async def send_and_pay(
    work: Work, order_id: UUID, receipt_id: UUID, tenders: Sequence[Tender], printing: PrintContext | None
) -> Paid:
    """Send the open lines, take the tenders, and queue the receipt if they close the check.

    A part payment in cash gets a slip on the receipt printer, which opens the drawer. A part by card or wallet gets
    none, since the guest has the proof of the card terminal or the wallet.
    """
    order = await work.get(Order, order_id)
    lines = await lines_of(work, order_id)
    if any(line.standing.status is LineStatus.OPEN for line in lines):
        await send(work, order_id, printing)
    paid = await pay(work, order_id, receipt_id, tenders)
    if printing and printing.plan.receipt:
        await _print_paid(work, order, lines, paid, printing.premises, printing.plan.receipt)
    return paid


async def _print_paid(
    work: Work, order: Order, lines: Sequence[OrderLine], paid: Paid, premises: Premises, printer: str
) -> None:
    if paid.receipt is not None:
        charged = [line for line in lines if line.standing.status in CHARGED]
        document = receipt_document(premises, order, paid.receipt, charged, paid)
        await _queue(work, printer, document, paid.receipt.id, 1)
        return
    cash = next((payment for payment in paid.payments if payment.kind is TenderKind.CASH), None)
    if cash is not None:
        await _queue(work, printer, part_document(premises, order, paid, work.now), cash.id, 1)


async def _print_tickets(work: Work, tickets: Sequence[KitchenTicket], printing: PrintContext) -> None:
    await work.session.flush()
    for ticket in tickets:
        printer = printing.plan.kitchen_printer(ticket.station_id)
        if printer is None:
            continue
        lines = await work.session.scalars(
            sa.select(TicketLine)
            .where(TicketLine.organization_id == work.organization_id, TicketLine.ticket_id == ticket.id)
            .order_by(TicketLine.position)
        )
        station = printing.stations.get(ticket.station_id, "")
        document = kitchen_document(printing.premises, station, ticket, lines)
        await _queue(work, printer, document, ticket.id, ticket.part)


async def _queue(work: Work, printer: str, document: Document, reference: UUID, revision: int) -> None:
    job = PrintJob.of(document, printer=printer, reference=reference, revision=revision, at=work.now)
    await enqueue(work.session, job)
