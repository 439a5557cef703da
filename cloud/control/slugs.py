"""Short names of organizations and branches in addresses and commands: unique, changeable, and former ones lead on.

A branch has the short name that follows from its name, unless somebody chose another one. What somebody chose weighs
more than what follows from a name, and both weigh more than a former one.
"""

from __future__ import annotations

import re
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from cloud.control.closing import branch_row, locked
from cloud.database.control_records import ControlOrganization
from cloud.database.tenant_records import ControlBranch, FormerBranchSlug, FormerSlug
from cloud.database.transaction import ControlSession
from shared.kernel.errors import DomainError
from shared.kernel.text import search_key
from shared.tenancy.records import Branch

_SLUG = re.compile(r"[a-z](?:[a-z0-9-]{0,38}[a-z0-9])")


def slug_of(name: str) -> str:
    """The short name that follows from a name: `El Buen Sabor (Ñuñoa)` gives `el-buen-sabor-nunoa`."""
    return re.sub(r"[^a-z0-9]+", "-", search_key(name))[:40].strip("-")


def checked_slug(slug: str) -> str:
    """A short name of the form that addresses can have.

    Raises:
        DomainError: SLUG_WRONG (params: slug).
    """
    if not _SLUG.fullmatch(slug):
        raise DomainError("SLUG_WRONG", slug=slug)
    return slug


async def name_organization(session: ControlSession, organization_id: UUID, slug: str) -> str:
    """Give an organization another short name. Returns the former one, which leads on to it.

    Raises:
        DomainError: SLUG_WRONG, SLUG_TAKEN (params: slug), ORGANIZATION_UNKNOWN.
    """
    organization = await locked(session, organization_id)
    before = organization.slug
    if checked_slug(slug) == before:
        return before
    if await session.scalar(sa.select(ControlOrganization.id).where(ControlOrganization.slug == slug)) is not None:
        raise DomainError("SLUG_TAKEN", slug=slug)
    await release_slug(session, slug)
    organization.slug = slug
    former = insert(FormerSlug).values(slug=before, organization_id=organization_id)
    taken_over = former.on_conflict_do_update(
        index_elements=[FormerSlug.slug], set_={"organization_id": organization_id}
    )
    await session.execute(taken_over, execution_options=_NO_RELOAD)
    await session.flush()
    return before


async def release_slug(session: ControlSession, slug: str) -> None:
    """Let a former short name of some organization lead nowhere any more: another one takes it."""
    await session.execute(sa.delete(FormerSlug).where(FormerSlug.slug == slug))


async def organization_by_slug(session: AsyncSession, slug: str) -> ControlOrganization | None:
    """The organization with that short name, else the one that had it."""
    found: ControlOrganization | None = await session.scalar(
        sa.select(ControlOrganization).where(ControlOrganization.slug == slug)
    )
    if found is not None:
        return found
    former = sa.select(FormerSlug.organization_id).where(FormerSlug.slug == slug).scalar_subquery()
    by_former: ControlOrganization | None = await session.scalar(
        sa.select(ControlOrganization).where(ControlOrganization.id == former)
    )
    return by_former


async def name_branch(session: AsyncSession, organization_id: UUID, branch_id: UUID, slug: str) -> str:
    """Give a branch of the transaction's tenant a short name; an empty one follows from its name. Returns the former.

    Raises:
        DomainError: SLUG_WRONG, BRANCH_SLUG_TAKEN (params: slug).
    """
    branch = await branch_row(session, organization_id, branch_id)
    names = await _names(session, organization_id)
    slugs = await branch_slugs(session, organization_id)
    before = slugs.get(branch_id) or slug_of(names[branch_id])
    wanted = checked_slug(slug) if slug else ""
    others = {slugs.get(other) or slug_of(name) for other, name in names.items() if other != branch_id}
    if wanted and wanted in others:
        raise DomainError("BRANCH_SLUG_TAKEN", slug=wanted)
    branch.slug = wanted or None
    await session.flush()
    now = wanted or slug_of(names[branch_id])
    await session.execute(
        sa.delete(FormerBranchSlug).where(
            FormerBranchSlug.organization_id == organization_id, FormerBranchSlug.slug == now
        )
    )
    if before and before != now:
        former = insert(FormerBranchSlug).values(organization_id=organization_id, slug=before, branch_id=branch_id)
        keys = [FormerBranchSlug.organization_id, FormerBranchSlug.slug]
        taken_over = former.on_conflict_do_update(index_elements=keys, set_={"branch_id": branch_id})
        await session.execute(taken_over, execution_options=_NO_RELOAD)
    return before


async def branch_slugs(session: AsyncSession, organization_id: UUID) -> dict[UUID, str]:
    """The short names that somebody chose, by branch."""
    rows = await session.execute(
        sa.select(ControlBranch.branch_id, ControlBranch.slug).where(
            ControlBranch.organization_id == organization_id, ControlBranch.slug.is_not(None)
        )
    )
    return {row.branch_id: row.slug or "" for row in rows}


async def former_branch_slugs(session: AsyncSession, organization_id: UUID) -> dict[UUID, list[str]]:
    """The short names that branches had, by branch."""
    rows = await session.execute(
        sa.select(FormerBranchSlug.branch_id, FormerBranchSlug.slug)
        .where(FormerBranchSlug.organization_id == organization_id)
        .order_by(FormerBranchSlug.slug)
    )
    found: dict[UUID, list[str]] = {}
    for row in rows:
        found.setdefault(row.branch_id, []).append(row.slug)
    return found


async def _names(session: AsyncSession, organization_id: UUID) -> dict[UUID, str]:
    rows = await session.execute(sa.select(Branch.id, Branch.name).where(Branch.organization_id == organization_id))
    return {row.id: row.name for row in rows}


_NO_RELOAD = {"synchronize_session": False}
