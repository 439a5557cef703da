"""How fresh a branch's figures are: when its devices last sent changes, and what is stored but not in the sums yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from cloud.accounts.branches import BranchSeen
from cloud.database.transaction import ReadSession
from shared.kernel.columns import Key
from shared.kernel.instants import EPOCH
from shared.kernel.records import Scope
from shared.payments.records import Receipt
from shared.tenancy.records import Branch, Device
from sync.author import cloud_device
from sync.records import changes, parked, streams


@dataclass(frozen=True, slots=True)
class DeviceFreshness:
    """A device of a branch.

    Attributes:
        last_stored_at: when the newest of its changes reached the cloud.
        waiting_changes: stored here and not in the sums yet.
        parked_transactions: stored here but parked, since something they refer to is missing or they make no sense.
    """

    device_id: UUID
    name: str
    last_stored_at: datetime | None
    waiting_changes: int
    parked_transactions: int


@dataclass(slots=True)
class BranchFreshness:
    """A branch: the figures of all its devices together.

    Attributes:
        last_sale_at: when the newest receipt of its newest business day was settled.
    """

    branch: BranchSeen
    last_sale_at: datetime | None
    devices: list[DeviceFreshness] = field(default_factory=list)

    @property
    def last_stored_at(self) -> datetime | None:
        """When the newest change of this branch reached the cloud."""
        return max((device.last_stored_at for device in self.devices if device.last_stored_at), default=None)

    @property
    def waiting_changes(self) -> int:
        """Changes that are stored and not in the sums yet."""
        return sum(device.waiting_changes for device in self.devices)

    @property
    def parked_transactions(self) -> int:
        """Transactions that are parked."""
        return sum(device.parked_transactions for device in self.devices)


async def freshness(read: ReadSession, organization_id: UUID, branches: Sequence[BranchSeen]) -> list[BranchFreshness]:
    """The freshness of each branch, in the given order, with two statements.

    Revoked devices do not count, nor does the cloud itself.
    """
    of = {"organization_id": organization_id, "branches": [branch.id for branch in branches]}
    sales = await read.execute(_last_sales(), of)
    last_sale_at: dict[UUID, datetime | None] = {row[0]: row[1] for row in sales}
    found = {branch.id: BranchFreshness(branch, last_sale_at.get(branch.id)) for branch in branches}
    for row in await read.execute(_devices(), {**of, "cloud": cloud_device(organization_id)}):
        at = None if row.stored_ms is None else EPOCH + timedelta(milliseconds=row.stored_ms)
        found[row.scope_id].devices.append(
            DeviceFreshness(row.device_id, row.name or "", at, int(row.waiting), int(row.parked))
        )
    return list(found.values())


_ORGANIZATION = sa.bindparam("organization_id", type_=Key())
_BRANCHES = sa.bindparam("branches", type_=ARRAY(Key()))
_CLOUD = sa.bindparam("cloud", type_=Key())


@cache
def _last_sales() -> sa.Select[*tuple[Any, ...]]:
    receipts = Receipt.__table__.alias("newest")
    of_branch = sa.and_(
        Receipt.organization_id == Branch.organization_id,
        Receipt.branch_id == Branch.id,
    )
    newest_day = (
        sa.select(sa.func.max(receipts.c.business_date))
        .where(receipts.c.organization_id == Branch.organization_id, receipts.c.branch_id == Branch.id)
        .correlate(Branch)
        .scalar_subquery()
    )
    newest_sale = (
        sa.select(sa.func.max(Receipt.settled_at))
        .where(of_branch, Receipt.business_date == newest_day)
        .correlate(Branch)
        .scalar_subquery()
    )
    of_branches = (Branch.organization_id == _ORGANIZATION, Branch.id == sa.any_(_BRANCHES))
    return sa.select(Branch.id, newest_sale).where(*of_branches)


@cache
def _devices() -> sa.Select[*tuple[Any, ...]]:
    newest = sa.and_(
        changes.c.organization_id == streams.c.organization_id,
        changes.c.stream_id == streams.c.id,
        changes.c.seq == streams.c.head_seq,
    )
    put_aside = (
        sa.select(sa.func.count())
        .select_from(parked)
        .where(parked.c.organization_id == streams.c.organization_id, parked.c.stream_id == streams.c.id)
        .correlate(streams)
        .scalar_subquery()
    )
    device = sa.and_(Device.organization_id == streams.c.organization_id, Device.id == streams.c.device_id)
    return (
        sa.select(
            streams.c.scope_id,
            streams.c.device_id,
            Device.name,
            sa.func.max(changes.c.stored_ms).label("stored_ms"),
            sa.func.sum(streams.c.head_seq - streams.c.folded_seq).label("waiting"),
            sa.func.sum(put_aside).label("parked"),
        )
        .select_from(streams)
        .outerjoin(changes, newest)
        .outerjoin(Device, device)
        .where(
            streams.c.organization_id == _ORGANIZATION,
            streams.c.scope == Scope.BRANCH,
            streams.c.scope_id == sa.any_(_BRANCHES),
            streams.c.device_id != _CLOUD,
            sa.func.coalesce(Device.revoked, sa.false()).is_(sa.false()),
        )
        .group_by(streams.c.scope_id, streams.c.device_id, Device.name)
        .order_by(Device.name, streams.c.device_id)
    )
