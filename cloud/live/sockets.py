"""All live sockets of this process: who opens one proves who they are, and is told when the server stops."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import suppress

from cloud.accounts.identity import EnrolledDevice
from cloud.accounts.tokens import DeviceClaims, TokenError, Tokens
from cloud.database.away import in_a_line, may_be_tried_again
from cloud.live.client import Client, End, Gone
from cloud.live.devices import DeviceSockets
from cloud.live.page_tokens import PageTokens
from cloud.live.pages import PageSockets
from cloud.realtime.hub import Hub
from shared.kernel.instants import Clock
from sync.live import Close, DeviceOpening, PageOpening, come_back, opening_of

OPENING_SECONDS = 5.0
"""So long a client may take until it says who it is."""
MOST_OPENING = 4_000
"""Clients that have not said yet who they are. Of more the one that has been silent for longest makes room: whoever may
come in says at once who it is."""
SAY_AGAIN_SECONDS = 5.0
"""When the database is away all sockets end; the log says it once in this time."""
COME_BACK_SECONDS_EACH = 0.015
"""About what a device costs that connects and catches up: they come back one after the other."""
LEAST_COME_BACK_SECONDS, LONGEST_COME_BACK_SECONDS = 2.0, 60.0

logger = logging.getLogger(__name__)


class LiveSockets:
    """Opens and ends sockets.

    Args:
        chance: a random number in [0, 1).
    """

    def __init__(
        self,
        hub: Hub,
        tokens: Tokens,
        clock: Clock,
        devices: DeviceSockets,
        page_tokens: PageTokens,
        pages: PageSockets,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._hub = hub
        self._tokens = tokens
        self._clock = clock
        self._devices = devices
        self._page_tokens = page_tokens
        self._pages = pages
        self._chance = chance
        self._opening: dict[asyncio.Timeout, None] = {}
        self._said_at = -SAY_AGAIN_SECONDS
        self.open = 0

    async def serve(self, client: Client) -> None:
        """Serve a client whose socket was accepted, until one of the two ends it."""
        self.open += 1
        try:
            await self._serve(client)
        except Gone:
            return
        except End as end:
            await client.end(self._with_come_back(end))
        except Exception as error:  # noqa: BLE001 - whatever it is, the client is told and the log says it
            self._say(error)
            await client.end(End(Close.FAILED))
        finally:
            self.open -= 1

    async def _serve(self, client: Client) -> None:
        if self._hub.is_closing:
            raise End(Close.RESTART)
        opening = await self._opened(client)
        if isinstance(opening, PageOpening):
            listener = await self._page_tokens.take(opening.token) if client.is_of_our_page else None
            if listener is None:
                raise End(Close.TOKEN_REFUSED)
            await self._pages.serve(client, listener)
            return
        try:
            claims = self._tokens.read(opening.token)
        except TokenError:
            raise End(Close.TOKEN_REFUSED) from None
        if not isinstance(claims, DeviceClaims):
            raise End(Close.TOKEN_REFUSED)
        seconds = claims.exp - self._clock.now().timestamp()
        await self._devices.serve(client, EnrolledDevice.of(claims), seconds)

    async def _opened(self, client: Client) -> DeviceOpening | PageOpening:
        """The first message. Whoever says nothing is ended, sooner if there are many such."""
        loop = asyncio.get_running_loop()
        if len(self._opening) >= MOST_OPENING:
            oldest = next(iter(self._opening))
            del self._opening[oldest]
            with suppress(RuntimeError):  # its time is over this very moment
                oldest.reschedule(loop.time())
        limit = asyncio.timeout(OPENING_SECONDS)
        self._opening[limit] = None
        try:
            async with limit:
                message = await client.hear()
        except TimeoutError:
            raise End(Close.SILENT) from None
        finally:
            self._opening.pop(limit, None)
        opening = opening_of(message) if isinstance(message, str) else None
        if opening is None:
            raise End(Close.MESSAGE_WRONG, "the first message names a token")
        return opening

    def _say(self, error: Exception) -> None:
        if not may_be_tried_again(error):
            logger.error("a socket failed", exc_info=error)
            return
        now = asyncio.get_running_loop().time()
        if now - self._said_at >= SAY_AGAIN_SECONDS:
            self._said_at = now
            logger.warning("database unavailable: %s (sockets end, and devices ask again)", in_a_line(error))

    def _with_come_back(self, end: End) -> End:
        """Say when to come back: at random, and the later the more have to."""
        if end.reason or end.code not in (Close.RESTART, Close.LATER):
            return end
        within = min(max(self.open * COME_BACK_SECONDS_EACH, LEAST_COME_BACK_SECONDS), LONGEST_COME_BACK_SECONDS)
        return End(end.code, come_back(within * self._chance()))
