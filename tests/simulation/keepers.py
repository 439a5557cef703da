"""What a schedule wrote, once more on the real PostgreSQL: two servers store, judge and fold it at once, in real time.

Devices push in any order, each its own log in pieces; the streams of the organization come as the simulated cloud wrote
them. What PostgreSQL holds then is held against a naive fold of its own log, and its sums against a recount.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

from cloud.database.control_records import ControlOrganization
from cloud.database.engine import create_engine
from cloud.database.transaction import Database
from cloud.realtime.hub import Hint
from cloud.replication.dues import DueScope
from cloud.replication.fold_worker import FoldWorker
from cloud.replication.units import CloudUnits
from shared.kernel.ids import Uuid7Source
from shared.kernel.records import Scope
from shared.records import sums_metadata
from sync.author import cloud_device
from sync.change import StreamKey, decode
from sync.declared import declared_sums
from sync.door import Door
from sync.log import receive
from sync.merged import MergedTables
from sync.messages import Ack, AnyMessage, Frame
from sync.recount import counted, kept
from tests.simulation import ledgers
from tests.simulation.clocks import OPENING, MachineClock
from tests.simulation.house import CENTRO, PLAYA
from tests.simulation.observer import Broken, Union
from tests.simulation.places import ORGANIZATION
from tests.simulation.reference import SPECS, Reference, naive_fold

KEEPERS = 2
PATIENCE_SECONDS = 120.0
_UNFOLDED = "SELECT count(*) FROM sync_streams WHERE organization_id = ? AND folded_seq < head_seq"
_LOG = "SELECT stream_id, seq, body, chain FROM sync_changes WHERE organization_id = ? ORDER BY stream_id, seq"


async def keep_and_compare(url: str, union: Union, seed: int) -> int:
    """Bring the logs into an empty database, and hold what it holds against them; how many changes there are.

    Raises:
        Broken: PostgreSQL holds something else.
    """
    rnd = random.Random(f"{seed} keepers")
    async with AsyncExitStack() as stack:
        databases = [await stack.enter_async_context(_database(url, at)) for at in range(KEEPERS)]
        async with databases[0].control() as session:
            session.add(ControlOrganization(id=ORGANIZATION, slug="la-esquina", name="La Esquina", created_at=OPENING))
        workers = [await stack.enter_async_context(_folding(database, at)) for at, database in enumerate(databases)]
        for key in _organization_first(union):
            await _push(databases, workers, _frames(union, key, rnd), rnd)
        of_devices = [_frames(union, key, rnd) for key in _of_devices(union)]
        await asyncio.gather(*(_push(databases, workers, frames, rnd) for frames in of_devices))
        await _until_folded(databases[0])
        stored = Union()
        for stream, seq, body, chain in await databases[0].look(ORGANIZATION, _log):
            stored.take(bytes(stream), seq, bytes(body), bytes(chain))
        reference = naive_fold(stored, sorted(stored.bodies))
        await databases[0].through(ORGANIZATION, _rows_are_those, reference)  # locks what it loads
        await databases[0].look(ORGANIZATION, _sums_are_those_of_the_rows)
        ledgers.agree(reference.rows)
        return sum(map(len, stored.bodies.values()))


@asynccontextmanager
async def _database(url: str, at: int) -> AsyncIterator[Database]:
    database = Database(create_engine(url, name=f"keeper {at}", connections=5))
    try:
        yield database
    finally:
        await database.dispose()


@asynccontextmanager
async def _folding(database: Database, at: int) -> AsyncIterator[FoldWorker]:
    clock = MachineClock()
    clock.stuck = OPENING  # its time is that of an event loop, and a fold has none
    units = CloudUnits(database, clock, Uuid7Source(clock, random.Random(at).randbytes))
    worker = FoldWorker(database, units, clock)
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _organization_first(union: Union) -> list[StreamKey]:
    key = StreamKey(cloud_device(ORGANIZATION), 1, Scope.ORGANIZATION, ORGANIZATION)
    return [key] if key.id.bytes in union.bodies else []


def _of_devices(union: Union) -> list[StreamKey]:
    keys = [StreamKey(each.device_id, 1, Scope.BRANCH, each.branch_id) for each in (*CENTRO, *PLAYA)]
    return [key for key in keys if key.id.bytes in union.bodies]


def _frames(union: Union, key: StreamKey, rnd: random.Random) -> list[Frame]:
    """A stream, cut between transactions."""
    frames, bodies, first, previous = [], list[bytes](), 1, key.genesis
    chains = union.chains[key.id.bytes]
    for at, body in enumerate(union.bodies[key.id.bytes], start=1):
        bodies.append(body)
        if decode(body).last and rnd.random() < 0.3:
            frames.append(Frame(key.device_id.bytes, 1, key.scope, key.scope_id.bytes, first, previous, bodies))
            bodies, first, previous = [], at + 1, chains[at - 1]
    if bodies:
        frames.append(Frame(key.device_id.bytes, 1, key.scope, key.scope_id.bytes, first, previous, bodies))
    return frames


async def _push(
    databases: Sequence[Database], workers: Sequence[FoldWorker], frames: Sequence[Frame], rnd: random.Random
) -> None:
    for frame in frames:
        at = rnd.randrange(KEEPERS)
        answer = await databases[at].through(ORGANIZATION, _store, workers[at], frame)
        if not isinstance(answer, Ack):
            raise Broken(f"PostgreSQL did not store {frame.key}: {answer}")
        key = frame.key
        workers[at].wake(ORGANIZATION, key.scope_id, Hint(key.id, key.device_id, answer.mark.seq))
        await asyncio.sleep(rnd.choice((0.0, 0.01)))


def _store(door: Door, worker: FoldWorker, frame: Frame) -> AnyMessage:
    worker.dues.ask(door, DueScope(ORGANIZATION, frame.key.scope_id))
    return receive(door, ORGANIZATION.bytes, frame, 0)


async def _until_folded(database: Database) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await database.look(ORGANIZATION, _unfolded):  # noqa: ASYNC110 - it happens in the database
            await asyncio.sleep(0.05)


def _unfolded(door: Door) -> int:
    return int(door.value(_UNFOLDED, door.key(ORGANIZATION.bytes)))


def _log(door: Door) -> Sequence[Any]:
    return door.rows(_LOG, door.key(ORGANIZATION.bytes))


def _rows_are_those(door: Door, reference: Reference) -> None:
    merged = MergedTables(door, ORGANIZATION.bytes, SPECS)
    for name, spec in SPECS.items():
        expected = {row: fields for (table, row), fields in reference.rows.items() if table == name}
        count = door.value(f'SELECT count(*) FROM "{name}" WHERE organization_id = ?', door.key(ORGANIZATION.bytes))
        found = merged.load(spec, sorted(expected))
        if count != len(expected) or found.keys() != expected.keys():
            raise Broken(f"PostgreSQL: {name} has {count} rows, and should have {len(expected)}")
        for row, fields in expected.items():
            held = {field: getattr(found[row].values, field) for field in spec.fields}
            if held != fields:
                raise Broken(f"PostgreSQL: {name} {row.hex()} is {held}, not {fields}")


def _sums_are_those_of_the_rows(door: Door) -> None:
    for table, expected in counted(door, declared_sums()).items():
        if kept(door, sums_metadata.tables[table]) != expected:
            raise Broken(f"PostgreSQL: {table} is not what its rows say")
