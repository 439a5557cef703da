"""The state that the status line shows, read from the store and the link. Plain values, no Textual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.instants import from_microseconds
from sync.door import through
from sync.heads import unsent
from sync.waiting import parked_count
from terminal.identity import Identity
from terminal.printing.desk import Prints
from terminal.supervision.duties import Stopped
from terminal.syncing.link_state import Cloud, LinkState

CLOCK_TROUBLE_MS = 120_000
"""Clock error above which the status line warns."""


@dataclass(frozen=True, slots=True)
class DeskState:
    """State of cloud, unsent changes, parked transactions, print jobs and clock, and of what must never stop."""

    cloud: Cloud = Cloud.NEVER
    cloud_message: str = ""
    cloud_params: Mapping[str, Any] = field(default_factory=dict)
    last_contact: datetime | None = None
    pending: int = 0
    oldest_pending: datetime | None = None
    parked: int = 0
    prints: Prints = field(default_factory=Prints)
    clock_trouble: bool = False
    skew_ms: int = 0
    stopped: tuple[Stopped, ...] = ()


async def read_state(
    connection: AsyncConnection, identity: Identity, link: LinkState, prints: Prints, stopped: tuple[Stopped, ...] = ()
) -> DeskState:
    """Read the present state."""
    organization = identity.organization_id.bytes
    waiting = await through(connection, unsent, organization, identity.device_id.bytes)
    return DeskState(
        cloud=link.cloud,
        cloud_message=link.message,
        cloud_params=link.params,
        last_contact=link.last_contact,
        pending=waiting.changes,
        oldest_pending=None if waiting.oldest_ms is None else from_microseconds(waiting.oldest_ms * 1_000),
        parked=await through(connection, parked_count, organization),
        prints=prints,
        clock_trouble=abs(link.skew_ms) > CLOCK_TROUBLE_MS,
        skew_ms=link.skew_ms,
        stopped=stopped,
    )
