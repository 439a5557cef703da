"""Lets who sent a ticket know that its paper came out: who drives the printer writes that it was received."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from functools import partial
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.instants import to_microseconds
from shared.kernel.permissions import Actor
from shared.kitchen.noting import receive
from shared.kitchen.records import KitchenEvent, KitchenEventKind, KitchenTicket
from terminal.printing.documents import PaperKind
from terminal.printing.records import State, print_job
from terminal.store.store import Store

NOTED_WITHIN = timedelta(hours=3)
"""Nobody waits to hear of a ticket that was sent longer ago."""
NOTED_AT_ONCE = 50


async def note_printed(store: Store) -> int:
    """Write that tickets were received whose paper this device has printed. Returns how many were new."""
    job, events = print_job.c, KitchenEvent.__table__.c
    tickets = KitchenTicket.__table__.c
    ticket_id = sa.type_coerce(tickets.id, sa.LargeBinary)
    since = to_microseconds(store.clock.now() - NOTED_WITHIN)
    known = sa.exists().where(events.ticket_id == tickets.id, events.kind == KitchenEventKind.RECEIVED)
    printed = (
        sa.select(tickets.id, sa.func.coalesce(tickets.moved_to, tickets.station_id))
        .distinct()
        .join(KitchenTicket.__table__, ticket_id == job.reference)
        .where(
            job.state.in_((State.SENT, State.CONFIRMED)),
            job.kind == str(PaperKind.KITCHEN),
            ~job.is_elsewhere,
            job.queued_at > since,
            tickets.organization_id == store.identity.organization_id,
            ~known,
        )
        .limit(NOTED_AT_ONCE)
    )
    of_station: defaultdict[UUID, list[UUID]] = defaultdict(list)
    async with store.reading(briefly=True) as connection:
        for found, station in await connection.execute(printed):
            of_station[station].append(found)
    # Paper is how a station without a display receives: nobody is asked who had the right to.
    stations = ((Actor.at_station(station, ""), found) for station, found in of_station.items())
    return sum([await store.run(actor, partial(receive, ticket_ids=found)) for actor, found in stations])
