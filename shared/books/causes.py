"""What waits for a person, as bare facts: events and differences, each less what settlements cover."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.books.differences import (
    OpenDifference,
    busy_checks,
    differences_of_accounts,
    differences_of_check,
    differences_of_families,
    what_is_ripe,
)
from shared.books.left_behind import discounts_left_behind
from shared.books.overselling import differences_of_availability
from shared.books.promising_twice import differences_of_reservations
from shared.exceptions.queries import EventView, open_events, settled_up_to
from shared.exceptions.rules import exception_id, is_open
from shared.orders.records import Order, OrderKind
from shared.payments.records import Check
from shared.truth.balances import CheckState, state_of
from shared.truth.family import Difference
from shared.truth.reading import Reader


@dataclass(frozen=True, slots=True)
class Causes:
    """What is open in some branches.

    Attributes:
        events: the newest first.
        differences: those that no settlement covers.
        settled: up to which size somebody settled each difference; those that nobody settled are left out.
        sums: what each check comes to about which something is to be done.
        orders: the order of each check that is busy or has a difference, with `check_id`.
    """

    events: list[EventView]
    differences: list[OpenDifference]
    settled: dict[UUID, int]
    sums: dict[UUID, Any]
    orders: dict[UUID, Any]

    @property
    def count(self) -> int:
        """How many exceptions wait for a person."""
        return len(self.events) + len(self.differences)


async def count_exceptions(reader: Reader, organization_id: UUID, *branch_ids: UUID) -> int:
    """How many exceptions wait for a person in some branches; nine statements."""
    return (await open_causes(reader, organization_id, branch_ids)).count


async def open_causes(reader: Reader, organization_id: UUID, branch_ids: Collection[UUID]) -> Causes:
    """What is open in some branches; nine statements, which read what is open and no history."""
    events = await open_events(reader, organization_id, *branch_ids)
    found, sums, orders = await present_differences(reader, organization_id, branch_ids)
    settled = dict(await settled_up_to(reader, organization_id, [each.id for each in found])) if found else {}
    still = [each for each in found if is_open(each.size, settled.get(each.id, 0))]
    return Causes(events, still, settled, sums, orders)


async def present_differences(
    reader: Reader, organization_id: UUID, branch_ids: Collection[UUID]
) -> tuple[list[OpenDifference], dict[UUID, Any], dict[UUID, Any]]:
    """All differences of some branches, settled or not, with sums and orders as in `Causes`; seven statements."""
    found = await differences_of_families(reader, organization_id, branch_ids)
    sums = {row.check_id: row for row in await busy_checks(reader, organization_id, branch_ids)}
    found = what_is_ripe(found, sums)
    for row in sums.values():
        found += differences_of_check(row)
    found += await differences_of_accounts(reader, organization_id, branch_ids)
    found += await differences_of_availability(reader, organization_id, branch_ids)
    found += await differences_of_reservations(reader, organization_id, branch_ids)
    found += await discounts_left_behind(reader, organization_id, branch_ids)
    orders = await _orders_of(reader, organization_id, {*sums, *(each.check_id for each in found)})
    found += opened_twice(orders[check] for check in at_work(sums) if check in orders)
    return sorted(found), sums, orders


def at_work(sums: Mapping[UUID, Any]) -> list[UUID]:
    """The checks on which something is, or was paid: an order without any is no second one of its table."""
    return [check for check, row in sums.items() if state_of(row) is not CheckState.EMPTY]


def opened_twice(orders: Iterable[Any]) -> list[OpenDifference]:
    """The tables with more than one order whose party is there, and the parties of one reservation at two tables.

    The cause is the first order of them; joining ends it. An order that was cancelled and has money to give back is at
    no table any more; one that somebody opened beside another, and knew of it, is no second one to that.

    Args:
        orders: of busy checks, one row a check.
    """
    there = {row.id: row for row in orders if is_there(row)}
    at_tables = ((key, _unknown(of)) for key, of in _by(there.values(), "table_id").items())
    found = [_twice(Difference.TABLE_OPENED_TWICE, key, of) for key, of in at_tables if of]
    parties = _by(there.values(), "party_id").items()
    # At one table it is that table's.
    apart = ((key, of) for key, of in parties if len({row.table_id for row in of}) > 1)
    return [*found, *(_twice(Difference.PARTY_SEATED_TWICE, key, of) for key, of in apart)]


def is_there(order: Any) -> bool:
    """Whether the party of an order sits at a table of its own."""
    return bool(
        order.kind is OrderKind.DINE_IN and order.table_id is not None and not order.has_left and not order.joined_to_id
    )


def _unknown(orders: Sequence[Any]) -> list[Any]:
    """The orders at a table of which another one there knew nothing, nor they of it."""
    return [row for row in orders if any(not _is_known(row, other) for other in orders)]


def _is_known(one: Any, other: Any) -> bool:
    """Whether who seated one of two orders knew of the other, or they are one."""
    return one is other or str(other.id) in one.beside or str(one.id) in other.beside


def _by(orders: Iterable[Any], field: str) -> Mapping[UUID, list[Any]]:
    """The orders that share a value with another one, by it."""
    found: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in orders:
        if getattr(row, field) is not None:
            found[getattr(row, field)].append(row)
    return {key: of for key, of in found.items() if len(of) > 1}


def _twice(kind: Difference, key: UUID, orders: Sequence[Any]) -> OpenDifference:
    first = min(orders, key=lambda row: row.id)
    cause = exception_id(kind, key, first.id)
    return OpenDifference(cause, kind, first.id, first.check_id, len(orders) - 1, 0, first.branch_id)


async def _orders_of(reader: Reader, organization_id: UUID, check_ids: Collection[UUID]) -> dict[UUID, Any]:
    if not check_ids:
        return {}
    given = {"organization": organization_id, "checks": sorted(check_ids)}
    return {row.check_id: row for row in await reader.execute(_orders(), given)}


@cache
def _orders() -> sa.Select[Any]:
    """Built once: building it takes longer than running it."""
    orders, checks = Order.__table__, Check.__table__
    same = sa.and_(orders.c.organization_id == checks.c.organization_id, orders.c.id == checks.c.order_id)
    return (
        sa.select(orders, checks.c.id.label("check_id"))
        .join_from(checks, orders, same)
        .where(
            checks.c.organization_id == sa.bindparam("organization"),
            checks.c.id.in_(sa.bindparam("checks", expanding=True)),
        )
    )
