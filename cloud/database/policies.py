"""Row-level security and grants, made from the tables themselves, and the check that they keep tenants apart.

Every table with `organization_id` gets ENABLE and FORCE ROW LEVEL SECURITY and one policy. The app's role gets just the
grants it needs: never TRUNCATE (it ignores policies) or REFERENCES (a foreign key can probe other tenants' rows). Of a
partitioned table only the parent is granted, since policies do not reach a partition that is queried directly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import sqlalchemy as sa

from cloud.database.roles import APP_ROLE, CONTROL_SCHEMA

POLICY = "tenant"
PREDICATE = "organization_id = (select nullif(current_setting('comanda.organization_id', true), '')::uuid)"
"""`nullif` because a transaction-local setting leaves '' behind, which is no UUID."""

EXEMPT: Mapping[str, str] = MappingProxyType(
    {
        "control.membership": "somebody who logs in belongs to organizations that are not known yet",
        "control.log_in_session": "a browser knows only its cookie",
        "control.refresh_family": "a program knows only its refresh token",
        "control.api_key": "a program knows only its key",
        "control.mailed_link": "who follows a link knows only that",
        "control.pairing": "a device knows only its code",
        "control.device": "a device knows only its id when it asks for a challenge",
        "control.page_token": "a page's socket says no more than its token",
        "control.job_run": "a worker takes jobs of all tenants, and an operator sees them",
        "control.visit": "read to learn in which tenants a super admin is now",
        "control.outbox": "an operator sees and releases effects of all tenants; it has a policy of its own",
        "control.guest_door": "a guest knows only the address on the card of a table",
        "control.former_slug": "an address names an organization by its former short name before it is known",
        "control.audit_event": "what operators did to an account, or to a tenant that is gone, is no tenant's",
        "control.due": "a worker looks for the work of all tenants",
    }
)
"""Tables with `organization_id` and no policy, each with its reason."""

TENANT_GRANTS = "select, insert, update, delete"
OTHER_GRANTS = "select"


def apply_policies(connection: sa.Connection, metadatas: Iterable[sa.MetaData]) -> None:
    """Set the policies and grants of all tables. A table that has the right ones is not locked.

    A table may state its own grants in `info["grants"]`.
    """
    right = _tables_with_policy(connection)
    for table in (table for metadata in metadatas for table in metadata.sorted_tables):
        name = _quoted(table.schema, table.name)
        tenant = "organization_id" in table.columns and table.fullname not in EXEMPT
        grants = table.info.get("grants", TENANT_GRANTS if tenant else OTHER_GRANTS)
        if tenant and (table.schema or "public", table.name) not in right:
            for statement in (
                f"alter table {name} enable row level security",
                f"alter table {name} force row level security",
                f"drop policy if exists {POLICY} on {name}",
                f"create policy {POLICY} on {name} using ({PREDICATE}) with check ({PREDICATE})",
            ):
                connection.exec_driver_sql(statement)
        connection.exec_driver_sql(f"revoke all on {name} from {APP_ROLE}")
        connection.exec_driver_sql(f"grant {grants} on {name} to {APP_ROLE}")
    connection.exec_driver_sql(f'grant select on "{CONTROL_SCHEMA}".alembic_version to {APP_ROLE}')
    for schema in {table.schema or "public" for metadata in metadatas for table in metadata.sorted_tables}:
        connection.exec_driver_sql(f"grant usage, select on all sequences in schema {schema} to {APP_ROLE}")


def isolation_gaps(connection: sa.Connection) -> list[str]:
    """Every way in which a tenant could see another's rows; empty if there is none.

    It reads the database's own catalogue and not our metadata, so that a table, view or grant made by hand is found as
    well.
    """
    right = _tables_with_policy(connection)
    tables = connection.exec_driver_sql(_TENANT_TABLES).all()
    gaps = [
        f"{schema}.{table}: no forced policy, or another one beside it"
        for schema, table in tables
        if (schema, table) not in right and f"{schema}.{table}" not in EXEMPT
    ]
    for query, sentence in _FORBIDDEN:
        gaps += [sentence.format(*row) for row in connection.execute(sa.text(query), {"app": APP_ROLE})]
    return gaps


def _tables_with_policy(connection: sa.Connection) -> set[tuple[str, str]]:
    found: dict[tuple[str, str], list[bool]] = {}
    for schema, table, forced, name, plain, using, check in connection.exec_driver_sql(_POLICIES):
        as_meant = name == POLICY and plain and all(_essence(part) == _essence(PREDICATE) for part in (using, check))
        found.setdefault((schema, table), []).append(bool(forced and as_meant))
    return {key for key, marks in found.items() if marks == [True]}


def _essence(predicate: str | None) -> str:
    """A predicate without what PostgreSQL adds or drops when it prints it: blanks, brackets, casts, an alias."""
    return re.sub(r'::text|as "?nullif"?|[\s()]', "", (predicate or "").lower())


def _quoted(schema: str | None, name: str) -> str:
    return f'"{schema or "public"}"."{name}"'


_TENANT_TABLES = """
    select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped
    where c.relkind in ('r', 'p', 'f') and not c.relispartition
    and n.nspname !~ '^(pg_|information_schema$)' order by 1, 2"""

_POLICIES = """
    select n.nspname, c.relname, c.relrowsecurity and c.relforcerowsecurity, p.polname,
        p.polpermissive and p.polcmd = '*' and p.polroles = '{0}',
        pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
    from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname !~ '^(pg_|information_schema$)'"""

_FORBIDDEN = (
    (
        """select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'v' and n.nspname !~ '^(pg_|information_schema$)'
        and has_table_privilege(:app, c.oid, 'select')
        and not coalesce(c.reloptions && '{security_invoker=true,security_invoker=on}', false)""",
        "{0}.{1}: a view that reads with its owner's rights",
    ),
    (
        """select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where (c.relkind = 'm' or c.relispartition) and n.nspname !~ '^(pg_|information_schema$)'
        and has_table_privilege(:app, c.oid, 'select')""",
        "{0}.{1}: a materialized view or partition, which policies do not reach",
    ),
    (
        """select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information_schema$)'
        and has_table_privilege(:app, c.oid, 'truncate, references, trigger')""",
        "{0}.{1}: the app may truncate or reference it",
    ),
    (
        """select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname !~ '^(pg_|information_schema$)' and pg_get_userbyid(c.relowner) = :app""",
        "{0}.{1}: the app owns it",
    ),
    (
        """select n.nspname, p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where p.prosecdef and n.nspname !~ '^(pg_|information_schema$)'""",
        "{0}.{1}: a function that runs with its owner's rights",
    ),
    (
        "select rolname from pg_roles where rolname = :app and (rolsuper or rolbypassrls)",
        "{0}: the role bypasses row-level security",
    ),
)
