"""Plans: how much an organization may open anew. A plan limits nothing that stands, and never a sale.

Counted is what is neither closed nor revoked. After a change to a smaller plan all of it goes on; the page of the
organization says how much is over the plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cloud.control.closing import locked
from cloud.database.control_records import DeviceKey, Membership, Pairing, Tier
from cloud.database.tenant_records import ControlBranch
from shared.kernel.errors import DomainError
from shared.tenancy.records import Branch


class Counted(StrEnum):
    """What a plan counts."""

    BRANCHES = "branches"
    DEVICES = "devices"
    ACCOUNTS = "accounts"


class Feature(StrEnum):
    """What a plan has or has not."""

    API_KEYS = "api_keys"


@dataclass(frozen=True, slots=True)
class Plan:
    """What belongs to a plan.

    Attributes:
        name: the same in all languages.
        most: of each of these; what is not named has no limit.
    """

    name: str
    most: Mapping[Counted, int]
    features: frozenset[Feature] = frozenset()


PLANS: Mapping[Tier, Plan] = MappingProxyType(
    {
        Tier.FREE: Plan("Free", {Counted.BRANCHES: 1, Counted.DEVICES: 3, Counted.ACCOUNTS: 3}),
        Tier.STARTER: Plan("Starter", {Counted.BRANCHES: 3, Counted.DEVICES: 15, Counted.ACCOUNTS: 15}),
        Tier.PRO: Plan(
            "Pro",
            {Counted.BRANCHES: 30, Counted.DEVICES: 300, Counted.ACCOUNTS: 200},
            frozenset({Feature.API_KEYS}),
        ),
        Tier.ENTERPRISE: Plan("Enterprise", {}, frozenset(Feature)),
    }
)
"""From the smallest to the largest."""
_CODES = MappingProxyType(
    {
        Counted.BRANCHES: "PLAN_HAS_NO_MORE_BRANCHES",
        Counted.DEVICES: "PLAN_HAS_NO_MORE_DEVICES",
        Counted.ACCOUNTS: "PLAN_HAS_NO_MORE_ACCOUNTS",
    }
)


async def require_room(
    session: AsyncSession, organization_id: UUID, counted: Counted, now: datetime, wanted: int = 1
) -> None:
    """Refuse to open more than the plan has, in a transaction of that tenant. Two who open at once wait for each other.

    Raises:
        DomainError: PLAN_HAS_NO_MORE_BRANCHES, PLAN_HAS_NO_MORE_DEVICES, PLAN_HAS_NO_MORE_ACCOUNTS (params: plan, most,
            held, more, the name of a plan with room for it), ORGANIZATION_UNKNOWN.
    """
    plan = PLANS[(await locked(session, organization_id)).tier]
    most = plan.most.get(counted)
    if most is None:
        return
    held = await _held(session, organization_id, counted, now)
    if held + wanted > most:
        more = plan_with_room(counted, held + wanted).name
        raise DomainError(_CODES[counted], plan=plan.name, most=most, held=held, more=more)


async def require_feature(session: AsyncSession, organization_id: UUID, feature: Feature) -> None:
    """Refuse to begin with something that the plan has not. What was begun before goes on.

    Raises:
        DomainError: PLAN_HAS_NOT (params: plan, more, the name of a plan that has it), ORGANIZATION_UNKNOWN.
    """
    plan = PLANS[(await locked(session, organization_id)).tier]
    if feature not in plan.features:
        more = next(each.name for each in PLANS.values() if feature in each.features)
        raise DomainError("PLAN_HAS_NOT", plan=plan.name, more=more)


def plan_with_room(counted: Counted, wanted: int) -> Plan:
    """The smallest plan that has room for so many."""
    return next(each for each in PLANS.values() if wanted <= each.most.get(counted, wanted))


async def use_of(session: AsyncSession, organization_id: UUID, now: datetime) -> dict[Counted, int]:
    """How much of its plan an organization uses, in a transaction of that tenant."""
    return {counted: await _held(session, organization_id, counted, now) for counted in Counted}


async def _held(session: AsyncSession, organization_id: UUID, counted: Counted, now: datetime) -> int:
    closed = sa.select(ControlBranch.branch_id).where(
        ControlBranch.organization_id == organization_id, ControlBranch.closed_at.is_not(None)
    )
    if counted is Counted.BRANCHES:
        query = sa.select(sa.func.count()).where(Branch.organization_id == organization_id, Branch.id.not_in(closed))
        return await session.scalar(query) or 0
    if counted is Counted.ACCOUNTS:
        query = sa.select(sa.func.count()).where(
            Membership.organization_id == organization_id, Membership.closed_at.is_(None)
        )
        return await session.scalar(query) or 0
    enrolled = sa.select(sa.func.count()).where(
        DeviceKey.organization_id == organization_id,
        DeviceKey.revoked_at.is_(None),
        DeviceKey.branch_id.not_in(closed),
    )
    waiting = sa.select(sa.func.count()).where(  # what moves is counted where it is
        Pairing.organization_id == organization_id,
        Pairing.used_at.is_(None),
        Pairing.expires_at > now,
        Pairing.moves_id.is_(None),
    )
    return (await session.scalar(enrolled) or 0) + (await session.scalar(waiting) or 0)
