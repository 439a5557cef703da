"""Pairing codes for the devices of a plan that have not enrolled yet."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from cloud.database.control_records import DeviceKey, Pairing
from cloud.database.transaction import Database, WriteSession
from cloud.enrolment.codes import shown
from cloud.enrolment.commands import Enrolment
from cloud.founding.outcome import FoundedDevice
from cloud.founding.plan import Plan
from cloud.founding.step import PlanIds
from shared.kernel.instants import Clock
from shared.tenancy.records import Branch, DeviceKind

_Known = tuple[UUID, str, DeviceKind]
"""What tells a device of a plan apart in the control plane: branch, name, kind."""


async def pair_devices(
    database: Database, enrolment: Enrolment, clock: Clock, organization_id: UUID, plan: Plan
) -> dict[str, FoundedDevice]:
    """Make a new code for each device that has not enrolled. Its older codes end, so that only one device can enrol."""
    ids = PlanIds(organization_id)
    planned: dict[str, tuple[str, _Known]] = {
        f"{branch.key}/{device.key}": (branch.name, (ids.of(Branch, branch.key), device.name, device.kind))
        for branch in plan.branches
        for device in branch.devices
    }
    if not planned:
        return {}
    founded = {}
    async with database.write(organization_id) as session:
        enrolled = await _enrolled(session, organization_id)
        await _end_open_codes(session, organization_id, {known for _, known in planned.values()}, clock.now())
        for key, (branch_name, known) in planned.items():
            branch_id, name, kind = known
            if known in enrolled:
                founded[key] = FoundedDevice(kind, name, branch_name, None, None)
                continue
            opened = await enrolment.open_pairing(
                session, organization_id=organization_id, branch_id=branch_id, kind=kind, name=name, created_by=None
            )
            founded[key] = FoundedDevice(kind, name, branch_name, shown(opened.code), opened.expires_at)
    return founded


async def _enrolled(session: WriteSession, organization_id: UUID) -> set[_Known]:
    """The names of enrolled devices as their pairings gave them: a device may call itself otherwise."""
    rows = await session.execute(
        sa.select(Pairing.branch_id, Pairing.name, Pairing.device_kind)
        .join(DeviceKey, DeviceKey.pairing_id == Pairing.id)
        .where(Pairing.organization_id == organization_id, DeviceKey.revoked_at.is_(None))
    )
    return {(row.branch_id, row.name, row.device_kind) for row in rows}


async def _end_open_codes(session: WriteSession, organization_id: UUID, planned: set[_Known], now: datetime) -> None:
    rows = await session.execute(
        sa.select(Pairing.id, Pairing.branch_id, Pairing.name, Pairing.device_kind).where(
            Pairing.organization_id == organization_id, Pairing.used_at.is_(None), Pairing.expires_at > now
        )
    )
    ending = [row.id for row in rows if (row.branch_id, row.name, row.device_kind) in planned]
    if ending:
        # Checked again here, because its device may be claiming it at this moment.
        ended = sa.update(Pairing).where(Pairing.id.in_(ending), Pairing.used_at.is_(None)).values(expires_at=now)
        await session.execute(ended)
