"""Answers that many requests need, read now and then: in this process, or in any of them while Redis answers.

An answer about an organization is dropped by a hint in its room, whichever process changed it. A lost hint costs some
seconds, since nothing is believed for longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import msgspec
from redis.asyncio import Redis

from cloud.kernel.recent import Recent
from cloud.realtime.hub import Hint, Hub, Room
from cloud.redis.server import PREFIX, RedisAway, RedisServer

LINKED_SECONDS = 10.0
"""So long an answer is believed at most while hints of other processes come in."""
UNLINKED_SECONDS = 3.0
SHARED_SECONDS = 3.0
"""So long an answer lies in Redis. Who heard a hint meanwhile takes none from there that may be older."""
MOST_ORGANIZATIONS = 5_000
"""Organizations of which something is kept at a time; a forgotten one is read again."""
MOST_DROPPED = 20_000
T = TypeVar("T")


class _Answer(NamedTuple):
    value: Any
    read_at: float


class Lookups:
    """Reads for all who ask, and keeps what it read."""

    def __init__(self, hub: Hub, redis: RedisServer | None = None) -> None:
        self._hub = hub
        self._redis = redis
        self._organizations: Recent[UUID, dict[str, _Answer]] = Recent(MOST_ORGANIZATIONS)
        self._dropped_at: Recent[UUID, float] = Recent(MOST_DROPPED)
        self._begun_at: float | None = None
        hub.also(self._drop)
        hub.afresh(self._organizations.clear)

    async def of(self, organization_id: UUID, what: str, kind: type[T], read: Callable[[], Awaitable[T]]) -> T:
        """An answer about an organization.

        Args:
            what: names the answer, one of a few; it is part of the key in Redis.
            kind: what msgspec makes of its text. No secret and no data of people.
            read: reads it from the database.
        """
        now = asyncio.get_running_loop().time()
        kept = self._organizations.get(organization_id)
        if kept is None:
            kept = {}
            self._organizations.put(organization_id, kept)
        answer = kept.get(what)
        lasts = LINKED_SECONDS if self._hub.is_linked else UNLINKED_SECONDS
        if answer is None or now - answer.read_at >= lasts:
            key = f"{PREFIX}lookup:{organization_id.hex}:{what}"
            value = await self._shared(key, kind) if self._may_share(organization_id, now) else None
            if value is None:
                value = await read()
                if self._organizations.get(organization_id) is kept:  # no hint came meanwhile
                    await self._share(key, value)
            answer = kept[what] = _Answer(value, now)
        found: T = answer.value
        return found

    def _may_share(self, organization_id: UUID, now: float) -> bool:
        """Whether what lies in Redis was read after the last hint: all that is older is gone from there."""
        if self._begun_at is None:
            self._begun_at = now  # hints before that went by
        dropped_at = self._dropped_at.get(organization_id)
        return now - (self._begun_at if dropped_at is None else dropped_at) > SHARED_SECONDS

    async def _shared(self, key: str, kind: type[T]) -> T | None:
        if self._redis is None:
            return None

        async def get(redis: Redis) -> bytes | str | None:
            text: bytes | str | None = await redis.get(key)
            return text

        try:
            text = await self._redis.ask(get)
            return msgspec.json.decode(text, type=kind) if text is not None else None
        except (RedisAway, msgspec.DecodeError, UnicodeDecodeError):  # another version may have written it
            return None

    async def _share(self, key: str, value: object) -> None:
        if self._redis is None:
            return

        async def put(redis: Redis) -> None:
            await redis.set(key, msgspec.json.encode(value), px=int(SHARED_SECONDS * 1_000))

        try:
            await self._redis.ask(put)
        except RedisAway:
            return

    def _drop(self, room: Room, _hint: Hint | None) -> None:
        if room.is_organization:
            self._organizations.forget(room.organization_id)
            self._dropped_at.put(room.organization_id, asyncio.get_running_loop().time())
