"""One till of a rehearsal: it rings up its share of the past sales at their original times, without a network.

Every ticket runs the commands that the screen runs (open, add each line, send, pay), each with its own commit. A
ticket's ids follow from its key in the file, so that ringing it up again finds it done.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.errors import DomainError
from shared.kernel.ids import Uuid7Source, derived_id
from shared.kernel.permissions import Actor
from shared.kernel.work import Work
from shared.menu.queries import load_menu
from shared.menu.rules import Menu
from shared.orders import commands as orders
from shared.orders.records import Order, OrderKind, OrderLine
from shared.payments.adjusting import give_discount
from shared.payments.queries import MethodView, payment_methods
from shared.payments.records import Receipt
from shared.payments.rules import Tender
from terminal.clock import SystemClock
from terminal.device import DeviceFolder
from terminal.gate import Gate
from terminal.papers import tasks
from terminal.rehearsal.past_sales import PastLine, PastTicket
from terminal.rehearsal.plan import PIN
from terminal.store.store import Store
from terminal.syncing.agent import Agent
from terminal.syncing.link import CloudLink

SYNC_PATIENCE_SECONDS = 240.0
"""Longest wait in all for a cloud that is busy folding what the other tills push."""
_IDS_AT_ONCE = 500
"""Ids in one look-up. SQLite has a limit, which is far higher."""


class PastClock:
    """A clock that shows the time of the ticket that is being rung up."""

    def __init__(self) -> None:
        self._instant = datetime(1970, 1, 2, tzinfo=UTC)

    def put(self, instant: datetime) -> None:
        """Set the clock."""
        self._instant = instant

    def now(self) -> datetime:
        """The time that was set."""
        return self._instant

    def milliseconds(self) -> int:
        """The time that was set, in milliseconds since 1970."""
        return int(self._instant.timestamp() * 1_000)

    def running_milliseconds(self) -> int:
        """The same: nobody guesses PINs in a rehearsal."""
        return self.milliseconds()

    def boot(self) -> str:
        """Always the same start."""
        return "rehearsal"


@dataclass(frozen=True, slots=True)
class Share:
    """The tickets that one till has to ring up.

    Attributes:
        items, modifiers: ids in the cloud by the file's item key and modifier name.
    """

    folder: DeviceFolder
    zone: str
    tickets: Sequence[PastTicket]
    items: Mapping[str, UUID]
    modifiers: Mapping[str, UUID]


@dataclass(frozen=True, slots=True)
class Rung:
    """Number and sum of a till's receipts for the tickets of its share.

    Attributes:
        sold: tickets rung up now. The others are from an earlier run.
        seconds: time that ringing up took.
    """

    tickets: int = 0
    total_minor: int = 0
    sold: int = 0
    seconds: float = 0.0

    def __add__(self, other: Rung) -> Rung:
        return Rung(
            self.tickets + other.tickets,
            self.total_minor + other.total_minor,
            self.sold + other.sold,
            self.seconds + other.seconds,
        )


async def ring_up(share: Share, progress: Callable[[int], None]) -> Rung:
    """Ring up the tickets of a share that were not rung up before. Returns the till's figures."""
    clock = PastClock()
    async with _Till(share.folder, clock) as till:
        store = till.store
        organization_id = store.identity.organization_id
        await store.read_premises()
        async with store.reading() as connection:
            menu = await load_menu(connection, organization_id)
            method = (await payment_methods(connection, organization_id))[0]
            gate = Gate(store, till.pepper)
            await gate.read_staff(connection)
        actor = await gate.log_in(PIN)
        seller = _Seller(store, clock, actor, menu, method, share)
        order_ids = [seller.order_id(ticket) for ticket in share.tickets]
        async with store.reading() as connection:
            begun = await _known(connection, Order, organization_id, order_ids)
            paid = await _known(connection, Receipt, organization_id, [_receipt_id(each) for each in order_ids])
        begun_at, sold = time.monotonic(), 0
        for ticket, order_id in zip(share.tickets, order_ids, strict=True):
            if _receipt_id(order_id) not in paid:
                await seller.sell(ticket, begun=order_id in begun)
                sold += 1
            progress(1)
        seconds = time.monotonic() - begun_at if sold else 0.0
        async with store.reading() as connection:
            receipts = await _receipts(connection, organization_id, order_ids)
    return Rung(len(receipts), sum(receipts), sold, seconds)


async def sync(folder: DeviceFolder, patience_seconds: float = SYNC_PATIENCE_SECONDS) -> None:
    """Push everything that the till has, and pull what is missing: first menu and staff, later the other tills' sales.

    Raises:
        LinkError: the cloud refused, or did not answer for longer than `patience_seconds`.
    """
    async with _Till(folder, SystemClock()) as till:
        await till.agent.catch_up(patience_seconds)
        await till.agent.fold_all()


class _Seller:
    """Rings up tickets on one store."""

    def __init__(
        self, store: Store, clock: PastClock, actor: Actor, menu: Menu, method: MethodView, share: Share
    ) -> None:
        self._store = store
        self._clock = clock
        self._actor = actor
        self._menu = menu
        self._method = method
        self._share = share
        self._zone = ZoneInfo(share.zone)

    def order_id(self, ticket: PastTicket) -> UUID:
        """Id of the ticket's order, the same in every run on the same organization."""
        return derived_id("rehearsal", self._store.identity.organization_id, ticket.key)

    async def sell(self, ticket: PastTicket, *, begun: bool) -> None:
        """Ring up one ticket, command by command.

        Args:
            begun: an earlier run was killed in the middle of the ticket; go on where it stopped.
        """
        self._clock.put(ticket.opened_at.replace(tzinfo=self._zone).astimezone(UTC))
        order_id, run = self.order_id(ticket), self._store.run
        if not begun:
            await run(self._actor, lambda work: orders.open_order(work, order_id, OrderKind.TAKEOUT))
        known = await self._lines(order_id) if begun else frozenset()
        for index, line in enumerate(ticket.lines):
            line_id = derived_id("line", order_id, index)
            if line_id not in known:
                await self._add(order_id, line_id, line)
        await run(self._actor, lambda work: tasks.send(work, order_id, None))
        total, receipt_id, check_id = ticket.total_minor, _receipt_id(order_id), orders.first_check_id(order_id)
        tender = Tender(self._method.id, self._method.name, self._method.kind, total)
        tenders = [tender] if total else []
        paid = await run(self._actor, lambda work: tasks.send_and_pay(work, check_id, receipt_id, tenders, None))
        if paid.receipt is None or paid.receipt.total_minor != total:
            raise DomainError("REHEARSAL_TICKET_DIFFERS", ticket=ticket.key)

    async def _add(self, order_id: UUID, line_id: UUID, line: PastLine) -> None:
        """Add a line with exactly the amount of the file: at its price, less a discount."""
        item_id = self._share.items[line.item]
        modifiers = [self._share.modifiers[name] for name in dict.fromkeys(line.modifiers)]
        unit, discount = line.till_unit_minor, line.till_discount_minor

        async def add(work: Work) -> None:
            # One unit of work: after a kill, a line without its discount would look done to the next run.
            await orders.add_line(work, order_id, line_id, item_id, modifiers, line.quantity_milli, "", unit)
            if discount:
                discount_id, check_id = derived_id("discount", line_id), orders.first_check_id(order_id)
                await give_discount(work, check_id, discount_id, amount_minor=discount, line_id=line_id)

        await self._store.run(self._actor, add)

    async def _lines(self, order_id: UUID) -> frozenset[UUID]:
        organization_id = self._store.identity.organization_id
        mine = (OrderLine.organization_id == organization_id, OrderLine.order_id == order_id)
        async with self._store.reading() as connection:
            return frozenset(await connection.scalars(sa.select(OrderLine.id).where(*mine)))


class _Till:
    """A till's store and agent, open for a block. The agent runs only on demand."""

    def __init__(self, folder: DeviceFolder, clock: PastClock | SystemClock) -> None:
        self._folder = folder
        self._clock = clock

    async def __aenter__(self) -> Self:
        configuration = self._folder.configuration()
        secrets = self._folder.secrets(configuration.identity.device_id)
        self.pepper = secrets.pepper
        self.store = await Store.open(
            self._folder.database,
            secrets.database_key,
            configuration.identity,
            self._clock,
            Uuid7Source(self._clock, os.urandom),
        )
        self._link = CloudLink(configuration.cloud, configuration.identity.device_id, secrets.signer)
        self.agent = Agent(
            self.store, self._link, secrets.signer, lambda: 0.5, None, 0, configuration.cloud_key or None
        )
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.store.close()
        await self._link.close()


def _receipt_id(order_id: UUID) -> UUID:
    """Id of the receipt of an order, the same in every run."""
    return derived_id("receipt", order_id)


async def _known(
    connection: AsyncConnection, kind: type[Order | Receipt], organization_id: UUID, ids: Sequence[UUID]
) -> set[UUID]:
    """Those of some ids of which an earlier run has made a record."""
    known: set[UUID] = set()
    for part in _parts(ids):
        known.update(
            await connection.scalars(
                sa.select(kind.id).where(kind.organization_id == organization_id, kind.id.in_(part))
            )
        )
    return known


async def _receipts(connection: AsyncConnection, organization_id: UUID, order_ids: Sequence[UUID]) -> list[int]:
    """The total of each receipt of these orders."""
    totals: list[int] = []
    for part in _parts([_receipt_id(order_id) for order_id in order_ids]):
        totals += await connection.scalars(
            sa.select(Receipt.total_minor).where(Receipt.organization_id == organization_id, Receipt.id.in_(part))
        )
    return totals


def _parts(ids: Sequence[UUID]) -> list[Sequence[UUID]]:
    return [ids[first : first + _IDS_AT_ONCE] for first in range(0, len(ids), _IDS_AT_ONCE)]
