"""What carries texts between the processes of the server: PostgreSQL's LISTEN and NOTIFY, or Redis.

Each process hears all that all others send, and itself. A text may be lost; then its carrier breaks, or says nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

import psycopg
from psycopg import sql
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from cloud.database.engine import CONNECT_TIMEOUT_SECONDS, driver_url
from cloud.redis.server import CONNECT_SECONDS, PREFIX, RedisAway, RedisServer, heedful
from cloud.settings import Settings

CHANNEL = "comanda_hints"
SEND_SECONDS = 5.0


class CarrierBroke(Exception):
    """A carrier does not carry any more."""


class Wire(Protocol):
    """A connection of a carrier."""

    async def send(self, text: str) -> None:
        """Send a text to all processes, this one included.

        Raises:
            CarrierBroke: nobody knows whether it went out.
        """
        ...

    async def probe(self) -> None:
        """Ask whether the other side is there, without a word to other processes.

        Raises:
            CarrierBroke: it is not.
        """
        ...

    def texts(self) -> AsyncIterator[str]:
        """What all processes send, for ever. An empty one: nothing was sent, and the other side is there.

        Raises:
            CarrierBroke: the connection is gone.
        """
        ...


class Carrier(Protocol):
    """A way between the processes.

    Attributes:
        name: one word, the same in all processes.
        beat_seconds: so often something must be heard.
        is_probed: whether its connections are asked every beat whether the other side is there; else each process sends
            something that it hears itself.
    """

    name: str
    beat_seconds: float
    is_probed: bool

    def connected(self) -> AbstractAsyncContextManager[Wire]:
        """A connection for the block, which hears from the beginning on.

        Raises:
            CarrierBroke: it cannot be reached.
        """
        ...


def carriers_of(settings: Settings, redis: RedisServer | None) -> list[Carrier]:
    """Redis, and PostgreSQL unless a transaction pooler stands between, which forgets who listens."""
    carriers = list[Carrier]()
    if redis is not None:
        carriers.append(RedisCarrier(redis))
    if settings.database_url is not None and not settings.database_pooler:
        url = driver_url(settings.database_url.get_secret_value()).set(drivername="postgresql")
        carriers.append(PostgresCarrier(url.render_as_string(hide_password=False)))
    return carriers


class PostgresCarrier:
    """Carries by notifications, on two connections of its own: one listens, one sends.

    A notification inside the transaction of a writer costs more than half of the commits a second (they queue for one
    lock); one sender beside them costs nothing.

    Args:
        url: of the database, past any pooler.
    """

    name = "postgres"
    beat_seconds = 5.0
    is_probed = True  # what is sent is a transaction, and one more in each process that listens

    def __init__(self, url: str) -> None:
        self._url = url

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Wire]:
        """Listen and be ready to send."""
        opened: list[psycopg.AsyncConnection[tuple[object, ...]]] = []
        try:
            opened.append(listening := await self._connection())
            opened.append(sending := await self._connection())
            await listening.execute(sql.SQL("listen {}").format(sql.Identifier(CHANNEL)))
            yield _PostgresWire(listening, sending)
        except (psycopg.Error, OSError) as error:
            raise CarrierBroke(str(error)) from error
        finally:
            for connection in opened:
                await connection.close()  # it says nothing to the server, which may be frozen

    async def _connection(self) -> psycopg.AsyncConnection[tuple[object, ...]]:
        return await psycopg.AsyncConnection.connect(
            self._url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_SECONDS, application_name="comanda-hints"
        )


class _PostgresWire:
    def __init__(
        self,
        listening: psycopg.AsyncConnection[tuple[object, ...]],
        sending: psycopg.AsyncConnection[tuple[object, ...]],
    ) -> None:
        self._listening = listening
        self._sending = sending

    async def send(self, text: str) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._sending.execute("select pg_notify(%s, %s)", [CHANNEL, text])
        except (psycopg.Error, OSError) as error:
            raise CarrierBroke(str(error) or "no answer") from error

    async def probe(self) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await _synchronized(self._sending)
        except (psycopg.Error, OSError) as error:
            raise CarrierBroke(str(error) or "no answer") from error

    async def texts(self) -> AsyncIterator[str]:
        try:
            while True:
                async for notification in self._listening.notifies(timeout=PostgresCarrier.beat_seconds):
                    yield notification.payload
                await _synchronized(self._listening)
                yield ""
        except (psycopg.Error, OSError) as error:
            raise CarrierBroke(str(error)) from error


async def _synchronized(connection: psycopg.AsyncConnection[tuple[object, ...]]) -> None:
    """Let the server say that it is there: no statement, and so no transaction."""
    async with connection.pipeline() as pipeline:
        await pipeline.sync()


class RedisCarrier:
    """Carries by what is published on a channel. Its beats show all of this process whether Redis answers."""

    name = "redis"
    beat_seconds = 0.5
    is_probed = False

    def __init__(self, server: RedisServer) -> None:
        self._server = server

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Wire]:
        """Subscribe."""
        listener = self._server.listener()
        try:
            await self._server.probe(lambda redis: redis.ping())
            await heedful(listener.subscribe(_REDIS_CHANNEL))
            if await heedful(listener.get_message(timeout=CONNECT_SECONDS)) is None:
                raise CarrierBroke("no answer")
        except (RedisAway, RedisError, OSError) as error:
            raise CarrierBroke(str(error)) from error
        else:
            yield _RedisWire(self._server, listener)
        finally:
            await listener.aclose()  # type: ignore[no-untyped-call]  # redis does not type it


_REDIS_CHANNEL = f"{PREFIX}hints"


class _RedisWire:
    def __init__(self, server: RedisServer, listener: PubSub) -> None:
        self._server = server
        self._listener = listener

    async def send(self, text: str) -> None:
        try:
            await self._server.probe(lambda redis: redis.publish(_REDIS_CHANNEL, text))
        except RedisAway as error:
            raise CarrierBroke(str(error)) from error

    async def probe(self) -> None:
        """Nothing: its beats are heard by whoever sends them."""

    async def texts(self) -> AsyncIterator[str]:
        try:
            async for message in self._listener.listen():
                if message["type"] == "message":
                    yield message["data"].decode(errors="replace")  # whatever somebody published there
        except (RedisError, OSError) as error:
            raise CarrierBroke(str(error)) from error
