"""One founded till a run, a copy of its folder for each test."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from restaurant import CLOUD, HandClock, open_replica

from tests.faults.till_on_disk import CloudNearby, TillOnDisk, copy_till, found_till

CYCLES = 120
"""Kills of the till in every run of the tests; more on demand."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cycles", type=int, default=CYCLES, help="how often the till is killed in the middle of a sale")


@pytest.fixture(scope="session")
def cycles(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--cycles", CYCLES) or CYCLES)


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("founded")
    asyncio.run(found_till(folder))
    return folder


@pytest.fixture
def till(founded: Path, tmp_path: Path) -> TillOnDisk:
    return copy_till(founded, tmp_path / "till")


@pytest.fixture
async def cloud(founded: Path, tmp_path: Path) -> AsyncIterator[CloudNearby]:
    """The cloud that founded the till."""
    shutil.copy(founded / "cloud.db", tmp_path / "cloud.db")
    replica = open_replica(tmp_path / "cloud.db", CLOUD, None, "", HandClock())
    yield CloudNearby(replica)
    await replica.close()


@pytest.fixture(scope="session")
def another_till(founded: Path) -> Callable[[Path], TillOnDisk]:
    """Makes a till in a folder."""
    return lambda folder: copy_till(founded, folder)
