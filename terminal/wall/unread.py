"""The messages of the kitchen that nobody has confirmed, by when this device heard of them and not by their clocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.instants import from_microseconds
from shared.kitchen.messages import SHOWN_FOR, MessageView, unread_messages
from terminal.clock import Moment
from terminal.store.heard import MOMENT, Heard, happened, kitchen_heard

CLOCKS_DIFFER = timedelta(days=4)
"""So far behind the clock of a display may be (it was off over a weekend and has no battery) and still be heard."""
NEWEST_HEARD = 500


async def unread_here(
    connection: AsyncConnection, organization_id: UUID, branch_id: UUID, now: Moment
) -> tuple[MessageView, ...]:
    """What nobody has confirmed, the oldest first, each with when it was sent by the clock of this device."""
    here = from_microseconds(now.wall_ms * 1_000)
    unread = await unread_messages(connection, organization_id, branch_id, here - CLOCKS_DIFFER)
    if not unread:
        return ()
    heard = {UUID(bytes=row.row_id): happened(row, now) for row in await connection.execute(_heard())}
    known = [(when.at, each) for each in unread if (when := heard.get(each.id)) is not None]
    known = [(at, each) for at, each in known if here - at < SHOWN_FOR]
    return tuple(replace(each, sent_at=at) for at, each in sorted(known, key=lambda pair: (pair[0], pair[1].id)))


@cache
def _heard() -> sa.Select[Any]:
    """Built once: building one takes longer than running it."""
    of = kitchen_heard.c
    return sa.select(of.row_id, *MOMENT).where(of.what == Heard.MESSAGE).order_by(of.place.desc()).limit(NEWEST_HEARD)
