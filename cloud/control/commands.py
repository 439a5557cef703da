"""What operators do in the control plane: make organizations and find them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from cloud.control.slugs import checked_slug, release_slug
from cloud.database.control_records import ControlOrganization, Due, Generation
from cloud.database.transaction import ControlSession
from shared.kernel.errors import DomainError
from shared.kernel.text import clean

FIRST_GENERATION = 1


async def create_organization(
    session: ControlSession, *, organization_id: UUID, slug: str, name: str, now: datetime
) -> ControlOrganization:
    """Add a tenant to the control plane. Its restaurant (branches, menu ...) is made by the commands of the domains.

    Raises:
        DomainError: NAME_MISSING, SLUG_WRONG, SLUG_TAKEN (params: slug).
    """
    if not clean(name):
        raise DomainError("NAME_MISSING")
    checked_slug(slug)
    if await session.scalar(select(ControlOrganization.id).where(ControlOrganization.slug == slug)) is not None:
        raise DomainError("SLUG_TAKEN", slug=slug)
    await release_slug(session, slug)
    organization = ControlOrganization(id=organization_id, slug=slug, name=clean(name), created_at=now)
    session.add(organization)
    # A worker notes which program keeps its sums.
    session.add(Due(organization_id=organization_id, scope_id=organization_id, due_at=now, asked=0, failures=0))
    await session.flush()
    return organization


async def generation(session: ControlSession) -> int:
    """The number of this life of the cloud, from 1."""
    newest: int | None = await session.scalar(select(func.max(Generation.number)))
    return newest or FIRST_GENERATION


async def begin_generation(session: ControlSession, now: datetime) -> int:
    """Begin another life of the cloud after a restore. Servers write under it once they are started again."""
    begun = await generation(session) + 1
    session.add(Generation(number=begun, begun_at=now))
    await session.flush()
    return begun
