"""Tables that were promised to two parties at once, by devices that did not hear of each other: people are asked.

It ends when one of them gets another table or another time, is called off, or sits. Whoever promised a table beside a
reservation that they knew of is not asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from shared.books.differences import OpenDifference
from shared.books.exception_views import ENDS, Concerned, OpenException
from shared.exceptions.rules import exception_id
from shared.floor.records import DiningTable
from shared.kernel.instants import local_time
from shared.orders.records import Order
from shared.reservations.records import Reservation, ReservationKind, ReservationStatus
from shared.reservations.rules import SITS, local_moment
from shared.tenancy.records import Branch
from shared.truth.family import Difference
from shared.truth.reading import Reader

KIND = Difference.TABLE_PROMISED_TWICE
_OPEN = (ReservationStatus.ASKED, ReservationStatus.CONFIRMED)


class _Promise(NamedTuple):
    at: datetime
    row: Any


async def differences_of_reservations(
    reader: Reader, organization_id: UUID, branch_ids: Collection[UUID]
) -> list[OpenDifference]:
    """The tables that are promised twice from the last business day on; one statement."""
    found = await _promised_twice(reader, organization_id, branch_ids)
    return [_difference(first, others) for first, others in found]


async def promised_twice_views(
    reader: Reader,
    organization_id: UUID,
    branch_ids: Collection[UUID],
    found: Iterable[OpenDifference],
    settled: Mapping[UUID, int],
    currency: str,
) -> list[OpenException]:
    """These differences as people see them: the table and the times. Who comes is sealed, and stands in the list."""
    wanted = {each.id for each in found}
    if not wanted:
        return []
    clashes = await _promised_twice(reader, organization_id, branch_ids)
    views = [_view(first, others, settled, currency) for first, others in clashes]
    return [view for view in views if view.id in wanted]


def _difference(first: _Promise, others: Sequence[_Promise]) -> OpenDifference:
    key = exception_id(KIND, first.row.id, 0)
    return OpenDifference(key, KIND, first.row.id, first.row.id, len(others), 0, first.row.branch_id)


def _view(first: _Promise, others: Sequence[_Promise], settled: Mapping[UUID, int], currency: str) -> OpenException:
    each, promises = _difference(first, others), sorted((first, *others))
    walls = [local_time(promise.at, first.row.zone) for promise in promises]
    return OpenException(
        id=each.id,
        kind=KIND,
        branch_id=each.branch_id,
        size=each.size,
        settled_up_to=settled.get(each.id, 0),
        happened_at=max(promise.row.made_at for promise in promises),
        who="",
        rows=tuple(Concerned(Reservation.__tablename__, promise.row.id, "") for promise in promises),
        ends=ENDS[KIND],
        currency=currency,
        table_name=first.row.table_name,
        reason=", ".join(f"{wall:%d/%m %H:%M}" for wall in walls),
    )


async def _promised_twice(
    reader: Reader, organization_id: UUID, branch_ids: Collection[UUID]
) -> list[tuple[_Promise, Sequence[_Promise]]]:
    """Reservations of one table that are too near to each other: the one that was made first, and the others."""
    rows = await reader.execute(_promises(), {"organization": organization_id, "branches": sorted(branch_ids)})
    at_table: defaultdict[UUID, list[_Promise]] = defaultdict(list)
    for row in rows:
        if row.status.status in _OPEN:
            at_table[row.table_id].append(_Promise(local_moment(row.day, row.minute, row.zone, row.made_at).at, row))
    found: list[tuple[_Promise, Sequence[_Promise]]] = []
    for of_table in at_table.values():
        for group in _groups(sorted(of_table, key=lambda each: (each.at, each.row.id))):
            ordered = sorted(group, key=lambda each: (each.row.made_at, each.row.id))
            found.append((ordered[0], ordered[1:]))
    return found


def _groups(ordered: Sequence[_Promise]) -> Iterator[list[_Promise]]:
    """Runs of reservations of which each is too near to the one before, and of which nobody said that it works out."""
    group = list(ordered[:1])
    for before, each in pairwise(ordered):
        if each.at - before.at < SITS and not _are_known(before.row, each.row):
            group.append(each)
            continue
        if len(group) > 1:
            yield group
        group = [each]
    if len(group) > 1:
        yield group


def _are_known(one: Any, other: Any) -> bool:
    """Whether somebody who promised the table to one knew of the other."""
    return one.id.hex in other.beside or other.id.hex in one.beside


@cache
def _promises() -> sa.Select[Any]:
    """Built once: building it takes longer than running it."""
    of, table, branch, order = (each.__table__.c for each in (Reservation, DiningTable, Branch, Order))
    last_day = (
        sa.select(sa.func.max(order.business_date))
        .where(order.organization_id == of.organization_id, order.branch_id == of.branch_id)
        .correlate(Reservation.__table__)
        .scalar_subquery()
    )
    columns = (of.id, of.branch_id, of.table_id, of.day, of.minute, of.made_at, of.status, of.beside)
    return (
        sa.select(*columns, table.name.label("table_name"), branch.zone)
        .join_from(
            Reservation.__table__,
            DiningTable.__table__,
            sa.and_(table.organization_id == of.organization_id, table.id == of.table_id),
        )
        .join(Branch.__table__, sa.and_(branch.organization_id == of.organization_id, branch.id == of.branch_id))
        .where(
            of.organization_id == sa.bindparam("organization"),
            of.branch_id.in_(sa.bindparam("branches", expanding=True)),
            of.kind == ReservationKind.BOOKED,
            of.day >= sa.func.coalesce(last_day, of.day),
        )
    )
