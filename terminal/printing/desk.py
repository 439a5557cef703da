"""What people see of a device's printers, and their answers about print jobs. No Textual, no sentences.

An answer is one shielded write to the queue. It counts only if the job still is as the person saw it; otherwise (a
second press, an answer from another device) it changes nothing and raises PRINT_ANSWERED.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.errors import DomainError
from shared.kernel.instants import Clock
from terminal.printing import queue
from terminal.printing.queue import JobView, QueueHealth

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
class Prints:
    """State of this device's print jobs.

    Attributes:
        printers: names of all printers that the device has.
        health: of the printers with open jobs, and of names for which there is no printer.
        questions: jobs that only a person can end, oldest first; at most `queue.MAX_ASKED`.
    """

    printers: tuple[str, ...] = ()
    health: QueueHealth = field(default_factory=QueueHealth)
    questions: tuple[JobView, ...] = ()


class PrintDesk:
    """Reads the print queue and answers for its jobs.

    Args:
        printers: names of the printers that this device has.

    Attributes:
        answered: called after an answer was stored. It wakes the worker and refreshes the queue on the screen.
    """

    def __init__(self, store: AnswerStore, clock: Clock, printers: Collection[str]) -> None:
        self.answered: Callable[[], None] = lambda: None
        self._store = store
        self._clock = clock
        self._printers = tuple(printers)

    def use(self, printers: Collection[str]) -> None:
        """Take the names of the printers that there are from now on."""
        self._printers = tuple(printers)

    async def read(self, connection: AsyncConnection) -> Prints:
        """Read the state of the print jobs, in one statement, or in two if a job needs an answer."""
        health = await queue.queue_health(connection, self._printers)
        questions = await queue.asked_jobs(connection, self._printers) if health.asked else []
        return Prints(self._printers, health, tuple(questions))

    async def last_receipt(self) -> JobView | None:
        """The newest receipt of this device."""
        async with self._store.reading() as connection:
            return await queue.last_receipt(connection)

    async def it_came_out(self, job: JobView) -> None:
        """Close a job: the paper came out, or nobody needs it any more.

        Raises:
            DomainError: PRINT_ANSWERED.
        """
        now = self._clock.now()
        await self._answer(lambda connection: queue.it_came_out(connection, job, now, self._printers))

    async def print_again(self, job: JobView) -> None:
        """Print a job once more. The paper says COPY if any of it may have been printed before.

        Raises:
            DomainError: PRINT_ANSWERED.
        """
        now = self._clock.now()
        await self._answer(lambda connection: queue.print_again(connection, job, now))

    async def try_now(self) -> int:
        """Retry all failed jobs at once. Returns how many there are."""
        now = self._clock.now()
        tried = await self._store.write(lambda connection: queue.try_now(connection, now))
        self.answered()
        return tried

    async def _answer(self, answer: Callable[[AsyncConnection], Awaitable[bool]]) -> None:
        held = await self._store.write(answer)
        self.answered()
        if not held:
            raise DomainError("PRINT_ANSWERED")
