"""The codes on the cards of tables: made, made anew, and looked up. A code names a table; it admits nobody."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.floor.records import DiningTable
from shared.guests.codes import CODE_CHARACTERS, new_code
from shared.guests.records import GuestDoor, TableCode
from shared.kernel.ids import derived_id
from shared.kernel.permissions import Permission
from shared.kernel.work import Work

Reader = AsyncConnection | AsyncSession
MOST_TRIES = 20


async def issue_code(work: Work, table_id: UUID) -> TableCode:
    """Give a table a new code; the one that it had names nothing any more.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    work.require(Permission.EDIT_FLOOR)
    table = await work.get(DiningTable, table_id)
    for _try in range(MOST_TRIES):
        code = new_code(work.ids.secret)
        if await _row_of(work.session, work.organization_id, work.branch_id, code) is None:
            break
    same = {"organization_id": work.organization_id, "branch_id": work.branch_id, "id": work.ids.new()}
    return work.add(TableCode(**same, table_id=table.id, code=code, made_at=work.now))


async def codes_of_tables(reader: Reader, organization_id: UUID, branch_id: UUID) -> Mapping[UUID, str]:
    """The code of each table that has one, by table; one statement."""
    rows = await reader.execute(_codes(), {"organization": organization_id, "branch": branch_id})
    return {row.table_id: row.code for row in rows}  # the newest is the last one


async def table_of_code(reader: Reader, organization_id: UUID, branch_id: UUID, code: str) -> UUID | None:
    """The table that a code names; None: no table has it, or not any more. As many statements whatever it is."""
    row = await _row_of(reader, organization_id, branch_id, code[:CODE_CHARACTERS])
    given = {"organization": organization_id, "table": row.table_id if row is not None else branch_id}
    newest = (await reader.execute(_newest(), given)).first()
    return row.table_id if row is not None and newest is not None and newest.code == code else None


def door_id(branch_id: UUID) -> UUID:
    """The id of the row with the door of a branch."""
    return derived_id("guest door", branch_id)


async def door_of(reader: Reader, organization_id: UUID, branch_id: UUID) -> str | None:
    """The name of a branch in the addresses of its guests; None: nobody has opened it to guests."""
    given = {"organization": organization_id, "id": door_id(branch_id)}
    row = (await reader.execute(_door(), given)).first()
    return row.door if row is not None else None


async def _row_of(reader: Reader, organization_id: UUID, branch_id: UUID, code: str) -> Any:
    given = {"organization": organization_id, "branch": branch_id, "code": code}
    return (await reader.execute(_of_code(), given)).first()


@cache
def _codes() -> sa.Select[Any]:
    of = TableCode.__table__.c
    return (
        sa.select(of.table_id, of.code)
        .where(of.organization_id == sa.bindparam("organization"), of.branch_id == sa.bindparam("branch"))
        .order_by(of.made_at, of.id)
    )


@cache
def _of_code() -> sa.Select[Any]:
    of = TableCode.__table__.c
    return (
        sa.select(of.table_id)
        .where(
            of.organization_id == sa.bindparam("organization"),
            of.branch_id == sa.bindparam("branch"),
            of.code == sa.bindparam("code"),
        )
        .order_by(of.made_at.desc(), of.id.desc())
        .limit(1)
    )


@cache
def _newest() -> sa.Select[Any]:
    of = TableCode.__table__.c
    return (
        sa.select(of.code)
        .where(of.organization_id == sa.bindparam("organization"), of.table_id == sa.bindparam("table"))
        .order_by(of.made_at.desc(), of.id.desc())
        .limit(1)
    )


@cache
def _door() -> sa.Select[Any]:
    of = GuestDoor.__table__.c
    return sa.select(of.door).where(of.organization_id == sa.bindparam("organization"), of.id == sa.bindparam("id"))
