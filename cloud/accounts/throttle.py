"""How often something may be tried, counted in the database so that every process of the server sees the same count.

The generic cell rate algorithm: an allowance of so many tries at once, growing back one by one. It is meant for doors
(log-in, enrolment), where a try costs far more than the count; a limit for every request is another thing.

While Redis answers it counts instead. When it dies the database goes on from its own count, and when it comes back
empty, from nothing: whoever was out of tries then has some more.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import text

from cloud.accounts.together import Together
from cloud.database.transaction import Database
from cloud.redis.server import RedisAway, RedisServer
from shared.kernel.errors import DomainError
from shared.kernel.instants import Clock

FORGET_AFTER = timedelta(days=1)
"""A row whose allowance has long been whole says nothing; the odd visitor sweeps them."""
_SWEEP_ROWS = 100
_REMEMBERED_NAME = "remembered"

_TAKE = text(
    """
    insert into control.throttle as held (key, whole_at) values (:key, :now + :each)
    on conflict (key) do update
    set whole_at = case when held.whole_at > :now + 2 * :most then :now else greatest(held.whole_at, :now) end + :each
    where held.whole_at > :now + 2 * :most or greatest(held.whole_at, :now) + :each <= :now + :most
    returning whole_at"""
)
"""An allowance that would be whole only after twice its longest time was written by a wrong clock: it is whole. What
another process wrote, whose clock is a little ahead, still counts."""
_WAIT = text("select whole_at + :each - :most from control.throttle where key = :key")
_FORGIVE = text("delete from control.throttle where key = any(:keys)")
_GIVE_BACK = text("update control.throttle set whole_at = whole_at - :each where key = :key")
_REMEMBER = text(
    """
    insert into control.throttle as held (key, whole_at) values (:key, :until)
    on conflict (key) do update set whole_at = excluded.whole_at"""
)
_REMEMBERED = text("select key from control.throttle where key = any(:keys) and whole_at > :now")
_SWEEP = text(
    "delete from control.throttle where key in"
    " (select key from control.throttle where whole_at < :before limit :rows for update skip locked)"
)

_MILLISECOND = timedelta(milliseconds=1)
_TAKE_IN_REDIS = """
    local now = tonumber(ARGV[1])
    for i, key in ipairs(KEYS) do
        local each, most = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
        local held = tonumber(redis.call('get', key) or now)
        if held > now + 2 * most then held = now end
        local whole = math.max(held, now) + each
        if whole > now + most then return whole - most - now end
        redis.call('set', key, string.format('%.0f', whole), 'px', string.format('%.0f', whole - now))
    end
    return 0
"""
_FORGIVE_IN_REDIS = "return 0 * redis.call('del', unpack(KEYS))"
_GIVE_BACK_IN_REDIS = """
    for i, key in ipairs(KEYS) do
        local whole = redis.call('get', key)
        if whole then redis.call('set', key, string.format('%.0f', whole - ARGV[2 * i]), 'keepttl') end
    end
    return 0
"""
"""Of these scripts the arguments are now and, for each key, both spans of its allowance, in milliseconds."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many attempts may be made at once, and how long until one of them has grown back."""

    name: str
    tries: int
    each: timedelta

    @property
    def most(self) -> timedelta:
        """How long a fully used allowance takes to be whole again."""
        return self.tries * self.each


@dataclass(frozen=True, slots=True)
class Attempt:
    """One use of an allowance by somebody."""

    allowance: Allowance
    who: str


class Throttle:
    """Counts attempts.

    Args:
        key: names of people and addresses are stored only as digests under this key.
    """

    def __init__(self, database: Database, clock: Clock, key: bytes, redis: RedisServer | None = None) -> None:
        self._redis = redis
        self._database = database
        self._clock = clock
        self._key = key
        self._remembered = Together(self._read_remembered)

    async def take(self, attempts: Sequence[Attempt]) -> None:
        """Use up one of each allowance, in a transaction of its own, so that a later rollback does not give it back.

        Raises:
            DomainError: TOO_MANY_TRIES (params: seconds), if any of them is used up.
        """
        wait = await self._in_redis(_TAKE_IN_REDIS, attempts)
        if wait is None:
            wait = await self._take_in_database(attempts)
        if wait > timedelta(0):
            seconds = max(1, -(-wait // timedelta(seconds=1)))
            raise DomainError("TOO_MANY_TRIES", seconds=seconds)

    async def forgive(self, attempts: Sequence[Attempt]) -> None:
        """Make these allowances whole. Only for allowances that belong to whoever has just succeeded."""
        if await self._in_redis(_FORGIVE_IN_REDIS, attempts) is not None:
            return
        async with self._database.control() as session:
            await session.execute(_FORGIVE, {"keys": [self._digest(attempt) for attempt in attempts]})

    async def give_back(self, attempts: Sequence[Attempt]) -> None:
        """Undo one `take`, and no more: earlier attempts from that address may have been somebody's guesses."""
        if await self._in_redis(_GIVE_BACK_IN_REDIS, attempts) is not None:
            return
        async with self._database.control() as session:
            for attempt in attempts:
                await session.execute(_GIVE_BACK, {"key": self._digest(attempt), "each": attempt.allowance.each})

    async def remember(self, names: Sequence[str], lasting: timedelta) -> None:
        """Remember names for so long, as digests: the places from which somebody has come in."""
        until = self._clock.now() + lasting
        async with self._database.control() as session:
            for name in sorted(names):
                await session.execute(_REMEMBER, {"key": self._digest_of(_REMEMBERED_NAME, name), "until": until})

    async def remembered(self, names: Sequence[str]) -> frozenset[str]:
        """Which of these names are remembered."""
        keys = {self._digest_of(_REMEMBERED_NAME, name): name for name in names}
        found = await self._remembered.of(list(keys))
        return frozenset(keys[key] for key in found)

    async def _read_remembered(self, keys: Sequence[bytes]) -> Collection[bytes]:
        async with self._database.control() as session:
            found = await session.scalars(_REMEMBERED, {"keys": list(keys), "now": self._clock.now()})
            return {bytes(key) for key in found}

    async def _take_in_database(self, attempts: Sequence[Attempt]) -> timedelta:
        """How long until the first of these allowances that is used up has one try again."""
        now, wait = self._clock.now(), timedelta(0)
        async with self._database.control() as session:
            for attempt in attempts:
                spent = {"key": self._digest(attempt), "each": attempt.allowance.each, "most": attempt.allowance.most}
                if (await session.execute(_TAKE, {**spent, "now": now})).first() is None:
                    free_at: datetime = (await session.execute(_WAIT, spent)).scalar_one()
                    wait = free_at - now
                    break
            await session.execute(_SWEEP, {"before": now - FORGET_AFTER, "rows": _SWEEP_ROWS})
        return wait

    async def _in_redis(self, script: str, attempts: Sequence[Attempt]) -> timedelta | None:
        """What a script gives; None: the database shall count, since Redis does not answer or there is none."""
        if self._redis is None:
            return None
        keys = [f"throttle:{self._digest(attempt).hex()}" for attempt in attempts]
        spans = [
            span // _MILLISECOND for attempt in attempts for span in (attempt.allowance.each, attempt.allowance.most)
        ]
        try:
            return await self._redis.run(script, keys, self._clock.milliseconds(), *spans) * _MILLISECOND
        except RedisAway:
            return None

    def _digest(self, attempt: Attempt) -> bytes:
        return self._digest_of(attempt.allowance.name, attempt.who)

    def _digest_of(self, kind: str, name: str) -> bytes:
        return hmac.digest(self._key, f"{kind}\0{name}".encode(), sha256)
