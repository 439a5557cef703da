"""A device of a kitchen evening, in a process of its own: `python -m tests.faults.kitchen_program FOLDER STAFF HOURS`.

STAFF is the id of who sells on it; `-` for a display, where the station acts. HOURS is how far its clock is off. It
says on standard output, one line of JSON each, what it was asked for; each line of standard input is one of

    order CODE     sends a dish, and says the order's number, and when it was committed
    withdraw NUMBER   takes the dish of an order back
    bump NUMBER    the card is done
    confirm NUMBER    what was taken back is confirmed

A display says its wall whenever it changed: each card's number, whether something of it was taken back, its age in
seconds; how many tickets have no place; whether it hears nothing; and when. Instants are of the machine's clock.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from shared.kernel.permissions import Actor, Role
from shared.kitchen.ticket_views import TicketState
from shared.orders.records import OrderKind
from terminal import composition
from terminal.clock import SystemClock
from terminal.composition import Device, running
from terminal.desks.desk import Desk
from terminal.device import DeviceFolder
from terminal.screens.kitchen.view import of_station
from tests.terminal.supervision.program import say

DISPLAY = "-"


class ClockThatIsOff(SystemClock):
    """The machine's clock, so many hours off."""

    off = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.off

    def milliseconds(self) -> int:
        return super().milliseconds() + int(self.off.total_seconds() * 1_000)


class Wall:
    """What a display shows, said whenever it changed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._said: list[object] = []

    async def watch(self) -> None:
        """Act as the station, say the wall, and let senders know: what is shown waits for no commit, as in the app."""
        desk = self._desk
        if desk.actor is None and not desk.kitchen.take_place():
            return
        tickets = of_station(desk.tickets, desk.kitchen.station_id, desk.kitchen.shown() or ())
        silence, now = desk.kitchen.silence(), desk.now()
        cards = [[each.number, each.state is TicketState.CHANGED] for each in tickets]
        said = [cards, len(desk.kitchen.aside_ids()), silence is not None]
        if said != self._said:
            self._said = said
            ages = [int((now - each.waits_since).total_seconds()) for each in tickets]
            say("wall", *said, ages, time.monotonic_ns())
        await desk.kitchen.receive()


async def obey(device: Device, words: list[str]) -> None:
    """Do what was asked for."""
    desk, (verb, what) = device.desk, words
    if verb == "order":
        order_id = await desk.open_order(OrderKind.TAKEOUT)
        await desk.add_line(order_id, desk.menu.by_code[what])
        commits: list[int] = []
        unsubscribe = device.store.subscribe(lambda _committed: commits.append(time.monotonic_ns()))
        await desk.send(order_id)
        unsubscribe()
        say("ordered", desk.orders[order_id].number, commits[0])
    elif verb == "withdraw":
        order = next(each for each in desk.orders.values() if each.number == what)
        line = order.lines[0]
        await desk.corrections.void_line(order.id, line.id, line.quantity_milli, "Se equivocó el mozo")
        say("withdrew", what)
    else:
        ticket = next(each for each in desk.tickets if each.number == what)
        await (desk.bump(ticket.id) if verb == "bump" else desk.confirm(ticket.id))
        say(verb, what)


async def main() -> None:
    """Run the device until its standard input ends."""
    folder, staff, hours = sys.argv[1:]
    ClockThatIsOff.off = timedelta(hours=float(hours))
    composition.SystemClock = ClockThatIsOff  # type: ignore[misc]
    words: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(words.put_nowait, line.strip())
        loop.call_soon_threadsafe(words.put_nowait, None)

    async with running(DeviceFolder(Path(folder), use_keyring=False)) as device:
        changed, wall = asyncio.Event(), Wall(device.desk)
        device.desk.subscribe(lambda _names: changed.set())
        if staff != DISPLAY:
            device.desk.actor = Actor.in_role(UUID(staff), "Rosa", Role.BRANCH_MANAGER)
        while not device.desk.menu.by_code:
            await changed.wait()  # the first rows are still under way
            changed.clear()
        say("ready")
        threading.Thread(target=read, daemon=True).start()

        async def watch() -> None:
            while True:
                await wall.watch()
                await changed.wait()
                changed.clear()

        watching = loop.create_task(watch()) if staff == DISPLAY else None
        while (word := await words.get()) is not None:
            await obey(device, word.split(" "))
        if watching is not None:
            watching.cancel()


if __name__ == "__main__":
    asyncio.run(main())
