"""Discounts and service charges that one device gives or lifts while another takes the money.

Whatever they do at once: what came in is what is due, or both devices say by how much it is not.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import product
from uuid import UUID

import pytest
from evening import ONE, Hands, meet

from shared.orders.commands import first_check_id
from shared.payments.records import Payment
from shared.payments.refund_records import Refund

TOO_MUCH, TOO_LITTLE = "charged_too_much", "charged_too_little"
TENTH = 100_000


class Table:
    """An order of three ceviches and a chicha, with what stood on it before two devices parted.

    Attributes:
        discount, service: what was given before they parted; None if nothing was.
    """

    def __init__(self, order: UUID, ceviche: UUID, chicha: UUID) -> None:
        self.order = order
        self.check = first_check_id(order)
        self.ceviche = ceviche
        self.chicha = chicha
        self.discount: UUID | None = None
        self.service: UUID | None = None


async def begin(till: Hands, before: str, table: str) -> Table:
    order = await till.open(table)
    made = Table(order, await till.add(order, "cev", 3 * ONE), await till.add(order, "chi"))
    await till.send(order)
    if "rate" in before:
        made.discount = await till.discount(made.check, rate_millionths=TENTH)
    if "amount" in before:
        made.discount = await till.discount(made.check, amount_minor=1_000)
    if "service" in before:
        made.service = await till.service(made.check, TENTH)
    return made


async def give_rate(who: Hands, table: Table) -> None:
    await who.discount(table.check, rate_millionths=125_000)


async def give_amount(who: Hands, table: Table) -> None:
    await who.discount(table.check, amount_minor=777)


async def give_of_line(who: Hands, table: Table) -> None:
    await who.discount(table.check, rate_millionths=500_000, line_id=table.ceviche)


async def give_amount_of_line(who: Hands, table: Table) -> None:
    await who.discount(table.check, amount_minor=500, line_id=table.chicha)


async def add_service(who: Hands, table: Table) -> None:
    await who.service(table.check, 130_000)


async def lift(who: Hands, table: Table) -> None:
    if table.discount is not None:
        await who.lift_discount(table.discount)
    if table.service is not None:
        await who.lift_service(table.service)


Act = Callable[[Hands, Table], Awaitable[None]]
ACTS: list[Act] = [give_rate, give_amount, give_of_line, give_amount_of_line, add_service, lift]
BEFORE = ["", "rate", "amount", "service", "rate service"]


async def due(who: Hands, table: Table, share: int = 1) -> int:
    return -(-(await who.check(table.order, table.check)).due_minor // share)


async def pay_all(who: Hands, table: Table) -> None:
    await who.pay(table.check, await due(who, table))


async def came_in(who: Hands, check: UUID) -> int:
    paid = [row.amount_minor for row in await who.replica.rows(Payment) if row.check_id == check]
    return sum(paid) - sum(
        row.paid_minor - row.rounding_minor for row in await who.replica.rows(Refund) if row.check_id == check
    )


async def wrong(who: Hands) -> int:
    found = await who.differences()
    assert not found.keys() - {TOO_MUCH, TOO_LITTLE}
    return found.get(TOO_MUCH, 0) - found.get(TOO_LITTLE, 0)


@pytest.mark.parametrize(("before", "act"), [*product(BEFORE, ACTS)], ids=lambda each: getattr(each, "__name__", each))
async def test_what_is_given_or_lifted_while_it_is_paid_is_told_to_the_cent(
    till: Hands, other: Hands, before: str, act: Act
) -> None:
    table, same = await begin(till, before, "1"), await begin(till, before, "2")
    await meet(till, other)
    till.replica.clock.pass_time(seconds=1)  # discounts count in the order of their ids
    await act(other, table)
    await pay_all(till, table)
    assert not await till.differences()
    await meet(till, other)
    await act(till, same)
    await pay_all(till, same)
    right = await came_in(till, same.check)
    size = await wrong(till)
    assert await wrong(other) == size
    assert await came_in(till, table.check) == right + size
    if size > 0:
        await other.give_back(table.check)
        await meet(till, other)
        assert await came_in(till, table.check) == right
        assert not await till.differences()
        assert (await till.order(table.order)).is_free


@pytest.mark.parametrize("act", ACTS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("before", ["", "rate service"])
async def test_what_is_given_or_lifted_knowing_a_receipt_leaves_it_as_it_is(
    till: Hands, other: Hands, before: str, act: Act
) -> None:
    table = await begin(till, before, "1")
    await till.pay(table.check, 100_000, share=2, method="Efectivo")
    await meet(till, other)
    await act(other, table)
    await meet(till, other)
    await till.pay(table.check, 100_000, method="Efectivo")
    assert not await till.differences()
    assert (await till.order(table.order)).is_free


async def test_an_amount_that_the_second_half_still_takes_is_no_difference(till: Hands, other: Hands) -> None:
    table = await begin(till, "", "1")
    await meet(till, other)
    await give_amount(other, table)
    await till.pay(table.check, 100_000, share=2, method="Efectivo")
    await meet(till, other)
    assert not await till.differences(), "something is owed, and the amount will be taken off it"
    await till.pay(table.check, 100_000, method="Efectivo")
    assert not await till.differences()
    assert sum(line.discount_minor for line in await till.receipt_lines()) == 777


async def test_a_rate_is_missing_of_the_half_that_was_paid_meanwhile(till: Hands, other: Hands) -> None:
    table, same = await begin(till, "", "1"), await begin(till, "", "2")
    await meet(till, other)
    await give_rate(other, table)
    await till.pay(table.check, await due(till, table, 2), share=2)
    await meet(till, other)
    await till.pay(table.check, await due(till, table))
    await give_rate(till, same)
    await pay_all(till, same)
    size = await wrong(till)
    assert size > 0
    assert abs(await came_in(till, table.check) - size - await came_in(till, same.check)) <= 1, "each half rounds"


async def test_the_discount_of_a_line_reaches_its_parts(till: Hands, other: Hands) -> None:
    table = await begin(till, "", "1")
    await till.split(table.ceviche, ONE)
    await meet(till, other)
    await give_of_line(other, table)
    await pay_all(till, table)
    await meet(till, other)
    assert await wrong(till) == await wrong(other) == 3 * 4_250 // 2


async def test_what_is_cancelled_before_it_is_given_back_takes_its_share_along(till: Hands, other: Hands) -> None:
    table = await begin(till, "", "1")
    await meet(till, other)
    await give_rate(other, table)
    await pay_all(till, table)
    await meet(till, other)
    whole = await wrong(till)
    ceviche = next(line for line in await till.receipt_lines() if line.order_line_id == table.ceviche)
    await till.refund(table.check, {ceviche.id: 3 * ONE})
    assert await wrong(till) == 1_200 * 125_000 // 1_000_000 < whole
    assert await till.give_back(table.check) == 150
    assert not await till.differences()
    chicha = next(line for line in await till.receipt_lines() if line.order_line_id == table.chicha)
    assert await till.refund(table.check, {chicha.id: ONE}) == 1_050
    assert not await till.differences()
    assert await came_in(till, table.check) == 0


async def test_given_back_on_both_devices_is_charged_too_little(till: Hands, other: Hands) -> None:
    table = await begin(till, "", "1")
    await meet(till, other)
    await give_rate(other, table)
    await pay_all(till, table)
    await meet(till, other)
    size = await wrong(till)
    assert await till.give_back(table.check) == await other.give_back(table.check)
    await meet(till, other)
    assert await wrong(till) == await wrong(other) == -size


async def test_paid_twice_and_discounted_meanwhile_ends_at_what_is_due(till: Hands, other: Hands) -> None:
    table = await begin(till, "", "1")
    await meet(till, other)
    await give_rate(other, table)
    right = await due(other, table)
    await pay_all(other, table)
    await pay_all(till, table)
    await meet(till, other)
    assert set(await till.differences()) == {"paid_twice"}
    await till.give_back(table.check)
    assert not await till.differences()
    assert await came_in(till, table.check) == right


async def test_an_amount_that_two_receipts_gave_at_once_is_charged_too_little(till: Hands, other: Hands) -> None:
    """There one more was ordered: the second receipt covers it alone, with its share of what was given already."""
    table = await begin(till, "amount", "1")
    await meet(till, other)
    await pay_all(till, table)
    till.replica.clock.pass_time(seconds=1)  # the first receipt is the sale
    more = await other.add(table.order, "pan", 4 * ONE)
    await other.send(table.order)
    await pay_all(other, table)
    await meet(till, other)
    assert set(await till.differences()) == {"paid_twice"}
    await till.give_back(table.check)
    await meet(till, other)
    bread = next(line for line in await till.receipt_lines() if line.order_line_id == more)
    assert bread.discount_minor > 0
    alone = await till.open("2")
    await till.add(alone, "pan", 4 * ONE)
    without = (await till.check(alone)).due_minor
    assert await wrong(till) == await wrong(other) == bread.total_minor - without


async def test_the_discount_of_a_line_that_is_paid_on_another_check_meanwhile_is_not_compared(
    till: Hands, other: Hands
) -> None:
    """The limit that `shared/payments/repricing.py` names; a part that is still owed there has the discount."""
    table = await begin(till, "", "1")
    elsewhere = await till.another_check(table.order)
    parts = [await till.split(table.ceviche, ONE) for _each in range(2)]
    await till.move(parts[0], elsewhere)
    await meet(till, other)
    await till.pay(elsewhere, (await till.check(table.order, elsewhere)).due_minor)
    await give_of_line(other, table)
    await meet(till, other)
    assert not await till.differences()
    assert not await other.differences()
    before = (await till.check(table.order, elsewhere)).due_minor
    await till.move(parts[1], elsewhere)
    assert (await till.check(table.order, elsewhere)).due_minor - before == 4_250 // 2


async def test_a_cent_of_rounding_that_a_refund_leaves_is_no_difference(till: Hands, other: Hands) -> None:
    """A tenth of three is 1.00, of two 0.67; of what was given back, two keep 0.66."""
    order = await till.open("1")
    bread, check = await till.add(order, "pan", 3 * ONE), first_check_id(order)
    await till.send(order)
    await meet(till, other)
    await other.discount(check, rate_millionths=TENTH)
    await till.pay(check, (await till.check(order)).due_minor)
    await meet(till, other)
    await till.give_back(check)
    (bought,) = [line for line in await till.receipt_lines() if line.order_line_id == bread]
    await till.refund(check, {bought.id: ONE})
    await meet(till, other)
    assert not await till.differences()
    assert not await other.differences()


async def test_what_was_given_back_of_a_line_goes_with_its_portions(till: Hands, other: Hands) -> None:
    table, same = await begin(till, "", "1"), await begin(till, "", "2")
    await meet(till, other)
    await give_rate(other, table)
    await pay_all(till, table)
    await meet(till, other)
    await till.give_back(table.check)
    await give_rate(till, same)
    await pay_all(till, same)
    for each in (table, same):
        ceviche = next(line for line in await till.receipt_lines() if line.order_line_id == each.ceviche)
        await till.refund(each.check, {ceviche.id: 2 * ONE})
    await meet(till, other)
    assert not await till.differences()
    assert abs(await came_in(till, table.check) - await came_in(till, same.check)) <= 5


async def test_an_amount_that_was_given_back_is_not_given_again(till: Hands, other: Hands) -> None:
    table, alone = await begin(till, "", "1"), await till.open("2")
    await meet(till, other)
    await give_amount(other, table)
    await pay_all(till, table)
    await meet(till, other)
    assert await till.give_back(table.check) == 780, "cash is rounded to the coin"
    await till.add(table.order, "pan", 4 * ONE, check=table.check)
    await till.add(alone, "pan", 4 * ONE)
    assert await due(till, table) == (await till.check(alone)).due_minor
    await till.send(table.order)
    await pay_all(till, table)
    assert not await till.differences()


@pytest.mark.parametrize("are_all", [True, False], ids=["all", "one"])
async def test_an_amount_that_was_given_back_is_given_for_portions_that_are_charged_again(
    till: Hands, other: Hands, are_all: bool
) -> None:
    table = await begin(till, "", "1")
    await meet(till, other)
    await give_amount(other, table)
    right = await due(other, table)
    await pay_all(till, table)
    await meet(till, other)
    await till.give_back(table.check)
    bought = {line.id: line.quantity_milli for line in await till.receipt_lines()}
    ceviche = next(line.id for line in await till.receipt_lines() if line.order_line_id == table.ceviche)
    await till.refund(table.check, bought if are_all else {ceviche: ONE})
    assert (await came_in(till, table.check) == 0) is are_all
    for void in await till.voids():
        await till.lift(void.id)
    await pay_all(till, table)
    assert abs(await came_in(till, table.check) - right) <= 1
    assert not await till.differences()
    assert (await till.order(table.order)).is_free
