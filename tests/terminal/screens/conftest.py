"""What the screens' tests share: a desk of paper with its voice, and a till on disk, founded once a run."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from terminal.screens.voice import Voice
from tests.faults.till_on_disk import TillOnDisk, copy_till, found_till
from tests.terminal.printing.conftest import FileStore, LoopbackPrinter, open_store
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


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[FileStore]:
    async with open_store(tmp_path / "device.sqlite") as opened:
        yield opened


@pytest.fixture
async def kitchen_printer() -> AsyncIterator[LoopbackPrinter]:
    printer = LoopbackPrinter()
    await printer.start()
    yield printer
    await printer.stop()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]
