"""What runs beside the requests of a process, or instead of them: the works of its rooms."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from enum import Flag, auto
from functools import partial
from typing import cast

from cloud.edge.room import Room, Work
from cloud.jobs.kinds import JobKind
from cloud.jobs.outbox import job_of_effect
from cloud.jobs.worker import JobWorker
from cloud.parts import Parts
from shared.kernel.retries import retry_seconds

CANCELLED_AGAIN_SECONDS = 20.0
"""A work that goes on so long after it was cancelled has lost the cancellation to an error of the same moment, as of a
database that is away. No statement takes so long."""
LONG_RUN_SECONDS = 60.0
"""A work that ran so long has got over what ended it."""
OBJECTS_A_COLLECTION = 50_000
"""About what a frame of a thousand changes makes on its way into the tables."""

logger = logging.getLogger(__name__)


class Duties(Flag):
    """What a process of the server is there for."""

    WEB = auto()
    BACKGROUND = auto()


NO_DUTIES = Duties(0)
"""For an app that only answers."""


def provided_by(parts: Parts, rooms: Sequence[Room]) -> Mapping[str, object]:
    """What all rooms provide, by name."""
    return {name: thing for room in rooms for name, thing in room.provide(parts).items()}


def works_of(rooms: Sequence[Room], duties: Duties) -> list[Work]:
    """The works of a process with these duties; none without any."""
    if not duties:
        return []
    works = [work for room in rooms for work in room.everywhere]
    if Duties.BACKGROUND in duties:
        works += [work for room in rooms for work in room.background]
        works.append(partial(_do_jobs, jobs_of(rooms)))
    return works + [work for room in rooms for work in room.works if Duties.WEB in duties]


def jobs_of(rooms: Sequence[Room]) -> list[JobKind]:
    """All jobs of the rooms: those that they name, and those by which their effects and reactions are carried out."""
    jobs = [job for room in rooms for job in room.jobs]
    jobs += [job_of_effect(effect) for room in rooms for effect in room.effects]
    return jobs + [reaction.job for room in rooms for reaction in room.reactions]


async def _do_jobs(kinds: Sequence[JobKind], provided: Mapping[str, object]) -> None:
    await cast("JobWorker", provided["job_worker"]).run(kinds, provided)


@asynccontextmanager
async def at_work(works: Sequence[Work], provided: Mapping[str, object]) -> AsyncIterator[Sequence[asyncio.Task[None]]]:
    """Run works for as long as the block; what they have in hand is finished first, in the reverse order.

    One that ends by an error begins again: nobody else would notice that this process does a part of its work no more.
    """
    tasks = [asyncio.create_task(_lasting(work, provided)) for work in works]
    try:
        yield tasks
    finally:
        for task in reversed(tasks):
            while not task.done():
                task.cancel()
                await asyncio.wait([task], timeout=CANCELLED_AGAIN_SECONDS)
            with suppress(asyncio.CancelledError):
                await task


async def _lasting(work: Work, provided: Mapping[str, object]) -> None:
    loop, failures = asyncio.get_running_loop(), 0
    while True:
        begun_at = loop.time()
        try:
            await work(provided)
            return
        except Exception as error:
            failures = 1 if loop.time() - begun_at > LONG_RUN_SECONDS else failures + 1
            seconds = retry_seconds(failures)
            logger.error("a work of this process ended; it begins again in %.0f s", seconds, exc_info=error)
        await asyncio.sleep(seconds)


def collect_seldom() -> None:
    """Exempt what was imported from garbage collection, and collect less often.

    A push and its fold make some hundred thousand short-lived objects without reference cycles; looking at them again
    and again took a fifth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_A_COLLECTION, 20, 20)
