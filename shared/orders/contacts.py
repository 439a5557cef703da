"""Whom an order is for: name, phone, address and identity document, sealed with the key of the order.

`Forgotten` is how a person is forgotten: one row, which every replica obeys.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Index
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import Mapped

from shared.kernel.columns import Instant, Key
from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.permissions import Permission
from shared.kernel.records import BranchRecord, belongs_to, ledger
from shared.kernel.sealed import (
    NAME_BYTES,
    UNWRAPPED,
    FieldPlace,
    KeyWrapping,
    PersonKey,
    SealBroken,
    forgets,
    key_of,
    keys_named,
    sealed,
    sealed_subjects,
)
from shared.kernel.text import MAX_NAME_CHARACTERS, clean
from shared.kernel.work import Work
from shared.orders.records import Order

MAX_PHONE_CHARACTERS = 40
MAX_ADDRESS_CHARACTERS = 200
MAX_DOCUMENT_CHARACTERS = 20
FIELDS = {
    "name": MAX_NAME_CHARACTERS,
    "phone": MAX_PHONE_CHARACTERS,
    "address": MAX_ADDRESS_CHARACTERS,
    "document": MAX_DOCUMENT_CHARACTERS,
}
_cleaned = clean.__wrapped__
"""Without its cache, which would keep the names of guests."""
MOST_CONTACTS = 300
"""The newest contacts of a branch that screens keep at hand: more than an evening's open deliveries."""


class OrderContact(BranchRecord):
    """The contact of an order. `subject_id`: whose key seals it; its reservation, or the order itself."""

    __tablename__ = "order_contacts"
    __writes__ = Permission.TAKE_ORDER
    __table_args__ = (
        belongs_to("order_id", "orders"),
        Index("ix_order_contacts_order_id", "branch_id", "organization_id", "order_id"),
    )
    order_id: Mapped[UUID] = ledger(Key())
    subject_id: Mapped[UUID] = ledger(Key())
    name: Mapped[bytes | None] = sealed(MAX_NAME_CHARACTERS)
    phone: Mapped[bytes | None] = sealed(MAX_PHONE_CHARACTERS)
    address: Mapped[bytes | None] = sealed(MAX_ADDRESS_CHARACTERS)
    document: Mapped[bytes | None] = sealed(MAX_DOCUMENT_CHARACTERS)


class Forgotten(BranchRecord):
    """A person (or an order, where there is no customer) who is forgotten for ever: their keys are deleted everywhere.

    It refers to no row, so that it is obeyed whatever a replica has yet.
    """

    __tablename__ = "forgotten"
    __writes__ = Permission.FORGET_PERSON
    __table_args__ = (Index("ix_forgotten_subject_id", "subject_id", "organization_id"),)
    subject_id: Mapped[UUID] = forgets()
    forgotten_at: Mapped[datetime] = ledger(Instant())


@dataclass(frozen=True, slots=True)
class ContactView:
    """The contact of an order as people read it: empty texts where nothing was noted.

    Attributes:
        document: number of an identity card or of a taxpayer (DNI, RUC).
        forgotten: the person was forgotten; nobody can read the texts any more.
        unreadable: a text is there, and its key is not here (yet).
    """

    name: str = ""
    phone: str = ""
    address: str = ""
    document: str = ""
    forgotten: bool = False
    unreadable: bool = False

    def __repr__(self) -> str:
        return "ContactView(...)"  # no log line may hold a guest's name

    @property
    def texts(self) -> tuple[str, ...]:
        """Name, phone, document and address, as far as they are known."""
        return tuple(text for text in (self.name, self.phone, self.document, self.address) if text)


def contact_id(order_id: UUID) -> UUID:
    """The id of an order's contact: two devices that both note one make one row."""
    return derived_id("order_contact", order_id)


async def set_contact(
    work: Work,
    order_id: UUID,
    name: str = "",
    phone: str = "",
    address: str = "",
    document: str = "",
    subject_id: UUID | None = None,
) -> OrderContact:
    """Note whom an order is for, in place of what was noted before. An empty text takes a field back.

    Args:
        subject_id: with whose key it is sealed the first time; None: with the order's own.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, PERSON_FORGOTTEN.
    """
    work.require(Permission.TAKE_ORDER)
    order = await work.get(Order, order_id)
    contact = await work.session.get(OrderContact, (work.organization_id, contact_id(order_id)))
    own = subject_id or order.party_id or order_id
    key = await key_of(work, order.branch_id, own if contact is None else contact.subject_id)
    if contact is None:
        contact = work.add(
            OrderContact(
                organization_id=work.organization_id,
                branch_id=order.branch_id,
                id=contact_id(order_id),
                order_id=order_id,
                subject_id=key.subject_id,
            )
        )
    for field, text in {"name": name, "phone": phone, "address": address, "document": document}.items():
        plain = _cleaned(text, FIELDS[field])
        setattr(contact, field, key.seal(place_of(work.organization_id, contact.id, field), plain) if plain else None)
    return contact


async def note_contact(work: Work, order_id: UUID, contact: ContactView, subject_id: UUID | None = None) -> None:
    """Note whom an order is for, unless it is noted so already. Nothing of a person is written where nothing is said.

    Args:
        subject_id: as in `set_contact`.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, PERSON_FORGOTTEN, CONTACT_NOT_HERE.
    """
    noted = await contact_of(work.session, work.organization_id, order_id, work.wrapping)
    if noted is not None and noted.unreadable:
        raise DomainError("CONTACT_NOT_HERE")  # what cannot be read yet would be overwritten
    if noted is not None and noted.forgotten and not contact.texts:
        return
    if (noted or ContactView()) != contact:
        await set_contact(work, order_id, contact.name, contact.phone, contact.address, contact.document, subject_id)


async def forget(work: Work, subject_id: UUID) -> Forgotten:
    """Forget a person (or whom an order was for): every replica deletes their keys, and takes none again.

    Raises:
        DomainError: NOT_PERMITTED, ALREADY_FORGOTTEN.
    """
    work.require(Permission.FORGET_PERSON)
    if await _is_forgotten(work, subject_id):
        raise DomainError("ALREADY_FORGOTTEN")
    return work.add(
        Forgotten(
            organization_id=work.organization_id,
            branch_id=work.branch_id,
            id=work.ids.new(),
            subject_id=subject_id,
            forgotten_at=work.now,
        )
    )


async def contact_of(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, order_id: UUID, wrapping: KeyWrapping = UNWRAPPED
) -> ContactView | None:
    """The contact of an order; None if none was noted. At most two statements."""
    found = await reader.execute(
        _contacts().where(OrderContact.id == sa.bindparam("id", type_=Key())),
        {"organization": organization_id, "id": contact_id(order_id)},
    )
    return (await _views(reader, organization_id, found.all(), wrapping)).get(order_id)


async def newest_contacts(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID, wrapping: KeyWrapping = UNWRAPPED
) -> Mapping[UUID, ContactView]:
    """The newest contacts of a branch by order. At most two statements."""
    found = await reader.execute(
        _contacts()
        .where(OrderContact.branch_id == sa.bindparam("branch", type_=Key()))
        .order_by(OrderContact.order_id.desc())
        .limit(MOST_CONTACTS),
        {"organization": organization_id, "branch": branch_id},
    )
    return await _views(reader, organization_id, found.all(), wrapping)


@cache
def _contacts() -> sa.Select[Any]:
    contact, subject = OrderContact.__table__.c, sealed_subjects.c
    is_subject = sa.and_(
        subject.organization_id == contact.organization_id,
        subject.scope_id == contact.branch_id,
        subject.id == contact.subject_id,
    )
    columns = (contact.id, contact.order_id, *(contact[field] for field in FIELDS), subject.forgotten)
    return (
        sa.select(*columns)
        .select_from(OrderContact.__table__.outerjoin(sealed_subjects, is_subject))
        .where(contact.organization_id == sa.bindparam("organization", type_=Key()))
    )


async def _views(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, rows: Collection[Any], wrapping: KeyWrapping
) -> dict[UUID, ContactView]:
    values = [getattr(row, field) for row in rows for field in FIELDS if not row.forgotten]
    keys = await keys_named(reader, organization_id, values, wrapping)
    return {row.order_id: _view(row, organization_id, keys) for row in rows}


def _view(row: Any, organization_id: UUID, keys: Mapping[bytes, PersonKey]) -> ContactView:
    if row.forgotten:
        return ContactView(forgotten=True)
    texts = dict.fromkeys(FIELDS, "")
    unreadable = False
    for field in FIELDS:
        value = getattr(row, field)
        if value is None:
            continue
        try:
            texts[field] = keys[value[:NAME_BYTES]].open(place_of(organization_id, row.id, field), value)
        except (KeyError, SealBroken):
            unreadable = True
    name, phone, address, document = texts.values()
    return ContactView(name, phone, address, document, unreadable=unreadable)


async def _is_forgotten(work: Work, subject_id: UUID) -> bool:
    found = await work.session.scalar(
        sa.select(Forgotten.id)
        .where(Forgotten.organization_id == work.organization_id, Forgotten.subject_id == subject_id)
        .limit(1)
    )
    return found is not None


def place_of(organization_id: UUID, row_id: UUID, field: str) -> FieldPlace:
    """The place that a contact's field is sealed for."""
    return FieldPlace(organization_id, OrderContact.__tablename__, row_id, field)
