"""One Redis server, and whether it can be used just now.

Who asks waits for half a second at most; after a failure nobody asks again until Redis has answered the beats of
`RedisCarrier`. Whoever is refused does without: PostgreSQL or this process can do all that Redis does.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

PREFIX = "comanda:"
"""Of all keys and channels."""
ANSWER_SECONDS = 0.5
CONNECT_SECONDS = 1.0
MOST_CONNECTIONS = 50
SAY_AGAIN_SECONDS = 60.0
"""A Redis that answers, and refuses what it is asked (it is full, or takes no writes), is told of once in this time."""
T = TypeVar("T")
logger = logging.getLogger(__name__)


class RedisAway(Exception):
    """Redis cannot be used just now."""


async def heedful(question: Awaitable[T]) -> T:
    """Wait for an answer. The library may forget that it was cancelled; this does not."""
    task = asyncio.current_task()
    assert task is not None
    before = task.cancelling()
    try:
        return await question
    finally:
        if task.cancelling() > before:
            raise asyncio.CancelledError


class RedisServer:
    """Asks Redis, while it answers.

    Args:
        url: redis://, rediss:// or unix://, perhaps with a password.

    Attributes:
        is_up: whether it answered last.
    """

    def __init__(self, url: str) -> None:
        self.is_up = False
        self._refused_at = -SAY_AGAIN_SECONDS
        self._redis = Redis.from_pool(
            BlockingConnectionPool.from_url(
                url,
                max_connections=MOST_CONNECTIONS,
                timeout=ANSWER_SECONDS,
                socket_timeout=ANSWER_SECONDS,
                socket_connect_timeout=CONNECT_SECONDS,
                retry=Retry(NoBackoff(), 0),
                client_name="comanda",
            )
        )

    async def ask(self, question: Callable[[Redis], Awaitable[T]]) -> T:
        """Ask, unless it failed a moment ago.

        Raises:
            RedisAway: it does not answer.
        """
        if not self.is_up:
            raise RedisAway
        return await self.probe(question)

    async def probe(self, question: Callable[[Redis], Awaitable[T]]) -> T:
        """Ask even if it failed a moment ago.

        Raises:
            RedisAway: it does not answer.
        """
        try:
            answer = await heedful(question(self._redis))
        except ResponseError as error:
            self._refused(str(error))
            raise RedisAway(str(error)) from error
        except (RedisError, OSError) as error:
            self._note(is_up=False, why=str(error))
            raise RedisAway(str(error)) from error
        self._note(is_up=True)
        return answer

    async def run(self, script: str, keys: Sequence[str], *arguments: float) -> int:
        """The number that a script gives; what it writes is written whole or not at all.

        Raises:
            RedisAway: it does not answer. Then nobody knows whether the script has run.
        """
        prefixed = [PREFIX + key for key in keys]
        return int(await self.ask(lambda redis: redis.register_script(script)(prefixed, arguments, redis)))

    def listener(self) -> PubSub:
        """A connection of its own for what is published; it waits without a limit."""
        return self._redis.pubsub()

    async def close(self) -> None:
        """Close all connections."""
        await self._redis.aclose()

    def _refused(self, why: str) -> None:
        now = time.monotonic()
        if now - self._refused_at >= SAY_AGAIN_SECONDS:
            self._refused_at = now
            logger.warning("Redis refuses what it is asked (%s): PostgreSQL does that", why)

    def _note(self, *, is_up: bool, why: str = "") -> None:
        if self.is_up and not is_up:
            logger.warning("Redis does not answer (%s): PostgreSQL does its work until it is back", why)
        if is_up and not self.is_up:
            logger.info("Redis answers")
        self.is_up = is_up
