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
POLICY = "own_jobs"
_TENANT = "(select nullif(current_setting('comanda.organization_id', true), ''))"
PREDICATE = f"{_TENANT} is null or args->>'organization' = {_TENANT}"
"""A worker takes jobs before it knows whose they are; within the transaction of a tenant only its own exist."""


def apply_job_grants(connection: sa.Connection) -> None:
    """Set grants and the policy of the job queue. Doing it again changes nothing."""
    for table in JOB_TABLES:
        connection.exec_driver_sql(f"revoke all on {table} from {APP_ROLE}")
        connection.exec_driver_sql(f"grant select, insert, update, delete on {table} to {APP_ROLE}")
    there = connection.exec_driver_sql(
        f"select true from pg_policies where tablename = 'procrastinate_jobs' and policyname = '{POLICY}'"  # noqa: S608 - a name of ours
    )
    if there.first() is None:
        for statement in (
            "alter table procrastinate_jobs enable row level security",
            "alter table procrastinate_jobs force row level security",
            f"create policy {POLICY} on procrastinate_jobs using ({PREDICATE}) with check ({PREDICATE})",
        ):
            connection.exec_driver_sql(statement)


def is_of_the_queue(name: str | None) -> bool:
    """Whether a table belongs to the job queue."""
    return (name or "").startswith(PREFIX)
