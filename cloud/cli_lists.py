"""`comanda-cloud list`: organizations with their branches, devices and accounts, and the ids that commands ask for.

Also finds an organization by its short name and a branch by its name or id, and says which there are.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from uuid import UUID

import sqlalchemy as sa

from cloud.composition import assemble
from cloud.database.control_records import Account, ControlOrganization, Membership
from cloud.database.opening import Say, generation_of, open_database
from cloud.database.transaction import ControlSession, Database, ReadSession
from cloud.kernel.operator_error import OperatorError
from cloud.settings import Settings
from shared.kernel.language import Texts, language_of
from shared.kernel.permissions import Role
from shared.kernel.text import search_key
from shared.staff.records import StaffMember
from shared.tenancy.records import Branch, Device


def list_all(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    """Run the command."""
    with open_database(settings, say, makes=False) as ready:
        print("\n".join(asyncio.run(_lines(assemble(ready, generation=generation_of(ready)).database, asked))))
    return 0


async def organization_named(session: ControlSession, slug: str) -> ControlOrganization:
    """The organization with that short name.

    Raises:
        OperatorError: there is none; the sentence says which there are.
    """
    every = (await session.scalars(sa.select(ControlOrganization).order_by(ControlOrganization.slug))).all()
    for organization in every:
        if organization.slug == slug:
            return organization
    raise OperatorError("cli.organization_unknown", slug=slug, known=_listed(each.slug for each in every))


async def branch_named(read: ReadSession, organization: ControlOrganization, text: str) -> UUID:
    """The id of a branch that is named by its id, or by its name if no other one is called so.

    Raises:
        OperatorError: there is none; the sentence says which there are.
    """
    every = await _branches(read, organization.id)
    same = [each.id for each in every if str(each.id) == text.lower() or search_key(each.name) == search_key(text)]
    if len(same) == 1:
        return same[0]
    known = _listed(f"{each.name} ({each.id})" for each in every)
    raise OperatorError("cli.branch_unknown", text=text, slug=organization.slug, known=known)


async def device_named(database: Database, text: str, slug: str | None) -> UUID:
    """The id of a device that is named by its id, or by its name if no other one in use is called so.

    Args:
        slug: the organization's; needed for a name where there are several organizations.

    Raises:
        OperatorError: there is none, or there are several; the sentence says which.
    """
    with suppress(ValueError):
        return UUID(text)
    async with database.control() as session:
        if slug:
            organization = await organization_named(session, slug)
        else:
            every = (await session.scalars(sa.select(ControlOrganization).limit(2))).all()
            if len(every) != 1:
                raise OperatorError("cli.device_of_whom", text=text)
            organization = every[0]
    async with database.read(organization.id) as read:
        names = {branch.id: branch.name for branch in await _branches(read, organization.id)}
        used = sa.select(Device).where(Device.organization_id == organization.id, Device.revoked.is_(sa.false()))
        devices = (await read.scalars(used.order_by(Device.name, Device.id))).all()
    same = [each for each in devices if search_key(each.name) == search_key(text)]
    if len(same) == 1:
        return same[0].id
    told = (f"{each.name}, {names.get(each.branch_id or each.id, '-')} ({each.id})" for each in same or devices)
    raise OperatorError("cli.device_not_one", text=text, slug=organization.slug, known=_listed(told))


async def _lines(database: Database, asked: argparse.Namespace) -> list[str]:
    texts = Texts(language_of(os.environ), ("cloud",))
    try:
        async with database.control() as session:
            if asked.organization:
                organizations = [await organization_named(session, asked.organization)]
            else:
                found = await session.scalars(sa.select(ControlOrganization).order_by(ControlOrganization.slug))
                organizations = list(found)
            operators = list(
                await session.scalars(sa.select(Account).where(Account.is_operator).order_by(Account.email))
            )
        lines = []
        for organization in organizations:
            lines += [texts("cli.listed_organization", name=organization.name, slug=organization.slug)]
            async with database.read(organization.id) as read:
                lines += [line async for line in _restaurant(read, organization.id, texts)]
                lines += [line async for line in _people(read, organization.id, texts)]
        if not asked.organization:
            role = Role.SUPER_ADMIN.value
            lines += [_person(texts, each.email, role, is_closed=each.closed_at is not None) for each in operators]
        return lines or [texts("cli.nothing_listed")]
    finally:
        await database.dispose()


async def _restaurant(read: ReadSession, organization_id: UUID, texts: Texts) -> AsyncIterator[str]:
    branches = await _branches(read, organization_id)
    names = {branch.id: branch.name for branch in branches}
    for branch in branches:
        yield texts("cli.listed_branch", name=branch.name, id=branch.id)
    devices = sa.select(Device).where(Device.organization_id == organization_id).order_by(Device.name, Device.id)
    for device in await read.scalars(devices):
        code = "cli.listed_revoked" if device.revoked else "cli.listed_device"
        branch_name = names.get(device.branch_id, "-") if device.branch_id else "-"
        yield texts(code, name=device.name, kind=device.kind.value, branch=branch_name, id=device.id)


async def _people(read: ReadSession, organization_id: UUID, texts: Texts) -> AsyncIterator[str]:
    """The accounts that work in an organization, or did."""
    is_closed = sa.or_(
        Account.closed_at.is_not(None),
        Membership.closed_at.is_not(None),
        StaffMember.active.is_not(sa.true()),
    )
    rows = await read.execute(
        sa.select(Account.email, StaffMember.role, is_closed.label("is_closed"))
        .join(Membership, Membership.account_id == Account.id)
        .outerjoin(
            StaffMember,
            sa.and_(StaffMember.organization_id == organization_id, StaffMember.id == Membership.staff_id),
        )
        .where(Membership.organization_id == organization_id)
        .order_by(Account.email)
    )
    for row in rows:
        yield _person(texts, row.email, row.role.value if row.role else "-", is_closed=row.is_closed)


def _person(texts: Texts, email: str, role: str, *, is_closed: bool) -> str:
    return texts("cli.listed_closed_account" if is_closed else "cli.listed_account", email=email, role=role)


async def _branches(read: ReadSession, organization_id: UUID) -> list[Branch]:
    every = sa.select(Branch).where(Branch.organization_id == organization_id).order_by(Branch.name, Branch.id)
    return list(await read.scalars(every))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "-"
