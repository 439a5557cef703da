"""What is tried before opening finds a dead printer, a cloud that is away, a full disk, a locked file and lost keys."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from terminal.composition import Device, running
from terminal.device import SEALED
from terminal.printing.faults import PrinterFault
from terminal.supervision import before_opening
from terminal.supervision.before_opening import Check, Outcome, Subject
from tests.faults.till_on_disk import PAPERS, TillOnDisk
from tests.terminal.supervision.programs import Program


class Usage(NamedTuple):
    """As the system tells it."""

    total: int
    used: int
    free: int


async def tried(device: Device) -> list[Check]:
    """The lines at the end of one try."""
    told: list[tuple[Check, ...]] = []
    assert device.desk.before_opening is not None
    await device.desk.before_opening.run(told.append)
    assert all(check.outcome is Outcome.TRYING for check in told[0])
    return list(told[-1])


def line(lines: list[Check], subject: Subject, name: str = "") -> Check:
    (found,) = [check for check in lines if check.subject is subject and check.name == name]
    return found


async def test_a_printer_that_does_not_answer_is_named_and_nothing_is_printed(till: TillOnDisk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        dead = f"tcp://127.0.0.1:{closed.getsockname()[1]}"
    till.configure(printers={PAPERS: str(till.papers), "cocina": dead})
    async with running(till.folder) as device:
        lines = await tried(device)
    assert line(lines, Subject.PRINTER, PAPERS).outcome is Outcome.FINE
    cocina = line(lines, Subject.PRINTER, "cocina")
    assert cocina.outcome is Outcome.FAULT
    assert cocina.report is not None
    assert cocina.report.fault is PrinterFault.UNREACHABLE
    assert not till.papers.exists()


async def test_a_printer_that_never_answers_has_an_end(till: TillOnDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(before_opening, "PRINTER_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        till.configure(printers={PAPERS: f"tcp://127.0.0.1:{mute.getsockname()[1]}"})
        async with running(till.folder) as device:
            lines = await tried(device)
    assert line(lines, Subject.PRINTER, PAPERS).outcome is Outcome.CANNOT_TELL


async def test_without_the_cloud_one_may_open_and_the_clock_cannot_be_compared(till: TillOnDisk) -> None:
    async with running(till.folder) as device:
        lines = await tried(device)
    assert (line(lines, Subject.CLOUD).outcome, line(lines, Subject.CLOUD).code) == (
        Outcome.SEE_TO_IT,
        "CLOUD_UNREACHABLE",
    )
    assert line(lines, Subject.CLOCK).outcome is Outcome.CANNOT_TELL
    assert line(lines, Subject.DUTY).code == "before_opening.duty_here"
    assert {line(lines, subject).outcome for subject in (Subject.STORE, Subject.PAPERS)} == {Outcome.FINE}


async def test_a_full_disk_and_keys_that_a_session_takes_with_it_are_faults(
    till: TillOnDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(till.folder) as device:
        monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(1, 1, 50_000_000))
        (till.folder.root / SEALED).unlink()
        lines = await tried(device)
    assert line(lines, Subject.DISK).outcome is Outcome.FAULT
    boot = [(check.outcome, check.code) for check in lines if check.subject is Subject.BOOT]
    assert (Outcome.FAULT, "at_boot.keyring") in boot


async def test_who_does_not_print_says_who_does(till: TillOnDisk, start: Callable[[], Program]) -> None:
    """Slow: a real second program."""
    start().owns()
    async with running(till.folder) as device:
        async with asyncio.timeout(60):
            while device.desk.health.owner.pid is None:  # noqa: ASYNC110 what is shown rings no bell
                await asyncio.sleep(0.05)
        assert line(await tried(device), Subject.DUTY).code == "before_opening.duty_elsewhere"


async def test_what_breaks_while_it_is_tried_keeps_no_other_result_back(
    till: TillOnDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_path: Path) -> Usage:
        raise OSError("no such device")

    async with running(till.folder) as device:
        monkeypatch.setattr(shutil, "disk_usage", broken)
        lines = await tried(device)
    assert line(lines, Subject.DISK).code == "before_opening.not_tried"
    assert line(lines, Subject.STORE).outcome is Outcome.FINE
