"""Clocks that are wrong: asked about at hello, and an edit that such a clock stamped can be voided."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from branch_books import noon

from cloud.accounts.identity import EnrolledDevice
from cloud.replication.clock_witness import PATIENCE_MS
from cloud.replication.fold_worker import FoldWorker
from cloud.replication.responder import Responder
from shared.exceptions.commands import note_event
from shared.exceptions.records import ExceptionEvent
from shared.exceptions.rules import EventKind, exception_id
from shared.kernel.permissions import SYSTEM, Role
from shared.kernel.records import SCHEMA_EPOCH
from shared.kernel.stamps import COUNTER_BITS
from sync.messages import PROTOCOL_VERSION, Hello, Welcome
from tests.cloud.replication.house import TODAY, Hand, House, check, created, edited, lunch, order, payment

YEAR_MINUTES = 365 * 24 * 60


class Greetings:
    """Devices that say hello to a server, each with its own clock.

    Args:
        server: its fold worker.
    """

    def __init__(self, house: House, server: FoldWorker | None = None) -> None:
        parts = self.parts = house.parts
        self.house = house
        self.server = server or parts.fold_worker
        self.responder = Responder(parts.database, self.server, parts.clock, key_of=lambda _door, _device: b"")

    async def of(self, hand: Hand, minutes: int) -> None:
        device = EnrolledDevice(hand.device_id, self.house.organization_id, hand.branch_id)
        hello = Hello(PROTOCOL_VERSION, SCHEMA_EPOCH, [], self.parts.clock.milliseconds() + minutes * 60_000)
        await self.house.send()
        assert isinstance(await self.responder.reply(device, hello), Welcome)
        await self.server.fold_all(self.house.organization_id)

    def later(self) -> None:
        self.parts.clock.advance(timedelta(milliseconds=PATIENCE_MS))


async def test_a_clock_that_is_far_from_ours_at_hello_is_asked_about_once_a_day(house: House) -> None:
    house.own.sell(lunch())
    await house.fold()
    greetings = Greetings(house)
    await greetings.of(house.own, -59)
    greetings.later()
    await greetings.of(house.own, -90)
    assert await house.events() == [], "perhaps it is ours: wait for what others say"
    greetings.later()
    for _each in range(3):
        await greetings.of(house.own, -90)
    assert await house.events() == [("clock_wrong", None, "", 1)]
    (event,) = await house.rows("exceptions")
    assert (event.device_id, event.details[0]["minutes"]) == (house.own.device_id, -90)
    house.parts.clock.advance(timedelta(hours=12))
    greetings.later()
    await greetings.of(house.own, -90)
    house.parts.clock.advance(timedelta(hours=12))
    await greetings.of(house.own, -90)
    assert await house.events() == [("clock_wrong", None, "", 1)] * 2


def far_ahead(house: House, minutes: int) -> int:
    """The stamp of a clock that is so far ahead."""
    return (house.parts.clock.milliseconds() + minutes * 60_000) << COUNTER_BITS


async def test_when_most_devices_differ_alike_the_clock_of_the_server_is_in_doubt(house: House) -> None:
    """Once in each branch, and no device is blamed: neither at hello nor for what it stamps from then on."""
    for hand in (house.own, house.other):
        hand.sell(lunch())
    await house.fold()
    greetings = Greetings(house)
    ahead = 90
    for _hello in range(2):
        for hand in (house.own, house.other):
            await greetings.of(hand, ahead)
        greetings.later()
    for hand in (house.own, house.other):
        await greetings.of(hand, ahead)
        hand.say(order(uuid4(), hand.branch_id), stamp=far_ahead(house, ahead))
        await house.fold()
    events = await house.rows("exceptions")
    assert {event.branch_id for event in events} == {house.own.branch_id, house.other.branch_id}
    assert [(event.kind, event.details) for event in events] == [("server_clock", [{"minutes": ahead}])] * 2


@pytest.mark.parametrize(("said", "stamped"), [(90, 4 * 60), (YEAR_MINUTES, YEAR_MINUTES)])
async def test_most_devices_hide_no_stamp_that_is_further_ahead_than_they_nor_one_of_more_than_a_day(
    house: House, said: int, stamped: int
) -> None:
    third = await house.open("Barra", house.own.branch_id)
    for hand in (house.own, house.other, third):
        hand.sell(lunch())
    await house.fold()
    greetings = Greetings(house)
    for _hello in range(2):
        for hand, minutes in ((house.own, said), (third, said), (house.other, 0)):
            await greetings.of(hand, minutes)
        greetings.later()
    assert {event[0] for event in await house.events()} == {"server_clock"}
    _order_id, place = await stamped_ahead(house, house.own, stamped)
    (event,) = [event for event in await house.rows("exceptions") if event.kind == "clock_wrong"]
    assert [named(place).items() <= each.items() for each in event.details] == [True], "and can be voided"


async def test_one_of_two_that_differs_is_blamed_at_hello_and_at_once_for_what_it_stamps(house: House) -> None:
    for hand in (house.own, house.other):
        hand.sell(lunch())
    await house.fold()
    greetings = Greetings(house)
    await greetings.of(house.own, 90)
    await greetings.of(house.other, 0)
    house.own.say(order(uuid4(), house.own.branch_id), stamp=far_ahead(house, 90))
    await house.fold()
    (stamped,) = await house.rows("exceptions")
    assert stamped.id == exception_id(EventKind.CLOCK_WRONG, house.own.key.id), "and can be voided"
    greetings.later()
    await greetings.of(house.own, 90)
    (at_hello,) = [event for event in await house.rows("exceptions") if event.id != stamped.id]
    assert (at_hello.kind, at_hello.details) == ("clock_wrong", [{"minutes": 90}])


async def test_all_edits_that_a_clock_in_doubt_stamped_can_be_voided_also_by_another_server(
    house: House, client: Any, bearer: Any, tenant: Any
) -> None:
    """The one that folded them is gone before it is known whose clock is wrong."""
    for hand in (house.own, house.other):
        hand.sell(lunch())
    gone = house.fold_worker()
    greetings = Greetings(house, gone)
    keys = [uuid4(), uuid4()]
    for key in keys:
        house.own.say(order(key, house.own.branch_id))
        house.own.say(edited("orders", key, notes="right"))
    await greetings.of(house.own, 90)
    await greetings.of(house.other, 0)
    for key in keys:
        house.own.say(edited("orders", key, notes="of tomorrow"), stamp=far_ahead(house, YEAR_MINUTES))
        await house.send()
        await gone.fold_all(house.organization_id)
    greetings = Greetings(house)
    greetings.later()
    await greetings.of(house.own, 90)
    await greetings.of(house.other, 0)
    stamped = exception_id(EventKind.CLOCK_WRONG, house.own.key.id)
    (event,) = [event for event in await house.rows("exceptions") if event.id == stamped]
    assert (event.size, len(event.details)) == (2, 2)
    answer = await client.post(f"/api/v1/exceptions/{event.id}/void", json={"note": "x"}, headers=bearer(tenant))
    assert answer.status_code == 204
    assert [note for note in await notes_of(house) if note] == ["right", "right"]


async def poisoned(house: House) -> UUID:
    """A note of an order that was stamped in a year's time. The exception about it."""
    order_id = uuid4()
    house.own.say(order(order_id, house.own.branch_id))
    house.own.say(edited("orders", order_id, notes="right"))
    await house.fold()
    later = far_ahead(house, YEAR_MINUTES)
    house.own.say(edited("orders", order_id, notes="of tomorrow"), stamp=later)
    await house.fold()
    (event,) = await house.rows("exceptions")
    assert event.kind == "clock_wrong"
    return UUID(str(event.id))


async def notes_of(house: House) -> list[str]:
    return [row.notes for row in await house.rows("orders")]


async def test_a_manager_voids_an_edit_that_nobody_could_outdo(
    house: House, client: Any, bearer: Any, tenant: Any
) -> None:
    event = await poisoned(house)
    assert await notes_of(house) == ["of tomorrow"]
    answer = await client.post(
        f"/api/v1/exceptions/{event}/void", json={"note": "reloj de 2027"}, headers=bearer(tenant)
    )
    assert answer.status_code == 204, answer.text
    assert await notes_of(house) == ["right"]
    assert [each[2] for each in await house.verdicts(house.own)] == ["CLOCK_WAS_WRONG"]
    listed = await client.get("/api/v1/exceptions", headers=bearer(tenant))
    assert [each["kind"] for each in listed.json()["exceptions"]] == []
    await house.digests()
    again = await client.post(f"/api/v1/exceptions/{event}/void", json={"note": "x"}, headers=bearer(tenant))
    assert (again.status_code, again.json()["code"]) == (409, "NOTHING_TO_VOID")


async def test_what_was_paid_under_a_wrong_clock_stays(house: House, client: Any, bearer: Any, tenant: Any) -> None:
    order_id, check_id = uuid4(), uuid4()
    later = far_ahead(house, YEAR_MINUTES)
    house.own.say(order(order_id, house.own.branch_id), check(check_id, order_id, house.own.branch_id))
    house.own.say(payment(check_id, house.own.branch_id), stamp=later)
    await house.fold()
    (event,) = await house.rows("exceptions")
    answer = await client.post(f"/api/v1/exceptions/{event.id}/void", json={"note": "x"}, headers=bearer(tenant))
    assert (answer.status_code, answer.json()["code"]) == (409, "NOTHING_TO_VOID")
    assert await house.takings() == 1_000


async def stamped_ahead(house: House, hand: Hand, minutes: int = YEAR_MINUTES) -> tuple[UUID, tuple[int, int]]:
    """An order of a hand's branch with a note that was stamped far ahead; the order, and where the note is."""
    order_id = uuid4()
    hand.say(order(order_id, hand.branch_id))
    await house.fold()
    later = far_ahead(house, minutes)
    place = hand.say(edited("orders", order_id, notes="of tomorrow"), stamp=later)
    await house.fold()
    return order_id, place


def named(place: tuple[int, int]) -> dict[str, int]:
    """A place as the details of an event name it."""
    return {"first": place[0], "last": place[1]}


def event_about(of: Hand, key: UUID, writer: Hand, *places: tuple[int, int]) -> Any:
    """An event of a wrong clock that a device writes about a stream."""
    return created(
        "exceptions",
        key,
        branch_id=writer.branch_id,
        kind=EventKind.CLOCK_WRONG,
        stream_id=of.key.id,
        happened_at=noon(TODAY),
        size=1,
        details=[*map(named, places)],
    )


async def test_an_event_that_a_device_wrote_voids_nothing_of_another_branch(
    house: House, client: Any, bearer: Any, tenant: Any
) -> None:
    _order_id, place = await stamped_ahead(house, house.other)
    written = uuid4()
    house.own.say(event_about(house.other, written, house.own, place))
    await house.fold()
    assert [each[2] for each in await house.verdicts(house.own)] == ["ONLY_THE_CLOUD"]
    async with house.parts.units.work(house.organization_id, SYSTEM, house.own.branch_id) as work:
        noted = (
            await note_event(work, EventKind.CLOCK_WRONG, "x", stream_id=house.other.key.id, details=[named(place)])
        ).id
    for key, status, code in ((written, 404, "NOT_FOUND"), (noted, 409, "NOTHING_TO_VOID")):
        as_manager = bearer(tenant, Role.BRANCH_MANAGER)
        answer = await client.post(f"/api/v1/exceptions/{key}/void", json={"note": "x"}, headers=as_manager)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await notes_of(house) == ["of tomorrow"]
    assert await house.verdicts(house.other) == []
    assert await house.rows("settlements") == []


async def test_only_whole_transactions_that_the_log_shows_to_be_ahead_are_voided(
    house: House, client: Any, bearer: Any, tenant: Any
) -> None:
    """Whatever else the event names."""
    hand, order_id = house.own, uuid4()
    hand.say(order(order_id, hand.branch_id))
    honest = hand.say(edited("orders", order_id, notes="right"))
    later = far_ahead(house, YEAR_MINUTES)
    two = [edited("orders", order_id, notes="of tomorrow"), edited("orders", order_id, guests=2)]
    first, last = hand.say(*two, stamp=later)
    await house.fold()
    key = exception_id(EventKind.CLOCK_WRONG, hand.key.id)
    nonsense: list[Any] = [1, {"first": True, "last": "x"}, {"first": -5, "last": 5}, {"first": 1, "last": 1 << 61}]

    async def name(*places: tuple[int, int]) -> None:
        async with house.parts.units.work(house.organization_id, SYSTEM, hand.branch_id) as work:
            (await work.get(ExceptionEvent, key)).details = [*nonsense, *map(named, places)]

    void = f"/api/v1/exceptions/{key}/void"
    await name(honest, (last, last))
    answer = await client.post(void, json={"note": "x"}, headers=bearer(tenant))
    assert (answer.status_code, answer.json()["code"]) == (409, "NOTHING_TO_VOID")
    await name(honest, (first, last))
    assert (await client.post(void, json={"note": "x"}, headers=bearer(tenant))).status_code == 204
    assert [each[:2] for each in await house.verdicts(hand)] == [(first, last)]
    assert await notes_of(house) == ["right"]
    assert {row.note for row in await house.rows("settlements")} == {"x"}
    await house.digests()
