"""What people see of a device's printers, and their answers about print jobs. No Textual, no sentences.

An answer is one shielded write to the queue. It counts only if the job still is as the person saw it; otherwise (a
second press, an answer from another device) it changes nothing and raises PRINT_ANSWERED.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.errors import DomainError
from shared.kernel.instants import Clock, to_microseconds
from terminal.printing import queue, views
from terminal.printing.documents import PaperKind
from terminal.printing.faults import PrinterFault
from terminal.printing.records import State
from terminal.printing.views import JobView, PaperState, PulseState, QueueHealth

T = TypeVar("T")


class AnswerStore(Protocol):
    """The device's database, as this module uses it."""

    def write(self, block: Callable[[AsyncConnection], Awaitable[T]]) -> Awaitable[T]:
        """Run a block in one transaction, to its end even if the caller is cancelled."""
        ...

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection for reading."""
        ...


@dataclass(frozen=True, slots=True)
class Followed:
    """What became of the papers of the order that somebody has just sent or paid, and of the drawer.

    Attributes:
        since: papers asked for earlier belong to what was done before; microseconds since 1970.
    """

    subject_id: UUID
    since: int
    papers: tuple[PaperState, ...] = ()
    pulse: PulseState | None = None

    def of(self, *kinds: PaperKind) -> tuple[PaperState, ...]:
        """Its papers of some kinds."""
        return tuple(paper for paper in self.papers if paper.kind in kinds and paper.asked_at >= self.since)


@dataclass(frozen=True, slots=True)
class Prints:
    """State of this device's print jobs.

    Attributes:
        printers: names of all printers that the device has.
        health: of the printers with open jobs, and of names for which there is no printer.
        jobs: the open jobs, first those that only a person can end; at most `views.MAX_LISTED`.
        followed: the papers of the order that was sent or paid last.
        substitutes: name of the printer that is offered when one fails, by name.
    """

    printers: tuple[str, ...] = ()
    health: QueueHealth = field(default_factory=QueueHealth)
    jobs: tuple[JobView, ...] = ()
    followed: Followed | None = None
    substitutes: Mapping[str, str] = field(default_factory=dict)

    @property
    def questions(self) -> tuple[JobView, ...]:
        """The jobs that only a person can end."""
        return tuple(job for job in self.jobs if job.is_asked)


class PrintDesk:
    """Reads the print queue and answers for its jobs.

    Args:
        printers: names of the printers that this device has.

    Attributes:
        answered: called after an answer was stored. It wakes the worker and refreshes the queue on the screen.
        substitutes: name of the printer that is offered when one fails, by name.
    """

    def __init__(self, store: AnswerStore, clock: Clock, printers: Collection[str]) -> None:
        self.answered: Callable[[], None] = lambda: None
        self.substitutes: Mapping[str, str] = {}
        self._store = store
        self._clock = clock
        self._printers = tuple(printers)
        self._followed: Followed | None = None

    def follow(self, subject_id: UUID, since: datetime | None = None) -> None:
        """Show what becomes of what is asked for of this order (or movement of cash) from now, or from then, on."""
        self._followed = Followed(subject_id, to_microseconds(since or self._clock.now()))

    def use(self, printers: Collection[str], substitutes: Mapping[str, str] = MappingProxyType({})) -> None:
        """Take the names of the printers that there are from now on, and who stands in for whom."""
        self._printers, self.substitutes = tuple(printers), substitutes

    async def read(self, connection: AsyncConnection) -> Prints:
        """Read the state of the print jobs, in one statement, and in one more if any is open, two if one follows."""
        health = await views.queue_health(connection, self._printers)
        jobs = await views.open_jobs(connection, self._printers) if health.printers else []
        followed = self._followed
        if followed is not None:
            papers = await views.papers_of(connection, followed.subject_id)
            followed = replace(followed, papers=papers, pulse=await views.pulse_of(connection, followed.subject_id))
        return Prints(self._printers, health, tuple(jobs), followed, self.substitutes)

    async def last_receipt(self) -> JobView | None:
        """The newest receipt of this device."""
        async with self._store.reading() as connection:
            return await views.last_receipt(connection)

    async def last_endings(self) -> Mapping[str, State]:
        """How the newest paper ended that was sent to each printer."""
        async with self._store.reading() as connection:
            return await views.last_endings(connection)

    async def what_became_of(self, job_id: UUID) -> tuple[State, PrinterFault | None] | None:
        """State and fault of a job; None if it is not there any more."""
        async with self._store.reading() as connection:
            return await views.state_of(connection, job_id)

    async def it_came_out(self, job: JobView) -> None:
        """Close a job: its paper came out.

        Raises:
            DomainError: PRINT_ANSWERED.
        """
        now = self._clock.now()
        await self._answer(lambda connection: queue.it_came_out(connection, job, now))

    async def cancel(self, job: JobView) -> None:
        """Close a job of which nothing was printed: nobody needs it.

        Raises:
            DomainError: PRINT_ANSWERED.
        """
        now = self._clock.now()
        await self._answer(lambda connection: queue.cancel(connection, job, now))

    async def print_again(self, job: JobView, printer: str = "") -> None:
        """Print a job once more, or on another printer. The paper says COPY if any of it may have been printed before.

        Raises:
            DomainError: PRINT_ANSWERED.
        """
        now = self._clock.now()
        await self._answer(lambda connection: queue.print_again(connection, job, now, printer))

    async def try_now(self, printers: Sequence[str] = ()) -> int:
        """Retry failed jobs at once, those of some printers or all. Returns how many there are."""
        now = self._clock.now()
        tried = await self._store.write(lambda connection: queue.try_now(connection, now, printers))
        self.answered()
        return tried

    async def _answer(self, answer: Callable[[AsyncConnection], Awaitable[bool]]) -> None:
        held = await self._store.write(answer)
        self.answered()
        if not held:
            raise DomainError("PRINT_ANSWERED")
