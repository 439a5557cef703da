"""What the printing tests stand on: a reader of bytes, printers on loopback, a small store, samples."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from terminal.printing.documents import (
    KitchenDocument,
    KitchenLine,
    KitchenRequest,
    Letterhead,
    NamedAmount,
    ReceiptDocument,
    ReceiptLine,
    ReceiptModifier,
    ReceiptPayment,
)
from terminal.printing.emulator import reader
from terminal.printing.emulator.elements import UNPRINTABLE, Paper
from terminal.store.local import metadata
from tests.terminal.printing.print_branch import Branch

START = datetime(2026, 11, 23, 19, 5, tzinfo=UTC)


# --- what a person would read -------------------------------------------------------------------------------------


def read_paper(raw: bytes) -> Paper:
    """Read bytes as a printer does. Bytes that no printer knows, or letters that it lacks, are an error here."""
    paper = reader.read_paper(raw)
    assert not paper.unknown, paper.unknown
    assert UNPRINTABLE not in paper.text
    return paper


@pytest.fixture(name="read_paper")
def _read_paper() -> Callable[[bytes], Paper]:
    return read_paper


# --- printers on loopback -----------------------------------------------------------------------------------------


@dataclass
class LoopbackPrinter:
    """A printer that behaves as told.

    Attributes:
        answers: what it says to DLE EOT 1, 2 and 4; a missing one gets no answer.
        resets_after: bytes after which it resets the connection.
        runs_out_after: bytes after which it says that there is no paper.
    """

    answers: dict[int, int] = field(default_factory=lambda: {1: 0x12, 2: 0x12, 4: 0x12})
    resets_after: int | None = None
    runs_out_after: int | None = None
    jobs: list[bytes] = field(default_factory=list)
    port: int = 0
    connections: int = 0
    _server: asyncio.Server | None = None
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=1024)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        job = b""
        while received := await reader.read(256):
            job = self._answer(job + received, writer)
            if self.resets_after is not None and len(job) >= self.resets_after:
                sock = writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
                return
        writer.close()
        async with self._news:
            if job:
                self.jobs.append(job)
            self._news.notify_all()

    async def papers(self, count: int) -> list[bytes]:
        """The jobs, once so many have ended."""
        async with asyncio.timeout(10), self._news:
            await self._news.wait_for(lambda: len(self.jobs) >= count)
        return self.jobs

    def _answer(self, job: bytes, writer: asyncio.StreamWriter) -> bytes:
        while (at := job.find(b"\x10\x04")) >= 0 and len(job) > at + 2:
            number = job[at + 2]
            job = job[:at] + job[at + 3 :]
            answers = self.answers
            if self.runs_out_after is not None and at >= self.runs_out_after:
                answers = {1: 0x1A, 2: 0x32, 4: 0x72}
            if number in answers:
                writer.write(bytes([answers[number]]))
        return job


@pytest.fixture
async def loopback() -> AsyncIterator[Callable[..., object]]:
    """Starts loopback printers and stops them after the test."""
    started: list[LoopbackPrinter] = []

    async def start(**behaviour: object) -> LoopbackPrinter:
        printer = LoopbackPrinter(**behaviour)  # type: ignore[arg-type]
        await printer.start()
        started.append(printer)
        return printer

    yield start
    for printer in started:
        await printer.stop()


@pytest.fixture
def mute_port() -> Iterator[int]:
    """A port that takes connections and a little text, and never reads."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        yield listener.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    """A port where nobody listens."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- the store at its port ----------------------------------------------------------------------------------------


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.instant = START

    def now(self) -> datetime:
        return self.instant

    def milliseconds(self) -> int:
        return int(self.instant.timestamp() * 1000)

    def move(self, by: timedelta) -> None:
        self.instant += by


class FileStore:
    """A plain SQLite file with the two doors that the worker needs."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._writer = asyncio.Lock()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        async with self._writer, self.engine.begin() as connection:
            yield connection

    async def write(self, block: Callable[[AsyncConnection], Awaitable[object]]) -> object:
        async with self.transaction() as connection:
            return await block(connection)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        async with self.engine.connect() as connection:
            yield connection


@asynccontextmanager
async def open_store(path: Path) -> AsyncIterator[FileStore]:
    """A store on a database file, made if it is not there."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}")
    event.listen(engine.sync_engine, "connect", lambda raw, _record: raw.execute("PRAGMA journal_mode=WAL"))
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
        await connection.execute(text("CREATE TABLE IF NOT EXISTS sale (id INTEGER PRIMARY KEY)"))
    yield FileStore(engine)
    await engine.dispose()


@pytest.fixture(name="open_store")
def _open_store() -> object:
    return open_store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[FileStore]:
    async with open_store(tmp_path / "device.sqlite") as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


# --- samples ------------------------------------------------------------------------------------------------------


@pytest.fixture
def receipt() -> ReceiptDocument:
    return ReceiptDocument(
        language="es",
        currency="PEN",
        letterhead=Letterhead(
            "Picantería La Ñusta", "Calle San Francisco 315, Arequipa", "20512345678", phone="054 221 345"
        ),
        number="B001-000123",
        issued_at=datetime(2026, 11, 23, 14, 5),  # noqa: DTZ001 - a wall clock
        lines=(
            ReceiptLine(
                "Rocoto relleno con pastel de papa",
                2_000,
                8_000,
                (ReceiptModifier("Poco picante"), ReceiptModifier("Extra queso", 400, 2_000)),
                "sin cebolla, por favor",
            ),
            ReceiptLine("Chicha de guiñapo (jarra)", 1_000, 1_800),
            ReceiptLine("Ceviche por kilo", 350, 2_750, unit="kg", unit_price_minor=7_857),
        ),
        subtotal_minor=10_636,
        total_minor=12_550,
        taxes=(NamedAmount("IGV 18 %", 1_914),),
        rounding_minor=-2,
        payments=(ReceiptPayment("cash", 10_000), ReceiptPayment("yape", 3_000, reference="op. 884213")),
        change_minor=452,
        order_number="A-17",
        table="7",
        server="Rosa Quispe",
        guests=4,
    )


@pytest.fixture
def ticket() -> KitchenDocument:
    return KitchenDocument(
        language="es",
        station="Cocina caliente",
        order_number="A-17",
        sent_at=datetime(2026, 11, 23, 14, 5),  # noqa: DTZ001 - a wall clock
        lines=(
            KitchenLine(
                "Rocoto relleno",
                2_000,
                ("Poco picante", "Extra queso", "Extra queso"),
                "sin cebolla",
                additions=("Extra queso",),
            ),
            KitchenLine("Adobo arequipeño", 1_000, change=KitchenRequest.VOID),
        ),
        table="7",
        server="Rosa Quispe",
        guests=4,
        note="Cumpleaños: todo junto",
        revision=2,
        part=1,
        parts=2,
    )


@pytest.fixture
def branch(store: FileStore, clock: Clock) -> Branch:
    return Branch(store, clock)
