"""Carts: what lies in one, put there by whom. They are the cloud's alone, and shared by the phones of a table."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cloud.database.guest_records import GuestCartLine
from shared.kernel.errors import DomainError
from shared.kernel.quantity import ONE
from shared.orders.placing import PlacedLine, PlacedPart

MOST_LINES = 60
MOST_PIECES = 99


class Whose(NamedTuple):
    """Who puts something into a cart: a phone, and what its guest is called, if they say it."""

    phone_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class CartLine:
    """Something in a cart.

    Attributes:
        who: the name of the guest who put it there, if they said one.
    """

    id: UUID
    phone_id: UUID
    who: str
    line: PlacedLine

    @property
    def pieces(self) -> int:
        """How many."""
        return self.line.quantity_milli // ONE


async def lines_of(session: AsyncSession, organization_id: UUID, carts: Collection[UUID]) -> list[CartLine]:
    """What lies in some carts and is not ordered, in the order in which it came."""
    rows = await session.scalars(
        sa.select(GuestCartLine)
        .where(
            GuestCartLine.organization_id == organization_id,
            GuestCartLine.cart_id.in_(sorted(carts)),
            GuestCartLine.guest_order_id.is_(None),
        )
        .order_by(GuestCartLine.id)
    )
    return [_line(row) for row in rows]


def _line(row: GuestCartLine) -> CartLine:
    return CartLine(row.id, row.phone_id, row.phone_name, placed_of(row.item_id, row.pieces, row.chosen))


def placed_of(item_id: UUID, pieces: int, chosen: Any) -> PlacedLine:
    """A line as the commands take it, of what a cart keeps."""
    parts = tuple(
        PlacedPart(UUID(part["choice"]), tuple(map(UUID, part["modifiers"]))) for part in chosen.get("parts", ())
    )
    modifiers = tuple(map(UUID, chosen.get("modifiers", ())))
    return PlacedLine(item_id, pieces * ONE, modifiers, chosen.get("notes", ""), parts=parts)


def kept_of(line: PlacedLine) -> dict[str, Any]:
    """What a cart keeps of a line."""
    parts = [{"choice": str(part.choice_id), "modifiers": list(map(str, part.modifier_ids))} for part in line.parts]
    return {"modifiers": list(map(str, line.modifier_ids)), "parts": parts, "notes": line.notes}


async def put(
    session: AsyncSession, key: UUID, at: datetime, organization_id: UUID, cart_id: UUID, whose: Whose, line: PlacedLine
) -> UUID:
    """Put something into a cart. The same of the same guest once more is more of it.

    Args:
        key: of the line, if it is a new one.


    Raises:
        DomainError: CART_IS_FULL, QUANTITY_NOT_SENSIBLE.
    """
    pieces, chosen = line.quantity_milli // ONE, kept_of(line)
    if not 1 <= pieces <= MOST_PIECES:
        raise DomainError("QUANTITY_NOT_SENSIBLE")
    await _lock(session, cart_id)
    held = await lines_of(session, organization_id, [cart_id])
    for each in held:
        if each.phone_id == whose.phone_id and each.line.item_id == line.item_id and kept_of(each.line) == chosen:
            await change(session, organization_id, cart_id, each.id, min(each.pieces + pieces, MOST_PIECES))
            return each.id
    if len(held) >= MOST_LINES:
        raise DomainError("CART_IS_FULL", most=MOST_LINES)
    session.add(
        GuestCartLine(
            id=key,
            organization_id=organization_id,
            cart_id=cart_id,
            phone_id=whose.phone_id,
            phone_name=whose.name,
            item_id=line.item_id,
            pieces=pieces,
            chosen=chosen,
            made_at=at,
        )
    )
    return key


async def change(session: AsyncSession, organization_id: UUID, cart_id: UUID, line_id: UUID, pieces: int) -> None:
    """So many of a line from now on; none takes it out. What was ordered meanwhile stays ordered.

    Raises:
        DomainError: QUANTITY_NOT_SENSIBLE.
    """
    if not 0 <= pieces <= MOST_PIECES:
        raise DomainError("QUANTITY_NOT_SENSIBLE")
    here = (
        GuestCartLine.organization_id == organization_id,
        GuestCartLine.cart_id == cart_id,
        GuestCartLine.id == line_id,
        GuestCartLine.guest_order_id.is_(None),
    )
    if pieces:
        await session.execute(sa.update(GuestCartLine).where(*here).values(pieces=pieces))
    else:
        await session.execute(sa.delete(GuestCartLine).where(*here))


async def share(session: AsyncSession, organization_id: UUID, phone_id: UUID, cart_id: UUID) -> None:
    """What a phone had in its own cart lies in the table's from now on."""
    if phone_id != cart_id:
        await session.execute(
            sa.update(GuestCartLine)
            .where(GuestCartLine.organization_id == organization_id, GuestCartLine.cart_id == phone_id)
            .values(cart_id=cart_id)
        )


async def take(
    session: AsyncSession, organization_id: UUID, cart_id: UUID, shown: Collection[UUID], guest_order_id: UUID
) -> list[CartLine]:
    """Take the lines that a phone showed out of a cart for an order, but for those that an order has taken already."""
    await _lock(session, cart_id)
    held = [each for each in await lines_of(session, organization_id, [cart_id]) if each.id in shown]
    await session.execute(
        sa.update(GuestCartLine)
        .where(GuestCartLine.organization_id == organization_id, GuestCartLine.id.in_([each.id for each in held]))
        .values(guest_order_id=guest_order_id)
    )
    return held


async def ordered_as(session: AsyncSession, organization_id: UUID, shown: Collection[UUID]) -> UUID | None:
    """The order that took one of these lines; None: none did."""
    found = await session.scalars(
        sa.select(GuestCartLine.guest_order_id).where(
            GuestCartLine.organization_id == organization_id,
            GuestCartLine.id.in_(sorted(shown)),
            GuestCartLine.guest_order_id.is_not(None),
        )
    )
    return next(iter(found), None)


async def _lock(session: AsyncSession, cart_id: UUID) -> None:
    """One at a time changes a cart: two taps at once are one order."""
    number = int.from_bytes(cart_id.bytes[-8:], "big", signed=True)
    await session.execute(sa.text("SELECT pg_advisory_xact_lock(:cart)"), {"cart": number})
