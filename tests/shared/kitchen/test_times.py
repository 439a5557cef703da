"""The kitchen's times: from the display that received a ticket to when it was ready, by dish, station and hour."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from evening import ONE, Hands, meet
from restaurant import BRANCH, COOK, ORGANIZATION, TILL, WAITER, Village

from shared.kitchen.arranging import transfer
from shared.kitchen.commands import bump, bump_line, fire, hold, recall
from shared.kitchen.noting import receive
from shared.kitchen.stations import set_thresholds
from shared.kitchen.sums import SUMS
from shared.kitchen.time_records import CLASS_ENDS, times_by_hour
from shared.kitchen.times import KitchenTimes, kitchen_times, times_of
from sync.recount import counted, kept


@pytest.fixture
async def till(village: Village) -> Hands:
    return Hands(village, village.replica(TILL))


async def times(till: Hands) -> KitchenTimes:
    async with till.replica.work() as work:
        return await kitchen_times(work.session, ORGANIZATION, BRANCH, work.business_date)


async def received(till: Hands, *, after: int = 0) -> list[UUID]:
    till.replica.clock.pass_time(seconds=after)
    ids = [ticket.id for ticket in await till.tickets()]
    async with till.replica.work(COOK) as work:
        await receive(work, ids)
    return ids


async def cook(till: Hands, command: object, what: UUID) -> None:
    async with till.replica.work(COOK) as work:
        await command(work, what)


async def test_a_time_runs_from_the_display_to_ready_by_dish_station_and_hour(till: Hands) -> None:
    order = await till.open()
    await till.add(order, "cev")
    await till.add(order, "chi", 2 * ONE)
    await till.send(order)
    kitchen, bar = await received(till, after=20)
    till.replica.clock.pass_time(minutes=2)
    await cook(till, bump, bar)
    till.replica.clock.pass_time(minutes=8)
    await cook(till, bump, kitchen)
    found = await times(till)
    assert [(each.key, each.mean_seconds) for each in found.dishes] == [("Ceviche", 600), ("Chicha morada", 120)]
    assert [(each.key, each.count) for each in found.stations] == [("Cocina", 1), ("Barra", 1)]
    assert [(each.key, each.mean_seconds) for each in found.hours] == [("12", 360)]
    assert (found.all.count, found.all.seconds, found.unreceived) == (2, 720, 0)


async def test_what_takes_longer_than_its_station_allows_is_late(till: Hands) -> None:
    async with till.replica.work() as work:
        await set_thresholds(work, till.house.stations["Cocina"], [("", 60, 300)])
    for seconds in (200, 301):
        order = await till.take_out()
        await till.add(order)
        await till.send(order)
        (ticket,) = await received(till)
        till.replica.clock.pass_time(seconds=seconds)
        await cook(till, bump, ticket)
    async with till.replica.work() as work:
        await set_thresholds(work, till.house.stations["Cocina"], [("", 60, 100)])
    (ceviche,) = (await times(till)).dishes
    assert (ceviche.count, ceviche.late) == (2, 1), "what was in time stays so when the limit changes"


async def test_a_dish_that_was_ready_before_its_ticket_has_its_own_time(till: Hands) -> None:
    order = await till.open()
    await till.add(order, "cev")
    await till.add(order, "lom", chosen=(till.house.modifiers["jugoso"],))
    await till.send(order)
    await received(till)
    (view,) = await till.tickets()
    first, second = view.lines
    till.replica.clock.pass_time(minutes=1)
    await cook(till, bump_line, first.id)
    till.replica.clock.pass_time(minutes=4)
    await cook(till, bump_line, second.id)
    found = {each.key: each.mean_seconds for each in (await times(till)).dishes}
    assert found == {first.item_name: 60, second.item_name: 300}


async def test_what_came_back_counts_to_its_last_end_and_what_nothing_received_from_its_sending(till: Hands) -> None:
    order = await till.open()
    await till.add(order)
    await till.send(order)
    (view,) = await till.tickets()
    till.replica.clock.pass_time(minutes=3)
    await cook(till, bump, view.id)
    assert (await times(till)).all.mean_seconds == 180
    assert (await times(till)).unreceived == 1
    await cook(till, recall, view.id)
    till.replica.clock.pass_time(minutes=2)
    await cook(till, bump, view.id)
    assert (await times(till)).all.mean_seconds == 300


async def test_what_was_forgotten_on_the_wall_is_no_time_and_is_counted(till: Hands) -> None:
    order = await till.open()
    await till.add(order)
    await till.send(order)
    (ticket,) = await received(till)
    till.replica.clock.instant += timedelta(hours=7)
    await cook(till, bump, ticket)
    till.replica.clock.instant -= timedelta(hours=7)
    found = await times(till)
    assert (found.all.count, found.forgotten) == (0, 1)


async def test_a_line_that_came_back_with_its_ticket_counts_until_it_is_ready_again(till: Hands) -> None:
    order = await till.open()
    await till.add(order, "cev")
    await till.add(order, "cev")
    await till.send(order)
    (ticket,) = await received(till)
    line = (await till.tickets())[0].lines[0].id
    for minutes, command, what in ((5, bump_line, line), (2, bump, ticket), (1, recall, ticket), (29, bump, ticket)):
        till.replica.clock.pass_time(minutes=minutes)
        await cook(till, command, what)
    assert {each.mean_seconds for each in (await times(till)).dishes} == {37 * 60}


async def test_what_was_handed_over_is_timed_at_the_station_that_made_it(till: Hands) -> None:
    order = await till.open()
    await till.add(order, "cev")
    await till.send(order)
    (ticket,) = await received(till)
    till.replica.clock.pass_time(minutes=20)
    async with till.replica.work(COOK) as work:
        await transfer(work, [ticket], till.house.stations["Barra"])
    await received(till)
    till.replica.clock.pass_time(minutes=1)
    await cook(till, bump, ticket)
    assert [(each.key, each.mean_seconds) for each in (await times(till)).stations] == [("Barra", 60)]


async def test_no_time_runs_while_a_cook_holds_a_ticket(till: Hands) -> None:
    order = await till.open()
    await till.add(order, "cev")
    await till.send(order)
    (ticket,) = await received(till)
    for minutes, command in ((2, hold), (10, fire), (1, hold), (20, fire), (3, bump)):
        till.replica.clock.pass_time(minutes=minutes)
        await cook(till, command, ticket)
    assert (await times(till)).all.seconds == 6 * 60


async def test_what_a_display_did_while_it_was_cut_off_lands_on_the_hour_of_its_dish_and_a_recount_says_the_same(
    till: Hands, village: Village
) -> None:
    display = Hands(village, village.replica(WAITER))
    order = await till.open()
    await till.add(order, "cev")
    await till.send(order)
    await meet(till, display)
    (ticket,) = await received(display)
    till.replica.clock.pass_time(minutes=12)
    await cook(display, bump, ticket)
    assert (await times(till)).hours == (), "it has not heard of it"
    till.replica.clock.pass_time(minutes=200)
    later = await till.open()
    await till.add(later, "cev")
    await till.send(later)
    (second,) = [each.id for each in await till.tickets() if each.id != ticket]
    await cook(till, bump, second)
    await meet(till, display)
    found = await times(till)
    assert [(each.key, each.count, each.seconds) for each in found.hours] == [("12", 1, 720), ("15", 1, 0)]
    assert found == await times(display)
    for replica in (till.replica, display.replica):
        counted_anew = await replica.core(lambda door: counted(door, SUMS)[times_by_hour.name])
        assert counted_anew == await replica.core(lambda door: kept(door, times_by_hour))


async def test_half_and_nine_tenths_are_read_off_classes_of_times() -> None:
    tens = times_of("", 100, 31_500, 0, *(0 if end != 120 else 80 for end in CLASS_ENDS[:-1]), 20)
    assert (tens.median_seconds, tens.slow_seconds) == (97, 14_040)
    assert times_of("", 2, 700, 0, *(2 if end == 420 else 0 for end in CLASS_ENDS)).median_seconds == 350
    assert times_of("", 0, 0, 0, *(0 for _ in CLASS_ENDS)).slow_seconds == 0
