"""What must hold of the money of a till, whatever somebody did: rows, sums, drawers and differences agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from evening import Hands
from restaurant import BRANCH, ORGANIZATION

from shared.books.differences import open_differences
from shared.books.views import OrderView
from shared.drawers.records import CashMovement, DrawerSession
from shared.payments.accounts import AccountPayment, accounts_of_branch, owed_on
from shared.payments.records import Payment, Receipt, ReceiptLine, WriteOff
from shared.payments.refund_records import Refund, RefundLine, RefundPayment
from shared.payments.rules import TenderKind, added_taxes
from shared.payments.tips import Tip
from shared.sales.records import sales_by_hour
from shared.shifts.queries import session_report
from shared.truth.balances import CheckState

_KINDS: tuple[type[Any], ...] = (
    Payment,
    WriteOff,
    Refund,
    RefundPayment,
    RefundLine,
    Receipt,
    ReceiptLine,
    Tip,
    AccountPayment,
    CashMovement,
    DrawerSession,
)
_AMOUNTS = ("gross_minor", "discount_minor", "service_minor", "tax_minor", "total_minor")


async def money_holds(hands: Hands, orders: Sequence[UUID], person: UUID) -> None:
    """Everything that must hold after each deed.

    Args:
        orders: all orders.
        person: who pays later.
    """
    rows = hands.replica.rows
    found = {kind: await rows(kind) for kind in _KINDS}
    _receipts_are_their_lines(found)
    _nothing_is_negative(found)
    for order_id in orders:
        _bills_add_up(await hands.order(order_id))
    await _paid_is_due(hands, orders, found)
    await _drawers_are_their_rows(hands, found)
    async with hands.replica.connection() as reader:
        (owing,) = await accounts_of_branch(reader, ORGANIZATION, BRANCH)
        assert owing.owed_minor == await owed_on(reader, ORGANIZATION, person)


async def _paid_is_due(hands: Hands, orders: Sequence[UUID], found: dict[type[Any], list[Any]]) -> None:
    """What came in for a check is what its receipts charge, or it is owed, or a difference says so."""
    credit = Counter[UUID]()
    for row in found[Payment]:
        credit[row.check_id] += row.amount_minor - row.rounding_minor
    for row in found[WriteOff]:
        credit[row.check_id] += 0 if row.lifted else row.amount_minor
    for row in found[Refund]:
        credit[row.check_id] -= row.paid_minor - row.rounding_minor
    for row in found[Receipt]:
        credit[row.check_id] -= row.rounding_minor
    for row in found[ReceiptLine]:
        credit[row.check_id] -= row.total_minor
    for row in found[RefundLine]:
        credit[row.check_id] += row.total_minor
    async with hands.replica.connection() as reader:
        told = {each.check_id for each in await open_differences(reader, ORGANIZATION, BRANCH)}
    for order_id in orders:
        for check in (await hands.order(order_id)).checks:
            assert check.credit_minor == credit[check.id], "the sums say what the rows say"
            if not check.is_owed and check.credit_minor:
                assert check.id in told, f"{check.credit_minor} of {check.id} that nobody is told of"
            if check.state is CheckState.SETTLED:
                assert check.credit_minor == 0


async def _drawers_are_their_rows(hands: Hands, found: dict[type[Any], list[Any]]) -> None:
    """What should be in the drawer is what its rows put in and took out; and each session counts its checks."""
    cash = _cash_of(found)
    checks = 0
    for session in found[DrawerSession]:
        async with hands.replica.connection() as reader:
            report = await session_report(reader, ORGANIZATION, session.id, "PEN")
        assert report is not None
        expected = {each.currency: each.own_minor for each in report.counted if each.method_id is None}
        for money in ("PEN", "USD"):
            assert expected.get(money, 0) == cash[session.id, money], (money, session.id)
        checks += report.sales.checks
    async with hands.replica.connection() as reader:
        today = (await reader.execute(sa.select(sa.func.sum(sales_by_hour.c.checks)))).scalar()
    assert checks == int(today or 0), "X, Z and today count the same checks"


def _receipts_are_their_lines(found: dict[type[Any], list[Any]]) -> None:
    lines: dict[UUID, Counter[str]] = {row.id: Counter() for row in found[Receipt]}
    for row in found[ReceiptLine]:
        lines[row.receipt_id].update({name: getattr(row, name) for name in _AMOUNTS})
    for row in found[Receipt]:
        assert {name: getattr(row, name) for name in _AMOUNTS} == {name: lines[row.id][name] for name in _AMOUNTS}
        assert row.total_minor == row.net_minor + row.tax_minor
        assert row.total_minor == (row.gross_minor - row.discount_minor + row.service_minor + added_taxes(row.taxes))


def _nothing_is_negative(found: dict[type[Any], list[Any]]) -> None:
    names = {"amount_minor", "tendered_minor", "change_minor", "paid_minor", "total_minor", "net_minor", "tax_minor"}
    for kind in (Payment, Refund, RefundPayment, Receipt, ReceiptLine, Tip, AccountPayment, WriteOff):
        for row in found[kind]:
            for name in names & set(kind.__table__.columns.keys()):
                assert getattr(row, name) >= 0, (kind.__tablename__, name)
    for row in found[Payment]:
        assert row.tendered_minor == row.amount_minor + row.change_minor


def _bills_add_up(order: OrderView) -> None:
    for check in order.checks:
        bill, lines = check.bill, check.bill.lines.values()
        for name in ("gross_minor", "discount_minor", "service_minor", "net_minor", "tax_minor"):
            assert getattr(bill, name) == sum(getattr(line, name) for line in lines)
            assert getattr(bill, name) >= 0
        assert bill.total_minor == sum(line.total_minor for line in lines)


def _is_house_cash(payment: Any) -> bool:
    return payment.kind is TenderKind.CASH and not payment.given_currency


def _cash_of(found: dict[type[Any], list[Any]]) -> Counter[tuple[UUID, str]]:
    """What lies in each drawer by session and currency, by its rows."""
    cash, payments = Counter[tuple[UUID, str]](), {row.id: row for row in found[Payment]}

    def put(row: Any, amount: int, money: str = "PEN") -> None:
        cash[row.session_id, money] += amount

    for row in found[Payment]:
        put(row, row.amount_minor if _is_house_cash(row) else -row.change_minor)
        put(row, row.given_minor, row.given_currency)
    for row in found[RefundPayment]:
        paid = payments.get(row.payment_id) if row.correction else None
        if paid is not None:
            put(row, -paid.amount_minor if _is_house_cash(paid) else paid.change_minor)
            put(row, -paid.given_minor, paid.given_currency)
        elif row.kind is TenderKind.CASH:
            put(row, -row.paid_minor)
    for row in found[Tip]:
        if row.kind is TenderKind.CASH and not row.lifted:
            put(row, row.amount_minor)
    for row in found[AccountPayment]:
        if row.kind is TenderKind.CASH:
            put(row, row.amount_minor)
    for row in found[CashMovement]:
        put(row, row.in_minor - row.out_minor - row.taken_minor, row.currency)
    return cash
