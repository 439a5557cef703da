"""In which organizations an account works."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from cloud.database.control_records import ControlOrganization, LogInSession, Membership
from cloud.database.transaction import ControlSession
from shared.kernel.text import clean


@dataclass(frozen=True, slots=True)
class Workplace:
    """An organization in which somebody works."""

    organization_id: UUID
    name: str
    slug: str


async def workplaces_of(session: ControlSession, account_id: UUID) -> list[Workplace]:
    """Where an account works, by name."""
    rows = await session.execute(
        sa.select(ControlOrganization.id, ControlOrganization.name, ControlOrganization.slug)
        .join(Membership, Membership.organization_id == ControlOrganization.id)
        .where(
            Membership.account_id == account_id,
            Membership.closed_at.is_(None),
            ControlOrganization.closed_at.is_(None),
        )
        .order_by(ControlOrganization.name, ControlOrganization.id)
    )
    return [Workplace(row.id, clean(row.name), row.slug) for row in rows]


async def first_choice(session: ControlSession, account_id: UUID) -> UUID | None:
    """The organization to begin with: the only one, else the one that the person chose last; None if there is none."""
    workplaces = [each.organization_id for each in await workplaces_of(session, account_id)]
    if len(workplaces) == 1:
        return workplaces[0]
    newest = (
        sa.select(LogInSession.organization_id)
        .where(LogInSession.account_id == account_id, LogInSession.organization_id.in_(workplaces))
        .order_by(LogInSession.seen_at.desc())
        .limit(1)
    )
    found: UUID | None = await session.scalar(newest)
    return found
