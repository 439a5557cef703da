"""The fold on a real database: what is stored becomes rows, once, in any order; what cannot be folded parks alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from restaurant import BRANCH, CLOUD, ORGANIZATION, WAITER, Replica, Village
from sqlalchemy.ext.asyncio import AsyncConnection
from streams import EDIT, Row, Written, dining_table, edit, line, order, space, verdict

from shared.floor.records import DiningTable, Space
from shared.kernel.ids import derived_id
from shared.kernel.records import Scope
from shared.orders.records import LineStatus, Order, OrderLine, OrderStatus
from sync.bulk import PlainBulk
from sync.change import StreamKey
from sync.fold import Objection, Transaction
from sync.folder import Folder
from sync.records import streams
from sync.tables import TableSpec

SPACE, OTHER, TABLE, ORDER, LINE = (UUID(int=number) for number in range(101, 106))


@pytest.fixture
async def replica(village: Village) -> AsyncIterator[Replica]:
    """A device that knows its branch, and has folded all that it holds."""
    replica = village.replica(WAITER, "B")
    await replica.fold()
    return replica


def device(name: str, *transactions: Sequence[Row], stamp: int = 1) -> Written:
    written = Written.of(derived_id("device", name), [])
    for number, rows in enumerate(transactions):
        written.commit(rows, stamp + number)
    return written


def judging(*ranges: tuple[Written, int, int], judgement: str = "voided") -> Written:
    """The cloud's stream with these verdicts."""
    cloud = Written(StreamKey(CLOUD, 2, Scope.BRANCH, BRANCH))
    for written, first, last in ranges:
        cloud.commit([verdict(derived_id("v", written.key.id, first), written.key.id, first, last, judgement)])
    return cloud


async def arrive(replica: Replica, *streams: Written) -> None:
    for written in streams:
        await replica.receive(written.between(0, len(written.bodies)))
        await replica.fold()


async def reasons(replica: Replica) -> list[tuple[int, int, str]]:
    return [(row.first_seq, row.last_seq, row.reason) for row in await replica.parked()]


async def names(replica: Replica) -> set[str]:
    return {row.name for row in await replica.rows(Space)} - {"Salón"}


async def test_changes_become_rows(replica: Replica) -> None:
    written = device(
        "a",
        [space(SPACE), dining_table(TABLE, SPACE, name="7")],
        [edit("dining_tables", TABLE, seats=6), order(ORDER), line(LINE, ORDER)],
        [edit("order_lines", LINE, standing=30)],
    )
    await replica.receive(written.between(0, 6))
    (progress,) = await replica.fold()
    table, made = await replica.row(DiningTable, TABLE), await replica.row(OrderLine, LINE)
    assert (table.name, table.seats, table.space_id, table.branch_id) == ("7", 6, SPACE, BRANCH)
    assert made.standing.status is LineStatus.SENT
    assert progress.folded.rows == {
        ("spaces", SPACE),
        ("dining_tables", TABLE),
        ("orders", ORDER),
        ("order_lines", LINE),
    }
    assert [each.first for each in progress.folded.accepted] == [1, 3, 6]
    assert await replica.parked() == []
    assert await replica.fold() == []


async def test_folding_the_same_log_again_writes_nothing(replica: Replica) -> None:
    written = device(
        "a", [space(SPACE), order(ORDER)], [edit("spaces", SPACE, name="x"), edit("orders", ORDER, standing=60)]
    )
    await arrive(replica, written)
    before = await replica.digests()
    async with replica.connection() as connection:
        await connection.execute(streams.update().values(folded_seq=0))
    done = await replica.fold()
    assert await replica.digests() == before
    assert all(progress.folded.rows == set() for progress in done)


async def test_a_fold_takes_the_same_statements_for_one_row_and_for_a_hundred(village: Village) -> None:
    counts = []
    for size in (1, 100):
        replica = village.replica(WAITER, "B")
        await replica.fold()
        written = device("a", [order(UUID(int=1_000 + number)) for number in range(size)])
        await replica.receive(written.between(0, size))
        with replica.counted() as statements:
            await replica.fold(1)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 12, counts


async def test_an_edit_that_comes_before_its_row_waits_and_is_cured(replica: Replica) -> None:
    late, early = (
        device("a", [space(SPACE, name="first")]),
        device("b", [edit("spaces", SPACE, name="second")], stamp=2),
    )
    await arrive(replica, early)
    assert await reasons(replica) == [(1, 1, "ROW_UNKNOWN")]
    await arrive(replica, late)
    assert await reasons(replica) == []
    assert await names(replica) == {"second"}


async def test_a_cure_cures_the_next(replica: Replica) -> None:
    """Line waits for order, edit waits for line: each in a stream of its own, arriving backwards."""
    await arrive(
        replica,
        device("c", [edit("order_lines", LINE, notes="z")], stamp=3),
        device("b", [line(LINE, ORDER)], stamp=2),
    )
    assert [reason for *_at, reason in await reasons(replica)] in (
        ["ROW_UNKNOWN", "PARENT_UNKNOWN"],
        ["PARENT_UNKNOWN", "ROW_UNKNOWN"],
    )
    await arrive(replica, device("a", [order(ORDER)]))
    assert await reasons(replica) == []
    assert (await replica.row(OrderLine, LINE)).notes == "z"


async def test_a_row_may_stand_before_its_parent_within_one_transaction(replica: Replica) -> None:
    await arrive(replica, device("a", [line(LINE, ORDER), order(ORDER)]))
    assert await reasons(replica) == []
    assert await replica.row(OrderLine, LINE) is not None


async def test_a_waiting_transaction_waits_whole(replica: Replica) -> None:
    await arrive(replica, device("a", [space(SPACE, name="with"), line(LINE, ORDER)]))
    assert await names(replica) == set()
    await arrive(replica, device("b", [order(ORDER)]))
    assert await names(replica) == {"with"}


async def test_what_waits_in_vain_keeps_nothing_else_waiting(replica: Replica) -> None:
    """However much waits for rows that never come, what can be cured is cured."""
    lost = device("a", *[[edit("spaces", UUID(int=5_000 + number), name="lost")] for number in range(230)])
    await arrive(replica, lost, device("b", [edit("spaces", SPACE, name="cured")], stamp=2))
    assert len(await replica.parked()) == 231
    await arrive(replica, device("c", [space(SPACE, name="first")]))
    assert len(await replica.parked()) == 230
    assert await names(replica) == {"cured"}


async def test_what_waits_in_vain_costs_a_batch_three_statements_at_most(replica: Replica) -> None:
    """One reads what waits, one a table looks whether the missing rows exist; nothing that waits is folded in vain."""
    await replica.receive((written := device("b", [space(SPACE)], [space(OTHER)])).between(0, 1))
    with replica.counted() as statements:
        await replica.fold()
        alone = len(statements)
    lost = device("a", *[[edit("orders", UUID(int=5_000 + number), notes="lost")] for number in range(50)])
    await arrive(replica, lost)
    await replica.receive(written.between(1, 2))
    with replica.counted() as statements:
        await replica.fold()
    assert len(statements) <= alone + 2, statements


@pytest.mark.parametrize(
    ("row", "reason", "params"),
    [
        (("wishes", 0, SPACE, {"x": 1}), "TABLE_UNKNOWN", {"table": "wishes", "epoch": 1}),
        (("wi\x00sh\x1b" + "s" * 99, 0, SPACE, {}), "TABLE_UNKNOWN", {"table": "wish" + "s" * 59, "epoch": 1}),
        (("spaces", 7, SPACE, {"name": "x"}), "KIND_UNKNOWN", {"table": "spaces", "kind": 7}),
        (space(SPACE, name=5), "VALUE_UNKNOWN", {"table": "spaces", "field": "name"}),
        (space(SPACE, name="x" * 121), "VALUE_UNKNOWN", {"table": "spaces", "field": "name"}),
        (space(SPACE, name=None), "VALUE_UNKNOWN", {"table": "spaces", "field": "name"}),
        (space(SPACE, position=1 << 63), "VALUE_UNKNOWN", {"table": "spaces", "field": "position"}),
        (
            dining_table(TABLE, SPACE, space_id="a" * 16),
            "VALUE_UNKNOWN",
            {"table": "dining_tables", "field": "space_id"},
        ),
        (order(ORDER, standing=11), "VALUE_UNKNOWN", {"table": "orders", "field": "standing"}),
        (order(ORDER, standing=-990), "VALUE_UNKNOWN", {"table": "orders", "field": "standing"}),
        (order(ORDER, standing=(1 << 63) + 10), "VALUE_UNKNOWN", {"table": "orders", "field": "standing"}),
        (order(ORDER, kind="teleport"), "VALUE_UNKNOWN", {"table": "orders", "field": "kind"}),
        (order(ORDER, opened_at=1 << 63), "VALUE_UNKNOWN", {"table": "orders", "field": "opened_at"}),
        (order(ORDER, business_date="yesterday"), "VALUE_UNKNOWN", {"table": "orders", "field": "business_date"}),
        (line(LINE, BRANCH, modifiers=[b"x"]), "VALUE_UNKNOWN", {"table": "order_lines", "field": "modifiers"}),
        (("orders", 0, ORDER, {"branch_id": BRANCH.bytes}), "VALUE_UNKNOWN", {"table": "orders", "field": "number"}),
        (line(LINE, ORDER), "PARENT_UNKNOWN", {"table": "order_lines", "parent": "orders", "row": ORDER.hex}),
    ],
)
async def test_what_cannot_be_folded_parks_alone_with_its_reason(
    replica: Replica, row: Row, reason: str, params: dict[str, Any]
) -> None:
    await arrive(replica, device("a", [space(OTHER, name="before")], [row], [edit("spaces", OTHER, name="after")]))
    (parked,) = await replica.parked()
    assert (parked.first_seq, parked.last_seq, parked.reason, parked.params) == (2, 2, reason, params)
    assert await names(replica) == {"after"}, "everything else flows"


async def test_fields_that_this_version_does_not_know_are_kept_in_the_log_and_disturb_nothing(replica: Replica) -> None:
    await arrive(replica, device("a", [space(SPACE, name="x", colour=5)], [edit("spaces", SPACE, colour=6, name="y")]))
    assert await names(replica) == {"y"}
    assert [change.fields["colour"] for change in await replica.log() if "colour" in change.fields] == [5, 6]


async def test_a_creation_by_an_older_version_gets_the_defaults_of_what_that_did_not_know(replica: Replica) -> None:
    _table, _kind, _row, fields = order(ORDER)
    older = {name: value for name, value in fields.items() if name not in {"guests", "notes", "table_name"}}
    await arrive(
        replica, device("a", [("orders", 0, ORDER, older)]), device("b", [("orders", 0, ORDER, older)], stamp=2)
    )
    assert await reasons(replica) == []
    row = await replica.row(Order, ORDER)
    assert (row.guests, row.notes, row.table_name) == (0, "", "")


async def test_a_batch_that_the_database_refuses_is_halved_down_to_the_transaction_that_parks(replica: Replica) -> None:
    async with replica.connection() as connection:
        await connection.exec_driver_sql(
            "CREATE TRIGGER refuse BEFORE INSERT ON spaces WHEN NEW.name = 'refused' "
            "BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    rows = [[space(UUID(int=number), name=f"{number}")] for number in range(1, 10)]
    rows[6] = [space(OTHER, name="with it"), space(SPACE, name="refused")]
    await arrive(replica, device("a", *rows))
    assert await names(replica) == {"1", "2", "3", "4", "5", "6", "8", "9"}
    assert await reasons(replica) == [(7, 8, "FOLD_FAILED")]


async def test_a_fold_that_is_killed_in_the_middle_goes_on_where_it_was(village: Village, replica: Replica) -> None:
    written = device("a", *[[space(UUID(int=number), name=f"{number}")] for number in range(1, 7)])
    await replica.receive(written.between(0, 6))
    replica.folder = Folder(ORGANIZATION, replica.specs, PlainBulk(), batch_changes=2)
    await replica.fold(1)
    assert await names(replica) == {"1", "2"}
    with pytest.raises(ConnectionError):  # noqa: PT012
        async with replica.connection() as connection:
            await replica.folder.fold_next(connection, 1)
            raise ConnectionError
    await replica.close()
    again = village.again(replica)
    assert await names(again) == {"1", "2"}
    again.folder = Folder(ORGANIZATION, again.specs, PlainBulk(), batch_changes=2)
    assert [(progress.first, progress.last) for progress in await again.fold()] == [(3, 4), (5, 6)]
    assert await names(again) == {str(number) for number in range(1, 7)}


async def test_a_transaction_that_is_larger_than_a_batch_is_folded_whole(replica: Replica) -> None:
    replica.folder = Folder(ORGANIZATION, replica.specs, PlainBulk(), batch_changes=3)
    written = device("a", [space(SPACE)], [space(UUID(int=number)) for number in range(1, 11)], [space(OTHER)])
    await replica.receive(written.between(0, 12))
    assert sum(len(progress.folded.accepted) for progress in await replica.fold()) == 3


# -- verdicts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict_first", [True, False])
async def test_what_is_voided_is_as_if_it_had_never_happened(replica: Replica, verdict_first: bool) -> None:
    written = device(
        "a",
        [space(SPACE, name="first", position=1)],
        [edit("spaces", SPACE, name="wrong", position=9)],
        [edit("spaces", SPACE, position=2)],
    )
    voids = judging((written, 2, 2))
    await arrive(replica, *((voids, written) if verdict_first else (written, voids)))
    row = await replica.row(Space, SPACE)
    assert (row.name, row.position) == ("first", 2)
    await arrive(replica, device("b", [edit("spaces", SPACE, name="later")], stamp=2))
    assert (await replica.row(Space, SPACE)).name == "later", "the voided stamp is gone, too"


@pytest.mark.parametrize("verdict_first", [True, False])
async def test_a_voided_state_falls_back(replica: Replica, verdict_first: bool) -> None:
    written = device("a", [order(ORDER)], [edit("orders", ORDER, standing=70)], [edit("orders", ORDER, standing=20)])
    voids = judging((written, 2, 2))
    await arrive(replica, *((voids, written) if verdict_first else (written, voids)))
    assert (await replica.row(Order, ORDER)).standing.status is OrderStatus.CONFIRMED


@pytest.mark.parametrize("verdict_first", [True, False])
async def test_what_hangs_on_a_voided_row_parks_with_all_that_its_transaction_did(
    replica: Replica, verdict_first: bool
) -> None:
    opened = device("a", [order(ORDER)])
    added = device("b", [line(LINE, ORDER), space(SPACE, name="together")], [edit("spaces", OTHER, name="x")], stamp=2)
    edited = device("c", [edit("orders", ORDER, notes="x"), edit("spaces", OTHER, name="edited together")], stamp=9)
    base = device("d", [space(OTHER, name="base")])
    voids = judging((opened, 1, 1))
    await arrive(replica, base, *((voids,) if verdict_first else ()), opened, added, edited)
    await arrive(replica, *(() if verdict_first else (voids,)))
    assert await replica.row(Order, ORDER) is None
    assert await replica.row(OrderLine, LINE) is None
    assert await names(replica) == {"x"}
    parked = {(row.stream_id, row.first_seq) for row in await replica.parked()}
    assert parked == {(added.key.id, 1), (edited.key.id, 1)}


async def test_a_row_that_comes_back_brings_back_what_was_parked_with_it(replica: Replica) -> None:
    opened, added = device("a", [order(ORDER)]), device("b", [line(LINE, ORDER)])
    await arrive(replica, opened, added, judging((opened, 1, 1)))
    assert {row.reason for row in await replica.parked()} == {"PARENT_VOIDED"}
    await arrive(replica, device("c", [order(ORDER)]))
    assert await replica.parked() == []
    assert await replica.row(OrderLine, LINE) is not None


async def test_a_row_that_two_devices_created_survives_the_void_of_one(replica: Replica) -> None:
    one, two = device("a", [space(SPACE, name="one")], stamp=5), device("b", [space(SPACE, name="two")])
    await arrive(replica, one, two)
    assert await names(replica) == {"one"}
    await arrive(replica, judging((one, 1, 1)))
    assert await names(replica) == {"two"}


async def test_a_void_looks_only_at_what_is_folded(replica: Replica) -> None:
    """What is stored and still ahead of the fold has not been judged, and may have to park."""
    one = device("a", [edit("spaces", SPACE, name="void")])
    ahead = device("b", [space(SPACE, name="ahead"), line(LINE, ORDER)])
    voids = judging((one, 1, 1))
    await arrive(replica, one)
    await replica.receive(ahead.between(0, 2), voids.between(0, 1))
    while await replica.fold(1):
        assert await names(replica) == set()
    assert [reason for *_at, reason in await reasons(replica)] == ["PARENT_UNKNOWN"]


async def test_a_void_cannot_bring_back_a_reference_to_what_is_gone(replica: Replica) -> None:
    """A table was moved away from a space; the space is voided, then the move. It must not refer to nothing."""
    spaces = device("a", [space(SPACE)], [space(OTHER)])
    table = device("b", [dining_table(TABLE, SPACE)])
    moved = device("c", [edit("dining_tables", TABLE, space_id=OTHER.bytes)], stamp=5)
    await arrive(replica, spaces, table, moved, judging((spaces, 1, 1), (moved, 1, 1)))
    assert await replica.row(DiningTable, TABLE) is None
    assert (table.key.id, 1) in {(row.stream_id, row.first_seq) for row in await replica.parked()}


async def test_what_waited_and_is_voided_waits_no_more(replica: Replica) -> None:
    early = device("a", [edit("spaces", SPACE, name="wrong")], stamp=9)
    await arrive(replica, early, judging((early, 1, 1)))
    assert await replica.parked() == []
    await arrive(replica, device("b", [space(SPACE, name="right")]))
    assert await names(replica) == {"right"}


@pytest.mark.parametrize("judgement", ["accepted", "parked"])
async def test_other_verdicts_change_no_row(replica: Replica, judgement: str) -> None:
    written = device("a", [space(SPACE, name="stays")])
    await arrive(replica, written, judging((written, 1, 1), judgement=judgement))
    assert await names(replica) == {"stays"}


async def test_a_void_of_a_long_transaction_parks_its_dependents_whole(replica: Replica) -> None:
    opened = device("a", [order(ORDER)])
    many = [space(UUID(int=10_000 + number), name="many") for number in range(1_500)]
    added = device("b", [space(SPACE, name="before")], [*many, line(LINE, ORDER)], [space(OTHER, name="after")])
    await arrive(replica, opened, added)
    await arrive(replica, judging((opened, 1, 1)))
    assert await reasons(replica) == [(2, 1_502, "PARENT_VOIDED")]
    assert await names(replica) == {"before", "after"}


# -- judges and projections ------------------------------------------------------------------------------------------


class NoBar:
    """A judge who voids spaces of a name and lets another wait for a person."""

    def __init__(self) -> None:
        self.prepared: list[int] = []

    async def prepare(self, connection: AsyncConnection, transactions: Sequence[Transaction]) -> None:
        self.prepared.append(len(transactions))

    def objection(self, transaction: Transaction, specs: Mapping[str, TableSpec]) -> Objection | None:
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
    assert await names(replica) == {"garden"}
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


async def test_an_edit_never_creates_a_row(replica: Replica) -> None:
    _table, _kind, _row, fields = space(SPACE)
    await arrive(replica, device("a", [("spaces", EDIT, SPACE, fields)]))
    assert await replica.row(Space, SPACE) is None
