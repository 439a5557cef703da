"""A till, a second program of its folder, and a printer, each a process: the printer goes off and on, the owner dies.

Slow: five processes start, and each needs some seconds on a busy machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.till_on_disk import PAPERS, TillOnDisk, copy_till, found_till
from tests.papers.printer_process import PrinterProcess, eventually, unmarked
from tests.terminal.supervision.programs import programs_of


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
    jobs = unmarked(printer.papers())
    assert (len(jobs), set(jobs.values())) == (6, {1})
