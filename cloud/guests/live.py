"""The socket of guests' pages: a word when there is something new, and the page asks. It names nothing."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from litestar import WebSocket, websocket
from litestar.di import NamedDependency
from litestar.exceptions import WebSocketDisconnect
from litestar.params import FromPath, SkipValidation

from cloud.accounts.guards import anyone, refuse_foreign_page
from cloud.guests.pages import GuestPages
from cloud.realtime.hub import Audience, Hub, Room
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
) -> None:
    """Serve one page until it goes."""
    try:
        refuse_foreign_page(socket)
        here = await guest_pages.here(socket, door, code)  # type: ignore[arg-type]  # it has what a request has
    except DomainError:
        await socket.close()
        return
    guest = await guest_pages.guest(here, socket)  # type: ignore[arg-type]  # it has what a request has
    organization_id, branch_id = here.door.organization_id, here.door.branch_id
    tables = {here.table_id, *filter(None, (guest.session.table_id if guest.session is not None else None,))}
    rooms = [Room.of_table(organization_id, branch_id, each) for each in tables]
    rooms.append(Room.of_role(organization_id, branch_id, Audience.MANAGERS))
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

    tasks = {asyncio.create_task(tell()), asyncio.create_task(hear())}
    try:
        _done, _pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError, WebSocketDisconnect, Exception):
                await task
    with suppress(Exception):
        await socket.close()
