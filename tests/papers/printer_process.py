"""An emulated printer in a process of its own, which can be switched off and on, and what its papers say."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.terminal.supervision.programs import PATIENCE_SECONDS, ROOT

_JOB = re.compile(r"#[0-9a-f]{6}\b")
"""What each paper says of its job."""
_MARK = re.compile(r"COPIA|REIMPRESI")
"""What a paper says that somebody asked for again."""


class PrinterProcess:
    """An emulated printer that can be switched off and on; what it printed lies in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    def on(self) -> None:
        command = [sys.executable, "-m", "terminal.cli", "printer", "emulate", "--port", str(self.port)]
        self._process = subprocess.Popen(
            [*command, "--pictures", str(self._folder)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        eventually(self._answers, "the printer is on")

    def off(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def papers(self) -> list[str]:
        return [path.read_text() for path in sorted(self._folder.glob("**/*.txt"))]

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1.0).close()
        except OSError:
            return False
        return True


def eventually(holds: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < until, f"not in time: {what}"
        time.sleep(0.05)


def unmarked(papers: list[str]) -> Counter[str]:
    """How often the paper of each job came without a mark that it is a copy."""
    return Counter(_JOB.findall(text)[0] for text in papers if not _MARK.search(text))
