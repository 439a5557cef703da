"""Receipts of the past, read as they were printed, with what became of them. (`finding.py` finds them.)"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.columns import Key
from shared.orders.records import Order
from shared.payments.counting import payments_of_check
from shared.payments.naming import Adjusted, adjusted_of
from shared.payments.records import Receipt, ReceiptCopy, ReceiptLine, WriteOff
from shared.payments.refund_lines import share_of_portions
from shared.payments.refund_records import Refund, RefundLine, RefundPayment
from shared.truth.balances import NO_SUMS
from shared.truth.family import LINES, REFUND_LINES, compare
from shared.truth.portions import modifiers_of
from shared.truth.reading import rows_of_families, sums_of_checks

Reader = AsyncConnection | AsyncSession


@dataclass(frozen=True, slots=True)
class PastRow:
    """A receipt in a list.

    Attributes:
        refunded_minor: what refunds took back of it.
        lost_minor: what nobody paid of it.
    """

    id: UUID
    number: str
    order_number: str
    kind: str
    table_name: str
    settled_at: datetime
    currency: str
    to_pay_minor: int
    total_minor: int
    refunded_minor: int
    lost_minor: int


@dataclass(frozen=True, slots=True)
class PastLine:
    """A line of a receipt.

    Attributes:
        row: as it was charged.
        modifiers: names with what each adds.
        refunded_milli: portions that refunds took back.
        left_milli: portions that can still be refunded.
        refunds: its refund lines, as rows.
        is_made: whether no station has still to make any of it.
    """

    row: Any
    modifiers: tuple[Mapping[str, Any], ...]
    refunded_milli: int
    left_milli: int
    refunds: tuple[Any, ...]
    is_made: bool = True

    def worth_minor(self, quantity_milli: int) -> int:
        """What so many of its portions would give back."""
        if not 0 < quantity_milli <= self.left_milli:
            return 0
        return int(share_of_portions(self.row, self.refunds, quantity_milli)["total_minor"])


@dataclass(frozen=True, slots=True)
class PastRefund:
    """A refund of a receipt's check, as rows: it, its lines (with the names of dishes) and how it went back."""

    row: Any
    lines: tuple[Any, ...]
    payments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class PastReceipt:
    """A receipt as it was printed, and what became of it.

    Attributes:
        receipt, order: as rows.
        payments: those that it counts, as rows.
        refunds: of its check, the oldest first; corrections are none.
        copies: how many copies were printed.
        lost_minor, loss_reason: what nobody paid of it, and why.
        check_lost_minor: what nobody paid of all its check: a refund hands out nothing of that.
        adjusted: what was taken off it, and added for service.
    """

    receipt: Any
    order: Any
    lines: tuple[PastLine, ...]
    payments: tuple[Any, ...]
    refunds: tuple[PastRefund, ...]
    copies: int
    lost_minor: int
    loss_reason: str
    adjusted: Adjusted
    check_lost_minor: int = 0

    @property
    def left_milli(self) -> int:
        """Portions that can still be refunded."""
        return sum(line.left_milli for line in self.lines)

    @property
    def is_made(self) -> bool:
        """Whether no station has still to make any of it."""
        return all(line.is_made for line in self.lines)


async def past_rows(reader: Reader, organization_id: UUID, ids: Sequence[UUID]) -> list[PastRow]:
    """Some receipts for a list, in this order; one statement."""
    if not ids:
        return []
    given = {"organization": organization_id, "ids": list(ids)}
    found = {row.id: PastRow(**row._mapping) for row in await reader.execute(_rows(), given)}
    return [found[each] for each in ids if each in found]


@cache
def _rows() -> sa.Select[Any]:
    of, lines, back, lost = (kind.__table__.c for kind in (Receipt, ReceiptLine, RefundLine, WriteOff))
    orders = Order.__table__
    refunded = (
        sa.select(sa.func.coalesce(sa.func.sum(back.total_minor), 0))
        .join_from(
            ReceiptLine.__table__,
            RefundLine.__table__,
            sa.and_(
                back.organization_id == lines.organization_id,
                back.check_id == lines.check_id,
                back.receipt_line_id == lines.id,
            ),
        )
        .where(lines.organization_id == of.organization_id, lines.receipt_id == of.id)
        .scalar_subquery()
    )
    unpaid = (
        sa.select(sa.func.coalesce(sa.func.sum(lost.amount_minor), 0))
        .where(lost.organization_id == of.organization_id, lost.receipt_id == of.id, ~lost.lifted)
        .scalar_subquery()
    )
    same = sa.and_(orders.c.organization_id == of.organization_id, orders.c.id == of.order_id)
    return (
        sa.select(
            of.id,
            of.number,
            orders.c.number.label("order_number"),
            orders.c.kind,
            orders.c.table_name,
            of.settled_at,
            of.currency,
            (of.total_minor + of.rounding_minor).label("to_pay_minor"),
            of.total_minor,
            refunded.label("refunded_minor"),
            unpaid.label("lost_minor"),
        )
        .join_from(Receipt.__table__, orders, same)
        .where(
            of.organization_id == sa.bindparam("organization", type_=Key()),
            of.id.in_(sa.bindparam("ids", expanding=True, type_=Key())),
        )
    )


async def past_receipt(reader: Reader, organization_id: UUID, receipt_id: UUID) -> PastReceipt | None:
    """A receipt with all that became of it; None if it is not known here. At most eighteen statements."""
    receipt = await _one(reader, Receipt, organization_id, receipt_id)
    if receipt is None:
        return None
    order = await _one(reader, Order, organization_id, receipt.order_id)
    rows = await _among(reader, ReceiptLine, organization_id, "receipt_id", receipt_id)
    payments = await _counted(reader, organization_id, receipt)
    refunds = await _refunds(reader, organization_id, receipt.check_id)
    copies = await _among(reader, ReceiptCopy, organization_id, "of_id", receipt_id)
    of_check = await _among(reader, WriteOff, organization_id, "check_id", receipt.check_id)
    standing = [row for row in of_check if not row.lifted]
    lost = [row for row in standing if row.receipt_id == receipt_id]
    return PastReceipt(
        receipt,
        order,
        await _lines(reader, organization_id, rows),
        payments,
        refunds,
        _count(copies),
        sum(row.amount_minor for row in lost),
        lost[0].reason if lost else "",
        await adjusted_of(reader, organization_id, rows),
        sum(row.amount_minor for row in standing),
    )


async def receipt_of_line(reader: Reader, organization_id: UUID, root_id: UUID, line_id: UUID) -> UUID | None:
    """The newest receipt that charges a line of an order; None if none does. One statement."""
    rows = await _among(reader, ReceiptLine, organization_id, "root_id", root_id)
    return next((row.receipt_id for row in reversed(rows) if row.order_line_id == line_id), None)


async def copies_of(reader: Reader, organization_id: UUID, of_id: UUID) -> int:
    """How many copies of a receipt or refund were printed, on whatever device."""
    return _count(await _among(reader, ReceiptCopy, organization_id, "of_id", of_id))


def _count(copies: Sequence[Any]) -> int:
    """Two devices that printed at once gave the same number: the next one counts both."""
    return max([len(copies), *(int(row.copy) for row in copies)])


async def _lines(reader: Reader, organization_id: UUID, rows: Sequence[Any]) -> tuple[PastLine, ...]:
    families = await rows_of_families(reader, organization_id, {row.root_id for row in rows})
    compared = {root: compare(root, of) for root, of in families.items()}
    found = []
    for row in sorted(rows, key=lambda each: (each.order_line_id, each.id)):
        of = families.get(row.root_id)
        if of is None:
            found.append(PastLine(row, (), 0, 0, ()))
            continue
        covered = compared[row.root_id].covered[row.id]
        refunds = tuple(each for each in of[REFUND_LINES].values() if each.receipt_line_id == row.id)
        modifiers = tuple(modifiers_of(row.order_line_id, of[LINES]))
        is_made = not any(each.to_make for each in compared[row.root_id].cooking.values())
        found.append(PastLine(row, modifiers, covered.refunded, covered.counted + covered.spare, refunds, is_made))
    return tuple(found)


async def _counted(reader: Reader, organization_id: UUID, receipt: Any) -> tuple[Any, ...]:
    """The payments that a receipt counts. What came for its check after all was charged is on the last one, too."""
    of_check = await payments_of_check(reader, organization_id, receipt.check_id)
    theirs: set[UUID | None] = {receipt.id}
    if any(each.receipt_id is None for each in of_check) and await _is_last(reader, organization_id, receipt):
        theirs.add(None)
    return tuple(each.row for each in of_check if each.receipt_id in theirs)


async def _is_last(reader: Reader, organization_id: UUID, receipt: Any) -> bool:
    """Whether it is the last receipt of its check, of which nothing is owed any more."""
    sums = (await sums_of_checks(reader, organization_id, [receipt.check_id])).get(receipt.check_id, NO_SUMS)
    if sums.owed_milli:
        return False
    of_check = await _among(reader, Receipt, organization_id, "check_id", receipt.check_id)
    return bool(receipt.id == max(each.id for each in of_check))


async def _refunds(reader: Reader, organization_id: UUID, check_id: UUID) -> tuple[PastRefund, ...]:
    refunds = [row for row in await _among(reader, Refund, organization_id, "check_id", check_id) if not row.correction]
    if not refunds:
        return ()
    lines: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in await reader.execute(_refund_lines(), {"organization": organization_id, "check": check_id}):
        lines[row.refund_id].append(row)
    payments: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in await _among(reader, RefundPayment, organization_id, "check_id", check_id):
        payments[row.refund_id].append(row)
    return tuple(
        PastRefund(row, tuple(lines[row.id]), tuple(payments[row.id]))
        for row in sorted(refunds, key=lambda each: (each.refunded_at, each.id))
    )


@cache
def _refund_lines() -> sa.Select[Any]:
    back, lines = RefundLine.__table__, ReceiptLine.__table__
    same = sa.and_(lines.c.organization_id == back.c.organization_id, lines.c.id == back.c.receipt_line_id)
    return (
        sa.select(back, lines.c.item_name, lines.c.receipt_id)
        .join_from(back, lines, same)
        .where(
            back.c.organization_id == sa.bindparam("organization", type_=Key()),
            back.c.check_id == sa.bindparam("check", type_=Key()),
        )
        .order_by(back.c.id)
    )


async def _one(reader: Reader, kind: type[Any], organization_id: UUID, row_id: UUID) -> Any:
    rows = await _among(reader, kind, organization_id, "id", row_id)
    return rows[0] if rows else None


async def _among(reader: Reader, kind: type[Any], organization_id: UUID, column: str, value: UUID) -> Sequence[Any]:
    given = {"organization": organization_id, "value": value}
    rows: Sequence[Any] = (await reader.execute(_where(kind.__table__, column), given)).all()
    return rows


@cache
def _where(table: sa.Table, column: str) -> sa.Select[Any]:
    of = table.c
    return (
        sa.select(*of)
        .where(
            of.organization_id == sa.bindparam("organization", type_=Key()),
            of[column] == sa.bindparam("value", type_=Key()),
        )
        .order_by(of.id)
    )
