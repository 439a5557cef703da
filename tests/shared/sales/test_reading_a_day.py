"""A till reads the sales of its day from the sums that it keeps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from replicas import BRANCH, ORGANIZATION, OTHER_BRANCH
from sales_sums import DAY, sums_of_a_day
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from shared.records import sums_metadata
from shared.sales.queries import DaySales, day_sales

CUTOFF_MINUTES = 240


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'sums.db'}")
    async with engine.begin() as connection:
        await connection.run_sync(sums_metadata.create_all)
        yield connection
    await engine.dispose()


async def put(connection: AsyncConnection, branch_id: UUID, **more: object) -> None:
    for table, rows in sums_of_a_day(ORGANIZATION, branch_id, **more).items():  # type: ignore[arg-type]
        await connection.execute(table.insert(), rows)


async def read(connection: AsyncConnection) -> DaySales:
    return await day_sales(connection, ORGANIZATION, BRANCH, DAY, CUTOFF_MINUTES)


async def test_the_parts_of_a_day_add_up(connection: AsyncConnection) -> None:
    await put(connection, BRANCH)
    day = await read(connection)
    (total,) = day.totals
    assert (total.checks, total.total_minor, total.discount_minor, total.rounding_minor) == (6, 52_800, 900, -12)
    for groups in (day.methods, day.items, day.hours):
        assert sum(group.total_minor for group in groups) == total.total_minor
    assert [group.name for group in day.methods] == ["Efectivo", "Yape", "Visa"]


async def test_hours_follow_from_the_beginning_of_the_business_day(connection: AsyncConnection) -> None:
    await put(connection, BRANCH)
    assert [(group.key, group.checks) for group in (await read(connection)).hours] == [
        ("13", 3),
        ("14", 2),
        ("00", 1),
    ]


async def test_a_renamed_item_is_one_item_under_its_newest_name(connection: AsyncConnection) -> None:
    await put(connection, BRANCH)
    items = [(group.name, group.quantity_milli) for group in (await read(connection)).items]
    assert items == [("Ceviche clásico", 6_000), ("Lomo saltado grande", 6_000), ("Chicha morada", 6_000)]


async def test_other_days_branches_and_currencies_stay_apart(connection: AsyncConnection) -> None:
    await put(connection, BRANCH)
    before = await read(connection)
    await put(connection, BRANCH, day=DAY + timedelta(days=1))
    await put(connection, OTHER_BRANCH)
    assert await read(connection) == before
    await put(connection, BRANCH, currency="USD")
    assert [(total.currency, total.total_minor) for total in (await read(connection)).totals] == [
        ("PEN", 52_800),
        ("USD", 52_800),
    ]


async def test_a_day_without_sales_is_empty(connection: AsyncConnection) -> None:
    assert await read(connection) == DaySales(DAY, (), (), (), ())
