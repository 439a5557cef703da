"""Stamps never go back, whatever the clock does, and a poisoned field can be cured without spreading the poison."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.stamps import COUNTER_BITS, MAX_LEAD_MS, MAX_STAMP, HybridClock, stamp_milliseconds

NOW = 1_790_000_000_000
YEAR_2999 = 32_472_144_000_000
CLOCKS = st.lists(st.sampled_from([-1, 0, 1, NOW, NOW + 1, YEAR_2999]) | st.integers(0, YEAR_2999), max_size=30)


@given(CLOCKS)
def test_stamps_grow_on_any_clock_from_1970_to_2999(trace: list[int]) -> None:
    clock = HybridClock()
    stamps = [clock.tick(now_ms) for now_ms in trace for _twice in range(2)]
    assert stamps == sorted(set(stamps))
    assert all(0 < stamp <= MAX_STAMP for stamp in stamps)


@given(CLOCKS, st.integers(0, MAX_STAMP))
def test_a_restart_goes_on_from_the_stored_stamp(trace: list[int], last: int) -> None:
    last = min(last, YEAR_2999 << COUNTER_BITS)
    clock = HybridClock(last)
    assert all(clock.tick(now_ms) > last for now_ms in trace)


@given(st.integers(0, MAX_STAMP - 1))
def test_a_new_write_outranks_the_field_that_it_overwrites(field_stamp: int) -> None:
    assert HybridClock().tick(NOW, above=field_stamp) > field_stamp


def test_curing_a_field_from_2999_leaves_our_clock_where_it_was() -> None:
    clock = HybridClock()
    poison = YEAR_2999 << COUNTER_BITS
    assert clock.tick(NOW, above=poison) == poison + 1
    assert stamp_milliseconds(clock.tick(NOW)) == NOW, "the next field is stamped with the time, not with the poison"


def test_the_greatest_stamp_of_all_cannot_make_us_write_one_that_nobody_can_read() -> None:
    assert HybridClock().tick(NOW, above=MAX_STAMP) == MAX_STAMP


def test_a_received_stamp_pulls_our_clock_by_a_minute_at_most() -> None:
    clock = HybridClock()
    clock.observe(YEAR_2999 << COUNTER_BITS, NOW)
    assert stamp_milliseconds(clock.tick(NOW)) == NOW + MAX_LEAD_MS
    clock.observe(1, NOW)
    assert stamp_milliseconds(clock.tick(NOW)) == NOW + MAX_LEAD_MS, "an old stamp never takes it back"


def test_a_clock_beyond_every_calendar_still_gives_stamps_that_grow_and_fit() -> None:
    clock = HybridClock()
    first, second = clock.tick(253_402_300_799_999), clock.tick(253_402_300_799_999)
    assert first < second <= MAX_STAMP
