"""What each person sold on a day, and what they voided, gave, paid back and opened: each deed once, and by whom."""

from __future__ import annotations

from datetime import date

import pytest
from evening import ONE, Hands
from restaurant import BRANCH, CASHIER, MANAGER, ORGANIZATION, Replica, Village

from shared.books.people_day import DeedKind, PeopleDay, people_day
from shared.drawers.commands import open_without_sale
from shared.kernel.instants import business_date, day_begins

TODAY = date(2026, 11, 23)
ZONE, CUTOFF = "America/Lima", 240
CEVICHE = 4_250


async def day_of(replica: Replica, day: date = TODAY) -> PeopleDay:
    async with replica.connection() as reader:
        return await people_day(reader, ORGANIZATION, BRANCH, day, ZONE, CUTOFF, "PEN")


async def test_deeds_are_of_who_did_them_and_each_is_counted_once(village: Village, till: Replica) -> None:
    hands = Hands(village, till)
    refunded, voided, lost = await hands.open(), await hands.open(), await hands.open()
    await hands.add(refunded)
    await hands.send(refunded)
    check = (await hands.check(refunded)).id
    await hands.pay(check, CEVICHE)
    (sold,) = await hands.receipt_lines()
    await hands.refund(check, {sold.id: ONE})
    line = await hands.add(voided, quantity=2 * ONE)
    await hands.send(voided)
    await hands.void(line, ONE)
    discount = await hands.discount((await hands.check(voided)).id, amount_minor=500)
    lifted = await hands.discount((await hands.check(voided)).id, amount_minor=100)
    await hands.lift_discount(lifted)
    await hands.add(lost)
    await hands.send(lost)
    await hands.walk_out(lost, stops_cooking=False)
    async with till.work(CASHIER) as work:
        await open_without_sale(work, work.ids.new(), "cambio")
    day = await day_of(till)
    assert {(deed.kind, deed.amount_minor) for deed in day.deeds} == {
        (DeedKind.REFUND, CEVICHE),
        (DeedKind.VOID, CEVICHE),
        (DeedKind.DISCOUNT, 500),
        (DeedKind.LOSS, CEVICHE),
        (DeedKind.OPENING, 0),
    }
    assert len(day.deeds) == 5, "the portions of a refund are no void of their own"
    assert discount is not None
    assert sum(person.sold_minor for person in day.people) == 2 * CEVICHE, "before refunds and losses, as on the till"
    by_kind = {deed.kind: deed.person_id for deed in day.deeds}
    assert by_kind[DeedKind.OPENING] == CASHIER.staff_id
    assert by_kind[DeedKind.REFUND] == MANAGER.staff_id
    people = {person.person_id: person for person in day.people}
    assert (people[CASHIER.staff_id].checks, people[CASHIER.staff_id].counts[DeedKind.OPENING]) == (0, 1)
    assert (people[MANAGER.staff_id].checks, people[MANAGER.staff_id].amounts[DeedKind.VOID]) == (2, CEVICHE)
    assert [deed.at for deed in day.deeds] == sorted((deed.at for deed in day.deeds), reverse=True)
    assert (await day_of(till, date(2026, 11, 24))).deeds == ()


@pytest.mark.parametrize(
    ("zone", "day"),
    [("America/Lima", TODAY), ("Europe/Madrid", date(2026, 3, 29)), ("Europe/Madrid", date(2026, 10, 25))],
)
def test_a_day_begins_where_the_day_before_ends(zone: str, day: date) -> None:
    begins = day_begins(day, zone, CUTOFF)
    assert business_date(begins, zone, CUTOFF) == day
    assert business_date(begins - begins.resolution, zone, CUTOFF) < day
