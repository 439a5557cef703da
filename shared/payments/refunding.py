"""Giving money back: for portions that are not charged after all, or for what came in too much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.exceptions.queries import settled_up_to
from shared.exceptions.rules import exception_id, is_open
from shared.kernel.errors import DomainError, NotFound
from shared.kernel.instants import local_time
from shared.kernel.money import round_cash, share
from shared.kernel.numbers import number_in
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.orders.correcting import MAX_REASON_CHARACTERS, add_void
from shared.orders.records import Order, OrderLine
from shared.payments.pricing import Due, due_of_check
from shared.payments.records import Check, Discount, ReceiptLine, Refund, RefundLine, ServiceCharge
from shared.payments.repricing import LineChange, Rows, changes_of, too_much_of
from shared.payments.rules import TenderKind, added_taxes, is_tax
from shared.tenancy.records import Branch
from shared.truth.family import RECEIPT_LINES, REFUND_LINES, Difference


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
    """Credit what this check's receipts cover or charge too much, and hand back what came in too much.

    What they charge too much, since a discount or service charge changed meanwhile, is given back once nothing is owed,
    unless somebody has explained it.

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
    is_too_much = due.credit_minor - due.bill.total_minor > 0
    if not spare and not is_too_much and (await _charged_otherwise(work, due, check_id))[0] <= 0:
        await _nothing(work, check_id)
    return await _give(work, check_id, refund_id, due, spare, dict.fromkeys(spare, 0), by, reason, lowers=True)


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
    *,
    lowers: bool = False,
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
    if lowers:
        lines += await _lower(work, after, check_id, refund_id, when)
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


async def credit_too_little(work: Work, check_id: UUID, refund_id: UUID, by: PayBack) -> int:
    """Credit the receipts of a check that charge too little, hand out nothing, and leave all of it to be paid anew.

    Returns:
        What is missing then, in minor units.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NOTHING_TO_PAY (nothing is charged too little, or somebody explained it).
    """
    work.require(Permission.REFUND)
    due = await due_of_check(work, check_id)
    size, _changes, rows = await _charged_otherwise(work, due, check_id)
    if size >= 0:
        check = await work.get(Check, check_id)
        raise DomainError("NOTHING_TO_PAY", number=(await work.get(Order, check.order_id)).number)
    counted = {row_id: due.families[row.root_id].covered[row_id].counted for row_id, row in rows.items()}
    portions = {row_id: quantity for row_id, quantity in counted.items() if quantity}
    await _give(work, check_id, refund_id, due, portions, portions, by, "")
    after = await due_of_check(work, check_id)
    return after.bill.total_minor - after.credit_minor


async def _charged_otherwise(work: Work, due: Due, check_id: UUID) -> tuple[int, dict[UUID, LineChange], Rows]:
    """What receipts of a check charge too much (below nothing: too little) and nobody has explained, their lines that
    are charged otherwise, and all their lines."""
    if due.parts:
        return 0, {}, {}
    lines, refunds, discounts, charges = [
        {row.id: row for row in (await work.session.execute(_of_check(kind), {"check": check_id, **_mine(work)})).all()}
        for kind in (ReceiptLine, RefundLine, Discount, ServiceCharge)
    ]
    changes = changes_of(lines, refunds.values(), discounts, charges)
    size = too_much_of(changes, refunds.values())
    kind = Difference.CHARGED_TOO_MUCH if size > 0 else Difference.CHARGED_TOO_LITTLE
    key = exception_id(kind, check_id, 0)
    explained = (await settled_up_to(work.session, work.organization_id, [key])).get(key, 0)
    return (size if is_open(abs(size), explained) else 0), changes, lines


def _mine(work: Work) -> Mapping[str, UUID]:
    return {"organization": work.organization_id}


@cache
def _of_check(kind: type[Any]) -> sa.Select[Any]:
    """Built once: building it takes longer than running it."""
    of = kind.__table__.c
    return sa.select(*of).where(
        of.organization_id == sa.bindparam("organization"), of.check_id == sa.bindparam("check")
    )


async def _lower(
    work: Work, due: Due, check_id: UUID, refund_id: UUID, when: Mapping[str, Any]
) -> tuple[RefundLine, ...]:
    """Give back what receipts charge too much: lines that take no portion back and lower its price."""
    await work.session.flush()
    size, changes, rows = await _charged_otherwise(work, due, check_id)
    if size <= 0:
        return ()
    keys = sorted(changes)
    parts = share(size, [max(0, changes[key].too_much_minor) for key in keys])
    return tuple(
        work.add(_allowance(work, refund_id, key, rows[key], changes[key], part, when))
        for key, part in zip(keys, parts, strict=True)
        if part
    )


def _allowance(
    work: Work, refund_id: UUID, row_id: UUID, row: Any, change: LineChange, part: int, when: Mapping[str, Any]
) -> RefundLine:
    """So much of what a receipt line charges too much, with its share of service and taxes; the rest is discount."""
    whole, charged, should = change.too_much_minor, change.charged, change.should
    service = (charged.service_minor - should.service_minor) * part // whole
    now, then = ({each.tax: each.tax_minor for each in of.taxes} for of in (charged, should))
    taxes = []
    for said in filter(is_tax, row.taxes):
        less = sum(
            amount - then.get(tax, 0)
            for tax, amount in now.items()
            if (tax.name, tax.rate_millionths, tax.included, tax.per_unit_minor)
            == (said["name"], said.get("rate_millionths"), said["included"], said.get("per_unit_minor"))
        )
        taxes.append({**said, "tax_minor": less * part // whole})
    before = {each.id: each.amount_minor for each in charged.discounts}
    given = {each.id: each.amount_minor - before.get(each.id, 0) for each in should.discounts}
    return RefundLine(
        organization_id=work.organization_id,
        branch_id=row.branch_id,
        id=work.ids.new(),
        refund_id=refund_id,
        receipt_line_id=row_id,
        check_id=row.check_id,
        root_id=row.root_id,
        order_line_id=row.order_line_id,
        quantity_milli=0,
        allowed_milli=change.portions,
        gross_minor=0,
        discount_minor=service + added_taxes(taxes) - part,
        service_minor=service,
        tax_minor=sum(tax["tax_minor"] for tax in taxes),
        total_minor=part,
        discounts=[{"id": str(key), "amount_minor": amount} for key, amount in given.items() if amount > 0],
        taxes=taxes,
        **when,
    )


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
        check_id=row.check_id,
        root_id=row.root_id,
        order_line_id=row.order_line_id,
        quantity_milli=quantity,
        voided_milli=voided,
        taxes=taxes,
        total_minor=total,
        **amounts,
        **when,
    )
