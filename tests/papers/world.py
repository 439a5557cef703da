"""A program that can die at each step, and printers that count every byte they get. Both survive it as they would.

The program dies at one of its steps: before and after each transaction, before its commit, and between any two
pieces of a paper. From then on nothing of it reaches the database or a printer, whatever still runs in memory.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from terminal.printing.faults import PrinterHungUp, PrinterMute, PrinterNotReady, PrinterUnreachable
from terminal.printing.signals import DrawerSignal
from terminal.printing.transports import AboutToSend, Delivery, nothing_to_note
from terminal.store.local import metadata

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
PIECES = 4
"""In so many pieces a paper leaves, and between any two of them the program may die."""


class Died(BaseException):
    """The program is dead. No handler of it stops that."""


class Program:
    """The steps that a program still lives.

    Args:
        steps: None: it lives on.
    """

    def __init__(self, steps: int | None = None) -> None:
        self._left = steps

    def die(self) -> None:
        """Nothing of it reaches anything from now on."""
        self._left = 0

    @property
    def is_dead(self) -> bool:
        return self._left is not None and self._left <= 0

    def require_life(self) -> None:
        if self.is_dead:
            raise Died

    def step(self) -> None:
        if self._left is not None:
            self._left -= 1
            if self._left <= 0:
                raise Died


class StandingClock:
    """Nothing gets old here."""

    def now(self) -> datetime:
        return NOON


class MortalStore:
    """A database file as a program sees it: what it did not commit when it died was never there."""

    def __init__(self, engine: AsyncEngine, program: Program) -> None:
        self.program = program
        self._engine = engine
        self._writer = asyncio.Lock()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        self.program.step()
        async with self._writer, self._engine.begin() as connection:
            yield connection
            self.program.step()
        self.program.step()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        self.program.require_life()  # no step of its own: a program looks far more often than it acts
        async with self._engine.connect() as connection:
            yield connection


@asynccontextmanager
async def opened(path: Path, program: Program) -> AsyncIterator[MortalStore]:
    """The file opened anew, as a program does that starts."""
    is_new = not path.exists()  # noqa: ASYNC240 - a file of this machine
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}")
    event.listen(engine.sync_engine, "connect", _prepare)
    if is_new:
        async with engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
    try:
        yield MortalStore(engine, program)
    finally:
        await engine.dispose()


def _prepare(raw: Any, _record: object) -> None:
    raw.execute("PRAGMA journal_mode=WAL")
    raw.execute("PRAGMA synchronous=OFF")  # programs die here, not machines


class Counting:
    """A printer that counts papers: how often the first byte of each came, and how often the last.

    A paper's name names its job and its copy, so that only an unmarked duplicate has the name of another paper.
    """

    def __init__(self, seed: int) -> None:
        self.begun: Counter[str] = Counter()
        self.whole: Counter[str] = Counter()
        self.is_well = False
        self.program = Program()
        self._random = random.Random(seed)

    async def deliver(self, payload: bytes, job: str, about_to_send: AboutToSend = nothing_to_note) -> Delivery:
        return await self._take(job, about_to_send, needs_paper=True)

    async def open_drawer(
        self, signal: DrawerSignal, job: str, about_to_send: AboutToSend = nothing_to_note, *, limit_s: float
    ) -> Delivery:
        return await self._take(job, about_to_send, needs_paper=False)

    async def _take(self, job: str, about_to_send: AboutToSend, *, needs_paper: bool) -> Delivery:
        fate = "well" if self.is_well else self._random.choice(("well", "gone", "no paper", "hangs up", "mute", "sent"))
        self.program.step()
        if fate == "gone":
            raise PrinterUnreachable
        if fate == "no paper" and needs_paper:
            raise PrinterNotReady
        await about_to_send()
        hangs_up_at = self._random.randrange(PIECES) if fate == "hangs up" else None
        for piece in range(PIECES):
            if piece == hangs_up_at:
                raise PrinterHungUp(bytes_left=piece > 0)
            self.program.step()
            self.begun[job] += piece == 0
        self.whole[job] += 1
        self.program.step()
        if fate == "mute":
            raise PrinterMute(bytes_left=True)
        return Delivery.SENT if fate == "sent" else Delivery.CONFIRMED

    def came_out(self, mark: str) -> bool:
        """Whether any paper of a job is whole, as a person sees who looks."""
        return any(self.whole[name] for name in self.whole if mark in name)


def twice(printers: Iterable[Counting]) -> list[str]:
    """The papers whose bytes left more than once under one name: nobody could tell one from the other."""
    return [name for printer in printers for name, count in printer.begun.items() if count > 1]
