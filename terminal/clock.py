"""The machine's clock. Only this module of the terminal reads it for the domain."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol

from shared.kernel.instants import Clock

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_RUNNING = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
"""The clock that goes on while the machine sleeps; None where the system has it as Python's monotonic clock."""


class DeviceClock(Clock, Protocol):
    """A clock that also measures how long the machine has been running, whatever its wall clock says."""

    def running_milliseconds(self) -> int:
        """Milliseconds since some start. They never go back while the machine runs; after a restart they begin anew."""
        ...

    def boot(self) -> str:
        """Name of this start of the machine: running times of one start can be compared. Empty if it has none."""
        ...


class Moment(NamedTuple):
    """What the clocks of a machine say at once, so that a wall clock that is set meanwhile can be corrected for."""

    wall_ms: int
    running_ms: int
    boot: str

    @classmethod
    def of(cls, clock: DeviceClock) -> Moment:
        """The present moment of a clock."""
        return cls(clock.milliseconds(), clock.running_milliseconds(), clock.boot())

    def set_since(self, earlier: Moment) -> int:
        """By how many milliseconds the wall clock was set since an earlier moment.

        0 if the machine was started again meanwhile, or nobody can tell: then only the wall clock knows.
        """
        if not self.boot or self.boot != earlier.boot:
            return 0
        return (self.wall_ms - self.running_ms) - (earlier.wall_ms - earlier.running_ms)


def wait_text(seconds: int) -> str:
    """A pause as people read it in both languages: `45 s`, `14 min 05 s`."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


class SystemClock:
    """Implements `DeviceClock`."""

    def now(self) -> datetime:
        """The present instant."""
        return datetime.now(UTC)

    def milliseconds(self) -> int:
        """Milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    def running_milliseconds(self) -> int:
        """Milliseconds since the machine started, asleep or awake: all its programs read the same."""
        running_ns = time.monotonic_ns() if _RUNNING is None else time.clock_gettime_ns(_RUNNING)
        return running_ns // 1_000_000

    def boot(self) -> str:
        """The name that the system gives to its start; empty where it gives none."""
        return _boot()


@cache
def _boot() -> str:
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""
