"""What screens see of a device: snapshots in memory, read again when a commit touched their tables. No Textual.

Menu, tables, staff, open orders and tickets are plain values; screens subscribe to topics. What cannot be read stays
stale, and is read again until it can be.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.domains import TEXT_ROOMS
from shared.floor.queries import TableView, tables
from shared.kernel.instants import local_time
from shared.kernel.language import Language, Texts
from shared.kernel.money import format_minor
from shared.kitchen.queries import StationView, TicketView, bumped_tickets, open_tickets, stations
from shared.menu.queries import load_menu
from shared.menu.rules import Menu
from shared.orders.queries import OrderView, open_orders, order_view
from shared.payments.queries import MethodView, payment_methods
from shared.tenancy.queries import Premises
from terminal.desk_state import DeskState, read_state
from terminal.gate import Gate
from terminal.link_state import LinkState
from terminal.printing.desk import PrintDesk
from terminal.printing.queue import QueueHealth
from terminal.store.store import Committed, Store

logger = logging.getLogger(__name__)
ROOMS = (*TEXT_ROOMS, "terminal", "terminal.printing")
STATE_DELAY_SECONDS = 0.2
"""So long after a commit the status line is read anew: later than the tap's own repaint, sooner than anybody looks."""
READ_AGAIN_SECONDS = 1.0
"""What could not be read is read again after this pause."""

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


class Snapshots:
    """See the module; `open` reads everything once.

    Args:
        language: of the screens; None: the organization's.
        printers: names of the printers that this device has.
    """

    def __init__(self, store: Store, gate: Gate, language: Language | None, printers: Sequence[str]) -> None:
        self.store = store
        self.menu = Menu((), {}, {})
        self.tables: tuple[TableView, ...] = ()
        self.methods: tuple[MethodView, ...] = ()
        self.stations: tuple[StationView, ...] = ()
        self.orders: dict[UUID, OrderView] = {}
        self.tickets: tuple[TicketView, ...] = ()
        self.bumped: tuple[TicketView, ...] = ()
        self.state = DeskState()
        self.link = LinkState()
        self.wake_agent: Callable[[], None] = lambda: None
        self.language = language or Language.SPANISH
        self.texts = Texts(self.language, ROOMS)
        self.printing = PrintDesk(store, store.clock, printers)
        self.printing.answered = self._answered
        self._gate = gate
        self._language_is_ours = language is not None
        self._listeners: list[Callable[[frozenset[str]], None]] = []
        self._stale: set[str] = set()
        self._orders_read = 0
        self._read = asyncio.Event()
        self._closing = asyncio.Event()
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
        self._closing.set()
        if self._refreshing is not None:
            await asyncio.wait([self._refreshing])

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

    # -- reading -----------------------------------------------------------------------------------------------------

    def orders_were_read(self, order_id: UUID | None = None) -> None:
        """Open orders (or one of them) stand in the snapshots as they are in the store."""

    async def _read_order(self, order_id: UUID) -> None:
        async with self.store.reading() as connection:
            found = await order_view(connection, self.store.identity.organization_id, order_id)
        self._orders_read += 1
        self.orders_were_read(order_id)
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
        self._read.clear()
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.get_running_loop().create_task(self._refresh_stale())

    async def _refresh_stale(self) -> None:
        """Read what is stale until nothing is; `_read` is set when that is so, or when it cannot be done now."""
        failing = False
        while self._stale and not self._closing.is_set():
            topics, self._stale = self._stale, set()
            try:
                await self._refresh(topics)
                failing = False
            except Exception:
                if not failing:
                    logger.exception("%s could not be read", ", ".join(sorted(topics)))
                failing = True
                self._stale |= topics
                self._read.set()
                await self._pause()
        self._read.set()

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(READ_AGAIN_SECONDS):
                await self._closing.wait()

    async def _refresh(self, topics: set[str]) -> None:
        if "place" in topics or self.store.premises is None:
            await self.store.look_around()
            self._take_language()
        organization, branch = self.store.identity.organization_id, self.store.identity.branch_id
        read_before = self._orders_read
        async with self.store.reading() as connection:
            if "menu" in topics:
                self.menu = await load_menu(connection, organization)
                self.stations = tuple(await stations(connection, organization))
            if "place" in topics:
                self.methods = tuple(await payment_methods(connection, organization))
            if "tables" in topics:
                self.tables = tuple(await tables(connection, organization, branch))
            if "orders" in topics:
                await self._read_orders(connection, read_before)
            if "tickets" in topics:
                self.tickets = tuple(await open_tickets(connection, organization, branch))
                self.bumped = tuple(await bumped_tickets(connection, organization, branch))
            if "staff" in topics:
                await self._gate.read_staff(connection)
            if "state" in topics:
                prints = await self.printing.read(connection)
                self.state = await read_state(connection, self.store.identity, self.link, prints)
        self._publish(frozenset(topics))

    async def _read_orders(self, connection: AsyncConnection, read_before: int) -> None:
        identity = self.store.identity
        found = await open_orders(connection, identity.organization_id, identity.branch_id)
        if self._orders_read != read_before:
            # A command was done meanwhile, and this connection may not see it yet: it must not vanish from the screen.
            self._stale.add("orders")
            return
        self.orders = {each.id: each for each in found}
        self.orders_were_read()

    def _take_language(self) -> None:
        if self.premises is not None and not self._language_is_ours and self.premises.language in set(Language):
            self.language = Language(self.premises.language)
            if self.texts.language is not self.language:
                self.texts = Texts(self.language, ROOMS)

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
            try:
                listener(topics)
            except Exception:
                logger.exception("a listener failed")
