"""How many checks were settled: one definition for sums, X, Z and day.

A check counts once, with its first receipt, however many receipts it has. It is none from the refund on that gives the
last of it back, and none where a party left it unpaid altogether. What was given back since it was paid on another
check, too, never was one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.payments.records import Receipt, ReceiptLine, WriteOff
from shared.payments.refund_records import Refund, RefundLine

Rows = Mapping[str, Mapping[bytes, Any]]


class Settled(NamedTuple):
    """The receipt with which a check counts, by its id, and the refund line with which it is none again, if any."""

    first: bytes | None
    ended_by: Any | None


def settled(rows: Rows) -> Settled:
    """When a check counts. Pure; of the receipts, their lines and the refund lines of one check."""
    first = min(rows[Receipt.__tablename__], default=None)
    given_back = _all_given_back(rows) if first is not None else []
    if not given_back:
        return Settled(first, None)
    if any(each.voided_milli > 0 for each in given_back):  # it was a sale until then
        return Settled(first, given_back[-1])
    return Settled(None, None)


def _all_given_back(rows: Rows) -> list[Any]:
    """The refund lines of a check of which no portion is charged any more, in their order; else none."""
    lines = rows[ReceiptLine.__tablename__]
    refunds = [row for _id, row in sorted(rows[RefundLine.__tablename__].items()) if row.receipt_line_id in lines]
    back: Counter[bytes] = Counter()
    for row in refunds:
        back[row.receipt_line_id] += row.quantity_milli
    return refunds if all(row.quantity_milli <= back[row_id] for row_id, row in lines.items()) else []


async def settled_in(reader: AsyncConnection | AsyncSession, organization_id: UUID, session_id: UUID) -> int:
    """How many checks were settled in a session, less those that were none again: below nothing if it gave back more of
    earlier sessions."""
    given = {"organization": organization_id, "session": session_id}
    return sum([int((await reader.execute(each, given)).scalar_one()) for each in _statements()])


@cache
def _statements() -> tuple[sa.Select[Any], sa.Select[Any], sa.Select[Any]]:
    """What `settled` says of all checks of a session: first receipts, losses, refunds. Built once: building them takes
    longer than running them."""
    receipt, back, refund, loss = (kind.__table__.c for kind in (Receipt, RefundLine, Refund, WriteOff))
    earlier, later = Receipt.__table__.alias("earlier").c, RefundLine.__table__.alias("later").c
    organization: sa.BindParameter[UUID] = sa.bindparam("organization")
    session: sa.BindParameter[UUID] = sa.bindparam("session")

    def comes_first(of: Any) -> sa.ColumnElement[bool]:
        return ~_exists(_same(earlier, of), earlier.id < of.id)

    firsts = sa.select(sa.func.count()).where(
        receipt.organization_id == organization,
        receipt.session_id == session,
        comes_first(receipt),
        ~sa.and_(_has_refunds(receipt), _is_given_back(receipt), ~_has_refunds(receipt, voided=True)),
    )
    losses = (
        sa.select(-sa.func.count())
        .join_from(
            WriteOff.__table__,
            Receipt.__table__,
            sa.and_(receipt.organization_id == loss.organization_id, receipt.id == loss.receipt_id),
        )
        .where(loss.organization_id == organization, receipt.session_id == session, loss.is_whole, ~loss.lifted)
    )
    ended = (
        sa.select(-sa.func.count())
        .join_from(
            RefundLine.__table__,
            Refund.__table__,
            sa.and_(refund.organization_id == back.organization_id, refund.id == back.refund_id),
        )
        .where(
            back.organization_id == organization,
            refund.session_id == session,
            ~_exists(_same(later, back), later.id > back.id),
            _is_given_back(back),
            _has_refunds(back, voided=True),
        )
    )
    return firsts, losses, ended


def _is_given_back(of: Any) -> sa.ColumnElement[bool]:
    """Whether no portion of the check of a row is charged any more."""
    lines, refunds = ReceiptLine.__table__.alias("sold").c, RefundLine.__table__.alias("returned").c
    back = (
        sa.select(sa.func.coalesce(sa.func.sum(refunds.quantity_milli), 0))
        .where(_same(refunds, of), refunds.receipt_line_id == lines.id)
        .scalar_subquery()
    )
    return ~_exists(_same(lines, of), lines.quantity_milli > back)


def _has_refunds(of: Any, *, voided: bool = False) -> sa.ColumnElement[bool]:
    """Whether anything of the check of a row was given back, or was a sale and given back."""
    refunds = RefundLine.__table__.alias("refunds_of").c
    return _exists(_same(refunds, of), refunds.voided_milli > 0 if voided else sa.true())


def _same(one: Any, other: Any) -> sa.ColumnElement[bool]:
    """Whether two rows are of one check."""
    return sa.and_(one.organization_id == other.organization_id, one.check_id == other.check_id)


def _exists(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(*conditions)
