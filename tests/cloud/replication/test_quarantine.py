"""What waits too long is asked about, once, and closed by a note."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from shared.books.settling import settle_exception
from shared.exceptions.commands import note_event
from shared.exceptions.queries import open_events
from shared.exceptions.records import ExceptionEvent
from shared.exceptions.rules import EventKind
from shared.kernel.errors import NotFound
from shared.kernel.permissions import SYSTEM
from sync.door import Door
from sync.feed import Feed
from sync.guard import FOLD_FAILED
from tests.cloud.replication.house import CASHIER, House, check, lunch, order, payment

DAY = timedelta(days=1)


class Sick:
    """A listener with a defect: no payment can be folded while it stands on the feed."""

    def prepare(self, _door: Door, feed: Feed) -> None:
        if "payments" in feed:
            raise LookupError

    def write(self, _door: Door, _feed: Feed) -> None:
        """Nothing."""


async def fold(house: House) -> None:
    """A turn of the fold worker, with nothing new to fold perhaps."""
    await house.fold()
    await house.fold()


async def waiting(house: House) -> UUID:
    """A payment whose order did not arrive. Its order's id."""
    order_id, check_id = uuid4(), uuid4()
    house.own.say(check(check_id, order_id, house.own.branch_id), payment(check_id, house.own.branch_id))
    await fold(house)
    return order_id


async def open_now(house: House) -> list[tuple[str, int]]:
    async with house.parts.database.read(house.organization_id) as read:
        found = await open_events(read, house.organization_id, house.own.branch_id)
    return [(event.reason, event.size) for event in found]


async def test_what_waits_for_a_row_is_asked_about_after_a_day_and_once(house: House) -> None:
    await waiting(house)
    house.parts.clock.advance(DAY - timedelta(minutes=1))
    await fold(house)
    assert await open_now(house) == []
    house.parts.clock.advance(timedelta(minutes=1))
    for _turn in range(3):
        await fold(house)
    assert await open_now(house) == [("PARENT_UNKNOWN", 1)]
    (event,) = await house.rows("exceptions")
    assert (event.kind, event.person_id, event.device_id) == ("quarantined", CASHIER, house.own.device_id)
    assert event.amount_minor == 1_000
    assert [each["table"] for each in event.details[0]["changes"]] == ["checks", "payments"]
    await house.digests()


async def test_what_came_right_is_open_no_more_and_nobody_settles_it(house: House) -> None:
    order_id = await waiting(house)
    house.parts.clock.advance(DAY)
    await fold(house)
    (event,) = await house.rows("exceptions")
    house.own.say(order(order_id, house.own.branch_id))
    await fold(house)
    assert await house.parked() == await open_now(house) == []
    (event,) = await house.rows("exceptions")
    assert (event.size, event.came_right) == (1, 1)
    async with house.parts.units.work(house.organization_id, SYSTEM, house.own.branch_id) as work:
        with pytest.raises(NotFound):
            await settle_exception(work, event.id, "se volvió a registrar")
    await house.digests()


async def test_what_waits_on_though_a_device_says_that_it_came_right_is_open_again(house: House) -> None:
    """It has waited on the device, too, and came right only there."""
    await waiting(house)
    house.parts.clock.advance(DAY)
    await fold(house)
    async with house.parts.units.work(house.organization_id, SYSTEM, house.own.branch_id) as work:
        (event,) = await work.session.scalars(sa.select(ExceptionEvent))
        event.came_right = event.size
    await fold(house)
    assert await open_now(house) == [("PARENT_UNKNOWN", 2)]


async def test_the_cloud_ends_nothing_that_waits_on_a_device(house: House) -> None:
    stream = house.own.key.id
    house.own.sell(lunch())
    await fold(house)
    details = [{"first": 1, "last": 2, "on": house.own.device_id.hex}]
    async with house.parts.units.work(house.organization_id, SYSTEM, house.own.branch_id) as work:
        await note_event(work, EventKind.QUARANTINED, stream, 1, stream_id=stream, details=details)
    await fold(house)
    assert await open_now(house) == [("", 1)]


async def test_what_was_closed_by_a_note_is_not_asked_about_again_by_another_process(house: House) -> None:
    await waiting(house)
    house.parts.clock.advance(DAY)
    await fold(house)
    (event,) = await house.rows("exceptions")
    async with house.parts.units.work(house.organization_id, SYSTEM, house.own.branch_id) as work:
        await settle_exception(work, event.id, "se volvió a registrar")
    await house.fold_worker().fold_all(house.organization_id)
    assert await open_now(house) == []
    assert len(await house.rows("exceptions")) == 1


async def test_what_was_cured_within_the_day_is_asked_about_never(house: House) -> None:
    order_id = await waiting(house)
    house.own.say(order(order_id, house.own.branch_id))
    await fold(house)
    house.parts.clock.advance(2 * DAY)
    await fold(house)
    assert await house.parked() == await house.rows("exceptions") == []


async def test_what_no_row_can_help_is_asked_about_at_once(house: House) -> None:
    order_id, check_id = uuid4(), uuid4()
    house.own.say(order(order_id, house.own.branch_id), check(check_id, order_id, house.own.branch_id))
    house.own.say(payment(check_id, house.own.branch_id))
    await house.send()
    worker = house.fold_worker(Sick())
    await worker.fold_all(house.organization_id)
    await worker.fold_all(house.organization_id)
    assert [each[2] for each in await house.parked()] == [FOLD_FAILED]
    assert await open_now(house) == [(FOLD_FAILED, 1)]


async def test_a_backlog_is_asked_about_in_parts(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cloud.replication.quarantine.ASKED_AT_ONCE", 2)
    for _each in range(5):
        await waiting(house)
    house.parts.clock.advance(DAY)
    await fold(house)
    assert len(await open_now(house)) == 5
