"""The one guard: whatever breaks over a transaction parks that transaction alone, obeyed verdicts included."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from uuid import UUID

import pytest
import sqlalchemy as sa
from restaurant import ORGANIZATION, Replica
from streams import arrive, device, edit, judging, line, order, reasons, space, space_names, tab

from shared.floor.records import Space
from shared.orders.records import Order, OrderLine
from sync import folder, waiting
from sync.door import Door
from sync.feed import Listener, RowChange
from sync.fold import Batch
from sync.folder import Folder
from sync.records import Verdict

SPACE, OTHER, ORDER, LINE = (UUID(int=number) for number in range(101, 105))
LOCKED = sa.exc.OperationalError("", None, sqlite3.OperationalError("database is locked"))


class Faulty:
    """The judge of an older program, that breaks over every order."""

    def look(self, batch: Batch) -> None:
        assert not batch.creations["orders"]


class Trap:
    """A listener with a defect: it breaks over spaces that become what it does not like."""

    def __init__(self, where: str, error: Exception, name: str = "trap") -> None:
        self._where = where
        self._error = error
        self._name = name

    def prepare(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        self._look("prepare", feed)

    def write(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        self._look("write", feed)

    def _look(self, where: str, feed: Mapping[str, Sequence[RowChange]]) -> None:
        if where == self._where and any(after and after.name == self._name for *_row, after in feed.get("spaces", ())):
            raise self._error


def with_listeners(replica: Replica, *more: Listener, program: bytes | None = None) -> Folder:
    return Folder(ORGANIZATION, replica.specs, listeners=(*replica.author.listeners, *more), program=program)


NEXT_PROGRAM = b"the next program"


async def refuse(replica: Replica, when: str) -> None:
    """Let the database refuse rows."""
    async with replica.connection() as connection:
        await connection.exec_driver_sql(f"CREATE TRIGGER refuse {when} BEGIN SELECT RAISE(ABORT, 'no'); END")


async def refuse_nothing(replica: Replica) -> None:
    async with replica.connection() as connection:
        await connection.exec_driver_sql("DROP TRIGGER refuse")


# -- what is folded ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["prepare", "write"])
async def test_a_transaction_that_breaks_a_listener_parks_alone(replica: Replica, where: str) -> None:
    await arrive(replica, tab())
    replica.folder = with_listeners(replica, Trap(where, KeyError("x")))
    rows = [[space(UUID(int=number), name=f"{number}")] for number in range(1, 8)]
    rows[4] = [space(SPACE, name="trap"), order(ORDER)]
    await arrive(replica, device("a", *rows), device("b", [line(LINE, ORDER)], [space(OTHER, name="b")]))
    assert await space_names(replica) == {"1", "2", "3", "4", "6", "7", "b"}
    assert sorted(await reasons(replica)) == [(1, 1, "PARENT_UNKNOWN"), (5, 6, "FOLD_FAILED")]
    await replica.digests()  # what was rolled back is in no digest
    replica.folder = with_listeners(replica, program=NEXT_PROGRAM)
    await replica.fold()
    assert await reasons(replica) == []
    assert await replica.row(OrderLine, LINE) is not None
    await replica.digests()


@pytest.mark.parametrize("error", [LOCKED, OSError("disk full")])
async def test_an_error_of_the_moment_is_raised_and_parks_nothing(replica: Replica, error: Exception) -> None:
    replica.folder = with_listeners(replica, Trap("write", error))
    written = device("a", [space(SPACE, name="trap")], [space(OTHER, name="after")])
    await replica.receive(written.between(0, 2))
    with pytest.raises(type(error)):
        await replica.fold()
    assert (await replica.parked(), await space_names(replica)) == ([], set())
    replica.folder = with_listeners(replica)
    await replica.fold()
    assert await space_names(replica) == {"trap", "after"}


async def test_a_full_disk_parks_nothing(replica: Replica) -> None:
    """SQLite rolls the whole transaction back then, and no savepoint is left to go back to."""
    many = [[space(UUID(int=1_000 + 100 * at + row), name="x" * 120) for row in range(100)] for at in range(30)]
    written = device("a", *many)
    await replica.receive(written.between(0, 3_000))
    pages = await replica.core(lambda door: int(door.value("PRAGMA page_count")))
    await replica.core(lambda door: door.rows(f"PRAGMA max_page_count = {pages + 20}"))
    with pytest.raises(sa.exc.OperationalError):
        await replica.fold()
    assert (await replica.parked(), await space_names(replica)) == ([], set())
    await replica.core(lambda door: door.rows("PRAGMA max_page_count = 100000"))
    await replica.fold()
    assert len(await replica.rows(Space)) == 3_001


# -- what another program tries ----------------------------------------------------------------------------------------


async def test_more_than_one_fold_tries_again_comes_with_the_next_folds(
    replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "UNTRIED_AT_ONCE", 3)  # the true limit would cost the test seconds
    replica.folder = Folder(ORGANIZATION, replica.specs, Faulty(), program=bytes(16))
    lost = [[order(UUID(int=1_000 + number), kind="x" * 33 if number % 3 else "takeout")] for number in range(10)]
    await arrive(replica, device("a", *lost))
    assert len(await replica.parked()) == 10
    replica.folder = Folder(ORGANIZATION, replica.specs, listeners=replica.author.listeners)
    assert len(await replica.fold()) == 4
    assert [first for first, _last, _reason in await reasons(replica)] == [2, 3, 5, 6, 8, 9]
    assert await replica.fold() == [], "each program tries once"


async def test_whoever_folds_until_nothing_is_left_tries_all_that_an_older_program_parked(
    replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (waiting, folder):
        monkeypatch.setattr(module, "UNTRIED_AT_ONCE", 3)  # the true limit would cost the test seconds
    replica.folder = Folder(ORGANIZATION, replica.specs, Faulty(), program=bytes(16))
    await arrive(replica, device("a", *[[order(UUID(int=1_000 + number))] for number in range(8)]))
    replica.folder = Folder(ORGANIZATION, replica.specs, listeners=replica.author.listeners)
    last: list[bool] = []
    while not last or not last[-1]:
        (progress,) = await replica.fold(1)
        last.append(progress.is_last)
    assert last == [False, False, True]
    assert await reasons(replica) == []
    assert len(await replica.rows(Order)) == 8


async def test_whoever_folds_until_nothing_is_left_gets_all_that_a_row_cures(replica: Replica) -> None:
    """One fold cures a batch at most."""
    await arrive(replica, tab())
    await arrive(replica, device("a", *[[line(UUID(int=1_000 + number), ORDER)] for number in range(8)]))
    replica.folder = Folder(ORGANIZATION, replica.specs, listeners=replica.author.listeners, batch_changes=3)
    await replica.receive(device("b", [order(ORDER)]).between(0, 1))
    last: list[bool] = []
    while not last or not last[-1]:
        (progress,) = await replica.fold(1)
        last.append(progress.is_last)
    assert last == [False, False, True]
    assert await reasons(replica) == []
    assert len(await replica.rows(OrderLine)) == 8


async def test_what_an_older_program_left_is_folded_though_the_first_fold_of_the_next_was_rolled_back(
    replica: Replica,
) -> None:
    await arrive(replica, tab())
    older = {name: spec for name, spec in replica.specs.items() if name != "order_lines"}
    replica.folder = Folder(ORGANIZATION, older)
    late = [edit("orders", UUID(int=9), notes="too early")]
    await arrive(replica, device("a", [order(ORDER)], [line(LINE, ORDER)], late))
    replica.folder = Folder(ORGANIZATION, replica.specs)
    written = device("b", [space(SPACE, name="next")])
    await replica.receive(written.between(0, 1))

    def full(door: Door) -> None:
        replica.folder.fold_next(door, 0)
        replica.folder.fold_again(door, 0)
        raise OSError("the commit fails: disk full")

    with pytest.raises(OSError, match="disk full"):
        await replica.core(full)
    await replica.fold()
    await replica.fold_again()
    assert await reasons(replica) == [(3, 3, "ROW_UNKNOWN")]
    assert await replica.row(OrderLine, LINE) is not None


# -- verdicts ----------------------------------------------------------------------------------------------------------


async def cursed(replica: Replica, *, trap: Listener | None = None) -> None:
    """Two verdicts, of which one cannot be obeyed, and honest work after them."""
    bad = device("a", [space(SPACE, name="cursed")], [edit("spaces", SPACE, name="wrong")])
    worse = device("b", [space(OTHER, name="right")], [edit("spaces", OTHER, name="wrong, too")])
    await arrive(replica, bad, worse)
    if trap:
        replica.folder = with_listeners(replica, trap)
    else:
        await refuse(replica, "BEFORE UPDATE ON spaces WHEN NEW.name = 'cursed'")
    voids = judging((bad, 2, 2), (worse, 2, 2))
    later = device("c", [space(UUID(int=9), name="later")])
    await replica.receive(voids.between(0, 2), later.between(0, 1))
    await replica.fold()


@pytest.mark.parametrize("trap", [None, Trap("prepare", KeyError("x"), "cursed"), Trap("write", KeyError(), "cursed")])
async def test_a_verdict_that_cannot_be_obeyed_parks_alone(replica: Replica, trap: Trap | None) -> None:
    await cursed(replica, trap=trap)
    assert await space_names(replica) == {"wrong", "right", "later"}
    assert await reasons(replica) == [(1, 1, "FOLD_FAILED")]
    assert len(await replica.rows(Verdict)) == 1, "what is parked is not in force"
    await replica.digests()


async def test_the_next_program_obeys_what_this_one_could_not(replica: Replica) -> None:
    await cursed(replica)
    await refuse_nothing(replica)
    assert await replica.fold() == [], "one program tries once"
    replica.folder = with_listeners(replica, program=NEXT_PROGRAM)
    await replica.fold()
    assert await space_names(replica) == {"cursed", "right", "later"}
    assert await reasons(replica) == []
    assert len(await replica.rows(Verdict)) == 2
    await replica.digests()


async def test_a_verdict_is_obeyed_again_after_an_error_of_the_moment(replica: Replica) -> None:
    with pytest.raises(sa.exc.OperationalError):
        await cursed(replica, trap=Trap("write", LOCKED, "cursed"))
    assert await replica.parked() == []
    replica.folder = with_listeners(replica)
    await replica.fold()
    assert await space_names(replica) == {"cursed", "right", "later"}


async def test_a_verdict_about_a_stream_that_is_not_held_yet_waits_for_it_without_parking(replica: Replica) -> None:
    unheard, partly = (
        device("a", [space(SPACE, name="void")]),
        device("b", [space(OTHER)], [space(LINE)], [space(ORDER)]),
    )
    await replica.receive(partly.between(0, 1))
    await arrive(replica, judging((unheard, 1, 1), (partly, 1, 2)))
    assert await reasons(replica) == []
    await replica.receive(partly.between(1, 3))
    await arrive(replica, unheard)
    assert {row.id for row in await replica.rows(Space)} & {SPACE, OTHER, LINE, ORDER} == {ORDER}
    assert await reasons(replica) == []
    await replica.digests()
