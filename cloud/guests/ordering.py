"""What a guest does: fill the cart, order, call somebody, join the table. And the cloud's word when time is up."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from cloud.database.transaction import Database, ReadSession
from cloud.guests import carts
from cloud.guests.carts import CartLine, Whose
from cloud.guests.menus import GuestMenu, GuestMenus
from cloud.guests.phones import Guest
from cloud.jobs.kinds import JobCall, JobKind
from cloud.jobs.queue import Asked, enqueue
from cloud.kernel.recent import Recent
from cloud.realtime.hub import Hub, Room
from cloud.replication.units import CloudUnits
from shared.guests.codes import SIGNS
from shared.guests.proposing import Proposal, Wish, admit_by_guest, call, propose, withdraw
from shared.guests.queries import GuestOrderView, RequestView, open_requests, orders_of_phone, orders_of_session
from shared.guests.quoting import Quoted, as_usual, quote
from shared.guests.records import Asks, GuestAnswer, GuestOrder, RequestKind, answer_id
from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.instants import Clock
from shared.kernel.permissions import Actor
from shared.kernel.sealed import KeyWrapping
from shared.orders.placing import PlacedLine
from shared.orders.records import Order, OrderLine

MOST_UNANSWERED = 6
"""Orders at one table that nobody has answered: more of them are refused until somebody does."""
WORD_SIGNS = 5
MOST_WRONG_WORDS = 8
"""A phone that has said so many wrong ones is let in by staff alone."""
MOST_GUESSERS = 20_000
WITHDRAW_AFTER = timedelta(seconds=2)
"""A device that took an order at the last moment is heard first."""


@dataclass(frozen=True, slots=True)
class Table:
    """What a guest sees of the table: the cart with what it costs now, what was ordered, who was called.

    Attributes:
        orders: of the phone, and once it is admitted of the whole table.
        word: with which the next phone at this table is let in; empty before this one was.
    """

    cart: tuple[tuple[CartLine, Quoted], ...]
    orders: tuple[GuestOrderView, ...]
    requests: tuple[RequestView, ...]
    word: str

    @property
    def cart_minor(self) -> int:
        """What the cart comes to."""
        return sum(quoted.price_minor or 0 for _line, quoted in self.cart)


class Ordering:
    """See the module."""

    def __init__(
        self,
        database: Database,
        units: CloudUnits,
        hub: Hub,
        clock: Clock,
        menus: GuestMenus,
        wrapping: KeyWrapping,
        secret: bytes,
    ) -> None:
        self._database = database
        self._units = units
        self._hub = hub
        self._clock = clock
        self._menus = menus
        self._wrapping = wrapping
        self._secret = secret
        self._wrong: Recent[UUID, int] = Recent(MOST_GUESSERS)

    async def table(self, read: ReadSession, guest: Guest, menu: GuestMenu) -> Table:
        """What a guest sees now."""
        door, now = guest.door, self._clock.now()
        here = (read, door.organization_id)
        carts_of = {each for each in (guest.cart_id, guest.phone_id) if each is not None}
        lines = await carts.lines_of(read, door.organization_id, carts_of) if carts_of else []
        orders: list[GuestOrderView] = []
        if guest.session is not None:
            orders = await orders_of_session(*here, {guest.session.order_id}, self._wrapping)
        elif guest.phone_id is not None:
            orders = await orders_of_phone(*here, door.branch_id, guest.phone_id, now, self._wrapping)
        requests = await open_requests(*here, door.branch_id, now)
        at = guest.session.table_id if guest.session is not None else guest.table_id
        return Table(
            tuple((line, quote(menu.menu, line.line, menu.out)) for line in lines),
            tuple(orders),
            tuple(each for each in requests if each.table_id == at),
            self.word_of(guest.session.order_id) if guest.session is not None else "",
        )

    async def put(self, guest: Guest, phone_id: UUID, name: str, line: PlacedLine) -> None:
        """Put something into the cart.

        Raises:
            DomainError: those of `put`, and of why it cannot be ordered.
        """
        menu = await self._menus.of(guest.door)
        line = as_usual(menu.menu, line)
        quoted = quote(menu.menu, line, menu.out)
        if quoted.problem:
            raise DomainError(quoted.problem, item=quoted.name)
        organization_id, cart_id = guest.door.organization_id, guest.cart_id or phone_id
        async with self._database.write(organization_id) as session:
            given = (session, self._units.ids.new(), self._clock.now(), organization_id, cart_id)
            await carts.put(*given, Whose(phone_id, name), line)
        self._tell(guest)

    async def change(self, guest: Guest, line_id: UUID, pieces: int) -> None:
        """So many of a line of the cart.

        Raises:
            DomainError: QUANTITY_NOT_SENSIBLE.
        """
        organization_id = guest.door.organization_id
        async with self._database.write(organization_id) as session:
            for cart_id in {guest.cart_id, guest.phone_id} - {None}:
                assert cart_id is not None
                await carts.change(session, organization_id, cart_id, line_id, pieces)
        self._tell(guest)

    async def order(self, guest: Guest, phone_id: UUID, name: str, shown: Mapping[UUID, int]) -> UUID:
        """Order the lines that the phone showed, each at the price that it showed. Ordered again it is that order.

        Raises:
            DomainError: GUEST_TABLE_BUSY, GUEST_TOO_FAST, GUEST_BRANCH_SILENT; those of `propose`.
        """
        door = guest.door
        menu = await self._menus.of(door)
        key = derived_id("guest order", *sorted(shown))
        actor = Actor.guest(phone_id)
        async with self._units.work(door.organization_id, actor, door.branch_id) as work:
            cart_id = guest.cart_id or phone_id
            if guest.session is not None:
                await carts.share(work.session, door.organization_id, phone_id, cart_id)
            lines = await carts.take(work.session, door.organization_id, cart_id, shown.keys(), key)
            if not lines:
                known = await carts.ordered_as(work.session, door.organization_id, shown.keys())
                if known is not None:
                    return known
            await self._require_room(work.session, guest, menu)
            session = guest.session or (guest.at_table[0] if len(guest.at_table) == 1 else None)
            proposal = Proposal(
                (guest.session.table_id if guest.session is not None else None) or guest.table_id,
                phone_id,
                session.order_id if session is not None else await self._awaited(work.session, guest),
                is_admitted=guest.session is not None,
                is_idle=guest.session is not None and await self._is_idle(work.session, guest, menu),
                name=name,
            )
            wishes = [Wish(each.id, each.line, shown[each.id]) for each in lines]
            made = await propose(work, key, proposal, wishes, menu.takes)
            args = {"branch": str(door.branch_id), "guest_order": str(key)}
            due = made.deadline_at + WITHDRAW_AFTER
            await enqueue(work.session, Asked(WITHDRAW, door.organization_id, args, key=str(key), run_at=due))
        self._tell(guest)
        return key

    async def call(self, guest: Guest, phone_id: UUID, kind: RequestKind) -> None:
        """Ask for somebody to come.

        Raises:
            DomainError: those of `call`.
        """
        door, session = guest.door, guest.session
        table_id = (session.table_id if session is not None else None) or guest.table_id
        order_id = session.order_id if session is not None else None
        async with self._units.work(door.organization_id, Actor.guest(phone_id), door.branch_id) as work:
            number = int.from_bytes(table_id.bytes[-8:], "big", signed=True)
            await work.session.execute(sa.text("SELECT pg_advisory_xact_lock(:table)"), {"table": number})
            await call(work, work.ids.new(), kind, table_id, phone_id, order_id)
        self._tell(guest)

    async def admit(self, guest: Guest, phone_id: UUID, word: str) -> None:
        """Let a phone in with the word that a phone of the table shows.

        Raises:
            DomainError: GUEST_WORD_WRONG.
        """
        door, wrong = guest.door, self._wrong.get(phone_id) or 0
        said = word.strip().upper()[:WORD_SIGNS].encode(errors="replace")
        for each in guest.at_table if wrong < MOST_WRONG_WORDS else ():
            if hmac.compare_digest(self.word_of(each.order_id).encode(), said):
                async with self._units.work(door.organization_id, Actor.guest(phone_id), door.branch_id) as work:
                    await admit_by_guest(work, each.order_id, phone_id)
                    await carts.share(work.session, door.organization_id, phone_id, each.order_id)
                self._tell(guest)
                return
        self._wrong.put(phone_id, wrong + 1)
        raise DomainError("GUEST_WORD_WRONG")

    def word_of(self, order_id: UUID) -> str:
        """The word of a table, of as many signs as somebody says across it. It is another one with each party."""
        digest = hmac.digest(self._secret, b"guest word" + order_id.bytes, sha256)
        return "".join(SIGNS[byte % len(SIGNS)] for byte in digest[:WORD_SIGNS])

    async def _require_room(self, session: Any, guest: Guest, menu: GuestMenu) -> None:
        """Raise if a table orders faster than anybody cooks, or has orders that nobody answers.

        Those of a party count wherever it sits and whichever card its phones have read; those of strangers count for
        strangers alone, so that a photo of a card stops nobody at the table.
        """
        since, by_stranger = self._clock.now() - timedelta(minutes=1), GuestOrder.asks == Asks.FIRST
        of_table = (GuestOrder.table_id == guest.table_id, by_stranger)
        whose = of_table if guest.session is None else (GuestOrder.order_id == guest.session.order_id, ~by_stranger)
        lately = (
            GuestOrder.organization_id == guest.door.organization_id,
            GuestOrder.branch_id == guest.door.branch_id,
            GuestOrder.placed_at > self._clock.now() - timedelta(hours=1),
        )
        number = int.from_bytes(guest.table_id.bytes[-8:], "big", signed=True)
        await session.execute(sa.text("SELECT pg_advisory_xact_lock(:table)"), {"table": number})
        placed = sa.select(GuestOrder.id, GuestOrder.placed_at, GuestOrder.withdrawn).where(*lately, *whose)
        rows = (await session.execute(placed)).all()
        if sum(row.placed_at > since for row in rows) >= menu.takes.orders_a_minute:
            raise DomainError("GUEST_TOO_FAST")
        asked = [answer_id(row.id) for row in rows if not row.withdrawn]
        answered = await session.scalar(
            sa.select(sa.func.count()).where(
                GuestAnswer.organization_id == guest.door.organization_id, GuestAnswer.id.in_(asked)
            )
        )
        if len(asked) - int(answered or 0) >= MOST_UNANSWERED:
            raise DomainError("GUEST_TABLE_BUSY")

    async def _awaited(self, session: Any, guest: Guest) -> UUID | None:
        """The order that staff open when they accept what waits at a table without a party: its guests share it."""
        if guest.at_table:
            return None
        answered = sa.exists().where(
            GuestAnswer.organization_id == GuestOrder.organization_id, GuestAnswer.guest_order_id == GuestOrder.id
        )
        # One that is there already belongs to a party that has moved away.
        opened = sa.exists().where(Order.organization_id == GuestOrder.organization_id, Order.id == GuestOrder.order_id)
        first = (
            sa.select(GuestOrder.order_id)
            .where(
                GuestOrder.organization_id == guest.door.organization_id,
                GuestOrder.branch_id == guest.door.branch_id,
                GuestOrder.table_id == guest.table_id,
                GuestOrder.placed_at > self._clock.now() - timedelta(hours=1),
                GuestOrder.withdrawn.is_(sa.false()),
                ~answered,
                ~opened,
            )
            .order_by(GuestOrder.placed_at, GuestOrder.id)
            .limit(1)
        )
        found: UUID | None = await session.scalar(first)
        return found

    async def _is_idle(self, session: Any, guest: Guest, menu: GuestMenu) -> bool:
        assert guest.session is not None
        last = await session.scalar(
            sa.select(sa.func.max(OrderLine.added_at)).where(
                OrderLine.organization_id == guest.door.organization_id,
                OrderLine.order_id.in_({guest.session.order_id, guest.session.end_id}),
            )
        )
        idle = timedelta(minutes=menu.takes.idle_minutes)
        return bool(idle and last is not None and self._clock.now() - last > idle)

    def _tell(self, guest: Guest) -> None:
        """Let the phones of the table look again."""
        door = guest.door
        self._hub.tell(Room.of_table(door.organization_id, door.branch_id, guest.table_id))
        if guest.session is not None and guest.session.table_id not in (None, guest.table_id):
            assert guest.session.table_id is not None
            self._hub.tell(Room.of_table(door.organization_id, door.branch_id, guest.session.table_id))

    async def withdraw(self, organization_id: UUID, branch_id: UUID, guest_order_id: UUID) -> None:
        """Take an order back that nobody has answered in time."""
        async with self._units.work(organization_id, Actor.guest(guest_order_id), branch_id) as work:
            order = await work.session.get(GuestOrder, (organization_id, guest_order_id))
            answered = await work.session.get(GuestAnswer, (organization_id, answer_id(guest_order_id)))
            if order is None or answered is not None or order.withdrawn:
                return
            await withdraw(work, order)
            table_id = order.table_id
        self._hub.tell(Room.of_table(organization_id, branch_id, table_id))


async def _withdraw(job: JobCall, provided: Mapping[str, object]) -> None:
    ordering = provided["guest_ordering"]
    assert isinstance(ordering, Ordering)
    assert job.organization_id is not None
    await ordering.withdraw(job.organization_id, UUID(job.args["branch"]), UUID(job.args["guest_order"]))


WITHDRAW = JobKind("guests.withdraw", _withdraw)
"""Takes back a guest's order when its time is up."""
