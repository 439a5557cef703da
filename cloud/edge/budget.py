"""How many bytes of messages each device may have decoded: one that sends without end must not stop all the others."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

BYTES_A_SECOND = 8 * 1024 * 1024
"""Decompressed; a device that catches up after days without a network sends a third of it."""
MOST_BYTES = 8 * BYTES_A_SECOND
LEAST_BYTES = 64 * 1024
"""What a message costs at least: it is also read, looked up and answered."""
MOST_DEVICES = 10_000
"""Devices with something spent that are remembered at a time."""


class Budget:
    """Counts, in this process, what devices sent (a leaky bucket for each).

    Args:
        seconds: a clock that only goes forward.
    """

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._spent: dict[UUID, tuple[float, float]] = {}

    def spend(self, device_id: UUID, size: int) -> int:
        """Count a message of so many bytes. Returns 0, or after how many seconds the device may send it again."""
        now = self._seconds()
        spent, at = self._spent.pop(device_id, (0.0, now))
        left = max(0.0, spent - (now - at) * BYTES_A_SECOND)
        wanted = left + max(size, LEAST_BYTES)
        is_too_much = left > 0 and wanted > MOST_BYTES
        self._spent[device_id] = (left if is_too_much else wanted, now)
        if len(self._spent) > MOST_DEVICES:
            del self._spent[next(iter(self._spent))]  # who was quiet longest
        return int((wanted - MOST_BYTES) / BYTES_A_SECOND) + 1 if is_too_much else 0
