"""What a room says of its jobs: their name, what runs, how often it is tried, how long it is worth doing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

LONGEST_NAME = 40
"""PostgreSQL allows 63 bytes for the name of a channel, of which the queue takes 23."""
MOST_RUNS = 8
"""With the pauses between them about ten minutes."""
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class JobCall:
    """A job as it is run.

    Attributes:
        organization_id: whose it is; None: the control plane's.
        args: what it was asked for with, plain data.
        run: how often it has been begun, this time included.
    """

    organization_id: UUID | None
    args: Mapping[str, Any]
    run: int


RunJob = Callable[[JobCall, Mapping[str, object]], Awaitable[None]]
"""Does a job, with what all rooms provide. It may be run again after it succeeded: a worker may die right then."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of jobs.

    Attributes:
        name: its room and what it does, such as `entrance.forget_throttles`. A worker takes only jobs that it knows.
        run: see `RunJob`.
        most_runs: how often it is begun before a person must look at it.
        within: how long one run may take.
        first_pause: before the second run; it doubles with each further one, up to `LONGEST_PAUSE`.
        shelf_life: how long after it was asked for it is still worth doing; None: for ever.
        every: when it is done without being asked for, as in a crontab, in UTC.
    """

    name: str
    run: RunJob
    most_runs: int = MOST_RUNS
    within: timedelta = timedelta(minutes=5)
    first_pause: timedelta = FIRST_PAUSE
    shelf_life: timedelta | None = None
    every: str | None = None

    def __post_init__(self) -> None:
        assert 0 < len(self.name) <= LONGEST_NAME, self.name
        assert self.most_runs > 0

    def pause(self, runs: int) -> timedelta:
        """How long to wait after so many runs that failed, at least one."""
        doublings: int = 2 ** min(runs - 1, 20)
        return min(self.first_pause * doublings, LONGEST_PAUSE)
