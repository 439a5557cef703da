"""Forgetting a guest under every name that the house has for them: a reservation and the order that it became are one.

Most orders are sealed with their reservation's key. One whose guest was noted again where the reservation could not be
read has a key of its own.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kernel.work import Work
from shared.orders.contacts import Forgotten, OrderContact, forget
from shared.reservations.records import Reservation


async def forget_guest(work: Work, subject_id: UUID) -> None:
    """Forget whom an order or a reservation is for, in the orders and reservations that belong to it, too.

    Args:
        subject_id: of the order, the reservation or the person.

    Raises:
        DomainError: NOT_PERMITTED, ALREADY_FORGOTTEN.
    """
    work.require(Permission.FORGET_PERSON)
    names = await _all_names(work, subject_id)
    known = await work.session.scalars(
        sa.select(Forgotten.subject_id).where(
            Forgotten.organization_id == work.organization_id, Forgotten.subject_id.in_(sorted(names))
        )
    )
    new = names - set(known)
    if not new:
        raise DomainError("ALREADY_FORGOTTEN")
    for name in sorted(new):
        await forget(work, name)


async def _all_names(work: Work, subject_id: UUID) -> set[UUID]:
    """Ids of orders, reservations and persons under which the house knows one guest."""
    await work.session.flush()
    found, asked = {subject_id}, {subject_id}
    while asked:
        asked = await _beside(work, asked) - found
        found |= asked
    return found


async def _beside(work: Work, names: Collection[UUID]) -> set[UUID]:
    """The names beside some: of their contacts, and of their reservations."""
    contact, party = OrderContact.__table__.c, Reservation.__table__.c
    pairs = sa.union_all(
        sa.select(contact.order_id.label("one"), contact.subject_id.label("other")).where(
            contact.organization_id == work.organization_id,
            sa.or_(contact.order_id.in_(sorted(names)), contact.subject_id.in_(sorted(names))),
        ),
        *(
            sa.select(at, party.subject_id).where(
                party.organization_id == work.organization_id,
                sa.or_(party.id.in_(sorted(names)), party.subject_id.in_(sorted(names)), at.in_(sorted(names))),
            )
            for at in (party.id, party.order_id)
        ),
    )
    return {each for row in await work.session.execute(pairs) for each in row if each is not None}
