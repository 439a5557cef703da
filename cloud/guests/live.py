"""The socket of guests' pages: a word when there is something new, and the page asks. It names nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from litestar import WebSocket, websocket
from litestar.di import NamedDependency
from litestar.exceptions import WebSocketDisconnect
from litestar.params import FromPath, SkipValidation

from cloud.accounts.guards import anyone, refuse_foreign_page
from cloud.guests.news import GuestNews
from cloud.guests.place import GuestPages, Here
from cloud.realtime.hub import Hub, Room
from shared.kernel.errors import DomainError

PAUSE_SECONDS = 0.3
LOOK_AGAIN_SECONDS = 10.0
"""Without any news a page looks so often: that is how it hears that the branch is silent."""
LIFETIME_SECONDS = 3_600.0


@websocket("/g/{door:str}/{code:str}/live", guards=[anyone])
async def guest_live(
    socket: WebSocket[Any, Any, Any],
    door: FromPath[str],
    code: FromPath[str],
    guest_pages: NamedDependency[SkipValidation[GuestPages]],
    guest_hub: NamedDependency[SkipValidation[Hub]],
    guest_news: NamedDependency[SkipValidation[GuestNews]],
) -> None:
    """Serve one page until it goes."""
    try:
        refuse_foreign_page(socket)
        here = await guest_pages.here(socket, door, code)  # type: ignore[arg-type]  # it has what a request has
    except DomainError:
        await socket.close()
        return
    organization_id, branch_id = here.door.organization_id, here.door.branch_id
    rooms = await _rooms(guest_pages, here, socket)
    await socket.accept()
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + LIFETIME_SECONDS

    async def tell() -> None:
        with guest_hub.waiting(rooms, lambda _hint: True) as waiting:
            while loop.time() < ends_at and not guest_hub.is_closing:
                await socket.send_json({"t": "news"})
                await asyncio.sleep(PAUSE_SECONDS)
                await waiting.news(LOOK_AGAIN_SECONDS)

    async def hear() -> None:
        while True:
            await socket.receive_data("text")  # it says nothing that counts; this notices that it is gone

    async with guest_news.watched(organization_id, branch_id):
        await _until_one_ends(tell(), hear())
    with suppress(Exception):
        await socket.close()


async def _rooms(guest_pages: GuestPages, here: Here, socket: Any) -> list[Room]:
    """Where news of a phone are told: its table, its party, and what it ordered before it belonged to one."""
    guest = await guest_pages.guest(here, socket)
    organization_id, branch_id = here.door.organization_id, here.door.branch_id
    tables = {here.table_id, *filter(None, (guest.session.table_id if guest.session is not None else None,))}
    orders = await guest_pages.orders_of(here, guest)
    return [
        *(Room.of_table(organization_id, branch_id, each) for each in tables),
        *(Room.of_session(organization_id, branch_id, each) for each in orders),
    ]


async def _until_one_ends(*works: Coroutine[Any, Any, None]) -> None:
    tasks = {asyncio.create_task(work) for work in works}
    try:
        _done, _pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError, WebSocketDisconnect, Exception):
                await task
