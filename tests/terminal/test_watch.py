"""A second program on a device's file learns which tables the first one's commits touched, and no others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlcipher3 import dbapi2

from shared.orders.records import OrderKind
from shared.records import metadata
from sync.records import streams
from terminal.desks.desk import Desk
from terminal.printing.records import print_job
from terminal.store import journal
from terminal.store.store import Store
from terminal.supervision.duties import Duty
from terminal.supervision.supervisor import Supervisor
from terminal.watch import EVERYTHING, Watch
from tests.faults.till_on_disk import TillOnDisk, copy_till, found_till
from tests.faults.until import until


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("founded")
    asyncio.run(found_till(folder))
    return folder


@pytest.fixture
def till(founded: Path, tmp_path: Path) -> TillOnDisk:
    return copy_till(founded, tmp_path / "till")


class Beside:
    """A second program that watches."""

    def __init__(self, store: Store, watch: Watch) -> None:
        self.store = store
        self._watch = watch
        self._heard: list[frozenset[str]] = []
        store.subscribe(lambda committed: self._heard.append(committed.tables))

    def hears(self) -> list[frozenset[str]]:
        """What the watch announces at one look."""
        self._heard.clear()
        self._watch.look()
        return list(self._heard)


@asynccontextmanager
async def watching(till: TillOnDisk) -> AsyncIterator[Beside]:
    async with till.store() as store:
        beside = Beside(store, Watch.begin(store))
        beside.hears()
        yield beside


async def order_with_a_line(desk: Desk) -> UUID:
    order_id = await desk.open_order(OrderKind.TAKEOUT)
    await desk.add_line(order_id, next(each for each in desk.menu.items.values() if not each.modifier_groups))
    return order_id


def shown(tables: frozenset[str]) -> frozenset[str]:
    """Those that hold rows of the restaurant, and the print jobs."""
    return tables & (frozenset(metadata.tables) | {print_job.name})


async def test_the_tables_of_another_programs_commands_are_announced_once(till: TillOnDisk) -> None:
    async with till.desk() as desk, watching(till) as beside:
        await order_with_a_line(desk)
        assert [shown(tables) for tables in beside.hears()] == [frozenset({"orders", "checks", "order_lines"})]
        assert beside.hears() == []


async def test_a_commit_before_the_first_look_is_announced_too(till: TillOnDisk) -> None:
    async with till.desk() as desk, till.store() as store:
        beside = Beside(store, Watch.begin(store))
        await order_with_a_line(desk)
        assert [shown(tables) for tables in beside.hears()] == [frozenset({"orders", "checks", "order_lines"})]


async def test_print_jobs_are_announced_with_the_sending_that_queued_them_and_alone(till: TillOnDisk) -> None:
    async with till.desk() as desk, watching(till) as beside:
        order_id = await order_with_a_line(desk)
        beside.hears()
        await desk.send(order_id)
        (tables,) = beside.hears()
        assert {"kitchen_tickets", "ticket_lines", print_job.name} <= tables
        assert not {"items", "staff", "payments"} & tables
        await desk.printing.try_now()
        assert beside.hears() == [frozenset({print_job.name})]


async def test_what_the_fold_and_the_sync_write_is_announced_by_its_tables(till: TillOnDisk) -> None:
    async with till.store() as first, watching(till) as beside:
        told_more = streams.update().values(acked_seq=streams.c.acked_seq + 1)
        await first.write(lambda connection: connection.execute(told_more))
        assert beside.hears() == [frozenset({streams.name})]
        await first.through(lambda door: door.run("UPDATE items SET name = name"))
        assert beside.hears() == [frozenset({"items"})]


async def test_what_was_rolled_back_and_what_this_program_wrote_is_no_news(till: TillOnDisk) -> None:
    async with till.desk() as desk, watching(till) as beside:

        async def writes_and_fails(connection: AsyncConnection) -> None:
            await connection.execute(print_job.delete())
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await desk.store.write(writes_and_fails)
        async with beside.store.transaction() as connection:
            await connection.execute(print_job.delete())
        assert beside.hears() == []
        await order_with_a_line(desk)
        assert not any(print_job.name in tables for tables in beside.hears())


async def test_who_was_away_for_longer_than_the_journal_reaches_reads_everything_again(
    till: TillOnDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "KEPT_COMMITS", 4)
    monkeypatch.setattr(journal, "FORGOTTEN_AT_ONCE", 2)
    async with till.desk() as desk, watching(till) as beside:
        for _order in range(6):
            await order_with_a_line(desk)
        assert beside.hears() == [EVERYTHING]
        async with desk.store.reading() as connection:
            assert await connection.scalar(select(func.count()).select_from(journal.journal)) <= 6, "it does not grow"
        await order_with_a_line(desk)
        assert [shown(tables) for tables in beside.hears()] == [frozenset({"orders", "checks", "order_lines"})]


async def test_a_connection_that_breaks_loses_no_news(till: TillOnDisk) -> None:
    async with till.desk() as desk, watching(till) as beside:
        assert beside.store.journal is not None
        beside.store.journal._connection.close()
        await order_with_a_line(desk)
        with pytest.raises(dbapi2.Error):
            beside.hears()
        assert [shown(tables) for tables in beside.hears()] == [frozenset({"orders", "checks", "order_lines"})]


async def test_a_file_that_is_locked_ends_no_watching(till: TillOnDisk) -> None:
    async with till.desk() as desk, till.store() as store, Supervisor(store.clock.now) as supervisor:
        heard: list[frozenset[str]] = []
        store.subscribe(lambda committed: heard.append(committed.tables))
        watch, looks = Watch.begin(store), [dbapi2.OperationalError("database is locked")] * 60
        look = watch.look

        def troubled() -> None:
            if looks:
                raise looks.pop()
            look()

        watch.look = troubled  # type: ignore[method-assign]
        supervisor.keep(Duty.WATCHING, watch.run)
        await order_with_a_line(desk)
        await until(lambda: any("order_lines" in tables for tables in heard), "it sees again")


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("INSERT INTO orders (id) VALUES (?)", "orders"),
        ('insert or ignore into "print_job" (id) VALUES (?) ON CONFLICT DO UPDATE SET x = 1', "print_job"),
        ("UPDATE orders SET update_of = 1", "orders"),
        ("UPDATE OR IGNORE orders SET x = 1", "orders"),
        ("  DELETE FROM journal WHERE number <= ?", "journal"),
        ("REPLACE INTO counters VALUES (?)", "counters"),
        ("WITH old AS (SELECT 1) UPDATE orders SET x = (SELECT * FROM old)", "orders"),
        ("WITH old AS (SELECT 1) SELECT * FROM old", None),
        ("SELECT updated_at FROM print_job", None),
        ("SAVEPOINT comanda", None),
    ],
)
def test_the_table_that_a_statement_writes(statement: str, table: str | None) -> None:
    assert journal.table_written(statement) == table


async def test_a_second_desk_shows_what_the_first_one_does(till: TillOnDisk) -> None:
    async with till.desk() as desk, till.desk() as beside:
        running = asyncio.create_task(Watch.begin(beside.store).run())
        read: list[frozenset[str]] = []
        beside.subscribe(read.append)
        await order_with_a_line(desk)
        await until(lambda: dict(beside.orders) == dict(desk.orders), "the second desk shows the order")
        running.cancel()
        assert beside.menu.items == desk.menu.items
        assert not any("menu" in names for names in read), "what nobody touched was not read again"
