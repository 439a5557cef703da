"""A till and the server read the same sums by the same statements, and read the same day."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from sales_sums import DAY, sums_of_a_day
from sqlalchemy.ext.asyncio import create_async_engine

from cloud.database.transaction import Database
from shared.records import sums_metadata
from shared.sales.queries import By, Span, day_sales, sales_by

CUTOFF_MINUTES = 240


async def test_both_databases_say_the_same_of_a_day(database: Database, tmp_path: Path) -> None:
    organization_id, branch_id = uuid4(), uuid4()
    sums = {
        table: [*rows, *sums_of_a_day(organization_id, branch_id, currency="USD")[table]]
        for table, rows in sums_of_a_day(organization_id, branch_id).items()
    }
    span = Span(organization_id, (branch_id,), DAY, DAY)
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'sums.db'}")
    async with engine.begin() as till, database.write(organization_id) as server:
        await till.run_sync(sums_metadata.create_all)
        for table, rows in sums.items():
            await till.execute(table.insert(), rows)
            await server.execute(table.insert(), rows)
        days = [await day_sales(each, organization_id, branch_id, DAY, CUTOFF_MINUTES) for each in (till, server)]
        assert days[0] == days[1]
        assert days[0].totals == (replace(days[0].totals[1], currency="PEN"), days[0].totals[1])
        for by in By:
            assert await sales_by(till, span, by) == await sales_by(server, span, by), by
    await engine.dispose()
