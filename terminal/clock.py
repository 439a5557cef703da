"""The machine's clock. Only this module of the terminal reads it for the domain."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SystemClock:
    """Implements `shared.kernel.instants.Clock`."""

    def now(self) -> datetime:
        """The present instant."""
        return datetime.now(UTC)

    def milliseconds(self) -> int:
        """Milliseconds since 1970."""
        return time.time_ns() // 1_000_000
