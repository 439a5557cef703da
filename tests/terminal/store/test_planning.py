"""No statement of an evening walks through what a till has sold: each tap costs the same after a year as on day one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from sync.sqlite import SqliteDoor
from terminal.desks.desk import Desk
from terminal.store import planning
from tests.faults.money_evening import go_on
from tests.faults.till_on_disk import copy_till, found_till

GROWING = (
    "approvals check_balances checks discounts kitchen_tickets line_voids order_lines orders payments prebills"
    " print_job receipt_copies receipt_lines receipts refund_payments service_charges sync_changes ticket_balances"
    " ticket_lines tips write_offs"
)
"""Tables with rows of each sale."""
ONE_HAS_ALL = re.compile(r"\(organization_id=\?( AND branch_id=\?)?\)")
"""A search that finds all rows of a device."""
EVENING = 40


async def walked(desk: Desk, statements: dict[str, Any]) -> list[str]:
    """The statements that walk through a growing table."""
    found = []
    async with desk.store.reading() as connection:
        for statement, given in statements.items():
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
            for row in plan.all():
                verb, _space, rest = row[3].partition(" ")
                table = rest.partition(" ")[0]
                is_whole = verb == "SCAN" or ONE_HAS_ALL.search(row[3]) is not None
                if is_whole and table in GROWING.split():
                    found.append(f"{row[3]}: {statement}")
    return found


async def played(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    await found_till(folder)
    statements: dict[str, Any] = {}

    def note(statement: str, given: Any) -> None:
        if " WHERE " in statement.replace("\n", " ") and statement.lstrip().startswith(("SELECT", "WITH")):
            statements.setdefault(statement, tuple(given))

    def of_door(door: SqliteDoor, sql: str, *given: Any) -> Any:
        note(sql, given)
        return rows(door, sql, *given)

    rows = SqliteDoor.rows
    monkeypatch.setattr(SqliteDoor, "rows", of_door)
    async with copy_till(folder, folder / "planned").desk() as desk:
        for engine in desk.store._engines:

            @event.listens_for(engine.sync_engine, "before_cursor_execute")
            def _noted(_connection: Any, _cursor: Any, statement: str, given: Any, *_more: Any) -> None:
                note(statement, given)

        for _step in range(EVENING):
            if await go_on(desk) is None:
                break
        await desk.sales_today()
        return await walked(desk, dict(statements))


async def test_no_statement_of_an_evening_walks_through_what_was_sold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await played(tmp_path, monkeypatch) == []


async def test_a_till_whose_planner_knows_nothing_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "advise", lambda _connection: None)
    assert len(await played(tmp_path, monkeypatch)) > 10


async def test_a_file_without_statistics_gets_them(tmp_path: Path) -> None:
    await found_till(tmp_path)
    till = copy_till(tmp_path, tmp_path / "old")
    async with till.store() as store, store.transaction() as connection:
        await connection.execute(sa.text("DROP TABLE sqlite_stat1"))
    async with till.store() as store, store.reading() as connection:
        assert await connection.scalar(sa.text("SELECT count(*) FROM sqlite_stat1")) > len(GROWING.split())
