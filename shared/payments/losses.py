"""What nobody brings: a party that left without paying, until they come back, and money that is missing."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa

from shared.drawers.commands import moment
from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.money import round_cash
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.orders.correcting import MAX_REASON_CHARACTERS, add_void
from shared.orders.records import Order, OrderLine
from shared.payments.commands import write_receipt
from shared.payments.pricing import due_of_check
from shared.payments.queries import noted_payments
from shared.payments.records import Check, Receipt, WriteOff
from shared.payments.rules import Settlement
from shared.tenancy.records import Branch
from shared.truth.begun import fresh_of
from shared.truth.family import Family
from shared.truth.portions import Id
from shared.truth.reading import checks_of_order, families, roots_of_order


async def walk_out(work: Work, order_id: UUID, act_id: UUID, reason: str, *, stops_cooking: bool = True) -> int:
    """A party left without paying. What is owed becomes a loss, and its table is free.

    Each check gets a receipt of what the party had, of which the loss is not paid; what was paid of it before counts.
    Unsent lines go. The loss is what would have to be paid in cash, so that they can still pay it.

    A limit holds for all that somebody writes off on a business day.

    Args:
        act_id: made before the command starts; ids of receipts follow from it.
        stops_cooking: what the kitchen has not made yet is voided, and no part of the loss.

    Returns:
        The loss in minor units.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, ABOVE_LIMIT, REASON_MISSING, NOTHING_TO_WRITE_OFF.
    """
    work.require(Permission.WRITE_OFF)
    order = await work.get(Order, order_id)
    if not clean(reason, MAX_REASON_CHARACTERS):
        raise DomainError("REASON_MISSING")
    checks = await checks_of_order(work, order_id)
    voided = await _take_off(work, order_id, checks, reason, stops_cooking=stops_cooking)
    owed = [(check_id, due) for check_id in sorted(checks) if (due := await due_of_check(work, check_id)).parts]
    if not owed and not voided:
        raise DomainError("NOTHING_TO_WRITE_OFF", number=order.number)
    lost, before = 0, await _written_before(work, order.currency)
    for check_id, due in owed:
        check, branch = await work.get(Check, check_id), await work.get(Branch, order.branch_id)
        exact = max(0, due.bill.total_minor - due.credit_minor)
        missing = round_cash(exact, branch.cash_step_minor, branch.cash_rounding)
        work.require(Permission.WRITE_OFF, before + lost + missing)
        settlement = Settlement((), 0, missing - exact, 0)
        receipt_id = derived_id("walked out", act_id, check_id)
        noted = await noted_payments(work.session, work.organization_id, check_id)
        counts = [each.id for each in noted]
        receipt, _lines = await write_receipt(
            work, order, check, due, settlement, receipt_id, await moment(work), counts
        )
        if missing:
            _write_off(work, receipt, missing, reason, is_whole=due.credit_minor <= 0)
        lost += missing
    order.has_left = True
    return lost


async def write_off(work: Work, check_id: UUID) -> WriteOff:
    """Money that nobody will bring: it was given back twice, say.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NOTHING_TO_WRITE_OFF.
    """
    work.require(Permission.WRITE_OFF)
    check = await work.get(Check, check_id)
    order = await work.get(Order, check.order_id)
    due = await due_of_check(work, check_id)
    if due.parts or due.credit_minor >= 0:
        raise DomainError("NOTHING_TO_WRITE_OFF", number=order.number)
    work.require(Permission.WRITE_OFF, -due.credit_minor)
    return await _missing(work, check, order.currency, -due.credit_minor)


async def lift_losses(work: Work, check_id: UUID, receipt_id: UUID | None = None) -> int:
    """They came back to pay: what was written off of a check is missing again, and can be paid.

    Args:
        receipt_id: of one loss only. Another one that another device wrote off for the same is lifted with it.

    Returns:
        What can be paid now, in minor units.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, ABOVE_LIMIT, NOTHING_TO_LIFT.
    """
    work.require(Permission.WRITE_OFF)
    check = await work.get(Check, check_id)
    found = [row for row in await _standing(work, check_id) if row.receipt_id is not None]
    if not found:
        raise DomainError("NOTHING_TO_LIFT", number=(await work.get(Order, check.order_id)).number)
    meant = [row for row in found if receipt_id in (None, row.receipt_id)]
    others = [row for row in found if row not in meant]
    if not meant:
        raise DomainError("NOTHING_TO_LIFT", number=(await work.get(Order, check.order_id)).number)
    work.require(Permission.WRITE_OFF, sum(row.amount_minor for row in meant))
    for row in meant:
        row.lifted = True
    missing = await _missing_of(work, check_id)
    while not missing and others:  # two devices wrote off the same
        others.pop(0).lifted = True
        missing = await _missing_of(work, check_id)
    return missing


async def _written_before(work: Work, currency: str) -> int:
    """What who acts has written off before on the day for which money is taken now, and stands."""
    await work.session.flush()
    sums = sa.select(sa.func.coalesce(sa.func.sum(WriteOff.amount_minor), 0)).where(
        WriteOff.organization_id == work.organization_id,
        WriteOff.branch_id == work.branch_id,
        WriteOff.business_date == (await moment(work)).business_date,
        WriteOff.written_by == work.actor.staff_id,
        WriteOff.currency == currency,
        WriteOff.receipt_id.is_not(None),
        ~WriteOff.lifted,
    )
    return int((await work.session.execute(sums)).scalar_one())


async def _missing_of(work: Work, check_id: UUID) -> int:
    due = await due_of_check(work, check_id)
    return max(0, due.bill.total_minor - due.credit_minor)


async def lessen_losses(work: Work, check_id: UUID, amount_minor: int) -> int:
    """Lift what was written off of a check, up to an amount: nobody brought that money, so none of it goes back.

    Returns:
        The rest of the amount.
    """
    rest = amount_minor
    for row in await _standing(work, check_id) if rest > 0 else ():
        if not rest:
            break
        row.lifted = True
        if row.amount_minor > rest:
            await _leave(work, row, row.amount_minor - rest)
        rest = max(0, rest - row.amount_minor)
    return rest


async def _leave(work: Work, row: WriteOff, amount_minor: int) -> None:
    """Write off what a loss that was lifted leaves."""
    work.require(Permission.WRITE_OFF, amount_minor)
    if row.receipt_id is not None:
        _write_off(work, await work.get(Receipt, row.receipt_id), amount_minor, row.reason, is_whole=False)
    else:
        await _missing(work, await work.get(Check, row.check_id), row.currency, amount_minor)


async def _missing(work: Work, check: Check, currency: str, amount_minor: int) -> WriteOff:
    """Write off money that receipts counted and nobody brings."""
    of = WriteOff.organization_id == work.organization_id, WriteOff.check_id == check.id
    earlier = await work.session.scalar(sa.select(sa.func.count()).select_from(WriteOff).where(*of))
    return work.add(
        WriteOff(
            organization_id=work.organization_id,
            branch_id=check.branch_id,
            id=derived_id("write off", check.id, int(earlier or 0)),
            check_id=check.id,
            currency=currency,
            amount_minor=amount_minor,
            lifted=False,
        )
    )


def _write_off(work: Work, receipt: Receipt, amount_minor: int, reason: str, *, is_whole: bool) -> WriteOff:
    return work.add(
        WriteOff(
            organization_id=work.organization_id,
            branch_id=receipt.branch_id,
            id=work.ids.new(),
            check_id=receipt.check_id,
            receipt_id=receipt.id,
            currency=receipt.currency,
            amount_minor=amount_minor,
            is_whole=is_whole,
            reason=clean(reason, MAX_REASON_CHARACTERS),
            written_at=work.now,
            written_by=work.actor.staff_id,
            business_date=receipt.business_date,
            local_hour=receipt.local_hour,
            lifted=False,
        )
    )


async def _standing(work: Work, check_id: UUID) -> list[WriteOff]:
    """What was written off of a check and not lifted; of losses by receipts the newest first."""
    mine = WriteOff.organization_id == work.organization_id, WriteOff.check_id == check_id
    standing = sa.select(WriteOff).where(*mine, ~WriteOff.lifted)
    return list(await work.session.scalars(standing.order_by(WriteOff.id.desc())))


async def _take_off(work: Work, order_id: UUID, checks: Iterable[UUID], reason: str, *, stops_cooking: bool) -> int:
    """Remove what the kitchen never heard of; void what it has not made. Returns the portions that were voided."""
    checks, voided = set(checks), 0
    found = await families(work, await roots_of_order(work, order_id))
    fresh = await fresh_of(work, found.values())
    for family in found.values():
        left = _not_made(family) if stops_cooking else {key: each.untold for key, each in family.cooking.items()}
        for line_id in sorted(family.parts, reverse=True):
            part = family.parts[line_id]
            portions = min(part.owed, left[part.content]) if part.check_id in checks else 0
            if not portions:
                continue
            left[part.content] -= portions
            line = await work.get(OrderLine, line_id)
            if family.is_told:
                begun = not fresh.take(family, part.content, portions)
                if begun:
                    work.require(Permission.VOID_SENT_LINE)
                add_void(work, line, family, work.ids.new(), portions, reason, begun=begun)
                voided += portions
            else:
                line.quantity_milli -= portions
    return voided


def _not_made(family: Family) -> dict[Id, int]:
    """By content, the wanted portions that are neither made nor on the table."""
    return {
        content: max(0, each.wanted - max(each.wanted - each.untold - each.left_to_make, each.served))
        for content, each in family.cooking.items()
    }
