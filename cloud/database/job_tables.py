"""The tables of the job queue, which procrastinate made: who may use them, and which rows a tenant sees.

They stand in `public`, where procrastinate's statements look for them, and in no metadata of ours.
"""

from __future__ import annotations

import sqlalchemy as sa

from cloud.database.roles import APP_ROLE

JOB_TABLES = (
    "procrastinate_events",
    "procrastinate_periodic_defers",
    "procrastinate_jobs",
    "procrastinate_workers",
)
"""Those that refer to others first."""
PREFIX = "procrastinate_"
POLICY = "own"
_TENANT = "(select nullif(current_setting('comanda.organization_id', true), ''))"
OWN = {
    "procrastinate_jobs": f"{_TENANT} is null or args->>'organization' = {_TENANT}",
    "control.outbox": f"{_TENANT} is null or organization_id = {_TENANT}::uuid",
}
"""A worker takes jobs before it knows whose they are; within the transaction of a tenant only its own exist."""


def apply_job_grants(connection: sa.Connection) -> None:
    """Set the grants of the job queue, and the policies of its tables and ours. Doing it again changes nothing."""
    for table in JOB_TABLES:
        connection.exec_driver_sql(f"revoke all on {table} from {APP_ROLE}")
        connection.exec_driver_sql(f"grant select, insert, update, delete on {table} to {APP_ROLE}")
    there = set(connection.exec_driver_sql(_POLICIES).scalars())
    for table in OWN.keys() - there:
        for statement in (
            f"alter table {table} enable row level security",
            f"alter table {table} force row level security",
            f"create policy {POLICY} on {table} using ({OWN[table]}) with check ({OWN[table]})",
        ):
            connection.exec_driver_sql(statement)


_POLICIES = f"""
    select case schemaname when 'public' then tablename else schemaname || '.' || tablename end
    from pg_policies where policyname = '{POLICY}'"""  # noqa: S608 - a name of ours


def is_of_the_queue(name: str | None) -> bool:
    """Whether a table belongs to the job queue."""
    return (name or "").startswith(PREFIX)
