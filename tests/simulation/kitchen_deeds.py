"""What people do in the kitchen of a simulated device: they make, hold, hurry, hand over and arrange tickets, say what
is sold out, tell the floor something, and try the displays. Each deed looks at the wall as a display does.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from shared.kernel.instants import BusinessDate, business_date
from shared.kernel.work import Work
from shared.kitchen import arranging, displays, messages, noting, serving, stations
from shared.kitchen import commands as kitchen
from shared.kitchen.queries import asked_tickets, open_tickets
from shared.kitchen.station_views import StationView
from shared.kitchen.station_views import stations as known_stations
from shared.kitchen.ticket_views import TicketView
from shared.menu.availability import availability, set_back, set_left, set_out
from shared.menu.rules import MenuItem
from shared.truth.reading import Reader
from terminal.clock import Moment
from terminal.wall.kitchen_wall import Tickets, wall_tickets
from tests.done_tickets import done_tickets
from tests.simulation.at_device import AtDevice
from tests.simulation.house import COOK, WAITRESS
from tests.simulation.places import ORGANIZATION


class KitchenDeeds(AtDevice):
    """Deeds of the kitchen."""

    # -- making ------------------------------------------------------------------------------------------------------

    async def cook(self) -> None:
        ticket = await self._some_ticket(open_tickets)
        if ticket is None:
            return
        if self._rnd.random() < 0.2 and ticket.lines:
            line = self._rnd.choice(ticket.lines)
            if not line.comes:
                await self.do(COOK, "bump line", lambda work: kitchen.bump_line(work, line.id))
            return
        command = self._rnd.choice((kitchen.bump, kitchen.bump, kitchen.start))
        await self.do(COOK, command.__name__, lambda work: command(work, ticket.id))

    async def confirm(self) -> None:
        ticket = await self._some_ticket(open_tickets)
        if ticket is not None:
            await self.do(COOK, "confirm", lambda work: kitchen.confirm(work, ticket.id))

    async def recall(self) -> None:
        ticket = await self._some_ticket(done_tickets)
        if ticket is None:
            return
        made = any(line.quantity_milli for line in ticket.lines)
        await self.do(COOK, "recall", lambda work: kitchen.recall(work, ticket.id))
        async with self._device.store.reading() as connection:
            asked = {each.id for each in await open_tickets(connection, ORGANIZATION, self._device.enrolment.branch_id)}
        self._promised(not made or ticket.id in asked, f"ticket {ticket.id} is called back, and still done")

    async def serve(self) -> None:
        order = await self._some_order()
        if order is not None:
            lines = [line.id for line in order.lines if self._rnd.random() < 0.5] or None
            only_ready = self._rnd.random() < 0.5
            await self.do(
                WAITRESS, "serve", lambda work: serving.serve_order(work, order.id, lines, only_ready=only_ready)
            )

    # -- arranging ---------------------------------------------------------------------------------------------------

    async def hold(self) -> None:
        """A cook lets a ticket wait, or go on; often both, and again."""
        ticket = await self._some_ticket(open_tickets)
        if ticket is None:
            return
        ways = (kitchen.fire, kitchen.hold) if ticket.is_held else (kitchen.hold, kitchen.fire)
        for command in (*ways, ways[0])[: self._rnd.choice((1, 2, 3))]:

            async def hold(work: Work, command: Any = command) -> bool:
                await command(work, ticket.id)
                return all(each.is_held is (command is kitchen.hold) for each in await self._seen(work, ticket))

            kept = await self.do(COOK, command.__name__, hold)
            self._promised(kept, f"{command.__name__} of ticket {ticket.id}, and its card says otherwise")

    async def rush(self) -> None:
        """A cook makes a ticket before all others, or takes that back."""
        ticket = await self._some_ticket(open_tickets)
        if ticket is None:
            return

        async def rush(work: Work) -> bool:
            await kitchen.rush(work, ticket.id, rushed=not ticket.rushed)
            shown = (await self._wall(work)).open
            is_first = [each.rushed for each in shown]
            return is_first == sorted(is_first, reverse=True) and all(
                each.rushed is not ticket.rushed for each in shown if each.id == ticket.id
            )

        self._promised(await self.do(COOK, "rush", rush), f"ticket {ticket.id} is in a hurry, and waits behind others")

    async def transfer(self) -> None:
        """Another station makes a ticket; from its own one it comes back."""
        ticket = await self._some_ticket(open_tickets)
        async with self._device.store.reading() as connection:
            known = await known_stations(connection, ORGANIZATION, self._device.enrolment.branch_id)
        if ticket is None:
            return
        ways = sorted(known, key=lambda station: station.id == ticket.station_id)
        for station in ways[: self._rnd.choice((1, 1, 2))]:

            async def hand_over(work: Work, station: StationView = station) -> list[UUID]:
                await arranging.transfer(work, [ticket.id], station.id)
                wall = await self._wall(work)
                return [each.station_id for each in wall.open if each.id == ticket.id]

            at = await self.do(COOK, "transfer", hand_over)
            self._promised(at in ([], [station.id]), f"ticket {ticket.id} is handed to {station.name}, and is at {at}")

    async def move_card(self) -> None:
        """A hand puts a card between two others of its station, or behind all; often several."""
        station = await self._some_station()
        for _card in range(self._rnd.choice((1, 2, 3))):
            is_there = await self.do(COOK, "move card", lambda work: self._moved(work, station))
            self._promised(is_there, "a card stands elsewhere than where a hand put it")

    async def _moved(self, work: Work, station: StationView | None) -> bool:
        """Move some card. Returns whether it stands there."""
        shown = self._of_station((await self._wall(work)).open, station)
        if len(shown) < 2:
            return True
        card = self._rnd.choice(shown)
        others = [each for each in shown if each.id != card.id]
        at = self._rnd.randint(0, len(others))
        after = others[at - 1] if at else None
        before = others[at] if at < len(others) else None
        sides = [None if each is None else each.id for each in (after, before)]
        await arranging.move(work, [card.id], *sides)
        order = [each.id for each in self._of_station((await self._wall(work)).open, station)]
        beside = before or after
        assert beside is not None, "there is another one"
        expected = [each.id for each in (*others[:at], card, *others[at:])]
        return card.rushed is not beside.rushed or order == expected

    async def cover(self) -> None:
        """A station that is closed is shown by another, or by itself again."""
        station, by = await self._some_station(), await self._some_station()
        if station is None or by is None:
            return
        who = None if by.id == station.id else by.id

        async def cover(work: Work) -> list[UUID | None]:
            await stations.cover(work, station.id, who)
            known = await known_stations(work.session, work.organization_id, work.branch_id)
            return [each.covered_by for each in known if each.id == station.id]

        found = await self.do(COOK, "cover", cover)
        self._promised(found == [who], f"{station.name} is covered by {who}, and its display says {found}")

    # -- saying ------------------------------------------------------------------------------------------------------

    async def read_wall(self) -> None:
        """A display shows its tickets, which are noted as received once, and no other ticket than what it counts."""

        async def read(work: Work) -> tuple[bool, int]:
            wall = await self._wall(work)
            aside = [each for ids in wall.aside.values() for each in ids]
            placed = [*(each.id for each in wall.open), *aside]
            asked = [each.id for each in await asked_tickets(work.session, ORGANIZATION, work.branch_id)]
            new = [each.id for each in wall.open if each.received_at is None]
            await noting.receive(work, new)
            return sorted(placed) == sorted(asked), await noting.receive(work, new)

        is_whole, again = await self.do(COOK, "read wall", read)
        self._promised(is_whole, "a ticket stands twice on one wall, or neither stands there nor is counted")
        self._promised(again == 0, f"{again} tickets were received twice at one display")

    async def count_down(self) -> None:
        """Somebody says how many are left of a dish, or that it is sold out, or that it can be sold again."""
        item, pieces = await self._some_dish(), self._rnd.choice((0, 2_000, 6_000))
        who, say = self._rnd.choice((COOK, WAITRESS)), self._rnd.choice((set_left, set_out, set_back, set_back))
        what = (item.id, pieces) if say is set_left else (item.id,)

        async def count(work: Work) -> int | None:
            row = await say(work, *what)
            await work.session.flush()
            day = BusinessDate(row.business_date)
            left = (await availability(work.session, ORGANIZATION, work.branch_id, day)).get(item.id)
            return left.left_milli if left is not None else None

        # Of what is sold out, and was oversold before, less than nothing is left.
        left = await self.do(who, say.__name__, count)
        right = {set_left: left == pieces, set_out: left is not None and left <= 0, set_back: left is None}
        self._promised(right[say], f"{say.__name__} {pieces} of {item.name}, and {left} are left")

    async def tell(self) -> None:
        """The kitchen tells the floor something."""
        order, message = await self._some_order(), self._device.store.ids.new()
        about = order.id if order is not None else None
        await self.do(COOK, "tell", lambda work: messages.tell_floor(work, message, "ven", about))

    async def hear(self) -> None:
        """Somebody who serves reads a message and confirms it, whoever else does."""
        async with self._device.store.reading() as connection:
            found = await self._unread(connection)
        if not found:
            return
        message = self._rnd.choice(found)

        async def confirm(work: Work) -> bool:
            await messages.confirm_message(work, message)
            await work.session.flush()
            return message not in await self._unread(work.session)

        self._promised(await self.do(WAITRESS, "hear", confirm), f"message {message} is confirmed, and still asks")

    async def try_displays(self) -> None:
        """Somebody asks all displays whether they stand, and each that hears of it answers once."""
        now = self._device.clock.now()
        async with self._device.store.reading() as connection:
            branch = self._device.enrolment.branch_id
            trial = await displays.newest_trial(connection, ORGANIZATION, branch, now)
        station = await self._some_station() if self._rnd.random() < 0.5 else None
        at = None if station is None else station.id
        if trial is None:
            await self.do(WAITRESS, "try displays", displays.ask_displays)
            return

        async def answer(work: Work) -> bool:
            tickets = len(self._of_station((await self._wall(work)).open, station))
            await displays.answer_trial(work, trial, at, tickets)
            await work.session.flush()
            return await displays.answer_trial(work, trial, at, tickets)

        self._promised(not await self.do(COOK, "answer", answer), f"a display answered trial {trial} twice")

    # -- what they see -----------------------------------------------------------------------------------------------

    async def _wall(self, work: Work) -> Tickets:
        """The wall as a display reads it, with what this unit of work has changed."""
        await work.session.flush()
        connection = await work.session.connection()
        return await wall_tickets(connection, ORGANIZATION, work.branch_id, Moment.of(self._device.store.clock))

    async def _seen(self, work: Work, ticket: TicketView) -> list[TicketView]:
        """How a ticket stands on the walls of the branch: nowhere, once, or (which is wrong) more than once."""
        await work.session.flush()
        return [each for each in await open_tickets(work.session, ORGANIZATION, work.branch_id) if each.id == ticket.id]

    async def _some_station(self) -> StationView | None:
        async with self._device.store.reading() as connection:
            found = await known_stations(connection, ORGANIZATION, self._device.enrolment.branch_id)
        return self._rnd.choice(found) if found else None

    async def _some_dish(self) -> MenuItem:
        """Mostly one of which somebody has said how many are left: all devices turn to the same few."""
        await self._read_menu()
        place = self._device.store.branch_context
        day = business_date(self._device.clock.now(), place.zone, place.cutoff_minutes)
        async with self._device.store.reading() as connection:
            said = await availability(connection, ORGANIZATION, self._device.enrolment.branch_id, day)
        known = [item for item in self._items if item.id in said]
        return self._rnd.choice(known if known and self._rnd.random() < 0.7 else self._items)

    def _of_station(self, shown: tuple[TicketView, ...], station: StationView | None) -> list[TicketView]:
        return [each for each in shown if station is None or each.station_id == station.id]

    async def _unread(self, reader: Reader) -> list[UUID]:
        now, branch = self._device.clock.now(), self._device.enrolment.branch_id
        return [each.id for each in await messages.unread_messages(reader, ORGANIZATION, branch, now)]
