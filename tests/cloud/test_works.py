"""Works end when they are told to, also those that lose a cancellation to an error of the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from cloud import works
from cloud.works import at_work


async def test_a_work_that_lost_its_cancellation_is_cancelled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(works, "CANCELLED_AGAIN_SECONDS", 0.05)
    losses = 0

    async def loses_two(_provided: Mapping[str, object]) -> None:
        nonlocal losses
        while True:
            try:
                await asyncio.sleep(3_600)
            except asyncio.CancelledError:
                losses += 1
                if losses > 2:
                    raise

    async with asyncio.timeout(60), at_work([loses_two], {}):
        await asyncio.sleep(0)
    assert losses == 3


async def test_what_a_work_has_in_hand_is_finished_first() -> None:
    finished = False

    async def finishes(_provided: Mapping[str, object]) -> None:
        nonlocal finished
        try:
            await asyncio.sleep(3_600)
        except asyncio.CancelledError:
            await asyncio.sleep(0.05)
            finished = True
            raise

    async with at_work([finishes], {}):
        await asyncio.sleep(0)
    assert finished
