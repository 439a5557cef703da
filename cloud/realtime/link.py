"""Hints between the processes of the server, by PostgreSQL's LISTEN and NOTIFY, on connections of their own.

A notification inside the transaction of a writer costs more than half of the commits a second (they queue for one
lock); one sender beside them, which gathers hints for some milliseconds, costs nothing. Losing hints is allowed: after
a break everybody looks again, and while there is no link those who wait look again every few seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Iterator
from uuid import UUID

import psycopg
from psycopg import sql

from cloud.database.engine import CONNECT_TIMEOUT_SECONDS
from cloud.realtime.hub import Hint, Hub, Room
from shared.kernel.retries import retry_seconds

CHANNEL = "comanda_hints"
GATHER_SECONDS = 0.01
MOST_BYTES = 7_000
"""PostgreSQL takes 8,000 in a notification."""
BEAT_SECONDS = 5.0
"""So often the sender says something; who does not hear their own beat three times has no link."""
_NOTHING = "-"

logger = logging.getLogger(__name__)


class Link:
    """Joins the hub of this process with those of the others on the same database.

    Args:
        url: of the database, past any pooler.
    """

    def __init__(self, url: str, hub: Hub) -> None:
        self._url = url
        self._hub = hub
        self._name = os.urandom(6).hex()
        self._waiting: dict[tuple[Room, UUID | None], Hint | None] = {}
        self._bell = asyncio.Event()
        self._heard_at = 0.0
        hub.beyond(self._gather)

    async def run(self) -> None:
        """Keep the link up until cancelled; whatever ends it, it begins again."""
        failures = 0
        while True:
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._listen())
                    group.create_task(self._send())
                    group.create_task(self._watch())
            except* (psycopg.Error, OSError, TimeoutError) as errors:
                failures = 1 if self._hub.is_linked else failures + 1
                log = logger.warning if failures == 1 else logger.debug
                log("the link between the server's processes broke: %s", errors.exceptions[0])
            finally:
                self._hub.is_linked = False
            await asyncio.sleep(retry_seconds(failures))

    def _gather(self, room: Room, hint: Hint | None) -> None:
        key = (room, hint.stream if hint is not None else None)
        earlier = self._waiting.get(key)
        if earlier is None or hint is None or hint.seq > earlier.seq:
            self._waiting[key] = hint
        self._bell.set()

    async def _listen(self) -> None:
        async with await _connected(self._url) as connection:
            await connection.execute(sql.SQL("listen {}").format(sql.Identifier(CHANNEL)))
            self._heard_at = asyncio.get_running_loop().time()
            self._hub.is_linked = True
            self._hub.hear_anything()
            async for notification in connection.notifies():
                self._heard_at = asyncio.get_running_loop().time()
                name, _, rest = notification.payload.partition("\n")
                if name != self._name:
                    for room, hint in _parsed(rest):
                        self._hub.hear(room, hint)

    async def _send(self) -> None:
        async with await _connected(self._url) as connection:
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(BEAT_SECONDS):
                        await self._bell.wait()
                await asyncio.sleep(GATHER_SECONDS)
                self._bell.clear()
                gathered, self._waiting = self._waiting, {}
                for payload in _payloads(self._name, gathered):
                    await connection.execute("select pg_notify(%s, %s)", [CHANNEL, payload])

    async def _watch(self) -> None:
        """End the link if nothing comes in any more: a connection may be gone without a word."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            silent = asyncio.get_running_loop().time() - self._heard_at
            if self._hub.is_linked and silent > 3 * BEAT_SECONDS:
                msg = f"nothing heard for {silent:.0f} s"
                raise TimeoutError(msg)


async def _connected(url: str) -> psycopg.AsyncConnection[tuple[object, ...]]:
    return await psycopg.AsyncConnection.connect(
        url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_SECONDS, application_name="comanda-hints"
    )


def _payloads(name: str, gathered: dict[tuple[Room, UUID | None], Hint | None]) -> Iterator[str]:
    """Notifications with all hints, each below the limit; one without any is a beat."""
    lines, size = [name], len(name)
    for (room, _stream), hint in gathered.items():
        said = (_NOTHING,) if hint is None else (hint.stream.hex, hint.device_id.hex, str(hint.seq))
        line = " ".join((str(room), *said))
        if size + len(line) + 1 > MOST_BYTES:
            yield "\n".join(lines)
            lines, size = [name], len(name)
        lines.append(line)
        size += len(line) + 1
    yield "\n".join(lines)


def _parsed(text: str) -> Iterator[tuple[Room, Hint | None]]:
    """The hints of a notification. What nobody understands (another version wrote it) lets its room look."""
    for line in text.splitlines():
        where, *said = line.split(" ")
        try:
            room = Room.parsed(where)
        except ValueError:
            continue
        try:
            stream, device, seq = said
            yield room, Hint(UUID(stream), UUID(device), int(seq))
        except ValueError:
            yield room, None
