"""All live sockets of this process: who opens one proves who they are, and is told when the server stops."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cloud.accounts.identity import EnrolledDevice
from cloud.accounts.tokens import DeviceClaims, TokenError, Tokens
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
"""Clients that have not said yet who they are; one that wants to fill the memory with them fills no more."""
COME_BACK_SECONDS_EACH = 0.015
"""About what a device costs that connects and catches up: they come back one after the other."""
LEAST_COME_BACK_SECONDS, LONGEST_COME_BACK_SECONDS = 2.0, 60.0


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
        self._opening = 0
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
        finally:
            self.open -= 1

    async def _serve(self, client: Client) -> None:
        with self._one_more():
            opening = await _opening(client)
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

    @contextmanager
    def _one_more(self) -> Iterator[None]:
        if self._hub.is_closing:
            raise End(Close.RESTART)
        if self._opening >= MOST_OPENING:
            raise End(Close.LATER)
        self._opening += 1
        try:
            yield
        finally:
            self._opening -= 1

    def _with_come_back(self, end: End) -> End:
        """Say when to come back: at random, and the later the more have to."""
        if end.reason or end.code not in (Close.RESTART, Close.LATER):
            return end
        within = min(max(self.open * COME_BACK_SECONDS_EACH, LEAST_COME_BACK_SECONDS), LONGEST_COME_BACK_SECONDS)
        return End(end.code, come_back(within * self._chance()))


async def _opening(client: Client) -> DeviceOpening | PageOpening:
    try:
        async with asyncio.timeout(OPENING_SECONDS):
            message = await client.hear()
    except TimeoutError:
        raise End(Close.SILENT) from None
    opening = opening_of(message) if isinstance(message, str) else None
    if opening is None:
        raise End(Close.MESSAGE_WRONG, "the first message names a token")
    return opening
