"""The commands of the floor: who sits where, with whom, and who serves them. No Textual."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from shared.floor.commands import assign_tables, set_out_of_service
from shared.kernel.work import Work
from shared.orders.commands import open_order
from shared.orders.contacts import ContactView, note_contact
from shared.orders.correcting import leave
from shared.orders.records import OrderKind
from shared.orders.seating import hand_to, move_order, note_guests
from shared.payments.joining import gather, join_tables, part_tables, push_table
from terminal.desks.part import DeskPart
from terminal.snapshots.sources import TABLES


class FloorDesk(DeskPart):
    """See the module. Made by the desk."""

    async def seat(self, table_id: UUID | None, guests: int, contact: ContactView | None = None) -> UUID:
        """Let guests sit down before they order. Without a table: a tab by name. Returns the order's id."""
        pending = self._pending("seat", table_id, guests, contact)

        async def seat(work: Work) -> None:
            await open_order(work, pending.id, OrderKind.DINE_IN, table_id, guests)
            if contact is not None and contact.texts:
                await note_contact(work, pending.id, contact)

        await self._run(pending.id, seat, pending)
        return pending.id

    async def note_guests(self, order_id: UUID, guests: int) -> None:
        """Note how many sit there."""
        await self._run(order_id, lambda work: note_guests(work, order_id, guests))

    async def free(self, order_ids: Iterable[UUID]) -> None:
        """The parties left without ordering."""

        async def free(work: Work) -> None:
            for order_id in order_ids:
                await leave(work, order_id)

        await self._run(None, free)

    def orders_at(self, table_id: UUID | None) -> tuple[UUID, ...]:
        """The open orders at a table that this device knows, those that sit together with others included."""
        orders = self._desk.orders.values()
        own = (order.id for order in orders if order.table_id == table_id)
        return (*own, *(party.id for order in orders for party in order.joined if party.table_id == table_id))

    async def move(self, order_ids: Sequence[UUID], table_id: UUID, *, beside: bool = False) -> None:
        """Seat the parties of a table at another one.

        Args:
            beside: somebody knows that others have an order there.

        Raises:
            DomainError: those of `move_order`.
        """

        known = (*order_ids, *(self.orders_at(table_id) if beside else ()))

        async def move(work: Work) -> None:
            for order_id in order_ids:
                await move_order(work, order_id, table_id, known)

        await self._run(None, move)

    async def join(self, order_ids: Sequence[UUID], into_order_id: UUID) -> None:
        """Let parties sit together with another one, and have one bill with it.

        Raises:
            DomainError: those of `join_tables`.
        """

        async def join(work: Work) -> None:
            for order_id in order_ids:
                await join_tables(work, order_id, into_order_id)

        await self._run(None, join)

    async def push_table(self, order_id: UUID, table_id: UUID) -> None:
        """Push a free table to that of a party, which sits at both from now on.

        Raises:
            DomainError: those of `push_table`.
        """
        pending = self._pending("push", order_id, table_id)

        async def push(work: Work) -> None:
            await push_table(work, order_id, pending.id, table_id)

        await self._run(order_id, push, pending)

    async def part(self, order_ids: Sequence[UUID]) -> None:
        """Let parties that joined others be by themselves again; what they ordered goes back with them.

        Raises:
            DomainError: those of `part_tables`.
        """

        async def part(work: Work) -> None:
            for order_id in order_ids:
                await part_tables(work, order_id)

        await self._run(None, part)

    async def gather(self, order_id: UUID) -> None:
        """Bring what joined parties owe to one check, before it is printed, split or paid. Alone it changes nothing."""
        order = self._desk.orders.get(order_id)
        if order is not None and order.joined:
            await self._run(order_id, lambda work: gather(work, order_id))

    async def hand_to(self, order_ids: Sequence[UUID], person_id: UUID) -> None:
        """Give parties to a colleague, who serves them from now on."""

        async def hand(work: Work) -> None:
            for order_id in order_ids:
                await hand_to(work, order_id, person_id)

        await self._run(None, hand)

    async def assign(self, table_ids: Sequence[UUID], person_id: UUID | None) -> None:
        """Give tables to who serves them: their section. None: to nobody."""
        await self._run(None, lambda work: assign_tables(work, table_ids, person_id), also=(TABLES,))

    async def set_out_of_service(self, table_id: UUID, *, out: bool) -> None:
        """Say that nobody is to be seated at a table, or that guests may sit there again."""

        async def set_it(work: Work) -> None:
            await set_out_of_service(work, table_id, out=out)

        await self._run(None, set_it, also=(TABLES,))
