"""Times as commands say them: by the clock of the organization or branch that they are about, and whose clock it is.

Who runs the server sits in another zone than its restaurants, and reads them to people on the telephone.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from cloud.database.transaction import ReadSession
from shared.kernel.instants import local_time
from shared.tenancy.records import Branch

UTC_ZONE = "UTC"


def whole_time(at: datetime, zone: str = UTC_ZONE) -> str:
    """`2026-12-01 15:20 America/Lima`; of what is of no branch in UTC."""
    return f"{local_time(at, zone):%Y-%m-%d %H:%M} {zone}"


def time_of_day(at: datetime, zone: str) -> str:
    """`15:20 America/Lima`."""
    return f"{local_time(at, zone):%H:%M} {zone}"


async def zone_of(read: ReadSession, organization_id: UUID, branch_id: UUID | None = None) -> str:
    """The zone of a branch; without one that of the organization's first branch, as its pages have it."""
    query = sa.select(Branch.zone).where(Branch.organization_id == organization_id)
    if branch_id is not None:
        query = query.where(Branch.id == branch_id)
    return await read.scalar(query.order_by(sa.func.lower(Branch.name), Branch.id).limit(1)) or UTC_ZONE
