"""What waits on a device for a day is an exception of its branch, until it comes right."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

from shared.exceptions.rules import EventKind, exception_id
from shared.kernel.ids import derived_id
from shared.kernel.records import Scope
from sync.change import StreamKey
from sync.log import receive
from terminal.syncing.parked_events import DAY_MS, ParkedEvents
from tests.simulation.device import SimulatedDevice
from tests.simulation.places import BRANCH, ORGANIZATION
from tests.simulation.quiet_branch import QuietBranch, play
from tests.simulation.test_cut_histories import MINUTE
from tests.streams import Written, dining_table, space

STRANGER = StreamKey(derived_id("stranger"), 1, Scope.BRANCH, BRANCH)
TERRACE, TABLE = UUID(int=0x7E88), UUID(int=0x7AB1E)


async def waits(till: SimulatedDevice, written: Written) -> None:
    """A table of a room that has not arrived, brought by somebody else."""
    written.commit([dining_table(TABLE, TERRACE, branch_id=BRANCH.bytes)])
    await store(till, written, 0)


async def store(till: SimulatedDevice, written: Written, after: int) -> None:
    frame = written.between(after, len(written.bodies))
    await till.store.through(receive, ORGANIZATION.bytes, frame, till.clock.milliseconds())
    till.agent.wake()
    await till.agent.fold_all()


def a_day_passes(till: SimulatedDevice) -> None:
    with closing(sqlite3.connect(till.path)) as connection, connection:
        assert connection.execute("UPDATE sync_parked SET parked_ms = parked_ms - ?", (DAY_MS,)).rowcount == 1


def events(path: Path) -> list[tuple[bytes, str, int, int]]:
    """Id, reason, how often it happened, and up to which size it came right."""
    with closing(sqlite3.connect(path)) as connection:
        said = "SELECT id, reason, size, came_right FROM exceptions WHERE kind = 'quarantined'"
        return list(connection.execute(said))


def test_it_is_told_after_a_day_everywhere_and_ends_when_it_comes_right(tmp_path: Path) -> None:
    async def story(branch: QuietBranch) -> None:
        till, written = branch.devices["till"], Written(STRANGER)
        await asyncio.sleep(MINUTE)
        await waits(till, written)
        await ParkedEvents(till.store).tell()
        assert events(till.path) == []
        a_day_passes(till)
        for _look in range(2):
            await ParkedEvents(till.store).tell()
        key = exception_id(EventKind.QUARANTINED, STRANGER.id, 1).bytes
        assert events(till.path) == [(key, "PARENT_UNKNOWN", 1, 0)]
        written.commit([space(TERRACE, branch_id=BRANCH.bytes)])
        await store(till, written, 1)
        await ParkedEvents(till.store).tell()
        assert events(till.path) == [(key, "PARENT_UNKNOWN", 1, 1)]
        await asyncio.sleep(MINUTE)
        assert events(branch.cloud.path) == events(till.path), "the cloud voids none of it"

    play(tmp_path, ["till"], story)
