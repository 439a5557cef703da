"""A till, a second program of its folder, and a printer, each a process: the printer goes off and on, the owner dies.

Slow: five processes start, and each needs some seconds on a busy machine.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.till_on_disk import PAPERS, TillOnDisk, copy_till, found_till
from tests.terminal.supervision.programs import PATIENCE_SECONDS, ROOT, programs_of

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


@pytest.fixture
async def till(tmp_path: Path) -> TillOnDisk:
    await found_till(tmp_path)
    return copy_till(tmp_path, tmp_path / "copied")


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[PrinterProcess]:
    printer = PrinterProcess(tmp_path / "paper")
    yield printer
    printer.off()


def test_a_printer_that_goes_off_and_an_owner_that_dies_lose_no_paper_and_double_none(
    till: TillOnDisk, printer: PrinterProcess
) -> None:
    till.configure(printers={PAPERS: f"tcp://127.0.0.1:{printer.port}"}, receipt_printer="")
    printer.on()
    with programs_of(till.folder.root) as start:
        owner = start()
        owner.owns()
        second = start()
        for program in (owner, second):
            program.ask("send")
            program.hears("sent")
        eventually(lambda: len(printer.papers()) == 2, "both programs print")
        printer.off()
        for program in (owner, second):
            program.ask("send")
            program.hears("sent")
        owner.kill()
        second.owns()
        second.ask("send")
        second.hears("sent")
        printer.on()
        eventually(lambda: len(printer.papers()) >= 5, "what waited is printed by who took over")
        second.ask("send")
        second.hears("sent")
        eventually(lambda: len(printer.papers()) >= 6, "it goes on")
    jobs = Counter(_JOB.findall(text)[0] for text in printer.papers() if not _MARK.search(text))
    assert (len(jobs), set(jobs.values())) == (6, {1})
