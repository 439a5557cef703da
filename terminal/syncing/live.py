"""Waiting for the cloud's news on a WebSocket; over HTTP where a network lets none through.

Pulls that wait go over the socket, everything else over HTTP (`link.py`). The socket only says sooner what the next
pull would bring, so whatever happens to it loses nothing: the question is asked again, over HTTP.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from msgspec.structs import replace
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI, WebSocketException

from sync.live import PATH, READY, WAIT_MS, Close, DeviceOpening, come_back_seconds, opening_text
from sync.messages import MAX_MESSAGE_BYTES, AnyMessage, BadMessage, Pull, dump, load
from terminal.syncing.agent import PUSH_IDLE_SECONDS, Agent
from terminal.syncing.link import CONNECT_SECONDS, CloudLink, LinkError
from terminal.syncing.link_state import Cloud, Trouble

PING_SECONDS = 2.5
SILENT_SECONDS = 4.5
"""After so long without a byte, a ping in between, the cloud counts as slow, and the socket is given up."""
LATE_SECONDS = 1.0
"""Who wakes up so much later than meant was kept from reading: what came meanwhile is read first."""
LOST_SECONDS = 2.0
"""Within so long, at random, a device asks again after its socket was cut: all of them were, perhaps."""
FIRST_BLOCKED_SECONDS = 30.0
LONGEST_BLOCKED_SECONDS = 600.0
"""How long no socket is tried in a network that lets none through."""
REPLACED_SECONDS = 60.0
"""The same after another program took this device's place: two of them must not take turns."""

HTTP_WAIT_MS = 2_500
"""Without a socket a pull waits so long for news: a cloud that hangs is said within five seconds there, too. Each is a
request, which is why devices prefer a socket."""
HELLO_HEARD_SECONDS = 120.0
"""An idle device says hello so often while the cloud is heard on its socket."""
_REFUSALS = frozenset({Close.MESSAGE_WRONG, Close.TOKEN_REFUSED, Close.REVOKED, Close.LATER, 1009})
"""Closes after which another try would end alike."""

logger = logging.getLogger(__name__)


class LiveCarrier:
    """Carries the messages of one device.

    Args:
        jitter: gives a random number in [0, 1).
    """

    def __init__(self, link: CloudLink, jitter: Callable[[], float]) -> None:
        self.socket = CloudSocket(link, jitter)
        self._link = link

    async def exchange(self, message: AnyMessage) -> AnyMessage:
        """Send a message and return the cloud's answer, see `link.LinkError`."""
        if not isinstance(message, Pull) or not message.wait_ms:
            return await self._link.exchange(message)
        failures = self.socket.failures
        answer = await self.socket.answer(message)
        if answer is not None:
            return answer
        # After a failure HTTP says at once whether the cloud is there; else it is asked to wait.
        has_failed = self.socket.failures != failures
        wait_ms = 0 if has_failed else min(message.wait_ms, HTTP_WAIT_MS)
        return await self._link.exchange(replace(message, wait_ms=wait_ms))

    def idle_seconds(self) -> float:
        """How often an idle device says hello."""
        return HELLO_HEARD_SECONDS if self.socket.is_open else PUSH_IDLE_SECONDS

    def reports_to(self, agent: Agent) -> None:
        """Tell an agent when the cloud was heard, and when it is slow; and how often it need say hello."""
        report = agent.report
        slow = Trouble(Cloud.OFFLINE, "CLOUD_SLOW", {"url": self._link.url})
        self._link.on_slow = lambda is_slow: report.tell("slow", slow if is_slow else None)
        self.socket.on_heard = agent.cloud_heard
        agent.idle_seconds = self.idle_seconds

    async def close(self) -> None:
        """Close the socket and the link."""
        self.socket.close()
        await self._link.close()


class CloudSocket:
    """One device's socket, opened when it is needed.

    Attributes:
        on_heard: called whenever the cloud has said something, a pong too.
        failures: how often it could not be used, or was lost.
    """

    def __init__(self, link: CloudLink, jitter: Callable[[], float]) -> None:
        self.on_heard: Callable[[], None] = lambda: None
        self.failures = 0
        self._link = link
        self._jitter = jitter
        self._connection: _Connection | None = None
        self._blocked = 0
        self._try_at = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the cloud is heard on it."""
        return self._connection is not None

    def close(self) -> None:
        """Cut it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.transport.abort()

    async def answer(self, pull: Pull) -> AnyMessage | None:
        """Wait for the answer to a pull. None if there is no socket: then HTTP has to be asked.

        Raises:
            LinkError: CLOUD_SLOW if it went silent; CLOUD_UNREACHABLE with the time to come back if it stops.
        """
        if asyncio.get_running_loop().time() < self._try_at:
            return None
        try:
            if self._connection is None:
                self._connection = await self._opened()
            if self._connection is None:
                return None
            await self._connection.send(dump(replace(pull, wait_ms=WAIT_MS)))
            return load(await self._heard(self._connection))
        except ConnectionClosed as closed:
            self.close()
            await self._lost(closed)
            return None
        except BadMessage:
            self.close()
            self._is_blocked()
            return None
        except BaseException:
            self.close()  # an answer may still come, to nobody
            raise

    # -- opening -----------------------------------------------------------------------------------------------------

    async def _opened(self) -> _Connection | None:
        """Connect and say who we are. None if that is not possible here and now."""
        refused: str | None = None
        while True:
            token = await self._link.token(refused)
            connection = await self._connected()
            if connection is None:
                return None
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    await connection.send(opening_text(DeviceOpening(token)))
                    is_ready = await connection.recv() == READY
            except TimeoutError:
                is_ready = False
            except ConnectionClosed as closed:
                if _code(closed) != Close.TOKEN_REFUSED or refused is not None:
                    raise
                refused = token
                continue
            except BaseException:
                connection.transport.abort()
                raise
            if is_ready:
                self._blocked = 0
                return connection
            connection.transport.abort()
            self._is_blocked()
            return None

    async def _connected(self) -> _Connection | None:
        scheme, _, rest = self._link.url.partition("://")
        secure = scheme.lower() == "https"
        try:
            connection = await _Connect(
                f"{'wss' if secure else 'ws'}://{rest}{PATH}",
                create_connection=_Connection,
                compression=None,
                open_timeout=CONNECT_SECONDS,
                ping_interval=None,
                close_timeout=1.0,
                max_size=MAX_MESSAGE_BYTES + 1,
                ssl=self._link.trusts() if secure else None,
            )
            assert isinstance(connection, _Connection)
            return connection
        except (InvalidHandshake, TimeoutError) as error:
            logger.info("no socket to the cloud: %s", error)
            self._is_blocked()
        except (OSError, InvalidURI, WebSocketException) as error:
            logger.info("no socket to the cloud: %s", error)
            self._failed(self._jitter() * LOST_SECONDS)
        return None

    # -- waiting -----------------------------------------------------------------------------------------------------

    async def _heard(self, connection: _Connection) -> bytes:
        """What the cloud says next, however long it takes, as long as it is there."""
        loop = asyncio.get_running_loop()
        connection.heard_at = wake_at = ping_at = loop.time()
        receiving = asyncio.create_task(connection.recv())
        try:
            while True:
                now = loop.time()
                if now - wake_at > LATE_SECONDS:
                    connection.heard_at = now
                if now >= connection.heard_at + SILENT_SECONDS:
                    self.failures += 1
                    raise LinkError("CLOUD_SLOW", url=self._link.url)
                if now >= ping_at:
                    await connection.ping()
                    ping_at = now + PING_SECONDS
                wake_at = min(ping_at, connection.heard_at + SILENT_SECONDS)
                await asyncio.wait({receiving}, timeout=max(0.0, wake_at - now))
                if connection.heard_at > now:
                    self.on_heard()
                if receiving.done():
                    said = receiving.result()
                    return said if isinstance(said, bytes) else said.encode()
        finally:
            receiving.cancel()
            await asyncio.wait({receiving})

    # -- trouble -----------------------------------------------------------------------------------------------------

    async def _lost(self, closed: ConnectionClosed) -> None:
        """Decide when to come back.

        Raises:
            LinkError: CLOUD_UNREACHABLE, since it stops and said when.
        """
        code, reason = _code(closed), closed.rcvd.reason if closed.rcvd is not None else ""
        seconds = come_back_seconds(reason)
        logger.info("the cloud closed the socket: %s %s", code, reason)
        if seconds is not None:
            self._failed(seconds)
            if code == Close.RESTART:
                raise LinkError("CLOUD_UNREACHABLE", retry_after=seconds, url=self._link.url)
        elif code == Close.REPLACED:
            self._try_at = asyncio.get_running_loop().time() + REPLACED_SECONDS * (1.0 + self._jitter())
        elif code in _REFUSALS:
            self._is_blocked()
        else:
            wait = self._jitter() * LOST_SECONDS
            self._failed(wait)
            await asyncio.sleep(wait)

    def _is_blocked(self) -> None:
        """Try no socket for a while."""
        self._blocked += 1
        seconds = min(FIRST_BLOCKED_SECONDS * 2.0 ** min(self._blocked - 1, 10), LONGEST_BLOCKED_SECONDS)
        self._failed(seconds * (0.5 + 0.5 * self._jitter()))

    def _failed(self, seconds: float) -> None:
        self.failures += 1
        self._try_at = asyncio.get_running_loop().time() + seconds


class _Connection(ClientConnection):
    """Knows when the last byte came in: a large answer on a slow line is no silence."""

    heard_at = 0.0

    def data_received(self, data: bytes) -> None:
        """Note the time."""
        self.heard_at = self.loop.time()
        super().data_received(data)


class _Connect(connect):
    """Follows no redirect: the token is for the cloud alone."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """No address is another one's."""
        return exc


def _code(closed: ConnectionClosed) -> int | None:
    return closed.rcvd.code if closed.rcvd is not None else None
