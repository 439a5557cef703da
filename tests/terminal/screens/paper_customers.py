"""The customers of a desk on paper: noted in memory, known by the phone or document that was noted last."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from shared.kernel.permissions import Permission
from shared.orders.contact_search import FoundBy
from shared.orders.contacts import ContactView

if TYPE_CHECKING:
    from tests.terminal.screens.paper_desk import PaperDesk


class PaperCustomers:
    """As `terminal.desks.customer.CustomerDesk`."""

    def __init__(self, desk: PaperDesk) -> None:
        self._desk = desk

    async def note(self, order_id: UUID, contact: ContactView, promised_at: datetime | None) -> None:
        await self._desk._turn("note_customer", Permission.TAKE_ORDER)
        self._desk.contacts[order_id] = contact
        self._desk._keep(replace(self._desk.orders[order_id], promised_at=promised_at), "note customer of")

    async def known(self, by: FoundBy, text: str) -> ContactView | None:
        found = [each for each in self._desk.contacts.values() if getattr(each, by) == text]
        return found[-1] if found else None
