"""A share of a dish is a share of the whole dish, whatever becomes of the others."""

from __future__ import annotations

from uuid import UUID

import pytest
from evening import ONE, Hands
from restaurant import MANAGER, Village

from shared.kernel.quantity import MOST_SHARED
from shared.orders.commands import first_check_id
from shared.payments.records import ReceiptLine
from shared.payments.splitting import split_off

SOME = (2, 3, 6, 7, 11, 13, MOST_SHARED)
PRICES = (4_250, 150_000, 3_890)


class Shared:
    """A dish that guests share, each on a check of their own."""

    def __init__(self, hands: Hands, order: UUID, checks: list[UUID]) -> None:
        self.hands = hands
        self.order = order
        self.checks = checks

    @classmethod
    async def among(cls, hands: Hands, guests: int, price: int) -> Shared:
        """As the split key does it: one share after the other, each of what is left."""
        order = await hands.open()
        check, line = first_check_id(order), await hands.add(order, "cev", price=price)
        await hands.send(order)
        checks = [check]
        for left in range(guests, 1, -1):
            owed = (await hands.line(order, line)).owed_milli
            async with hands.replica.work(MANAGER) as work:
                checks.append((await split_off(work, check, work.ids.new(), {line: owed // left})).id)
        return cls(hands, order, checks)

    async def owed(self) -> dict[UUID, int]:
        """What each guest owes."""
        return {each.id: each.due_minor for each in (await self.hands.order(self.order)).checks}

    async def line_on(self, check: UUID) -> UUID:
        return next(each.id for each in (await self.hands.order(self.order)).lines if each.check_id == check)


@pytest.mark.parametrize("price", PRICES)
@pytest.mark.parametrize("guests", SOME)
async def test_all_guests_bear_the_same_to_the_minor_unit(till: Hands, guests: int, price: int) -> None:
    shared = await Shared.among(till, guests, price)
    owed = (await shared.owed()).values()
    assert sum(owed) == price
    assert max(owed) - min(owed) <= 1


@pytest.mark.parametrize("deed", ["void", "half of it", "refund", "remove"])
@pytest.mark.parametrize("price", PRICES[:2])
@pytest.mark.parametrize("guests", [3, 7, 11])
async def test_the_others_bear_what_they_bore_once_a_share_is_gone(
    till: Hands, guests: int, price: int, deed: str
) -> None:
    shared = await Shared.among(till, guests, price)
    for check in (shared.checks[1], shared.checks[-1], shared.checks[0]):
        before = await shared.owed()
        line = await shared.line_on(check)
        owed = (await till.line(shared.order, line)).owed_milli
        if deed == "refund":
            await till.pay(check, before[check], method="Visa")
            (paid,) = [row for row in await till.replica.rows(ReceiptLine) if row.check_id == check]
            assert await till.refund(check, {paid.id: paid.quantity_milli}) == before[check]
        else:
            await till.void(line, owed // 2 if deed == "half of it" else owed)
        after = await shared.owed()
        assert {key: due for key, due in after.items() if key != check} == {
            key: due for key, due in before.items() if key != check
        }
        assert after[check] == 0 or deed == "half of it"


async def test_a_third_of_a_third_is_a_ninth(till: Hands) -> None:
    shared = await Shared.among(till, 3, 90_000)
    check = shared.checks[-1]
    line = await shared.line_on(check)
    for left in (3, 2):
        owed = (await till.line(shared.order, line)).owed_milli
        async with till.replica.work(MANAGER) as work:
            await split_off(work, check, work.ids.new(), {line: owed // left})
    assert sorted((await shared.owed()).values()) == [10_000, 10_000, 10_000, 30_000, 30_000]


async def test_the_split_screen_foretells_a_seventh_to_the_minor_unit(till: Hands) -> None:
    order = await till.open()
    line = await till.add(order, "cev", price=150_000)
    await till.send(order)
    check = await till.check(order)
    seventh, rest = check.price.with_split({line: ONE // 7})
    assert (seventh.total_minor, rest.total_minor) == (21_429, 150_000 - 21_429)


async def test_what_was_voided_before_a_dish_is_shared_is_no_part_of_it(village: Village, till: Hands) -> None:
    """The shares add up to what was owed, to the minor unit."""
    order = await till.open()
    check, line = first_check_id(order), await till.add(order, "cev", 2 * ONE)
    await till.send(order)
    await till.void(line, 666)
    village.clock.pass_time(seconds=1)
    before = (await till.check(order)).due_minor
    async with till.replica.work(MANAGER) as work:
        await split_off(work, check, work.ids.new(), {line: 444})
    owed = sorted(each.due_minor for each in (await till.order(order)).checks)
    assert sum(owed) == before == 5_670
    assert owed[0] == 1_890
