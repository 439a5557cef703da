"""How many requests a caller may send to a group of operations, over all processes of the server.

The generic cell rate algorithm: so many at once, growing back one by one. A process takes a small part of what a caller
has left ahead (a lease), by one statement or by Redis, and counts requests against it in memory; when nothing is left
it knows for how long, and refuses without asking. So a request costs no statement, and as much is let through as the
limit says, less the leases of other processes that nobody uses: each a twentieth of it, for ten seconds at most.

This is for every request of the API. Tries of passwords and codes are counted one by one (`throttle.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from cloud.database.transaction import Database
from cloud.kernel.recent import Recent
from cloud.redis.server import RedisAway, RedisServer
from shared.kernel.errors import DomainError
from shared.kernel.instants import Clock

GROUP = "limit"
"""Name of the option of a route with its group of limits."""
LEASE_PARTS = 20
"""Of what may come at once, one part is taken ahead: two processes come within a tenth of the limit."""
LEASE_MS = 10_000
"""What was taken ahead and is not used by then is left: it has grown back for all."""
MOST_CALLERS = 20_000
"""Whose counts a process remembers, some 300 bytes each; who is forgotten takes another lease."""


class Limit(NamedTuple):
    """So many requests at once, and how many grow back in a minute."""

    at_once: int
    a_minute: int

    @property
    def each_us(self) -> int:
        """How long one takes to grow back, in microseconds."""
        return 60_000_000 // self.a_minute

    @property
    def most_us(self) -> int:
        """How long all of them take."""
        return self.at_once * self.each_us

    def times(self, factor: int) -> Limit:
        """So many times as much."""
        return Limit(self.at_once * factor, self.a_minute * factor)


LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "read": Limit(200, 1_200),
        "report": Limit(30, 60),
        "write": Limit(100, 600),
        "bulk": Limit(10, 20),
    }
)
"""By group. A branch at its busiest places some orders a minute; a program that copies all reads pages of 100 rows.
Groups that are not named count otherwise: log-ins and enrolments by tries, messages of devices by bytes."""


class Counted(NamedTuple):
    """What a caller has left after this request.

    Attributes:
        left: as far as this process knows.
        whole_seconds: until all of it has grown back.
    """

    group: str
    limit: Limit
    left: int
    whole_seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """As an answer says it (draft-ietf-httpapi-ratelimit-headers)."""
        window = max(1, -(-self.limit.most_us // 1_000_000))
        return {
            "RateLimit-Policy": f'"{self.group}";q={self.limit.at_once};w={window}',
            "RateLimit": f'"{self.group}";r={self.left};t={self.whole_seconds}',
        }


@dataclass(slots=True)
class _Bucket:
    """What this process knows of a caller in a group.

    Attributes:
        leased: requests that were taken ahead and not used.
        beyond: what all processes have left besides.
        taken_ms, free_ms, whole_ms: when the lease was taken; until when nothing is free; when all has grown back.
    """

    leased: int = 0
    beyond: int = 0
    taken_ms: int = -LEASE_MS
    free_ms: int = 0
    whole_ms: int = 0
    taking: asyncio.Task[None] | None = None


class Limits:
    """Counts requests.

    Args:
        factor: how many times the usual limits hold; 0: none do.
    """

    def __init__(self, database: Database, clock: Clock, redis: RedisServer | None = None, factor: int = 1) -> None:
        self._database = database
        self._clock = clock
        self._redis = redis
        self._limits = {group: limit.times(factor) for group, limit in LIMITS.items()} if factor else {}
        self._buckets: Recent[tuple[str, UUID], _Bucket] = Recent(MOST_CALLERS)

    async def take(self, group: str, caller_id: UUID) -> Counted | None:
        """Count a request. None: the group has no limit.

        Raises:
            DomainError: RATE_LIMITED (params: seconds).
        """
        limit = self._limits.get(group)
        if limit is None:
            return None
        bucket = self._buckets.get((group, caller_id))
        if bucket is None:
            bucket = _Bucket()
            self._buckets.put((group, caller_id), bucket)
        while True:
            now = self._clock.milliseconds()
            if bucket.leased and 0 <= now - bucket.taken_ms < LEASE_MS:
                bucket.leased -= 1
                whole = max(0, -(-(bucket.whole_ms - now) // 1_000))
                return Counted(group, limit, bucket.leased + bucket.beyond, whole)
            if now < bucket.free_ms <= now + limit.most_us // 1_000:
                raise RateLimited(group, limit, -(-(bucket.free_ms - now) // 1_000))
            if bucket.taking is None:  # of many at once one asks
                bucket.taking = asyncio.create_task(self._lease(bucket, group, limit, caller_id))
            await asyncio.shield(bucket.taking)

    async def _lease(self, bucket: _Bucket, group: str, limit: Limit, caller_id: UUID) -> None:
        wanted = max(1, limit.at_once // LEASE_PARTS)
        key = sha256(group.encode() + caller_id.bytes).digest()
        now_ms = self._clock.milliseconds()
        try:
            granted, whole_us = await self._granted(key, now_ms * 1_000, limit, wanted)
        finally:
            bucket.taking = None
        whole_ms = -(-whole_us // 1_000)
        bucket.leased, bucket.taken_ms, bucket.whole_ms = granted, now_ms, whole_ms
        bucket.beyond = max(0, (now_ms * 1_000 + limit.most_us - whole_us) // limit.each_us)
        if not granted:
            bucket.free_ms = max(now_ms + 1, -(-(whole_us - limit.most_us + limit.each_us) // 1_000))

    async def _granted(self, key: bytes, now_us: int, limit: Limit, wanted: int) -> tuple[int, int]:
        """How many are granted, and when all is whole again, in microseconds."""
        if self._redis is not None:
            try:
                spent = (now_us // 1_000, limit.each_us, limit.most_us, wanted)
                answer = await self._redis.run(_LEASE_IN_REDIS, [f"limit:{key.hex()}"], *spent)
                return answer % _GRANTS, now_us // 1_000 * 1_000 + answer // _GRANTS * 1_000
            except RedisAway:
                pass
        asked = {"key": key, "now": now_us, "each": limit.each_us, "most": limit.most_us, "wanted": wanted}
        async with self._database.control() as session:
            row = (await session.execute(_LEASE, asked)).one()
        return row.granted, row.whole_us


class RateLimited(DomainError):
    """A caller sends more than their limit (params: seconds, group)."""

    def __init__(self, group: str, limit: Limit, seconds: int) -> None:
        super().__init__("RATE_LIMITED", seconds=seconds, group=group)
        self.counted = Counted(group, limit, 0, -(-limit.most_us // 1_000_000))


_EACH = "cast(:each as bigint)"
_WHOLE = "greatest(case when held.whole_us > :now + 2 * cast(:most as bigint) then 0 else held.whole_us end, :now)"
"""A clock that was years ahead for a moment keeps nobody out afterwards."""
_FREE = f"greatest(0, least(:wanted, (:now + :most - {_WHOLE}) / {_EACH}))"
_LEASE = text(
    f"""
    insert into control.rate_limit as held (key, whole_us, granted) values (:key, :now + :wanted * {_EACH}, :wanted)
    on conflict (key) do update
    set granted = {_FREE}, whole_us = {_WHOLE} + {_EACH} * {_FREE}
    returning granted, whole_us"""  # noqa: S608 - expressions of ours
)
_GRANTS = 1_000_000
_LEASE_IN_REDIS = """
    local now, each, most, wanted = tonumber(ARGV[1]) * 1000, tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
    local whole = math.max(tonumber(redis.call('get', KEYS[1]) or now), now)
    local granted = math.max(0, math.min(wanted, math.floor((now + most - whole) / each)))
    whole = whole + granted * each
    redis.call('set', KEYS[1], string.format('%.0f', whole), 'px', math.ceil((whole - now) / 1000) + 1)
    return math.ceil((whole - now) / 1000) * 1000000 + granted
"""
"""Of it the arguments are now in milliseconds, both spans in microseconds, and how many are wanted."""
