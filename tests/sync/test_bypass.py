"""No way past the log: whatever writes a replicated table outside a unit's flush is refused, by whatever API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from restaurant import BRANCH, ORGANIZATION, SERVER, Replica
from sqlalchemy.ext.asyncio import AsyncSession

from shared.floor.records import Space
from shared.kernel.errors import DomainError
from shared.kernel.work import Work
from shared.orders.commands import open_order
from shared.orders.records import Order, OrderKind

ORDER, SPACE = UUID(int=1_000), UUID(int=1_001)
ORDERS: Any = Order.__table__
UPDATE = sa.update(ORDERS).values(notes="past the log")
NEW_SPACE = {"organization_id": ORGANIZATION, "branch_id": BRANCH, "id": SPACE, "name": "x"}


async def by_connection(work: Work) -> None:
    await (await work.session.connection()).execute(UPDATE)


async def by_driver_text(work: Work) -> None:
    await (await work.session.connection()).exec_driver_sql("UPDATE orders SET notes = 'past the log'")


async def by_statement(work: Work) -> None:
    await work.session.execute(UPDATE)


async def by_common_table_expression(work: Work) -> None:
    await work.session.execute(sa.text("WITH some AS (SELECT 1) UPDATE orders SET notes = 'past the log'"))


async def by_upsert(work: Work) -> None:
    upsert = f"INSERT OR REPLACE INTO main.\"spaces\" (organization_id, id) VALUES (x'{SPACE.hex}', x'{SPACE.hex}')"
    await work.session.execute(sa.text(upsert))


async def by_bulk_update(work: Work) -> None:
    changed = [{"organization_id": ORGANIZATION, "id": ORDER, "notes": "past the log"}]
    await work.session.run_sync(lambda session: session.bulk_update_mappings(Order.__mapper__, changed))


async def by_bulk_insert(work: Work) -> None:
    await work.session.run_sync(lambda session: session.bulk_insert_mappings(Space.__mapper__, [NEW_SPACE]))


async def by_bulk_save(work: Work) -> None:
    await work.session.run_sync(lambda session: session.bulk_save_objects([Space(**NEW_SPACE)]))


async def after_a_flush(work: Work) -> None:
    """The flush of a unit opens the way for itself alone."""
    (await work.get(Order, ORDER)).notes = "by the log"
    await work.session.flush()
    await by_connection(work)


async def after_a_flush_that_wrote_nothing(work: Work) -> None:
    (await work.get(Order, ORDER)).notes = ""
    await work.session.flush()
    await by_connection(work)


@pytest.fixture
async def till(till: Replica) -> Replica:
    async with till.work(SERVER) as work:
        await open_order(work, ORDER, OrderKind.TAKEOUT)
    return till


@pytest.mark.parametrize(
    "attempt",
    [
        by_connection,
        by_driver_text,
        by_statement,
        by_common_table_expression,
        by_upsert,
        by_bulk_update,
        by_bulk_insert,
        by_bulk_save,
        after_a_flush,
        after_a_flush_that_wrote_nothing,
    ],
)
async def test_a_unit_of_work_cannot_write_past_the_log(
    till: Replica, attempt: Callable[[Work], Awaitable[None]]
) -> None:
    log = await till.log()
    with pytest.raises(DomainError, match="STATEMENT_BYPASSES_THE_LOG"):
        async with till.work(SERVER) as work:
            await attempt(work)
    assert await till.log() == log
    assert (await till.row(Order, ORDER)).notes == ""
    assert await till.row(Space, SPACE) is None


async def test_a_session_without_a_unit_of_work_cannot_write_records(till: Replica) -> None:
    with pytest.raises(DomainError, match="STATEMENT_BYPASSES_THE_LOG"):
        async with AsyncSession(till.engine) as session, session.begin():
            (await session.get_one(Order, (ORGANIZATION, ORDER))).notes = "past the log"
    assert (await till.row(Order, ORDER)).notes == ""


async def test_a_unit_that_failed_in_its_flush_leaves_no_way_open(till: Replica) -> None:
    """The connection serves the next session."""
    with pytest.raises(sa.exc.IntegrityError):
        async with till.work(SERVER) as work:
            await open_order(work, ORDER, OrderKind.TAKEOUT)
    with pytest.raises(DomainError, match="STATEMENT_BYPASSES_THE_LOG"):
        async with AsyncSession(till.engine) as session, session.begin():
            await session.execute(UPDATE)


async def test_what_is_not_replicated_is_written_freely(till: Replica) -> None:
    async with till.work(SERVER) as work:
        await work.session.execute(sa.text("INSERT INTO counters (series, value) VALUES ('orders and checks', 1)"))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE/**/orders SET notes = 'x'",
        "UPDATE /* a comment */ orders SET notes = 'x'",
        "UPDATE -- a comment\n orders SET notes = 'x'",
        "UPDATE OR IGNORE 'orders' SET notes = 'x'",
        "UPDATE `main`.`orders` SET notes = 'x'",
        "UPDATE [main].orders SET notes = 'x'",
        'UPDATE "main" . "orders" SET notes = \'x\'',
        "SELECT 1; UPDATE orders SET notes = 'x'",
        "SET LOCAL work_mem = '4MB'; DELETE FROM orders",
        "UPDATE ONLY (orders) SET notes = 'x'",
        "MERGE INTO ONLY orders USING spaces ON false WHEN MATCHED THEN DELETE",
        "ALTER TABLE orders DROP COLUMN notes",
    ],
)
async def test_no_spelling_of_a_statement_leads_past_the_log(till: Replica, sql: str) -> None:
    with pytest.raises(DomainError, match="STATEMENT_BYPASSES_THE_LOG"):
        async with till.work(SERVER) as work:
            await (await work.session.connection()).exec_driver_sql(sql)
    assert (await till.row(Order, ORDER)).notes == ""


async def test_a_query_that_locks_rows_or_names_a_table_in_a_text_is_let_pass(till: Replica) -> None:
    async with till.work(SERVER) as work:
        connection = await work.session.connection()
        assert (await connection.exec_driver_sql("SELECT 'please UPDATE the orders'")).scalar_one()
        assert (await connection.exec_driver_sql("SELECT count(*) FROM orders")).scalar_one() == 1


async def commits_early(till: Replica) -> None:
    async with till.work(SERVER) as work:
        (await work.get(Order, ORDER)).notes = "committed early"
        await work.session.commit()


async def goes_on_after_a_rollback(till: Replica) -> None:
    async with till.work(SERVER) as work:
        (await work.get(Order, ORDER)).notes = "rolled back"
        await work.session.flush()
        await work.session.rollback()


async def test_a_unit_of_work_cannot_commit_or_roll_back_before_its_end(till: Replica) -> None:
    log = await till.log()
    with pytest.raises(RuntimeError, match="commits when its block ends"):
        await commits_early(till)
    with pytest.raises(RuntimeError, match="rolls back"):
        await goes_on_after_a_rollback(till)
    assert await till.log() == log
    assert (await till.row(Order, ORDER)).notes == ""
    await till.digests()
