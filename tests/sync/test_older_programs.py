"""A program that does not know a table, a field or a word loses none of it, and the next one has all of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from uuid import UUID

import pytest
from older import older_metadata, older_tables
from plain_replicas import SPECS, PlainReplica, in_memory
from random_logs import founding
from restaurant import BRANCH, ORGANIZATION, Replica
from streams import (
    Row,
    Written,
    arrive,
    device,
    dining_table,
    edit,
    judging,
    line,
    order,
    reasons,
    space,
    space_names,
    tab,
    verdict,
)

from shared.orders.records import Order, OrderKind
from sync import upgrade
from sync.aside import is_behind
from sync.comparison import comparable
from sync.declared import listeners_of
from sync.digest import Digests
from sync.folder import Folder
from sync.log import changes_between
from sync.tables import TableSpec, program_fingerprint, specs

SPACE, TABLE, ORDER, LINE, OTHER = (UUID(int=number) for number in range(101, 106))
OLDER = older_metadata({"order_lines"}, {"orders": {"table_id", "notes"}})
SEATED = (
    space(SPACE),
    dining_table(TABLE, SPACE),
    order(ORDER, table_id=TABLE.bytes, notes="sin sal"),
    line(LINE, ORDER),
)


@pytest.fixture
def old() -> Iterator[PlainReplica]:
    replica = in_memory(OLDER)
    replica.folder = replica.program(specs(OLDER))
    give(replica, founding())
    yield replica
    replica.engine.dispose()


def said(replica: PlainReplica, sql: str) -> list[tuple[object, ...]]:
    return replica.core(lambda door: door.rows(sql))


def behind(replica: PlainReplica, tables: Mapping[str, TableSpec]) -> bool:
    return replica.core(is_behind, ORGANIZATION.bytes, program_fingerprint(tables))


def give(replica: PlainReplica, *streams: Written) -> None:
    for written in streams:
        replica.receive(written, 0, len(written.bodies))
        replica.fold()


def all_known(*streams: Written) -> dict[str, object]:
    """What a replica holds that knew everything from the beginning."""
    replica = in_memory()
    give(replica, founding(), *streams)
    state = replica.state()
    replica.engine.dispose()
    return state


# -- setting aside -----------------------------------------------------------------------------------------------------


def test_an_unknown_table_and_an_unknown_field_are_set_aside_and_the_rest_folds(old: PlainReplica) -> None:
    written = device("a", [space(OTHER)], SEATED, [edit("orders", ORDER, notes="con sal", guests=3)])
    give(old, written)
    assert said(old, "SELECT guests FROM orders") == [(3,)]
    assert said(old, "SELECT count(*) FROM sync_parked") == [(0,)]
    assert said(old, "SELECT first_seq FROM sync_set_aside") == [(4,)], "the first change with anything unknown"
    kept = old.core(changes_between, ORGANIZATION.bytes, written.key.id.bytes, 1, 6)
    assert len(kept) == 6, "the log has all of it, and relays it"


def test_a_transaction_of_unknown_tables_alone_is_folded_to_nothing(old: PlainReplica) -> None:
    give(old, device("a", [order(ORDER)], [line(LINE, ORDER)], [edit("order_lines", LINE, notes="x")]))
    assert said(old, "SELECT first_seq, reached_seq FROM sync_set_aside") == [(1, None)]
    assert said(old, "SELECT folded_seq, head_seq FROM sync_streams WHERE scope = 'branch'") == [(3, 3)]


def test_a_log_without_unknown_parts_notes_nothing(old: PlainReplica) -> None:
    give(old, device("a", [space(SPACE)], [edit("spaces", SPACE, name="x")]))
    assert said(old, "SELECT * FROM sync_set_aside") == []


async def test_an_unknown_word_is_kept_and_read_as_the_fallback_of_its_column(replica: Replica) -> None:
    await arrive(replica, device("a", [order(ORDER, kind="drone")], [edit("orders", ORDER, guests=4)]))
    row = await replica.row(Order, ORDER)
    assert (row.kind, row.guests) == (OrderKind.TAKEOUT, 4)
    async with replica.connection() as connection:
        words = await connection.exec_driver_sql("SELECT kind FROM orders")
        assert words.scalar_one() == "drone"


async def test_an_own_edit_leaves_an_unknown_word_as_it_is(replica: Replica) -> None:
    await arrive(replica, device("a", [order(ORDER, kind="drone")]))
    async with replica.work() as work:
        (await work.get(Order, ORDER)).notes = "por la ventana"
    assert [change.fields for change in await replica.log() if change.kind == 1] == [{"notes": "por la ventana"}]
    async with replica.connection() as connection:
        assert (await connection.exec_driver_sql("SELECT kind, notes FROM orders")).one() == ("drone", "por la ventana")


def test_an_unknown_word_of_a_column_without_fallback_parks_until_the_program_knows_it() -> None:
    fewer = older_tables(words={("orders", "kind"): {"delivery"}})
    strict = fewer["orders"].fields["kind"].wire
    older = older_metadata(words={("orders", "kind"): {"delivery"}})
    older.tables["orders"].c.kind.type = type(strict)(strict.kind)  # type: ignore[attr-defined]
    replica = in_memory()
    replica.folder = replica.program(specs(older))
    give(replica, founding(), device("a", [order(ORDER, kind="delivery")], [order(OTHER)]))
    assert said(replica, "SELECT reason FROM sync_parked") == [("VALUE_UNKNOWN",)]
    assert said(replica, "SELECT count(*) FROM orders") == [(1,)]
    replica.begin_anew()
    replica.fold()
    assert said(replica, "SELECT count(*) FROM orders WHERE kind = 'delivery'") == [(1,)]
    replica.engine.dispose()


# -- after the upgrade -------------------------------------------------------------------------------------------------


def test_after_an_upgrade_nothing_is_lost(old: PlainReplica) -> None:
    streams = (
        device("a", SEATED),
        device("b", [edit("orders", ORDER, notes="con sal"), edit("order_lines", LINE, notes="x")], stamp=5),
    )
    give(old, *streams)
    old.upgrade(OLDER)
    assert old.fold() == 0, "the work does not wait for it"
    old.fold_again()
    assert old.state() == all_known(*streams)
    assert said(old, "SELECT * FROM sync_set_aside") == []


def test_a_kill_between_two_steps_loses_no_step(old: PlainReplica, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upgrade, "CHANGES_A_STEP", 1)
    streams = (
        device("a", SEATED, *[[edit("orders", ORDER, notes=f"{at}")] for at in range(5)]),
        device("b", [order(OTHER, notes="b")]),
    )
    give(old, *streams)
    old.upgrade(OLDER)
    reached = []
    while behind(old, SPECS):
        old.fold_again(1)
        reached += said(old, "SELECT reached_seq FROM sync_set_aside WHERE reached_seq < 9")
        old.folder = old.program()
    assert sorted(reached) == reached
    assert len(reached) >= 5
    old.fold_again()
    assert old.state() == all_known(*streams)


def test_what_arrives_during_an_upgrade_is_folded_in_full(old: PlainReplica, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upgrade, "CHANGES_A_STEP", 1)
    written = device("a", SEATED, [edit("orders", ORDER, notes="1")], [edit("orders", ORDER, notes="2")])
    later = device("b", [edit("order_lines", LINE, notes="b")], [line(OTHER, ORDER)])
    give(old, written)
    old.upgrade(OLDER)
    old.fold_again(1)
    give(old, later)
    assert behind(old, SPECS)
    while old.fold() + old.fold_again(1):
        pass
    assert old.state() == all_known(written, later)


def test_a_program_in_between_leaves_the_rest_to_the_next(old: PlainReplica) -> None:
    """A wish is of a program that comes after today's."""
    wish: Row = ("wishes", 0, OTHER, {"x": 1})
    written = device("a", SEATED, [order(OTHER, notes="b"), wish])
    give(old, written)
    old.upgrade(OLDER)
    assert behind(old, SPECS)
    old.fold_again()
    assert said(old, "SELECT first_seq, reached_seq FROM sync_set_aside") == [(6, None)]
    assert old.fold_again() == 0, "this program does not know it either"


def test_an_older_program_on_the_file_of_a_newer_one_sets_aside_again(old: PlainReplica) -> None:
    streams = (device("a", SEATED), device("b", [edit("orders", ORDER, notes="con sal"), line(OTHER, ORDER)], stamp=5))
    give(old, streams[0])
    old.upgrade(OLDER)
    old.fold_again()
    step_back(old)
    give(old, streams[1])
    old.begin_anew()
    while old.fold() + old.fold_again():
        pass
    assert old.state() == all_known(*streams)


def test_a_void_that_an_older_program_obeys_ends_what_a_newer_one_folded_before(old: PlainReplica) -> None:
    """Stepped back, it takes away what it knows of the void changes, and leaves the rest to the next program."""
    written = device("a", [order(ORDER)], [edit("orders", ORDER, notes="void", guests=9)], [line(LINE, ORDER)])
    verdicts = judging((written, 2, 2), (written, 3, 3))
    old.upgrade(OLDER)
    give(old, written)
    step_back(old)
    give(old, verdicts)
    assert said(old, "SELECT guests, notes FROM orders") == [(0, "void")]
    old.begin_anew()
    while old.fold() + old.fold_again():
        pass
    assert old.state() == all_known(written, verdicts)


def step_back(replica: PlainReplica) -> None:
    """Go on with the older program on the file as it is. The mirror does not stand on its feed."""
    tables = specs(OLDER)
    digests = [each for each in listeners_of(ORGANIZATION, tables) if isinstance(each, Digests)]
    replica.folder = Folder(ORGANIZATION, tables, listeners=digests)
    replica.fold_again()


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (line(LINE, ORDER, notes=5), "VALUE_UNKNOWN"),
        (line(LINE, OTHER), "PARENT_UNKNOWN"),
        (edit("order_lines", LINE, notes="x"), "ROW_UNKNOWN"),
    ],
)
def test_a_transaction_that_the_new_program_would_not_fold_parks_whole_with_what_needs_it(
    broken: Row, reason: str, old: PlainReplica
) -> None:
    streams = (device("a", [order(ORDER), broken], [space(SPACE)]), device("b", [edit("orders", ORDER, guests=9)]))
    give(old, *streams)
    assert said(old, "SELECT count(*) FROM orders") == [(1,)], "the older program folded what it knew"
    old.upgrade(OLDER)
    old.fold_again()
    assert said(old, "SELECT count(*) FROM orders") == [(0,)]
    assert reason in {row[0] for row in said(old, "SELECT reason FROM sync_parked")}
    assert old.state() == all_known(*streams)


def test_two_transactions_that_hold_each_other_up_stand_after_an_upgrade(old: PlainReplica) -> None:
    """A limit, see `sync/upgrade.py`: a program that knew everything from the beginning parks both."""
    early, late = [order(ORDER), edit("order_lines", LINE, notes="x")], [line(LINE, ORDER)]
    streams = (tab(), device("a", early), device("b", late))
    give(old, *streams)
    old.upgrade(OLDER)
    old.fold_again()
    assert said(old, "SELECT notes FROM order_lines") == [("x",)]
    assert old.state()["parked"] == []
    assert len(all_known(*streams)["parked"]) == 2  # type: ignore[arg-type]


def test_rows_of_a_new_table_that_need_each_other_across_streams_are_made_in_whatever_order(
    old: PlainReplica, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first stream that is folded again refers to rows that only the others make."""
    monkeypatch.setattr(upgrade, "CHANGES_A_STEP", 1)
    names = sorted("abc", key=lambda name: device(name).key.id)
    first, second, third = names
    streams = (
        device(third, [space(SPACE)], [dining_table(TABLE, SPACE)], stamp=1),
        device(second, [order(ORDER, table_id=TABLE.bytes)], stamp=5),
        device(first, [line(LINE, ORDER)], [edit("order_lines", LINE, notes="x")], stamp=9),
    )
    give(old, *streams)
    old.upgrade(OLDER)
    while old.fold_again(1):
        assert said(old, "SELECT count(*) FROM orders") == [(1,)], "nothing vanishes meanwhile"
    assert old.state() == all_known(*streams)


def test_a_verdict_that_comes_during_an_upgrade_makes_nothing_before_its_time(
    old: PlainReplica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upgrade, "CHANGES_A_STEP", 1)
    streams = (
        device("a", [order(ORDER)], [line(LINE, ORDER)], [edit("orders", ORDER, table_id=TABLE.bytes)]),
        device("b", [space(SPACE)], [dining_table(TABLE, SPACE)], [edit("orders", ORDER, notes="b")]),
    )
    give(old, *streams)
    old.upgrade(OLDER)
    old.fold_again(1)
    verdicts = judging((streams[1], 2, 2))
    give(old, verdicts)
    while old.fold() + old.fold_again(1):
        pass
    assert old.state() == all_known(*streams, verdicts)


# -- digests -----------------------------------------------------------------------------------------------------------


def test_digests_of_other_columns_are_not_compared_and_are_counted_anew(old: PlainReplica) -> None:
    give(old, device("a", SEATED))

    def compared() -> set[str]:
        return set(old.core(comparable, ORGANIZATION.bytes, BRANCH.bytes, old.folder._tables))

    assert {"spaces", "orders"} <= compared()
    old.upgrade(OLDER)
    assert "orders" not in compared()
    assert "spaces" in compared()
    give(old, device("b", [order(OTHER)]))
    assert "orders" not in compared(), "adding to it would not cure it"
    old.fold_again()
    assert "orders" in compared()
    assert not behind(old, old.folder._tables)


async def test_nothing_that_waits_is_named_unknown(replica: Replica) -> None:
    await arrive(replica, device("a", [("wishes", 0, SPACE, {"x": 1})]))
    assert await reasons(replica) == []


async def test_a_verdict_is_obeyed_though_the_kind_of_its_event_is_unknown(replica: Replica) -> None:
    written = device("a", [space(SPACE, name="void")], [space(OTHER, name="kept")])
    cloud = judging((written, 1, 1))
    event = {
        "branch_id": BRANCH.bytes,
        "kind": "of a later program",
        "happened_at": 1_795_000_000_000_000,
        "size": 1,
        "amount_minor": 0,
    }
    await arrive(replica, written)
    table, kind, row, fields = verdict(UUID(int=7), written.key.id, 1, 1)
    both = Written(cloud.key)
    both.commit([(table, kind, row, fields), ("exceptions", 0, UUID(int=8), event)])
    await arrive(replica, both)
    assert await space_names(replica) == {"kept"}
