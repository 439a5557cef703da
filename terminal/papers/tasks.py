"""Units of work of a till: the restaurant's commands together with their print jobs.

A print job is queued in the transaction of its sale, so that nothing is printed that was not stored, and no stored sale
lacks its print job.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.kernel.ids import derived_id
from shared.kernel.permissions import Permission
from shared.kernel.work import Work
from shared.kitchen.firing import fire_now
from shared.kitchen.sending import Sent, send_order
from shared.orders import allergies, correcting
from shared.orders.records import Order
from shared.payments.commands import Paid, pay
from shared.payments.naming import adjusted_of
from shared.payments.prebills import ask_bill
from shared.payments.queries import noted_payments
from shared.payments.records import Check
from shared.payments.rules import Tender, TenderKind
from shared.payments.tips import add_tip, tips_of_check
from shared.tenancy.queries import Premises
from shared.truth.begun import no_paper
from terminal.papers.bill_documents import bill_document
from terminal.papers.drawer_tasks import open_drawer, opens_drawer
from terminal.papers.kitchen_papers import print_allergy, print_changes, print_sending
from terminal.papers.print_plan import PrintPlan
from terminal.papers.sale_documents import part_document, receipt_document
from terminal.printing.documents import Document
from terminal.printing.queue import PrintJob, enqueue


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
        await print_sending(work, order_id, sent, printing)
    return sent


async def fire(work: Work, order_id: UUID, course: int, printing: PrintContext | None) -> Sent:
    """Tell the kitchen a course that waits, and queue the tickets that say so.

    Raises:
        DomainError: those of `fire_course`.
    """
    sent = await fire_now(work, order_id, course)
    if printing and sent.tickets:
        await print_sending(work, order_id, sent, printing)
    return sent


async def note_allergy(
    work: Work,
    order_id: UUID,
    allergy_id: UUID,
    allergen: str,
    words: str,
    seat: int,
    printing: PrintContext | None,
) -> None:
    """Say what a guest may not eat, and queue papers for the stations that were told of the order before.

    Raises:
        DomainError: those of `note_allergy`.
    """
    await allergies.note_allergy(work, order_id, allergy_id, allergen, words, seat)
    if printing:
        await print_allergy(work, order_id, printing)


async def void_line(
    work: Work,
    order_id: UUID,
    line_id: UUID,
    void_id: UUID,
    quantity_milli: int,
    reason: str,
    printing: PrintContext | None,
    *,
    was_made: bool = False,
) -> None:
    """Take sent portions of a line off the bill, and queue the paper that tells the kitchen.

    Raises:
        DomainError: those of `void_line`.
    """
    paper = printing.plan.cooks_from_paper if printing else no_paper
    given = (line_id, void_id, quantity_milli, reason)
    await correcting.void_line(work, *given, was_made=was_made, cooks_from_paper=paper)
    if printing:
        await print_changes(work, order_id, printing)


async def cancel_order(
    work: Work, order_id: UUID, reason: str, printing: PrintContext | None, *, was_made: bool = False
) -> None:
    """Cancel an order, and queue the papers that tell the kitchen.

    Raises:
        DomainError: those of `cancel_order`.
    """
    paper = printing.plan.cooks_from_paper if printing else no_paper
    await correcting.cancel_order(work, order_id, reason, was_made=was_made, cooks_from_paper=paper)
    if printing:
        await print_changes(work, order_id, printing)


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
        await queue_paper(work, printing.plan.receipt, paper, prebill.id, 1, order.id)
    return max(0, due.bill.total_minor - due.credit_minor), count


async def bill_paper(work: Work, check_id: UUID, printing: PrintContext) -> Document:
    """The bill of a check as it would print. It writes what asking for it writes: the caller rolls back.

    Raises:
        DomainError: those of `ask_bill`.
    """
    check = await work.get(Check, check_id)
    order = await work.get(Order, check.order_id)
    if work.actor.may(Permission.SEND_ORDER):
        await send(work, order.id, None)
    prebill, due, count = await ask_bill(work, check_id, work.ids.new())
    noted = await noted_payments(work.session, work.organization_id, check_id)
    return await bill_document(work.session, printing.premises, order, prebill, due, count, noted)


async def _print_paid(work: Work, order: Order, paid: Paid, premises: Premises, printer: str) -> None:
    if paid.receipt is not None:
        await work.session.flush()
        tips = await tips_of_check(work.session, work.organization_id, paid.receipt.check_id)
        adjusted = await adjusted_of(work.session, work.organization_id, paid.receipt_lines)
        document = receipt_document(premises, order, paid.receipt, paid, adjusted, tips)
        await queue_paper(work, printer, document, paid.receipt.id, 1, order.id)
        return
    cash = next((payment for payment in paid.payments if payment.kind is TenderKind.CASH), None)
    if cash is not None:
        await queue_paper(work, printer, part_document(premises, order, paid, work.now), cash.id, 1, order.id)


async def queue_paper(
    work: Work, printer: str, document: Document, reference: UUID, revision: int, subject_id: UUID | None = None
) -> None:
    """Queue a paper in this unit of work, and open the drawer if money goes into it or out of it.

    Another content about the same reference is another revision.

    Args:
        subject_id: the order where people see what became of it.
    """
    job = PrintJob.of(
        document, printer=printer, reference=reference, revision=revision, at=work.now, subject_id=subject_id
    )
    if await enqueue(work.session, job) and opens_drawer(document):
        await open_drawer(work, printer, reference, subject_id)
