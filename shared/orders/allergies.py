"""What guests of an order may not eat: said once, and from then on on every ticket of the order, sent or not.

Two devices that say two things at once have said both. It is lifted by hand alone: for good, whoever else said it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.columns import Key
from shared.kernel.errors import DomainError
from shared.kernel.language import Texts
from shared.kernel.permissions import Permission
from shared.kernel.records import Base
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.menu.allergens import ALLERGENS, in_order
from shared.orders.commands import first_check_id
from shared.orders.records import Order, OrderLine
from shared.orders.selling import check_seat
from shared.orders.service_records import GuestAllergy

MAX_WORDS = 60


class Allergy(NamedTuple):
    """What somebody at a table may not eat.

    Attributes:
        allergen: a code; empty: `words` say it.
        seats: of those guests, where it was said.
    """

    allergen: str
    words: str = ""
    seats: tuple[int, ...] = ()


async def note_allergy(
    work: Work, order_id: UUID, allergy_id: UUID, allergen: str = "", words: str = "", seat: int = 0
) -> None:
    """Say what a guest may not eat: a known allergen, or other words. Saying it again changes nothing.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, ALLERGEN_UNKNOWN, ALLERGY_MISSING, SEAT_NOT_SENSIBLE.
    """
    work.require(Permission.TAKE_ORDER)
    check_seat(seat)
    if allergen and allergen not in ALLERGENS:
        raise DomainError("ALLERGEN_UNKNOWN", allergen=allergen)
    said = "" if allergen else clean(words, MAX_WORDS)
    if not allergen and not said:
        raise DomainError("ALLERGY_MISSING")
    order = await work.get(Order, order_id)
    standing = (await allergies_of(work.session, work.organization_id, [order_id])).get(order_id, ())
    alike = (each for each in standing if _is_same(each, allergen, said))
    if any(not seat or seat in each.seats for each in alike):
        return
    work.add(
        GuestAllergy(
            organization_id=work.organization_id,
            branch_id=order.branch_id,
            id=allergy_id,
            order_id=order_id,
            allergen=allergen,
            words=said,
            seat=seat,
            said_at=work.now,
            said_by=work.actor.name,
            lifted=False,
        )
    )


async def lift_allergy(work: Work, order_id: UUID, allergen: str = "", words: str = "") -> None:
    """Take back an allergy that was said by mistake, for every seat. Lifting it again changes nothing.

    Raises:
        DomainError: NOT_PERMITTED.
    """
    work.require(Permission.TAKE_ORDER)
    rows = await work.session.scalars(
        sa.select(GuestAllergy).where(
            GuestAllergy.organization_id == work.organization_id,
            GuestAllergy.order_id == order_id,
            GuestAllergy.lifted.is_(False),
        )
    )
    for row in rows.all():
        if _is_same(Allergy(row.allergen, row.words), allergen, clean(words, MAX_WORDS)):
            row.lifted = True


async def allergies_of(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, order_ids: Collection[UUID]
) -> Mapping[UUID, tuple[Allergy, ...]]:
    """The allergies of some orders, known allergens before other words. One statement."""
    given = {"organization": organization_id, "orders": sorted(order_ids)}
    said: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in (await reader.execute(_standing(), given)).all():
        said[row.order_id].append(row)
    return {
        order_id: merged(Allergy(row.allergen, row.words, (row.seat,)) for row in rows)
        for order_id, rows in said.items()
    }


async def allergies_at_tables(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, order_ids: Collection[UUID]
) -> Mapping[UUID, tuple[Allergy, ...]]:
    """The allergies of some orders, as their tickets say them: with those of all parties that sit with them, and of the
    orders in which a dish on their checks was ordered. Two statements, and one more a step of joining.
    """
    hears = await _who_hears_of(reader, organization_id, order_ids)
    heard = {order_id: _reached(order_id, hears) for order_id in order_ids}
    said = await allergies_of(reader, organization_id, set().union(*heard.values()))
    found = {
        order_id: merged(each for of in sorted(heard[order_id]) for each in said.get(of, ())) for order_id in heard
    }
    return {order_id: allergies for order_id, allergies in found.items() if allergies}


async def _who_hears_of(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, order_ids: Collection[UUID]
) -> Mapping[UUID, set[UUID]]:
    """By order: those whose allergies concern it, one step away. Orders that became one hear of each other."""
    hears: defaultdict[UUID, set[UUID]] = defaultdict(set)
    asked, done = set(order_ids), set[UUID]()
    while asked:
        rows = (await reader.execute(_links(), {"organization": organization_id, "orders": sorted(asked)})).all()
        done |= asked
        for row in rows:
            hears[row.holder].add(row.source)
            if row.check_id is None or row.check_id == first_check_id(row.source):
                hears[row.source].add(row.holder)
        asked = {each for row in rows for each in (row.source, row.holder)} - done
    return hears


def _reached(order_id: UUID, hears: Mapping[UUID, set[UUID]]) -> set[UUID]:
    """All whose allergies concern an order; a ring ends."""
    found, new = {order_id}, {order_id}
    while new:
        new = {each for of in new for each in hears.get(of, ())} - found
        found |= new
    return found


def merged(said: Iterable[Allergy]) -> tuple[Allergy, ...]:
    """Allergies, each once with all seats that it was said of; known allergens in their order, then other words."""
    seats: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    words: dict[tuple[str, str], str] = {}
    for each in said:
        key = each.allergen, each.words.casefold()
        seats[key].update(each.seats)
        words.setdefault(key, each.words)
    codes = in_order(allergen for allergen, _words in seats if allergen)
    keys = [(code, "") for code in codes] + sorted(key for key in seats if not key[0])
    return tuple(Allergy(key[0], words[key], tuple(sorted(seats[key] - {0}))) for key in keys)


def allergen_name(code: str, texts: Texts) -> str:
    """What an allergen is called. A code of a newer program is its own name."""
    key = f"allergen.{code}"
    return texts(key) if texts.has(key) else code


def allergy_words(allergies: Iterable[Allergy], texts: Texts) -> str:
    """Allergies in a few words: `maní (A2), leche`. Empty: nobody said any."""
    said = []
    for each in allergies:
        name = allergen_name(each.allergen, texts) if each.allergen else each.words
        seats = ", ".join(texts("allergy.seat", seat=seat) for seat in each.seats)
        said.append(f"{name} ({seats})" if seats else name)
    return ", ".join(said)


def _is_same(allergy: Allergy, allergen: str, words: str) -> bool:
    return (allergy.allergen, allergy.words.casefold()) == (allergen, "" if allergen else words.casefold())


@cache
def _standing() -> sa.Select[Any]:
    """Built once: building it takes longer than running it."""
    table = GuestAllergy.__table__.c
    orders: sa.BindParameter[Any] = sa.bindparam("orders", expanding=True, type_=Key())
    return (
        sa.select(table.order_id, table.allergen, table.words, table.seat)
        .where(
            table.organization_id == sa.bindparam("organization"),
            table.order_id.in_(orders),
            table.lifted.is_(False),
        )
        .order_by(table.id)
    )


@cache
def _links() -> sa.Select[Any]:
    """Which of some orders joined which, and where the dishes of one stand on a check (named) of another."""
    orders, lines, checks = Order.__table__.c, OrderLine.__table__.c, Base.metadata.tables["checks"].c
    organization: sa.BindParameter[UUID] = sa.bindparam("organization")
    named: sa.BindParameter[Any] = sa.bindparam("orders", expanding=True, type_=Key())
    joined = sa.select(
        orders.id.label("source"), orders.joined_to_id.label("holder"), sa.null().cast(Key()).label("check_id")
    ).where(
        orders.organization_id == organization,
        orders.joined_to_id.is_not(None),
        sa.or_(orders.id.in_(named), orders.joined_to_id.in_(named)),
    )
    of_check = sa.and_(checks.organization_id == lines.organization_id, checks.id == lines.check_id)
    elsewhere = [
        sa.select(lines.order_id, checks.order_id, checks.id)
        .join_from(OrderLine.__table__, Base.metadata.tables["checks"], of_check)
        .where(lines.organization_id == organization, at.in_(named), lines.order_id != checks.order_id)
        for at in (lines.order_id, checks.order_id)
    ]
    found = sa.union(joined, *elsewhere).subquery()
    return sa.select(found)
