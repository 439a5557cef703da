"""The clocks of simulated machines: each reads virtual time, and most of them wrongly."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from shared.kernel.instants import to_microseconds

OPENING = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
"""True time when a schedule begins: noon in Lima."""


class MachineClock:
    """Implements `shared.kernel.instants.Clock`.

    Attributes:
        skew: how far it is off.
        stuck: the instant at which it stands still, or None.
        opened: what it said when the schedule began; None once anybody has turned it.
    """

    def __init__(self, skew: timedelta = timedelta(), begins: datetime = OPENING) -> None:
        self.skew = skew
        self.stuck: datetime | None = None
        self._begins = begins
        self.opened: datetime | None = begins + skew

    def now(self) -> datetime:
        if self.stuck is not None:
            return self.stuck
        return self.true() + self.skew

    def milliseconds(self) -> int:
        return to_microseconds(self.now()) // 1_000

    def running_milliseconds(self) -> int:
        return int(asyncio.get_running_loop().time() * 1_000)

    def boot(self) -> str:
        return "machine"

    def true(self) -> datetime:
        """What a right clock says."""
        return self._begins + timedelta(seconds=asyncio.get_running_loop().time())

    def set_to(self, instant: datetime) -> None:
        """Somebody, or an empty battery, sets it."""
        self.stuck = self.opened = None
        self.skew = instant - self.true()

    def stand(self, instant: datetime) -> None:
        """It stands still."""
        self.stuck, self.opened = instant, None

    def jump(self, by: timedelta) -> None:
        """Time passes at once."""
        self.skew, self.opened = self.skew + by, None
