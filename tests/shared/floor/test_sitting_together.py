"""Tables that are pushed together and apart, moved and handed over, on several devices at once."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from evening import Hands, meet
from restaurant import BRANCH, CASHIER, CLOUD, MANAGER, ORGANIZATION, TILL, WAITER, Village

from shared.books.causes import present_differences
from shared.books.gone import what_became_of
from shared.books.queries import open_orders
from shared.books.views import LineState, OrderView
from shared.floor.commands import assign_tables, set_out_of_service
from shared.floor.queries import TableView, tables
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Role
from shared.kitchen.firing import fire_at, fire_now
from shared.orders.allergies import note_allergy
from shared.orders.commands import first_check_id, open_order
from shared.orders.correcting import leave
from shared.orders.coursing import set_course
from shared.orders.placing import PlacedLine, PlacedOrder, place_order
from shared.orders.records import OrderKind, OrderSource
from shared.orders.rules import end_of
from shared.orders.seating import hand_to, move_order, note_guests
from shared.payments.commands import join_orders
from shared.payments.joining import gather, join_tables, part_tables
from shared.staff.commands import take_on
from shared.staff.pins import HashedPin
from shared.staff.records import StaffMember
from shared.taxes.queries import rates_in_force
from shared.truth.family import Difference

CEVICHE, CHICHA = 4_250, 1_200
ROSA = UUID(int=0xA1)


class Waiter(Hands):
    """With the words of the floor."""

    async def sit(self, order_id: UUID, into: UUID) -> None:
        async with self.replica.work(MANAGER) as work:
            await join_tables(work, order_id, into)

    async def part(self, order_id: UUID) -> None:
        async with self.replica.work(MANAGER) as work:
            await part_tables(work, order_id)

    async def gather(self, order_id: UUID) -> UUID | None:
        async with self.replica.work(MANAGER) as work:
            return await gather(work, order_id)

    async def move_to(self, order_id: UUID, table: str) -> None:
        async with self.replica.work(MANAGER) as work:
            await move_order(work, order_id, self.house.tables[table])

    async def seen(self) -> dict[UUID, OrderView]:
        """The open orders, as a floor shows them."""
        async with self.replica.connection() as reader:
            taxes = await rates_in_force(reader, ORGANIZATION, self.replica.clock.now().date())
            found = await open_orders(reader, ORGANIZATION, BRANCH, taxes)
        return {each.id: each for each in found}

    async def asked(self) -> list[Difference]:
        """What people are asked about."""
        async with self.replica.connection() as reader:
            found, _sums, _orders = await present_differences(reader, ORGANIZATION, [BRANCH])
        return [Difference(each.kind) for each in found]

    async def tables(self) -> dict[str, TableView]:
        async with self.replica.connection() as reader:
            return {each.name: each for each in await tables(reader, ORGANIZATION, BRANCH)}


@pytest.fixture
async def till(village: Village) -> Waiter:
    return Waiter(village, village.replica(TILL))


@pytest.fixture
async def other(village: Village) -> Waiter:
    return Waiter(village, village.replica(WAITER, "B"))


def states(view: OrderView) -> Counter[LineState]:
    return Counter(line.state for line in view.lines)


# Together and apart


async def test_tables_pushed_together_have_one_bill_and_parting_gives_each_line_back(
    till: Waiter, other: Waiter
) -> None:
    """Two dishes sent and one not at table 1; table 1 joins table 2 here while a beer is added to it there."""
    one, two = await till.open("1"), await till.open("2")
    await till.add(one)
    await till.add(one, "lom", chosen=(till.house.modifiers["jugoso"],))
    await till.send(one)
    await till.add(one, "pan")
    await till.add(two)
    await till.send(two)
    await meet(till, other)
    told = await till.wall()
    await till.sit(one, two)
    beer = await other.add(one, "chi")
    await meet(till, other)
    for each in (till, other):
        (view,) = (await each.seen()).values()
        assert view.id == two
        assert len(view.lines) == 5
        assert beer in {line.id for line in view.lines}
        assert [(party.id, party.table_name) for party in view.joined] == [(one, "1")]
        assert await each.wall() == told
        assert await each.differences() == {}
    check = await till.gather(two)
    assert len((await till.order(two)).owing) == 1
    assert check == first_check_id(two)
    await meet(till, other)
    await other.part(one)
    await meet(till, other)
    found = await till.seen()
    assert found.keys() == {one, two}
    assert states(found[one]) == {LineState.SENT: 2, LineState.OPEN: 2}
    assert states(found[two]) == {LineState.SENT: 1}
    assert {line.check_id for line in found[one].lines} == {first_check_id(one)}
    assert await till.wall() == told
    assert await till.send(one) == 2_000


async def test_who_sits_together_is_paid_with_one_receipt_and_both_tables_are_free(till: Waiter, other: Waiter) -> None:
    one, two = await till.open("1"), await till.open("2")
    await till.add(one)
    await till.add(two, "chi")
    await till.sit(one, two)
    await till.send(two)
    await till.gather(two)
    assert await till.pay(first_check_id(two), CEVICHE + CHICHA)
    await till.bump()
    await till.serve(two)
    await meet(till, other)
    assert await other.seen() == {}
    assert await other.differences() == {}
    async with other.replica.connection() as reader:
        gone = await what_became_of(reader, ORGANIZATION, one)
    assert gone is not None
    assert gone.joined_to == (await till.order(two)).number


async def test_a_table_that_is_joined_here_and_paid_there_is_paid_once(till: Waiter, other: Waiter) -> None:
    one, two = await till.open("1"), await till.open("2")
    for each in (one, two):
        await till.add(each)
        await till.send(each)
    await meet(till, other)
    await till.sit(one, two)
    await till.gather(two)
    await other.pay(first_check_id(one), CEVICHE)
    await meet(till, other)
    for each in (till, other):
        (view,) = (await each.seen()).values()
        assert view.due_minor == CEVICHE
        assert await each.differences() == {}
    await other.pay(first_check_id(two), CEVICHE)
    await meet(till, other)
    assert await till.differences() == {}


async def test_the_whole_is_paid_here_while_there_one_of_them_pays_alone_and_people_are_asked(
    till: Waiter, other: Waiter
) -> None:
    one, two = await till.open("1"), await till.open("2")
    for each in (one, two):
        await till.add(each)
        await till.send(each)
    await till.sit(one, two)
    await meet(till, other)
    await till.gather(two)
    await till.pay(first_check_id(two), 2 * CEVICHE)
    await other.pay(first_check_id(one), CEVICHE)
    await meet(till, other)
    assert (await till.differences())["paid_twice"] == 1_000
    assert await till.differences() == await other.differences()


async def test_what_is_added_while_the_whole_is_paid_is_still_owed(till: Waiter, other: Waiter) -> None:
    one, two = await till.open("1"), await till.open("2")
    await till.add(one)
    await till.send(one)
    await till.sit(one, two)
    await meet(till, other)
    await till.gather(two)
    await till.pay(first_check_id(two), CEVICHE)
    await other.add(one, "chi")
    await meet(till, other)
    (view,) = (await other.seen()).values()
    assert (view.due_minor, view.unsent) == (CHICHA, 1)


async def test_joined_crosswise_at_once_the_older_order_has_both(till: Waiter, other: Waiter) -> None:
    one, two = await till.open("1"), await till.open("2")
    for each in (one, two):
        await till.add(each)
    await meet(till, other)
    await till.sit(one, two)
    await other.sit(two, one)
    await meet(till, other)
    for each in (till, other):
        (view,) = (await each.seen()).values()
        assert view.id == min(one, two)
        assert len(view.lines) == 2
    await till.part(one)
    assert len(await till.seen()) == 1  # the other word still stands: they sit together the other way round
    await till.part(two)
    assert len(await till.seen()) == 2


async def test_joined_here_and_parted_there_at_once_the_newer_word_holds(till: Waiter, other: Waiter) -> None:
    one, two = await till.open("1"), await till.open("2")
    for each in (one, two):
        await till.add(each)
    await till.sit(one, two)
    await till.gather(two)
    await meet(till, other)
    till.replica.clock.pass_time(seconds=1)
    await other.part(one)
    await till.send(two)
    await meet(till, other)
    assert (await till.seen()).keys() == {one, two} == (await other.seen()).keys()
    assert [len(view.lines) for view in (await till.seen()).values()] == [1, 1]


async def test_three_tables_in_a_row_have_one_bill_and_part_one_by_one(till: Waiter) -> None:
    orders = [await till.open("1"), await till.open("2"), await till.take_out()]
    for each in orders:
        await till.add(each)
    await till.sit(orders[0], orders[1])
    await till.sit(orders[1], orders[2])
    await till.gather(orders[2])
    (view,) = (await till.seen()).values()
    assert (view.id, len(view.lines), len(view.joined)) == (orders[2], 3, 2)
    with pytest.raises(DomainError, match="NOTHING_TO_MOVE"):
        await till.sit(orders[2], orders[0])
    await till.part(orders[1])
    assert {key: len(view.lines) for key, view in (await till.seen()).items()} == {orders[1]: 2, orders[2]: 1}
    with pytest.raises(DomainError, match="NOT_JOINED"):
        await till.part(orders[1])


async def test_a_check_with_a_discount_or_a_payment_of_its_own_is_paid_by_itself(till: Waiter) -> None:
    one, two = await till.open("1"), await till.open("2")
    for each in (one, two):
        await till.add(each)
    await till.discount(first_check_id(one), rate_millionths=100_000, reason="Cliente frecuente")
    await till.sit(one, two)
    await till.gather(two)
    view = await till.order(two)
    assert [check.due_minor for check in view.owing] == [CEVICHE - 425, CEVICHE]
    assert view.due_minor == 2 * CEVICHE - 425


async def test_a_party_that_is_cancelled_goes_with_those_that_joined_it(till: Waiter) -> None:
    one, two = await till.open("1"), await till.open("2")
    await till.add(one)
    await till.add(two)
    await till.sit(one, two)
    await till.cancel(two)
    assert await till.seen() == {}


def test_the_end_of_a_ring_is_its_smallest() -> None:
    a, b, c, d = (UUID(int=number) for number in range(1, 5))
    assert end_of(a, {}) == a
    assert end_of(a, {a: b, b: c, c: None}) == c
    assert {end_of(each, {d: c, c: b, b: c}) for each in (d, c, b)} == {b}
    assert end_of(a, {a: a}) == a


# Moving


async def test_a_table_that_moves_on_two_devices_at_once_is_at_one_table(till: Waiter, other: Waiter) -> None:
    order = await till.open("1")
    await till.add(order)
    await meet(till, other)
    await till.move_to(order, "1")
    till.replica.clock.pass_time(seconds=1)
    await other.move_to(order, "2")
    await meet(till, other)
    for each in (till, other):
        view = await each.order(order)
        assert (view.table_id, view.table_name) == (each.house.tables["2"], "2")


async def test_two_parties_that_move_to_one_table_at_once_are_asked_about(till: Waiter, other: Waiter) -> None:
    one, two = await till.open("1"), await till.take_out()
    for each in (one, two):
        await till.add(each)
    await meet(till, other)
    await till.move_to(one, "2")
    await other.move_to(two, "2")
    await meet(till, other)
    for each in (till, other):
        assert await each.asked() == [Difference.TABLE_OPENED_TWICE]
    await till.sit(one, two)
    assert await till.asked() == []  # they sit together now


async def test_a_party_that_was_seated_beside_another_hides_no_later_opening_of_its_table(
    till: Waiter, other: Waiter
) -> None:
    first, second = await till.open("1"), till.replica.ids.new()
    async with till.replica.work(MANAGER) as work:
        await open_order(work, second, OrderKind.DINE_IN, till.house.tables["1"], 2, beside=[first])
    for each in (first, second):
        await till.add(each)
    assert await till.asked() == []
    await till.cancel(first)
    third = await other.open("1")  # it has not heard of them
    await other.add(third)
    await meet(till, other)
    for each in (till, other):
        assert await each.asked() == [Difference.TABLE_OPENED_TWICE]
    async with till.replica.work(MANAGER) as work:
        await move_order(work, third, till.house.tables["1"], [second])
    assert await till.asked() == [], "somebody knows now that both sit there"


async def test_nobody_is_asked_about_an_order_that_a_program_places_where_somebody_sits(
    till: Waiter, other: Waiter
) -> None:
    first, second = await till.open("1"), till.replica.ids.new()
    await till.add(first)
    line = PlacedLine(till.house.items["chi"])
    async with till.replica.work(MANAGER) as work:
        placed = PlacedOrder(OrderKind.DINE_IN, [line], till.house.tables["1"])
        await place_order(work, second, placed, OrderSource.API)
    await meet(till, other)
    assert [await each.asked() for each in (till, other)] == [[], []]
    assert set(await other.seen()) == {first, second}


# Whose table it is


async def test_nobody_is_seated_at_a_table_out_of_service_and_who_sits_there_stays(till: Waiter) -> None:
    order, one = await till.open("1"), till.house.tables["1"]
    async with till.replica.work(MANAGER) as work:
        await set_out_of_service(work, one, out=True)
    assert (await till.tables())["1"].out_of_service
    assert (await till.order(order)).table_id == one
    elsewhere = await till.open("2")
    with pytest.raises(DomainError, match="TABLE_OUT_OF_SERVICE"):
        await till.move_to(elsewhere, "1")
    with pytest.raises(DomainError, match="TABLE_OUT_OF_SERVICE"):
        await till.open("1")
    async with till.replica.work(MANAGER) as work:
        await set_out_of_service(work, one, out=False)
    await till.move_to(elsewhere, "1")


async def test_a_section_is_given_by_who_arranges_the_floor_on_two_devices_as_on_one(
    till: Waiter, other: Waiter
) -> None:
    one, (ana, luis) = till.house.tables["1"], (CASHIER.staff_id, MANAGER.staff_id)
    for each, person in ((till, ana), (other, luis)):
        async with each.replica.work(MANAGER) as work:
            await assign_tables(work, [one], person)
        each.replica.clock.pass_time(seconds=1)
    await meet(till, other)
    assert (await till.tables())["1"].server_id == luis == (await other.tables())["1"].server_id
    with pytest.raises(DomainError, match="NOT_PERMITTED"):
        async with till.replica.work(CASHIER) as work:
            await assign_tables(work, [one], None)


async def test_a_colleague_takes_a_table_over_and_who_opened_it_is_kept(till: Waiter, village: Village) -> None:
    cloud = village.replica(CLOUD)
    async with cloud.work() as work:
        await take_on(work, ROSA, "Rosa", Role.WAITER, HashedPin("", ""))
    await till.replica.pull(cloud)
    order = await till.open("1")
    await till.add(order)
    async with till.replica.work(MANAGER) as work:
        await hand_to(work, order, ROSA)
    view = await till.order(order)
    assert (view.server_name, view.server_id, view.opened_by) == ("Rosa", ROSA, MANAGER.staff_id)


async def test_guests_sit_down_before_they_order_and_leave_without_a_trace(till: Waiter) -> None:
    order = till.replica.ids.new()
    async with till.replica.work(MANAGER) as work:
        await open_order(work, order, OrderKind.DINE_IN, till.house.tables["1"], 4)
        await note_guests(work, order, 5)
    assert [(view.guests, view.is_empty) for view in (await till.seen()).values()] == [(5, True)]
    with pytest.raises(DomainError, match="GUESTS_NOT_SENSIBLE"):
        async with till.replica.work(MANAGER) as work:
            await note_guests(work, order, 1_000)
    async with till.replica.work(MANAGER) as work:
        await leave(work, order)
    assert await till.seen() == {}


async def test_guests_who_sit_together_leave_together(till: Waiter) -> None:
    one, two = await till.open("1"), await till.open("2")
    await till.sit(one, two)
    async with till.replica.work(MANAGER) as work:
        await leave(work, two)
    assert await till.seen() == {}


async def test_an_allergy_is_on_every_ticket_of_all_who_sit_together_however_they_came_to(
    till: Waiter, other: Waiter
) -> None:
    a, b, c = await till.open("1"), await till.open("2"), await till.take_out()
    for order in (a, b, c):
        await till.add(order)
    await meet(till, other)
    async with till.replica.work(MANAGER) as work:
        await note_allergy(work, a, work.ids.new(), "peanuts")
    await till.sit(a, b)
    await till.sit(b, c)
    await till.gather(c)
    await till.send(c)
    assert [[each.allergen for each in ticket.allergies] for ticket in await till.tickets()] == [["peanuts"]]
    assert [each.allergen for each in (await till.order(c)).allergies] == ["peanuts"]


@pytest.mark.parametrize("is_older", [True, False])
async def test_an_allergy_follows_an_order_that_became_one_with_another(till: Waiter, is_older: bool) -> None:
    one, two = await till.open("1"), await till.open("1")
    for order in (one, two):
        await till.add(order)
    async with till.replica.work(MANAGER) as work:
        await note_allergy(work, one if is_older else two, work.ids.new(), "peanuts")
        stays = await join_orders(work, one, two)
    assert [each.allergen for each in (await till.order(stays)).allergies] == ["peanuts"]
    await till.add(stays, "chi")
    await till.send(stays)
    assert {tuple(each.allergen for each in ticket.allergies) for ticket in await till.tickets()} == {("peanuts",)}


@pytest.mark.parametrize("how", ["joined", "gathered", "became one"])
async def test_a_course_is_fired_at_the_time_that_was_said_before_its_table_was_joined(till: Waiter, how: str) -> None:
    order, into = await till.open("1"), await till.open("2")
    lines = [await till.add(order), await till.add(order, "chi")]
    await till.add(into)
    async with till.replica.work(MANAGER) as work:
        for course, line in enumerate(lines, 1):
            await set_course(work, line, course)
        at = work.now + timedelta(minutes=20)
        await fire_at(work, order, 2, at)
    if how == "became one":
        async with till.replica.work(MANAGER) as work:
            into = await join_orders(work, order, into)
    else:
        await till.sit(order, into)
        if how == "gathered":
            await till.gather(into)
    view = await till.order(into)
    assert {course: time.at for course, time in view.fire_times.items()} == {2: at}
    async with till.replica.work(MANAGER) as work:
        await fire_now(work, into, 2)
    assert not (await till.order(into)).fire_times, "it is over for all of them"


async def test_nothing_is_given_to_somebody_who_has_left(till: Waiter, village: Village) -> None:
    order, one, cloud = await till.open(), till.house.tables["1"], village.replica(CLOUD)
    async with cloud.work() as work:
        await take_on(work, ROSA, "Rosa", Role.WAITER, HashedPin("", ""))
        (await work.get(StaffMember, ROSA)).active = False
    await till.replica.pull(cloud)
    for give in (lambda work: hand_to(work, order, ROSA), lambda work: assign_tables(work, [one], ROSA)):
        with pytest.raises(DomainError, match="NO_LONGER_WORKS_HERE"):
            async with till.replica.work(MANAGER) as work:
                await give(work)


# Money of parties that sit together


async def test_a_discount_of_a_device_that_knew_nothing_of_the_joining_is_on_the_bill(
    till: Waiter, other: Waiter
) -> None:
    one, two = await till.open("1"), await till.open("2")
    for order in (one, two):
        await till.add(order)
    await meet(till, other)
    await till.sit(one, two)
    await till.gather(two)
    await other.discount(first_check_id(one), rate_millionths=500_000, reason="Cliente frecuente")
    await meet(till, other)
    assert await till.asked() == [], "the next look at the bill puts it right"
    await till.gather(two)
    view = await till.order(two)
    assert [check.due_minor for check in view.owing] == [CEVICHE // 2, CEVICHE]
    await till.gather(two)
    assert len((await till.order(two)).owing) == 2, "it stays so"


@pytest.mark.parametrize("begun", ["paid", "in part", "discounted"])
async def test_a_discount_that_comes_after_the_bill_of_all_was_begun_is_asked_about(
    till: Waiter, other: Waiter, begun: str
) -> None:
    one, two = await till.open("1"), await till.open("2")
    for order in (one, two):
        await till.add(order)
        await till.send(order)
    await meet(till, other)
    await till.sit(one, two)
    bill = await till.gather(two)
    assert bill is not None
    if begun == "discounted":
        await till.discount(bill, amount_minor=100)
    else:
        await till.pay(bill, 2 * CEVICHE if begun == "paid" else 1_000)
    given = await other.discount(first_check_id(one), rate_millionths=500_000, reason="Cliente frecuente")
    await meet(till, other)
    assert await till.gather(two) == bill or begun == "paid"
    for each in (till, other):
        assert await each.asked() == [Difference.DISCOUNT_LEFT_BEHIND]
    await till.lift_discount(given)
    assert await till.asked() == []
