"""Units of work on receipts of the past, together with their print jobs: copies, and refunds with their paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.errors import DomainError, NotFound
from shared.kernel.permissions import Permission
from shared.kernel.work import Work
from shared.payments import refunding
from shared.payments.copying import count_copy
from shared.payments.naming import GivenOff, not_given_back
from shared.payments.past import PastReceipt, PastRefund, past_receipt
from shared.payments.records import Receipt
from shared.payments.refunding import GivenBack
from shared.payments.tips import tips_of_check
from shared.payments.way_back import PayBack
from shared.tenancy.queries import Premises
from terminal.papers.sale_documents import copy_document, named_tips, refund_document
from terminal.papers.tasks import PrintContext, queue_paper
from terminal.printing.documents import Document, PaperKind, ReceiptDocument
from terminal.printing.queue import rewrite_waiting
from terminal.printing.wording import words


async def print_copy(work: Work, receipt_id: UUID, printing: PrintContext | None) -> int:
    """Print a copy of a receipt, whatever device made it. Returns the number of the copy.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NO_RECEIPT_PRINTER.
    """
    printer = printing.plan.receipt if printing is not None else None
    if printing is None or printer is None:
        raise DomainError("NO_RECEIPT_PRINTER")
    past = await _past(work, receipt_id)
    copy = await count_copy(work, past.receipt.check_id, receipt_id)
    await queue_paper(work, printer, copy_document(printing.premises, past, copy), receipt_id, 1 + copy)
    return copy


async def print_gift(work: Work, receipt_id: UUID, paper_id: UUID, printing: PrintContext | None) -> None:
    """Print what a receipt says without its prices, for who gets it as a gift.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NO_RECEIPT_PRINTER.
    """
    work.require(Permission.TAKE_PAYMENT)
    printer = printing.plan.receipt if printing is not None else None
    if printing is None or printer is None:
        raise DomainError("NO_RECEIPT_PRINTER")
    past = await _past(work, receipt_id)
    paper = replace(copy_document(printing.premises, past, 0), is_gift=True, payments=(), contact_of=None)
    title = words(printing.premises.language)("printing.gift")
    await queue_paper(work, printer, replace(paper, title=title), paper_id, 1)


async def print_refund_copy(work: Work, receipt_id: UUID, refund_id: UUID, printing: PrintContext | None) -> int:
    """Print a copy of a refund of a receipt. Returns the number of the copy.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NO_RECEIPT_PRINTER.
    """
    printer = printing.plan.receipt if printing is not None else None
    if printing is None or printer is None:
        raise DomainError("NO_RECEIPT_PRINTER")
    past = await _past(work, receipt_id)
    refund = next((each for each in past.refunds if each.row.id == refund_id), None)
    if refund is None:
        raise NotFound("refunds", refund_id)
    copy = await count_copy(work, past.receipt.check_id, refund_id)
    off = await _not_given_back(work, past, refund.lines)
    document = _refund_paper(printing, past, refund, off, copy)
    await queue_paper(work, printer, document, refund_id, 1 + copy)
    return copy


async def refund(
    work: Work,
    receipt_id: UUID,
    refund_id: UUID,
    portions: Mapping[UUID, int],
    by: PayBack | None,
    reason: str,
    printing: PrintContext | None,
    *,
    was_made: bool,
) -> GivenBack:
    """Refund portions of a receipt, and queue the paper that says so.

    Raises:
        DomainError: those of `refund`.
    """
    past = await _past(work, receipt_id)
    given = await refunding.refund(work, past.receipt.check_id, refund_id, portions, by, reason, was_made=was_made)
    if printing is not None and printing.plan.receipt is not None:
        names = {line.row.id: line.row.item_name for line in past.lines}
        lines = [(names.get(line.receipt_line_id, ""), line) for line in given.lines]
        off = await _not_given_back(work, past, given.lines)
        document = refund_document(
            printing.premises, past.receipt.number, given.refund, lines, given.payments, off, sold=_sold(past)
        )
        await queue_paper(work, printing.plan.receipt, document, refund_id, 1)
    return given


async def rewrite_waiting_receipts(work: Work, check_id: UUID, premises: Premises) -> None:
    """Let receipts of a check that are not printed yet say by which methods it is paid now."""
    await work.session.flush()
    organization = work.organization_id
    of_check = sa.select(Receipt.id).where(Receipt.organization_id == organization, Receipt.check_id == check_id)
    tips = named_tips(premises, await tips_of_check(work.session, organization, check_id))
    for receipt_id in (await work.session.execute(of_check)).scalars().all():
        now_true = copy_document(premises, await _past(work, receipt_id), 0)

        def rewritten(document: Document, now_true: ReceiptDocument = now_true) -> Document:
            if not isinstance(document, ReceiptDocument):
                return document
            return replace(
                document,
                payments=now_true.payments,
                change_minor=now_true.change_minor,
                tips=tips if document.tips else (),
            )

        await rewrite_waiting(work.session, PaperKind.RECEIPT, receipt_id, rewritten, work.now)


async def _past(work: Work, receipt_id: UUID) -> PastReceipt:
    past = await past_receipt(work.session, work.organization_id, receipt_id)
    if past is None:
        raise NotFound("receipts", receipt_id)
    return past


async def _not_given_back(work: Work, past: PastReceipt, lines: Iterable[Any]) -> tuple[GivenOff, ...]:
    sold = {line.row.id: line.row for line in past.lines}
    said = [(line.discount_minor, sold[line.receipt_line_id]) for line in lines if line.receipt_line_id in sold]
    return await not_given_back(work.session, work.organization_id, said)


def _sold(past: PastReceipt) -> dict[UUID, Any]:
    """The lines of a receipt, by id."""
    return {line.row.id: line.row for line in past.lines}


def _refund_paper(
    printing: PrintContext, past: PastReceipt, refund: PastRefund, off: Sequence[GivenOff], copy: int
) -> ReceiptDocument:
    lines = [(line.item_name, line) for line in refund.lines]
    return refund_document(
        printing.premises, past.receipt.number, refund.row, lines, refund.payments, off, copy, _sold(past)
    )
