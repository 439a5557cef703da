"""The server's clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)

    def milliseconds(self) -> int:
        """The present instant in milliseconds since 1970."""
        return time.time_ns() // 1_000_000
