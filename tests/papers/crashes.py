"""Lives of a program that sells, prints and dies, one after another on the same file; then people clear up."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from terminal.printing.claims import MARK_LETTERS
from terminal.printing.documents import KitchenDocument, KitchenLine
from terminal.printing.printers import Printer, PrinterProfile
from terminal.printing.pulses import queue_pulse
from terminal.printing.queue import PrintJob, enqueue, it_came_out, print_again
from terminal.printing.records import OPEN, State, print_job
from terminal.printing.views import JobView, open_jobs
from terminal.printing.worker import PrintWorker
from tests.papers.world import NOON, Counting, Died, MortalStore, Program, StandingClock, opened, twice

NAMES = ("cocina", "caja")
MOST_STEPS = 80
"""More than a life of a few papers has."""
LONGEST_LIFE_S = 5.0
LONGEST_CLEARING_S = 3_600.0
"""It says only when to give up. A busy machine that gives this run little needs minutes."""
LOOK_S = 0.01
"""Between looks at the file: more often, and looking would take most of the machine."""
TICKET = KitchenDocument("es", "Cocina", "A-17", NOON.replace(tzinfo=None), (KitchenLine("Lomo saltado", 1_000),))


@dataclass
class Outcome:
    """What became of all papers.

    Attributes:
        crashes: how often the program died.
        jobs: how many papers were asked for.
        lost: jobs that nothing and nobody ended, or that no printer has.
        twice: papers that came twice and say nothing of it.
    """

    crashes: int = 0
    jobs: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)


class Crashes:
    """See the module.

    Args:
        path: of the database file.
    """

    def __init__(self, path: Path, seed: int) -> None:
        self.printers = {name: Counting(seed + at) for at, name in enumerate(NAMES)}
        self.crashes = 0
        self._path = path
        self._random = random.Random(seed)
        self._asked = 0

    async def until(self, crashes: int) -> Outcome:
        """Live until the program died so often; then let the printers work, and people answer what is asked."""
        while self.crashes < crashes:
            await self.live(Program(self._random.randrange(1, MOST_STEPS)))
        return await self.clear_up()

    async def live(self, program: Program) -> None:
        """One life: take over what the last one left, sell a little, answer a little, die or come to rest."""
        async with self._begun(program) as store:
            try:
                for _ in range(self._random.randrange(1, 4)):
                    await self._sell(store)
                await self._answer(store)
                await self._rest(store, program)
            except Died:
                pass
            self.crashes += program.is_dead

    async def clear_up(self) -> Outcome:
        """Printers work again, and people look at what they are asked about."""
        for printer in self.printers.values():
            printer.is_well = True
        async with self._begun(Program()) as store:
            async with asyncio.timeout(LONGEST_CLEARING_S):
                while await self._open(store):
                    await self._answer(store)
                    await asyncio.sleep(LOOK_S)
        async with opened(self._path, Program()) as store, store.reading() as connection:
            rows = (await connection.execute(select(print_job))).all()
        lost = [row.id.hex() for row in rows if not self._is_on_paper(row.id.hex()[-MARK_LETTERS:])]
        return Outcome(self.crashes, len(rows), lost, twice(self.printers.values()))

    # -- one life ----------------------------------------------------------------------------------------------------

    def _begun(self, program: Program) -> _Life:
        return _Life(self._path, program, self.printers)

    async def _sell(self, store: MortalStore) -> None:
        """Ask for a paper, and sometimes open the drawer, in one transaction."""
        self._asked += 1
        key, printer = UUID(int=self._asked), self._random.choice(NAMES)
        async with store.transaction() as connection:
            await enqueue(connection, PrintJob.of(TICKET, printer=printer, reference=key, revision=1, at=NOON))
            if self._random.random() < 0.3:
                await queue_pulse(connection, key, printer, NOON)

    async def _answer(self, store: MortalStore) -> None:
        """Somebody looks at each paper that is asked about, and tells what is seen."""
        async with store.reading() as connection:
            asked = [job for job in await open_jobs(connection, NAMES) if job.is_asked]
        for job in asked:
            await self._say(store, job)

    async def _say(self, store: MortalStore, job: JobView) -> None:
        answer: Callable[..., Awaitable[bool]] = print_again
        if self._is_on_paper(job.id.hex[-MARK_LETTERS:]):
            answer = it_came_out
        async with store.transaction() as connection:
            await answer(connection, job, NOON)

    async def _rest(self, store: MortalStore, program: Program) -> None:
        """Wait until it died, or has nothing to do."""
        try:
            async with asyncio.timeout(LONGEST_LIFE_S):
                while not program.is_dead and await self._open(store, only_its_own=True):  # noqa: ASYNC110
                    await asyncio.sleep(LOOK_S)
        except TimeoutError:
            return

    async def _open(self, store: MortalStore, *, only_its_own: bool = False) -> int:
        states = [state for state in OPEN if not only_its_own or state is not State.UNKNOWN]
        async with store.reading() as connection:
            found = await connection.execute(select(print_job.c.id).where(print_job.c.state.in_(states)))
            return len(found.all())

    def _is_on_paper(self, mark: str) -> bool:
        return any(printer.came_out(mark) for printer in self.printers.values())


class _Life:
    """A program that runs the print worker on the file, until the block ends or it dies."""

    def __init__(self, path: Path, program: Program, printers: dict[str, Counting]) -> None:
        self._opening = opened(path, Program())
        self._program = program
        self._printers = printers
        self._running: asyncio.Task[None] | None = None
        self._worker: PrintWorker | None = None

    async def __aenter__(self) -> MortalStore:
        store = await self._opening.__aenter__()
        store.program = self._program
        for printer in self._printers.values():
            printer.program = self._program
        trays = {name: Printer(PrinterProfile(), tray) for name, tray in self._printers.items()}
        self._worker = PrintWorker(store, trays, StandingClock(), retry_after_s=lambda _attempts: 0.0)
        self._running = asyncio.create_task(self._worker.run())
        self._waking = asyncio.create_task(self._wake())
        return store

    async def _wake(self) -> None:
        while True:
            assert self._worker is not None
            self._worker.wake()
            await asyncio.sleep(LOOK_S)

    async def __aexit__(self, *error: object) -> None:
        assert self._running is not None
        self._waking.cancel()
        self._program.die()
        self._running.cancel()
        await asyncio.gather(self._running, self._waking, return_exceptions=True)
        await asyncio.sleep(0)
        await self._opening.__aexit__(None, None, None)
