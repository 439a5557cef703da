"""Deletes what the control plane no longer needs, a few thousand rows at a time: jobs that are done every hour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from sqlalchemy import text

from cloud.database.transaction import Database
from cloud.jobs.kinds import JobCall, JobKind
from cloud.jobs.outbox import FORGET_AFTER

ROWS_AT_ONCE = 2_000
"""Of one transaction, which so holds no lock for long."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows of a table that are kept for some time.

    Attributes:
        where: which of them are too old, at the instant `:before`.
    """

    table: str
    key: str
    where: str
    days: int


KEPT = (
    Kept("control.job_run", "id", "started_at < :before", days=14),
    Kept("control.job_key", "key", "made_at < :before", days=35),
    Kept("control.outbox", "(organization_id, id)", "expires_at < :before", days=FORGET_AFTER.days),
    Kept("control.throttle", "key", "whole_at < :before", days=1),
    Kept("control.rate_limit", "key", "whole_us < extract(epoch from (:before)) * 1000000", days=1),
    Kept("control.log_in_session", "id", "seen_at < :before", days=32),
    Kept("control.refresh_family", "id", "turned_at < :before", days=32),
    Kept("control.mailed_link", "id", "ends_at < :before", days=30),
    Kept("control.pairing", "id", "used_at is null and expires_at < :before", days=30),
)
"""How long: as an operator looks back, as an effect may be told again, as an allowance says something, as a manager
asks why a code did not work; longer than a session or a program stays logged in."""


async def clean_up(_call: JobCall, provided: Mapping[str, object]) -> None:
    """Delete what is too old, by the database's clock."""
    for kept in KEPT:
        await delete_old(cast("Database", provided["database"]), kept)


async def delete_old(database: Database, kept: Kept) -> None:
    """Delete the rows of a table that are too old, until none is left."""
    where = kept.where.replace(":before", "now() - make_interval(days => :days)")
    some = f"select {kept.key.strip('()')} from {kept.table} where {where} limit :rows for update skip locked"  # noqa: S608 - names of ours
    delete = text(f"delete from {kept.table} where {kept.key} in ({some}) returning true")  # noqa: S608 - as above
    while True:
        async with database.control() as session:
            gone = (await session.execute(delete, {"days": kept.days, "rows": ROWS_AT_ONCE})).all()
        if len(gone) < ROWS_AT_ONCE:
            return


JOBS = (JobKind("operations.clean_up", clean_up, every="17 * * * *", within=timedelta(minutes=20)),)
