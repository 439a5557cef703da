"""The commands about the customer of an order: who it is, and when it is promised. No Textual."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.work import Work
from shared.orders import commands as orders
from shared.orders import contacts
from shared.orders.contact_search import FoundBy, orders_by
from shared.orders.contacts import ContactView, contact_of
from terminal.snapshots.sources import TICKETS, Source
from terminal.store.store import Store

T = TypeVar("T")


class _Run(Protocol):
    """Run a command for the person who is logged in, as `Desk` does."""

    async def __call__(
        self,
        order_id: UUID | None,
        command: Callable[[Work], Awaitable[T]],
        *,
        also: Collection[Source[Any]] = (),
    ) -> T:
        """Run it."""
        ...


class CustomerDesk:
    """See the module. Made by the desk.

    Args:
        pepper: the organization's secret, which keys the digests that contacts are found by.
    """

    def __init__(self, store: Store, pepper: bytes, run: _Run) -> None:
        self._store = store
        self._pepper = pepper
        self._run = run

    async def note(self, order_id: UUID, contact: ContactView, promised_at: datetime | None) -> None:
        """Note whom an order is for and when it is promised, in place of what was noted before."""

        async def note(work: Work) -> None:
            await contacts.note_contact(work, order_id, contact)
            await orders.promise(work, order_id, promised_at)

        await self._run(order_id, note, also=(TICKETS,))

    async def known(self, by: FoundBy, text: str) -> ContactView | None:
        """What was noted last for this phone or document in the branch; None if it is new here."""
        identity = self._store.identity

        async def find(writer: AsyncConnection) -> ContactView | None:
            found = await orders_by(by, text, writer, identity.organization_id, identity.branch_id, self._pepper)
            return await contact_of(writer, identity.organization_id, found[0]) if found else None

        return await self._store.write(find)
