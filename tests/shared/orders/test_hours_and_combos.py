"""Prices of the hour, and combos whose parts share a price: as they are ordered, sent, changed, paid and given back."""

from __future__ import annotations

from uuid import UUID

import pytest
from evening import ONE, Hands, meet
from hypothesis import given
from hypothesis import strategies as st
from restaurant import BRANCH, CLOUD, MANAGER, ORGANIZATION, Village
from service_menu import (
    AT_FOUR,
    AT_SIX,
    ServiceMenu,
    drop_combo,
    extend,
    more_of_combo,
    order_combo,
    two_devices,
)

from shared.kernel.errors import DomainError
from shared.menu.at_the_branch import set_price
from shared.menu.availability import oversold, set_left
from shared.menu.combos import share_combo
from shared.menu.records import Modifier
from shared.orders.combos import set_combo_quantity
from shared.orders.commands import set_quantity
from shared.orders.records import OrderLine
from shared.payments.records import ReceiptLine

CEVICHE = 4_250


@pytest.fixture
def devices(village: Village) -> tuple[Hands, Hands]:
    return two_devices(village)


@pytest.fixture
def till(devices: tuple[Hands, Hands]) -> Hands:
    return devices[0]


@pytest.fixture
def other(devices: tuple[Hands, Hands]) -> Hands:
    return devices[1]


@pytest.fixture
async def menu(village: Village, devices: tuple[Hands, Hands]) -> ServiceMenu:
    return await extend(village, *devices)


async def line(hands: Hands, line_id: UUID) -> OrderLine:
    row: OrderLine = await hands.replica.row(OrderLine, line_id)
    return row


# -- prices of the hour ----------------------------------------------------------------------------------------------


async def test_a_happy_hour_that_ends_before_the_guest_pays_keeps_its_price(
    village: Village, till: Hands, menu: ServiceMenu
) -> None:
    order = await till.open()
    village.clock.instant = AT_FOUR
    beer = await till.add(order, menu.items["cer"])
    village.clock.instant = AT_SIX
    assert (await line(till, beer)).price_name == "Hora feliz"
    assert (await till.check(order)).due_minor == 825, "750, and 10 % that are added to it"
    another = await till.add(order, menu.items["cer"])
    assert (await line(till, another)).unit_price_minor == 1_000
    assert (await till.check(order)).due_minor == 825 + 1_100


async def test_one_more_costs_what_its_own_hour_says(village: Village, till: Hands, menu: ServiceMenu) -> None:
    order = await till.open()
    village.clock.instant = AT_FOUR
    beer = await till.add(order, menu.items["cer"])
    assert await till.one_more(beer) == beer
    village.clock.instant = AT_SIX
    dear = await till.one_more(beer)
    assert dear != beer
    assert (await line(till, dear)).unit_price_minor == 1_000
    with pytest.raises(DomainError, match="PRICE_OF_ITS_HOUR"):
        await till.set(beer, 5 * ONE)
    await till.set(beer, ONE)  # fewer are fewer at any hour
    assert (await till.check(order)).due_minor == 825 + 1_100


async def test_a_happy_hour_makes_one_more_of_an_earlier_beer_cheaper(
    village: Village, till: Hands, menu: ServiceMenu
) -> None:
    order = await till.open()
    beer = await till.add(order, menu.items["cer"])
    village.clock.instant = AT_FOUR
    cheap = await till.one_more(beer)
    assert (await line(till, cheap)).unit_price_minor == 750


async def test_a_price_that_a_manager_typed_is_no_price_of_the_hour(
    village: Village, till: Hands, menu: ServiceMenu
) -> None:
    order = await till.open()
    beer = await till.add(order, menu.items["cer"], price=600)
    village.clock.instant = AT_FOUR
    assert await till.one_more(beer) == beer


async def test_after_a_price_was_changed_an_open_line_keeps_its_price_and_what_is_added_costs_todays(
    village: Village, till: Hands, menu: ServiceMenu
) -> None:
    order = await till.open()
    open_line, typed = await till.add(order), await till.add(order, price=4_000)
    pizza = await till.add(order, menu.items["piz"], chosen=(menu.halves["Mar"],))
    async with till.replica.work(MANAGER) as work:
        await set_price(work, till.house.items["cev"], 5_000)
    cloud = village.replica(CLOUD, "Z")
    await cloud.pull(till.replica)
    async with cloud.work() as work:
        (await work.get(Modifier, menu.halves["Mar"])).price_delta_minor = 1_000
    await till.replica.pull(cloud)
    more = await till.one_more(open_line)
    assert more != open_line
    assert (await line(till, open_line)).unit_price_minor == CEVICHE
    assert (await line(till, more)).unit_price_minor == (await line(till, more)).listed_minor == 5_000
    assert await till.one_more(more) == more
    assert await till.one_more(typed) == typed, "what somebody typed is no price of the list"
    other_pizza = await till.one_more(pizza)
    assert [each["price_delta_minor"] for each in (await line(till, other_pizza)).modifiers or ()] == [1_000]
    rest = till.replica.ids.new()
    async with till.replica.work(MANAGER) as work:
        assert (await set_quantity(work, open_line, 3 * ONE, rest)).id == rest
    (added,) = [each for each in (await till.order(order)).lines if each.id == rest]
    assert (added.quantity_milli, added.unit_minor) == (2 * ONE, 5_000)
    assert (await till.line(order, open_line)).quantity_milli == ONE


async def test_after_the_price_of_a_combo_was_changed_what_is_added_is_a_combo_of_its_own(
    till: Hands, menu: ServiceMenu
) -> None:
    order = await till.open()
    combo, _lines = await order_combo(till, menu, order, "sop", "sec", "cer")
    async with till.replica.work(MANAGER) as work:
        await set_price(work, menu.combo, 2_500)
    dearer = await more_of_combo(till, combo)
    assert dearer != combo
    assert await more_of_combo(till, dearer) == dearer
    ids = [till.replica.ids.new() for _ in range(4)]
    async with till.replica.work(MANAGER) as work:
        assert await set_combo_quantity(work, combo, 3 * ONE, ids[0], ids[1:]) == ids[0]
    costs = dict.fromkeys((combo, dearer, ids[0]), 0)
    for each in (await till.order(order)).lines:
        assert each.combo_id is not None
        costs[each.combo_id] += each.unit_minor * each.quantity_milli // ONE
    assert list(costs.values()) == [2_300, 2 * 2_800, 2 * 2_800]


async def test_a_dish_of_another_part_of_the_day_is_refused_with_its_hour(till: Hands, menu: ServiceMenu) -> None:
    order = await till.open()
    with pytest.raises(DomainError) as refused:
        await till.add(order, menu.items["hue"])
    assert refused.value.code == "ITEM_NOT_NOW"
    assert refused.value.params == {"item": "Huevos", "daypart": "Desayuno", "at": "07:00"}


# -- combos ----------------------------------------------------------------------------------------------------------


@given(
    st.integers(0, 10**9),
    st.lists(st.tuples(st.integers(0, 10**5), st.integers(0, 10**7)), min_size=1, max_size=9),
)
def test_parts_share_the_price_of_a_combo_exactly(price: int, parts: list[tuple[int, int]]) -> None:
    deltas, alone = [delta for delta, _ in parts], [each for _, each in parts]
    shares = share_combo(price, deltas, alone)
    assert sum(shares) == price + sum(deltas)
    assert all(share >= delta for share, delta in zip(shares, deltas, strict=True))


async def test_parts_go_to_their_stations_and_are_taxed_by_their_own_category(till: Hands, menu: ServiceMenu) -> None:
    order = await till.open()
    _combo, lines = await order_combo(till, menu, order, "sop", "sec", "cer")
    rows = [await line(till, each) for each in lines]
    assert [row.unit_price_minor for row in rows] == [419, 1_116, 465 + 300]
    assert {row.combo_name for row in rows} == {"Menú del día"}
    assert (await till.check(order)).due_minor == 419 + 1_116 + 765 + 77, "10 % are added to the beer alone"
    await till.send(order)
    told = {tuple((each.item_name, each.combo_name) for each in ticket.lines) for ticket in await till.tickets()}
    name = "Menú del día"
    assert told == {(("Sopa", name),), (("Cerveza", name),)}, "one ticket a station; the main course waits"


async def test_a_combo_needs_one_choice_for_each_slot_and_is_no_dish(till: Hands, menu: ServiceMenu) -> None:
    order = await till.open()
    for codes in (("sop", "sec"), ("sop", "sec", "cer", "jug")):
        with pytest.raises(DomainError, match="COMBO_UNFINISHED"):
            await order_combo(till, menu, order, *codes)
    with pytest.raises(DomainError, match="ITEM_IS_COMBO"):
        await till.add(order, menu.combo)


async def test_no_part_of_a_combo_changes_alone(till: Hands, menu: ServiceMenu) -> None:
    order = await till.open()
    combo, (soup, main, _juice) = await order_combo(till, menu, order, "sop", "sec", "jug")
    for change in (till.one_more(main), till.set(main, 3 * ONE), till.remove(soup)):
        with pytest.raises(DomainError, match="PART_OF_COMBO"):
            await change
    await drop_combo(till, combo)
    assert (await till.check(order)).due_minor == 0


async def test_one_more_of_an_unsent_combo_lets_all_of_its_parts_grow(till: Hands, menu: ServiceMenu) -> None:
    order = await till.open()
    combo, lines = await order_combo(till, menu, order, "sop", "sec", "jug")
    due = (await till.check(order)).due_minor
    assert await more_of_combo(till, combo) == combo
    assert [(await till.line(order, each)).quantity_milli for each in lines] == [2 * ONE] * 3
    assert (await till.check(order)).due_minor == 2 * due
    await till.send(order)
    assert await more_of_combo(till, combo) != combo
    assert (await till.check(order)).due_minor == 3 * due


async def test_two_devices_add_one_more_of_a_combo_and_both_count(till: Hands, other: Hands, menu: ServiceMenu) -> None:
    order = await till.open()
    combo, _lines = await order_combo(till, menu, order, "sop", "sec", "jug")
    await meet(till, other)
    due = (await till.check(order)).due_minor
    await more_of_combo(till, combo)
    await more_of_combo(other, combo)
    await meet(till, other)
    assert (await till.check(order)).due_minor == (await other.check(order)).due_minor == 3 * due
    assert not await till.differences()


async def test_a_combo_in_its_happy_hour_shares_the_lower_price(
    village: Village, till: Hands, menu: ServiceMenu
) -> None:
    order = await till.open()
    village.clock.instant = AT_FOUR
    combo, lines = await order_combo(till, menu, order, "sop", "sec", "jug")
    assert sum([(await line(till, each)).unit_price_minor or 0 for each in lines]) == 1_500
    village.clock.instant = AT_SIX
    assert await more_of_combo(till, combo) != combo


async def test_a_combo_of_something_sold_out_is_refused_whole(till: Hands, menu: ServiceMenu) -> None:
    order = await till.open()
    async with till.replica.work() as work:
        await set_left(work, menu.items["jug"], 1_000)
    combo, _lines = await order_combo(till, menu, order, "sop", "sec", "jug")
    with pytest.raises(DomainError, match="ITEM_SOLD_OUT"):
        await more_of_combo(till, combo)
    assert len(await till.replica.rows(OrderLine)) == 3


async def test_a_counted_combo_counts_down_and_says_what_two_devices_sold_too_many(
    till: Hands, other: Hands, menu: ServiceMenu
) -> None:
    order = await till.open()
    async with till.replica.work() as work:
        await set_left(work, menu.combo, 2_000)
    await meet(till, other)
    combo, _lines = await order_combo(till, menu, order, "sop", "sec", "jug")
    await more_of_combo(till, combo)
    with pytest.raises(DomainError, match="ITEM_SOLD_OUT"):
        await more_of_combo(till, combo)
    await order_combo(other, menu, await other.open(), "sop", "sec", "jug")
    await meet(till, other)
    async with till.replica.connection() as reader:
        (over,) = await oversold(reader, ORGANIZATION, [BRANCH])
    assert (over.name, over.over_milli) == ("Menú del día", ONE)


async def test_what_is_sold_in_another_part_of_the_day_is_no_part_of_a_combo_now(
    till: Hands, menu: ServiceMenu
) -> None:
    with pytest.raises(DomainError, match="ITEM_NOT_NOW"):
        await order_combo(till, menu, await till.open(), "sop", "hue", "jug")


async def test_a_paid_part_goes_back_at_its_share_and_all_parts_at_the_price(till: Hands, menu: ServiceMenu) -> None:
    order = await till.open()
    _combo, (soup, main, juice) = await order_combo(till, menu, order, "sop", "sec", "jug")
    check = (await till.check(order)).id
    due = (await till.check(order)).due_minor
    await till.send(order)
    await till.pay(check, due)
    shares = {line_id: (await line(till, line_id)).unit_price_minor for line_id in (soup, main, juice)}
    assert sum(filter(None, shares.values())) == 2_000
    sold = {row.order_line_id: row.id for row in await till.replica.rows(ReceiptLine)}
    assert await till.refund(check, {sold[soup]: ONE}) == shares[soup]
    rest = [await till.refund(check, {sold[line_id]: ONE}) for line_id in (main, juice)]
    assert (shares[soup] or 0) + sum(rest) == due
    assert not await till.differences()


async def test_a_voided_part_takes_its_share_and_the_others_keep_theirs(till: Hands, menu: ServiceMenu) -> None:
    order = await till.open()
    _combo, (soup, _main, _juice) = await order_combo(till, menu, order, "sop", "sec", "jug")
    due = (await till.check(order)).due_minor
    await till.send(order)
    await till.void(soup, ONE)
    assert (await till.check(order)).due_minor == due - ((await line(till, soup)).unit_price_minor or 0)
