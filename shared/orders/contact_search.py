"""Finds orders by phone or document of their contact, by digests that this replica alone keeps (`sealed_lookups`)."""

from __future__ import annotations

import hashlib
from enum import StrEnum
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


class FoundBy(StrEnum):
    """The field that a contact is looked for by."""

    PHONE = "phone"
    DOCUMENT = "document"


async def orders_by(
    by: FoundBy,
    text: str,
    writer: AsyncConnection,
    organization_id: UUID,
    branch_id: UUID,
    pepper: bytes,
    wrapping: KeyWrapping = UNWRAPPED,
) -> list[UUID]:
    """The newest orders of a branch whose contact has this phone or document, newest first.

    Digests of contacts that came or changed since the last search are made now, in the caller's writing transaction:
    about 20 us each. Who is forgotten is not found.

    Args:
        pepper: the secret that keys the digests; at most 64 bytes, from outside the database.
    """
    wanted = _plain(by, text)
    if not wanted:
        return []
    await _make_digests(by, writer, organization_id, branch_id, pepper, wrapping)
    contact, lookup = OrderContact.__table__.c, sealed_lookups.c
    found = await writer.execute(
        sa.select(contact.order_id)
        .join_from(sealed_lookups, OrderContact.__table__, _of_row(by))
        .where(
            lookup.digest == _digest(by, wanted, pepper),
            lookup.organization_id == organization_id,
            lookup.source == contact[by],
            contact.branch_id == branch_id,
        )
        .order_by(contact.order_id.desc())
        .limit(MOST_FOUND)
    )
    return list(found.scalars())


async def _make_digests(
    by: FoundBy, writer: AsyncConnection, organization_id: UUID, branch_id: UUID, pepper: bytes, wrapping: KeyWrapping
) -> None:
    rows = (await writer.execute(_without_digest(by), {"organization": organization_id, "branch": branch_id})).all()
    keys = await keys_named(writer, organization_id, [row.sealed for row in rows], wrapping)
    made: list[dict[str, Any]] = []
    for row in rows:
        key = keys.get(row.sealed[:NAME_BYTES])
        if key is None:
            continue
        try:
            text = key.open(place_of(organization_id, row.id, by), row.sealed)
        except SealBroken:
            continue
        made.append(
            {
                "organization_id": organization_id,
                "row_id": row.id,
                "field": str(by),
                "scope_id": branch_id,
                "subject_id": row.subject_id,
                "source": row.sealed,
                "digest": _digest(by, _plain(by, text), pepper),
            }
        )
    if made:
        old = [{"organization": organization_id, "row": each["row_id"], "by": str(by)} for each in made]
        await writer.execute(_old_digest(), old)
        await writer.execute(sealed_lookups.insert(), made)


def _old_digest() -> sa.Delete:
    lookup = sealed_lookups.c
    return sealed_lookups.delete().where(
        lookup.organization_id == sa.bindparam("organization", type_=Key()),
        lookup.row_id == sa.bindparam("row", type_=Key()),
        lookup.field == sa.bindparam("by"),
    )


def _without_digest(by: FoundBy) -> sa.Select[Any]:
    """Contacts with this field of which there is no digest, or one of another text."""
    contact, lookup, subject = OrderContact.__table__.c, sealed_lookups.c, sealed_subjects.c
    is_subject = sa.and_(
        subject.organization_id == contact.organization_id,
        subject.scope_id == contact.branch_id,
        subject.id == contact.subject_id,
    )
    return (
        sa.select(contact.id, contact.subject_id, contact[by].label("sealed"))
        .select_from(
            OrderContact.__table__.join(sealed_subjects, is_subject).outerjoin(
                sealed_lookups, sa.and_(_of_row(by), lookup.source == contact[by])
            )
        )
        .where(
            contact.branch_id == sa.bindparam("branch", type_=Key()),
            contact.organization_id == sa.bindparam("organization", type_=Key()),
            contact[by].is_not(None),
            sa.not_(subject.forgotten),
            lookup.row_id.is_(None),
        )
    )


def _of_row(by: FoundBy) -> sa.ColumnElement[bool]:
    contact, lookup = OrderContact.__table__.c, sealed_lookups.c
    same = sa.and_(lookup.organization_id == contact.organization_id, lookup.row_id == contact.id)
    return sa.and_(same, lookup.field == str(by))


def _plain(by: FoundBy, text: str) -> str:
    """The part of a text that tells one contact from another."""
    if by is FoundBy.PHONE:
        return "".join(filter(str.isdecimal, text))[-PHONE_DIGITS:]
    return "".join(filter(str.isalnum, text)).upper()


def _digest(by: FoundBy, plain: str, pepper: bytes) -> bytes:
    return hashlib.blake2b(plain.encode(), key=pepper, digest_size=16, person=f"comanda-{by}".encode()).digest()
