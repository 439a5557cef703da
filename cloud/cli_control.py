"""The short commands of `comanda-cloud`: migrate, restored, and those for accounts, pairing codes and revocation."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from urllib.parse import urlencode
from uuid import UUID

from cloud.accounts.commands import PASS_LASTS, LogIn, create_account
from cloud.cli_founding import create_organization
from cloud.cli_jobs import jobs, outbox
from cloud.cli_lists import branch_named, device_named, list_all, organization_named
from cloud.composition import assemble
from cloud.control.commands import begin_generation
from cloud.database.engine import driver_url
from cloud.database.migrate import migrate, newest_revision
from cloud.database.opening import Say, connected, generation_of, open_database
from cloud.database.roles import APP_ROLE
from cloud.enrolment.codes import shown
from cloud.enrolment.room import enrolment, revocation
from cloud.jobs.outbox_desk import hold_effects
from cloud.kernel.operator_error import OperatorError
from cloud.operations.presence import running, still_connected
from cloud.parts import Parts
from cloud.realtime.carriers import carriers_of
from cloud.realtime.link import telling
from cloud.settings import Settings
from shared.kernel.errors import DomainError
from shared.kernel.language import Texts, language_of
from shared.kernel.permissions import Role
from shared.tenancy.records import DeviceKind

_OF_ALL_BRANCHES = frozenset({Role.SUPER_ADMIN, Role.ORGANIZATION_ADMIN})


def _migrate(settings: Settings, say: Say, _asked: argparse.Namespace) -> int:
    if settings.database_url is None:
        with open_database(settings, say):
            say("cli.migrated", revision=newest_revision())
        return 0
    app_url, given = driver_url(settings.database_url.get_secret_value()), settings.database_owner_url
    if given is None and app_url.username == APP_ROLE:
        raise OperatorError("database.owner_missing")
    if given is not None and app_url.username != APP_ROLE:
        raise OperatorError("database.other_app", login=app_url.username or "-")
    owner_url = (given or settings.database_url).get_secret_value()
    with connected(owner_url, name="COMANDA_DATABASE_URL" if given is None else "COMANDA_DATABASE_OWNER_URL"):
        pass
    migrate(owner_url, app_url.password if app_url.username == APP_ROLE else None)
    if app_url.username == APP_ROLE and app_url.password is None:
        say("cli.app_without_password")
    say("cli.migrated", revision=newest_revision())
    return 0


def _create_account(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    role = Role(asked.role)
    if role not in _OF_ALL_BRANCHES and not asked.branch:
        raise OperatorError("cli.branch_missing", role=role.value)
    password = _password()

    async def work(parts: Parts) -> None:
        async with parts.database.control() as session:
            organization = await organization_named(session, asked.organization) if asked.organization else None
        branches: list[UUID] = []
        if organization is not None:
            async with parts.database.read(organization.id) as read:
                branches = [await branch_named(read, organization, text) for text in asked.branch]
        async with parts.database.control() as session:
            made = await create_account(
                session,
                parts.passwords,
                parts.ids,
                parts.clock,
                email=asked.email,
                name=asked.name or asked.email,
                password=password,
                role=role,
                organization_id=organization.id if organization else None,
                branches=branches,
            )
        address = _address(settings)
        _answer("cli.account_created", email=made.email, role=made.role.value, id=made.id, address=address)

    return _with_parts(settings, say, work)


def _log_in_link(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    async def work(parts: Parts) -> None:
        log_in = LogIn(parts.database, parts.passwords, parts.tokens, parts.throttle)
        query = urlencode({"pass": await log_in.pass_for(asked.email)})
        minutes = int(PASS_LASTS.total_seconds()) // 60
        _answer("cli.log_in_link_made", link=f"{_address(settings)}/login?{query}", minutes=minutes)

    return _with_parts(settings, say, work)


def _create_pairing_code(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    async def work(parts: Parts) -> None:
        async with parts.database.control() as session:
            organization = await organization_named(session, asked.organization)
        async with parts.database.read(organization.id) as read:
            branch_id = await branch_named(read, organization, asked.branch)
        async with parts.database.write(organization.id) as session:
            opened = await enrolment(parts).open_pairing(
                session,
                organization_id=organization.id,
                branch_id=branch_id,
                kind=DeviceKind(asked.kind),
                name=asked.name,
                created_by=None,
            )
        until = opened.expires_at.strftime("%H:%M UTC")
        _answer("cli.pairing_created", code=shown(opened.code), until=until, address=_address(settings))

    return _with_parts(settings, say, work)


def _revoke_device(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    async def work(parts: Parts) -> None:
        device_id = await device_named(parts.database, asked.device, asked.organization)
        try:
            device = await revocation(parts).revoke(device_id)
        except DomainError as error:
            raise OperatorError("cli.device_unknown", id=device_id) from error
        _answer("cli.device_revoked", name=device.name, id=device.id)

    return _with_parts(settings, say, work)


def _restored(settings: Settings, say: Say, _asked: argparse.Namespace) -> int:
    async def work(parts: Parts) -> None:
        async with parts.database.control() as session:
            for process in await running(session):
                raise OperatorError("cli.still_running", place=process.place, seconds=process.lasts_seconds)
            if not settings.database_pooler and await still_connected(session):
                raise OperatorError("cli.still_connected")
            begun = await begin_generation(session, parts.clock.now())
            held = await hold_effects(session)
        _answer("cli.generation_begun", number=begun)
        if held:
            _answer("cli.effects_held", count=held)

    return _with_parts(settings, say, work)


COMMANDS: Mapping[str, Callable[[Settings, Say, argparse.Namespace], int]] = MappingProxyType(
    {
        "migrate": _migrate,
        "list": list_all,
        "create-organization": create_organization,
        "create-account": _create_account,
        "log-in-link": _log_in_link,
        "create-pairing-code": _create_pairing_code,
        "revoke-device": _revoke_device,
        "restored": _restored,
        "jobs": jobs,
        "outbox": outbox,
    }
)


def _with_parts(settings: Settings, say: Say, work: Callable[[Parts], Awaitable[None]]) -> int:
    async def run(parts: Parts) -> None:
        try:
            async with telling(carriers_of(parts.settings, parts.redis), parts.hub):
                await work(parts)
        finally:
            await parts.close()

    with open_database(settings, say, makes=False) as ready:
        asyncio.run(run(assemble(ready, generation=generation_of(ready))))
    return 0


def _address(settings: Settings) -> str:
    """Where people and devices reach the server, as far as these settings say it."""
    return settings.public_url or f"http://{settings.host}:{settings.port}"


def _answer(code: str, /, **params: object) -> None:
    """Print the result of the command to standard output and everything else to standard error."""
    print(Texts(language_of(os.environ), ("cloud",))(code, **params))


def _password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass(Texts(language_of(os.environ), ("cloud",))("cli.ask_password"))
    return sys.stdin.readline().rstrip("\r\n")
