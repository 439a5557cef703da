"""A page listens on the live socket: it hears that there is news of what it may show, and asks for itself again.

News is told some time after something was stored, since figures and lists come from what is folded; and once more
later, for a fold that took longer. Neither says what is new.
"""

from __future__ import annotations

import asyncio

from cloud.accounts.tokens import LIFETIME
from cloud.live.client import Client, End, running
from cloud.live.page_tokens import Listener
from cloud.lookups.houses import Houses
from cloud.realtime.hub import Audience, Hub, Room, Waiting
from sync.live import NEWS, READY, Close

FOLD_SECONDS = 1.0
"""After so long what was stored is folded, mostly; what comes meanwhile is told with it."""
SLOW_FOLD_SECONDS = 5.0
"""After so long the same is told once more."""
UNLINKED_SECONDS = 30.0
"""So often a page looks by itself while this process hears nothing of the others."""


class PageSockets:
    """Serves the sockets of pages."""

    def __init__(self, hub: Hub, houses: Houses) -> None:
        self._hub = hub
        self._houses = houses

    async def serve(self, client: Client, listener: Listener) -> None:
        """Tell a page of news until somebody ends it. When the token would have ended, the page asks for another.

        Raises:
            End: the socket is to be closed.
            Gone: the page is gone.
        """
        with self._hub.waiting(await self._rooms(listener), lambda _hint: True) as waiting:
            await client.say(READY)
            async with running(client.hear()) as hearing, running(self._tell(client, waiting)) as telling:
                await asyncio.wait({hearing, telling}, return_when=asyncio.FIRST_COMPLETED)
                if telling.done():
                    telling.result()
                hearing.result()
                raise End(Close.MESSAGE_WRONG, "a page only listens")

    async def _rooms(self, listener: Listener) -> list[Room]:
        organization_id = listener.organization_id
        house = await self._houses.of(organization_id)
        rooms = [Room.of_organization(organization_id)]
        for branch in house.seen_by(listener.person):
            rooms += [
                Room(organization_id, branch.id),
                Room.of_role(organization_id, branch.id, Audience.MANAGERS),
            ]
        return rooms

    async def _tell(self, client: Client, waiting: Waiting) -> None:
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + LIFETIME.total_seconds()
        once_more_at = float("inf")
        while True:
            look_at = min(ends_at, once_more_at, loop.time() + (3_600 if self._hub.is_linked else UNLINKED_SECONDS))
            is_news = await waiting.news(max(0.0, look_at - loop.time()))
            if self._hub.is_closing:
                raise End(Close.RESTART)
            if loop.time() >= ends_at:
                raise End(Close.TOKEN_REFUSED)
            if is_news:
                await asyncio.sleep(FOLD_SECONDS)
            once_more_at = loop.time() + SLOW_FOLD_SECONDS if is_news else float("inf")
            await client.say(NEWS)
