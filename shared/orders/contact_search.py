"""Finds orders by the phone of their contact, by digests that this replica alone keeps (`sealed_lookups`)."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.columns import Key
from shared.kernel.sealed import (
    NAME_BYTES,
    UNWRAPPED,
    KeyWrapping,
    SealBroken,
    keys_named,
    sealed_lookups,
    sealed_subjects,
)
from shared.orders.contacts import OrderContact, place_of

PHONE_DIGITS = 9
"""Of a number only its last digits count, so that it is found with and without the country's."""
MOST_FOUND = 50


async def orders_by_phone(
    writer: AsyncConnection,
    organization_id: UUID,
    branch_id: UUID,
    phone: str,
    pepper: bytes,
    wrapping: KeyWrapping = UNWRAPPED,
) -> list[UUID]:
    """The newest orders of a branch whose contact has this phone, newest first.

    Digests of contacts that came or changed since the last search are made now, in the caller's writing transaction:
    about 20 us each. Who is forgotten is not found.

    Args:
        pepper: the secret that keys the digests; at most 64 bytes, from outside the database.
    """
    digits = _digits(phone)
    if not digits:
        return []
    await _make_digests(writer, organization_id, branch_id, pepper, wrapping)
    contact, lookup = OrderContact.__table__.c, sealed_lookups.c
    found = await writer.execute(
        sa.select(contact.order_id)
        .join_from(sealed_lookups, OrderContact.__table__, _of_row())
        .where(
            lookup.digest == _digest(digits, pepper),
            lookup.organization_id == organization_id,
            lookup.source == contact.phone,
            contact.branch_id == branch_id,
        )
        .order_by(contact.order_id.desc())
        .limit(MOST_FOUND)
    )
    return list(found.scalars())


async def _make_digests(
    writer: AsyncConnection, organization_id: UUID, branch_id: UUID, pepper: bytes, wrapping: KeyWrapping
) -> None:
    rows = (await writer.execute(_without_digest(), {"organization": organization_id, "branch": branch_id})).all()
    keys = await keys_named(writer, organization_id, [row.phone for row in rows], wrapping)
    made: list[dict[str, Any]] = []
    for row in rows:
        key = keys.get(row.phone[:NAME_BYTES])
        if key is None:
            continue
        try:
            phone = key.open(place_of(organization_id, row.id, "phone"), row.phone)
        except SealBroken:
            continue
        made.append(
            {
                "organization_id": organization_id,
                "row_id": row.id,
                "scope_id": branch_id,
                "subject_id": row.subject_id,
                "source": row.phone,
                "digest": _digest(_digits(phone), pepper),
            }
        )
    if made:
        await writer.execute(_old_digest(), [{"organization": organization_id, "row": each["row_id"]} for each in made])
        await writer.execute(sealed_lookups.insert(), made)


def _old_digest() -> sa.Delete:
    lookup = sealed_lookups.c
    return sealed_lookups.delete().where(
        lookup.organization_id == sa.bindparam("organization", type_=Key()),
        lookup.row_id == sa.bindparam("row", type_=Key()),
    )


def _without_digest() -> sa.Select[Any]:
    """Contacts with a phone of which there is no digest, or one of another phone."""
    contact, lookup, subject = OrderContact.__table__.c, sealed_lookups.c, sealed_subjects.c
    is_subject = sa.and_(
        subject.organization_id == contact.organization_id,
        subject.scope_id == contact.branch_id,
        subject.id == contact.subject_id,
    )
    return (
        sa.select(contact.id, contact.subject_id, contact.phone)
        .select_from(
            OrderContact.__table__.join(sealed_subjects, is_subject).outerjoin(
                sealed_lookups, sa.and_(_of_row(), lookup.source == contact.phone)
            )
        )
        .where(
            contact.branch_id == sa.bindparam("branch", type_=Key()),
            contact.organization_id == sa.bindparam("organization", type_=Key()),
            contact.phone.is_not(None),
            sa.not_(subject.forgotten),
            lookup.row_id.is_(None),
        )
    )


def _of_row() -> sa.ColumnElement[bool]:
    contact, lookup = OrderContact.__table__.c, sealed_lookups.c
    return sa.and_(lookup.organization_id == contact.organization_id, lookup.row_id == contact.id)


def _digits(phone: str) -> str:
    return "".join(filter(str.isdecimal, phone))[-PHONE_DIGITS:]


def _digest(digits: str, pepper: bytes) -> bytes:
    return hashlib.blake2b(digits.encode(), key=pepper, digest_size=16, person=b"comanda-phone").digest()
