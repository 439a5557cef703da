"""Answers that answer something else, over TCP: they confirm nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from terminal.printing.faults import (
    PrinterError,
    PrinterFault,
    PrinterNotice,
    PrinterNotReady,
)
from terminal.printing.transports import (
    Delivery,
    Patience,
    Readiness,
    TcpTransport,
    conversation,
    turns,
)
from tests.terminal.printing.emulated import BRIEF, JOB, PATIENCE


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "IDLE_GAP_S", 0.01)


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
