"""What a fold costs: statements by tables and not by rows, and no more work for all the verdicts that there are."""

from __future__ import annotations

from itertools import pairwise
from uuid import UUID

import pytest
from restaurant import BRANCH, ORGANIZATION, WAITER, Replica, Village
from streams import arrive, device, dining_table, edit, judging, line, order, space, tab

from shared.kernel.ids import derived_id
from sync import log, verdicts, waiting
from sync.door import Door
from sync.folder import Folder

SPACE, OTHER, TABLE, ORDER = (UUID(int=number) for number in range(101, 105))


async def hold_verdicts(replica: Replica, stream: UUID, count: int) -> None:
    """As many verdicts on late ranges of a stream."""

    def insert(door: Door) -> None:
        for number in range(count):
            at = 10_000 + number
            door.run(
                "INSERT INTO sync_verdicts (organization_id, id, branch_id, stream_id, first_seq, last_seq, reason,"
                " params, judged_at, stamps) VALUES (?, ?, ?, ?, ?, ?, '', '{}', 0, x'')",
                *(each.bytes for each in (ORGANIZATION, derived_id("v", number), BRANCH, stream)),
                at,
                at,
            )

    await replica.core(insert)


async def plan(replica: Replica, sql: str, parameters: int) -> str:
    """How SQLite looks a statement up."""
    listed = sql.replace("{keys}", "IN (?, ?)")
    found = await replica.core(lambda door: door.rows(f"EXPLAIN QUERY PLAN {listed}", *[b""] * parameters))
    return "\n".join(str(row[3]) for row in found)


async def steps(replica: Replica) -> tuple[int, int]:
    """Statements of one fold, and how many hundred steps SQLite took for it."""
    taken = [0]

    def count() -> int:
        taken[0] += 1
        return 0

    async with replica.connection() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        raw = driver._conn  # type: ignore[union-attr]  # the driver's own, as in sync/sqlite.py
    raw.set_progress_handler(count, 100)
    with replica.counted() as statements:
        await replica.fold()
    raw.set_progress_handler(None, 0)
    return len(statements), taken[0]


async def test_a_fold_and_a_void_cost_the_same_however_long_the_log_is_and_however_many_verdicts_there_are(
    village: Village,
) -> None:
    costs = []
    for count in (0, 3_000):
        replica = village.replica(WAITER, "B")
        written = device("a", *[[space(UUID(int=1_000 + number))] for number in range(5)])
        bad, more = device("b", [edit("spaces", UUID(int=1_000), name="x")]), device("c", [space(SPACE)])
        await arrive(replica, written, bad)
        await arrive(replica, device("d", *[[order(derived_id("o", number))] for number in range(count // 10 + 1)]))
        for stream in (written, more):
            await hold_verdicts(replica, stream.key.id, count if stream is written else 0)
        await replica.receive(more.between(0, 1))
        of_fold = await steps(replica)
        await replica.receive(judging((bad, 1, 1)).between(0, 1))
        costs.append((of_fold, await steps(replica)))
    (fold, void), (fold_later, void_later) = costs
    assert (fold[0], void[0]) == (fold_later[0], void_later[0])
    assert fold_later[1] <= fold[1] + 5
    assert void_later[1] <= void[1] + 5


async def test_verdicts_and_what_waits_are_found_by_index(replica: Replica) -> None:
    assert "ix_sync_verdicts_stream_id (stream_id=? AND organization_id=? AND last_seq>? AND last_seq<?)" in await plan(
        replica, verdicts._OF, 7
    )
    standing = await plan(replica, log._EFFECTIVE, 3)
    assert "SEARCH c USING INDEX ix_sync_changes_row_id (row_id=?)" in standing
    assert "SEARCH v USING INDEX ix_sync_verdicts_stream_id" in standing
    assert "SCAN" not in standing
    everywhere = [
        (sql.replace("{scope}", ""), parameters)
        for sql, parameters in ((waiting._ANY, 6), (waiting._NAMED, 3), (waiting._UNTRIED, 3), (waiting._WAKE, 4))
    ]
    for sql, parameters in everywhere:
        found = await plan(replica, sql, parameters)
        assert "SCAN sync_parked" not in found, sql


@pytest.mark.parametrize("size", [40, 400])
async def test_a_batch_costs_the_same_statements_for_any_number_of_transactions(replica: Replica, size: int) -> None:
    """Streams, tables, creations, edits, parents: what counts is how many kinds there are (256 ids a look-up)."""
    await arrive(replica, tab())
    replica.folder = Folder(ORGANIZATION, replica.specs, batch_changes=size // 2)
    base = device("a", [space(SPACE), order(ORDER)])
    await arrive(replica, base)
    written = [
        device(
            name,
            *[
                [
                    dining_table(derived_id(name, "t", number), SPACE),
                    line(derived_id(name, "l", number), ORDER),
                    edit("orders", ORDER, notes=f"{number}"),
                    edit("spaces", SPACE, name=f"{number}"),
                ]
                for number in range(size // 8)
            ],
        )
        for name in ("b", "c")
    ]
    await replica.receive(*(each.between(0, size // 2) for each in written))
    counts = []
    for _each in range(2):
        with replica.counted() as statements:
            (progress,) = await replica.fold(1)
        assert progress.changes == size // 2
        counts.append(len(statements))
    assert counts == [16, 16]


@pytest.mark.parametrize("edits", [200, 1_500])
async def test_a_void_costs_statements_by_windows_of_the_log_and_not_by_what_hangs_on_it(
    replica: Replica, edits: int
) -> None:
    made = device("maker", [order(ORDER)])
    await arrive(replica, made, device("busy", *[[edit("orders", ORDER, notes=f"{at}")] for at in range(edits)]))
    with replica.counted() as statements:
        await arrive(replica, judging((made, 1, 1)))
    assert len(await replica.parked()) == edits
    assert len(statements) < 60


async def test_one_fold_cures_no_more_than_a_batch(replica: Replica) -> None:
    """Each order of the chain is missing to the one before: a till must not wait for all of them at once."""
    await arrive(replica, tab())
    keys = [derived_id("chain", number) for number in range(41)]
    rows = [[order(key), line(derived_id("line", key), later)] for key, later in pairwise(keys)]
    await arrive(replica, device("chain", *rows))
    assert len(await replica.parked()) == len(rows)
    replica.folder = Folder(ORGANIZATION, replica.specs, listeners=replica.author.listeners, batch_changes=10)
    await replica.receive(device("key", [order(keys[-1])]).between(0, 1))
    (first,) = await replica.fold(1)
    assert not first.is_last
    assert sum(len(each.changes) for each in first.accepted) <= 2 * 10
    await replica.fold()
    assert await replica.parked() == []
