"""The database's log is written back beside the commits, and not while somebody is at the device."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlcipher3 import dbapi2

from terminal.courtesy import Courtesy
from terminal.store.engines import open_for_write_back
from terminal.store.write_back import DUE_COMMITS, PRESSING_COMMITS, WriteBack

KEY = b"k" * 32
ROW = b"r" * 4_000


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """A database of which a few rows stand in the log alone."""
    connection = open_for_write_back(tmp_path / "store.db", KEY)
    connection.execute("CREATE TABLE rows (body BLOB)")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    for _row in range(20):
        connection.execute("INSERT INTO rows VALUES (?)", (ROW,))
    yield connection
    connection.close()


def beside(tmp_path: Path, courtesy: Courtesy) -> WriteBack:
    return WriteBack(partial(open_for_write_back, tmp_path / "store.db", KEY), courtesy)


async def counted(write_back: WriteBack, commits: int) -> None:
    for _commit in range(commits):
        write_back.committed()
        await asyncio.sleep(0)
    await write_back.close()


async def size_after(tmp_path: Path, commits: int, courtesy: Courtesy) -> int:
    await counted(beside(tmp_path, courtesy), commits)
    return (tmp_path / "store.db").stat().st_size


@pytest.mark.usefixtures("written")
async def test_the_log_is_written_back_once_there_is_enough_of_it(tmp_path: Path) -> None:
    before = (tmp_path / "store.db").stat().st_size
    assert await size_after(tmp_path, DUE_COMMITS - 1, Courtesy()) == before
    assert await size_after(tmp_path, DUE_COMMITS, Courtesy()) > before + 20 * len(ROW)


@pytest.mark.usefixtures("written")
async def test_who_is_at_the_device_does_not_share_the_disk_with_it_until_it_must_be(tmp_path: Path) -> None:
    before, courtesy = (tmp_path / "store.db").stat().st_size, Courtesy()
    with courtesy.somebody_waits():
        assert await size_after(tmp_path, DUE_COMMITS, courtesy) == before
        write_back = beside(tmp_path, courtesy)
        for _commit in range(PRESSING_COMMITS):
            write_back.committed()
        await counted(write_back, 0)
    assert (tmp_path / "store.db").stat().st_size > before


async def test_a_log_that_cannot_be_written_back_stops_nothing(tmp_path: Path, written: Any) -> None:
    def broken() -> Any:
        raise dbapi2.OperationalError("disk I/O error")

    await counted(WriteBack(broken, Courtesy()), 2 * DUE_COMMITS)
    assert written.execute("SELECT count(*) FROM rows").fetchone() == (20,)
