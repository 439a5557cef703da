"""What the screens' tests share: a desk of paper with its voice, and a till on disk, founded once a run."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from terminal.screens.voice import Voice
from tests.faults.till_on_disk import TillOnDisk, copy_till, found_till
from tests.terminal.screens.paper_desk import PaperDesk


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")


@pytest.fixture
def desk() -> PaperDesk:
    return PaperDesk()


@pytest.fixture
def voice(desk: PaperDesk) -> Voice:
    return Voice.of(desk)


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a founded till; copy it, and change nothing in it."""
    folder = tmp_path_factory.mktemp("founded")
    asyncio.run(found_till(folder))
    return folder


@pytest.fixture
def till(founded: Path, tmp_path: Path) -> TillOnDisk:
    """A till of one's own."""
    return copy_till(founded, tmp_path / "till")
