"""Printers that misbehave, over TCP and on a pseudo terminal: nothing is called printed that nobody confirmed."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.kernel.language import Language, Texts
from terminal.printing.emulator.elements import Pulse
from terminal.printing.emulator.machine import Machine, Misbehaviour
from terminal.printing.emulator.ports import Emulator
from terminal.printing.emulator.tray import Tray
from terminal.printing.faults import (
    PrinterBusy,
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
    FileTransport,
    Knows,
    Patience,
    Readiness,
    SerialTransport,
    StatusPolicy,
    TcpTransport,
    Transport,
    conversation,
    turns,
)

TEXTS = Texts(Language.SPANISH, ("terminal", "terminal.printing"))
JOB = b"\x1b@hola\n" + b"una linea\n" * 20 + b"\x1dV\x00"
REAL_TIME_PULSE = b"\x10\x14\x01\x00\x02"
PATIENCE = Patience(connect_s=10.0, write_s=10.0, status_s=10.0, confirm_s=10.0, farewell_s=0.1)
"""With printers that answer: a busy machine may take its time."""
BRIEF = Patience(connect_s=2.0, write_s=0.4, status_s=0.6, confirm_s=0.8, farewell_s=0.1)
"""With printers that say nothing."""
_SILENT = ("mute", "dead", "half-close", "garbage", "reset")
KINDS = ("tcp", "device", "serial")


@dataclass
class House:
    """An emulated printer, and the transport to it."""

    emulator: Emulator
    transport: Transport
    shown: list[str]

    def misbehave(self, trouble: str) -> None:
        self.emulator.machine.misbehaviour = Misbehaviour.read(trouble)

    @property
    def printed(self) -> int:
        return self.shown.count("hola")

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not holds():  # noqa: ASYNC110 a printer rings no bell
                await asyncio.sleep(0.005)


@asynccontextmanager
async def house(
    kind: str,
    trouble: str = "ok",
    policy: StatusPolicy = StatusPolicy.WHEN_ANSWERED,
    patience: Patience | None = None,
) -> AsyncIterator[House]:
    patience = patience or (BRIEF if trouble.partition(":")[0] in _SILENT else PATIENCE)
    shown: list[str] = []
    emulator = Emulator(Machine(48, Misbehaviour.read(trouble)), Tray(48, TEXTS, None, shown.append))
    async with AsyncExitStack() as stack:
        transport: Transport
        if kind == "tcp":
            port = await stack.enter_async_context(emulator.listening(0))
            transport = TcpTransport("127.0.0.1", port, policy=policy, patience=patience)
        else:
            path = Path(await stack.enter_async_context(emulator.on_a_terminal()))
            transport = (
                FileTransport(path, policy=policy, patience=patience)
                if kind == "device"
                else SerialTransport(path, policy=policy, patience=patience)
            )
        yield House(emulator, transport, shown)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "IDLE_GAP_S", 0.01)


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


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
        assert await at.transport.deliver(REAL_TIME_PULSE, "a", needs_paper=False) is Delivery.SENT
        await at.until(lambda: any("200 ms" in line for line in at.shown))
        with pytest.raises(PrinterNotReady):
            await at.transport.deliver(REAL_TIME_PULSE, "a")


async def test_a_pulse_to_a_well_printer_is_confirmed() -> None:
    async with house("tcp") as at:
        assert await at.transport.deliver(b"\x1bp\x00\x19\xfa", "a", needs_paper=False) is Delivery.CONFIRMED
        await at.until(lambda: any("50 ms" in line for line in at.shown))


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


# --- answers that answer something else ---------------------------------------------------------------------------

Server = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def served(server: Server, patience: Patience = BRIEF) -> AsyncIterator[TcpTransport]:
    listening = await asyncio.start_server(server, "127.0.0.1", 0)
    try:
        yield TcpTransport("127.0.0.1", listening.sockets[0].getsockname()[1], patience=patience)
    finally:
        listening.close()


def answering(answer_of: Callable[[bytes], bytes]) -> Server:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while raw := await reader.read(65_536):
                writer.write(answer_of(raw))
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    return serve


ASB_WELL, ASB_NO_PAPER = b"\x10\x00\x00\x00", b"\x18\x00\x0f\x00"


def well(raw: bytes) -> bytes:
    return b"\x12" * raw.count(b"\x10\x04")


@pytest.mark.parametrize(
    "answer_of",
    [
        lambda raw: raw,
        lambda raw: b"\x12\x12" if b"\x10\x04" in raw else b"",
        lambda _raw: ASB_WELL,
        lambda _raw: ASB_WELL[:2],
        lambda raw: b"\x12\x10\x00" if b"\x10\x04" in raw else b"",
        lambda raw: b"HTTP/1.1 400 Bad Request\r\n\r\n",
        lambda raw: b"\x00" * len(raw),
    ],
    ids=["echo", "two answers", "pushed", "half a status", "answer and half a status", "web server", "zeros"],
)
async def test_what_answers_no_question_confirms_nothing(answer_of: Callable[[bytes], bytes]) -> None:
    async with served(answering(answer_of)) as transport:
        for job in ("a", "b"):
            try:
                assert await transport.deliver(JOB, job) is Delivery.SENT
            except PrinterError as error:
                assert error.fault in (PrinterFault.GARBLED, PrinterFault.MUTE)  # noqa: PT017
        assert (await transport.probe()).readiness is not Readiness.READY


async def test_a_second_answer_a_moment_after_the_first_takes_the_first_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "_QUIET_S", 0.4)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while raw := await reader.read(65_536):
                for answer in (well(raw), well(raw)):
                    writer.write(answer)
                    await asyncio.sleep(0.05)
        writer.close()

    async with served(serve, Patience(status_s=4.0)) as transport:
        assert await transport.deliver(JOB, "a") is Delivery.SENT


async def test_a_pushed_status_is_no_answer_and_does_not_hide_one() -> None:
    async with served(answering(lambda raw: ASB_WELL + well(raw) + ASB_WELL), PATIENCE) as transport:
        assert await transport.deliver(JOB, "a") is Delivery.CONFIRMED


async def test_the_line_of_the_drawer_is_a_notice_and_no_fault() -> None:
    answer_of = {b"\x10\x04\x01": b"\x16", b"\x10\x04\x04": b"\x12"}
    async with served(answering(lambda raw: answer_of.get(raw, b"")), PATIENCE) as transport:
        report = await transport.probe()
        assert (report.readiness, report.notices) == (Readiness.READY, (PrinterNotice.DRAWER_SIGNAL,))
        assert report.sentence("es", "caja") == "La impresora caja está lista."
        assert all("caja" in notice.sentence(language, "caja") for notice in PrinterNotice for language in ("es", "en"))


async def test_a_pushed_fault_counts_where_no_question_is_answered() -> None:
    async with served(answering(lambda _raw: ASB_NO_PAPER)) as transport:
        with pytest.raises(PrinterNotReady) as caught:
            await transport.deliver(JOB, "a")
        assert (caught.value.fault, caught.value.bytes_left) == (PrinterFault.PAPER_OUT, False)


async def test_a_picture_whose_bytes_look_like_a_question_confirms_nothing_by_itself() -> None:
    asked: list[int] = []

    def answer_of(raw: bytes) -> bytes:
        asked.append(raw.count(b"\x10\x04"))
        if len(raw) > 100:
            return b"\x12"  # as printers do that obey questions amid a picture
        return well(raw) if sum(asked) <= 3 else b""

    async with served(answering(answer_of)) as transport:
        with pytest.raises(PrinterError) as caught:
            await transport.deliver(b"\x1dv0\x00\x02\x00\x40\x00" + b"\x10\x04\x01\x00" * 32, "a")
        assert caught.value.bytes_left


async def test_a_late_answer_to_an_earlier_question_confirms_nothing() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        questions = 0
        try:
            while raw := await reader.read(65_536):
                if len(raw) > 100:
                    await asyncio.sleep(BRIEF.confirm_s / 4)
                    writer.write(b"\x12")  # what nobody asked for any more, while the next question is on its way
                questions += raw.count(b"\x10\x04")
                if questions <= 3 and len(raw) < 100:
                    writer.write(well(raw))
        except ConnectionError:
            pass
        writer.close()

    async with served(serve) as transport:
        with pytest.raises(PrinterError) as caught:
            await transport.deliver(JOB, "a")
        assert caught.value.bytes_left


async def test_a_printer_that_only_knows_the_older_question_is_asked_that() -> None:
    async with served(answering(lambda raw: b"\x00" * raw.count(b"\x1dr\x01")), Patience(status_s=4.0)) as transport:
        assert (await transport.probe()).readiness is Readiness.READY
        assert await transport.deliver(JOB, "a") is Delivery.CONFIRMED
    async with served(answering(lambda raw: b"\x0c" * raw.count(b"\x1dr\x01"))) as transport:
        assert (await transport.probe()).fault is PrinterFault.PAPER_OUT


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
    machine.feed(b"\x1bp\x00\x19\xfa" + REAL_TIME_PULSE)
    assert machine.done()[0].elements == (Pulse(2, 200, real_time=True),)
    machine.misbehaviour = Misbehaviour()
    assert machine.done()[0].elements == (Pulse(2, 50, 500),)
