"""What is pushed to a busy branch is folded together: a turn for several sales, and the processor for others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from cloud.parts import Parts
from cloud.replication import dues, fold_worker
from cloud.replication.dues import DueScope, Looked
from cloud.replication.fold_transactions import PostgresFolds
from cloud.replication.fold_worker import FoldWorker
from sync.door import Door
from tests.cloud.replication.house import House, lunch
from tests.cloud.replication.test_fold_worker import hint_of, running, until

NEVER_SECONDS = 3_600.0


class Counted:
    """The transactions of the fold, and the scopes of the turns that have ended."""

    def __init__(self, inner: PostgresFolds) -> None:
        self._inner = inner
        self.scopes: list[UUID] = []

    async def run(self, scope: DueScope, fold: Callable[[Door], Any]) -> Any:
        done = await self._inner.run(scope, fold)
        self.scopes.append(scope.scope_id)
        return done


async def until_taken(house: House, sales: int) -> None:
    """Wait until so many sales are in the sums."""

    async def are_taken() -> bool:
        return await house.takings() == sales * lunch().total_minor

    await until(are_taken)


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

    await worker.fold_all(house.organization_id)  # else the first look asks for it
    looked.clear()
    async with running(worker):
        await looked.wait()
        await sell(busy)
        await until_taken(house, 1)
        counted.scopes.clear()
        for _sale in range(5):
            await sell(busy)
        await sell(quiet)
        await until_taken(house, 2)
        assert set(counted.scopes) == {quiet.branch_id}


async def test_a_branch_that_has_failed_waits_for_its_next_try_whatever_is_pushed_to_it(
    house: House, parts: Parts, looked: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fold_worker, "LOOK_SECONDS", NEVER_SECONDS)
    monkeypatch.setattr(dues, "retry_seconds", lambda _failures: NEVER_SECONDS)
    counted, failing = Counted(PostgresFolds(parts.database)), house.own
    worker = FoldWorker(parts.database, parts.units, parts.clock, transactions=counted)
    await worker.fold_all(house.organization_id)
    failing.sell(lunch())
    await house.send(failing)
    await parts.units.dues.failed(DueScope(house.organization_id, failing.branch_id))
    counted.scopes.clear()
    looked.clear()

    async def has_had_a_turn() -> bool:
        return failing.branch_id in counted.scopes

    async with running(worker):
        await looked.wait()
        worker.wake(house.organization_id, failing.branch_id, hint_of(failing))
        await until(has_had_a_turn)
        assert await house.judged(failing) == 0
    assert await worker.fold(DueScope(house.organization_id, failing.branch_id)), "somebody asks for it by itself"
    await until_taken(house, 1)
