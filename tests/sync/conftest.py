"""One founded restaurant a run, one copy of it a test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from restaurant import TILL, WAITER, House, Replica, Village, found


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, House]:
    folder = tmp_path_factory.mktemp("restaurant")
    return folder, asyncio.run(found(folder))


@pytest.fixture
async def village(template: tuple[Path, House], tmp_path: Path) -> AsyncIterator[Village]:
    """A founded restaurant whose devices can be opened by id."""
    village = Village(template[0], tmp_path, template[1])
    yield village
    await village.close()


@pytest.fixture
def till(village: Village) -> Replica:
    return village.replica(TILL)


@pytest.fixture
async def replica(village: Village) -> Replica:
    """A device that knows its branch, and has folded all that it holds."""
    replica = village.replica(WAITER, "B")
    await replica.fold()
    return replica
