"""Keeps the snapshot that screens show, and reads it again after commits that touched its tables. No Textual.

Each reading sees one state of the database and is published as one value (`snapshot.py`), so that nobody sees half of
it. `sources.py` lists its parts. A part that cannot be read stays stale, and is read again until it can be.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.books.queries import order_view
from shared.books.waiting import is_waiting
from shared.domains import TEXT_ROOMS
from shared.kernel.language import Language, Texts
from shared.kernel.pauses import Between, go_on
from shared.printers.queries import PrinterTable
from shared.printers.settings import PrinterSettings
from terminal.clock import Moment
from terminal.gate import Gate
from terminal.papers.print_plan import PrintPlan, setup_of
from terminal.printing.desk import PrintDesk
from terminal.printing.records import print_job
from terminal.printing.views import QueueHealth
from terminal.snapshots.menu_now import MenuNow
from terminal.snapshots.published import Published
from terminal.snapshots.searches import Searches
from terminal.snapshots.snapshot import OrderRead, Reading, Snapshot
from terminal.snapshots.sources import (
    COUNTED_DOWN,
    EXCEPTIONS,
    LEFT,
    ORDERS,
    PREMISES,
    PRINTERS,
    RATES,
    SOURCES,
    STAFF,
    TICKETS,
    TOLD,
    ReadContext,
    Source,
)
from terminal.snapshots.state import DeskState, read_state
from terminal.store.store import Committed, Store
from terminal.supervision.health import DutyHealth
from terminal.syncing.link_state import LinkState

logger = logging.getLogger(__name__)
ROOMS = (*TEXT_ROOMS, "terminal", "terminal.printing")
STATE_DELAY_SECONDS = 0.2
"""The status line is read this long after a commit: later than the tap's repaint, sooner than anybody looks."""
SHOWN_AT_ONCE = frozenset({str(print_job.name)})
"""Tables of another program's commit that the status line shows without that delay."""
READ_AGAIN_SECONDS = 1.0
"""Pause before what could not be read is read again."""
BURST_SECONDS = 0.1
"""While commits come one after another, what they touch is read once in so long: nobody sees more, and the readings
would take from the device what it needs to catch up."""


class Snapshots(Published):
    """See the module. `open` reads everything once.

    Args:
        language: of the screens; None for the organization's language.
        printers: the printers in `device.toml`, by name.
        plan: what `device.toml` says they print.

    Attributes:
        setup: the printers that this device prints on, and which of them prints what.
        seen: the present snapshot, replaced by each reading.
        house_language: of the log-in screen, and of who has chosen no other.
        language: of who is logged in.
        first: sources that this device shows before what else is new: the tickets of a wall.
    """

    def __init__(
        self,
        store: Store,
        gate: Gate,
        language: Language | None,
        printers: Mapping[str, PrinterSettings],
        plan: PrintPlan,
    ) -> None:
        self.store = store
        self.seen = Snapshot({PREMISES: store.premises})
        self._menu_now, self._searches = MenuNow(), Searches()
        self.courtesy = store.courtesy
        self.first: frozenset[Source[Any]] = frozenset()
        self.health = DutyHealth(lambda: self.mark_stale(self._state))
        self.wake_agent: Callable[[], None] = lambda: None
        self.house_language = self.language = language or Language.SPANISH
        self.texts = Texts(self.language, ROOMS)
        self._own_printers, self._own_plan = printers, plan
        self.setup = setup_of(PrinterTable(), store.identity.device_id, printers, plan)
        self.printing = PrintDesk(store, store.clock, self.setup.printers)
        self.printing.answered = self._answered
        self._gate = gate
        self._language_is_ours = language is not None
        self._listeners: list[Callable[[frozenset[str]], None]] = []
        self._state: Source[DeskState] = Source("state", frozenset(), self._read_state, DeskState())
        self._sources: tuple[Source[Any], ...] = (*SOURCES, self._state)
        self._begun = 0
        self._stale: dict[Source[Any], int] = {}
        self._ours: set[Source[Any]] = set()
        self._tried = asyncio.Event()
        self._closing = asyncio.Event()
        self._refreshing: asyncio.Task[None] | None = None
        self._state_due: asyncio.TimerHandle | None = None
        self._due_with_state: set[Source[Any]] = set()
        self._unsubscribe = store.subscribe(self._committed)

    # -- life --------------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Read everything."""
        await self._read(self._sources)

    async def close(self) -> None:
        """Stop following the store."""
        self._unsubscribe()
        if self._state_due is not None:
            self._state_due.cancel()
        self._closing.set()
        if self._refreshing is not None:
            await asyncio.wait([self._refreshing])

    def subscribe(self, callback: Callable[[frozenset[str]], None]) -> Callable[[], None]:
        """Call `callback` with the names of the sources of each reading. Returns a function that unsubscribes."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    # -- stale sources -----------------------------------------------------------------------------------------------

    def mark_stale(self, *sources: Source[Any]) -> None:
        """Read these sources again soon. Calls meanwhile add no second reading."""
        self._note_stale(sources)
        self._tried.clear()
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.get_running_loop().create_task(self._refresh())

    def link_changed(self, link: LinkState) -> None:
        """Take the news of the link from an agent that runs alone."""
        self.health.link_changed(link)

    def prints_changed(self, _health: QueueHealth) -> None:
        """Read the state again after the print queue changed."""
        self.mark_stale(self._state)

    def _answered(self) -> None:
        self.wake_agent()
        self.mark_stale(self._state)

    def _committed(self, committed: Committed) -> None:
        touched = {source for source in SOURCES if source.tables & committed.tables}
        if self.seen[LEFT].left and committed.tables & COUNTED_DOWN:
            touched.add(LEFT)
        if committed.local:
            # `_show_command` reads these and the one order that was written: reading all orders would slow every tap.
            touched.discard(ORDERS)
            if EXCEPTIONS in touched:
                touched.discard(EXCEPTIONS)
                self._due_with_state.add(EXCEPTIONS)
            if not committed.tables & TOLD:
                touched.discard(TICKETS)  # `change_line`, which may change a told line, asks for them
            self._note_stale(touched)
            self._ours |= touched
        elif touched or committed.tables & SHOWN_AT_ONCE:
            self.mark_stale(*touched, *((self._state,) if committed.tables & SHOWN_AT_ONCE else ()))
        if self._state_due is None:
            self._state_due = asyncio.get_running_loop().call_later(STATE_DELAY_SECONDS, self._state_is_due)

    def _state_is_due(self) -> None:
        self._state_due = None
        self.mark_stale(self._state, *self._due_with_state)
        self._due_with_state.clear()

    def _note_stale(self, sources: Iterable[Source[Any]]) -> None:
        """Mark sources as stale. Only a reading that begins later makes them fresh."""
        self._stale.update(dict.fromkeys(sources, self._begun))

    def _stale_sources(self) -> set[Source[Any]]:
        return {source for source in self._sources if self.seen.read_by(source) <= self._stale.get(source, -1)}

    def _due(self) -> set[Source[Any]]:
        """Sources to read: the stale ones, and all orders if a command wrote one, since only the desk knows which."""
        stale = self._stale_sources()
        return stale | {ORDERS} if self._ours & stale else stale

    # -- reading -----------------------------------------------------------------------------------------------------

    async def _refresh(self) -> None:
        """Read stale sources until none is left. Sets `_tried` then, or when they cannot be read now."""
        logged: set[Source[Any]] = set()
        while not self._closing.is_set():
            await self.courtesy.after_people()  # their commands read most of what is stale themselves
            if not (sources := self._due()):
                break
            try:
                if (first := sources & self.first) and first != sources:
                    await self._read(first)
                    sources -= first
                await self._read(sources, between=self.courtesy.after_people)
                logged.clear()
                if self._stale_sources():
                    await self._pause(BURST_SECONDS)
            except Exception:
                if not logged.issuperset(sources):
                    logger.exception("%s could not be read", ", ".join(sorted(source.name for source in sources)))
                logged.update(sources)
                self._tried.set()
                await self._pause(READ_AGAIN_SECONDS)
        self._tried.set()

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()

    async def _show_command(self, order_id: UUID | None, also: Collection[Source[Any]] = ()) -> None:
        """Show a command's effect: read its order, these sources, and, if it touched more, all stale sources.

        All of them, so that orders and tickets of another program's commit appear together, too.
        """
        self._note_stale(also)
        self._ours.update(also)
        stale = self._stale_sources() - {self._state}
        sources = stale if self._ours & stale else set()
        if order_id is None:
            sources |= {ORDERS, TICKETS}
        await self._read(sources, order_id)

    async def _read(
        self, sources: Collection[Source[Any]], order_id: UUID | None = None, between: Between = go_on
    ) -> None:
        """Read these sources (and an order) in one state of the database, and publish them as one value.

        Args:
            between: awaited between two parts of the reading, so that people may go first.
        """
        self._begun += 1
        number, order = self._begun, None
        at = ReadContext(
            self.store.identity,
            self.now(),
            Moment.of(self.store.clock),
            self.local_now().date(),
            self.business_day,
            self.seen[RATES],
            between,
            self.store.branch_context.zone,
        )
        values: dict[Source[Any], Any] = {}
        async with self.store.reading(briefly=set(sources) <= {ORDERS, TICKETS}) as connection:
            for source in (source for source in self._sources if source in sources):
                await between()
                values[source] = await source.read(connection, at)
                if source is RATES:
                    at = replace(at, rates=values[source])
            if order_id is not None:
                order = await _read_order(connection, at, order_id)
        self._show(Reading(number, values, order))

    async def _read_state(self, connection: AsyncConnection, at: ReadContext) -> DeskState:
        prints = await self.printing.read(connection)
        return await read_state(connection, at.identity, self.health.owner.link, prints, self.health.stopped)

    # -- publishing --------------------------------------------------------------------------------------------------

    def _show(self, reading: Reading) -> None:
        """Publish a reading. Nothing is awaited here, so that nobody sees half of it."""
        self.seen = self.seen.after(reading)
        taken = {source for source in reading.values if self.seen.read_by(source) == reading.number}
        if PREMISES in taken:
            self.store.use_premises(self.premises)
            self._take_language()
        if PRINTERS in taken:
            self._set_up_printers()
        if STAFF in taken:
            self._gate.staff = self.staff
        self._ours.intersection_update(self._stale_sources())
        names = {source.name for source in taken}
        if ORDERS in taken:
            self.orders_were_read(reading.number)
        if reading.order is not None:
            self.orders_were_read(reading.number, reading.order.id)
            names.add(ORDERS.name)
        self._publish(frozenset(names))

    def use_own(self, printers: Mapping[str, PrinterSettings], plan: PrintPlan) -> None:
        """Print as `device.toml` says now."""
        self._own_printers, self._own_plan = printers, plan
        self._set_up_printers()
        self.mark_stale(self._state)
        self._publish(frozenset({PRINTERS.name}))

    def _set_up_printers(self) -> None:
        self.setup = setup_of(self.seen[PRINTERS], self.setup.device_id, self._own_printers, self._own_plan)
        substitutes = {name: each.substitute for name, each in self.setup.printers.items()}
        self.printing.use(self.setup.printers, substitutes)

    def orders_were_read(self, reading: int, order_id: UUID | None = None) -> None:
        """Called when the open orders (or one of them) are shown as this reading, or a later one, found them."""

    def _take_language(self) -> None:
        if self.premises is not None and not self._language_is_ours and self.premises.language in set(Language):
            before, self.house_language = self.house_language, Language(self.premises.language)
            if self.language is before:
                self.speak(self.house_language)

    def speak(self, language: Language) -> None:
        """Let sentences be in this language from now on."""
        self.language = language
        if self.texts.language is not language:
            self.texts = Texts(language, ROOMS)

    def _publish(self, names: frozenset[str]) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(names)
            except Exception:
                logger.exception("a listener failed")


async def _read_order(connection: AsyncConnection, at: ReadContext, order_id: UUID) -> OrderRead:
    found = await order_view(connection, at.organization_id, order_id, at.taxes)
    if found is None or not found.is_free:
        return OrderRead(order_id, found)
    waits = await is_waiting(connection, at.organization_id, at.branch_id, found, at.now)
    return OrderRead(order_id, found if waits else None)
