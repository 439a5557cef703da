"""Hours of work: what counts of what was noted, in any order, with corrections and wrong clocks."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from restaurant import CASHIER, MANAGER, Replica, Village

from shared.kernel.errors import DomainError
from shared.staff.approving import Approving
from shared.staff.clocking import correct_time, note_time
from shared.staff.hours import Entry, Presence, hours_of
from shared.staff.records import Approval, EntryKind, TimeEntry

IN, OUT, BREAK, BACK = EntryKind.IN, EntryKind.OUT, EntryKind.BREAK, EntryKind.BACK
EIGHT = datetime(2026, 11, 23, 8, tzinfo=UTC)
TODAY = EIGHT.date()
HOUR = timedelta(hours=1)
_numbers = itertools.count(1)


def entry(kind: EntryKind, hour: float, *, corrects: Entry | None = None, typed: float | None = None) -> Entry:
    at, typed_at = EIGHT + hour * HOUR, EIGHT + (hour if typed is None else typed) * HOUR
    return Entry(UUID(int=next(_numbers)), kind, at, typed_at, at.date(), corrects.id if corrects else None)


def test_a_day_without_its_break() -> None:
    said = [entry(IN, 0), entry(BREAK, 4), entry(BACK, 5), entry(OUT, 9)]
    found = hours_of(said, TODAY, EIGHT + 10 * HOUR)
    assert (found.presence, found.worked) == (Presence.AWAY, 8 * HOUR)
    assert [each.kind for each in found.of_day] == [IN, BREAK, BACK, OUT]


def test_who_is_here_works_on_and_who_has_a_break_does_not() -> None:
    assert hours_of([entry(IN, 0)], TODAY, EIGHT + 3 * HOUR).worked == 3 * HOUR
    assert hours_of([entry(IN, 0), entry(BREAK, 2)], TODAY, EIGHT + 3 * HOUR).worked == 2 * HOUR


def test_two_devices_that_note_the_same_are_one() -> None:
    said = [entry(IN, 0), entry(IN, 0.01), entry(OUT, 2), entry(OUT, 2.1)]
    assert hours_of(said, TODAY, EIGHT + 3 * HOUR).worked == 2 * HOUR


def test_a_night_shift_goes_on_after_the_day_ends() -> None:
    found = hours_of([entry(IN, 12)], date(2026, 11, 24), EIGHT + 20 * HOUR)
    assert found.presence is Presence.HERE
    assert found.left_open is None


def test_who_forgot_to_leave_begins_anew_and_is_told() -> None:
    came = entry(IN, -24)
    again = entry(IN, 0)
    found = hours_of([came, again], TODAY, EIGHT + HOUR)
    assert (found.presence, found.left_open, found.worked) == (Presence.HERE, came, HOUR)
    left = entry(OUT, -16, corrects=came, typed=0.5)
    assert hours_of([came, again, left], TODAY, EIGHT + HOUR).left_open is None


def test_a_correction_of_a_time_stands_in_its_place_and_the_last_one_counts() -> None:
    came = entry(IN, 0)
    first = entry(IN, -1, corrects=came, typed=2)
    second = entry(IN, -0.5, corrects=first, typed=3)
    assert hours_of([came, first], TODAY, EIGHT + 4 * HOUR).worked == 5 * HOUR
    assert hours_of([second, came, first], TODAY, EIGHT + 4 * HOUR).worked == 4.5 * HOUR


def test_what_was_noted_while_a_clock_was_ahead_waits_for_its_correction() -> None:
    ahead = entry(IN, 24 * 365 * 9)
    found = hours_of([ahead], TODAY, EIGHT)
    assert (found.presence, found.ahead) == (Presence.AWAY, (ahead,))
    found = hours_of([ahead, entry(IN, -1, corrects=ahead, typed=0)], TODAY, EIGHT)
    assert (found.presence, found.ahead, found.worked) == (Presence.HERE, (), HOUR)


ENTRIES = st.lists(
    st.builds(
        lambda kind, minutes, number: Entry(
            UUID(int=number),
            kind,
            EIGHT + timedelta(minutes=minutes),
            EIGHT + timedelta(minutes=minutes),
            (EIGHT + timedelta(minutes=minutes)).date(),
        ),
        st.sampled_from(EntryKind),
        st.integers(-3_000, 3_000),
        st.integers(1, 1 << 40),
    ),
    max_size=12,
    unique_by=lambda each: each.id,
)


@given(ENTRIES, st.randoms(use_true_random=False))
def test_the_order_of_arrival_is_all_one_and_nobody_works_longer_than_the_day(said: list[Entry], chance) -> None:
    now = EIGHT + 12 * HOUR
    found = hours_of(said, TODAY, now)
    shuffled = list(said)
    chance.shuffle(shuffled)
    assert hours_of(shuffled, TODAY, now) == found
    assert timedelta(0) <= found.worked <= 40 * HOUR
    assert found.left_open is None or found.left_open.at <= now


# -- commands ----------------------------------------------------------------------------------------------------------


async def note(till: Replica, kind: EntryKind, actor=CASHIER) -> bool:
    async with till.work(actor) as work:
        return await note_time(work, work.ids.new(), kind) is not None


async def test_a_second_press_notes_nothing(till: Replica, village: Village) -> None:
    assert await note(till, IN)
    assert not await note(till, IN)
    assert not await note(till, OUT), "a key that bounced onto the next row"
    village.clock.pass_time(minutes=5)
    assert not await note(till, IN)
    assert await note(till, BREAK)
    assert [each.kind for each in await till.rows(TimeEntry)] == [IN, BREAK]


async def test_what_is_not_next_is_refused_in_words(till: Replica) -> None:
    with pytest.raises(DomainError, match="HOURS_NOT_NOW"):
        await note(till, BACK)


async def test_everybody_notes_their_own_and_a_correction_takes_the_right(till: Replica, village: Village) -> None:
    assert await note(till, IN)
    (came,) = await till.rows(TimeEntry)
    village.clock.pass_time(hours=5)
    right, new = came.at + timedelta(hours=4), UUID(int=77)
    with pytest.raises(DomainError, match="NOT_PERMITTED"):
        await correct(till, new, came, right)
    with pytest.raises(DomainError, match="HOURS_NOT_SENSIBLE"):
        await correct(till, new, came, came.at - HOUR, approved=True)
    with pytest.raises(DomainError, match="HOURS_NOT_SENSIBLE"):
        await correct(till, new, came, came.at + timedelta(hours=6), approved=True)
    await correct(till, new, came, right, approved=True)
    (approval,) = await till.rows(Approval)
    assert (approval.of_row_id, approval.permission) == (new, "edit_hours")
    assert (await till.row(TimeEntry, new)).person_id == CASHIER.staff_id


async def correct(till: Replica, new: UUID, came: TimeEntry, at: datetime, *, approved: bool = False) -> None:
    async with till.work(CASHIER) as work:
        work.approver = Approving(MANAGER) if approved else None
        await correct_time(work, new, came.id, OUT, at, "forgot")
