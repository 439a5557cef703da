"""The kitchen of a desk on paper: tickets are sent, started, bumped, recalled and confirmed in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from shared.books.views import LineState, LineView, OrderView
from shared.kernel.instants import BusinessDate, to_microseconds
from shared.kernel.permissions import Actor, Permission
from shared.kitchen.ticket_views import TicketLineView, TicketState, TicketView
from shared.kitchen.times import KitchenTimes, Times
from shared.menu.rules import Menu
from terminal.desks.desk import SentView
from terminal.input.key_map import KeyMap
from terminal.papers.print_plan import PrintPlan
from terminal.wall.display import CardDigits
from terminal.wall.hearing import Silence, silence
from terminal.wall.made import MadeDish
from terminal.wall.settings import WallSettings
from tests.terminal.screens.paper_house import NOON


class PaperWall:
    """The kitchen's part of the desk on paper: the station that the wall shows, and the verbs beside bumping."""

    def __init__(self, desk) -> None:
        self._desk = desk
        self.station_id: UUID | None = None
        self.forgotten: tuple[TicketView, ...] = ()
        self.key_map = KeyMap()
        self.shows_pass = False
        self.digits = CardDigits(None)
        none = Times("", 0, 0, 0, 0, 0)
        self.known_times = KitchenTimes(BusinessDate(date(2026, 3, 14)), none, (), (), (), 0, 0)
        self.settings = WallSettings()

    def shown(self) -> frozenset[UUID] | None:
        covered = {each.id for each in self._desk.stations if each.covered_by == self.station_id}
        return None if self.station_id is None else frozenset({self.station_id, *covered})

    async def times(self) -> KitchenTimes:
        return self.known_times

    async def receive(self) -> None:
        """Nobody waits for it."""

    async def cover(self, station_id: UUID, *, covered: bool) -> None:
        await self._desk._turn("cover", Permission.WORK_KITCHEN)
        self._desk.stations = tuple(
            replace(each, covered_by=self.station_id if covered else None) if each.id == station_id else each
            for each in self._desk.stations
        )
        self._desk._did("cover" if covered else "uncover", "stations")

    def begin_later_ones(self) -> None:
        """Nothing on paper is for later."""

    async def hold(self, ticket_ids: Sequence[UUID], *, held: bool) -> None:
        await self._desk._turn("hold", Permission.WORK_KITCHEN)
        for ticket_id in ticket_ids:
            self._desk._ticket(ticket_id, "hold {number}" if held else "fire {number}", is_held=held)

    def settle(self, settings: WallSettings) -> None:
        self.settings = settings

    def silence(self) -> Silence | None:
        return silence(self._desk.state, self._desk.premises and self._desk.premises.device_kind, NOON)

    def choose(self, station_id: UUID | None) -> None:
        self.station_id = station_id

    def take_place(self) -> bool:
        stations = self._desk.stations
        at = next((each for each in stations if each.id == self.station_id), stations[0])
        self._desk.actor = Actor.at_station(at.id, at.name)
        return True

    def aside_ids(self) -> tuple[UUID, ...]:
        return tuple(each.id for each in self.forgotten if self.station_id in (None, each.station_id))

    async def aside(self, most: int, first: int = 0) -> tuple[TicketView, ...]:
        ids = self.aside_ids()[first : first + most]
        return tuple(each for each in self.forgotten if each.id in ids)

    async def bump_line(self, line_id: UUID) -> None:
        await self._desk._turn("bump line", Permission.WORK_KITCHEN)
        ticket = next(each for each in self._desk.tickets if any(line.id == line_id for line in each.lines))
        lines = tuple(replace(line, to_make_milli=0) if line.id == line_id else line for line in ticket.lines)
        if any(line.to_make_milli for line in lines):
            self._desk._ticket(ticket.id, "bump a line of {number}", lines=lines, state=TicketState.STARTED)
        else:
            await self._desk.bump(ticket.id)

    async def rush(self, ticket_ids: Sequence[UUID], *, rushed: bool) -> None:
        await self._desk._turn("rush", Permission.WORK_KITCHEN)
        for ticket_id in ticket_ids:
            self._desk._ticket(ticket_id, "rush {number}" if rushed else "no rush {number}", rushed=rushed)

    async def transfer(self, ticket_ids: Sequence[UUID], station_id: UUID) -> None:
        await self._desk._turn("transfer", Permission.WORK_KITCHEN)
        for ticket_id in ticket_ids:
            ticket = next(each for each in self._desk.tickets if each.id == ticket_id)
            own = ticket.own_station_id or ticket.station_id
            own_station_id = None if own == station_id else own
            self._desk._ticket(ticket_id, "transfer {number}", station_id=station_id, own_station_id=own_station_id)

    async def move(self, ticket_ids: Sequence[UUID], after: UUID | None, before: UUID | None) -> None:
        await self._desk._turn("move", Permission.WORK_KITCHEN)
        moved = [each for each in self._desk.tickets if each.id in ticket_ids]
        others = [each for each in self._desk.tickets if each.id not in ticket_ids]
        at = next((index for index, each in enumerate(others) if each.id == before), len(others))
        self._desk.tickets = (*others[:at], *moved, *others[at:])
        self._desk._did(f"move {moved[0].number}", "tickets")

    async def bump_all(self, ticket_ids: tuple[UUID, ...]) -> None:
        await self._desk._turn("bump all", Permission.WORK_KITCHEN)
        self.forgotten = tuple(each for each in self.forgotten if each.id not in ticket_ids)
        self._desk._did(f"bump {len(ticket_ids)}", "tickets")


class PaperKitchen:
    """What `PaperDesk` knows of the kitchen. It has the state."""

    menu: Menu
    orders: dict[UUID, OrderView]
    tickets: tuple[TicketView, ...]
    bumped: tuple[TicketView, ...]
    time: datetime
    plan: PrintPlan

    @property
    def with_display(self) -> frozenset[UUID]:
        return frozenset(each.station_id for each in (*self.tickets, *self.bumped) if each.received_at is not None)

    @property
    def made(self) -> Mapping[UUID, MadeDish]:
        return {
            line.root_id: MadeDish(
                (ticket.station_id,), ticket.bumped_at and to_microseconds(ticket.bumped_at) // 1_000
            )
            for ticket in (*self.tickets, *self.bumped)
            for line in ticket.lines
            if line.quantity_milli and not line.to_make_milli
        }

    async def start(self, ticket_id: UUID) -> None:
        await self._turn("start", Permission.WORK_KITCHEN)
        self._ticket(ticket_id, "start {number}", state=TicketState.STARTED, begun=True)

    async def confirm(self, ticket_id: UUID) -> int:
        await self._turn("confirm", Permission.WORK_KITCHEN)
        ticket = next(each for each in self.tickets if each.id == ticket_id)
        lines = tuple(
            replace(line, withdrawn_milli=0, comes=False, to_make_milli=line.quantity_milli)
            for line in ticket.lines
            if line.quantity_milli
        )
        if lines:
            self._ticket(ticket_id, "confirm {number}", lines=lines, state=TicketState.FIRED)
        else:
            self.tickets = tuple(each for each in self.tickets if each.id != ticket_id)
            self._did(f"confirm {ticket.number}", "tickets")
        return 0

    async def bump(self, ticket_id: UUID) -> None:
        await self._turn("bump", Permission.WORK_KITCHEN)
        ticket = next((each for each in self.tickets if each.id == ticket_id), None)
        if ticket is None:
            return
        made = tuple(replace(line, to_make_milli=0) for line in ticket.lines)
        done = replace(ticket, state=TicketState.BUMPED, bumped_at=self.time, lines=made)
        self.tickets = tuple(each for each in self.tickets if each.id != ticket_id)
        self.bumped = (done, *self.bumped)
        if ticket.order_id in self.orders and all(each.order_id != ticket.order_id for each in self.tickets):
            order = self.orders[ticket.order_id]
            lines = tuple(
                replace(line, made_milli=line.quantity_milli - line.to_send_milli) if line.is_told else line
                for line in order.lines
            )
            self.orders[order.id] = replace(order, lines=lines)
        self._did(f"bump {ticket.number}", "tickets", "orders")

    async def recall(self, ticket_id: UUID) -> None:
        await self._turn("recall", Permission.WORK_KITCHEN)
        ticket = next(each for each in self.bumped if each.id == ticket_id)
        self.bumped = tuple(each for each in self.bumped if each.id != ticket_id)
        lines = tuple(replace(line, to_make_milli=line.quantity_milli) for line in ticket.lines)
        back = replace(ticket, state=TicketState.FIRED, bumped_at=None, recalled=True, lines=lines)
        self.tickets = tuple(sorted((*self.tickets, back), key=lambda each: (each.fired_at, each.id)))
        self._did(f"recall {ticket.number}", "tickets")

    def _send(self, order_id: UUID) -> SentView:
        order = self.orders[order_id]
        unsent = [line for line in order.lines if line.state is LineState.OPEN]
        if not unsent:
            return SentView(0, 0)
        stations = {self.menu.items[line.item_id].station_id for line in unsent} - {None}
        part = 1 + max((each.part for each in (*self.tickets, *self.bumped) if each.order_id == order_id), default=0)
        for station in sorted(stations, key=str):
            mine = [line for line in unsent if self.menu.items[line.item_id].station_id == station]
            self.tickets += (
                TicketView(
                    id=self._id(),
                    order_id=order_id,
                    station_id=station,
                    number=order.number,
                    part=part,
                    kind=order.kind,
                    table_name=order.table_name,
                    server_name=order.server_name,
                    notes=order.notes,
                    fired_at=self.time,
                    bumped_at=None,
                    state=TicketState.FIRED,
                    recalled=False,
                    lines=tuple(
                        TicketLineView(
                            line.id,
                            line.root_id,
                            line.item_name,
                            line.to_send_milli,
                            line.to_send_milli,
                            0,
                            tuple(name for name, _ in line.modifiers),
                            line.notes,
                            additions=tuple(name for name, delta in line.modifiers if delta > 0),
                            unit=line.unit,
                        )
                        for line in mine
                    ),
                ),
            )
        self.tickets = tuple(sorted(self.tickets, key=lambda each: (each.fired_at, each.id)))
        lines = tuple(self._told(line) if line.state is LineState.OPEN else line for line in order.lines)
        self._keep(replace(order, lines=lines), "send")
        self.publish("tickets")
        printers = {self.plan.kitchen_printer(station) for station in stations}
        on_paper = frozenset(printers) - {None} if None not in printers else frozenset()
        return SentView(len(stations), sum(line.to_send_milli for line in unsent), on_paper)

    def _told(self, line: LineView) -> LineView:
        made = 0 if self.menu.items[line.item_id].station_id else line.quantity_milli
        return replace(line, to_send_milli=0, is_told=True, made_milli=made)

    def _ticket(self, ticket_id: UUID, did: str, **changes: object) -> None:
        self.tickets = tuple(replace(each, **changes) if each.id == ticket_id else each for each in self.tickets)
        number = next(each.number for each in self.tickets if each.id == ticket_id)
        self._did(did.format(number=number), "tickets")
