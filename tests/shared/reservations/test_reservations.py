"""Reservations and the waiting list, on two devices: what was said on each stands, and who they are stays sealed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import pytest
from evening import Hands, meet
from replicas import ZONE
from restaurant import BRANCH, COOK, MANAGER, NOON, ORGANIZATION, TILL, WAITER, Village

from shared.books.causes import present_differences
from shared.books.inbox import open_exceptions
from shared.books.telling import what_happened
from shared.domains import TEXT_ROOMS
from shared.floor.commands import set_out_of_service
from shared.kernel.errors import DomainError
from shared.kernel.instants import local_time
from shared.kernel.language import Language, Texts
from shared.orders.contacts import ContactView, contact_of, forget
from shared.payments.commands import join_orders
from shared.reservations import commands
from shared.reservations.commands import Party
from shared.reservations.forgetting import forget_guest
from shared.reservations.queries import ReservationView, reservations_from
from shared.reservations.records import Reservation, ReservationKind, ReservationStatus
from shared.reservations.rules import clashing
from shared.truth.family import Difference

ONE, TWO, THREE, FOUR = (UUID(int=0xE0 + number) for number in (1, 2, 3, 4))
TODAY: date = local_time(NOON, ZONE).date()
HALF_PAST_EIGHT = 20 * 60 + 30
TEXTS = Texts(Language.SPANISH, TEXT_ROOMS)


class Host(Hands):
    """With the words of who stands at the door."""

    async def book(
        self, reservation: UUID = ONE, table: str | None = "1", *, taken: bool = False, **what: object
    ) -> int:
        """By how much summer time moved it on."""
        async with self.replica.work(MANAGER) as work:
            party = self.party(table, **what)
            return (await commands.book(work, reservation, party, although_taken=taken)).moved_minutes

    def party(self, table: str | None = "1", **what: object) -> Party:
        said = {"name": "Rosa", "guests": 4, "day": TODAY, "minute": HALF_PAST_EIGHT, "phone": "999", **what}
        return Party(table_id=self.house.tables[table] if table else None, **said)  # type: ignore[arg-type]

    async def seat(self, reservation: UUID = ONE, table: str = "1") -> UUID:
        order_id = self.replica.ids.new()
        async with self.replica.work(MANAGER) as work:
            await commands.seat(work, reservation, order_id, self.house.tables[table], ContactView("Rosa", "999"))
        return order_id

    async def say(self, what: str, reservation: UUID = ONE) -> None:
        async with self.replica.work(MANAGER) as work:
            await getattr(commands, what)(work, reservation)

    async def asked(self) -> list[Difference]:
        async with self.replica.connection() as reader:
            found, _sums, _orders = await present_differences(reader, ORGANIZATION, [BRANCH])
        return [Difference(each.kind) for each in found]

    async def listed(self) -> Sequence[ReservationView]:
        async with self.replica.connection() as reader:
            return await reservations_from(reader, ORGANIZATION, BRANCH, TODAY - timedelta(days=1), ZONE)


@pytest.fixture
async def door(village: Village) -> Host:
    return Host(village, village.replica(TILL))


@pytest.fixture
async def other(village: Village) -> Host:
    return Host(village, village.replica(WAITER, "B"))


async def test_who_is_to_come_is_listed_everywhere_by_time_and_nothing_of_them_lies_open(
    door: Host, other: Host
) -> None:
    await door.book()
    await door.book(TWO, "2", name="Luis", minute=HALF_PAST_EIGHT - 60, guests=2, phone="")
    await meet(door, other)
    found = await other.listed()
    assert [(each.name, each.phone, each.guests) for each in found] == [("Luis", "", 2), ("Rosa", "999", 4)]
    assert not any(each.moved_minutes for each in found)
    (row, _second) = await other.replica.rows(Reservation)
    assert b"Rosa" not in row.name
    assert "Rosa" not in repr(found)


async def test_who_is_forgotten_is_read_by_nobody(door: Host) -> None:
    await door.book()
    async with door.replica.work(MANAGER) as work:
        await forget(work, ONE)
    (found,) = await door.listed()
    assert (found.name, found.phone, found.forgotten, found.guests) == ("", "", True, 4)


@pytest.mark.parametrize("by", ["order", "reservation"])
async def test_who_is_forgotten_as_a_guest_is_forgotten_as_who_booked_and_the_other_way(
    door: Host, other: Host, by: str
) -> None:
    await door.book()
    await meet(door, other)
    order = await door.seat()
    elsewhere = await other.seat(table="2")
    await meet(door, other)
    async with door.replica.work(MANAGER) as work:
        await forget_guest(work, order if by == "order" else ONE)
    await meet(door, other)
    for each in (door, other):
        (found,) = await each.listed()
        assert (found.name, found.forgotten) == ("", True)
        async with each.replica.connection() as reader:
            for order_id in (order, elsewhere):
                assert await contact_of(reader, ORGANIZATION, order_id) == ContactView(forgotten=True)
    with pytest.raises(DomainError, match="ALREADY_FORGOTTEN"):
        async with door.replica.work(MANAGER) as work:
            await forget_guest(work, order)


async def test_of_two_changes_at_once_the_newer_one_holds_as_a_whole(door: Host, other: Host) -> None:
    await door.book(day=TODAY + timedelta(days=1))
    await meet(door, other)
    for each, days, minute in ((door, 2, HALF_PAST_EIGHT), (other, 1, HALF_PAST_EIGHT - 300)):
        each.replica.clock.pass_time(seconds=5)
        async with each.replica.work(MANAGER) as work:
            await commands.change(work, ONE, each.party(day=TODAY + timedelta(days=days), minute=minute))
    await meet(door, other)
    for each in (door, other):
        (found,) = await each.listed()
        assert (found.day, found.minute) in (
            (TODAY + timedelta(days=2), HALF_PAST_EIGHT),
            (TODAY + timedelta(days=1), HALF_PAST_EIGHT - 300),
        )


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("NAME_MISSING", {"name": "  "}),
        ("GUESTS_NOT_SENSIBLE", {"guests": 0}),
        ("TIME_NOT_SENSIBLE", {"minute": 1_440}),
        ("TIME_IS_OVER", {"day": TODAY - timedelta(days=1)}),
    ],
)
async def test_what_is_no_reservation_is_refused(door: Host, code: str, what: dict[str, object]) -> None:
    with pytest.raises(DomainError, match=code):
        await door.book(**what)
    assert await door.listed() == []


async def test_a_table_is_promised_once_unless_somebody_knows_better(door: Host) -> None:
    await door.book()
    with pytest.raises(DomainError, match="TABLE_IS_RESERVED"):
        await door.book(TWO, minute=HALF_PAST_EIGHT + 119)
    await door.book(TWO, minute=HALF_PAST_EIGHT + 120)
    with pytest.raises(DomainError, match="TABLE_IS_RESERVED"):
        await door.book(THREE, minute=HALF_PAST_EIGHT)
    await door.book(THREE, taken=True)
    assert clashing(await door.listed()) == {ONE, THREE}


async def test_a_table_that_two_devices_promise_at_once_is_marked_on_both(door: Host, other: Host) -> None:
    await door.book()
    await other.book(TWO, name="Luis")
    await meet(door, other)
    for each in (door, other):
        assert clashing(await each.listed()) == {ONE, TWO}
    await other.say("call_off", TWO)
    await meet(door, other)
    assert clashing(each for each in await door.listed() if each.is_open) == frozenset()


async def told(host: Host) -> list[str]:
    """What the inbox says of tables."""
    async with host.replica.connection() as reader:
        found = await open_exceptions(reader, ORGANIZATION, BRANCH)
    return [what_happened(TEXTS, each) for each in found if each.kind is Difference.TABLE_PROMISED_TWICE]


async def test_a_table_that_two_devices_promise_waits_for_a_person_until_one_party_has_another(
    door: Host, other: Host
) -> None:
    await door.book()
    await other.book(TWO, name="Luis", minute=HALF_PAST_EIGHT + 60)
    await meet(door, other)
    for each in (door, other):
        assert await told(each) == ["Mesa 1 está prometida a dos reservas que se cruzan: 23/11 20:30, 23/11 21:30."]
    async with other.replica.work(MANAGER) as work:
        await commands.change(work, TWO, other.party("2", name="Luis", minute=HALF_PAST_EIGHT + 60))
    await meet(door, other)
    assert await told(door) == []
    await door.book(THREE, taken=True)
    assert await told(door) == [], "who promised it knew"
    await other.book(FOUR, name="Eva", taken=True)
    await meet(door, other)
    assert len(await told(door)) == 1, "of a third party nobody knew"
    for each in (door, other):
        each.replica.clock.pass_time(hours=30)
    await door.open("2")
    await meet(door, other)
    assert await told(other) == [], "yesterday's parties came, or did not"


async def test_who_came_sits_and_their_order_is_for_them(door: Host) -> None:
    await door.book()
    order = await door.seat(table="2")
    (found,) = await door.listed()
    assert (found.status, found.order_id, found.table_id) == (
        ReservationStatus.SEATED,
        order,
        door.house.tables["2"],
    )
    view = await door.order(order)
    assert (view.guests, view.table_name) == (4, "2")
    async with door.replica.connection() as reader:
        contact = await contact_of(reader, ORGANIZATION, order)
    assert contact == ContactView("Rosa", "999")
    with pytest.raises(DomainError, match="RESERVATION_IS_OVER"):
        await door.seat()


@pytest.mark.parametrize("said", ["call_off", "did_not_come"])
async def test_who_sits_here_is_here_whatever_was_said_on_the_phone_elsewhere(
    door: Host, other: Host, said: str
) -> None:
    await door.book()
    await meet(door, other)
    await door.seat()
    door.replica.clock.pass_time(seconds=1)
    await other.say(said)
    await meet(door, other)
    assert [each.status for each in await other.listed()] == [ReservationStatus.SEATED]


async def test_one_party_at_two_tables_is_asked_about_and_joining_them_ends_it(door: Host, other: Host) -> None:
    await door.book()
    await meet(door, other)
    here, there = await door.seat(), await other.seat(table="2")
    await door.add(here)
    await other.add(there)
    await meet(door, other)
    for each in (door, other):
        assert await each.asked() == [Difference.PARTY_SEATED_TWICE]
    async with door.replica.work(MANAGER) as work:
        await join_orders(work, here, there)
    await meet(door, other)
    assert await other.asked() == []


async def test_a_table_out_of_service_is_promised_only_if_somebody_says_so(door: Host) -> None:
    async with door.replica.work(MANAGER) as work:
        await set_out_of_service(work, door.house.tables["1"], out=True)
    with pytest.raises(DomainError, match="TABLE_OUT_OF_SERVICE"):
        await door.book()
    await door.book(taken=True)


async def test_who_is_forgotten_here_while_they_sit_down_there_stays_forgotten(door: Host, other: Host) -> None:
    await door.book()
    await meet(door, other)
    async with door.replica.work(MANAGER) as work:
        await forget(work, ONE)
    order = await other.seat()
    await meet(door, other)
    for each in (door, other):
        async with each.replica.connection() as reader:
            assert await contact_of(reader, ORGANIZATION, order) == ContactView(forgotten=True)


async def test_seated_on_two_devices_at_once_nothing_is_lost(door: Host, other: Host) -> None:
    await door.book()
    await meet(door, other)
    orders = {await door.seat(), await other.seat(table="2")}
    await meet(door, other)
    (found,) = await door.listed()
    assert found.order_id in orders
    assert [(await door.order(each)).is_empty for each in orders] == [True, True]
    assert await door.listed() == await other.listed()


async def test_who_did_not_come_and_comes_after_all_is_seated(door: Host) -> None:
    await door.book()
    await door.say("did_not_come")
    with pytest.raises(DomainError, match="RESERVATION_IS_OVER"):
        await door.say("confirm")
    await door.say("reopen")
    await door.seat()


async def test_a_reservation_is_changed_and_moves_with_its_table(door: Host) -> None:
    await door.book()
    async with door.replica.work(MANAGER) as work:
        await commands.change(work, ONE, door.party("2", name="Rosa Quispe", guests=6, minute=HALF_PAST_EIGHT + 30))
    (found,) = await door.listed()
    assert (found.name, found.guests, found.minute, found.table_id) == (
        "Rosa Quispe",
        6,
        HALF_PAST_EIGHT + 30,
        door.house.tables["2"],
    )


async def test_guests_wait_in_the_order_in_which_they_came(door: Host) -> None:
    for reservation, name in ((TWO, "Luis"), (ONE, "Ana")):
        async with door.replica.work(MANAGER) as work:
            await commands.let_wait(work, reservation, name, 2)
        door.replica.clock.pass_time(minutes=1)
    found = await door.listed()
    assert [(each.name, each.kind) for each in found] == [
        ("Luis", ReservationKind.WAITING),
        ("Ana", ReservationKind.WAITING),
    ]
    await door.seat(TWO)
    assert [each.name for each in await door.listed() if each.is_open] == ["Ana"]


async def test_a_cook_takes_no_reservations(door: Host) -> None:
    with pytest.raises(DomainError, match="NOT_PERMITTED"):
        async with door.replica.work(COOK) as work:
            await commands.book(work, ONE, door.party())
