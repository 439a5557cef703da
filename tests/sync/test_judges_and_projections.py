"""What a replica adds to the fold: a judge that objects, and projections that keep sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from restaurant import ORGANIZATION, Replica
from sqlalchemy.ext.asyncio import AsyncConnection
from streams import (
    arrive,
    device,
    dining_table,
    edit,
    judging,
    reasons,
    space,
    space_names,
)
from sync.bulk import PlainBulk
from sync.rows import Rows

from shared.floor.records import DiningTable
from sync.fold import Objection, Transaction
from sync.folder import Folder
from sync.tables import TableSpec

SPACE, OTHER, TABLE, ORDER, LINE = (UUID(int=number) for number in range(101, 106))


class NoBar:
    """A judge who voids spaces of a name and lets another wait for a person."""

    def __init__(self) -> None:
        self.prepared: list[int] = []

    async def prepare(self, connection: AsyncConnection, transactions: Sequence[Transaction]) -> None:
        self.prepared.append(len(transactions))

    def objection(self, transaction: Transaction, specs: Mapping[str, TableSpec], rows: Rows) -> Objection | None:
        asked = {change.fields.get("name") for change in transaction.changes}
        if "bar" in asked:
            return Objection("NO_BAR", voids=True)
        return Objection("ASK") if "perhaps" in asked else None


async def test_a_judge_decides_what_is_not_folded_and_what_parks(replica: Replica) -> None:
    judge = NoBar()
    replica.folder = Folder(ORGANIZATION, replica.specs, PlainBulk(), judge)
    written = device("a", [space(SPACE, name="bar")], [space(OTHER, name="perhaps")], [space(TABLE, name="garden")])
    await replica.receive(written.between(0, 3))
    (progress,) = await replica.fold()
    assert await space_names(replica) == {"garden"}
    assert await reasons(replica) == [(2, 2, "ASK")], "what is void never was: it does not park"
    assert [(each.first, why.reason, why.voids) for each, why in progress.folded.objections] == [
        (1, "NO_BAR", True),
        (2, "ASK", False),
    ]
    assert judge.prepared[0] == 3


class Seats:
    """A projection: how many seats there are, kept from the changes alone."""

    def __init__(self) -> None:
        self.flushed = 0
        self._collected = 0

    def changed(
        self, spec: TableSpec, row: UUID, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
    ) -> None:
        if spec.name == "dining_tables":
            self._collected += (after["seats"] if after else 0) - (before["seats"] if before else 0)

    async def flush(self, connection: AsyncConnection) -> None:
        self.flushed += self._collected
        self._collected = 0

    def reset(self) -> None:
        self._collected = 0


async def test_a_projection_follows_creations_edits_refusals_and_voids(replica: Replica) -> None:
    seats = Seats()
    replica.folder = Folder(ORGANIZATION, replica.specs, PlainBulk(), projections=[seats])
    async with replica.connection() as connection:
        await connection.exec_driver_sql(
            "CREATE TRIGGER refuse BEFORE INSERT ON dining_tables WHEN NEW.name = 'refused' "
            "BEGIN SELECT RAISE(ABORT, 'no'); END"
        )

    async def truth() -> int:
        async with replica.connection() as connection:
            total = await connection.scalar(sa.select(sa.func.sum(DiningTable.__table__.c.seats)))
        return int(total or 0) - at_first

    at_first = 0
    at_first = await truth()
    written = device(
        "a",
        [space(SPACE), dining_table(TABLE, SPACE, seats=4)],
        [dining_table(LINE, SPACE, seats=100, name="refused")],
        [edit("dining_tables", TABLE, seats=7)],
        [dining_table(ORDER, SPACE, seats=2)],
        [edit("dining_tables", ORDER, seats=50)],
    )
    await arrive(replica, written)
    assert seats.flushed == await truth() == 57
    await arrive(replica, judging((written, 6, 6)))
    assert seats.flushed == await truth() == 9
    await arrive(replica, judging((written, 6, 6), (written, 1, 2)))
    assert seats.flushed == await truth() == 0
