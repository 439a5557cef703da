"""What a push and a fold cost in statements, with all that a transaction needs besides."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import AsyncClient

from cloud.replication.dues import DueScope
from sync.messages import MAX_PUSH_CHANGES, Ack
from sync.postgres import PostgresDoor
from tests.cloud.replication.house import House, lunch
from tests.cloud.replication.tills import enrol

A_PUSH = 7
"""Begin, key, head, and what is written: head, changes, seal, and that a fold is asked for."""
A_FOLD = 49
"""Of a sale: begin, whose turn, constraints, who asked, heads, parked, log, verdicts, streams, staff, assignments,
kinds of device; rows and parents by table; inserts by table; closed days; what went back, was taken off or lost;
prices of the menu; ways to pay; numbers; sums and digests; folded heads; nothing is left."""


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the core runs on PostgreSQL."""
    seen: list[str] = []
    execute = PostgresDoor._execute

    def noting(self: PostgresDoor, sql: str, parameters: Any, **how: bool) -> None:
        seen.append(sql)
        execute(self, sql, parameters, **how)

    monkeypatch.setattr(PostgresDoor, "_execute", noting)
    return seen


async def test_a_push_takes_as_many_statements_whatever_its_size(
    client: AsyncClient, house: House, statements: list[str]
) -> None:
    till = await enrol(client, house, house.own.branch_id, "Caja 1")
    till.order()
    await till.push()
    counts = []
    for size in (1, 20, MAX_PUSH_CHANGES):
        for _ in range(size):
            till.order()
        statements.clear()
        assert await till.push() == Ack(till.mark())
        counts.append(len(statements))
    assert counts == [A_PUSH] * 3, statements


async def test_two_hundred_sales_are_folded_in_as_many_statements_as_one(house: House, statements: list[str]) -> None:
    house.own.sell(lunch())
    await house.fold()
    counts = []
    for number in (1, 200):
        till = await house.open(f"till of {number}", house.own.branch_id)
        for _ in range(number):
            till.sell(lunch())
        await house.send(till)
        statements.clear()
        await house.parts.fold_worker.fold(DueScope(house.organization_id, house.own.branch_id))
        counts.append(len(statements))
        assert await house.judged(till) == till.seq
    assert counts[0] == counts[1] == A_FOLD, statements
    assert len(await house.rows("receipts")) == 202
