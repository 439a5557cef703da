"""Guests' orders on two devices and the cloud: one dish whoever accepts, and the branch's word counts."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from evening import Hands, meet
from guests_at_tables import DIRECT, Phone, accepted, at_branch, refused, taken, withdrawn
from restaurant import CLOUD, MANAGER, Village
from service_menu import add_service_menu, two_devices

from shared.guests.queries import DishState, GuestOrderState
from shared.guests.records import Asks
from shared.guests.settings import TakesOrders
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Actor
from shared.kitchen.records import KitchenTicket
from shared.menu.availability import set_left, set_out
from shared.orders.placing import PlacedPart
from shared.orders.records import Order, OrderLine
from shared.orders.seating import move_order


class Restaurant:
    """Two devices and the cloud, and phones at table 1."""

    def __init__(self, village: Village) -> None:
        self.till, self.waiter = two_devices(village)
        self.cloud = Hands(village, village.replica(CLOUD))
        self.village = village

    def phone(self, table: str = "1", name: str = "") -> Phone:
        return Phone(self.cloud.replica, self.village.house, table, uuid4(), name)

    async def meet(self) -> None:
        await meet(self.till, self.waiter, self.cloud)


@pytest.fixture
async def here(village: Village) -> Restaurant:
    return Restaurant(village)


async def seated(here: Restaurant, *, by_staff: bool = True) -> Phone:
    """A phone that staff admitted with its first order, a chicha."""
    phone = here.phone(name="Lucía")
    phone.wants("chi")
    key = await phone.order()
    await here.meet()
    if by_staff:
        await accepted(here.till, key)
    await here.meet()
    return phone


async def test_the_first_order_of_a_phone_waits_for_staff_and_opens_the_table(here: Restaurant) -> None:
    phone = here.phone(name="Lucía")
    phone.wants("lom", 2, "jugoso", "huevo")
    key = await phone.order()
    await here.meet()
    with pytest.raises(DomainError, match="GUEST_ORDER_ASKS"):
        await taken(here.waiter, key)
    assert not await here.till.replica.rows(Order)
    assert await phone.session() is None

    assert (await accepted(here.till, key)).sent is not None
    await here.meet()
    (order,) = await here.waiter.replica.rows(Order)
    view = await here.waiter.order(order.id)
    assert (view.table_name, [(line.item_name, line.quantity_milli, line.unit_minor) for line in view.lines]) == (
        "1",
        [("Lomo saltado", 2_000, 3_890 + 300)],
    )
    assert view.lines[0].is_told
    assert view.lines[0].by_guest
    session = await phone.session()
    assert session is not None
    assert session.order_id == order.id
    (shown,) = await phone.orders()
    assert (shown.state, shown.name, shown.lines[0].state) == (GuestOrderState.ACCEPTED, "Lucía", DishState.WAITING)


async def test_every_device_that_accepts_makes_the_same_dish_once(here: Restaurant) -> None:
    phone = await seated(here)
    for _round in range(2):
        phone.wants("lom", 1, "cocido")
        phone.wants("chi", 3)
        key = await phone.order()
        await here.meet()
        for hands in (here.till, here.waiter):
            assert (await taken(hands, key)).sent is not None
            assert (await taken(hands, key)).sent is None
        await accepted(here.waiter, key)
        await here.meet()
    lines = await here.till.replica.rows(OrderLine)
    assert [line.quantity_milli for line in lines] == [1_000, 1_000, 3_000, 1_000, 3_000]
    assert len(await here.till.replica.rows(KitchenTicket)) == 1 + 2 + 2
    assert await here.till.wall() == await here.waiter.wall()
    assert not await here.till.differences()
    view = await here.till.order(lines[0].order_id)
    assert [line.item_name for line in view.lines] == [
        "Chicha morada",
        *["Lomo saltado", "Chicha morada"] * 2,
    ], "rounds stand in order"


async def test_the_first_order_accepted_on_two_devices_at_once_is_one_table(here: Restaurant) -> None:
    phone = here.phone()
    phone.wants("lom", 1, "jugoso")
    key = await phone.order()
    await here.meet()
    await here.waiter.open("2")  # so that its numbers differ
    await accepted(here.till, key)
    await accepted(here.waiter, key)
    await here.meet()
    orders = [each for each in await here.till.replica.rows(Order) if each.guest_order_id]
    assert len(orders) == 1
    assert (await here.till.order(orders[0].id)).bill.total_minor == 3_890
    assert len(await here.till.replica.rows(KitchenTicket)) == 1
    assert not await here.till.differences()


async def test_a_combo_of_a_phone_is_a_combo_of_the_order(here: Restaurant) -> None:
    async with here.cloud.replica.work() as work:
        made = await add_service_menu(work)
    await here.meet()
    phone = await seated(here)
    phone.house.items["menu"] = made.combo
    choices = [PlacedPart(made.choices[code]) for code in ("sop", "sec", "cer")]
    phone.wants("menu", 2, parts=choices)
    key = await phone.order()
    await here.meet()
    await taken(here.till, key)
    await taken(here.waiter, key)
    await here.meet()
    shown = (await phone.orders())[-1]
    view = await here.waiter.order(shown.order_id)
    combo = [line for line in view.lines if line.combo_name]
    assert [line.item_name for line in combo] == ["Sopa", "Seco", "Cerveza"]
    assert shown.total_minor == sum(line.total_minor for line in combo) > 4_000
    assert not await here.till.differences()


async def test_what_was_withdrawn_and_accepted_is_accepted_and_both_sides_say_so(here: Restaurant) -> None:
    phone = await seated(here)
    phone.wants("lom", 1, "jugoso")
    key = await phone.order()
    await here.till.replica.pull(here.cloud.replica)
    await withdrawn(here.cloud.replica, key)
    assert (await phone.orders())[-1].state is GuestOrderState.WITHDRAWN
    await taken(here.till, key)  # it has not heard
    await here.meet()
    shown = (await phone.orders())[-1]
    assert (shown.state, shown.is_withdrawn) == (GuestOrderState.ACCEPTED, True)


async def test_a_device_takes_nothing_late_withdrawn_refused_or_sold_out_by_itself(here: Restaurant) -> None:
    phone = await seated(here)
    keys = []
    for _each in range(4):
        phone.wants("cev")
        keys.append(await phone.order())
    late, back, no, gone = keys
    await withdrawn(here.cloud.replica, back)
    await here.meet()
    await refused(here.waiter, no)
    await here.meet()
    here.village.clock.pass_time(seconds=91)
    for key in (late, back, no):
        with pytest.raises(DomainError, match="GUEST_ORDER_ASKS"):
            await taken(here.till, key)
    here.village.clock.pass_time(seconds=-90)
    async with here.till.replica.work(MANAGER) as work:
        await set_out(work, here.village.house.items["cev"])
    with pytest.raises(DomainError, match="ITEM_SOLD_OUT"):
        await taken(here.till, gone)
    for key in keys:
        await accepted(here.till, key)  # a person may: they know better
    await here.meet()
    assert [each.state for each in await phone.orders()] == [GuestOrderState.ACCEPTED] * 5


async def test_the_last_portion_is_sold_once_also_on_two_lines_of_one_order(here: Restaurant) -> None:
    phone = await seated(here)
    phone.wants("cev")
    phone.wants("cev")
    key = await phone.order()
    await here.meet()
    async with here.till.replica.work(MANAGER) as work:
        await set_left(work, here.village.house.items["cev"], 1_000)
    with pytest.raises(DomainError, match="FEWER_LEFT"):
        await taken(here.till, key)
    await here.meet()
    phone.wants("cev")
    phone.wants("cev")
    with pytest.raises(DomainError, match="FEWER_LEFT"):
        await phone.order()


async def test_a_refusal_tells_the_guest_why_and_cooks_nothing(here: Restaurant) -> None:
    phone = here.phone()
    phone.wants("cev")
    key = await phone.order()
    await here.meet()
    with pytest.raises(DomainError, match="GUEST_REASON_IS_MISSING"):
        await refused(here.till, key, " ")
    await refused(here.till, key, "Se acabó el pescado")
    await here.meet()
    (shown,) = await phone.orders()
    assert (shown.state, shown.reason) == (GuestOrderState.REFUSED, "Se acabó el pescado")
    assert not await here.till.replica.rows(OrderLine)


async def test_a_party_that_moves_takes_its_phones_along(here: Restaurant) -> None:
    phone = await seated(here)
    session = await phone.session()
    assert session is not None
    async with here.waiter.replica.work(MANAGER) as work:
        await move_order(work, session.order_id, here.village.house.tables["2"])
    await here.meet()
    strangers = here.phone("1")
    strangers.wants("cev")
    theirs = await strangers.order()
    phone.wants("chi")
    ours = await phone.order()
    await here.meet()
    await taken(here.till, ours)
    await accepted(here.till, theirs)
    await here.meet()
    (first, second), (other,) = await phone.orders(), await strangers.orders()
    assert (first.table_name, second.table_name, other.table_name) == ("1", "2", "1")
    assert first.order_id == second.order_id != other.order_id
    assert [line.item_name for line in other.lines] == ["Ceviche"]


async def test_a_session_is_over_with_its_bill_and_the_phone_orders_no_more(here: Restaurant) -> None:
    phone = await seated(here)
    session = await phone.session()
    assert session is not None
    phone.wants("chi")
    late = await phone.order()
    await here.meet()
    check = (await here.till.order(session.order_id)).check
    await here.till.serve(session.order_id)
    await here.till.pay(check.id, check.due_minor)
    await here.meet()
    assert await phone.session() is None
    with pytest.raises(DomainError, match="GUEST_ORDER_ASKS"):
        await taken(here.till, late)
    with pytest.raises(DomainError, match="GUESTS_HAVE_LEFT"):
        await accepted(here.till, late)


async def test_staff_seated_the_table_meanwhile_and_it_is_one_bill(here: Restaurant) -> None:
    phone = here.phone()
    phone.wants("lom", 1, "jugoso")
    key = await phone.order()
    order = await here.waiter.open("1")
    await here.waiter.add(order, "chi")
    await here.meet()
    await accepted(here.waiter, key)
    await here.meet()
    view = await here.till.order(order)
    assert {line.item_name for line in view.lines} == {"Chicha morada", "Lomo saltado"}
    assert view.due_minor == 3_890 + 1_200
    assert not await here.till.differences()


async def test_prices_hours_and_choices_are_the_houses(here: Restaurant) -> None:
    phone = here.phone()
    for code, pieces, modifiers, said in (
        ("lom", 1, (), "TOO_FEW_MODIFIERS"),
        ("lom", 0, ("jugoso",), "ITEM_NOT_FOR_GUESTS"),
        ("lom", 1, ("jugoso", "cocido"), "TOO_MANY_MODIFIERS"),
    ):
        phone.lines = []
        phone.wants(code, pieces, *modifiers)
        with pytest.raises(DomainError, match=said):
            await phone.order()
    phone.lines = []
    phone.wants("chi", 2)
    phone.lines = [each.__class__(each.cart_line_id, each.line, 2 * 1_000) for each in phone.lines]
    with pytest.raises(DomainError, match="GUEST_PRICE_CHANGED"):
        await phone.order()
    with pytest.raises(DomainError, match="GUEST_ORDERS_PAUSED"):
        await phone.order(TakesOrders(paused=True))
    assert await phone.orders() == []


async def test_staff_look_at_what_is_large_or_late_or_when_the_house_wants_it(here: Restaurant) -> None:
    phone = await seated(here)
    asked = []
    for takes, pieces, is_idle in (
        (DIRECT, 1, False),
        (DIRECT, 41, False),
        (TakesOrders(direct=True, most_minor=2_000), 2, False),
        (DIRECT, 1, True),
        (TakesOrders(), 1, False),
    ):
        phone.wants("chi", pieces)
        await phone.order(takes, is_idle=is_idle)
    asked = [each.asks for each in await phone.orders()][1:]
    assert asked == [Asks.NOBODY, Asks.AMOUNT, Asks.AMOUNT, Asks.IDLE, Asks.HOUSE]


async def test_an_accepted_dish_goes_from_the_kitchen_to_the_table_on_the_phone(here: Restaurant) -> None:
    phone = await seated(here)
    phone.wants("cev")
    key = await phone.order()
    await here.meet()
    await taken(here.till, key)
    await here.meet()
    seen = [(await phone.orders())[-1].lines[0].state]
    for _bump in range(2):
        await here.waiter.bump()
    await here.meet()
    seen.append((await phone.orders())[-1].lines[0].state)
    session = await phone.session()
    assert session is not None
    await here.till.serve(session.order_id)
    await here.meet()
    seen.append((await phone.orders())[-1].lines[0].state)
    assert seen == [DishState.WAITING, DishState.READY, DishState.SERVED]


async def test_only_the_cloud_writes_what_guests_want(here: Restaurant) -> None:
    phone = await seated(here)
    phone.wants("cev")
    phone_on_till = Phone(here.till.replica, here.village.house, "1", phone.phone_id)
    phone_on_till.lines = phone.lines
    with pytest.raises(DomainError, match="DEVICE_MAY_NOT"):
        await phone_on_till.order()
    async with at_branch(here.cloud.replica, Actor.guest(phone.phone_id)) as work:
        with pytest.raises(DomainError, match="NOT_PERMITTED"):
            await move_order(work, (await phone.orders())[0].order_id, here.village.house.tables["2"])


async def test_the_deadline_is_as_the_house_says(here: Restaurant) -> None:
    phone = await seated(here)
    phone.wants("chi")
    await phone.order(TakesOrders(direct=True, deadline_seconds=20))
    shown = (await phone.orders())[-1]
    assert shown.deadline_at - shown.placed_at == timedelta(seconds=20)


async def test_two_devices_that_accept_different_first_orders_open_one_table(here: Restaurant) -> None:
    phone, other = here.phone(), here.phone()
    phone.wants("chi")
    first = await phone.order()
    other.wants("cev")
    opened = {each.id: each.order_id for each in await phone.orders()}[first]
    second = await other.order(order_id=opened)
    await here.meet()
    await accepted(here.waiter, second)
    await accepted(here.till, first)
    await here.meet()
    (order,) = await here.till.replica.rows(Order)
    view = await here.waiter.order(order.id)
    assert {line.item_name for line in view.lines} == {"Chicha morada", "Ceviche"}
    assert not await here.till.differences()
