"""Starts programs of a device's folder, asks them for things, and hears what they say."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
PATIENCE_SECONDS = 120.0
"""When to give up: far more than anything takes on a busy machine."""
Said = list[Any]


class Program:
    """One process; see `program.py`."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._heard: queue.Queue[Said | None] = queue.Queue()
        self.said: list[Said] = []
        """All that it has said so far and somebody has heard."""
        threading.Thread(target=self._hear, daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, word: str) -> None:
        """Ask for something."""
        assert self._process.stdin is not None
        self._process.stdin.write(word.encode() + b"\n")
        self._process.stdin.flush()

    def hears(self, about: str, fits: Callable[[Said], bool] = lambda _said: True) -> Said:
        """Wait for the next thing that it says of this kind, and that fits."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            said = self._heard.get(timeout=max(0.1, until - time.monotonic()))
            assert said is not None, f"it ended before it said {about!r}: {self.said[-5:]}"
            self.said.append(said)
            if said[0] == about and fits(said):
                return said

    def owns(self) -> Said:
        """Wait until it says that it prints and syncs."""
        return self.hears("owner", lambda said: bool(said[1]))

    def signal(self, number: int) -> None:
        """Send a signal to this process alone."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """kill -9."""
        self.signal(signal.SIGKILL)
        self._process.wait(PATIENCE_SECONDS)

    def close(self) -> None:
        """Let it end in order."""
        if self._process.poll() is None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait(PATIENCE_SECONDS)

    def _hear(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._heard.put(json.loads(line))
        self._heard.put(None)


@contextmanager
def programs_of(folder: Path, *words: str) -> Iterator[Callable[[], Program]]:
    """Gives a function that starts one more program of the folder. All are gone after the block.

    Args:
        words: what the program is told besides its folder.
    """
    with ExitStack() as stack:

        def start() -> Program:
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.terminal.supervision.program", str(folder), *words],
                    cwd=ROOT,
                    env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                )
            )
            stack.callback(process.kill)
            program = Program(process)
            program.hears("ready")
            return program

        yield start
