"""The devices of branches, part by part, and the codes that wait for one. A part costs the same, however many rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from cloud.accounts.branches import BranchSeen
from cloud.database.control_records import DeviceHealth, DeviceKey, Pairing
from cloud.database.paging import ListPart, Sorting, by_instant, part_of
from cloud.database.transaction import ReadSession
from shared.kernel.columns import Instant
from shared.tenancy.records import Branch, Device, DeviceKind

_CONTACT = sa.func.greatest(DeviceKey.proved_at, DeviceHealth.heard_at, type_=Instant())
SORTINGS = {
    "name": Sorting(sa.func.lower(Device.name)),
    "branch": Sorting(sa.func.lower(Branch.name)),
    "kind": Sorting(sa.cast(Device.kind, sa.String)),
    "contact": by_instant(_CONTACT),
}
"""By the keys of addresses."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which devices are wanted.

    Attributes:
        words: a part of the name, or the letter.
        is_revoked: those that were revoked, instead of those in use.
        sort: a key of `SORTINGS`.
    """

    branches: Sequence[BranchSeen] = field(default_factory=tuple)
    words: str = ""
    kind: DeviceKind | None = None
    is_revoked: bool = False
    sort: str = "name"
    is_descending: bool = False
    after: str = ""


@dataclass(frozen=True, slots=True)
class WaitingCode:
    """A pairing that no device has used yet."""

    name: str
    kind: DeviceKind
    branch_id: UUID
    expires_at: datetime


async def devices_of(read: ReadSession, organization_id: UUID, wanted: Wanted, most: int) -> tuple[ListPart, int]:
    """A part of the devices, and how many there are in all.

    Raises:
        DomainError: CURSOR_WRONG.
    """
    query = _devices(organization_id).where(*_conditions(wanted))
    total = sa.select(sa.func.count()).select_from(query.subquery())
    part = await part_of(
        read,
        query,
        SORTINGS[wanted.sort],
        Device.__table__.c.id,
        is_descending=wanted.is_descending,
        after=wanted.after,
        most=most,
    )
    return part, await read.scalar(total) or 0


async def device_of(
    read: ReadSession, organization_id: UUID, branches: Sequence[BranchSeen], device_id: UUID
) -> sa.Row[Any] | None:
    """A device of these branches; None if there is none."""
    query = _devices(organization_id).where(Device.id == device_id)
    own = query.where(Device.branch_id.in_([branch.id for branch in branches]))
    found: sa.Row[Any] | None = (await read.execute(own)).first()
    return found


async def waiting_codes(
    read: ReadSession, organization_id: UUID, branches: Sequence[BranchSeen], now: datetime
) -> list[WaitingCode]:
    """The codes that a device may still use, by when they expire."""
    query = (
        sa.select(Pairing.name, Pairing.device_kind, Pairing.branch_id, Pairing.expires_at)
        .where(
            Pairing.organization_id == organization_id,
            Pairing.branch_id.in_([branch.id for branch in branches]),
            Pairing.used_at.is_(None),
            Pairing.expires_at > now,
        )
        .order_by(Pairing.expires_at, Pairing.name)
    )
    return [WaitingCode(*row) for row in await read.execute(query)]


def _devices(organization_id: UUID) -> sa.Select[*tuple[Any, ...]]:
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            Device.id,
            Device.name,
            Device.kind,
            Device.letter,
            Device.revoked,
            Device.branch_id,
            Branch.name.label("branch_name"),
            DeviceKey.enrolled_at,
            _CONTACT.label("contact_at"),
            DeviceKey.revoked_at,
            DeviceHealth.program,
            DeviceHealth.waiting,
            DeviceHealth.oldest_at,
            DeviceHealth.ahead_ms,
            DeviceHealth.disk_free_mb,
            DeviceHealth.printers,
        )
        .join(Branch, sa.and_(Branch.organization_id == organization_id, Branch.id == Device.branch_id))
        .outerjoin(DeviceKey, DeviceKey.id == Device.id)
        .outerjoin(
            DeviceHealth,
            sa.and_(DeviceHealth.organization_id == organization_id, DeviceHealth.device_id == Device.id),
        )
        .where(Device.organization_id == organization_id, Device.kind != DeviceKind.CLOUD)
    )
    return query


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [
        Device.branch_id.in_([branch.id for branch in wanted.branches]),
        Device.revoked.is_(sa.true() if wanted.is_revoked else sa.false()),
    ]
    if wanted.kind is not None:
        conditions.append(Device.kind == wanted.kind)
    if wanted.words:
        is_named = Device.name.icontains(wanted.words, autoescape=True)
        conditions.append(sa.or_(is_named, Device.letter == wanted.words.upper()))
    return conditions
