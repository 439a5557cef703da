"""Table sessions: a session is the table's order, from the first that is seated or accepted until its bill is settled.

It moves with its party, and sits together with others as its order does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.guests.records import GuestLink
from shared.orders.records import Order
from shared.payments.records import Check
from shared.truth.balances import is_work
from shared.truth.records import check_balances

Reader = AsyncConnection | AsyncSession
MOST_JOINED = 20
"""Orders that sit together, one joined to the next."""


class TableSession(NamedTuple):
    """A party at a table.

    Attributes:
        order_id: its order.
        end_id: the order with its bill: its own, or that of the party with which it sits.
        table_id, table_name: where it sits now.
    """

    order_id: UUID
    end_id: UUID
    table_id: UUID | None
    table_name: str


async def sessions_at(
    reader: Reader, organization_id: UUID, branch_id: UUID, table_id: UUID, today: date
) -> list[TableSession]:
    """The parties that sit at a table now, the oldest first. One that joined another stands for itself."""
    given = {"organization": organization_id, "branch": branch_id, "table": table_id}
    rows = (await reader.execute(_at_table(), {**given, "since": today - timedelta(days=1)})).all()
    found = [await session_of(reader, organization_id, row.id) for row in rows]
    return [each for each in found if each is not None]


async def session_of(reader: Reader, organization_id: UUID, order_id: UUID) -> TableSession | None:
    """The session that an order is, if its bill is not settled; None: it is over, or nobody has opened it yet."""
    own = end = None
    at: UUID | None = order_id
    met = set[UUID]()
    while at is not None and at not in met and len(met) < MOST_JOINED:
        met.add(at)
        row = (await reader.execute(_order(), {"organization": organization_id, "order": at})).first()
        if row is None:
            break
        own, end, at = own or row, row, row.joined_to_id
    if own is None or end is None:
        return None
    sums = (await reader.execute(_sums(), {"organization": organization_id, "orders": sorted({own.id, end.id})})).all()
    if not any(is_work(each) for each in sums):
        return None
    return TableSession(own.id, end.id, own.table_id, own.table_name)


async def session_of_phone(
    reader: Reader, organization_id: UUID, branch_id: UUID, phone_id: UUID
) -> TableSession | None:
    """The session to which a phone was admitted last, if it is not over and the phone has not left it."""
    given = {"organization": organization_id, "branch": branch_id, "phone": phone_id}
    row = (await reader.execute(_links(), given)).first()
    if row is None or row.left:
        return None
    return await session_of(reader, organization_id, row.order_id)


async def phones_of(reader: Reader, organization_id: UUID, orders: Iterable[UUID]) -> Mapping[UUID, set[UUID]]:
    """The phones that were admitted to some orders, by order."""
    found: dict[UUID, set[UUID]] = {}
    given = {"organization": organization_id, "orders": sorted(orders)}
    for row in await reader.execute(_phones(), given):
        found.setdefault(row.order_id, set()).add(row.phone_id)
    return found


@cache
def _at_table() -> sa.Select[Any]:
    of = Order.__table__.c
    return (
        sa.select(of.id)
        .where(
            of.organization_id == sa.bindparam("organization"),
            of.branch_id == sa.bindparam("branch"),
            of.business_date >= sa.bindparam("since"),
            of.table_id == sa.bindparam("table"),
            of.has_left.is_(sa.false()),
        )
        .order_by(of.opened_at, of.id)
    )


@cache
def _order() -> sa.Select[Any]:
    of = Order.__table__.c
    return sa.select(of.id, of.joined_to_id, of.table_id, of.table_name).where(
        of.organization_id == sa.bindparam("organization"), of.id == sa.bindparam("order")
    )


@cache
def _sums() -> sa.Select[Any]:
    sums, checks = check_balances.c, Check.__table__.c
    same = sa.and_(sums.organization_id == checks.organization_id, sums.check_id == checks.id)
    return (
        sa.select(check_balances)
        .join_from(Check.__table__, check_balances, same)
        .where(
            checks.organization_id == sa.bindparam("organization"),
            checks.order_id.in_(sa.bindparam("orders", expanding=True)),
        )
    )


@cache
def _links() -> sa.Select[Any]:
    of = GuestLink.__table__.c
    return (
        sa.select(of.order_id, of.left)
        .where(
            of.organization_id == sa.bindparam("organization"),
            of.branch_id == sa.bindparam("branch"),
            of.phone_id == sa.bindparam("phone"),
        )
        .order_by(of.admitted_at.desc(), of.id)
        .limit(1)
    )


@cache
def _phones() -> sa.Select[Any]:
    of = GuestLink.__table__.c
    return sa.select(of.order_id, of.phone_id).where(
        of.organization_id == sa.bindparam("organization"),
        of.order_id.in_(sa.bindparam("orders", expanding=True)),
        of.left.is_(sa.false()),
    )
