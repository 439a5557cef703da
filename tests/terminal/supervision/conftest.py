"""A till on disk, and programs that run on its folder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.till_on_disk import TillOnDisk, copy_till, found_till
from tests.terminal.supervision.programs import Program, programs_of


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("founded")
    asyncio.run(found_till(folder))
    return folder


@pytest.fixture
def till(founded: Path, tmp_path: Path) -> TillOnDisk:
    return copy_till(founded, tmp_path / "till")


@pytest.fixture
def start(till: TillOnDisk) -> Iterator[Callable[[], Program]]:
    """Starts one more program of the till's folder."""
    with programs_of(till.folder.root) as starts:
        yield starts
