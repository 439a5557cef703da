"""Reading the organization, branch and name of a device, and the reasons of the organization."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.language import spoken
from shared.kernel.money import CashRounding
from shared.kernel.permissions import DeviceKind
from shared.tenancy.records import RECEIVED_WITHIN_SECONDS, Branch, Device, Organization, Reason, ReasonKind


@dataclass(frozen=True, slots=True)
class Premises:
    """The organization and branch of a device, as screens and receipts name them."""

    organization_id: UUID
    organization_name: str
    tax_number: str
    country: str
    currency: str
    language: str
    branch_id: UUID
    branch_name: str
    address: str
    zone: str
    cutoff_minutes: int
    cash_step_minor: int
    cash_rounding: CashRounding
    device_name: str
    device_kind: DeviceKind
    letter: str
    legal_name: str = ""
    received_within_seconds: int = RECEIVED_WITHIN_SECONDS


@dataclass(frozen=True, slots=True)
class ReasonView:
    """A reason, or a phrase of a note. `text` is what rows and papers say; `title` what somebody's screens show."""

    text: str
    names: Mapping[str, str] = field(default_factory=dict, hash=False)
    language: str = ""

    @property
    def title(self) -> str:
        """The text in the language of the screens."""
        return spoken(self.text, self.names, self.language)


async def reasons(
    reader: AsyncConnection | AsyncSession, organization_id: UUID
) -> dict[ReasonKind, tuple[ReasonView, ...]]:
    """The reasons that people choose from, in their order, by what they are given for."""
    rows = await reader.execute(
        sa.select(Reason.kind, Reason.text, Reason.names)
        .where(Reason.organization_id == organization_id, Reason.active)
        .order_by(Reason.position, Reason.id)
    )
    found: dict[ReasonKind, list[ReasonView]] = {}
    for row in rows:
        found.setdefault(row.kind, []).append(ReasonView(row.text, row.names))
    return {kind: tuple(rows_of) for kind, rows_of in found.items()}


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A device that works in a branch."""

    id: UUID
    name: str
    kind: DeviceKind


async def devices_of_branch(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID
) -> list[DeviceView]:
    """The devices that work in a branch, by name."""
    rows = await reader.execute(
        sa.select(Device.id, Device.name, Device.kind)
        .where(Device.organization_id == organization_id, Device.branch_id == branch_id, Device.revoked.is_(False))
        .order_by(Device.name, Device.id)
    )
    return [DeviceView(*row) for row in rows]


async def premises(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID, device_id: UUID
) -> Premises | None:
    """The organization and branch of a device; None until their records have arrived."""
    given = {"organization": organization_id, "branch": branch_id, "device": device_id}
    row = (await reader.execute(_statement(), given)).first()
    return None if row is None else Premises(organization_id=organization_id, branch_id=branch_id, **row._mapping)


@cache
def _statement() -> sa.Select[*tuple[Any, ...]]:
    """The statement, built once: building it takes longer than running it."""
    return (
        sa.select(
            Organization.name.label("organization_name"),
            Organization.tax_number,
            Organization.legal_name,
            Organization.country,
            Organization.currency,
            Organization.language,
            Branch.name.label("branch_name"),
            Branch.address,
            Branch.zone,
            Branch.cutoff_minutes,
            Branch.received_within_seconds,
            Branch.cash_step_minor,
            Branch.cash_rounding,
            Device.name.label("device_name"),
            Device.kind.label("device_kind"),
            Device.letter,
        )
        .join(Branch, Branch.organization_id == Organization.organization_id)
        .join(Device, sa.and_(Device.organization_id == Branch.organization_id, Device.branch_id == Branch.id))
        .where(
            Organization.organization_id == sa.bindparam("organization"),
            Branch.id == sa.bindparam("branch"),
            Device.id == sa.bindparam("device"),
        )
    )
