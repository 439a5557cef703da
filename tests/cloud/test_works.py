"""Works end when they are told to, also those that lose a cancellation to an error of the same moment."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Mapping

import pytest

from cloud import works
from cloud.cli_worker import _work
from cloud.composition import assemble
from cloud.database.transaction import Database
from cloud.kernel.leaving import Leaving
from cloud.settings import Settings
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


async def test_a_work_that_ends_by_an_error_begins_again_and_the_log_says_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(works, "retry_seconds", lambda _failures: 0.0)
    begun, goes_on = 0, asyncio.Event()

    async def fails_twice(_provided: Mapping[str, object]) -> None:
        nonlocal begun
        begun += 1
        if begun <= 2:
            raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
        goes_on.set()
        await asyncio.sleep(3_600)

    with caplog.at_level(logging.ERROR):
        async with asyncio.timeout(60), at_work([fails_twice], {}):
            await goes_on.wait()
    assert [each.levelno for each in caplog.records] == [logging.ERROR] * 2


async def test_a_worker_works_on_where_nothing_carries_hints(settings: Settings, database: Database) -> None:
    """Behind a transaction pooler and without Redis there is no link: one work has nothing to do, and the rest has."""
    parts = assemble(settings.model_copy(update={"database_pooler": True}), database=database)
    said: list[str] = []
    working = asyncio.create_task(_work(parts, lambda code, **_params: said.append(code), Leaving()))
    async with asyncio.timeout(60):
        while parts.fold_worker.health != "well" and not working.done():  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
        await asyncio.wait([working], timeout=0.2)
        assert not working.done()
        os.kill(os.getpid(), signal.SIGTERM)
        await working
    assert said == ["cli.working"]
