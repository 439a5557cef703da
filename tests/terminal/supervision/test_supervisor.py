"""A duty that raises, ends, or is cancelled from elsewhere begins again, and people are told as long as it does not
work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from terminal.supervision import supervisor as module
from terminal.supervision.duties import Duty, Stopped, as_people_know_them
from terminal.supervision.supervisor import Supervisor
from tests.faults.until import until

NINE = datetime(2026, 3, 14, 21, 4, tzinfo=UTC)
AT_ONCE = 0.001


class Told:
    """What a supervisor tells, newest last."""

    def __init__(self) -> None:
        self.all: list[tuple[Stopped, ...]] = []
        self.time = NINE

    def now(self) -> datetime:
        return self.time

    def supervisor(self) -> Supervisor:
        return Supervisor(self.now, self.all.append, lambda _failures: AT_ONCE)


@pytest.fixture
def told() -> Told:
    return Told()


async def _raises() -> None:
    raise OSError("the driver says no")


async def _ends() -> None:
    await asyncio.sleep(0)


async def _cancels_itself() -> None:
    raise asyncio.CancelledError


async def _group_of_errors() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(_raises())


@pytest.mark.parametrize("trouble", [_raises, _ends, _cancels_itself, _group_of_errors])
async def test_a_duty_that_stops_begins_again_and_is_told_until_it_works(
    trouble: Callable[[], Awaitable[None]], told: Told
) -> None:
    starts = []

    async def duty() -> None:
        starts.append(told.time)
        told.time += timedelta(minutes=1)
        if len(starts) <= 3:
            await trouble()
        else:
            await asyncio.Event().wait()

    async with told.supervisor() as supervisor:
        supervisor.keep(Duty.PRINTING, duty)
        await until(lambda: len(starts) == 4, "it begins again after each failure")
        assert supervisor.stopped == (Stopped(Duty.PRINTING, NINE + timedelta(minutes=1)),), "since the first failure"
        supervisor.works(Duty.PRINTING)
        assert supervisor.stopped == ()
    assert told.all == [(Stopped(Duty.PRINTING, NINE + timedelta(minutes=1)),), ()]


async def test_a_duty_that_runs_for_a_while_works_again_though_it_says_nothing(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SETTLED_SECONDS", 0.05)
    failures = iter([_raises])

    async def duty() -> None:
        await next(failures, asyncio.Event().wait)()

    async with told.supervisor() as supervisor:
        supervisor.keep(Duty.WATCHING, duty)
        await until(lambda: len(told.all) == 2, "it is told, and then it is told to be over")
        assert supervisor.stopped == ()


async def test_a_part_that_fails_is_not_over_because_another_one_works(told: Told) -> None:
    supervisor = told.supervisor()
    supervisor.failed(Duty.PRINTING, "bar")
    told.time += timedelta(minutes=5)
    supervisor.failed(Duty.PRINTING, "cocina")
    supervisor.works(Duty.PRINTING, "bar")
    assert supervisor.stopped == (Stopped(Duty.PRINTING, NINE + timedelta(minutes=5)),)


async def test_who_is_told_and_fails_stops_nothing(told: Told) -> None:
    def broken(_stopped: object) -> None:
        raise ZeroDivisionError

    starts = []

    async def duty() -> None:
        starts.append(1)
        await _raises()

    async with Supervisor(told.now, broken, lambda _failures: AT_ONCE) as supervisor:
        supervisor.keep(Duty.PUSHING, duty)
        await until(lambda: len(starts) > 3, "it goes on")


async def test_one_duty_that_fails_does_not_disturb_another(told: Told) -> None:
    ran = []

    async def works() -> None:
        while True:
            ran.append(1)
            await asyncio.sleep(0)

    async with told.supervisor() as supervisor:
        supervisor.keep(Duty.PUSHING, _raises)
        supervisor.keep(Duty.PRINTING, works)
        await until(lambda: len(ran) > 100, "it runs")
        assert [each.duty for each in supervisor.stopped] == [Duty.PUSHING]


async def test_closing_cancels_what_runs_and_what_pauses_and_waits_for_their_last_words(told: Told) -> None:
    last_words = []

    async def duty() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            last_words.append("saved")

    async with Supervisor(told.now, told.all.append, lambda _failures: 3_600.0) as supervisor:
        supervisor.keep(Duty.PRINTING, duty)
        supervisor.keep(Duty.PULLING, _raises)
        await until(lambda: bool(told.all), "one of them pauses")
    assert last_words == ["saved"]


def test_people_know_three_duties_as_sync_since_the_first_of_them_stopped() -> None:
    later = NINE + timedelta(minutes=3)
    known = as_people_know_them(
        [Stopped(Duty.PULLING, NINE), Stopped(Duty.PUSHING, later), Stopped(Duty.PRINTING, later)]
    )
    assert [(each.words, each.since) for each in known] == [("printing", later), ("sync", NINE)]


async def test_a_piece_of_work_that_neither_ends_nor_goes_on_is_told_until_it_ends(told: Told) -> None:
    freed = asyncio.Event()

    async def duty() -> None:
        with supervisor.turn(Duty.PUSHING, limit_seconds=0.01):
            await freed.wait()
        await asyncio.Event().wait()

    async with told.supervisor() as supervisor:
        supervisor.keep(Duty.PUSHING, duty)
        await until(lambda: supervisor.stopped == (Stopped(Duty.PUSHING, NINE),), "it is told, since it began")
        freed.set()
        await until(lambda: supervisor.stopped == (), "it is over")


async def test_long_work_that_goes_on_step_by_step_does_not_hang(told: Told) -> None:
    supervisor = told.supervisor()
    with supervisor.turn(Duty.FOLDING, limit_seconds=60) as step:
        await asyncio.sleep(0.01)
        step()
    assert told.all == []


async def test_what_fails_again_soon_has_failed_since_the_first_time(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor = told.supervisor()
    for minute in range(3):
        told.time = NINE + timedelta(minutes=minute)
        supervisor.failed(Duty.PRINTING, "cocina")
        assert supervisor.stopped == (Stopped(Duty.PRINTING, NINE),), "one time, not a new one at each failure"
        supervisor.works(Duty.PRINTING, "cocina")
    monkeypatch.setattr(module, "FLAPS_SECONDS", 0.0)
    supervisor.failed(Duty.PRINTING, "cocina")
    assert supervisor.stopped == (Stopped(Duty.PRINTING, told.time),), "it had worked for a while"
