"""`comanda-cloud export organization`, `verify-export` and `delete organization`."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from cloud.cli_names import organization_named
from cloud.cli_running import answer, as_json, operator, with_parts
from cloud.cli_times import whole_time, zone_of
from cloud.database.opening import EMBEDDED_DATABASE, Say
from cloud.kernel.operator_error import OperatorError
from cloud.parts import Parts
from cloud.settings import Settings
from cloud.tenants.deletion import Deletion, Receipt, delete_now
from cloud.tenants.export_checks import verify_export
from cloud.tenants.exporting import export_organization
from shared.kernel.instants import utc


def _export(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    async def work(parts: Parts) -> None:
        async with parts.database.control() as session:
            organization = await organization_named(session, asked.name)
        path = Path(asked.to or f"{organization.slug}.zip")
        _refuse_existing(path)
        try:
            exported = await export_organization(
                parts.database,
                organization.id,
                path,
                wrapping=parts.wrapping,
                signer=parts.keys.frame_signing,
                now=parts.clock.now(),
            )
        except OSError as error:
            raise OperatorError("cli.export_failed", path=path, reason=error.strerror or error) from error
        async with parts.database.control() as session:
            rows = sum(exported.rows.values())
            parts.audit.note(
                session,
                operator(),
                "organization.export",
                organization_id=organization.id,
                subject_id=organization.id,
                subject=organization.name,
                details={"rows": rows},
            )
        answer("cli.exported", name=organization.name, path=path, rows=f"{rows:,}")

    return with_parts(settings, say, work)


def _verify(_settings: Settings, _say: Say, asked: argparse.Namespace) -> int:
    found = verify_export(Path(asked.file))
    at = found.made_at if as_json.get() else whole_time(datetime.fromisoformat(found.made_at))
    answer("cli.export_verified", **{**asdict(found), "made_at": at})
    return 0


def _delete(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    async def work(parts: Parts) -> None:
        async with parts.database.control() as session:
            organization = await organization_named(session, asked.name)
        deletion = Deletion(parts.database, parts.audit)
        if asked.undo:
            await deletion.undo(operator(), organization.id)
            answer("cli.deletion_undone", name=organization.name, slug=organization.slug)
            return
        due_at = utc(await deletion.ask(operator(), organization.id))
        now = parts.clock.now()
        if due_at > now:
            async with parts.database.read(organization.id) as read:
                at = whole_time(due_at, await zone_of(read, organization.id))
            answer("cli.deletion_asked", name=organization.name, slug=organization.slug, at=at)
            return
        if asked.yes != organization.slug:
            raise OperatorError("cli.deletion_confirm", slug=organization.slug)
        receipt = delete_now(_owner_url(settings), organization.id, operator(), now, parts.ids.new())
        parts.hub.tell_organization(organization.id)
        signed = receipt.signed(parts.keys.frame_signing)
        if asked.receipt:
            _write(Path(asked.receipt), signed)
        answer(
            "cli.deleted",
            name=signed.name,
            rows=f"{sum(signed.rows.values()):,}",
            accounts=signed.accounts,
            tables=signed.looked_through,
            signature=signed.signature,
        )

    return with_parts(settings, say, work)


def _refuse_existing(path: Path) -> None:
    if os.path.lexists(path):
        raise OperatorError("cli.export_is_there", path=path)


def _write(path: Path, receipt: Receipt) -> None:
    path.write_text(json.dumps(asdict(receipt), ensure_ascii=False, indent=1) + "\n")


def _owner_url(settings: Settings) -> str:
    """The login of whoever may become the database's owner. The app's may not.

    Raises:
        OperatorError: none is known.
    """
    if settings.database_url is None:
        from cloud.database.embedded import running_url, usable_root

        running = running_url(usable_root(settings.data_folder / "database"), EMBEDDED_DATABASE)
        if running is None:
            raise OperatorError("database.owner_missing")
        return running
    if settings.database_owner_url is None:
        raise OperatorError("database.owner_missing")
    return settings.database_owner_url.get_secret_value()


DELETION_COMMANDS: Mapping[str, Callable[[Settings, Say, argparse.Namespace], int]] = MappingProxyType(
    {"export": _export, "verify-export": _verify, "delete": _delete}
)
