"""What is still open in branches: asked before one is closed, since a closed branch's devices get no answer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from cloud.database.control_records import DeviceHealth, DeviceKey
from cloud.database.transaction import ReadSession
from shared.books.queries import count_open_orders
from shared.kernel.columns import Instant
from shared.kernel.text import clean

SILENT = timedelta(hours=1)
"""A device that was silent for so long may hold sales that nobody here knows of."""


@dataclass(frozen=True, slots=True)
class OpenDevice:
    """A device that has not sent all, or of which nobody knows it.

    Attributes:
        waiting: changes that it had not sent when it was last heard.
        heard_at: None if it never was.
    """

    name: str
    waiting: int
    heard_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenAffairs:
    """What is open in some branches.

    Attributes:
        orders: on which something is to be done.
        behind: devices that said that they have not sent all.
        silent: devices that were not heard of lately.
    """

    orders: int = 0
    behind: tuple[OpenDevice, ...] = field(default=())
    silent: tuple[OpenDevice, ...] = field(default=())

    @property
    def is_any(self) -> bool:
        """Whether somebody should look first."""
        return bool(self.orders or self.behind or self.silent)

    @property
    def mark(self) -> str:
        """Changes when more or less is open: who agrees says to what."""
        return f"{self.orders}-{sum(each.waiting for each in self.behind)}-{len(self.silent)}"


async def open_affairs(
    read: ReadSession, organization_id: UUID, branch_ids: Collection[UUID], now: datetime
) -> OpenAffairs:
    """What is open in these branches."""
    orders = sum([await count_open_orders(await read.connection(), organization_id, each) for each in branch_ids])
    heard_at = sa.func.greatest(DeviceKey.proved_at, DeviceHealth.heard_at, type_=Instant())
    query = (
        sa.select(DeviceKey.name, sa.func.coalesce(DeviceHealth.waiting, 0).label("waiting"), heard_at.label("at"))
        .outerjoin(
            DeviceHealth,
            sa.and_(DeviceHealth.organization_id == organization_id, DeviceHealth.device_id == DeviceKey.id),
        )
        .where(
            DeviceKey.organization_id == organization_id,
            DeviceKey.branch_id.in_(list(branch_ids)),
            DeviceKey.revoked_at.is_(None),
        )
        .order_by(DeviceKey.name, DeviceKey.id)
    )
    devices = [OpenDevice(clean(row.name), row.waiting, row.at) for row in await read.execute(query)]
    return OpenAffairs(
        orders,
        tuple(each for each in devices if each.waiting),
        tuple(each for each in devices if not each.waiting and (each.heard_at is None or now - each.heard_at > SILENT)),
    )
