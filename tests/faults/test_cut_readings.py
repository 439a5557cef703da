"""A program that ends while it reads: what is cut off comes to its end before the database is closed."""

from __future__ import annotations

import asyncio
import logging

import pytest
import sqlalchemy as sa

from tests.faults.till_on_disk import TillOnDisk

ROUNDS = 6
LONG = sa.text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT sum(i) FROM n")


async def test_a_reading_that_is_cut_off_leaves_nothing_behind_when_the_store_is_closed(
    till: TillOnDisk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    for number in range(ROUNDS):
        before = asyncio.all_tasks()
        async with till.store() as store:

            async def read() -> None:
                async with store.reading() as connection:
                    await connection.execute(LONG)

            readings = [asyncio.create_task(read()) for _ in range(5)]
            await asyncio.sleep(0)
            for steps, reading in enumerate(readings):
                for _ in range(steps * number):
                    await asyncio.sleep(0)
                reading.cancel()
        assert asyncio.all_tasks() == before
    assert not caplog.records
