"""Deleting an organization for good: asked for, waited for, and done by the database's owner.

The app's login may delete no row of the control plane, and sees one tenant at a time. The deletion runs as the owner,
in one transaction, and looks afterwards through every table that there is: if anything of the organization is left it
is rolled back. What remains is one audit event without its name: that of the receipt.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud.control.audit import Audit, Doer
from cloud.control.closing import locked
from cloud.database.audit_records import AuditEvent
from cloud.database.control_records import ControlOrganization
from cloud.database.migrate import owner_transaction
from cloud.database.schema import METADATAS
from cloud.database.transaction import ControlSession, Database
from cloud.kernel.operator_error import OperatorError
from shared.kernel.errors import DomainError
from shared.kernel.instants import utc

WAIT = timedelta(days=30)
"""So long after it was asked for an organization can still be exported, or opened again."""
_QUEUE = "public.procrastinate_jobs"
_NAMES_OF_ORGANIZATION = {"control.organization": "id", "control.audit_head": "chain_id"}
"""Columns that hold the organization under another name."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was deleted.

    Attributes:
        rows: by table.
        looked_through: tables in which nothing of it is left.
        signature: of the cloud over all but itself (Ed25519, hex).
    """

    organization_id: str
    slug: str
    name: str
    asked_for: str
    deleted_at: str
    rows: Mapping[str, int]
    accounts: int
    looked_through: int
    signature: str = ""

    def signed(self, signer: Ed25519PrivateKey) -> Receipt:
        """The same with the signature of the cloud."""
        return Receipt(**{**asdict(self), "signature": signer.sign(self.text).hex()})

    @property
    def text(self) -> bytes:
        """What is signed."""
        return json.dumps({**asdict(self), "signature": ""}, ensure_ascii=False, sort_keys=True).encode()


class Deletion:
    """Asks for the deletion of organizations, takes that back, and says when it is due."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    async def ask(self, doer: Doer, organization_id: UUID) -> datetime:
        """Ask for the deletion of a closed organization. Returns from when on it may be done.

        Asking again changes nothing.

        Raises:
            DomainError: DELETION_NEEDS_CLOSED, ORGANIZATION_UNKNOWN.
        """
        async with self._database.control() as session:
            organization = await locked(session, organization_id)
            if organization.closed_at is None:
                raise DomainError("DELETION_NEEDS_CLOSED", slug=organization.slug)
            if organization.delete_after is not None:
                return organization.delete_after
            organization.delete_after = self._audit.now() + WAIT
            await session.flush()
            self._note(session, doer, "organization.delete", organization)
            return organization.delete_after

    async def undo(self, doer: Doer, organization_id: UUID) -> None:
        """Take it back that an organization is to be deleted; it stays closed. Doing it again changes nothing.

        Raises:
            DomainError: ORGANIZATION_UNKNOWN.
        """
        async with self._database.control() as session:
            organization = await locked(session, organization_id)
            if organization.delete_after is not None:
                organization.delete_after = None
                await session.flush()
                self._note(session, doer, "organization.keep", organization)

    def _note(self, session: ControlSession, doer: Doer, act: str, organization: ControlOrganization) -> None:
        self._audit.note(
            session,
            doer,
            act,
            organization_id=organization.id,
            subject_id=organization.id,
            subject=organization.name,
        )


def delete_now(owner_url: str, organization_id: UUID, doer: Doer, now: datetime, event_id: UUID) -> Receipt:
    """Delete an organization whose time has come, with the accounts that work nowhere else, in one transaction.

    Args:
        owner_url: a login that may become the database's owner.
        event_id: of the audit event that remains.

    Raises:
        OperatorError: deletion.not_yet (params: at), deletion.left (params: places): nothing was deleted.
    """
    with owner_transaction(owner_url) as connection:
        connection.execute(_ENTER, {"organization": str(organization_id)})
        row = connection.execute(_WHOSE, {"organization": organization_id}).one()
        if row.closed_at is None or row.delete_after is None or row.delete_after > now:
            raise OperatorError("deletion.not_yet", at=row.delete_after or "-")
        connection.exec_driver_sql("set constraints all deferred")
        accounts = list(connection.execute(_ORPHANS, {"organization": organization_id}).scalars())
        rows = _delete_rows(connection, organization_id)
        _delete_accounts(connection, accounts)
        tables = _tables(connection)
        left = _left(connection, tables, organization_id, accounts)
        if left:
            raise OperatorError("deletion.left", places=", ".join(left))
        receipt = Receipt(
            str(organization_id),
            row.slug,
            row.name,
            utc(row.delete_after - WAIT).isoformat(),
            utc(now).isoformat(),
            {table: count for table, count in rows.items() if count},
            len(accounts),
            len(tables),
        )
        digest = hashlib.sha256(receipt.text).hexdigest()
        details = {"receipt_sha256": digest, "rows": sum(rows.values()), "accounts": len(accounts)}
        connection.execute(
            sa.insert(AuditEvent).values(
                id=event_id,
                organization_id=None,
                at=now,
                account_id=None,
                actor=doer.name,
                via=doer.via,
                act="organization.deleted",
                subject_id=None,
                subject="",
                reason="",
                details=details,
            )
        )
    return receipt


def _delete_rows(connection: sa.Connection, organization_id: UUID) -> dict[str, int]:
    """Delete what belongs to the organization: children before their parents."""
    rows: dict[str, int] = {}
    given = {"organization": organization_id}
    connection.execute(_LEAVE_SESSIONS, given)
    jobs = connection.execute(_JOBS, {"organization": str(organization_id)})
    rows[_QUEUE] = jobs.rowcount
    for table in (table for metadata in reversed(METADATAS) for table in reversed(metadata.sorted_tables)):
        column = table.c.get(_NAMES_OF_ORGANIZATION.get(table.fullname, "organization_id"))
        if column is not None:
            rows[table.fullname] = connection.execute(sa.delete(table).where(column == organization_id)).rowcount
    return rows


def _delete_accounts(connection: sa.Connection, accounts: list[UUID]) -> None:
    """Delete accounts that work nowhere else, with all that refers to them."""
    emails = connection.execute(_EMAILS, {"accounts": accounts}).scalars().all()
    connection.execute(_LINKS, {"emails": list(emails)})
    connection.execute(_PAGE_TOKENS, {"accounts": accounts})
    connection.execute(_REFUSED, {"accounts": accounts})
    for schema, table, column in connection.execute(_CHILDREN_OF_ACCOUNT).all():
        connection.execute(
            sa.text(f'delete from "{schema}"."{table}" where "{column}" = any(:accounts)'),  # noqa: S608 the catalogue's names
            {"accounts": accounts},
        )
    connection.execute(_ACCOUNTS, {"accounts": accounts})


def _tables(connection: sa.Connection) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Every table that there is, with its columns and their types: also those that nobody declared."""
    tables: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for schema, table, column, kind in connection.execute(_COLUMNS).all():
        tables.setdefault((schema, table), []).append((column, kind))
    return tables


def _left(
    connection: sa.Connection,
    tables: Mapping[tuple[str, str], list[tuple[str, str]]],
    organization_id: UUID,
    accounts: list[UUID],
) -> list[str]:
    """The places where an id of the organization, or of an account that went with it, still stands."""
    ids = [organization_id, *accounts]
    given = {"ids": ids, "like": [f"%{each}%" for each in ids], "bytes": [each.bytes for each in ids]}
    left = []
    for (schema, table), columns in tables.items():
        conditions = [condition for column, kind in columns if (condition := _holds(column, kind))]
        if conditions:
            query = f'select exists (select from "{schema}"."{table}" where {" or ".join(conditions)})'  # noqa: S608
            if connection.execute(sa.text(query), given).scalar():
                left.append(f"{schema}.{table}")
    return left


def _holds(column: str, kind: str) -> str:
    if kind == "uuid":
        return f'"{column}" = any(:ids)'
    if kind == "bytea":
        return f'"{column}" = any(:bytes)'
    if kind in ("text", "varchar", "json", "jsonb"):
        return f'"{column}"::text like any(:like)'
    return ""


_ENTER = sa.text("select set_config('comanda.organization_id', :organization, true)")
_WHOSE = sa.text(
    "select slug, name, closed_at, delete_after from control.organization where id = :organization for update"
)
_ORPHANS = sa.text(
    "select a.id from control.account a where not a.is_operator"
    " and exists (select from control.membership m where m.account_id = a.id and m.organization_id = :organization)"
    " and not exists"
    " (select from control.membership m where m.account_id = a.id and m.organization_id != :organization)"
)
_LEAVE_SESSIONS = sa.text(
    "update control.log_in_session set organization_id = null where organization_id = :organization"
)
_JOBS = sa.text("delete from procrastinate_jobs where args->>'organization' = :organization")
_EMAILS = sa.text("select email from control.account where id = any(:accounts)")
_LINKS = sa.text("delete from control.mailed_link where email = any(:emails)")
_PAGE_TOKENS = sa.text("delete from control.page_token where account_id = any(:accounts)")
_REFUSED = sa.text("delete from control.refused_log_in where account_id = any(:accounts)")
_ACCOUNTS = sa.text("delete from control.account where id = any(:accounts)")
_CHILDREN_OF_ACCOUNT = sa.text(
    "select n.nspname, c.relname, a.attname from pg_constraint k join pg_class c on c.oid = k.conrelid"
    " join pg_namespace n on n.oid = c.relnamespace"
    " join pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[1]"
    " where k.contype = 'f' and k.confrelid = 'control.account'::regclass"
)
_COLUMNS = sa.text(
    "select n.nspname, c.relname, a.attname, t.typname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
    " join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
    " join pg_type t on t.oid = a.atttypid"
    " where c.relkind in ('r', 'p', 'm') and not c.relispartition and n.nspname !~ '^(pg_|information_schema$)'"
    " order by 1, 2, a.attnum"
)
