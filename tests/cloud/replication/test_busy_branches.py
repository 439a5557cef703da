"""What is pushed to a busy branch is folded together: a turn for several sales, and the processor for others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from cloud.parts import Parts
from cloud.replication import fold_worker
from cloud.replication.dues import DueScope, Looked
from cloud.replication.fold_transactions import PostgresFolds
from cloud.replication.fold_worker import FoldWorker
from sync.door import Door
from tests.cloud.replication.house import House, lunch
from tests.cloud.replication.test_fold_worker import hint_of, running, until

NEVER_SECONDS = 3_600.0


class Counted:
    """The transactions of the fold, and the scopes of their turns."""

    def __init__(self, inner: PostgresFolds) -> None:
        self._inner = inner
        self.scopes: list[UUID] = []

    async def run(self, scope: DueScope, fold: Callable[[Door], Any]) -> Any:
        self.scopes.append(scope.scope_id)
        return await self._inner.run(scope, fold)


@pytest.fixture
def looked(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """A look for what is due has ended."""
    event, look = asyncio.Event(), parts.units.dues.look

    async def noting(most: int) -> Looked:
        found = await look(most)
        event.set()
        return found

    monkeypatch.setattr(parts.units.dues, "look", noting)
    return event


async def test_hints_of_a_busy_branch_are_folded_together_and_hold_no_other_branch_up(
    house: House, parts: Parts, looked: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fold_worker, "BETWEEN_SECONDS", NEVER_SECONDS)
    monkeypatch.setattr(fold_worker, "LOOK_SECONDS", NEVER_SECONDS)
    counted, (busy, quiet) = Counted(PostgresFolds(parts.database)), (house.own, house.other)
    worker = FoldWorker(parts.database, parts.units, parts.clock, transactions=counted)

    async def sell(hand: Any) -> None:
        hand.sell(lunch())
        await house.send(hand)
        worker.wake(house.organization_id, hand.branch_id, hint_of(hand))

    async def are_taken(sales: int) -> bool:
        return await house.takings() == sales * lunch().total_minor

    await worker.fold_all(house.organization_id)  # else the first look asks for it
    looked.clear()
    async with running(worker):
        await looked.wait()
        await sell(busy)
        await until(lambda: are_taken(1))
        counted.scopes.clear()
        for _sale in range(5):
            await sell(busy)
        await sell(quiet)
        await until(lambda: are_taken(2))
        assert set(counted.scopes) == {quiet.branch_id}
