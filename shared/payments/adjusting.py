"""Discounts and service charges: facts of a check, shared out when it is priced, and taken back by being lifted."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.money import FULL_RATE, divide_half_up, price_is_sensible
from shared.kernel.permissions import Actor, Permission
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.orders.records import Order
from shared.payments.adjustment_records import Discount, DiscountKind, DiscountSource, ServiceCharge
from shared.payments.limits import limit_held, taken_off
from shared.payments.pricing import Due, due_of_check
from shared.payments.records import Check


async def give_discount(
    work: Work,
    check_id: UUID,
    discount_id: UUID,
    *,
    rate_millionths: int = 0,
    amount_minor: int = 0,
    is_comp: bool = False,
    line_id: UUID | None = None,
    reason: str = "",
    source: DiscountSource = DiscountSource.HAND,
) -> Discount:
    """Take a rate or an amount off what a check owes, or off one of its lines.

    A limit holds for all that people take off the order together (`limits.py`). What a rate takes of what is ordered
    later stays within the limit, or within what was approved.

    Args:
        is_comp: it is on the house, all of it. It takes a reason.

    Raises:
        DomainError: NOT_PERMITTED, ABOVE_LIMIT, NOT_FOUND, DISCOUNT_NOT_SENSIBLE, REASON_MISSING, ORDER_HAS_PAYMENTS
            (less would be owed than came in already).
    """
    work.require(Permission.GIVE_DISCOUNT)
    check = await work.get(Check, check_id)
    if is_comp:
        rate_millionths = FULL_RATE
        if not clean(reason, 120):
            raise DomainError("REASON_MISSING")
    is_rate, is_amount = 0 < rate_millionths <= FULL_RATE, amount_minor > 0 and price_is_sensible(amount_minor)
    if is_rate == is_amount or (rate_millionths and not is_rate) or (amount_minor and not is_amount):
        raise DomainError("DISCOUNT_NOT_SENSIBLE")
    due = await due_of_check(work, check_id)
    of = due.bill if line_id is None else due.bill.lines.get(line_id)
    if of is None or amount_minor > of.gross_minor - of.discount_minor:
        raise DomainError("DISCOUNT_NOT_SENSIBLE")
    worth = amount_minor or divide_half_up((of.gross_minor - of.discount_minor) * rate_millionths, FULL_RATE)
    taken = await taken_off(work, check.order_id)
    in_all = taken.amount_minor + worth
    work.require(Permission.GIVE_DISCOUNT, in_all)
    most = _most_of(work.actor, in_all, worth, taken.reserved_minor)
    discount = work.add(
        Discount(
            organization_id=work.organization_id,
            branch_id=check.branch_id,
            id=discount_id,
            check_id=check_id,
            line_id=line_id,
            root_id=due.lines[line_id].root_id if line_id is not None else None,
            kind=DiscountKind.COMP if is_comp else DiscountKind.RATE if is_rate else DiscountKind.AMOUNT,
            source=source,
            rate_millionths=rate_millionths,
            amount_minor=amount_minor,
            worth_minor=worth,
            most_minor=most,
            order_id=check.order_id,
            in_all_minor=in_all,
            limit_minor=limit_held(work, Permission.GIVE_DISCOUNT, in_all),
            beside=taken.beside,
            reason=clean(reason, 120),
            given_at=work.now,
            given_by=work.actor.staff_id,
            seen=due.receipts,
            lifted=False,
        )
    )
    if due.credit_minor > 0 and (await due_of_check(work, check_id)).bill.total_minor < due.credit_minor:
        order = await work.get(Order, check.order_id)
        raise DomainError("ORDER_HAS_PAYMENTS", number=order.number)
    return discount


async def lift_discount(work: Work, discount_id: UUID, of_check_id: UUID | None = None) -> Discount:
    """Take a discount back. What receipts that this replica knows gave of it stays given.

    Args:
        of_check_id: the check that it is taken back from. One that only inherits it does so no longer; it stays on
            the others.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    work.require(Permission.GIVE_DISCOUNT)
    discount = await work.get(Discount, discount_id)
    if await _was_inherited(work, discount, of_check_id):
        return discount
    if not discount.lifted:
        discount.lifted, discount.lifted_after = True, (await due_of_check(work, discount.check_id)).receipts
    return discount


async def add_service_charge(
    work: Work,
    check_id: UUID,
    rate_millionths: int,
    name: str = "",
    rule_id: UUID | None = None,
    *,
    taxed: bool = True,
) -> ServiceCharge:
    """Add a rate for service to what a check owes. Added twice, it is added once.

    Args:
        rule_id: the rule of the house that says so. Without one, there is one charge for each rate.
        taxed: whether taxes are due on it, too.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, SERVICE_NOT_SENSIBLE.
    """
    if not work.actor.may(Permission.TAKE_ORDER):
        work.require(Permission.TAKE_PAYMENT)
    check = await work.get(Check, check_id)
    if not 0 < rate_millionths <= FULL_RATE:
        raise DomainError("SERVICE_NOT_SENSIBLE")
    of_rule = ServiceCharge.rule_id == rule_id if rule_id else ServiceCharge.rate_millionths == rate_millionths
    here = ServiceCharge.organization_id == work.organization_id, ServiceCharge.check_id == check_id, of_rule
    await work.session.flush()
    known = (await work.session.scalars(sa.select(ServiceCharge).where(*here))).all()
    standing = next((row for row in known if not row.lifted), None)
    if standing is not None:
        return standing
    return work.add(
        ServiceCharge(
            organization_id=work.organization_id,
            branch_id=check.branch_id,
            id=derived_id("service charge", check_id, rule_id or rate_millionths, len(known)),
            check_id=check_id,
            order_id=check.order_id,
            rule_id=rule_id,
            name=clean(name, 40),
            rate_millionths=rate_millionths,
            taxed=taxed,
            added_at=work.now,
            added_by=work.actor.staff_id,
            seen=(await due_of_check(work, check_id)).receipts,
            lifted=False,
        )
    )


async def lift_service_charge(work: Work, charge_id: UUID, of_check_id: UUID | None = None) -> ServiceCharge:
    """Take a service charge off again.

    That is a discount in effect: it takes the same right, and what the check comes to less counts in the same limit,
    whether it comes before discounts or after them.

    Args:
        of_check_id: see `lift_discount`.

    Raises:
        DomainError: NOT_PERMITTED, ABOVE_LIMIT, NOT_FOUND.
    """
    work.require(Permission.GIVE_DISCOUNT)
    charge = await work.get(ServiceCharge, charge_id)
    check_id = of_check_id or charge.check_id
    taken = await taken_off(work, (await work.get(Check, check_id)).order_id)
    before = await due_of_check(work, check_id)
    alone = await _worth_alone(work, charge, before) if not charge.lifted else 0
    if not await _was_inherited(work, charge, of_check_id) and not charge.lifted:
        charge.lifted, charge.lifted_after = True, (await due_of_check(work, charge.check_id)).receipts
    after = await due_of_check(work, check_id)
    worth = max(0, before.bill.total_minor - after.bill.total_minor)
    if worth or alone:
        in_all = taken.amount_minor + worth
        work.require(Permission.GIVE_DISCOUNT, in_all)
        charge.waived_minor, charge.in_all_minor = charge.waived_minor + worth, in_all
        charge.alone_minor += max(alone, worth)
        charge.limit_minor = limit_held(work, Permission.GIVE_DISCOUNT, in_all)
        charge.beside = [each for each in taken.beside if each != str(charge.id)]
    return charge


async def _worth_alone(work: Work, charge: ServiceCharge, due: Due) -> int:
    """What a service charge would add to a check if it were the only one. Of several the greatest counts."""
    named = ServiceCharge.organization_id == work.organization_id, ServiceCharge.id.in_(map(UUID, due.adjusted_by))
    greatest = await work.session.scalar(sa.select(sa.func.max(ServiceCharge.rate_millionths)).where(*named))
    return divide_half_up(due.bill.service_minor * charge.rate_millionths, greatest) if greatest else 0


def _most_of(actor: Actor, required_minor: int, worth_minor: int, reserved_minor: int) -> int | None:
    """What a discount may ever take: what was approved, or what others leave of the giver's limit; None for all."""
    if not actor.may(Permission.GIVE_DISCOUNT, required_minor):
        return required_minor
    limit = actor.limits.get(Permission.GIVE_DISCOUNT)
    return None if limit is None else max(worth_minor, limit - reserved_minor)


async def _was_inherited(work: Work, row: Discount | ServiceCharge, check_id: UUID | None) -> bool:
    """Let a check that inherits a row do so no longer. False for the check that it was written for."""
    if check_id is None or check_id == row.check_id:
        return False
    check = await work.get(Check, check_id)
    if str(row.id) in check.inherits:
        check.inherits = [each for each in check.inherits if each != str(row.id)]
    return True
