"""How many bytes of messages each device may have decoded: one that sends without end must not stop all the others."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

from cloud.redis.server import RedisAway, RedisServer

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


class SharedBudget:
    """Counts for all processes of the server while Redis answers, else in this one.

    Args:
        here: what this process counts, always: so that it goes on where it is when Redis dies.
    """

    def __init__(self, redis: RedisServer | None, here: Budget | None = None) -> None:
        self._redis = redis
        self._here = Budget() if here is None else here

    async def spend(self, device_id: UUID, size: int) -> int:
        """Count a message of so many bytes. Returns 0, or after how many seconds the device may send it again."""
        wait = self._here.spend(device_id, size)
        if wait or self._redis is None:
            return wait
        try:
            spent = max(size, LEAST_BYTES)
            return await self._redis.run(_SPEND, [f"budget:{device_id.hex}"], spent, MOST_BYTES, BYTES_A_SECOND)
        except RedisAway:
            return wait


_SPEND = """
    local size, most, rate = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
    local time = redis.call('time')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local held = redis.call('hmget', KEYS[1], 'spent', 'at')
    local left = math.max(0, (tonumber(held[1]) or 0) - (now - (tonumber(held[2]) or now)) * rate / 1000)
    local wanted = left + size
    local too_much = left > 0 and wanted > most
    local spent = too_much and left or wanted
    redis.call('hset', KEYS[1], 'spent', string.format('%.0f', spent), 'at', string.format('%.0f', now))
    redis.call('pexpire', KEYS[1], math.ceil(spent * 1000 / rate) + 1000)
    return too_much and math.floor((wanted - most) / rate) + 1 or 0
"""
