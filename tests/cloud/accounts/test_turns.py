"""Turns: whoever sends many requests from one address waits for their own."""

from __future__ import annotations

import asyncio

import pytest

from cloud.accounts import turns
from cloud.accounts.turns import MOST_WAITING_OF_ADDRESS, Turns
from shared.kernel.errors import DomainError


class Crowd:
    """People who want a turn, and those who had it, in order."""

    def __init__(self, at_once: int = 1) -> None:
        self.turns = Turns(at_once)
        self.done: list[str] = []
        self.gate = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []

    async def come(self, address: str) -> asyncio.Task[None]:
        task = asyncio.create_task(self._have(address))
        self.tasks.append(task)
        await asyncio.sleep(0)
        return task

    async def _have(self, address: str) -> None:
        async with self.turns.of(address):
            await self.gate.wait()
            self.done.append(address)

    async def all_done(self) -> None:
        self.gate.set()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def test_the_second_address_does_not_wait_for_the_crowd_of_the_first() -> None:
    crowd = Crowd()
    for _request in range(MOST_WAITING_OF_ADDRESS):
        await crowd.come("flood")
    await crowd.come("honest")
    await crowd.come("other")
    await crowd.all_done()
    assert crowd.done[:4] == ["flood", "flood", "honest", "other"]
    assert len(crowd.done) == MOST_WAITING_OF_ADDRESS + 2


async def test_an_address_with_too_many_is_refused_at_once_and_leaves_room() -> None:
    crowd = Crowd()
    for _request in range(MOST_WAITING_OF_ADDRESS + 1):
        await crowd.come("flood")
    refused = await crowd.come("flood")
    with pytest.raises(DomainError, match="TOO_MANY_TRIES"):
        await refused
    await crowd.come("honest")
    await crowd.all_done()
    assert crowd.done.count("honest") == 1


async def test_no_turn_is_lost_by_those_who_go_away_or_wait_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = Crowd()
    has_it = await crowd.come("first")
    gone, next_one = await crowd.come("gone"), await crowd.come("next")
    gone.cancel()
    await asyncio.wait([gone])
    has_it.cancel()
    cut = await crowd.come("cut while it comes")
    next_one.cancel()
    cut.cancel()
    await asyncio.wait([has_it, next_one, cut])
    blocks = await crowd.come("blocks")
    with monkeypatch.context() as patch:
        patch.setattr(turns, "LONGEST_WAIT_SECONDS", 0.01)
        late = await crowd.come("late")
        with pytest.raises(DomainError, match="TOO_MANY_TRIES"):
            await late
    await crowd.come("last")
    await crowd.all_done()
    assert blocks.done()
    assert crowd.done == ["blocks", "last"]
