"""Conversations with printers leave nothing behind, take turns, and can be cancelled anywhere."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

import pytest

from terminal.printing.emulator.elements import Pulse
from terminal.printing.emulator.machine import Machine, Misbehaviour
from terminal.printing.faults import (
    PrinterBusy,
    PrinterError,
)
from terminal.printing.transports import (
    Delivery,
    TcpTransport,
    turns,
)
from tests.terminal.printing.emulated import BRIEF, JOB, KINDS, PATIENCE, SIGNAL, house, open_files


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "IDLE_GAP_S", 0.01)


# --- nothing is left behind ---------------------------------------------------------------------------------------


@pytest.mark.slow  # seconds: every kind of silence has its limit
@pytest.mark.parametrize("kind", KINDS)
async def test_no_file_stays_open_whatever_happens(kind: str) -> None:
    async with house(kind, patience=BRIEF) as at:
        await at.transport.deliver(JOB, "a")
        before = open_files()
        for trouble in ("paper-out", "mute", "garbage", "reset:9", "half-close", "near-end"):
            at.misbehave(trouble)
            for _time in range(2):
                with suppress(PrinterError):
                    await at.transport.deliver(JOB, "b")
                await at.transport.probe()
        at.misbehave("ok")
        await at.until(lambda: open_files() <= before)


@pytest.mark.slow  # seconds: every kind of silence has its limit
@pytest.mark.parametrize("kind", KINDS)
async def test_a_delivery_that_is_cancelled_anywhere_leaves_the_printer_usable(kind: str) -> None:
    async with house(kind) as at:
        await at.transport.deliver(JOB, "a")
        await asyncio.sleep(0.1)
        before = open_files()
        for steps in range(60):
            job = asyncio.create_task(at.transport.deliver(JOB, str(steps)))
            for _step in range(steps):
                await asyncio.sleep(0 if steps < 30 else 0.003)
            job.cancel()
            await asyncio.gather(job, return_exceptions=True)
        await at.until(lambda: open_files() <= before)
        printed = at.printed
        assert await at.transport.deliver(JOB, "last") is Delivery.CONFIRMED
        await at.until(lambda: at.printed == printed + 1)


async def test_two_conversations_with_one_printer_take_turns() -> None:
    async with house("tcp") as at:
        other = TcpTransport("127.0.0.1", int(at.transport.address.rpartition(":")[2]), patience=PATIENCE)  # type: ignore[attr-defined]
        results = await asyncio.gather(
            *(transport.deliver(JOB, "a") for transport in (at.transport, other) * 4), at.transport.probe()
        )
        assert results[:8] == [Delivery.CONFIRMED] * 8
        await at.until(lambda: at.printed == 8)


async def test_a_printer_has_a_pause_after_each_conversation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "IDLE_GAP_S", 0.2)
    async with house("tcp") as at:
        await at.transport.deliver(JOB, "a")
        ended, begun = asyncio.get_running_loop().time(), 0.0

        async def note() -> None:
            nonlocal begun
            begun = asyncio.get_running_loop().time()

        await at.transport.deliver(JOB, "b", note)
        assert begun - ended >= 0.19


async def test_programs_of_this_machine_take_turns_and_say_who_waits() -> None:
    held, free = threading.Event(), threading.Event()

    async def other_program() -> None:
        async with turns.turn("tcp://127.0.0.1:1", 10):
            held.set()
            while not free.is_set():  # noqa: ASYNC110 it is set in another thread
                await asyncio.sleep(0.01)

    other = threading.Thread(target=lambda: asyncio.run(other_program()))
    other.start()
    try:
        await asyncio.to_thread(held.wait)
        with pytest.raises(PrinterBusy):
            async with turns.turn("tcp://127.0.0.1:1", 0.1):
                pass
    finally:
        free.set()
        await asyncio.to_thread(other.join)
    async with turns.turn("tcp://127.0.0.1:1", 10):
        pass


def test_a_real_time_pulse_reads_as_one() -> None:
    machine = Machine(48, Misbehaviour.read("paper-out"))
    machine.feed(b"\x1bp\x00\x19\xfa" + SIGNAL.unasked)
    assert machine.done()[0].elements == (Pulse(2, 200, real_time=True),)
    machine.misbehaviour = Misbehaviour()
    assert machine.done()[0].elements == (Pulse(2, 50, 500),)
