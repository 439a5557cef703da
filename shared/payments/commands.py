"""Checks and taking money: tenders pay what a check owes, and the tender that pays the rest makes a receipt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.drawers.commands import Moment, moment, moment_of
from shared.kernel.columns import Key
from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.money import round_cash
from shared.kernel.numbers import number_in
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.orders.commands import first_check_id
from shared.orders.joined import close_joined
from shared.orders.parting import equal_part
from shared.orders.records import Order
from shared.orders.rules import BillTotal, LineTotal
from shared.payments.accounts import charge_account
from shared.payments.methods import permit_tenders
from shared.payments.pricing import MOST_SHARES, Due, due_of_check, part_of_due
from shared.payments.queries import PaymentView, noted_payments
from shared.payments.records import Check, Payment, Receipt, ReceiptLine
from shared.payments.rules import Applied, Settlement, Tender, TenderKind, apply_tenders
from shared.tenancy.records import Branch
from shared.truth.family import LINES
from shared.truth.portions import modifiers_of
from shared.truth.reading import sums_of_check
from shared.truth.records import check_balances

MAX_REFERENCE_CHARACTERS, MAX_AUTHORIZATION_CHARACTERS = 60, 20
"""What the record holds: a longer one would be stored here and refused by every other replica."""


@dataclass(frozen=True, slots=True)
class Paid:
    """What some tenders did: the receipt if they paid what was owed, else what is left to pay.

    Attributes:
        modifiers: of each line of the receipt, by the id of its order line.
        earlier: the check's payments that were taken before, and that no receipt had counted.
        payments: what these tenders became, in their order; cash last.
    """

    receipt: Receipt | None
    receipt_lines: tuple[ReceiptLine, ...]
    modifiers: Mapping[UUID, Sequence[Mapping[str, Any]]]
    settlement: Settlement
    earlier: tuple[PaymentView, ...]
    payments: tuple[Payment, ...]


async def open_check(work: Work, order_id: UUID, check_id: UUID) -> Check:
    """One more check for an order, to which lines are moved.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    work.require(Permission.TAKE_ORDER)
    order = await work.get(Order, order_id)
    return work.add(
        Check(organization_id=work.organization_id, branch_id=order.branch_id, id=check_id, order_id=order_id)
    )


async def check_for_more(work: Work, order_id: UUID) -> UUID:
    """The check on which what is added to an order now goes: its first one without a receipt, or a new one.

    The id of a new one follows from the order and its place: two devices that open it open one. A check that was joined
    to another order is passed over.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    work.require(Permission.TAKE_ORDER)
    await work.session.flush()  # the check may be of this unit of work
    connection = await work.session.connection()  # each key press asks; reading through the session takes longer
    given = {"organization": work.organization_id, "order": order_id}
    place = 1
    check_id = first_check_id(order_id)
    found = (await connection.execute(_takes_more(), {**given, "check": check_id})).first()
    while found is not None and (found.is_elsewhere or found.receipts):
        place += 1
        check_id = derived_id("check", order_id, place)
        found = (await connection.execute(_takes_more(), {**given, "check": check_id})).first()
    if place > 1 and found is None:
        await open_check(work, order_id, check_id)
    return check_id


@cache
def _takes_more() -> sa.Select[Any]:
    """Whether a check was joined to another order, and its receipts. Built once: building it takes longer than running
    it."""
    checks, sums = Check.__table__, check_balances
    organization: sa.BindParameter[UUID] = sa.bindparam("organization")
    same = sa.and_(sums.c.organization_id == checks.c.organization_id, sums.c.check_id == checks.c.id)
    elsewhere = checks.c.order_id != sa.bindparam("order", type_=Key())
    return (
        sa.select(elsewhere.label("is_elsewhere"), sums.c.receipts)
        .join_from(checks, sums, same, isouter=True)
        .where(checks.c.organization_id == organization, checks.c.id == sa.bindparam("check", type_=Key()))
    )


async def join_orders(work: Work, order_id: UUID, into_order_id: UUID) -> UUID:
    """Put two orders together at the table of the second: two tables sit together, or one table was opened twice.

    Whichever way they are joined, and whatever a device knows of their parties, the checks go to the order of the
    greater id, and the other one is over. So devices that join orders crosswise or in a circle at once leave one order,
    with everything on it. Orders that are joined one after the other at once (the first to the second here, the second
    to the third there) may leave two: the second has what came from the first, until the two are joined, too. An order
    that was joined to another before stands for that one.

    Returns:
        The order that has all checks now.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NOTHING_TO_MOVE.
    """
    work.require(Permission.TAKE_ORDER)
    orders, others = await _joined(work, order_id), await _joined(work, into_order_id)
    order, into = orders[-1], others[-1]
    if order_id == into_order_id or order.branch_id != into.branch_id:
        raise DomainError("NOTHING_TO_MOVE")
    stays = max(order, into, key=lambda each: each.id)
    over = {each.id: each for each in (*orders, *others) if each is not stays}
    checks = await work.session.scalars(
        sa.select(Check).where(Check.organization_id == work.organization_id, Check.order_id.in_(sorted(over)))
    )
    for check in checks:
        check.order_id = stays.id
    if stays is order and stays is not into:
        stays.kind, stays.table_id, stays.table_name = into.kind, into.table_id, into.table_name
    for each in over.values():
        each.has_left = True
    return stays.id


async def _joined(work: Work, order_id: UUID) -> list[Order]:
    """An order, the one that it was joined to, the one that that was joined to ...: each newer than the one before."""
    order = await work.get(Order, order_id)
    check = await work.get(Check, first_check_id(order_id))
    return [order] if check.order_id == order_id else [order, *await _joined(work, check.order_id)]


async def pay(
    work: Work,
    check_id: UUID,
    receipt_id: UUID,
    tenders: Sequence[Tender],
    share: int = 1,
    part_minor: int | None = None,
) -> Paid:
    """Take tenders for a check. Once they pay what it owes, or a part of it, a receipt says so.

    What was taken is kept at once, receipt or not. Cash above the amount due comes back as change. A check that nothing
    can be handed over for (a gift, or less than the smallest coin) is paid by no tender at all, or by cash of 0.
    Unsent lines must be sent or removed first, so that nobody pays for what the kitchen never hears of. Pressed twice,
    the second press is told ORDER_CLOSED. Of a check that is short (money was given back twice) what is missing is
    taken, and no receipt made.

    A part of a check that no coin can pay is refused: only the rest of it all is rounded off.

    Args:
        receipt_id: id of the receipt if this makes one; made before the command starts.
        share: how many equal parts of what is owed are left, of which one is paid now.
        part_minor: so much of what is owed is paid now, with what came in before. All of it, if it is no more.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, SHARE_NOT_SENSIBLE, ORDER_CLOSED, NOTHING_TO_PAY, LINES_NOT_SENT, and
            those of `apply_tenders` and `permit_tenders`.
    """
    work.require(Permission.TAKE_PAYMENT)
    if not 1 <= share <= MOST_SHARES:
        raise DomainError("SHARE_NOT_SENSIBLE", most=MOST_SHARES)
    check = await work.get(Check, check_id)
    order = await work.get(Order, check.order_id)
    sums = await sums_of_check(work, check_id)
    due = await due_of_check(work, check_id)
    if not due.parts and due.credit_minor < 0:
        return await _make_up(work, order, check, -due.credit_minor, tenders)
    if not due.parts and sums.receipts:
        raise DomainError("ORDER_CLOSED", number=order.number)
    if not due.parts:
        raise DomainError("NOTHING_TO_PAY", number=order.number)
    if due.to_send_milli:
        raise DomainError("LINES_NOT_SENT", number=order.number)
    branch = await work.get(Branch, order.branch_id)
    earlier = await _payments_of(work, check.id)
    if share > 1:
        part_minor = equal_part(due.whole_minor, share)
    is_part = part_minor is not None and part_minor < due.whole_minor
    if part_minor is not None and is_part:
        due = part_of_due(due, part_minor)
    left = max(0, due.bill.total_minor - due.credit_minor)
    if is_part and left and not _is_payable(left, tenders, branch):
        raise DomainError("SHARE_NOT_SENSIBLE", most=MOST_SHARES)
    settlement = apply_tenders(left, tenders, branch.cash_step_minor, branch.cash_rounding)
    await permit_tenders(work, tenders)
    at = await _moment(work, settlement)
    payments = await _payments(work, order, check, settlement, at)
    if settlement.left_minor > 0:
        return Paid(None, (), {}, settlement, earlier, payments)
    counts = [*(each.id for each in earlier), *(each.id for each in payments)]
    receipt, receipt_lines = await write_receipt(work, order, check, due, settlement, receipt_id, at, counts)
    await close_joined(work, order.id)
    modifiers = {line_id: modifiers_of(line_id, due.rows[due.lines[line_id].root_id][LINES]) for line_id in due.parts}
    return Paid(receipt, receipt_lines, modifiers, settlement, earlier, payments)


def _is_payable(part_minor: int, tenders: Sequence[Tender], branch: Branch) -> bool:
    """Whether something can be handed over for a part of a check: less than coins can pay is rounded off once, at the
    end, and not with every part."""
    by_coins = all(tender.can_change for tender in tenders)
    return not by_coins or round_cash(part_minor, branch.cash_step_minor, branch.cash_rounding) > 0


async def write_receipt(
    work: Work,
    order: Order,
    check: Check,
    due: Due,
    settlement: Settlement,
    receipt_id: UUID,
    at: Moment,
    counts: Iterable[UUID],
) -> tuple[Receipt, tuple[ReceiptLine, ...]]:
    """Write the receipt of what a check owes, for a command that has looked whether it may.

    Args:
        counts: the payments of the check that no receipt counts yet.
    """
    receipt = await _receipt(work, order, check, due.bill, settlement, receipt_id, at)
    receipt.counts = b"".join(each.bytes for each in counts)
    return receipt, tuple(_receipt_line(work, receipt, line_id, due) for line_id in due.parts)


async def _make_up(work: Work, order: Order, check: Check, missing_minor: int, tenders: Sequence[Tender]) -> Paid:
    """Take money that a check is short of. Its receipts stand already, so the payment says how it was rounded."""
    earlier = await _payments_of(work, check.id)
    branch = await work.get(Branch, order.branch_id)
    settlement = apply_tenders(missing_minor, tenders, branch.cash_step_minor, branch.cash_rounding)
    await permit_tenders(work, tenders)
    if not settlement.applied and tenders:  # what no coin can pay is rounded off
        settlement = replace(settlement, applied=(Applied(tenders[-1], 0, 0),))
    payments = await _payments(work, order, check, settlement, await _moment(work, settlement))
    if payments:
        payments[-1].rounding_minor = settlement.rounding_minor
    return Paid(None, (), {}, settlement, earlier, payments)


async def take_again(work: Work, check: Check, wrong: Payment, payment_id: UUID, tender: Tender) -> Payment:
    """Note by another method what was paid already. All of it is kept: it is what the other payment was.

    Cash is what coins can pay of it; the rest is rounding, as where cash pays a bill.

    It belongs to the session of the other payment, open or not, as what takes that one back does; only where that one
    is of no session it belongs to the session of now.
    """
    order = await work.get(Order, check.order_id)
    amount = wrong.amount_minor
    if tender.kind is TenderKind.CASH:
        branch = await work.get(Branch, order.branch_id)
        amount = round_cash(amount, branch.cash_step_minor, branch.cash_rounding)
    tender = replace(tender, amount_minor=amount)
    await permit_tenders(work, [tender])
    at = moment_of(wrong) if wrong.session_id else await moment(work, takes_cash=tender.kind is TenderKind.CASH)
    anew = await _payment(work, order, check, payment_id, Applied(tender, amount, 0), at, wrong.id)
    anew.rounding_minor = wrong.rounding_minor + amount - wrong.amount_minor
    return anew


async def _moment(work: Work, settlement: Settlement) -> Moment:
    """The session and day of what is taken now."""
    return await moment(work, takes_cash=any(each.tender.can_change for each in settlement.applied))


async def _payments(work: Work, order: Order, check: Check, settlement: Settlement, at: Moment) -> tuple[Payment, ...]:
    return tuple([await _payment(work, order, check, work.ids.new(), applied, at) for applied in settlement.applied])


async def _payment(
    work: Work,
    order: Order,
    check: Check,
    payment_id: UUID,
    applied: Applied,
    at: Moment,
    replaces_id: UUID | None = None,
) -> Payment:
    tender = applied.tender
    place = await work.next_number("payment")
    payment = work.add(
        Payment(
            organization_id=work.organization_id,
            branch_id=order.branch_id,
            id=payment_id,
            check_id=check.id,
            number=number_in(work.place.letter, "P", place),
            method_id=tender.method_id,
            method_name=clean(tender.method_name, 40),
            kind=tender.kind,
            currency=order.currency,
            amount_minor=applied.kept_minor,
            tendered_minor=tender.amount_minor + tender.tip_minor,
            change_minor=applied.change_minor + tender.tip_minor,
            reference=clean(tender.reference, MAX_REFERENCE_CHARACTERS),
            last_four=clean(tender.last_four, 4),
            authorization=clean(tender.authorization, MAX_AUTHORIZATION_CHARACTERS),
            given_currency=tender.given_currency,
            given_minor=tender.given_minor,
            rate_millionths=tender.rate_millionths,
            replaces_id=replaces_id,
            taken_at=work.now,
            taken_by=work.actor.staff_id,
            **at._asdict(),
        )
    )
    if tender.account_id is not None:
        await charge_account(work, tender.account_id, payment)
    return payment


async def _receipt(
    work: Work, order: Order, check: Check, bill: BillTotal, settlement: Settlement, receipt_id: UUID, at: Moment
) -> Receipt:
    place = await work.next_number("receipt")
    return work.add(
        Receipt(
            organization_id=work.organization_id,
            branch_id=order.branch_id,
            id=receipt_id,
            check_id=check.id,
            order_id=order.id,
            number=number_in(work.place.letter, "", place),
            currency=order.currency,
            gross_minor=bill.gross_minor,
            discount_minor=bill.discount_minor,
            service_minor=bill.service_minor,
            net_minor=bill.net_minor,
            tax_minor=bill.tax_minor,
            total_minor=bill.total_minor,
            rounding_minor=settlement.rounding_minor,
            change_minor=settlement.change_minor,
            taxes=[
                {**each.tax._asdict(), "net_minor": each.net_minor, "tax_minor": each.tax_minor} for each in bill.taxes
            ],
            settled_at=work.now,
            settled_by=work.actor.staff_id,
            cashier_name=work.actor.name,
            **at._asdict(),
        )
    )


def _receipt_line(work: Work, receipt: Receipt, line_id: UUID, due: Due) -> ReceiptLine:
    line, part, total = due.lines[line_id], due.parts[line_id], due.bill.lines[line_id]
    return work.add(
        ReceiptLine(
            organization_id=work.organization_id,
            branch_id=receipt.branch_id,
            id=work.ids.new(),
            receipt_id=receipt.id,
            check_id=receipt.check_id,
            root_id=line.root_id,
            order_line_id=line_id,
            item_id=line.item_id,
            item_name=line.item_name,
            combo_id=line.combo_id,
            combo_name=line.combo_name,
            category_id=line.category_id,
            category_name=line.category_name,
            quantity_milli=part.quantity_milli,
            unit=line.unit,
            unit_price_minor=part.unit_minor,
            **_amounts(total),
            adjusted_by=due.adjusted_by,
            currency=receipt.currency,
            business_date=receipt.business_date,
            local_hour=receipt.local_hour,
        )
    )


def _amounts(total: LineTotal) -> Mapping[str, Any]:
    return {
        "gross_minor": total.gross_minor,
        "discount_minor": total.discount_minor,
        "service_minor": total.service_minor,
        "tax_minor": total.tax_minor,
        "total_minor": total.total_minor,
        "discounts": [{"id": str(each.id), "amount_minor": each.amount_minor} for each in total.discounts],
        "taxes": [{**each.tax._asdict(), "tax_minor": each.tax_minor} for each in total.taxes],
    }


async def _payments_of(work: Work, check_id: UUID) -> tuple[PaymentView, ...]:
    """What was paid of a check since its last receipt, in the order in which it was taken."""
    await work.session.flush()
    return await noted_payments(work.session, work.organization_id, check_id)
