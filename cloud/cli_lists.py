"""`comanda-cloud list [organizations|branches|devices|accounts]`: what there is, and how commands name it."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from cloud.cli_names import branches_of, devices_of, organization_named
from cloud.composition import assemble
from cloud.control.closing import closed_branches
from cloud.control.slugs import branch_slugs, slug_of
from cloud.database.control_records import Account, ControlOrganization, Membership
from cloud.database.opening import Say, generation_of, open_database
from cloud.database.transaction import Database, ReadSession
from cloud.settings import Settings
from shared.kernel.language import Texts, language_of
from shared.kernel.permissions import Role
from shared.staff.records import StaffMember

Row = Mapping[str, Any]
KINDS = ("organizations", "branches", "devices", "accounts")
"""What can be listed alone; in this order all of it stands under its organization."""
NOTHING = {
    "organizations": "cli.nothing_listed",
    "branches": "cli.no_branches",
    "devices": "cli.no_devices",
    "accounts": "cli.no_accounts",
}
"""What is said where there is none of a kind, and how the first one is made."""
STATE_NAMES = {"closed": "cli.state_closed", "suspended": "cli.state_suspended"}


def list_all(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    """Run the command."""
    texts = Texts(language_of(os.environ), ("cloud",))
    with open_database(settings, say, makes=False) as ready:
        database = assemble(ready, generation=generation_of(ready)).database
        organizations, operators = asyncio.run(_found(database, asked.organization))
    if asked.json:
        print(json.dumps(_as_json(organizations, operators, asked.what), ensure_ascii=False, indent=2, default=str))
    else:
        missing = "organizations" if not organizations else asked.what or "organizations"
        print("\n".join(_lines(texts, organizations, operators, asked.what)) or texts(NOTHING[missing]))
    return 0


async def _found(database: Database, slug: str | None) -> tuple[list[dict[str, Any]], list[Row]]:
    """Each organization with what is in it, and the operators of the server (unless one organization is asked for)."""
    try:
        async with database.control() as session:
            if slug:
                organizations = [await organization_named(session, slug)]
                operators: Sequence[Account] = ()
            else:
                every = sa.select(ControlOrganization).order_by(ControlOrganization.slug)
                organizations = list(await session.scalars(every))
                query = sa.select(Account).where(Account.is_operator).order_by(Account.email)
                operators = (await session.scalars(query)).all()
        found = []
        for organization in organizations:
            async with database.read(organization.id) as read:
                found.append(await _contents(read, organization))
        return found, [
            _account(each.email, each.name, Role.SUPER_ADMIN, each.closed_at is not None) for each in operators
        ]
    finally:
        await database.dispose()


async def _contents(read: ReadSession, organization: ControlOrganization) -> dict[str, Any]:
    branches = await branches_of(read, organization.id)
    names = {branch.id: branch.name for branch in branches}
    slugs = await branch_slugs(read, organization.id)
    closed = await closed_branches(read, organization.id)
    return {
        "organizations": [
            {
                "id": organization.id,
                "slug": organization.slug,
                "name": organization.name,
                "plan": organization.tier.value,
                "state": _state(organization),
            }
        ],
        "branches": [
            {
                "id": branch.id,
                "slug": slugs.get(branch.id) or slug_of(branch.name),
                "name": branch.name,
                "zone": branch.zone,
                "closed": branch.id in closed,
            }
            for branch in branches
        ],
        "devices": [
            {
                "id": device.id,
                "name": device.name,
                "kind": device.kind.value,
                "letter": device.letter,
                "branch": names.get(device.branch_id, "-") if device.branch_id else "-",
                "revoked": device.revoked,
            }
            for device in await devices_of(read, organization.id)
        ],
        "accounts": await _people(read, organization.id),
    }


def _state(organization: ControlOrganization) -> str:
    if organization.closed_at is not None:
        return "closed"
    return "suspended" if organization.suspended_at is not None else "open"


async def _people(read: ReadSession, organization_id: UUID) -> list[Row]:
    """The accounts that work in an organization, or did."""
    is_closed = sa.or_(
        Account.closed_at.is_not(None),
        Membership.closed_at.is_not(None),
        StaffMember.active.is_not(sa.true()),
    )
    rows = await read.execute(
        sa.select(Account.email, Account.name, StaffMember.role, is_closed.label("is_closed"))
        .join(Membership, Membership.account_id == Account.id)
        .outerjoin(
            StaffMember,
            sa.and_(StaffMember.organization_id == organization_id, StaffMember.id == Membership.staff_id),
        )
        .where(Membership.organization_id == organization_id)
        .order_by(Account.email)
    )
    return [_account(row.email, row.name, row.role, is_closed=row.is_closed) for row in rows]


def _account(email: str, name: str, role: Role | None, is_closed: bool) -> Row:
    return {"email": email, "name": name, "role": role.value if role else "-", "closed": is_closed}


def _as_json(organizations: list[dict[str, Any]], operators: list[Row], what: str | None) -> dict[str, list[Row]]:
    """Lists by their names. Rows name their organization by its slug."""
    lists: dict[str, list[Row]] = {kind: [] for kind in KINDS if what in (None, kind)}
    for found in organizations:
        (house,) = found["organizations"]
        for kind, rows in lists.items():
            rows += [row if row is house else {"organization": house["slug"], **row} for row in found[kind]]
    if "accounts" in lists:
        lists["accounts"] += [{"organization": None, **row} for row in operators]
    return lists


def _lines(texts: Texts, organizations: list[dict[str, Any]], operators: list[Row], what: str | None) -> list[str]:
    """All as a tree; of one kind a line a row, with the slug of its organization first."""
    if what is None:
        lines = [_line(texts, kind, row) for found in organizations for kind in KINDS for row in found[kind]]
        return lines + [_line(texts, "accounts", row) for row in operators]
    lines = []
    for found in organizations:
        slug = found["organizations"][0]["slug"]
        for row in found[what]:
            line = _line(texts, what, row).strip()
            lines.append(line if what == "organizations" else f"{slug}  {line}")
    return lines + ([_line(texts, what, row).strip() for row in operators] if what == "accounts" else [])


def _line(texts: Texts, kind: str, row: Row) -> str:
    if kind == "organizations":
        line = texts("cli.listed_organization", **row)
        return line if row["state"] == "open" else f"{line}, {texts(STATE_NAMES[row['state']])}"
    if kind == "branches":
        return texts("cli.listed_branch", **row) + (f", {texts('cli.state_closed')}" if row["closed"] else "")
    if kind == "devices":
        return texts("cli.listed_revoked" if row["revoked"] else "cli.listed_device", **row)
    return texts("cli.listed_closed_account" if row["closed"] else "cli.listed_account", **row)
