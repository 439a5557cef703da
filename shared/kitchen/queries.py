"""The statements that read what a kitchen display shows. What they make of it: `ticket_views.py`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.columns import Instant, Key
from shared.kernel.records import Base
from shared.kernel.totals import TALLY_ROUND
from shared.kitchen.placing import Place, said_place
from shared.kitchen.records import (
    KitchenEvent,
    KitchenEventKind,
    KitchenTicket,
    TicketLine,
    is_unserved,
)
from shared.kitchen.ticket_views import TicketLines, TicketView, view_of
from shared.menu.allergens import dangers
from shared.orders.allergies import allergies_at_tables
from shared.orders.dangers import allergens_of_dishes
from shared.orders.records import Order
from shared.truth.family import FAMILY_TABLES, LINES, TICKET_LINES, VOIDS
from shared.truth.plain import plain_of
from shared.truth.records import is_asked, ticket_balances


class AskedTicket(NamedTuple):
    """A ticket about which the kitchen has something to do.

    Attributes:
        station_id: of the station that makes it.
        is_over: all of it is on the table all the same.
        promised_at: when the guest was told that the order is ready.
        begins_at: from when on an order for later is made; None: nobody has said.
        place: where a hand has put it (`shared/kitchen/placing.py`); None: where its arrival puts it.
    """

    id: UUID
    station_id: UUID
    fired_at: datetime
    is_over: bool
    promised_at: datetime | None
    rushed: bool = False
    place: Place | None = None
    begins_at: datetime | None = None


async def asked_tickets(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID
) -> list[AskedTicket]:
    """Every ticket of a branch about which its station has something to do, in order of sending; one statement."""
    given = {"organization": organization_id, "branch": branch_id}
    rows = await reader.execute(_asked(), given)
    return [
        AskedTicket(
            row.id, row.station_id, row.fired_at, bool(row.is_over), row.promised_at, row.rushed, said_place(row.place)
        )
        for row in rows
    ]


async def tickets_of(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, ticket_ids: Sequence[UUID]
) -> list[TicketView]:
    """These tickets, in order of sending; six statements."""
    if not ticket_ids:
        return []
    return await _tickets(reader, {"organization": organization_id, "chosen": list(ticket_ids)}, _chosen())


async def open_tickets(
    reader: AsyncConnection | AsyncSession,
    organization_id: UUID,
    branch_id: UUID,
    station_id: UUID | None = None,
    limit: int = 200,
) -> list[TicketView]:
    """Tickets with something to make or to confirm, in order of sending; seven statements.

    Args:
        limit: most of a station, so that what one station leaves open hides nothing of another.
    """
    taken: Counter[UUID] = Counter()
    ids: list[UUID] = []
    for each in await asked_tickets(reader, organization_id, branch_id):
        taken[each.station_id] += 1
        if station_id in (None, each.station_id) and taken[each.station_id] <= limit:
            ids.append(each.id)
    return await tickets_of(reader, organization_id, ids)


@cache
def _asked() -> sa.Select[Any]:
    """Built once: building one takes longer than running it."""
    table, orders, asked = KitchenTicket.__table__, Order.__table__, ticket_balances.c
    same = sa.and_(
        asked.organization_id == table.c.organization_id,
        asked.branch_id == table.c.branch_id,
        asked.ticket_id == table.c.id,
    )
    of_branch = sa.and_(
        asked.organization_id == sa.bindparam("organization"), asked.branch_id == sa.bindparam("branch")
    )
    of_order = sa.and_(orders.c.organization_id == table.c.organization_id, orders.c.id == table.c.order_id)
    told = TicketLine.__table__
    of_ticket = sa.and_(told.c.organization_id == table.c.organization_id, told.c.ticket_id == table.c.id)
    unserved = sa.exists().where(of_ticket, is_unserved(told.c))
    was_recalled = sa.exists().where(of_ticket, sa.type_coerce(told.c.made, sa.BigInteger) >= TALLY_ROUND)
    # What came back after it was on the table is made once more, so it is not over.
    is_over = sa.and_(asked.withdraw_milli == 0, sa.not_(unserved), sa.not_(was_recalled)).label("is_over")
    return (
        sa.select(
            table.c.id,
            made_at(table.c).label("station_id"),
            table.c.fired_at,
            is_over,
            orders.c.promised_at,
            table.c.rushed,
            table.c.place,
        )
        .select_from(ticket_balances)
        .join(table, same)
        .join(orders, of_order)
        .where(of_branch, is_asked(asked))
        .order_by(table.c.fired_at, table.c.id)
    )


def made_at(ticket: Any) -> sa.ColumnElement[UUID]:
    """The station that makes a ticket, of its columns."""
    return sa.func.coalesce(ticket.moved_to, ticket.station_id, type_=Key())


@cache
def _chosen() -> sa.Select[Any]:
    """Tickets by their ids. Built once, like `_asked`."""
    table, orders = KitchenTicket.__table__, Order.__table__
    of_order = sa.and_(orders.c.organization_id == table.c.organization_id, orders.c.id == table.c.order_id)
    chosen: sa.BindParameter[Any] = sa.bindparam("chosen", expanding=True, type_=Key())
    return (
        sa.select(table, orders.c.promised_at, orders.c.guests, orders.c.notes.label("order_notes"), _received(table))
        .join_from(table, orders, of_order)
        .where(table.c.organization_id == sa.bindparam("organization"), table.c.id.in_(chosen))
        .order_by(table.c.fired_at, table.c.id)
    )


def _received(table: sa.FromClause) -> sa.Label[Any]:
    """When a ticket stood for the first time on a display of the station that makes it."""
    events = KitchenEvent.__table__
    return (
        sa.select(sa.func.min(events.c.at, type_=Instant()))
        .where(
            events.c.organization_id == table.c.organization_id,
            events.c.ticket_id == table.c.id,
            events.c.station_id == made_at(table.c),
            events.c.kind == KitchenEventKind.RECEIVED,
        )
        .scalar_subquery()
        .label("received_at")
    )


@cache
def _of_tickets(name: str) -> sa.Select[Any]:
    """The rows of a table that belong to the families of some tickets. Built once, like `_asked`."""
    of, told = Base.metadata.tables[name], TicketLine.__table__.c
    organization: sa.BindParameter[UUID] = sa.bindparam("organization")
    tickets: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True, type_=Key())
    roots = sa.select(told.root_id).where(told.organization_id == organization, told.ticket_id.in_(tickets))
    return sa.select(of).where(of.c.organization_id == organization, of.c.root_id.in_(roots))


async def _families(
    reader: AsyncConnection | AsyncSession, given: Mapping[str, Any]
) -> dict[UUID, dict[str, dict[UUID, Any]]]:
    """What was ordered, voided and told of the families of some tickets: money is nothing to the kitchen."""
    found: dict[UUID, dict[str, dict[UUID, Any]]] = {}
    for name in (LINES, VOIDS, TICKET_LINES):
        for row in await reader.execute(_of_tickets(name), given):
            if row.root_id not in found:
                found[row.root_id] = {table: {} for table in FAMILY_TABLES}
            found[row.root_id][name][row.id] = row
    return found


async def _tickets(
    reader: AsyncConnection | AsyncSession, given: Mapping[str, Any], query: sa.Select[Any]
) -> list[TicketView]:
    rows = (await reader.execute(query, given)).all()
    if not rows:
        return []
    of_these = {"organization": given["organization"], "ids": [row.id for row in rows]}
    lines = TicketLines()
    for root, of_root in (await _families(reader, of_these)).items():
        if root not in of_root[LINES]:
            continue  # its first line is not here yet
        plain = plain_of(of_root)
        if plain is not None:
            lines.take_plain(plain)
        else:
            lines.take(root, of_root)
    allergies = await allergies_at_tables(reader, given["organization"], {row.order_id for row in rows})
    views = [view_of(row, lines.of(row.id), row.id in lines.recalled, allergies.get(row.order_id, ())) for row in rows]
    return await _with_dangers(reader, given["organization"], views)


async def _with_dangers(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, tickets: list[TicketView]
) -> list[TicketView]:
    """Mark the dishes that a guest of their table may not eat. No statement where nobody named an allergen."""
    codes_of = {each.id: {allergy.allergen for allergy in each.allergies} - {""} for each in tickets}
    roots = {line.root_id for each in tickets if codes_of[each.id] for line in each.lines}
    if not roots:
        return tickets
    contains = await allergens_of_dishes(reader, organization_id, roots)
    return [
        replace(
            each,
            lines=tuple(
                replace(line, dangers=dangers(contains.get(line.root_id, ()), codes_of[each.id])) for line in each.lines
            ),
        )
        if codes_of[each.id]
        else each
        for each in tickets
    ]
