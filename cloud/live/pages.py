"""A page listens on the live socket: it hears that there is news of what it may show, and asks for itself again.

Figures and lists come from what is folded, so workers tell the managers of a branch that they have folded something of
it; and a page looks some seconds after something was stored, if no worker has told. None of it says what is new.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from cloud.accounts.tokens import LIFETIME
from cloud.live.client import Client, End, running
from cloud.live.page_tokens import Listener, PageTokens
from cloud.lookups.houses import Houses
from cloud.realtime.hub import Audience, Hint, Hub, Room, Waiting
from sync.live import NEWS, READY, Close

PAUSE_SECONDS = 1.0
"""News is told at once, and what comes within so long after it is told together."""
SLOW_FOLD_SECONDS = 5.0
"""So long after something was stored a page looks by itself."""
UNLINKED_SECONDS = 30.0
"""So often a page looks by itself while this process hears nothing of the others."""


class PageSockets:
    """Serves the sockets of pages."""

    def __init__(self, hub: Hub, houses: Houses, page_tokens: PageTokens) -> None:
        self._hub = hub
        self._houses = houses
        self._page_tokens = page_tokens

    async def serve(self, client: Client, listener: Listener) -> None:
        """Tell a page of news until somebody ends it. After 15 minutes the page asks for another token.

        It is ended when its person logs out, is closed or moved: each of that is told in a room in which it waits.

        Raises:
            End: the socket is to be closed.
            Gone: the page is gone.
        """
        stored = _Stored()
        with self._hub.waiting(await self._rooms(listener), stored.note) as waiting, stored.wakes(waiting):
            await client.say(READY)
            async with (
                running(client.hear()) as hearing,
                running(self._tell(client, listener, waiting, stored)) as telling,
            ):
                await asyncio.wait({hearing, telling}, return_when=asyncio.FIRST_COMPLETED)
                if telling.done():
                    telling.result()
                hearing.result()
                raise End(Close.MESSAGE_WRONG, "a page only listens")

    async def _rooms(self, listener: Listener) -> list[Room]:
        organization_id = listener.organization_id
        house = await self._houses.of(organization_id)
        rooms = [Room.of_organization(organization_id), Room.of_account(listener.person.account_id)]
        for branch in house.seen_by(listener.person):
            rooms += [
                Room(organization_id, branch.id),
                Room.of_role(organization_id, branch.id, Audience.MANAGERS),
            ]
        return rooms

    async def _tell(self, client: Client, listener: Listener, waiting: Waiting, stored: _Stored) -> None:
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + LIFETIME.total_seconds()
        while True:
            look_at = min(ends_at, loop.time() + (3_600 if self._hub.is_linked else UNLINKED_SECONDS))
            await waiting.news(max(0.0, look_at - loop.time()))
            if self._hub.is_closing:
                raise End(Close.RESTART)
            if loop.time() >= ends_at or not await self._page_tokens.may_listen(listener):
                raise End(Close.TOKEN_REFUSED)
            stored.forget()
            await client.say(NEWS)
            await asyncio.sleep(PAUSE_SECONDS)


class _Stored:
    """Lets a page look some seconds after something was stored, unless it hears before that it is folded."""

    def __init__(self) -> None:
        self._waiting: Waiting | None = None
        self._timer: asyncio.TimerHandle | None = None

    @contextmanager
    def wakes(self, waiting: Waiting) -> Iterator[None]:
        """Wake that page, for the block."""
        self._waiting = waiting
        try:
            yield
        finally:
            self.forget()
            self._waiting = None

    def note(self, _hint: Hint) -> bool:
        """Take a hint of what was stored. It is no news yet."""
        if self._timer is None and self._waiting is not None:
            self._timer = asyncio.get_running_loop().call_later(SLOW_FOLD_SECONDS, self._waiting.hear, None)
        return False

    def forget(self) -> None:
        """Let it not look: it is told just now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
