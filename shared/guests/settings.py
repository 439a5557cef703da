"""How a branch takes guests' orders, and who may change it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.guests import records
from shared.guests.records import GuestSettings, settings_id
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kernel.work import Work


@dataclass(frozen=True, slots=True)
class TakesOrders:
    """How a branch takes guests' orders; see `GuestSettings`. What nobody has said is as it is here."""

    active: bool = True
    paused: bool = False
    direct: bool = False
    deadline_seconds: int = records.DEADLINE_SECONDS
    staff_seconds: int = records.STAFF_SECONDS
    idle_minutes: int = records.IDLE_MINUTES
    orders_a_minute: int = records.ORDERS_A_MINUTE
    most_portions: int = records.MOST_PORTIONS
    most_minor: int = records.MOST_MINOR

    @property
    def takes(self) -> bool:
        """Whether guests may order now."""
        return self.active and not self.paused


_NAMES = tuple(each.name for each in fields(TakesOrders))


async def takes_orders(reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID) -> TakesOrders:
    """How a branch takes guests' orders now; one statement."""
    given = {"organization": organization_id, "id": settings_id(branch_id)}
    row = (await reader.execute(_settings(), given)).first()
    return TakesOrders(*row) if row is not None else TakesOrders()


async def set_taking(work: Work, **said: Any) -> GuestSettings:
    """Change how the branch takes guests' orders: only what is said, by the names of `TakesOrders`.

    Raises:
        DomainError: NOT_PERMITTED, GUEST_SETTING_NOT_SENSIBLE.
    """
    if said.keys() == {"paused"}:
        edits = work.actor.may(Permission.EDIT_BRANCH)
        work.require(Permission.EDIT_BRANCH if edits else Permission.SET_AVAILABILITY)
    else:
        work.require(Permission.EDIT_BRANCH)
    waits = [said[name] for name in ("deadline_seconds", "staff_seconds") if name in said]
    counts = [said[name] for name in _NAMES if name in said and type(said[name]) is int]
    if not all(10 <= each <= records.LONGEST_SECONDS for each in waits) or any(each < 0 for each in counts):
        raise DomainError("GUEST_SETTING_NOT_SENSIBLE", most=records.LONGEST_SECONDS)
    key = settings_id(work.branch_id)
    row = await work.session.get(GuestSettings, (work.organization_id, key))
    if row is None:
        same = {"organization_id": work.organization_id, "branch_id": work.branch_id, "id": key}
        row = work.add(GuestSettings(**same))
        await work.session.flush()
    for name, value in said.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
    return row


async def pause(work: Work, *, paused: bool) -> GuestSettings:
    """Take no guests' orders for now, or again.

    Raises:
        DomainError: NOT_PERMITTED.
    """
    return await set_taking(work, paused=paused)


@cache
def _settings() -> sa.Select[Any]:
    of = GuestSettings.__table__.c
    return sa.select(*(of[name] for name in _NAMES)).where(
        of.organization_id == sa.bindparam("organization"), of.id == sa.bindparam("id")
    )
