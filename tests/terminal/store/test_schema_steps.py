"""A device that saw only the earlier steps of the schema ends with the same tables as a new one."""

from __future__ import annotations

from pathlib import Path

import pytest
from sales_sums import a_receipt
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from shared.payments.records import Receipt
from shared.sales.records import sales_by_hour
from terminal.store import schema


async def tables(engine: AsyncEngine) -> dict[str, str]:
    async with engine.connect() as connection:
        made = await connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        return dict(made.all())


@pytest.mark.parametrize("seen", range(len(schema.STEPS)))
async def test_an_older_file_is_brought_to_the_newest_schema(
    seen: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = (create_async_engine(f"sqlite+aiosqlite:///{tmp_path / name}") for name in ("old.db", "new.db"))
    with monkeypatch.context() as earlier:
        earlier.setattr(schema, "STEPS", schema.STEPS[:seen])
        await schema.upgrade(old)
    before = await tables(old)
    for engine in (old, new):
        await schema.upgrade(engine)
    assert before.keys() < (await tables(new)).keys()
    assert await tables(old) == await tables(new)
    assert sales_by_hour.name in await tables(old)
    for engine in (old, new):
        await engine.dispose()


async def test_a_sum_that_is_new_counts_the_rows_that_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'old.db'}")
    with monkeypatch.context() as earlier:
        earlier.setattr(schema, "STEPS", schema.STEPS[:1])
        await schema.upgrade(engine)
    async with engine.begin() as connection:
        await connection.execute(Receipt.__table__.insert(), [a_receipt(1, 1_000), a_receipt(2, 250)])
    await schema.upgrade(engine)
    async with engine.connect() as connection:
        (hour,) = await connection.execute(sales_by_hour.select())
        assert (hour.local_hour, hour.receipts, hour.total_minor) == (13, 2, 1_250)
    await engine.dispose()


async def test_the_steps_make_every_table_of_the_program(tmp_path: Path) -> None:
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'new.db'}")
    await schema.upgrade(engine)
    assert {table for metadata in schema.METADATAS for table in metadata.tables} <= (await tables(engine)).keys()
    await engine.dispose()
