"""Real bytes through a real terminal line into the real app, in a process of its own: Textual takes over stdin."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PATIENCE_SECONDS = 30.0
CODE = "7750182000123" * 30
"""So long that nobody types it while a busy machine does not run the program."""
PLAYED = """
import asyncio, sys
from pathlib import Path
from terminal.app import ComandaApp
from tests.terminal.screens.paper_desk import PaperDesk

class Noting(ComandaApp):
    async def on_event(self, event):
        name = type(event).__name__
        if name in ("Key", "Scanned", "Paste") and not event.is_forwarded:
            with open(sys.argv[1], "a") as book:
                print(name, repr(getattr(event, "text", None) or event.key), file=book)
        await super().on_event(event)

async def main():
    app = Noting(PaperDesk())
    async def ready():
        await app.painted.wait()
        await asyncio.sleep(0.3)
        Path(sys.argv[1]).touch()
    waiting = asyncio.create_task(ready())
    await app.run_async()

asyncio.run(main())
"""


class Line:
    """The terminal's end of the line, and what the app was told."""

    def __init__(self, book: Path) -> None:
        self.book = book
        self._end, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", PLAYED, str(book)], stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True
        )
        self._theirs = theirs
        os.set_blocking(self._end, False)
        self.until(book.exists)

    def send(self, data: bytes) -> None:
        self._drain()
        os.write(self._end, data)

    def type(self, text: str, apart: float) -> None:
        for char in text:
            self.send(char.encode())
            time.sleep(apart)

    def stop(self) -> None:
        """Make the program stand still, and wait until each of its threads does."""
        self.process.send_signal(signal.SIGSTOP)
        self.until(lambda: set(self._states()) == {"T"})

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def _states(self) -> list[str]:
        threads = Path(f"/proc/{self.process.pid}/task").iterdir()
        return [(each / "stat").read_text().rpartition(")")[2].split()[0] for each in threads]

    @property
    def waiting(self) -> int:
        """How many bytes the program has not read."""
        return int.from_bytes(fcntl.ioctl(self._theirs, termios.FIONREAD, b"\0" * 4), sys.byteorder)

    def until(self, is_so: Callable[[], bool]) -> None:
        """Wait, and read what the app paints meanwhile."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            assert time.monotonic() < deadline, self.told
            self._drain()
            time.sleep(0.02)

    @property
    def told(self) -> list[str]:
        return self.book.read_text().splitlines() if self.book.exists() else []

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._end)
        os.close(self._theirs)

    def _drain(self) -> None:
        try:
            while os.read(self._end, 65_536):
                pass
        except (BlockingIOError, OSError):
            pass


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path / "book")
    yield made
    made.close()


def test_bytes_of_a_terminal_are_keys_codes_and_pastes(line: Line) -> None:
    line.send(f"{CODE}\r".encode())
    line.until(lambda: len(line.told) >= 1)
    line.send(b"\x1b[200~sin cebolla\nni sal\x1b[201~")
    line.send(b"\x1b[<35;1")
    line.send(b"07;22M\x1b]11;rgb:1e1e/1e1e/2e2e\x07")
    line.type("12", 0.06)
    line.send(b"\x1bOQ")
    line.until(lambda: len(line.told) >= 5)
    assert line.told == [
        f"Scanned '{CODE}'",
        r"Paste 'sin cebolla\nni sal'",
        "Key '1'",
        "Key '2'",
        "Key 'f2'",
    ]


def test_what_was_typed_while_the_program_stood_still_is_typed(line: Line) -> None:
    line.stop()
    line.type("12345678", 0.06)
    line.send(b"\r")
    line.until(lambda: line.waiting == 9)
    line.go_on()
    line.until(lambda: len(line.told) >= 9)
    assert line.told == [*(f"Key '{digit}'" for digit in "12345678"), "Key 'enter'"]
