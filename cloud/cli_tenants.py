"""The commands of `comanda-cloud` for tenants: close, suspend, reopen, plan, rename."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from types import MappingProxyType

from cloud.accounts.opening import account_of, close_account, reopen_account
from cloud.cli_names import branch_named, device_named, organization_named
from cloud.cli_running import answer, operator, with_parts
from cloud.cli_times import time_of_day, zone_of
from cloud.control.plans import PLANS, use_of
from cloud.database.control_records import ControlOrganization, Tier
from cloud.database.opening import Say
from cloud.enrolment.codes import shown
from cloud.enrolment.room import moving, naming
from cloud.kernel.operator_error import OperatorError
from cloud.parts import Parts
from cloud.settings import Settings
from cloud.tenants.open_affairs import OpenAffairs
from cloud.tenants.room import tenants
from shared.kernel.errors import DomainError
from shared.kernel.permissions import SYSTEM

UNLIMITED = "∞"


def _close(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    async def work(parts: Parts) -> None:
        if asked.what == "account":
            return await _switch_account(parts, asked, is_open=False)
        organization = await _organization(parts, asked)
        commands, reason = tenants(parts), asked.reason or ""
        if not reason:
            raise DomainError("REASON_MISSING")
        if asked.what == "organization":
            affairs = await commands.open_in_organization(organization.id)
            await commands.close(operator(), organization.id, reason, _agreed(asked, affairs))
            answer("cli.organization_closed", name=organization.name, slug=organization.slug, id=organization.id)
            return None
        async with parts.database.read(organization.id) as read:
            branch_id = await branch_named(read, organization, asked.name)
        affairs = await commands.open_in_branch(organization.id, branch_id)
        await commands.close_branch(operator(), organization.id, branch_id, reason, _agreed(asked, affairs))
        answer("cli.branch_closed", name=asked.name, id=branch_id)
        return None

    return with_parts(settings, say, work)


def _suspend(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    async def work(parts: Parts) -> None:
        organization = await _organization(parts, asked)
        await tenants(parts).suspend(operator(), organization.id, asked.reason or "")
        answer("cli.organization_suspended", name=organization.name, slug=organization.slug, id=organization.id)

    return with_parts(settings, say, work)


def _reopen(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    async def work(parts: Parts) -> None:
        if asked.what == "account":
            return await _switch_account(parts, asked, is_open=True)
        organization = await _organization(parts, asked)
        if asked.what == "organization":
            await tenants(parts).reopen(operator(), organization.id)
            answer("cli.organization_reopened", name=organization.name, slug=organization.slug, id=organization.id)
            return None
        async with parts.database.read(organization.id) as read:
            branch_id = await branch_named(read, organization, asked.name)
        await tenants(parts).reopen_branch(operator(), organization.id, branch_id)
        answer("cli.branch_reopened", name=asked.name, id=branch_id)
        return None

    return with_parts(settings, say, work)


def _plan(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    async def work(parts: Parts) -> None:
        async with parts.database.control() as session:
            organization = await organization_named(session, asked.name)
        if asked.tier is not None:
            await tenants(parts).set_plan(operator(), organization.id, Tier(asked.tier))
        async with parts.database.read(organization.id) as read:
            held = await use_of(read, organization.id, parts.clock.now())
        plan = PLANS[Tier(asked.tier) if asked.tier is not None else organization.tier]
        uses = {counted.value: f"{count}/{plan.most.get(counted, UNLIMITED)}" for counted, count in held.items()}
        answer("cli.plan_is", name=organization.name, plan=plan.name, **uses)

    return with_parts(settings, say, work)


def _rename(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    async def work(parts: Parts) -> None:
        if asked.what == "device":
            device_id = await device_named(parts.database, asked.name, asked.organization)
            device = await naming(parts).rename(device_id, asked.to, SYSTEM, lambda _found: True)
            answer("cli.renamed", name=device.name, id=device.id)
            return
        organization = await _organization(parts, asked)
        if asked.what == "organization":
            await tenants(parts).name(operator(), organization.id, asked.to)
            answer("cli.renamed", name=asked.to, id=organization.id)
            return
        async with parts.database.read(organization.id) as read:
            branch_id = await branch_named(read, organization, asked.name)
        await tenants(parts).name_branch(operator(), organization.id, branch_id, asked.to)
        answer("cli.renamed", name=asked.to, id=branch_id)

    return with_parts(settings, say, work)


def _move_device(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    async def work(parts: Parts) -> None:
        async with parts.database.control() as session:
            organization = await organization_named(session, asked.organization)
        device_id = await device_named(parts.database, asked.device, organization.slug)
        async with parts.database.read(organization.id) as read:
            branch_id = await branch_named(read, organization, asked.branch)
            zone = await zone_of(read, organization.id, branch_id)
        device, opened = await moving(parts).open(
            device_id, branch_id, None, lambda found: found.organization_id == organization.id
        )
        until = time_of_day(opened.expires_at, zone)
        answer("cli.device_moves", name=device.name, code=shown(opened.code), until=until)

    return with_parts(settings, say, work)


async def _organization(parts: Parts, asked: argparse.Namespace) -> ControlOrganization:
    """The organization that is named, or in which the branch is."""
    if asked.what == "branch" and not asked.organization:
        raise OperatorError("cli.branch_of_whom", name=asked.name)
    async with parts.database.control() as session:
        return await organization_named(session, asked.organization if asked.what == "branch" else asked.name)


def _agreed(asked: argparse.Namespace, affairs: OpenAffairs) -> str | None:
    """What somebody agreed to by `--yes`; without it, what is open is named."""
    if asked.yes or not affairs.is_any:
        return affairs.mark
    names = [f"{each.name} ({each.waiting})" for each in affairs.behind]
    silent = [each.name for each in affairs.silent]
    raise OperatorError(
        "cli.still_open", orders=affairs.orders, behind=", ".join(names) or "-", silent=", ".join(silent) or "-"
    )


async def _switch_account(parts: Parts, asked: argparse.Namespace, *, is_open: bool) -> None:
    async with parts.database.control() as session:
        account = await account_of(session, asked.name)
        if account is None:
            raise DomainError("ACCOUNT_UNKNOWN", email=asked.name)
        if is_open:
            await reopen_account(session, account)
        else:
            await close_account(session, account, parts.clock.now())
        parts.audit.note(
            session,
            operator(),
            "account.reopen" if is_open else "account.close",
            organization_id=None,
            subject_id=account.id,
            subject=account.email,
            reason=asked.reason or "",
        )
    parts.tell_account(account.id)
    answer("cli.account_reopened" if is_open else "cli.account_closed", email=account.email)


TENANT_COMMANDS: Mapping[str, Callable[[Settings, Say, argparse.Namespace], int]] = MappingProxyType(
    {
        "close": _close,
        "suspend": _suspend,
        "reopen": _reopen,
        "plan": _plan,
        "rename": _rename,
        "move-device": _move_device,
    }
)
