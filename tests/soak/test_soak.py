"""A short day of the soak: each sale ends, and what is alive afterwards does not grow with their number."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from shared.payments.records import Receipt
from tests.faults.till_on_disk import copy_till, found_till
from tests.soak.day import Day

SPARE = 3
"""Tasks that happen to run when it is looked at."""


async def test_what_is_alive_does_not_grow_with_the_sales(tmp_path: Path) -> None:
    await found_till(tmp_path)
    till = copy_till(tmp_path, tmp_path / "soaked")
    day = Day(till, by_desk=20, by_screens=10)
    await day.live()
    async with till.store() as store, store.reading() as connection:
        assert await connection.scalar(sa.select(sa.func.count()).select_from(Receipt)) == 30
    early, *_between, last = day.memory.alive
    assert last <= early + SPARE, day.memory.alive
