"""The steps make the declared tables, from every older file; and a file of a newer program is still of use."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from sales_sums import a_receipt
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from shared.kernel.records import SCHEMA_EPOCH
from shared.payments.records import Receipt
from shared.records import sums_metadata
from shared.sales.records import sales_by_hour
from terminal.store import schema
from terminal.store.errors import StoreError
from tests.freeze import RUN, differences, first_step
from tests.terminal.store.additive import objections

A_LATER_STEP = """
ALTER TABLE receipts ADD COLUMN allergy VARCHAR(40);
ALTER TABLE receipts ADD COLUMN priority BIGINT DEFAULT 0 NOT NULL;
CREATE TABLE wishes (organization_id BLOB NOT NULL, id BLOB NOT NULL, PRIMARY KEY (organization_id, id));
CREATE UNIQUE INDEX ix_wishes_id ON wishes (id, organization_id);
CREATE INDEX ix_receipts_allergy ON receipts (allergy, organization_id);
"""


def engine_of(path: Path) -> AsyncEngine:
    return create_async_engine(f"sqlite+aiosqlite:///{path}")


async def tables(engine: AsyncEngine) -> dict[str, str]:
    async with engine.connect() as connection:
        made = await connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        return dict(made.all())


def test_the_steps_make_exactly_the_declared_tables() -> None:
    assert differences() == [], RUN


def test_a_table_that_changed_and_was_not_frozen_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    frozen = (first_step(),)
    changed = sa.MetaData()
    for table in sums_metadata.sorted_tables:
        table.to_metadata(changed)
    changed.tables[sales_by_hour.name].append_column(sa.Column("wishes_minor", sa.BigInteger))
    monkeypatch.setattr(
        schema, "METADATAS", (*(each for each in schema.METADATAS if each is not sums_metadata), changed)
    )
    assert differences(frozen) == ["sales_by_hour: wishes_minor BIGINT is declared and in no step"]


def test_the_epoch_is_the_number_of_the_newest_step() -> None:
    assert len(schema.STEPS) == SCHEMA_EPOCH


def test_the_steps_after_the_first_only_add() -> None:
    assert [each for step in schema.STEPS[1:] for each in objections(step)] == []


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE orders",
        "ALTER TABLE orders RENAME COLUMN notes TO remarks",
        "ALTER TABLE orders ADD COLUMN allergy VARCHAR(40) NOT NULL",
        "ALTER TABLE orders ADD COLUMN guests_max BIGINT CHECK (guests_max > 0)",
        "CREATE UNIQUE INDEX ix_orders_number ON orders (number)",
        "UPDATE orders SET notes = ''",
    ],
)
def test_what_an_older_program_could_not_live_with_is_found(statement: str) -> None:
    assert len(objections(f"{A_LATER_STEP}{statement};\n")) == 1
    assert objections(A_LATER_STEP) == []


@pytest.mark.parametrize("seen", range(len(schema.STEPS) + 1))
async def test_every_step_runs_on_files_of_every_older_program(
    seen: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = engine_of(tmp_path / "old.db"), engine_of(tmp_path / "new.db")
    steps = (*schema.STEPS, A_LATER_STEP)
    if seen:
        monkeypatch.setattr(schema, "STEPS", steps[:seen])
        await schema.upgrade(old)
    monkeypatch.setattr(schema, "STEPS", steps)
    for engine in (old, new):
        await schema.upgrade(engine)
    assert await tables(old) == await tables(new)
    assert {"wishes", sales_by_hour.name} <= (await tables(new)).keys()
    for engine in (old, new):
        await engine.dispose()


async def test_an_older_program_opens_the_file_of_a_newer_one_and_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = engine_of(tmp_path / "till.db")
    with monkeypatch.context() as newer:
        newer.setattr(schema, "STEPS", (*schema.STEPS, A_LATER_STEP))
        await schema.upgrade(engine)
    before = await tables(engine)
    await schema.upgrade(engine)
    async with engine.begin() as connection:
        await connection.execute(Receipt.__table__.insert(), [a_receipt(1, 1_000)])
        version = await connection.exec_driver_sql("PRAGMA user_version")
        assert version.scalar_one() == len(schema.STEPS) + 1, "the file stays as the newer program left it"
    assert await tables(engine) == before
    await engine.dispose()


async def test_a_file_that_an_older_program_would_misread_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = engine_of(tmp_path / "till.db")
    with monkeypatch.context() as newer:
        newer.setattr(schema, "STEPS", (*schema.STEPS, A_LATER_STEP))
        newer.setattr(schema, "OLDEST_READER", len(schema.STEPS))
        await schema.upgrade(engine)
    with pytest.raises(StoreError, match="STORE_TOO_NEW"):
        await schema.upgrade(engine)
    await engine.dispose()


async def test_sums_are_counted_anew_after_another_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = engine_of(tmp_path / "till.db")
    await schema.upgrade(engine)
    async with engine.begin() as connection:
        await connection.execute(Receipt.__table__.insert(), [a_receipt(1, 1_000), a_receipt(2, 250)])

    async def counted() -> list[int]:
        await schema.upgrade(engine)
        async with engine.connect() as connection:
            return list((await connection.execute(sa.select(sales_by_hour.c.checks))).scalars())

    assert await counted() == [], "this program has told its sums itself"
    with monkeypatch.context() as another:
        another.setattr(schema, "counting_program", lambda _tables, _declared: bytes(16))
        assert await counted() == [2], "two checks were paid"
    await engine.dispose()
