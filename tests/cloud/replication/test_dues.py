"""The rows that ask workers for a turn: nothing that was asked meanwhile is forgotten, and what fails waits."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from cloud.database.transaction import Database
from cloud.replication.dues import DueScope, PostgresDues, Taken
from cloud.replication.fold_transactions import take_turn
from sync.door import Door


class Rows:
    """One scope, asked for and settled in transactions of its own."""

    def __init__(self, database: Database) -> None:
        self.scope = DueScope(uuid4(), uuid4())
        self.dues = PostgresDues(database)
        self._database = database

    async def ask(self) -> None:
        await self._database.through(self.scope.organization_id, self.dues.ask, self.scope)

    async def taken(self) -> Taken | None:
        return await self._database.look(self.scope.organization_id, self.dues.taken, self.scope)

    async def settle(self, taken: Taken, later_seconds: float | None) -> bool:
        return await self._database.through(
            self.scope.organization_id, self.dues.settle, self.scope, taken, later_seconds
        )

    async def is_due(self) -> bool:
        return self.scope in (await self.dues.look(200)).due


@pytest.fixture
def rows(database: Database) -> Rows:
    return Rows(database)


@pytest.mark.parametrize("later_seconds", [None, 3_600.0])
async def test_what_is_asked_during_a_turn_is_due_after_it(rows: Rows, later_seconds: float | None) -> None:
    await rows.ask()
    taken = await rows.taken()
    assert taken is not None
    await rows.ask()
    assert not await rows.settle(taken, later_seconds)
    assert await rows.is_due()
    again = await rows.taken()
    assert again is not None
    assert await rows.settle(again, later_seconds)
    assert not await rows.is_due()
    assert (await rows.taken() is None) == (later_seconds is None)


async def test_what_failed_is_paused_also_when_it_is_asked_for_again(rows: Rows) -> None:
    await rows.ask()
    await rows.dues.failed(rows.scope)
    await rows.dues.failed(rows.scope)
    await rows.ask()
    taken = await rows.taken()
    assert taken is not None
    assert (taken.failures, taken.is_paused, await rows.is_due()) == (2, True, False)


async def test_a_part_that_could_be_done_ends_the_pause(rows: Rows, database: Database) -> None:
    await rows.ask()
    await rows.dues.failed(rows.scope)
    await database.through(rows.scope.organization_id, rows.dues.went_on, rows.scope)
    taken = await rows.taken()
    assert taken is not None
    assert (taken.failures, taken.is_paused, await rows.is_due()) == (0, False, True)


async def test_the_turn_of_a_whole_organization_waits_for_locks_as_long_as_any_other(database: Database) -> None:
    organization: UUID = uuid4()

    def turn(door: Door) -> object:
        assert take_turn(door, DueScope(organization, organization))
        return door.value("SELECT current_setting('lock_timeout')")

    async with database.control() as control:
        usual = await control.scalar(text("select current_setting('lock_timeout')"))
    assert await database.through(organization, turn) == usual
