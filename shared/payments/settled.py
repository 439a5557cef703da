"""How many checks were settled: one definition for sums, X, Z and day.

A check counts once, with its first receipt of which something was paid, however many receipts it has: one that a party
left unpaid altogether is none. It is none from the refund on that gives the last of it back. What was given back since
it was paid on another check, too, never was one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.columns import Key
from shared.payments.records import Receipt, ReceiptLine, WriteOff
from shared.payments.refund_records import Refund, RefundLine

Rows = Mapping[str, Mapping[Any, Any]]


class Settled(NamedTuple):
    """The receipt with which a check counts, by its id, and the refund line with which it is none again, if any."""

    first: Any | None
    ended_by: Any | None


def settled(rows: Rows) -> Settled:
    """When a check counts. Pure; of the receipts, their lines, the refund lines and the losses of one check."""
    lost = {row.receipt_id for row in rows[WriteOff.__tablename__].values() if row.is_whole and not row.lifted}
    first = min(rows[Receipt.__tablename__].keys() - lost, default=None)
    given_back = _all_given_back(rows, lost) if first is not None else []
    if not given_back:
        return Settled(first, None)
    if any(each.voided_milli > 0 for each in given_back):  # it was a sale until then
        return Settled(first, given_back[-1])
    return Settled(None, None)


def _all_given_back(rows: Rows, lost: Collection[Any]) -> list[Any]:
    """The refund lines of a check of which no portion is charged any more, in their order; else none."""
    lines = {key: row for key, row in rows[ReceiptLine.__tablename__].items() if row.receipt_id not in lost}
    refunds = [row for _id, row in sorted(rows[RefundLine.__tablename__].items()) if row.receipt_line_id in lines]
    back: Counter[Any] = Counter()
    for row in refunds:
        back[row.receipt_line_id] += row.quantity_milli
    return refunds if all(row.quantity_milli <= back[row_id] for row_id, row in lines.items()) else []


async def settled_in(reader: AsyncConnection | AsyncSession, organization_id: UUID, session_id: UUID) -> int:
    """How many checks were settled in a session, less those that were none again: below nothing if it gave back more of
    earlier sessions.

    Most checks have their receipts in one session, no refund and no loss: these are counted, and only the others read.
    """
    statements, given = _statements(), {"organization": organization_id, "session": session_id}
    count = int((await reader.execute(statements.all_checks, given)).scalar_one())
    others = sorted((await reader.execute(statements.others, given)).scalars())
    if not others:
        return count
    rows: defaultdict[UUID, dict[str, dict[UUID, Any]]] = defaultdict(lambda: {name: {} for name in _OF_CHECK})
    for name, statement in statements.of_checks.items():
        for row in await reader.execute(statement, {"organization": organization_id, "checks": others}):
            rows[row.check_id][name][row.id] = row
    for of in rows.values():
        receipts = of[Receipt.__tablename__]
        first, ended_by = settled(of)
        count -= any(row.session_id == session_id for row in receipts.values())
        count += first is not None and receipts[first].session_id == session_id
        count -= ended_by is not None and ended_by.session_id == session_id
    return count


_OF_CHECK = (Receipt.__tablename__, ReceiptLine.__tablename__, RefundLine.__tablename__, WriteOff.__tablename__)


class _Statements(NamedTuple):
    """What is asked of a session: its checks; those with receipts of other sessions, with refunds or with losses; and
    the rows of some checks, by table."""

    all_checks: sa.Select[Any]
    others: sa.CompoundSelect[Any]
    of_checks: Mapping[str, sa.Select[Any]]


@cache
def _statements() -> _Statements:
    """Built once: building them takes longer than running them."""
    receipt, lines, back, refund, loss = (
        kind.__table__.c for kind in (Receipt, ReceiptLine, RefundLine, Refund, WriteOff)
    )
    organization: sa.BindParameter[UUID] = sa.bindparam("organization")
    session: sa.BindParameter[UUID] = sa.bindparam("session")
    checks = sa.bindparam("checks", expanding=True, type_=Key())
    here = receipt.organization_id == organization, receipt.session_id == session
    mine = sa.select(receipt.check_id).where(*here)
    of_refund = sa.and_(refund.organization_id == back.organization_id, refund.id == back.refund_id)
    refunds = sa.join(RefundLine.__table__, Refund.__table__, of_refund)
    elsewhere = sa.or_(receipt.session_id != session, receipt.session_id.is_(None))
    return _Statements(
        all_checks=sa.select(sa.func.count(sa.distinct(receipt.check_id))).where(*here),
        others=sa.union(
            sa.select(receipt.check_id).where(
                receipt.organization_id == organization, receipt.check_id.in_(mine), elsewhere
            ),
            sa.select(back.check_id).where(back.organization_id == organization, back.check_id.in_(mine)),
            sa.select(back.check_id)
            .select_from(refunds)
            .where(back.organization_id == organization, refund.session_id == session),
            sa.select(loss.check_id).where(
                loss.organization_id == organization, loss.check_id.in_(mine), loss.is_whole
            ),
        ),
        of_checks={
            Receipt.__tablename__: sa.select(receipt.id, receipt.check_id, receipt.session_id).where(
                receipt.organization_id == organization, receipt.check_id.in_(checks)
            ),
            ReceiptLine.__tablename__: sa.select(
                lines.id, lines.check_id, lines.receipt_id, lines.quantity_milli
            ).where(lines.organization_id == organization, lines.check_id.in_(checks)),
            RefundLine.__tablename__: sa.select(
                back.id, back.check_id, back.receipt_line_id, back.quantity_milli, back.voided_milli, refund.session_id
            )
            .select_from(refunds)
            .where(back.organization_id == organization, back.check_id.in_(checks)),
            WriteOff.__tablename__: sa.select(
                loss.id, loss.check_id, loss.receipt_id, loss.is_whole, loss.lifted
            ).where(loss.organization_id == organization, loss.check_id.in_(checks)),
        },
    )
