"""Bulk writes by COPY fail like every other statement: with SQLAlchemy's errors, and with the connection given up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from branch_books import SPECS

from cloud.composition import Parts
from cloud.replication.copying import FEW, CopyBulk
from sync.merge import MergedRow
from sync.records import changes
from tests.cloud.replication.house import House, order


async def test_a_value_that_postgresql_refuses_is_a_data_error_and_the_savepoint_holds(house: House) -> None:
    """2026-W48-1 is a date to Python, and none to PostgreSQL."""
    fields = order(uuid4(), house.own.branch_id)[3]
    rows = [(uuid4().bytes, MergedRow({**fields, "business_date": "2026-W48-1"}, (1, b""))) for _ in range(FEW)]
    fine = [(uuid4().bytes, MergedRow(dict(fields), (1, b""))) for _ in range(FEW)]
    async with house.parts.database.write(house.organization_id) as session:
        connection = await session.connection()
        with pytest.raises(sa.exc.DataError):
            async with connection.begin_nested():
                await CopyBulk().create(connection, house.organization_id, SPECS["orders"], rows)
        await CopyBulk().create(connection, house.organization_id, SPECS["orders"], fine)
    assert len(await house.rows("orders")) == FEW


class Fatal(list[Any]):
    """Rows whose reading costs the connection: COPY has begun by then."""

    def __init__(self, rows: list[Any], kill: Any) -> None:
        super().__init__(rows)
        self._kill = kill

    def __iter__(self) -> Iterator[Any]:
        self._kill()
        return super().__iter__()


async def test_a_connection_that_is_lost_in_the_middle_is_said_to_be_lost(parts: Parts, postgres: Any) -> None:
    organization_id = uuid4()
    row = {"organization_id": organization_id, "stream_id": uuid4(), "row_id": uuid4().bytes, "stored_ms": 0}
    rows = [{**row, "seq": at, "body": b"x", "chain": bytes(16)} for at in range(FEW)]
    with pytest.raises(sa.exc.OperationalError) as raised:  # noqa: PT012
        async with parts.database.write(organization_id) as session:
            connection = await session.connection()
            backend = await connection.scalar(sa.text("select pg_backend_pid()"))

            def kill() -> None:
                with psycopg.connect(postgres.server.url(), autocommit=True) as admin:
                    admin.execute("select pg_terminate_backend(%s, 5000)", (backend,))

            await CopyBulk().append(connection, changes, Fatal(rows, kill))
    assert raised.value.connection_invalidated
    async with parts.database.write(organization_id) as session:
        assert await session.scalar(sa.select(sa.func.count()).select_from(changes)) == 0
