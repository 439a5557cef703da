"""The commands of `comanda-cloud` for accounts: make them, take away a lost second factor."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import urlencode
from uuid import UUID

from cloud.accounts.links import RESET_LASTS
from cloud.accounts.opening import account_of, create_account, join
from cloud.cli_names import branch_named, organization_named
from cloud.cli_running import address_of, answer, asked_password, with_parts
from cloud.database.control_records import Account, ControlOrganization
from cloud.database.opening import Say
from cloud.database.transaction import ControlSession, enter_organization
from cloud.kernel.operator_error import OperatorError
from cloud.mail.links import RESET_PATH
from cloud.parts import Parts
from cloud.settings import Settings
from shared.kernel.errors import DomainError
from shared.kernel.permissions import SYSTEM, Role
from shared.staff.commands import assign, take_on
from shared.staff.pins import NO_PIN
from shared.staff.rules import WORK_EVERYWHERE


def _create_account(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    role = Role(asked.role)
    if role not in WORK_EVERYWHERE and not asked.branch:
        raise OperatorError("cli.branch_missing", role=role.value)
    if (role is Role.SUPER_ADMIN) != (asked.organization is None):
        raise DomainError("ACCOUNT_NEEDS_ORGANIZATION")
    password = asked_password()

    async def work(parts: Parts) -> None:
        organization, branches = None, list[UUID]()
        async with parts.database.control() as session:
            known = await account_of(session, asked.email)
            if asked.organization is not None:
                organization = await organization_named(session, asked.organization)
        if organization is not None:
            async with parts.database.read(organization.id) as read:
                branches = [await branch_named(read, organization, text) for text in asked.branch]
        name = asked.name or asked.email
        async with parts.database.control() as session:
            if (
                known is not None
                and organization is not None
                and await parts.passwords.matches(known.password_hash, password)
            ):
                account = await session.get_one(Account, known.id)
            else:
                account = await create_account(
                    session,
                    parts.passwords,
                    parts.ids,
                    parts.clock,
                    email=asked.email,
                    name=name,
                    password=password,
                    is_operator=organization is None,
                )
            if organization is not None:
                await _hire(parts, session, account, organization, name, role, branches)
        if organization is not None:
            parts.hub.tell_organization(organization.id)
        answer("cli.account_created", email=account.email, role=role.value, id=account.id, address=address_of(settings))

    return with_parts(settings, say, work)


async def _hire(
    parts: Parts,
    session: ControlSession,
    account: Account,
    organization: ControlOrganization,
    name: str,
    role: Role,
    branches: list[UUID],
) -> None:
    """Let an account work in an organization as a new member of its staff, who has no PIN yet."""
    staff_id = parts.ids.new()
    await join(session, account, organization.id, staff_id, parts.clock.now())
    await enter_organization(session, organization.id)
    async with parts.units.on(session, organization.id, SYSTEM) as work:
        await take_on(work, staff_id, name, role, NO_PIN)
        for branch_id in branches if role not in WORK_EVERYWHERE else ():
            await assign(work, staff_id, branch_id)


def _reset_link(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    async def work(parts: Parts) -> None:
        query = urlencode({"key": await parts.links.reset_link(asked.email)})
        minutes = int(RESET_LASTS.total_seconds()) // 60
        answer("cli.reset_link_made", link=f"{address_of(settings)}{RESET_PATH}?{query}", minutes=minutes)

    return with_parts(settings, say, work)


def _remove_second_factor(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    async def work(parts: Parts) -> None:
        async with parts.database.control() as session:
            account = await _known(session, asked.email)
        await parts.second_factor.take_away(account.id)
        parts.tell_account(account.id)
        answer("cli.second_factor_removed", email=account.email)

    return with_parts(settings, say, work)


async def _known(session: ControlSession, email: str) -> Account:
    account = await account_of(session, email)
    if account is None:
        raise DomainError("ACCOUNT_UNKNOWN", email=email)
    return account


PEOPLE_COMMANDS: Mapping[str, Callable[[Settings, Say, argparse.Namespace], int]] = MappingProxyType(
    {
        "create-account": _create_account,
        "reset-link": _reset_link,
        "remove-second-factor": _remove_second_factor,
    }
)
