"""What people see of the printers of a device, and what they answer. No Textual, no words.

An answer is one shielded write to the queue, and holds only for what the person saw: given again, or given on another
device meanwhile, it does nothing and says so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
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
    """What answers need of the device's database."""

    def write(self, block: Callable[[AsyncConnection], Awaitable[T]]) -> Awaitable[T]:
        """Run a block in one transaction, to its end, whatever happens to the caller."""
        ...

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection for reading."""
        ...


@dataclass(frozen=True, slots=True)
class Prints:
    """How the papers of a device stand.

    Attributes:
        printers: names of all printers that the device has.
        health: of those with open jobs, and of names for which there is no printer.
        questions: what only a person can say, oldest first; at most `queue.MAX_ASKED`.
    """

    printers: tuple[str, ...] = ()
    health: QueueHealth = field(default_factory=QueueHealth)
    questions: tuple[JobView, ...] = ()


class PrintDesk:
    """The queue as people use it.

    Args:
        printers: names of the printers that this device has.

    Attributes:
        answered: called after an answer was stored; wakes the worker and shows the queue anew.
    """

    def __init__(self, store: AnswerStore, clock: Clock, printers: Sequence[str]) -> None:
        self.answered: Callable[[], None] = lambda: None
        self._store = store
        self._clock = clock
        self._printers = tuple(printers)

    async def read(self, connection: AsyncConnection) -> Prints:
        """How the papers stand, in one statement, or two where a person is asked for something."""
        health = await queue.queue_health(connection, self._printers)
        questions = await queue.asked_jobs(connection, self._printers) if health.asked else []
        return Prints(self._printers, health, tuple(questions))

    async def last_receipt(self) -> JobView | None:
        """The newest receipt of this device."""
        async with self._store.reading() as connection:
            return await queue.last_receipt(connection)

    async def it_came_out(self, job: JobView) -> None:
        """The paper is there, or nobody needs it any more.

        Raises:
            DomainError: PRINT_ANSWERED.
        """
        now = self._clock.now()
        await self._answer(lambda connection: queue.it_came_out(connection, job, now, self._printers))

    async def print_again(self, job: JobView) -> None:
        """Print a paper once more; it says COPY if any of it may have been printed before.

        Raises:
            DomainError: PRINT_ANSWERED.
        """
        now = self._clock.now()
        await self._answer(lambda connection: queue.print_again(connection, job, now))

    async def try_now(self) -> int:
        """Try at once what could not be sent; how many jobs."""
        now = self._clock.now()
        tried = await self._store.write(lambda connection: queue.try_now(connection, now))
        self.answered()
        return tried

    async def _answer(self, answer: Callable[[AsyncConnection], Awaitable[bool]]) -> None:
        held = await self._store.write(answer)
        self.answered()
        if not held:
            raise DomainError("PRINT_ANSWERED")
