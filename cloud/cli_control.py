"""The short commands of `comanda-cloud`: migrate, restored, and those for links, pairing codes and revocation."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import urlencode

from cloud.accounts.commands import PASS_LASTS, LogIn
from cloud.cli_audit import audit
from cloud.cli_deletion import DELETION_COMMANDS
from cloud.cli_founding import create_organization
from cloud.cli_guests import GUEST_COMMANDS
from cloud.cli_jobs import jobs, outbox
from cloud.cli_keys import KEY_COMMANDS
from cloud.cli_lists import list_all
from cloud.cli_names import branch_named, device_named, organization_named
from cloud.cli_people import PEOPLE_COMMANDS
from cloud.cli_running import address_of, answer, with_parts
from cloud.cli_tenants import TENANT_COMMANDS
from cloud.cli_times import time_of_day, zone_of
from cloud.control.commands import begin_generation
from cloud.database.engine import driver_url
from cloud.database.migrate import migrate, newest_revision
from cloud.database.opening import Say, connected, open_database
from cloud.database.roles import APP_ROLE
from cloud.enrolment.codes import shown
from cloud.enrolment.room import enrolment, revocation
from cloud.jobs.outbox_desk import hold_effects
from cloud.kernel.operator_error import OperatorError
from cloud.operations.presence import running, still_connected
from cloud.parts import Parts
from cloud.settings import Settings
from shared.kernel.errors import DomainError
from shared.tenancy.records import DeviceKind


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


def _log_in_link(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    async def work(parts: Parts) -> None:
        log_in = LogIn(parts.database, parts.passwords, parts.throttle, parts.refusals)
        query = urlencode({"pass": await log_in.pass_for(asked.email)})
        minutes = int(PASS_LASTS.total_seconds()) // 60
        answer("cli.log_in_link_made", link=f"{address_of(settings)}/login?{query}", minutes=minutes)

    return with_parts(settings, say, work)


def _create_pairing_code(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    async def work(parts: Parts) -> None:
        async with parts.database.control() as session:
            organization = await organization_named(session, asked.organization)
        async with parts.database.read(organization.id) as read:
            branch_id = await branch_named(read, organization, asked.branch)
            zone = await zone_of(read, organization.id, branch_id)
        async with parts.database.write(organization.id) as session:
            opened = await enrolment(parts).open_pairing(
                session,
                organization_id=organization.id,
                branch_id=branch_id,
                kind=DeviceKind(asked.kind),
                name=asked.name,
                created_by=None,
            )
        until = time_of_day(opened.expires_at, zone)
        answer("cli.pairing_created", code=shown(opened.code), until=until, address=address_of(settings))

    return with_parts(settings, say, work)


def _revoke_device(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    async def work(parts: Parts) -> None:
        device_id = await device_named(parts.database, asked.device, asked.organization)
        try:
            device = await revocation(parts).revoke(device_id)
        except DomainError as error:
            raise OperatorError("cli.device_unknown", id=device_id) from error
        answer("cli.device_revoked", name=device.name, id=device.id)

    return with_parts(settings, say, work)


def _restored(settings: Settings, say: Say, _asked: argparse.Namespace) -> int:
    async def work(parts: Parts) -> None:
        async with parts.database.control() as session:
            for process in await running(session):
                raise OperatorError("cli.still_running", place=process.place, seconds=process.lasts_seconds)
            if not settings.database_pooler and await still_connected(session):
                raise OperatorError("cli.still_connected")
            begun = await begin_generation(session, parts.clock.now())
            held = await hold_effects(session)
        answer("cli.generation_begun", number=begun)
        if held:
            answer("cli.effects_held", count=held)

    return with_parts(settings, say, work)


COMMANDS: Mapping[str, Callable[[Settings, Say, argparse.Namespace], int]] = MappingProxyType(
    {
        "migrate": _migrate,
        "list": list_all,
        "create-organization": create_organization,
        **PEOPLE_COMMANDS,
        **KEY_COMMANDS,
        **GUEST_COMMANDS,
        "audit": audit,
        **TENANT_COMMANDS,
        **DELETION_COMMANDS,
        "log-in-link": _log_in_link,
        "create-pairing-code": _create_pairing_code,
        "revoke-device": _revoke_device,
        "restored": _restored,
        "jobs": jobs,
        "outbox": outbox,
    }
)
