"""What is sold out, and of what so many are left: each portion that is ordered counts down, on every device."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import pytest
from evening import ONE, Hands, meet
from restaurant import CASHIER, COOK, MANAGER, NOON, SERVER, TILL, WAITER, HandClock, Replica, Village

from shared.books.inbox import open_exceptions
from shared.books.settling import settle_exception
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Actor
from shared.menu.availability import Left, availability, set_back, set_left, set_out
from shared.orders.commands import change_line
from tests.replicas import BRANCH, ORGANIZATION


async def says(hands: Hands, command: object, *what: object, by: Actor = COOK) -> None:
    async with hands.replica.work(by) as work:
        await command(work, *what)


async def left(replica: Replica) -> Mapping[UUID, Left]:
    async with replica.work() as work:
        return await availability(work.session, ORGANIZATION, BRANCH, work.business_date)


async def portions(hands: Hands, dish: UUID) -> int | None:
    found = (await left(hands.replica)).get(dish)
    return found.left_milli if found is not None else None


@pytest.fixture
async def till(village: Village) -> Hands:
    return Hands(village, village.replica(TILL))


@pytest.fixture
async def other(village: Village) -> Hands:
    return Hands(village, village.replica(WAITER, "B"))


@pytest.fixture
def ceviche(village: Village) -> UUID:
    return village.house.items["cev"]


@pytest.fixture
async def order(till: Hands) -> UUID:
    return await till.open()


async def test_six_left_count_down_with_each_portion_and_end_at_none(till: Hands, order: UUID, ceviche: UUID) -> None:
    await says(till, set_left, ceviche, 3 * ONE)
    line = await till.add(order)
    await till.one_more(line)
    assert await portions(till, ceviche) == ONE
    with pytest.raises(DomainError, match="FEWER_LEFT"):
        await till.set(line, 4 * ONE)
    await till.one_more(line)
    assert (await left(till.replica))[ceviche].is_out
    for more in (lambda: till.one_more(line), lambda: till.add(order)):
        with pytest.raises(DomainError, match="ITEM_SOLD_OUT"):
            await more()


async def test_what_was_ordered_before_the_count_is_not_counted_again(till: Hands, order: UUID, ceviche: UUID) -> None:
    line = await till.add(order)
    await says(till, set_left, ceviche, 2 * ONE)
    assert await portions(till, ceviche) == 2 * ONE
    await till.one_more(line)
    assert await portions(till, ceviche) == ONE, "one more of a line from before counts"
    await till.remove(line)
    assert await portions(till, ceviche) == 3 * ONE, "what nobody wants any more is there again"


async def test_what_was_called_off_is_there_again_unless_it_was_made(till: Hands, order: UUID, ceviche: UUID) -> None:
    await says(till, set_left, ceviche, 2 * ONE)
    line = await till.add(order)
    await till.send(order)
    await till.void(line, ONE)
    assert await portions(till, ceviche) == 2 * ONE
    line = await till.add(order)
    await till.send(order)
    await till.bump()
    await till.void(line, ONE, was_made=True)
    assert await portions(till, ceviche) == ONE


async def test_two_devices_that_sell_the_last_one_both_sell_it_and_people_are_asked(
    till: Hands, other: Hands, ceviche: UUID
) -> None:
    await says(till, set_left, ceviche, ONE)
    await meet(till, other)
    here, there = await till.open("1"), await other.open("2")
    await till.add(here)
    await other.add(there)
    await meet(till, other)
    for hands in (till, other):
        async with hands.replica.connection() as reader:
            (found,) = await open_exceptions(reader, ORGANIZATION, BRANCH)
        assert (found.kind, found.size, found.portions[0].name) == ("oversold", ONE, "Ceviche")
    await says(till, settle_exception, found.id, "se ofreció otro plato", by=MANAGER)
    async with till.replica.connection() as reader:
        assert await open_exceptions(reader, ORGANIZATION, BRANCH) == []


async def test_what_a_device_sold_before_it_heard_of_the_count_is_taken_from_it(
    till: Hands, other: Hands, ceviche: UUID
) -> None:
    """The kitchen counted six without knowing of the two that the other device had sold already."""
    await other.set(await other.add(await other.open()), 2 * ONE)
    till.replica.clock.pass_time(minutes=5)
    await says(till, set_left, ceviche, 6 * ONE)
    await meet(till, other)
    assert await portions(till, ceviche) == await portions(other, ceviche) == 4 * ONE


async def test_who_says_it_last_is_heard_whatever_the_clocks_say(village: Village, other: Hands, ceviche: UUID) -> None:
    ahead = Hands(village, village.replica(TILL, clock=HandClock(NOON + timedelta(hours=3))))
    await says(ahead, set_out, ceviche)
    await meet(ahead, other)
    assert (await left(other.replica))[ceviche].is_out
    await says(other, set_back, ceviche, by=SERVER)
    await meet(ahead, other)
    assert await left(ahead.replica) == await left(other.replica) == {}


@pytest.mark.parametrize("hours", [-14, 14])
async def test_a_display_whose_clock_is_hours_off_is_heard_all_the_same(
    village: Village, till: Hands, ceviche: UUID, hours: int
) -> None:
    await till.add(await till.open())
    display = Hands(village, village.replica(WAITER, "B", clock=HandClock(NOON + timedelta(hours=hours))))
    await meet(till, display)
    await says(display, set_left, ceviche, 2 * ONE)
    await meet(till, display)
    assert await portions(till, ceviche) == 2 * ONE
    await till.add(await till.open("2"))
    assert await portions(till, ceviche) == ONE
    await says(display, set_out, ceviche)
    await meet(till, display)
    with pytest.raises(DomainError, match="ITEM_SOLD_OUT"):
        await till.add(await till.open("2"))


async def test_the_next_business_day_begins_with_everything(till: Hands, order: UUID, ceviche: UUID) -> None:
    await says(till, set_out, ceviche)
    till.replica.clock.pass_time(days=1)
    assert await left(till.replica) == {}
    await till.add(await till.open())


async def test_an_option_is_sold_out_and_counted_down_like_a_dish(till: Hands, order: UUID, village: Village) -> None:
    lomo, choice = village.house.items["lom"], village.house.modifiers
    await says(till, set_left, choice["queso"], 2 * ONE)
    line = await till.add(order, lomo, chosen=(choice["jugoso"], choice["queso"]))
    assert await portions(till, choice["queso"]) == ONE
    await till.one_more(line)
    with pytest.raises(DomainError, match="ITEM_SOLD_OUT"):
        await till.one_more(line)
    plain = await till.add(order, lomo, chosen=(choice["jugoso"],))
    with pytest.raises(DomainError, match="ITEM_SOLD_OUT"):
        await says(till, change_line, plain, None, [choice["jugoso"], choice["queso"]], by=SERVER)
    await says(till, change_line, line, None, [choice["jugoso"]], by=SERVER)
    assert await portions(till, choice["queso"]) == 2 * ONE


async def test_who_may_not_and_what_is_no_number_changes_nothing(till: Hands, ceviche: UUID) -> None:
    with pytest.raises(DomainError, match="LEFT_NOT_SENSIBLE"):
        await says(till, set_left, ceviche, -ONE)
    with pytest.raises(DomainError, match="NOT_FOUND"):
        await says(till, set_out, UUID(int=404))
    with pytest.raises(DomainError, match="NOT_PERMITTED"):
        await says(till, set_out, ceviche, by=Actor(CASHIER.staff_id, "nobody"))
    await says(till, set_out, ceviche, by=Actor.at_station(till.house.stations["Cocina"], "Cocina"))
    assert (await left(till.replica))[ceviche].is_out


async def test_what_a_display_said_before_it_was_cut_off_does_not_beat_a_newer_restock(
    till: Hands, other: Hands, ceviche: UUID
) -> None:
    for word in (set_out, set_back, set_out):
        await says(other, word, ceviche)
    till.replica.clock.pass_time(hours=2)
    await says(till, set_left, ceviche, 9 * ONE)
    await meet(till, other)
    assert await portions(till, ceviche) == await portions(other, ceviche) == 9 * ONE


@pytest.mark.parametrize("days", [-3, 3])
async def test_a_display_days_behind_answers_what_it_hears_and_beats_nothing_that_it_does_not_know(
    village: Village, till: Hands, ceviche: UUID, days: int
) -> None:
    display = Hands(village, village.replica(WAITER, "B", clock=HandClock(NOON + timedelta(days=days))))
    await till.add(await till.open())
    await says(display, set_out, ceviche)
    await says(till, set_left, ceviche, 9 * ONE)
    await meet(till, display)
    if days < 0:
        assert await portions(till, ceviche) == 9 * ONE
    await says(till, set_left, ceviche, 8 * ONE)
    await meet(till, display)
    assert await portions(till, ceviche) == 8 * ONE
    await says(display, set_out, ceviche)
    await meet(till, display)
    assert (await left(till.replica))[ceviche].is_out
    await says(till, set_back, ceviche)
    await meet(till, display)
    assert await left(till.replica) == {}
    till.replica.clock.pass_time(days=1)
    assert await left(till.replica) == {}, "what was answered does not come back on the day of a clock that is ahead"
