"""The tickets of a branch that are done, on whatever replica: it needs no device."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from shared.kitchen.queries import open_tickets, tickets_of
from shared.kitchen.records import KitchenTicket
from shared.kitchen.ticket_views import TicketView
from shared.truth.reading import Reader


async def done_tickets(reader: Reader, organization_id: UUID, branch_id: UUID) -> list[TicketView]:
    """What was made and can be brought back, in order of sending."""
    of = KitchenTicket.__table__.c
    here = sa.select(of.id).where(of.organization_id == organization_id, of.branch_id == branch_id)
    asked = {ticket.id for ticket in await open_tickets(reader, organization_id, branch_id)}
    ids = [row.id for row in await reader.execute(here) if row.id not in asked]
    found = await tickets_of(reader, organization_id, ids)
    return [ticket for ticket in found if any(line.quantity_milli for line in ticket.lines)]
