"""The food safety log: what is out of limits says what was done, and nothing that was written is altered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from restaurant import BRANCH, COOK, ORGANIZATION, Replica

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Actor
from shared.safety.commands import add_point, log_reading
from shared.safety.queries import PointView, points, readings
from shared.safety.records import PointKind, SafetyPoint, SafetyReading
from shared.safety.rules import due_since
from tests.replicas import ZONE

FRIDGE, FLOOR = UUID(int=0xF1), UUID(int=0xF2)
EIGHT, FOUR = 8 * 60, 16 * 60
DAY = timedelta(days=1)


@pytest.fixture
async def kitchen(till: Replica) -> Replica:
    """A fridge from 0 to 5 °C, and a floor that is cleaned every four hours."""
    async with till.work() as work:
        limits = {"unit": "°C", "low_milli": 0, "high_milli": 5_000, "times": [FOUR, EIGHT]}
        await add_point(work, "Refrigeradora 1", PointKind.FRIDGE, point_id=FRIDGE, **limits)
        await add_point(work, "Piso", PointKind.CLEANING, point_id=FLOOR, every_minutes=240, position=1)
    return till


async def logged(kitchen: Replica, number: int, point: UUID = FRIDGE, *, by: Actor = COOK, **what: object) -> None:
    async with kitchen.work(by) as work:
        await log_reading(work, point, UUID(int=number), **what)


async def of_today(kitchen: Replica) -> list[tuple[int | None, bool, str, bool]]:
    now = kitchen.clock.now()
    async with kitchen.connection() as reader:
        found = await readings(reader, ORGANIZATION, BRANCH, now - DAY, now + DAY)
    return [(each.value_milli, each.passed, each.action, each.corrected) for each in found]


async def point_of(kitchen: Replica, point: UUID) -> PointView:
    async with kitchen.connection() as reader:
        return next(each for each in await points(reader, ORGANIZATION, BRANCH) if each.id == point)


async def test_what_is_out_of_limits_says_what_was_done(kitchen: Replica) -> None:
    await logged(kitchen, 1, value_milli=4_200)
    with pytest.raises(DomainError, match="ACTION_MISSING"):
        await logged(kitchen, 2, value_milli=9_000)
    with pytest.raises(DomainError, match="VALUE_MISSING"):
        await logged(kitchen, 2)
    await logged(kitchen, 2, value_milli=9_000, action="Se bajó el termostato")
    with pytest.raises(DomainError, match="ACTION_MISSING"):
        await logged(kitchen, 3, FLOOR, was_done=False)
    await logged(kitchen, 3, FLOOR)
    assert await of_today(kitchen) == [
        (4_200, True, "", False),
        (9_000, False, "Se bajó el termostato", False),
        (None, True, "", False),
    ]


async def test_no_row_says_that_a_value_out_of_limits_passed(kitchen: Replica) -> None:
    """A device that writes so by itself is refused: the row breaks the rule of its table."""

    async def lie() -> None:
        async with kitchen.work(COOK) as work:
            reading = await log_reading(work, FRIDGE, UUID(int=1), 9_000, action="Se tiró")
            reading.passed, reading.action = True, ""

    with pytest.raises(Exception, match="says what was done"):
        await lie()
    assert await kitchen.rows(SafetyReading) == []


async def test_a_correction_is_an_entry_of_its_own_and_the_first_one_stays(kitchen: Replica) -> None:
    await logged(kitchen, 1, value_milli=42_000, action="¿?")
    await logged(kitchen, 2, value_milli=4_200, corrects=UUID(int=1))
    assert await of_today(kitchen) == [(42_000, False, "¿?", True), (4_200, True, "", False)]
    with pytest.raises(DomainError, match="NOT_FOUND"):
        await logged(kitchen, 3, FLOOR, corrects=UUID(int=1))


async def test_an_entry_says_when_it_was_typed_beside_when_it_was_found(kitchen: Replica) -> None:
    now = kitchen.clock.now()
    await logged(kitchen, 1, value_milli=3_000, claimed_at=now - timedelta(hours=3))
    async with kitchen.connection() as reader:
        (found,) = await readings(reader, ORGANIZATION, BRANCH, now - DAY, now + DAY)
    assert (found.typed_at, found.typed_later) == (now, timedelta(hours=3))
    for wrong, code in ((timedelta(hours=1), "CLAIMED_LATER"), (-8 * DAY, "CLAIMED_LONG_AGO")):
        with pytest.raises(DomainError, match=code):
            await logged(kitchen, 2, value_milli=3_000, claimed_at=now + wrong)


async def test_only_somebody_with_a_name_writes_the_log(kitchen: Replica) -> None:
    station = Actor.at_station(UUID(int=0x57), "Cocina")
    for nobody in (station, Actor(COOK.staff_id, "?"), Actor(None, "?", COOK.permissions)):
        with pytest.raises(DomainError, match="NOT_PERMITTED"):
            await logged(kitchen, 1, value_milli=3_000, by=nobody)
    with pytest.raises(DomainError, match="LIMITS_NOT_SENSIBLE"):
        async with kitchen.work() as work:
            await add_point(work, "Horno", PointKind.COOKING, low_milli=75_000, high_milli=70_000)


async def test_an_entry_is_due_at_its_times_and_so_long_after_the_last_one(kitchen: Replica) -> None:
    founded = kitchen.clock.now()  # 12:01 in Lima
    assert (await point_of(kitchen, FRIDGE)).due_since(founded, ZONE) is None, "eight was before it was founded"
    kitchen.clock.pass_time(days=1)
    now = kitchen.clock.now()
    assert (await point_of(kitchen, FRIDGE)).due_since(now, ZONE) == datetime(2026, 11, 24, 13, tzinfo=UTC)
    assert (await point_of(kitchen, FLOOR)).due_since(now, ZONE) == now
    await logged(kitchen, 1, value_milli=3_000)
    await logged(kitchen, 2, FLOOR)
    assert (await point_of(kitchen, FRIDGE)).due_since(now, ZONE) is None
    assert (await point_of(kitchen, FLOOR)).due_since(now + timedelta(hours=3), ZONE) is None
    assert (await point_of(kitchen, FLOOR)).due_since(now + timedelta(hours=5), ZONE) == now + timedelta(hours=4)


def test_nothing_was_due_before_the_branch_checked_it() -> None:
    eight = datetime(2026, 11, 23, 13, tzinfo=UTC)
    founded, noon = eight + timedelta(hours=2), eight + timedelta(hours=4)
    assert due_since([EIGHT], 0, None, noon, ZONE, founded) is None
    assert due_since([EIGHT, FOUR], 0, None, noon + timedelta(hours=5), ZONE, founded) == eight + timedelta(hours=8)
    assert due_since([EIGHT], 0, None, noon + DAY, ZONE, founded) == eight + DAY


async def test_an_edit_of_a_point_is_not_its_beginning(kitchen: Replica) -> None:
    added_at = (await point_of(kitchen, FRIDGE)).added_at
    kitchen.clock.pass_time(days=1)
    async with kitchen.work() as work:
        (await work.get(SafetyPoint, FRIDGE)).name = "Refrigeradora del fondo"
    assert added_at is not None
    assert (await point_of(kitchen, FRIDGE)).added_at == added_at


def test_an_entry_shortly_before_its_time_counts_for_it() -> None:
    eight = datetime(2026, 11, 23, 13, tzinfo=UTC)
    early, long_before = eight - timedelta(minutes=50), eight - timedelta(hours=4)
    assert due_since([EIGHT], 0, early, eight + timedelta(minutes=1), ZONE) is None
    assert due_since([EIGHT], 0, long_before, eight + timedelta(minutes=1), ZONE) == eight
    assert due_since([EIGHT], 0, long_before, eight - timedelta(minutes=1), ZONE) is None
    assert due_since([], 0, None, eight, ZONE) is None
