"""Events that people must look at: they grow, and a note settles them up to the size that somebody saw."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from restaurant import CASHIER, MANAGER, TILL, Replica, Village

from shared.exceptions.commands import note_event, settle
from shared.exceptions.queries import EventView, open_events, settled_up_to
from shared.exceptions.records import Settlement
from shared.exceptions.rules import EventKind, exception_id
from shared.kernel.errors import DomainError
from shared.truth.family import Difference

CLOCK = exception_id(EventKind.CLOCK_WRONG, TILL)
OTHER_TILL = UUID(int=77)


async def seen(replica: Replica) -> Sequence[EventView]:
    async with replica.connection() as connection:
        assert replica.place.branch_id is not None
        return await open_events(connection, replica.place.organization_id, replica.place.branch_id)


async def note_clock(replica: Replica, size: int) -> None:
    """As the program does it, for whoever is working there."""
    async with replica.work(CASHIER) as work:
        await note_event(work, EventKind.CLOCK_WRONG, TILL, size=size, device_id=TILL, details=[{"minutes": size}])


async def settle_clock(replica: Replica, up_to: int) -> None:
    async with replica.work(MANAGER) as work:
        await settle(work, EventKind.CLOCK_WRONG, CLOCK, up_to, "reloj corregido")


async def test_an_event_is_there_until_a_manager_says_what_became_of_it(till: Replica) -> None:
    await note_clock(till, 7)
    (event,) = await seen(till)
    assert (event.id, event.kind, event.device_id, event.size) == (CLOCK, EventKind.CLOCK_WRONG, TILL, 7)
    assert event.details == [{"minutes": 7}]
    await settle_clock(till, 7)
    assert await seen(till) == []


async def test_one_that_grows_is_open_again_and_one_that_is_told_again_is_not(till: Replica) -> None:
    await note_clock(till, 7)
    await settle_clock(till, 7)
    await note_clock(till, 5)
    assert await seen(till) == []
    await note_clock(till, 9)
    (event,) = await seen(till)
    assert (event.size, event.settled_up_to) == (9, 7)


async def test_two_notes_on_one_event_count_once(till: Replica) -> None:
    """Added up, the second person's note would hide what comes next."""
    await note_clock(till, 7)
    for _each in range(2):
        await settle_clock(till, 7)
    await note_clock(till, 8)
    assert [event.size for event in await seen(till)] == [8]


async def test_nobody_settles_an_event_before_it_happened(till: Replica) -> None:
    """Not in a manager's name either: who has not seen it does not know when it happened."""
    await settle_clock(till, 1_000_000)
    await note_clock(till, 7)
    (event,) = await seen(till)
    assert (event.size, event.settled_up_to) == (7, 0)
    async with till.work(MANAGER) as work:
        guessed = Settlement(
            organization_id=work.organization_id,
            branch_id=work.branch_id,
            id=work.ids.new(),
            exception_id=CLOCK,
            up_to=1_000_000,
            event_at=event.happened_at - timedelta(microseconds=1),
            settled_at=work.now,
        )
        work.add(guessed)
    assert len(await seen(till)) == 1
    await settle_clock(till, 7)
    assert await seen(till) == []


async def test_two_devices_that_note_one_event_have_noted_one(till: Replica, village: Village) -> None:
    other = village.replica(OTHER_TILL, "B")
    await note_clock(till, 7)
    await note_clock(other, 9)
    for replica, peer in ((till, other), (other, till)):
        await replica.pull(peer)
    assert [event.size for event in await seen(till)] == [event.size for event in await seen(other)] == [9]


async def test_settling_is_a_right_of_managers_and_needs_a_note(till: Replica) -> None:
    await note_clock(till, 1)
    for actor, note, code in ((CASHIER, "ya", "NOT_PERMITTED"), (MANAGER, " \n", "NOTE_MISSING")):
        with pytest.raises(DomainError, match=code):
            async with till.work(actor) as work:
                await settle(work, EventKind.CLOCK_WRONG, CLOCK, 1, note)
    assert len(await seen(till)) == 1


async def test_no_note_settles_what_an_action_can_close(till: Replica) -> None:
    paid_twice = exception_id(Difference.PAID_TWICE, UUID(int=5))
    with pytest.raises(DomainError, match="NEEDS_AN_ACTION"):
        async with till.work(MANAGER) as work:
            await settle(work, Difference.PAID_TWICE, paid_twice, 1_000, "x")
    refunded_twice = exception_id(Difference.REFUNDED_TWICE, UUID(int=5))
    async with till.work(MANAGER) as work:
        await settle(work, Difference.REFUNDED_TWICE, refunded_twice, 1_000, "el cajero se confundió")
    async with till.connection() as connection:
        found = await settled_up_to(connection, till.place.organization_id, [paid_twice, refunded_twice])
    assert found == {refunded_twice: 1_000}
