"""Convergence: whatever the order in which streams arrive and are folded, all replicas end with the same rows.

The logs are made up: three devices that create, edit and relate rows, some of them the same rows, and a cloud that
voids some of what they did. Arrival is cut at any transaction, interleaved at will, and folded now and then, in small
batches.
"""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from restaurant import BRANCH, CLOUD, ORGANIZATION, WAITER, House, Replica, Village
from streams import Row, Written, dining_table, edit, line, order, space, verdict
from sync.bulk import PlainBulk

from shared.kernel.ids import derived_id
from shared.kernel.records import Scope
from shared.records import metadata
from sync.change import StreamKey
from sync.folder import Folder
from sync.tables import specs

DEVICES = 3
ROWS = st.integers(0, 2)


def key(table: str, number: int) -> UUID:
    return derived_id("row", table, number)


def created(kind: str, number: int, salt: int) -> Row:
    """What never changes follows from the id alone, as in every row that two devices derive from one fact."""
    made = {
        "space": lambda: space(key("space", number), name=f"n{salt}", position=salt),
        "table": lambda: dining_table(key("table", number), key("space", number % 2), seats=salt),
        "order": lambda: order(key("order", number), notes=f"n{salt}", guests=salt),
        "line": lambda: line(key("line", number), key("order", number % 3), quantity_milli=1_000 + salt),
    }
    return made[kind]()


def edited(kind: str, number: int, salt: int) -> Row:
    made = {
        "space": lambda: edit("spaces", key("space", number), name=f"e{salt}"),
        "table": lambda: edit("dining_tables", key("table", number), seats=salt, name=f"e{salt}"),
        "order": lambda: edit("orders", key("order", number), standing=10 + 10 * salt, notes=f"e{salt}"),
        "line": lambda: edit("order_lines", key("line", number), standing=1_010 if salt == 3 else 10 + 10 * salt),
    }
    return made[kind]()


KINDS = st.sampled_from(["space", "table", "order", "line"])
OPERATIONS = st.builds(
    lambda make, kind, number, salt: make(kind, number, salt),
    st.sampled_from([created, created, edited]),
    KINDS,
    ROWS,
    st.integers(0, 3),
)
TRANSACTIONS = st.lists(OPERATIONS, min_size=1, max_size=3, unique_by=lambda row: row[2])
PROGRAMS = st.lists(
    st.tuples(st.integers(0, DEVICES - 1), TRANSACTIONS, st.integers(1, 4), st.booleans().map(lambda no: not no)),
    min_size=1,
    max_size=10,
)
Program = list[tuple[int, list[Row], int, bool]]


def written(program: Program) -> list[Written]:
    """The devices' streams, and the cloud's with its verdicts on what is marked as void."""
    streams = [Written.of(derived_id("device", number), []) for number in range(DEVICES)]
    cloud = Written(StreamKey(CLOUD, 2, Scope.BRANCH, BRANCH))
    for device, rows, stamp, void in program:
        first, last = streams[device].commit(rows, stamp)
        if void:
            stream_id = streams[device].key.id
            cloud.commit([verdict(derived_id("verdict", stream_id, first), stream_id, first, last)], 9)
    return [each for each in (*streams, cloud) if each.bodies]


def arrivals(streams: list[Written], random: Random) -> list[tuple[Written, int, int]]:
    """Pieces of whole transactions, each stream's in its order, the streams interleaved."""
    pieces = []
    for stream in streams:
        ends = [0, *(end for end in stream.ends[:-1] if random.random() < 0.6), stream.ends[-1]]
        pieces.append([(stream, begin, end) for begin, end in itertools.pairwise(ends)])
    order = [index for index, some in enumerate(pieces) for _piece in some]
    random.shuffle(order)
    waiting = [iter(some) for some in pieces]
    return [next(waiting[index]) for index in order]


async def end(village: Village, streams: list[Written], seed: int) -> tuple[dict[str, int], set[Any], dict[str, Any]]:
    """Digests, positions of what is parked, and the rows, after one arrival of everything."""
    random = Random(seed)
    replica: Replica = village.replica(WAITER, "B")
    replica.folder = Folder(ORGANIZATION, specs(metadata), PlainBulk(), batch_changes=random.choice([1, 3, 500]))
    for stream, begin, last in arrivals(streams, random):
        await replica.receive(stream.between(begin, last))
        if random.random() < 0.5:
            await replica.fold(random.choice([1, 1_000]))
    await replica.fold()
    async with replica.connection() as connection:
        shown = {}
        for name in ("spaces", "dining_tables", "orders", "order_lines"):
            found = await connection.execute(metadata.tables[name].select().order_by(metadata.tables[name].c.id))
            shown[name] = [{**row._mapping, "stamps": b""} for row in found]
    digests = await replica.digests()
    parked = {(row.stream_id, row.first_seq, row.last_seq) for row in await replica.parked()}
    assert await replica.fold() == []
    await replica.close()
    replica.path.unlink()
    return digests, parked, shown


VOIDED_ORDER: Program = [
    (0, [created("order", 0, 0)], 1, True),
    (1, [created("line", 0, 0), created("space", 0, 0)], 1, False),
    (2, [edited("order", 0, 1), edited("space", 0, 1)], 2, False),
]
MOVED_TABLE: Program = [
    (0, [created("space", 0, 0)], 1, False),
    (0, [created("space", 1, 0)], 1, True),
    (0, [created("table", 0, 0)], 1, False),
    (1, [edited("table", 0, 1)], 2, False),
]
CHILD_BEFORE_PARENT: Program = [(0, [created("line", 0, 0), created("order", 0, 0)], 1, False)]


@given(PROGRAMS, st.integers(0, 10**6), st.integers(0, 10**6))
@example(VOIDED_ORDER, 1, 2)
@example(VOIDED_ORDER, 3, 4)
@example(VOIDED_ORDER, 5, 6)
@example(MOVED_TABLE, 1, 2)
@example(CHILD_BEFORE_PARENT, 1, 2)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=settings().max_examples // 4,
)
def test_any_arrival_of_the_same_logs_gives_the_same_rows(
    template: tuple[Path, House], tmp_path: Path, program: Program, seed: int, other_seed: int
) -> None:
    async def both() -> None:
        village = Village(template[0], tmp_path, template[1])
        streams = written(program)
        one, other = await end(village, streams, seed), await end(village, streams, other_seed)
        assert one[2] == other[2]
        assert one[0] == other[0]
        assert one[1] == other[1]

    asyncio.run(both())
