"""An organization's whole in one file: its rows, the log with its signatures, the control plane's rows without secrets.

The file is a ZIP: a member a table, a line a row (JSON), and `manifest.json` with the rows and the SHA-256 of each
member, signed by the cloud (`manifest.signature`, Ed25519). Rows are streamed, so memory does not grow with them, and
all of them are of one moment. `export_checks.py` verifies a file.

The keys of sealed fields (guests' names and phones) are written out as they open them: who holds the file reads all.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud.database.control_records import Account, ControlOrganization, Membership
from cloud.database.schema import METADATAS
from cloud.database.transaction import Database, ReadSession
from shared.kernel.command_line import program_version
from shared.kernel.sealed import KeyWrapping, sealed_keys

FORMAT = 1
ROWS_AT_ONCE = 500
MANIFEST, SIGNATURE = "manifest.json", "manifest.signature"
_SECRETS = frozenset({"email_hash", "password_hash", "totp_step"})
"""Columns of the control plane that no file may have, beside those of bytes."""
_PUBLIC_BYTES = frozenset({"public_key"})
_ORGANIZATION = "control.organization"
_ACCOUNTS = "control.account"
_KEYS = sealed_keys.fullname
Line = Callable[[str], str]


class _Member(Protocol):
    def write(self, data: bytes, /) -> int: ...


@dataclass(frozen=True, slots=True)
class Exported:
    """What stands in a file.

    Attributes:
        rows: by table.
    """

    path: Path
    rows: Mapping[str, int]


async def export_organization(
    database: Database,
    organization_id: UUID,
    path: Path,
    *,
    wrapping: KeyWrapping,
    signer: Ed25519PrivateKey,
    now: datetime,
) -> Exported:
    """Write the file. It appears under its name once it is whole.

    Raises:
        OSError: it cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    members: dict[str, dict[str, Any]] = {}
    try:
        with part.open("xb") as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            part.chmod(0o600)
            async with database.read(organization_id) as read:
                organization = await read.get_one(ControlOrganization, organization_id)
                about = {"id": str(organization.id), "slug": organization.slug, "name": organization.name}
                for name, query in _queries(organization_id):
                    line = _unwrapping(wrapping) if name == _KEYS else _as_it_is
                    members[name] = await _write_table(archive, name, read, query, line)
            manifest = {
                "format": FORMAT,
                "organization": about,
                "made_at": now.isoformat(),
                "program": program_version(),
                "cloud_key": signer.public_key().public_bytes_raw().hex(),
                "tables": members,
            }
            text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True).encode()
            archive.writestr(MANIFEST, text)
            archive.writestr(SIGNATURE, signer.sign(text).hex())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return Exported(path, MappingProxyType({name: each["rows"] for name, each in members.items()}))


def member_of(table: str) -> str:
    """The name of a table's member in the file."""
    return f"tables/{table}.jsonl"


async def _write_table(
    archive: zipfile.ZipFile, name: str, read: ReadSession, query: sa.Select[Any], line: Line
) -> dict[str, Any]:
    count = 0
    with _hashed(archive, member_of(name)) as (member, digest):
        async for text in _rows(read, query):
            member.write(line(text).encode() + b"\n")
            count += 1
    return {"rows": count, "sha256": digest()}


@contextmanager
def _hashed(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[_Member, Callable[[], str]]]:
    """A member of the file, and what its bytes hash to so far."""
    sha = hashlib.sha256()
    with archive.open(name, "w", force_zip64=True) as member:

        class Both:
            """Writes into the member, and hashes."""

            def write(self, data: bytes, /) -> int:
                """Take some bytes."""
                sha.update(data)
                return member.write(data)

        yield Both(), sha.hexdigest


async def _rows(read: ReadSession, query: sa.Select[Any]) -> AsyncIterator[str]:
    """The rows of a query as JSON, read part by part."""
    rows = query.subquery("r")
    as_json: sa.Select[Any] = sa.select(sa.cast(sa.func.row_to_json(sa.literal_column("r")), sa.Text)).select_from(rows)
    result = await read.stream(as_json, execution_options={"yield_per": ROWS_AT_ONCE})
    async for row in result:
        yield row[0]


def _queries(organization_id: UUID) -> Iterator[tuple[str, sa.Select[Any]]]:
    """Each table with what belongs to the organization, in the order of the key."""
    for table in (table for metadata in METADATAS for table in metadata.sorted_tables):
        name = table.fullname
        if name == _ORGANIZATION:
            condition = table.c.id == organization_id
        elif name == _ACCOUNTS:
            works_here = sa.select(Membership.account_id).where(Membership.organization_id == organization_id)
            condition = sa.and_(table.c.id.in_(works_here), Account.is_operator.is_(sa.false()))
        elif "organization_id" in table.columns:
            condition = table.c.organization_id == organization_id
        else:
            continue
        columns = [column for column in table.columns if not _is_secret(table, column)]
        yield name, sa.select(*columns).where(condition).order_by(*table.primary_key.columns)


def _is_secret(table: sa.Table, column: sa.Column[Any]) -> bool:
    if table.schema != "control":
        return False
    is_bytes = isinstance(column.type, sa.LargeBinary) and column.name not in _PUBLIC_BYTES
    return is_bytes or column.name in _SECRETS


def _as_it_is(text: str) -> str:
    return text


def _unwrapping(wrapping: KeyWrapping) -> Line:
    """Write the secrets of keys as they open what they sealed: the stored form needs the server's secret."""

    def line(text: str) -> str:
        row = json.loads(text)
        secret = wrapping.unwrap(UUID(row["id"]).bytes, bytes.fromhex(row["secret"].removeprefix("\\x")))
        return json.dumps({**row, "secret": f"\\x{secret.hex()}"})

    return line
