"""Printers that misbehave, over TCP and on a pseudo terminal: nothing is called printed that nobody confirmed."""

from __future__ import annotations

import asyncio

import pytest

from terminal.printing.faults import (
    PrinterError,
    PrinterFault,
    PrinterHungUp,
    PrinterMute,
    PrinterNotice,
    PrinterNotReady,
    PrinterUnreachable,
)
from terminal.printing.transports import (
    Delivery,
    Knows,
    Patience,
    Readiness,
    StatusPolicy,
    turns,
)
from tests.terminal.printing.emulated import BRIEF, JOB, KINDS, OLD_SIGNAL, SIGNAL, house


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "IDLE_GAP_S", 0.01)


# --- a printer that can be asked ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
async def test_a_well_printer_prints_once_and_confirms(kind: str) -> None:
    async with house(kind) as at:
        assert (await at.transport.probe()).readiness is Readiness.READY
        assert await at.transport.deliver(JOB, "a") is Delivery.CONFIRMED
        await at.until(lambda: at.printed == 1)
        assert at.transport.knows is Knows.STATUS
        assert await at.transport.deliver(JOB, "b") is Delivery.CONFIRMED
        await at.until(lambda: at.printed == 2)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("trouble", "fault"),
    [
        ("paper-out", PrinterFault.PAPER_OUT),
        ("cover", PrinterFault.COVER_OPEN),
        ("cutter", PrinterFault.CUTTER),
    ],
)
async def test_what_a_printer_says_is_told_and_nothing_is_sent(kind: str, trouble: str, fault: PrinterFault) -> None:
    async with house(kind, trouble) as at:
        with pytest.raises(PrinterNotReady) as caught:
            await at.transport.deliver(JOB, "a")
        assert (caught.value.fault, caught.value.bytes_left) == (fault, False)
        report = await at.transport.probe()
        assert (report.readiness, report.fault) == (Readiness.FAULT, fault)
        at.misbehave("ok")
        assert await at.transport.deliver(JOB, "a") is Delivery.CONFIRMED
        await at.until(lambda: at.printed == 1)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_roll_that_is_nearly_out_is_a_notice(kind: str) -> None:
    async with house(kind, "near-end") as at:
        report = await at.transport.probe()
        assert (report.readiness, report.notices) == (Readiness.READY, (PrinterNotice.PAPER_LOW,))
        assert "rollo" in report.sentence("es", "caja")
        assert "roll" in report.sentence("en", "caja")
        assert await at.transport.deliver(JOB, "a") is Delivery.CONFIRMED


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("trouble", ["paper-out", "cover"])
async def test_a_pulse_opens_the_drawer_of_a_printer_that_cannot_print(kind: str, trouble: str) -> None:
    async with house(kind, trouble) as at:
        assert await at.transport.open_drawer(SIGNAL, "a", limit_s=10) is Delivery.SENT
        await at.until(lambda: any("200 ms" in line for line in at.shown))
        with pytest.raises(PrinterNotReady):
            await at.transport.deliver(JOB, "a")
        with pytest.raises(PrinterNotReady) as caught:
            await at.transport.open_drawer(OLD_SIGNAL, "a", limit_s=10)
        assert not caught.value.bytes_left, "it would keep the only signal that it knows"


async def test_a_pulse_to_a_well_printer_is_confirmed() -> None:
    async with house("tcp") as at:
        assert await at.transport.open_drawer(SIGNAL, "a", limit_s=10) is Delivery.CONFIRMED
        await at.until(lambda: any("100 ms" in line for line in at.shown))


# --- printers that say nothing, or nonsense -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
async def test_a_mute_printer_prints_and_nothing_is_confirmed(kind: str) -> None:
    async with house(kind, "mute") as at:
        assert (await at.transport.probe()).readiness is Readiness.CANNOT_TELL
        assert await at.transport.deliver(JOB, "a") is Delivery.SENT
        assert at.transport.knows is (Knows.TAKEN if kind == "tcp" else Knows.NOTHING)
        await at.until(lambda: at.printed == 1)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_mute_printer_is_not_waited_for_again(kind: str) -> None:
    async with house(kind, "mute") as at:
        await at.transport.deliver(JOB, "a")
        await at.until(lambda: at.printed == 1)
        asked = at.emulator.machine.received
        seen: list[int] = []

        async def note() -> None:
            await asyncio.sleep(0.1)
            seen.append(at.emulator.machine.received)

        await at.transport.deliver(JOB, "b", note)
        assert seen == [asked]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_printer_that_begins_to_answer_is_heard_when_it_is_asked(kind: str) -> None:
    async with house(kind, "mute") as at:
        await at.transport.deliver(JOB, "a")
        at.misbehave("ok")
        assert (await at.transport.probe()).readiness is Readiness.READY
        assert await at.transport.deliver(JOB, "b") is Delivery.CONFIRMED


@pytest.mark.parametrize("kind", KINDS)
async def test_garbage_is_never_a_confirmation(kind: str) -> None:
    async with house(kind, "garbage") as at:
        for job in range(8):
            try:
                assert await at.transport.deliver(JOB, str(job)) is Delivery.SENT
            except PrinterError as error:
                assert error.fault in (PrinterFault.GARBLED, PrinterFault.MUTE) or error.bytes_left is False  # noqa: PT017
        assert (await at.transport.probe()).readiness is not Readiness.READY


@pytest.mark.parametrize("kind", KINDS)
async def test_a_printer_that_used_to_answer_gets_nothing_while_it_says_nothing(kind: str) -> None:
    async with house(kind, patience=BRIEF) as at:
        await at.transport.deliver(JOB, "a")
        await at.until(lambda: at.printed == 1)
        at.misbehave("mute")
        with pytest.raises(PrinterMute) as caught:
            await at.transport.deliver(JOB, "b")
        assert not caught.value.bytes_left
        assert (await at.transport.probe()).readiness is not Readiness.READY
        assert at.printed == 1


async def test_a_half_closed_connection_confirms_nothing() -> None:
    async with house("tcp", "half-close") as at:
        assert (await at.transport.probe()).readiness is Readiness.CANNOT_TELL
        assert await at.transport.deliver(JOB, "a") is Delivery.SENT
        await at.until(lambda: at.printed == 1)


@pytest.mark.parametrize("after", [20, 40, 150])
async def test_a_reset_amid_the_job_leaves_the_question_what_is_on_the_paper(after: int) -> None:
    async with house("tcp", f"reset:{after}") as at:
        with pytest.raises(PrinterHungUp) as caught:
            await at.transport.deliver(JOB, "a")
        assert caught.value.bytes_left


async def test_a_reset_before_the_job_is_safe_to_try_again() -> None:
    async with house("tcp", "reset:1") as at:
        with pytest.raises(PrinterUnreachable) as caught:
            await at.transport.deliver(JOB, "a")
        assert not caught.value.bytes_left
        assert at.printed == 0


@pytest.mark.parametrize("kind", KINDS)
async def test_a_printer_that_does_not_read_is_mute_after_the_limit(kind: str) -> None:
    async with house(kind, "dead") as at:
        with pytest.raises(PrinterMute) as caught:
            await at.transport.deliver(b"x" * 8_000_000, "a")
        assert caught.value.bytes_left
        assert caught.value.sent is not None
        assert 0 < caught.value.sent < 8_000_000


@pytest.mark.parametrize("kind", KINDS)
async def test_a_slow_printer_gets_its_whole_job(kind: str) -> None:
    async with house(kind, "slow:4000", StatusPolicy.NEVER, Patience()) as at:
        assert await at.transport.deliver(JOB * 20, "a") is Delivery.SENT
        await at.until(lambda: at.printed == 20)
