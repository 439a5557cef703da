"""What came from the cloud waits for no disk; what this device commits does, whatever came before it."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from sync.door import Door
from tests.faults.till_on_disk import TillOnDisk

NORMAL, FULL = 1, 2
PRAGMA = "PRAGMA synchronous"


def kept(door: Door) -> int:
    """How well the present transaction is kept."""
    return int(door.rows(PRAGMA)[0][0])


async def kept_of_a_command(connection: AsyncConnection) -> int:
    return int((await connection.exec_driver_sql(PRAGMA)).scalar_one())


async def test_only_what_this_device_commits_waits_for_the_disk(till: TillOnDisk) -> None:
    async with till.store() as store:
        assert await store.through(kept) == FULL
        assert await store.take_in(kept) == NORMAL
        assert await store.take_in(kept) == NORMAL
        assert await store.write(kept_of_a_command) == FULL
        assert await store.take_in(kept) == NORMAL
        assert await store.through(kept) == FULL
