"""What every replica keeps over the ledgers: checks, tickets, sales and differences (`shared/truth/shares.py`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import sqlalchemy as sa

from shared.books.left_behind import left_unused
from shared.kernel.ids import derived_id
from shared.kernel.sums import Comparison, Share, Sum
from shared.kitchen.records import TicketLine
from shared.orders.records import LineVoid, Order, OrderLine
from shared.payments.accounts import AccountCharge, AccountPayment, account_balances
from shared.payments.adjustment_records import Discount, ServiceCharge
from shared.payments.limits import beyond_discounts, beyond_refunds
from shared.payments.records import Payment, Receipt, ReceiptLine, WriteOff
from shared.payments.refund_records import Refund, RefundLine, RefundPayment
from shared.payments.repricing import changes_of, too_much_of
from shared.payments.settled import settled
from shared.payments.tips import Tip
from shared.sales.records import sales_by_hour, sales_by_item, takings_by_method
from shared.shifts.closing import CLOSED_DAYS
from shared.truth.family import Difference
from shared.truth.records import check_balances, differences, ticket_balances
from shared.truth.shares import shares_of, storable

Rows = Mapping[str, Mapping[bytes, Any]]


def shares_of_order(rows: Rows) -> Iterator[Share]:
    """What an order says at its first check: opened, left."""
    for order_id, order in rows[Order.__tablename__].items():
        yield check_balances.name, (order.branch_id, _first_check(order_id)), (1, 1, int(order.has_left), *[0] * 12)


def shares_of_check(rows: Rows) -> Iterator[Share]:
    """What the receipts of one check say: it was paid once, however many there are (`settled`); and what its discounts
    and service charges say of them."""
    receipts, (first, ended_by) = rows[Receipt.__tablename__], settled(rows)
    if ended_by is not None and first is not None:
        when = (ended_by.branch_id, ended_by.business_date, ended_by.local_hour, receipts[first].currency)
        yield sales_by_hour.name, when, (1, -1, *[0] * 8)
    for row_id, row in receipts.items():
        when = (row.branch_id, row.business_date, row.local_hour, row.currency)
        yield sales_by_hour.name, when, (1, int(row_id == first), 0, 0, 0, 0, row.rounding_minor, 0, 0, 0)
        of_check = (1, 0, 0, 0, 1, *[0] * 6, -row.rounding_minor, 0, 0, 0)
        yield check_balances.name, (row.branch_id, row.check_id), of_check

    yield from _adjusted(rows)


def _adjusted(rows: Rows) -> Iterator[Share]:
    """What receipts charge otherwise than discounts and service charges say."""
    lines, refunds = rows[ReceiptLine.__tablename__], rows[RefundLine.__tablename__].values()
    discounts, charges = rows[Discount.__tablename__], rows[ServiceCharge.__tablename__]
    if not lines:
        yield from left_unused(discounts.values())
    if not lines or not (discounts or charges or refunds):
        return
    too_much = too_much_of(changes_of(lines, refunds, discounts, charges), refunds)
    if too_much:
        kind = Difference.CHARGED_TOO_MUCH if too_much > 0 else Difference.CHARGED_TOO_LITTLE
        line = next(iter(lines.values()))
        key = (line.branch_id, str(kind), line.check_id, 0, line.check_id)
        yield differences.name, key, (1, storable(abs(too_much)))


def _first_check(order_id: bytes) -> bytes:
    return derived_id("check", order_id).bytes


def _first_check_of_receipt(receipt: Any) -> bytes:
    return _first_check(receipt.order_id)


def _once(_row: Any) -> int:
    return 1


def _paid_out(refund: Any) -> int:
    return int(refund.paid_minor - refund.rounding_minor)


def _unrounded(paid: Any) -> int:
    return int(paid.amount_minor - paid.rounding_minor)


def _charged(entry: Any) -> int:
    return -int(entry.amount_minor) if entry.is_credit else int(entry.amount_minor)


def shares_of_refund(rows: Rows) -> Iterator[Share]:
    """What went back: by its methods, and what cash was rounded. A payment by a wrong method was none."""
    for row in rows[RefundPayment.__tablename__].values():
        key = (row.branch_id, row.business_date, row.local_hour, row.method_id, row.method_name, row.kind, row.currency)
        yield takings_by_method.name, key, (1, -int(row.correction), -row.paid_minor)
    for row in rows[Refund.__tablename__].values():
        when = (row.branch_id, row.business_date, row.local_hour, row.currency)
        yield sales_by_hour.name, when, (1, 0, 0, 0, 0, 0, -row.rounding_minor, 0, 0, 0)


def shares_of_limits(rows: Rows) -> Iterator[Share]:
    """What was given away of one order beyond every limit, by people who knew nothing of each other."""
    discounts, refunds = rows[Discount.__tablename__], rows[Refund.__tablename__]
    charges = rows[ServiceCharge.__tablename__]
    for kind, of, beyond in (
        (Difference.DISCOUNTS_ABOVE_LIMIT, {**discounts, **charges}, beyond_discounts(discounts, charges)),
        (Difference.REFUNDS_ABOVE_LIMIT, refunds, beyond_refunds(refunds.values())),
    ):
        if beyond:
            last = of[max(of)]
            key = (last.branch_id, str(kind), last.order_id, 0, last.check_id)
            yield differences.name, key, (1, storable(beyond))


def shares_of_loss(rows: Rows) -> Iterator[Share]:
    """What the party of a receipt left without paying: no sale, unless they paid after all."""
    for row in rows[WriteOff.__tablename__].values():
        if not row.lifted:
            when = (row.branch_id, row.business_date, row.local_hour, row.currency)
            lost = row.amount_minor
            yield sales_by_hour.name, when, (1, 0, -lost, 0, 0, 0, 0, 0, lost, 0)


def _tipped(tip: Any) -> int:
    return 0 if tip.lifted else int(tip.amount_minor)


def _written_off(row: Any) -> int:
    return 0 if row.lifted else int(row.amount_minor)


SUMS = (
    Comparison("order_id", (Order,), (check_balances,), shares_of_order),
    Comparison(
        "check_id",
        (Receipt, ReceiptLine, RefundLine, Discount, ServiceCharge, WriteOff),
        (check_balances, differences, sales_by_hour),
        shares_of_check,
        rare=(RefundLine, Discount, ServiceCharge, WriteOff),
        only_with_rare=(ReceiptLine,),
        dated=CLOSED_DAYS,
    ),
    Comparison(
        "root_id",
        (OrderLine, LineVoid, TicketLine, ReceiptLine, RefundLine),
        (check_balances, ticket_balances, differences, sales_by_hour, sales_by_item),
        shares_of,
        dated=CLOSED_DAYS,
    ),
    Comparison(
        "refund_id",
        (Refund, RefundPayment),
        (sales_by_hour, takings_by_method),
        shares_of_refund,
        dated=CLOSED_DAYS,
    ),
    Comparison("order_id", (Discount, ServiceCharge, Refund), (differences,), shares_of_limits),
    Comparison("receipt_id", (WriteOff,), (sales_by_hour,), shares_of_loss, dated=CLOSED_DAYS),
    Sum(
        check_balances,
        cast("sa.Table", Receipt.__table__),
        "facts",
        {"check_id": _first_check_of_receipt, "settled": _once},
    ),
    Sum(check_balances, cast("sa.Table", Payment.__table__), "facts", {"in_minor": _unrounded}),
    Sum(check_balances, cast("sa.Table", Refund.__table__), "facts", {"refunded_minor": _paid_out}),
    Sum(
        check_balances,
        cast("sa.Table", WriteOff.__table__),
        "facts",
        {"in_minor": _written_off, "lost_minor": _written_off},
    ),
    Sum(sales_by_hour, cast("sa.Table", Tip.__table__), "facts", {"tips_minor": _tipped}),
    Sum(
        takings_by_method,
        cast("sa.Table", Payment.__table__),
        "facts",
        {"payments": _once, "amount_minor": "amount_minor"},
        dated=CLOSED_DAYS,
    ),
    Sum(account_balances, cast("sa.Table", AccountCharge.__table__), "facts", {"charged_minor": _charged}),
    Sum(account_balances, cast("sa.Table", AccountPayment.__table__), "facts", {"paid_minor": _unrounded}),
)
