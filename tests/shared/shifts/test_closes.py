"""Closed days on two devices: what a close did not know counts on the first open day, on every device alike."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from evening import ONE, Hands
from restaurant import BRANCH, CASHIER, MANAGER, ORGANIZATION, TILL, WAITER, Replica, Village

from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.instants import BusinessDate
from shared.sales.queries import day_sales
from shared.shifts.closing import close_day
from shared.shifts.records import DayClose
from sync.door import through
from sync.log import missing_frames, vector

TODAY, TOMORROW = (BusinessDate(date(2026, 11, day)) for day in (23, 24))
CEVICHE = 4_250


class Branch:
    """A till, and the manager's device at which days are closed."""

    def __init__(self, village: Village) -> None:
        self.village = village
        self.till = village.replica(TILL, "A")
        self.office = village.replica(WAITER, "B")
        self.hands = Hands(village, self.till)

    async def sell(self) -> None:
        order = await self.hands.open()
        await self.hands.add(order)
        await self.hands.send(order)
        await self.hands.pay((await self.hands.check(order)).id, CEVICHE)

    async def close(self, day: BusinessDate = TODAY) -> DayClose:
        async with self.office.work(MANAGER) as work:
            return await close_day(work, day)

    async def meet(self) -> None:
        await self.till.pull(self.office)
        await self.office.pull(self.till)
        assert await self.till.sums() == await self.office.sums()

    async def refund(self) -> None:
        (line,) = await self.hands.receipt_lines()
        await self.hands.refund(line.check_id, {line.id: ONE})

    async def sold(self, replica: Replica | None = None) -> dict[date, tuple[int, int]]:
        """What reports say was sold and taken, by day."""
        days = {}
        async with (replica or self.till).connection() as reader:
            for day in (TODAY + timedelta(days=more) for more in range(4)):
                sales = await day_sales(reader, ORGANIZATION, BRANCH, day, cutoff_minutes=240)
                found = (sum(each.total_minor for each in of) for of in (sales.totals, sales.methods))
                days[day] = tuple(found)
                assert sum(each.total_minor for each in sales.items) == days[day][0]
        return {day: both for day, both in days.items() if any(both)}


@pytest.fixture
def branch(village: Village) -> Branch:
    return Branch(village)


async def test_a_receipt_that_the_close_did_not_know_counts_tomorrow_on_both_devices(branch: Branch) -> None:
    await branch.sell()
    await branch.office.pull(branch.till)
    await branch.sell()
    close = await branch.close()
    assert close.last_numbers == ["A-00000001", "A-P00000001"]
    assert await branch.sold(branch.office) == {TODAY: (CEVICHE, CEVICHE)}
    await branch.meet()
    assert await branch.sold() == {TODAY: (CEVICHE, CEVICHE), TOMORROW: (CEVICHE, CEVICHE)}


async def test_a_day_that_is_closed_again_takes_in_what_came_meanwhile(branch: Branch) -> None:
    await branch.sell()
    await branch.close()
    await branch.meet()
    assert await branch.sold() == {TOMORROW: (CEVICHE, CEVICHE)}
    await branch.close()
    await branch.meet()
    assert await branch.sold() == {TODAY: (CEVICHE, CEVICHE)}


async def test_two_closes_that_knew_different_tills_count_what_either_knew(branch: Branch) -> None:
    await branch.sell()
    async with branch.till.work(MANAGER) as work:
        await close_day(work, TODAY)
    await branch.close()
    await branch.meet()
    assert await branch.sold() == {TODAY: (CEVICHE, CEVICHE)}


async def test_a_refund_after_the_close_counts_tomorrow_and_leaves_the_closed_day_alone(branch: Branch) -> None:
    await branch.sell()
    await branch.office.pull(branch.till)
    await branch.close()
    await branch.refund()
    await branch.meet()
    assert await branch.sold() == {TODAY: (CEVICHE, CEVICHE), TOMORROW: (-CEVICHE, -CEVICHE)}


async def test_a_late_sale_that_is_given_back_is_gone_from_the_day_on_which_it_counted(branch: Branch) -> None:
    await branch.sell()
    await branch.close()
    await branch.meet()
    await branch.refund()
    await branch.meet()
    assert await branch.sold() == {}


async def test_what_a_closed_day_charged_too_little_is_a_sale_of_the_next_day(branch: Branch) -> None:
    order = await branch.hands.open()
    await branch.hands.add(order)
    await branch.hands.send(order)
    check = (await branch.hands.check(order)).id
    discount = await branch.hands.discount(check, amount_minor=500)
    await branch.office.pull(branch.till)
    await Hands(branch.village, branch.office).lift_discount(discount)
    await branch.hands.pay(check, CEVICHE - 500)
    await branch.meet()
    await branch.close()
    await branch.meet()
    assert await branch.hands.charge(check) == 500
    await branch.meet()
    assert await branch.sold() == {TODAY: (CEVICHE - 500, CEVICHE - 500), TOMORROW: (500, 500)}


async def test_what_waits_for_another_device_at_the_close_counts_tomorrow(branch: Branch) -> None:
    """The till's receipt of a waiter's order came, the order itself did not: the close did not count it."""
    waiter = Hands(branch.village, branch.village.replica(derived_id("test", "device", "third"), "C"))
    order = await waiter.open()
    await waiter.add(order)
    await waiter.send(order)
    await branch.till.pull(waiter.replica)
    await branch.hands.pay((await branch.hands.check(order)).id, CEVICHE)
    await branch.sell()
    alone = branch.village.replica(branch.till.device_id, "A")
    keys = [key for key in await branch.till.keys() if key.device_id == branch.till.device_id]
    async with branch.till.connection() as connection:
        here = await alone.core(vector, ORGANIZATION.bytes)
        frames, _more = await through(connection, missing_frames, ORGANIZATION.bytes, keys, here)
    await branch.office.receive(*frames)
    await branch.office.fold()
    close = await branch.close()
    assert "A-00000001" in close.missed_numbers
    assert await branch.sold(branch.office) == {TODAY: (CEVICHE, CEVICHE)}
    await branch.office.pull(waiter.replica)
    await branch.meet()
    assert await branch.sold() == {TODAY: (CEVICHE, CEVICHE), TOMORROW: (CEVICHE, CEVICHE)}


async def test_days_go_on_from_close_to_close(branch: Branch) -> None:
    await branch.sell()
    await branch.close(TODAY)
    branch.village.clock.pass_time(days=1)
    await branch.close(TOMORROW)
    await branch.meet()
    assert await branch.sold() == {TOMORROW + timedelta(days=1): (CEVICHE, CEVICHE)}


async def test_a_manager_closes_a_day_that_has_begun(branch: Branch) -> None:
    with pytest.raises(DomainError, match="DAY_NOT_BEGUN"):
        await branch.close(TOMORROW)
    with pytest.raises(DomainError, match="NOT_PERMITTED"):
        async with branch.till.work(CASHIER) as work:
            await close_day(work, TODAY)


async def test_a_close_moves_few_rows_with_few_statements(branch: Branch) -> None:
    """However long the history: it is looked at from the close before."""
    counts = []
    for sales in (1, 4):
        for _each in range(sales):
            await branch.sell()
        await branch.office.pull(branch.till)
        with branch.office.counted() as statements:
            await branch.close()
        counts.append(len(statements))
        branch.village.clock.pass_time(days=1)
    assert counts[0] == counts[1]
