"""The machine's clock. Only this module of the terminal reads it for the domain."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

from shared.kernel.instants import Clock


class DeviceClock(Clock, Protocol):
    """A clock that also measures how long the machine has been running, whatever its wall clock says."""

    def running_milliseconds(self) -> int:
        """Milliseconds since some start. They never go back while the machine runs; after a restart they begin anew."""
        ...


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
        """Milliseconds since the machine started: all its programs read the same."""
        return time.monotonic_ns() // 1_000_000
