"""What the status line says, read from the store and the link. Plain values, no Textual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.instants import from_microseconds
from sync.records import changes, parked, streams
from terminal.identity import Identity
from terminal.link_state import Cloud, LinkState
from terminal.printing.desk import Prints

CLOCK_TROUBLE_MS = 120_000
"""A device whose clock is further off than this is told so."""


@dataclass(frozen=True, slots=True)
class DeskState:
    """What the status line says."""

    cloud: Cloud = Cloud.NEVER
    cloud_message: str = ""
    cloud_params: Mapping[str, Any] = field(default_factory=dict)
    last_contact: datetime | None = None
    pending: int = 0
    oldest_pending: datetime | None = None
    parked: int = 0
    prints: Prints = field(default_factory=Prints)
    clock_trouble: bool = False


async def read_state(connection: AsyncConnection, identity: Identity, link: LinkState, prints: Prints) -> DeskState:
    """How things stand at this moment."""
    organization = identity.organization_id
    own = (
        await connection.execute(
            sa.select(streams.c.id, streams.c.head_seq, streams.c.acked_seq).where(
                streams.c.organization_id == organization,
                streams.c.device_id == identity.device_id,
                streams.c.head_seq > streams.c.acked_seq,
            )
        )
    ).all()
    oldest = None
    for stream_id, _head, acked in own:
        stored_ms = await connection.scalar(
            sa.select(changes.c.stored_ms).where(
                changes.c.organization_id == organization,
                changes.c.stream_id == stream_id,
                changes.c.seq == acked + 1,
            )
        )
        oldest = min((each for each in (oldest, stored_ms) if each is not None), default=None)
    waiting = await connection.scalar(
        sa.select(sa.func.count()).select_from(parked).where(parked.c.organization_id == organization)
    )
    return DeskState(
        cloud=link.cloud,
        cloud_message=link.message,
        cloud_params=link.params,
        last_contact=link.last_contact,
        pending=sum(head - acked for _id, head, acked in own),
        oldest_pending=None if oldest is None else from_microseconds(oldest * 1_000),
        parked=int(waiting or 0),
        prints=prints,
        clock_trouble=abs(link.skew_ms) > CLOCK_TROUBLE_MS,
    )
