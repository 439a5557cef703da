"""A drawer never opens hours after its sale: what a silent printer, a hung connection or a spooler may keep is not left
there."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from terminal.printing.faults import PrinterError, PrinterFault, PrinterMute, PrinterSpoolerFailed
from terminal.printing.transports import CupsTransport, Delivery, turns
from tests.terminal.printing.emulated import JOB, KINDS, OLD_SIGNAL, PATIENCE, SIGNAL, House, house

QUEUE = 'if [ "$1" = -p ]; then echo "printer caja is idle.  enabled"; else'


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "IDLE_GAP_S", 0.01)


def opened(at: House) -> int:
    return sum(" ms" in line for line in at.shown)


# --- printers that never answer -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
async def test_a_silent_printer_without_paper_keeps_no_pulse_for_the_next_roll(kind: str) -> None:
    async with house(kind, "paper-out", is_silent=True) as at:
        for sale in range(3):
            assert await at.transport.open_drawer(SIGNAL, str(sale), limit_s=10) is Delivery.SENT
        await at.until(lambda: opened(at) == 3)
        at.misbehave("ok")
        await at.transport.deliver(JOB, "the next roll")
        await at.until(lambda: at.printed == 1)
        assert opened(at) == 3, "each opened at its sale, none with the new roll"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_silent_printer_that_knows_no_real_time_gets_the_usual_pulse(kind: str) -> None:
    async with house(kind, is_silent=True) as at:
        assert await at.transport.open_drawer(OLD_SIGNAL, "a", limit_s=10) is Delivery.SENT
        await at.until(lambda: any("100 ms" in line for line in at.shown))


# --- connections that hang ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("signal", [SIGNAL, OLD_SIGNAL], ids=["real time", "usual"])
async def test_a_printer_that_hangs_finds_no_pulse_when_it_wakes_up(signal: object) -> None:
    async with house("tcp", "dead") as at:
        with pytest.raises(PrinterMute) as caught:
            await at.transport.open_drawer(signal, "a", limit_s=3)
        assert not caught.value.bytes_left, "it shows no sign of life, so nothing was sent"
        at.misbehave("ok")
        await at.transport.deliver(JOB, "later")
        await at.until(lambda: at.printed == 1)
        assert opened(at) == 0


@pytest.mark.parametrize("kind", ["device", "serial"])
async def test_a_line_on_which_nobody_reads_is_emptied(kind: str) -> None:
    async with house(kind, "dead") as at:
        with pytest.raises(PrinterError):
            await at.transport.deliver(b"x" * 100_000, "a")  # it is known as silent now
        await at.transport.open_drawer(SIGNAL, "b", limit_s=3)
        at.misbehave("ok")
        await asyncio.sleep(0.5)
        await at.transport.deliver(JOB, "later")
        await at.until(lambda: at.printed == 1)
        assert opened(at) == 0


async def test_a_pulse_waits_no_longer_than_its_time_for_a_printer_that_another_program_has() -> None:
    async with house("tcp") as at, turns.turn(at.transport.address, 5):  # type: ignore[attr-defined]
        begun = asyncio.get_running_loop().time()
        with pytest.raises(PrinterError) as caught:
            await at.transport.open_drawer(SIGNAL, "a", limit_s=0.2)
        assert (caught.value.fault, caught.value.bytes_left) == (PrinterFault.BUSY, False)
        assert asyncio.get_running_loop().time() - begun < 5


async def test_a_pulse_that_is_not_taken_in_its_time_ends() -> None:
    async with house("tcp", "slow:10") as at:
        begun = asyncio.get_running_loop().time()
        with pytest.raises(PrinterMute):
            await at.transport.open_drawer(SIGNAL, "a", limit_s=1.2)
        assert asyncio.get_running_loop().time() - begun < PATIENCE.status_s


# --- a spooler ----------------------------------------------------------------------------------------------------


@pytest.fixture
def cups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs that stand for a spooler whose printer is off: what it took, it keeps until it is told."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    for name, script in (
        ("lp", f'cat > {tmp_path}/kept; echo "request id is caja-17 (1 file(s))"'),
        ("lpstat", f'{QUEUE} [ -f {tmp_path}/kept ] && echo "caja-17  ana  1024  Mon"; exit 0; fi'),
        ("cancel", f"echo $1 >> {tmp_path}/cancelled; rm -f {tmp_path}/kept"),
    ):
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
    return tmp_path


async def test_a_pulse_that_a_spooler_keeps_is_cancelled(cups: Path) -> None:
    with pytest.raises(PrinterSpoolerFailed) as caught:
        await CupsTransport("caja").open_drawer(SIGNAL, "a", limit_s=3)
    assert caught.value.bytes_left
    assert (cups / "cancelled").read_text() == "caja-17\n"
    assert not (cups / "kept").exists()


async def test_a_pulse_that_a_spooler_passed_on_is_sent(cups: Path) -> None:
    (cups / "bin/lp").write_text('#!/bin/sh\ncat > /dev/null; echo "request id is caja-17 (1 file(s))"\n')
    assert await CupsTransport("caja").open_drawer(SIGNAL, "a", limit_s=10) is Delivery.SENT
    assert not (cups / "cancelled").exists()


async def test_a_queue_that_stands_still_gets_no_pulse(cups: Path) -> None:
    (cups / "bin/lpstat").write_text('#!/bin/sh\necho "printer caja disabled since today"\n')
    with pytest.raises(PrinterSpoolerFailed) as caught:
        await CupsTransport("caja").open_drawer(SIGNAL, "a", limit_s=10)
    assert not caught.value.bytes_left
    assert not (cups / "kept").exists()
