"""Discounts of a check whose dishes went to the one bill of parties that sit together: people are asked.

Somebody gave it at a device that did not know of the joining. As long as nobody has begun to pay that bill, `gather`
(`payments/joining.py`) puts the dishes back, and they are paid by themselves at their price. What is left is here: the
bill is paid, split or has a discount of its own. It ends when the discount is lifted, or by a note.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from shared.books.differences import OpenDifference
from shared.exceptions.rules import exception_id
from shared.kernel.sums import Share
from shared.orders.records import Order, OrderLine
from shared.orders.rules import end_of
from shared.payments.joining import untouched_checks
from shared.payments.records import Check
from shared.truth.family import Difference, compare
from shared.truth.reading import Reader, rows_of_families
from shared.truth.records import differences
from shared.truth.shares import storable

KIND = Difference.DISCOUNT_LEFT_BEHIND


def left_unused(discounts: Iterable[Any]) -> Iterator[Share]:
    """What whole-check discounts that stand are worth on a check without a receipt. Most of these are paid soon.

    Args:
        discounts: of one check.
    """
    standing = [row for row in discounts if row.line_id is None and not row.lifted]
    if worth := sum(row.worth_minor for row in standing):
        first = standing[0]
        yield differences.name, (first.branch_id, str(KIND), first.check_id, 0, first.check_id), (1, storable(worth))


async def discounts_left_behind(
    reader: Reader, organization_id: UUID, branch_ids: Collection[UUID]
) -> list[OpenDifference]:
    """These discounts in some branches; one statement if there are none."""
    given = {"organization": organization_id, "branches": sorted(branch_ids)}
    rows = {row.check_id: row for row in await reader.execute(_gathered(), given)}
    if not rows:
        return []
    elsewhere = await _elsewhere(reader, organization_id, rows)
    checks = {*elsewhere, *(check for of in elsewhere.values() for check in of)}
    place, free = (
        await _places(reader, organization_id, checks),
        await untouched_checks(reader, organization_id, checks),
    )

    def goes_back(home: UUID, on: UUID) -> bool:
        """Whether `gather` puts it back: from the bill of the party with which that of the discount sits."""
        return on in free and place[home].order_id != place[home].end_id == place[on].order_id

    left = sorted(home for home, of in elsewhere.items() if not all(goes_back(home, on) for on in of))
    return [_difference(check, int(rows[check].size), rows[check].branch_id) for check in left]


class _Place(NamedTuple):
    """The order of a check, and the one with whose party it sits: itself, if with nobody's."""

    order_id: UUID
    end_id: UUID


async def _places(reader: Reader, organization_id: UUID, checks: Collection[UUID]) -> dict[UUID, _Place]:
    """Of some checks: one statement, and one more a step of joining."""
    asked = {"organization": organization_id, "checks": sorted(checks)}
    order_of = {row.id: row.order_id for row in await reader.execute(_orders_of(), asked)}
    joined: dict[UUID, UUID | None] = {}
    ids = set(order_of.values())
    while ids:
        found = await reader.execute(_joined(), {"organization": organization_id, "ids": sorted(ids)})
        joined |= {row.id: row.joined_to_id for row in found}
        ids = {each for each in joined.values() if each is not None} - joined.keys()
    return {check: _Place(order, end_of(order, joined)) for check, order in order_of.items()}


def _difference(check_id: UUID, size: int, branch_id: UUID) -> OpenDifference:
    return OpenDifference(exception_id(KIND, check_id, 0), KIND, check_id, check_id, size, 0, branch_id)


async def _elsewhere(reader: Reader, organization_id: UUID, checks: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """On which checks live dishes stand that were gathered from some."""
    asked = {"organization": organization_id, "checks": sorted(checks)}
    roots = (await reader.execute(_roots(), asked)).scalars().all()
    found: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for root, rows in (await rows_of_families(reader, organization_id, roots)).items():
        for line_id, part in compare(root, rows).parts.items():
            home = rows[OrderLine.__tablename__][line_id].gathered_from_id
            if part.live and home in checks and part.check_id != home:
                found[home].add(part.check_id)
    return found


@cache
def _gathered() -> sa.Select[Any]:
    """Checks with a discount that no receipt gave, from which something was gathered."""
    of, line = differences.c, OrderLine.__table__.c
    gathered = sa.exists().where(line.organization_id == of.organization_id, line.gathered_from_id == of.check_id)
    return sa.select(of.check_id, of.branch_id, of.size).where(
        of.organization_id == sa.bindparam("organization"),
        of.branch_id.in_(sa.bindparam("branches", expanding=True)),
        of.kind == str(KIND),
        gathered,
    )


@cache
def _roots() -> sa.Select[Any]:
    line = OrderLine.__table__.c
    return (
        sa.select(line.root_id)
        .distinct()
        .where(
            line.organization_id == sa.bindparam("organization"),
            line.gathered_from_id.in_(sa.bindparam("checks", expanding=True)),
        )
    )


@cache
def _orders_of() -> sa.Select[Any]:
    check = Check.__table__.c
    return sa.select(check.id, check.order_id).where(
        check.organization_id == sa.bindparam("organization"),
        check.id.in_(sa.bindparam("checks", expanding=True)),
    )


@cache
def _joined() -> sa.Select[Any]:
    order = Order.__table__.c
    return sa.select(order.id, order.joined_to_id).where(
        order.organization_id == sa.bindparam("organization"),
        order.id.in_(sa.bindparam("ids", expanding=True)),
    )
