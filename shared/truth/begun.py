"""Whether the kitchen has begun what it was told, as far as this device knows: from then on a void takes a right."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.columns import Key
from shared.kernel.records import Base
from shared.kernel.work import Work
from shared.truth.cooking import Cooking
from shared.truth.family import TICKET_LINES, Family
from shared.truth.portions import Id

CooksFromPaper = Callable[[UUID], bool]
"""Whether a station (by its id) was told on paper: then it says nothing, and may have begun."""


def no_paper(_station_id: UUID) -> bool:
    """Every station says on a display how far it is."""
    return False


class Fresh:
    """By family and content, the wanted portions that nobody has begun: each can be taken once."""

    def __init__(self, left: dict[tuple[Id, Id], int]) -> None:
        self._left = left

    def take(self, family: Family, content: Id, portions: int) -> bool:
        """Take portions, and say whether all of them were fresh."""
        left = self._left[family.root, content]
        self._left[family.root, content] = max(0, left - portions)
        return portions <= left


async def fresh_of(work: Work, found: Iterable[Family], cooks_from_paper: CooksFromPaper = no_paper) -> Fresh:
    """What nobody has begun of some families; one statement.

    A ticket is begun once it was started, bumped or recalled, or at once if its station cooks from paper. What no
    station makes is begun once it is on the table.
    """
    found = tuple(found)
    told = [
        station.ticket_line
        for family in found
        for each in family.cooking.values()
        for station in each.at_stations
        if station.ticket_line is not None
    ]
    begun = set()
    if told:
        rows = await work.session.execute(_tickets(), {"organization": work.organization_id, "ids": sorted(told)})
        begun = {
            row.id
            for row in rows
            if row.station_id is not None and (row.started or row.made.round or cooks_from_paper(row.station_id))
        }
    left = {
        (family.root, content): not_begun(each, any(station.ticket_line in begun for station in each.at_stations))
        for family in found
        for content, each in family.cooking.items()
    }
    return Fresh(left)


def not_begun(cooking: Cooking, is_begun: bool) -> int:
    """The wanted portions of a content that nobody has begun: not sent, or neither begun nor made nor served."""
    known = cooking.wanted - cooking.untold
    good = max(each.good for each in cooking.at_stations)
    fresh = 0 if is_begun else known - min(known, max(good, cooking.served))
    return cooking.untold + fresh


@cache
def _tickets() -> sa.Select[Any]:
    """Built once: building one takes longer than running it."""
    lines, tickets = (Base.metadata.tables[name] for name in (TICKET_LINES, "kitchen_tickets"))
    same = sa.and_(tickets.c.organization_id == lines.c.organization_id, tickets.c.id == lines.c.ticket_id)
    return (
        sa.select(lines.c.id, lines.c.station_id, lines.c.made, tickets.c.started)
        .join_from(lines, tickets, same, isouter=True)
        .where(
            lines.c.organization_id == sa.bindparam("organization"),
            lines.c.id.in_(sa.bindparam("ids", expanding=True, type_=Key())),
        )
    )
