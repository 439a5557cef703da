"""The desk: what screens see and do. Snapshots in memory, commands that are never cancelled, no Textual.

Menu, tables, staff, open orders and tickets are kept as plain values and read again when a commit (ours or one that
arrived) touched their tables; screens subscribe to topics.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.floor.queries import TableView, tables
from shared.kernel.errors import DomainError
from shared.kernel.instants import from_microseconds, local_time
from shared.kernel.language import Language, Texts
from shared.kernel.money import format_minor
from shared.kernel.permissions import Actor
from shared.kernel.quantity import ONE
from shared.kernel.work import Work
from shared.kitchen import commands as kitchen
from shared.kitchen.queries import StationView, TicketView, bumped_tickets, open_tickets, stations
from shared.menu.queries import load_menu
from shared.menu.rules import Menu, MenuItem, choose
from shared.orders import commands as orders
from shared.orders.queries import OrderView, open_orders, order_view
from shared.orders.records import OrderKind
from shared.payments.queries import MethodView, payment_methods
from shared.payments.rules import Tender
from shared.tenancy.queries import Premises
from sync.records import changes, parked, streams
from terminal import tasks
from terminal.gate import Gate
from terminal.link_state import Cloud, LinkState
from terminal.papers import PrintPlan
from terminal.printing.desk import PrintDesk, Prints
from terminal.printing.queue import QueueHealth
from terminal.store.store import Committed, Store

T = TypeVar("T")
ROOMS = ("shared", "terminal", "terminal.printing")
STATE_DELAY_SECONDS = 0.2
"""So long after a commit the status line is read anew: later than the tap's own repaint, sooner than anybody looks."""
CLOCK_TROUBLE_MS = 120_000
"""A device whose clock is further off than this is told so."""

_TOPICS = {
    "menu": frozenset(
        {"items", "categories", "tax_rates", "modifier_groups", "modifiers", "item_modifier_groups", "stations"}
    ),
    "tables": frozenset({"spaces", "dining_tables"}),
    "orders": frozenset({"orders", "order_lines", "checks", "payments"}),
    "tickets": frozenset({"kitchen_tickets", "ticket_lines", "orders"}),  # an order that is cancelled voids its lines
    "place": frozenset({"organizations", "branches", "devices", "payment_methods"}),
    "staff": frozenset({"staff", "staff_assignments"}),
}


@dataclass(frozen=True, slots=True)
class DeskState:
    """What the status line says."""

    cloud: Cloud = Cloud.NEVER
    cloud_message: str = ""
    cloud_params: Mapping[str, Any] = field(default_factory=dict)
    last_contact: datetime | None = None
    pending: int = 0
    oldest_pending: datetime | None = None
    parked: int = 0
    prints: Prints = field(default_factory=Prints)
    clock_trouble: bool = False


@dataclass(frozen=True, slots=True)
class PaidView:
    """What a payment did; `receipt_number` None: there is still something to pay."""

    receipt_number: str | None
    total_minor: int
    change_minor: int
    left_minor: int
    rounding_minor: int


class Desk:
    """See the module. Made by `terminal/composition.py`; `open` reads everything once.

    Args:
        printers: names of the printers that this device has.
    """

    def __init__(
        self,
        store: Store,
        gate: Gate,
        language: Language | None = None,
        plan: PrintPlan | None = None,
        printers: Sequence[str] = (),
    ) -> None:
        self.store = store
        self.plan = plan or PrintPlan()
        self.menu = Menu((), {}, {})
        self.tables: tuple[TableView, ...] = ()
        self.methods: tuple[MethodView, ...] = ()
        self.stations: tuple[StationView, ...] = ()
        self.orders: dict[UUID, OrderView] = {}
        self.tickets: tuple[TicketView, ...] = ()
        self.bumped: tuple[TicketView, ...] = ()
        self.actor: Actor | None = None
        self.state = DeskState()
        self.link = LinkState()
        self.wake_agent: Callable[[], None] = lambda: None
        self.language = language or Language.SPANISH
        self.texts = Texts(self.language, ROOMS)
        self._language_is_ours = language is not None
        self._gate = gate
        self.printing = PrintDesk(store, store.clock, printers)
        self.printing.answered = self._answered
        self._listeners: list[Callable[[frozenset[str]], None]] = []
        self._stale: set[str] = set()
        self._refreshing: asyncio.Task[None] | None = None
        self._state_due: asyncio.TimerHandle | None = None
        self._unsubscribe = store.subscribe(self._committed)

    # -- life --------------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Read all snapshots."""
        await self._refresh({*_TOPICS, "state"})

    async def close(self) -> None:
        """Stop following the store."""
        self._unsubscribe()
        if self._state_due is not None:
            self._state_due.cancel()
        if self._refreshing is not None:
            await self._refreshing

    def subscribe(self, callback: Callable[[frozenset[str]], None]) -> Callable[[], None]:
        """Be told which topics changed, after they were read; the returned function ends it."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    # -- plain facts -------------------------------------------------------------------------------------------------

    @property
    def premises(self) -> Premises | None:
        """Where we are; None until the first contact with the cloud."""
        return self.store.premises

    def money(self, minor: int) -> str:
        """An amount in the branch's currency as people write it."""
        return format_minor(minor, self.store.place.currency)

    def now(self) -> datetime:
        """The present instant in UTC."""
        return self.store.clock.now()

    def local_now(self) -> datetime:
        """The branch's wall clock."""
        return local_time(self.now(), self.store.place.zone)

    # -- who is here -------------------------------------------------------------------------------------------------

    async def log_in(self, pin: str) -> Actor:
        """Find whose PIN this is.

        Raises:
            DomainError: PIN_WRONG (params: left), PIN_LOCKED (params: seconds).
        """
        self.actor = await self._gate.log_in(pin)
        return self.actor

    def log_out(self) -> None:
        """Nobody is at the device now."""
        self.actor = None

    # -- orders ------------------------------------------------------------------------------------------------------

    async def open_order(self, kind: OrderKind, table_id: UUID | None = None, guests: int = 0) -> UUID:
        """Open an order; its id."""
        order_id = self.store.ids.new()
        await self._do(order_id, lambda work: orders.open_order(work, order_id, kind, table_id, guests))
        return order_id

    async def add_line(
        self,
        order_id: UUID,
        item: MenuItem,
        modifier_ids: Sequence[UUID] = (),
        quantity_milli: int = ONE,
        notes: str = "",
    ) -> UUID:
        """Add a line; its id."""
        chosen, line_id = choose(item, modifier_ids), self.store.ids.new()
        await self._do(order_id, lambda work: orders.add_line(work, order_id, line_id, chosen, quantity_milli, notes))
        return line_id

    async def change_line(
        self,
        order_id: UUID,
        line_id: UUID,
        quantity_milli: int | None = None,
        notes: str | None = None,
        modifier_ids: Sequence[UUID] | None = None,
    ) -> None:
        """Change a line that was not sent."""
        chosen = None
        if modifier_ids is not None:
            line = next((each for each in self.orders[order_id].lines if each.id == line_id), None)
            item = self.menu.items.get(line.item_id) if line else None
            if item is None:
                raise DomainError("NOT_FOUND")
            chosen = choose(item, modifier_ids)
        await self._do(order_id, lambda work: orders.change_line(work, line_id, quantity_milli, notes, chosen))

    async def remove_line(self, order_id: UUID, line_id: UUID) -> None:
        """Remove a line that was not sent."""
        await self._do(order_id, lambda work: orders.remove_line(work, line_id))

    async def send(self, order_id: UUID) -> int:
        """Send what was not sent; how many tickets were fired."""
        return await self._do(order_id, lambda work: tasks.send(work, order_id, self._papers()))

    async def serve(self, order_id: UUID) -> int:
        """All that was sent is on the table; how many lines that is new for."""
        return await self._do(order_id, lambda work: orders.serve_order(work, order_id))

    async def cancel(self, order_id: UUID) -> None:
        """Cancel an order."""
        await self._do(order_id, lambda work: orders.cancel_order(work, order_id))

    async def pay(self, order_id: UUID, tenders: Sequence[Tender]) -> PaidView:
        """Send what was not sent, and take these tenders."""
        receipt_id = self.store.ids.new()
        paid = await self._do(
            order_id, lambda work: tasks.send_and_pay(work, order_id, receipt_id, tenders, self._papers())
        )
        return PaidView(
            receipt_number=paid.receipt.number if paid.receipt else None,
            total_minor=paid.receipt.total_minor if paid.receipt else 0,
            change_minor=paid.settlement.change_minor,
            left_minor=paid.settlement.left_minor,
            rounding_minor=paid.settlement.rounding_minor,
        )

    # -- kitchen -----------------------------------------------------------------------------------------------------

    async def start(self, ticket_id: UUID) -> None:
        """The station has begun a ticket."""
        await self._do(None, lambda work: kitchen.start(work, ticket_id))

    async def bump(self, ticket_id: UUID) -> None:
        """The station has finished a ticket."""
        await self._do(None, lambda work: kitchen.bump(work, ticket_id))

    async def recall(self, ticket_id: UUID) -> None:
        """Bring a bumped ticket back."""
        await self._do(None, lambda work: kitchen.recall(work, ticket_id))

    # -- how it is done ----------------------------------------------------------------------------------------------

    def _papers(self) -> tasks.Papers | None:
        if self.premises is None:
            return None
        return tasks.Papers(self.premises, self.plan, {each.id: each.name for each in self.stations})

    async def _do(self, order_id: UUID | None, command: Callable[[Work], Awaitable[T]]) -> T:
        """Run a command for whoever is logged in; its effect is in the snapshots when this returns."""
        if self.actor is None:
            raise DomainError("NOBODY_LOGGED_IN")
        result = await self.store.run(self.actor, command)
        self.wake_agent()
        if order_id is not None:
            await self._read_order(order_id)
        else:
            self.mark_stale({"orders", "tickets"})
            await asyncio.shield(self._refreshing)  # type: ignore[arg-type]
        return result

    async def _read_order(self, order_id: UUID) -> None:
        async with self.store.reading() as connection:
            found = await order_view(connection, self.store.identity.organization_id, order_id)
        if found is None or found.settled or found.status.name in {"CANCELLED", "COMPLETED"}:
            self.orders.pop(order_id, None)
        else:
            self.orders[order_id] = found
        self._publish(frozenset({"orders"}))

    def _committed(self, committed: Committed) -> None:
        topics = {topic for topic, names in _TOPICS.items() if names & committed.tables}
        if committed.local:
            # The order that was just written is read by `_do`; reading all of them would cost every tap.
            topics.discard("orders")
        if topics:
            self.mark_stale(topics)
        if self._state_due is None:
            self._state_due = asyncio.get_running_loop().call_later(STATE_DELAY_SECONDS, self._state_is_due)

    def _state_is_due(self) -> None:
        self._state_due = None
        self.mark_stale({"state"})

    def mark_stale(self, topics: set[str]) -> None:
        """Read these topics again soon: once, however often this is called meanwhile."""
        self._stale |= topics
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.get_running_loop().create_task(self._refresh_stale())

    async def _refresh_stale(self) -> None:
        while self._stale:
            topics, self._stale = self._stale, set()
            await self._refresh(topics)

    async def _refresh(self, topics: set[str]) -> None:
        if "place" in topics or self.store.premises is None:
            await self.store.look_around()
            self._take_language()
        organization, branch = self.store.identity.organization_id, self.store.identity.branch_id
        async with self.store.reading() as connection:
            if "menu" in topics:
                self.menu = await load_menu(connection, organization)
                self.stations = tuple(await stations(connection, organization))
            if "place" in topics:
                self.methods = tuple(await payment_methods(connection, organization))
            if "tables" in topics:
                self.tables = tuple(await tables(connection, organization, branch))
            if "orders" in topics:
                self.orders = {each.id: each for each in await open_orders(connection, organization, branch)}
            if "tickets" in topics:
                self.tickets = tuple(await open_tickets(connection, organization, branch))
                self.bumped = tuple(await bumped_tickets(connection, organization, branch))
            if "staff" in topics:
                await self._gate.read_staff(connection)
            if "state" in topics:
                self.state = await self._read_state(connection)
        self._publish(frozenset(topics))

    def _take_language(self) -> None:
        if self.premises is not None and not self._language_is_ours and self.premises.language in set(Language):
            self.language = Language(self.premises.language)
            if self.texts.language is not self.language:
                self.texts = Texts(self.language, ROOMS)

    async def _read_state(self, connection: AsyncConnection) -> DeskState:
        organization = self.store.identity.organization_id
        own = (
            await connection.execute(
                sa.select(streams.c.id, streams.c.head_seq, streams.c.acked_seq).where(
                    streams.c.organization_id == organization,
                    streams.c.device_id == self.store.identity.device_id,
                    streams.c.head_seq > streams.c.acked_seq,
                )
            )
        ).all()
        oldest = None
        for stream_id, _head, acked in own:
            stored_ms = await connection.scalar(
                sa.select(changes.c.stored_ms).where(
                    changes.c.organization_id == organization,
                    changes.c.stream_id == stream_id,
                    changes.c.seq == acked + 1,
                )
            )
            oldest = min(each for each in (oldest, stored_ms) if each is not None)
        waiting = await connection.scalar(
            sa.select(sa.func.count()).select_from(parked).where(parked.c.organization_id == organization)
        )
        return DeskState(
            cloud=self.link.cloud,
            cloud_message=self.link.message,
            cloud_params=self.link.params,
            last_contact=self.link.last_contact,
            pending=sum(head - acked for _id, head, acked in own),
            oldest_pending=None if oldest is None else from_microseconds(oldest * 1_000),
            parked=int(waiting or 0),
            prints=await self.printing.read(connection),
            clock_trouble=abs(self.link.skew_ms) > CLOCK_TROUBLE_MS,
        )

    def link_changed(self, link: LinkState) -> None:
        """The agent says how the link is."""
        self.link = link
        self.mark_stale({"state"})

    def prints_changed(self, _health: QueueHealth) -> None:
        """The print queue stands otherwise than before."""
        self.mark_stale({"state"})

    def _answered(self) -> None:
        self.wake_agent()
        self.mark_stale({"state"})

    def _publish(self, topics: frozenset[str]) -> None:
        for listener in tuple(self._listeners):
            listener(topics)
