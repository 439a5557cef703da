"""Giving money back: for portions that are not charged after all, or for what came in too much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.kernel.errors import DomainError, NotFound
from shared.kernel.instants import local_time
from shared.kernel.money import round_cash
from shared.kernel.numbers import number_in
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.orders.correcting import MAX_REASON_CHARACTERS, add_void
from shared.orders.records import Order, OrderLine
from shared.payments.pricing import Due, due_of_check
from shared.payments.records import Check, Refund, RefundLine
from shared.payments.rules import TenderKind, added_taxes, is_tax
from shared.tenancy.records import Branch
from shared.truth.family import RECEIPT_LINES, REFUND_LINES


@dataclass(frozen=True, slots=True)
class PayBack:
    """By which method money goes back."""

    method_id: UUID | None
    method_name: str
    kind: TenderKind


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A refund as it was written."""

    refund: Refund
    lines: tuple[RefundLine, ...]


async def refund(
    work: Work,
    check_id: UUID,
    refund_id: UUID,
    portions: Mapping[UUID, int],
    by: PayBack,
    reason: str,
    *,
    was_made: bool = False,
) -> GivenBack:
    """Portions of a receipt are not charged after all: voided, unless they are too much anyway, and paid back.

    Args:
        portions: by receipt line, in thousandths.
        was_made: they were made, so they are waste; else the kitchen must confirm that it does not make them.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NOT_SO_MANY, REASON_MISSING, NOTHING_TO_GIVE_BACK (no portions).
    """
    work.require(Permission.REFUND)
    if not clean(reason, MAX_REASON_CHARACTERS):
        raise DomainError("REASON_MISSING")
    due = await due_of_check(work, check_id)
    if not portions:
        await _nothing(work, check_id)
    voided = {}
    for row_id, quantity in portions.items():
        row = _receipt_line(due, row_id)
        family = due.families[row.root_id]
        covered = family.covered[row_id]
        if not 0 < quantity <= covered.counted + covered.spare:
            raise DomainError("NOT_SO_MANY", item=row.item_name)
        voided[row_id] = max(0, quantity - covered.spare)
        if voided[row_id]:
            line = await work.get(OrderLine, row.order_line_id)
            add_void(work, line, family, work.ids.new(), voided[row_id], reason, was_made=was_made)
    return await _give(work, check_id, refund_id, due, portions, voided, by, reason)


async def give_back(work: Work, check_id: UUID, refund_id: UUID, by: PayBack, reason: str = "") -> GivenBack:
    """Credit what this check's receipts cover too much, and hand back what came in too much.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NOTHING_TO_GIVE_BACK.
    """
    work.require(Permission.REFUND)
    due = await due_of_check(work, check_id)
    spare = {
        row_id: covered.spare
        for root, family in due.families.items()
        for row_id, covered in family.covered.items()
        if covered.spare and due.rows[root][RECEIPT_LINES][row_id].check_id == check_id
    }
    if not spare and due.credit_minor - due.bill.total_minor <= 0:
        await _nothing(work, check_id)
    return await _give(work, check_id, refund_id, due, spare, dict.fromkeys(spare, 0), by, reason)


async def _nothing(work: Work, check_id: UUID) -> None:
    check = await work.get(Check, check_id)
    order = await work.get(Order, check.order_id)
    raise DomainError("NOTHING_TO_GIVE_BACK", number=order.number)


async def _give(
    work: Work,
    check_id: UUID,
    refund_id: UUID,
    due: Due,
    portions: Mapping[UUID, int],
    voided: Mapping[UUID, int],
    by: PayBack,
    reason: str,
) -> GivenBack:
    check = await work.get(Check, check_id)
    order = await work.get(Order, check.order_id)
    branch = await work.get(Branch, check.branch_id)
    when = {"business_date": work.business_date, "local_hour": local_time(work.now, work.place.zone).hour}
    lines = tuple(
        work.add(_line(work, refund_id, _receipt_line(due, row_id), row_id, quantity, voided[row_id], due, when))
        for row_id, quantity in sorted(portions.items())
    )
    after = await due_of_check(work, check_id)
    owed = after.bill.total_minor
    exact = max(0, after.credit_minor - owed)
    is_cash = by.kind is TenderKind.CASH
    paid = round_cash(exact, branch.cash_step_minor, branch.cash_rounding) if is_cash else exact
    work.require(Permission.REFUND, paid)
    place = await work.next_number("refund")
    made = work.add(
        Refund(
            organization_id=work.organization_id,
            branch_id=check.branch_id,
            id=refund_id,
            check_id=check_id,
            number=number_in(work.place.letter, "R", place),
            method_id=by.method_id,
            method_name=clean(by.method_name, 40),
            kind=by.kind,
            currency=order.currency,
            paid_minor=paid,
            rounding_minor=paid - exact,
            total_minor=sum(line.total_minor for line in lines),
            reason=clean(reason, MAX_REASON_CHARACTERS),
            refunded_at=work.now,
            refunded_by=work.actor.staff_id,
            cashier_name=work.actor.name,
            **when,
        )
    )
    return GivenBack(made, lines)


def _receipt_line(due: Due, row_id: UUID) -> Any:
    for rows in due.rows.values():
        if row_id in rows[RECEIPT_LINES]:
            return rows[RECEIPT_LINES][row_id]
    raise NotFound(RECEIPT_LINES, row_id)


def _line(
    work: Work, refund_id: UUID, row: Any, row_id: UUID, quantity: int, voided: int, due: Due, when: Mapping[str, Any]
) -> RefundLine:
    """A refund line: its share of what earlier refunds left of each amount, so that shares add up."""
    earlier = [each for each in due.rows[row.root_id][REFUND_LINES].values() if each.receipt_line_id == row_id]
    left: int = row.quantity_milli - sum(each.quantity_milli for each in earlier)

    def share(amount: int, gone: int) -> int:
        return (amount - gone) * quantity // left

    taxes = []
    for at, tax in enumerate(filter(is_tax, row.taxes)):
        said = [[one for one in each.taxes if is_tax(one)] for each in earlier]
        gone = sum(of[at]["tax_minor"] for of in said if at < len(of))
        taxes.append({**tax, "tax_minor": share(tax["tax_minor"], gone)})
    names = ("gross_minor", "discount_minor", "service_minor", "tax_minor")
    amounts = {name: share(getattr(row, name), sum(getattr(each, name) for each in earlier)) for name in names}
    amounts["tax_minor"] = sum(tax["tax_minor"] for tax in taxes) if taxes else amounts["tax_minor"]
    total = amounts["gross_minor"] - amounts["discount_minor"] + amounts["service_minor"] + added_taxes(taxes)
    return RefundLine(
        organization_id=work.organization_id,
        branch_id=row.branch_id,
        id=work.ids.new(),
        refund_id=refund_id,
        receipt_line_id=row_id,
        root_id=row.root_id,
        order_line_id=row.order_line_id,
        quantity_milli=quantity,
        voided_milli=voided,
        taxes=taxes,
        total_minor=total,
        **amounts,
        **when,
    )
