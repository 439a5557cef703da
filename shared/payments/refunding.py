"""Giving money back: for portions that are not charged after all, or for what came in too much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.drawers.commands import moment
from shared.exceptions.queries import settled_up_to
from shared.exceptions.rules import exception_id, is_open
from shared.kernel.errors import DomainError, NotFound
from shared.kernel.ids import derived_id
from shared.kernel.money import share
from shared.kernel.numbers import number_in
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.orders.correcting import MAX_REASON_CHARACTERS, add_void
from shared.orders.records import Order, OrderLine
from shared.payments.accounts import credit_account
from shared.payments.adjustment_records import Discount, ServiceCharge
from shared.payments.limits import given_back, limit_held
from shared.payments.losses import lessen_losses
from shared.payments.pricing import Due, due_of_check
from shared.payments.records import Check, Payment, ReceiptLine
from shared.payments.refund_lines import line_of_portions, line_of_price
from shared.payments.refund_records import Refund, RefundLine, RefundPayment
from shared.payments.repricing import LineChange, Rows, changes_of, too_much_of
from shared.payments.rules import TenderKind
from shared.payments.way_back import Coins, PayBack, WayBack, cash_method, paid_by, way_back
from shared.tenancy.records import Branch
from shared.truth.family import RECEIPT_LINES, REFUND_LINES, Difference


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A refund as it was written."""

    refund: Refund
    lines: tuple[RefundLine, ...]
    payments: tuple[RefundPayment, ...]


async def refund(
    work: Work,
    check_id: UUID,
    refund_id: UUID,
    portions: Mapping[UUID, int],
    by: PayBack | None,
    reason: str,
    *,
    was_made: bool = False,
) -> GivenBack:
    """Portions of a receipt are not charged after all: voided, unless they are too much anyway, and paid back.

    Args:
        portions: by receipt line, in thousandths.
        by: the method by which all of it goes back; None: as it came (`way_back.py`).
        was_made: they were made, so they are waste; else the kitchen must confirm that it does not make them.

    Raises:
        DomainError: NOT_PERMITTED, ABOVE_LIMIT, NOT_FOUND, NOT_SO_MANY, REASON_MISSING,
            NOTHING_TO_GIVE_BACK (no portions), MORE_THAN_IT_PAID, NO_CASH_METHOD.
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


async def give_back(work: Work, check_id: UUID, refund_id: UUID, by: PayBack | None, reason: str = "") -> GivenBack:
    """Credit what this check's receipts cover or charge too much, and hand back what came in too much.

    What they charge too much, since a discount or service charge changed meanwhile, is given back once nothing is owed,
    unless somebody has explained it.

    Raises:
        DomainError: NOT_PERMITTED, ABOVE_LIMIT, NOT_FOUND, NOTHING_TO_GIVE_BACK, MORE_THAN_IT_PAID, NO_CASH_METHOD.
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
    by: PayBack | None,
    reason: str,
    *,
    lowers: bool = False,
) -> GivenBack:
    check = await work.get(Check, check_id)
    when = (await moment(work)).day
    lines = []
    for row_id, quantity in sorted(portions.items()):
        row = _receipt_line(due, row_id)
        earlier = (each for each in due.rows[row.root_id][REFUND_LINES].values() if each.receipt_line_id == row_id)
        lines.append(line_of_portions(work, refund_id, row, earlier, quantity, voided[row_id], when))
    after = await due_of_check(work, check_id)
    if lowers:
        lines += await _lower(work, after, check_id, refund_id, when)
        after = await due_of_check(work, check_id)
    back = await _way_back(work, check, after, by)
    limit = None
    if back.paid_minor:
        in_all = await given_back(work, check.order_id) + back.paid_minor
        work.require(Permission.REFUND, in_all)
        limit = limit_held(work, Permission.REFUND, in_all)
    total = sum(line.total_minor for line in lines)
    made = await write_refund(work, check, refund_id, back, reason, when, total_minor=total, limit_minor=limit)
    return GivenBack(made.refund, tuple(lines), made.payments)


async def _way_back(work: Work, check: Check, after: Due, by: PayBack | None) -> WayBack:
    """How what came in too much goes back, once the lines of a refund are written. What was written off came not in."""
    exact = await lessen_losses(work, check.id, max(0, after.credit_minor - after.bill.total_minor))
    paid = await paid_by(work.session, work.organization_id, check.id)
    branch = await work.get(Branch, check.branch_id)
    cash = None
    if by is None or by.kind is TenderKind.CASH:
        cash = await cash_method(work.session, work.organization_id)
    cash = cash or next((each.by for each in paid if each.by.kind is TenderKind.CASH), None)
    return way_back(
        exact,
        by,
        paid,
        cash,
        Coins(branch.cash_step_minor, branch.cash_rounding),
        in_hand_minor=after.in_hand_minor,
        is_last=not after.parts and not after.counted_minor,
    )


async def write_refund(
    work: Work,
    check: Check,
    refund_id: UUID,
    back: WayBack,
    reason: str,
    when: Mapping[str, Any],
    *,
    total_minor: int = 0,
    limit_minor: int | None = None,
    corrects: Payment | None = None,
    after_receipt: bool = False,
) -> GivenBack:
    """Write a refund and its payments, for a command that has looked whether it may and has written its lines.

    Args:
        when: its day and hour.
        limit_minor: see `Refund`.
        corrects: the payment that it takes back since it was a slip; it belongs to the session of that one.
    """
    order = await work.get(Order, check.order_id)
    place = await work.next_number("refund")
    if corrects is not None:
        session_id = corrects.session_id
    else:
        session_id = (
            await moment(work, takes_cash=any(part.by.kind is TenderKind.CASH for part in back.parts))
        ).session_id
    of = {"organization_id": work.organization_id, "branch_id": check.branch_id, "check_id": check.id, **when}
    of |= {"currency": order.currency, "correction": corrects is not None, "session_id": session_id}
    made = work.add(
        Refund(
            id=refund_id,
            number=number_in(work.place.letter, "R", place),
            paid_minor=back.paid_minor,
            rounding_minor=back.rounding_minor,
            total_minor=total_minor,
            order_id=order.id,
            limit_minor=limit_minor,
            reason=clean(reason, MAX_REASON_CHARACTERS),
            after_receipt=after_receipt,
            refunded_at=work.now,
            refunded_by=work.actor.staff_id,
            cashier_name=work.actor.name,
            **of,
        )
    )
    payments = tuple(
        work.add(
            RefundPayment(
                id=derived_id("refund payment", refund_id, at),
                refund_id=refund_id,
                payment_id=part.payment_id,
                method_id=part.by.method_id,
                method_name=clean(part.by.method_name, 40),
                kind=part.by.kind,
                paid_minor=part.amount_minor,
                **of,
            )
        )
        for at, part in enumerate(back.parts)
    )
    for row in payments:
        await credit_account(work, row)
    return GivenBack(made, (), payments)


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
        line_of_price(work, refund_id, rows[key], changes[key], part, when)
        for key, part in zip(keys, parts, strict=True)
        if part
    )


def _receipt_line(due: Due, row_id: UUID) -> Any:
    for rows in due.rows.values():
        if row_id in rows[RECEIPT_LINES]:
            return rows[RECEIPT_LINES][row_id]
    raise NotFound(RECEIPT_LINES, row_id)
