"""Files and network printers: what arrived, and what is known when something went wrong."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from terminal.printing.faults import (
    PrinterError,
    PrinterFault,
    PrinterHungUp,
    PrinterMute,
    PrinterNotReady,
    PrinterUnreachable,
    PrinterUnwritable,
)
from terminal.printing.transports import Delivery, FileTransport, Patience, StatusPolicy, TcpTransport

Loopback = Callable[..., Awaitable[Any]]

JOB = b"\x1b@hola\n\x1dV\x00" * 20
LARGE_JOB = b"x" * 8_000_000
"""More than any socket buffer takes from a printer that never reads."""
BRIEF = Patience(connect_s=1.0, write_s=0.3, status_s=0.5, confirm_s=0.5, farewell_s=0.2)


def _to(port: int, policy: StatusPolicy = StatusPolicy.WHEN_ANSWERED) -> TcpTransport:
    return TcpTransport("127.0.0.1", port, policy=policy, patience=BRIEF)


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


async def test_a_file_grows_by_whole_jobs(tmp_path: Path) -> None:
    path = tmp_path / "printer.bin"
    transport = FileTransport(path)
    assert await transport.deliver(b"one", "a") is Delivery.CONFIRMED
    assert await transport.deliver(b"two", "b") is Delivery.CONFIRMED
    assert path.read_bytes() == b"onetwo"


class Noted:
    """Counts how often bytes were about to leave, and stops them if told."""

    def __init__(self, error: Exception | None = None) -> None:
        self.times = 0
        self._error = error

    async def __call__(self) -> None:
        self.times += 1
        if self._error is not None:
            raise self._error


async def test_a_printer_that_is_not_ready_or_not_there_is_never_about_to_get_bytes(
    loopback: Loopback, closed_port: int
) -> None:
    noted, out_of_paper = Noted(), await loopback(answers={1: 0x1A, 2: 0x32, 4: 0x72})
    with pytest.raises(PrinterNotReady):
        await _to(out_of_paper.port).deliver(JOB, "a", noted)
    with pytest.raises(PrinterUnreachable):
        await _to(closed_port).deliver(JOB, "a", noted)
    assert noted.times == 0
    ready = await loopback()
    await _to(ready.port).deliver(JOB, "a", noted)
    assert noted.times == 1


async def test_what_is_stopped_right_before_its_first_byte_sends_none(loopback: Loopback, tmp_path: Path) -> None:
    ready, path = await loopback(), tmp_path / "printer.bin"
    for transport in (_to(ready.port), FileTransport(path)):
        with pytest.raises(ZeroDivisionError):
            await transport.deliver(JOB, "a", Noted(ZeroDivisionError()))
    assert not path.exists()
    await _to(ready.port).deliver(b"after", "b")
    assert await ready.papers(1) == [b"after"]


async def test_a_folder_gets_one_file_a_job_and_no_drafts(tmp_path: Path) -> None:
    transport = FileTransport(tmp_path)
    await transport.deliver(b"one", "a")
    await transport.deliver(b"two", "b")
    await transport.deliver(b"two", "b")
    assert _contents(tmp_path) == {"a.bin": b"one", "b.bin": b"two"}


async def test_a_file_that_cannot_be_written_is_a_fault_that_may_be_retried(tmp_path: Path) -> None:
    with pytest.raises(PrinterUnwritable) as caught:
        await FileTransport(tmp_path / "missing" / "printer.bin").deliver(JOB, "a")
    assert not caught.value.bytes_left


async def test_a_disk_that_fills_up_half_way_leaves_no_half_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "printer.bin"
    transport = FileTransport(path)
    await transport.deliver(b"before", "a")
    write = os.write

    def full_after_four_bytes(descriptor: int, some: memoryview) -> int:
        if len(some) <= len(JOB) - 4:
            raise OSError(28, "No space left on device")
        return write(descriptor, some[:4])

    monkeypatch.setattr(os, "write", full_after_four_bytes)
    with pytest.raises(PrinterUnwritable):
        await transport.deliver(JOB, "b")
    assert path.read_bytes() == b"before"


async def test_a_well_printer_gets_every_byte_once_and_confirms(loopback: Loopback) -> None:
    printer = await loopback()
    transport = _to(printer.port)
    assert await transport.deliver(JOB, "a") is Delivery.CONFIRMED
    assert await transport.deliver(b"second", "b") is Delivery.CONFIRMED
    assert await printer.papers(2) == [JOB, b"second"]


async def test_a_printer_that_never_answers_prints_unconfirmed(loopback: Loopback) -> None:
    printer = await loopback(answers={})
    transport = _to(printer.port)
    assert await transport.deliver(JOB, "a") is Delivery.SENT
    assert await transport.deliver(b"second", "b") is Delivery.SENT
    assert [job.replace(b"\x1dr\x01", b"") for job in await printer.papers(2)] == [JOB, b"second"]


async def test_a_printer_that_is_never_asked_gets_nothing_but_the_job(loopback: Loopback) -> None:
    printer = await loopback(answers={})
    await _to(printer.port, StatusPolicy.NEVER).deliver(JOB, "a")
    assert await printer.papers(1) == [JOB]


async def test_a_printer_that_used_to_answer_gets_nothing_while_it_is_silent(loopback: Loopback) -> None:
    printer = await loopback()
    transport = _to(printer.port)
    await transport.deliver(JOB, "a")
    printer.answers = {}
    with pytest.raises(PrinterMute) as caught:
        await transport.deliver(b"second", "b")
    assert not caught.value.bytes_left
    assert b"second" not in b"".join(printer.jobs)


async def test_silence_is_a_fault_where_answers_are_required(mute_port: int) -> None:
    with pytest.raises(PrinterMute) as caught:
        await _to(mute_port, StatusPolicy.REQUIRED).deliver(JOB, "a")
    assert not caught.value.bytes_left


async def test_a_printer_that_takes_the_connection_and_never_reads_is_mute_not_printed(mute_port: int) -> None:
    with pytest.raises(PrinterMute) as caught:
        await _to(mute_port).deliver(LARGE_JOB, "a")
    assert caught.value.bytes_left


async def test_nobody_there_is_unreachable_and_nothing_was_sent(closed_port: int) -> None:
    with pytest.raises(PrinterUnreachable) as caught:
        await _to(closed_port).deliver(JOB, "a")
    assert not caught.value.bytes_left


@pytest.mark.parametrize("answers", [{}, {1: 0x12, 4: 0x12}], ids=["silent", "answering"])
async def test_a_reset_half_way_leaves_the_question_what_is_on_the_paper(
    loopback: Loopback, answers: dict[int, int]
) -> None:
    printer = await loopback(answers=answers, resets_after=100)
    with pytest.raises(PrinterHungUp) as caught:
        await _to(printer.port).deliver(JOB, "a")
    assert caught.value.bytes_left


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        ({1: 0x1A, 2: 0x32, 4: 0x72}, PrinterFault.PAPER_OUT),
        ({1: 0x12, 2: 0x12, 4: 0x72}, PrinterFault.PAPER_OUT),
        ({1: 0x1A, 2: 0x16, 4: 0x12}, PrinterFault.COVER_OPEN),
        ({1: 0x1A, 2: 0x52, 4: 0x12}, PrinterFault.BROKEN),
        ({1: 0x1A, 2: 0x12, 4: 0x12}, PrinterFault.OFFLINE),
        ({1: 0x1A}, PrinterFault.OFFLINE),
    ],
)
async def test_a_printer_that_says_it_cannot_print_gets_nothing(
    loopback: Loopback, answers: dict[int, int], fault: PrinterFault
) -> None:
    printer = await loopback(answers=answers)
    with pytest.raises(PrinterNotReady) as caught:
        await _to(printer.port).deliver(JOB, "a")
    assert (caught.value.fault, caught.value.bytes_left) == (fault, False)
    printer.answers = {1: 0x12, 4: 0x12}
    await _to(printer.port).deliver(b"after", "b")
    assert await printer.papers(1) == [b"after"]


async def test_paper_that_is_nearly_out_still_prints(loopback: Loopback) -> None:
    printer = await loopback(answers={1: 0x16, 4: 0x1E})
    assert await _to(printer.port).deliver(JOB, "a") is Delivery.CONFIRMED


async def test_paper_that_ran_out_during_the_job_is_not_called_printed(loopback: Loopback) -> None:
    printer = await loopback(runs_out_after=len(JOB))
    with pytest.raises(PrinterNotReady) as caught:
        await _to(printer.port).deliver(JOB, "a")
    assert (caught.value.fault, caught.value.bytes_left) == (PrinterFault.PAPER_OUT, True)


@pytest.mark.parametrize("fault", list(PrinterFault))
def test_every_fault_has_one_sentence_in_each_language_that_names_the_printer(fault: PrinterFault) -> None:
    spanish, english = fault.sentence("es", "barra"), fault.sentence("en", "barra")
    assert spanish != english
    for sentence in (spanish, english):
        assert "barra" in sentence
        assert sentence.endswith(".")
        assert "printing." not in sentence


def test_a_fault_says_its_code() -> None:
    assert str(PrinterError(PrinterFault.MUTE, bytes_left=True)) == "MUTE, bytes left"
