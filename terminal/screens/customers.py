"""The form that asks whom an order is for and when it is promised, and what its answer means."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from shared.countries.countries import country
from shared.kernel.errors import DomainError
from shared.orders.contact_search import FoundBy
from shared.orders.contacts import (
    MAX_ADDRESS_CHARACTERS,
    MAX_DOCUMENT_CHARACTERS,
    MAX_PHONE_CHARACTERS,
    ContactView,
)
from shared.orders.promising import Promise, promise_of
from shared.orders.records import OrderKind
from terminal.dialogs.questions import Field, FieldKind, Form
from terminal.screens.voice import Voice

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

NAME, PHONE, ADDRESS, DOCUMENT, PROMISED = "name", "phone", "address", "document", "promised"
_ASKED = {
    OrderKind.DINE_IN: (NAME, PHONE, DOCUMENT),
    OrderKind.TAKEOUT: (NAME, PHONE, DOCUMENT, PROMISED),
    OrderKind.DELIVERY: (PHONE, NAME, ADDRESS, DOCUMENT, PROMISED),
}
"""The phone comes first where it is known first: it brings name and address with it."""
_MOST = {
    PHONE: MAX_PHONE_CHARACTERS,
    ADDRESS: MAX_ADDRESS_CHARACTERS,
    DOCUMENT: MAX_DOCUMENT_CHARACTERS,
    PROMISED: 8,
}
_FOUND_BY = {PHONE: FoundBy.PHONE, DOCUMENT: FoundBy.DOCUMENT}


class CustomerForm:
    """Asks about the customer of one order; everything may be left empty, but a delivery needs to know where to.

    Args:
        contact, promised_at: what is noted already.
        at_first: whether the order begins now, so that the document is not asked for.
    """

    def __init__(
        self,
        desk: Desk,
        kind: OrderKind,
        contact: ContactView | None = None,
        promised_at: datetime | None = None,
        *,
        at_first: bool = False,
    ) -> None:
        self._desk = desk
        self._kind = kind
        self._contact = contact or ContactView()
        self._promised_at = promised_at
        self._at_first = at_first
        self._past_asked = ""

    def question(self) -> Form:
        """The form, with what is noted already."""
        texts = self._desk.texts
        ids = (each for each in _ASKED[self._kind] if not (self._at_first and each == DOCUMENT))
        return Form(
            texts("customer.title", kind=texts(f"kind.{self._kind}")),
            tuple(self._field(each) for each in ids),
            texts(f"customer.asked.{self._kind}"),
            self._understood,
            self._known,
        )

    def answer(self, given: Mapping[str, str]) -> tuple[ContactView, datetime | None]:
        """The contact and the promised time that were typed. A time that has passed is taken on the second try.

        Raises:
            DomainError: customer.where_to, customer.no_time, customer.past.
        """
        contact = ContactView(given[NAME], given[PHONE], given.get(ADDRESS, ""), given.get(DOCUMENT, ""))
        if self._kind is OrderKind.DELIVERY and not (contact.address or contact.phone):
            raise DomainError("customer.where_to")
        return contact, self._promised(given.get(PROMISED, ""))

    def _promised(self, typed: str) -> datetime | None:
        if typed == self._noted(PROMISED):
            return self._promised_at
        promise = promise_of(typed, self._desk.local_now())
        if promise is None:
            raise DomainError("customer.no_time", text=typed)
        if promise.is_past and self._past_asked != typed:
            self._past_asked = typed
            voice = Voice.of(self._desk)
            raise DomainError("customer.past", time=voice.clock(promise.at), minutes=-promise.minutes)
        return promise.at

    def _field(self, field_id: str) -> Field:
        texts = self._desk.texts
        label = texts(f"customer.{field_id}")
        if field_id == DOCUMENT and self._desk.premises is not None:
            here = country(self._desk.premises.country)
            label = " / ".join((*here.documents[:1], here.tax_number))
        hint = texts("customer.promised_hint") if field_id == PROMISED else ""
        kind = FieldKind.PHONE if field_id == PHONE else FieldKind.TEXT
        most = _MOST.get(field_id)
        value = self._noted(field_id)
        return (
            Field(field_id, label, kind, value, hint)
            if most is None
            else Field(field_id, label, kind, value, hint, most=most)
        )

    def _noted(self, field_id: str) -> str:
        if field_id == PROMISED:
            return "" if self._promised_at is None else Voice.of(self._desk).clock(self._promised_at)
        noted: str = getattr(self._contact, field_id)
        return noted

    def _understood(self, given: Mapping[str, str]) -> str:
        """When the guest may come, as it is typed."""
        typed = given.get(PROMISED, "").strip()
        if not typed or typed == self._noted(PROMISED):
            return ""
        promise = promise_of(typed, self._desk.local_now())
        if promise is None:
            return self._desk.texts("customer.no_time", text=typed)
        return promise_words(promise, Voice.of(self._desk))

    async def _known(self, field_id: str, given: Mapping[str, str]) -> Mapping[str, str]:
        """What was noted the last time for a phone or a document."""
        by, typed = _FOUND_BY.get(field_id), given.get(field_id, "").strip()
        if by is None or not typed or typed == self._noted(field_id):
            return {}
        known = await self._desk.customers.known(by, typed)
        if known is None:
            return {}
        return {each: getattr(known, each) for each in _ASKED[self._kind] if each != PROMISED and each in given}


def promise_words(promise: Promise, voice: Voice) -> str:
    """`Para las 19:30, en 20 min`; it says so if that is tomorrow, or has passed."""
    local = promise.at.astimezone(voice.wall.tzinfo)
    key = "past" if promise.is_past else "tomorrow" if local.date() > voice.wall.date() else "in_minutes"
    return voice.texts(f"customer.{key}", time=voice.clock(promise.at), minutes=abs(promise.minutes))
