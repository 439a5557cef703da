"""Hours of the local wall time: when they hold, also over midnight, and what a rule makes of a price."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.pricing.rules import DaypartHours, HoursOfSale, Rule, Scope, Window, ruled_price

BEER, DRINKS, BAR = UUID(int=1), UUID(int=2), UUID(int=3)
EVERY_DAY: frozenset[int] = frozenset()
MONDAY = datetime(2026, 11, 23)  # noqa: DTZ001 wall times have no zone


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    return MONDAY.replace(day=day, hour=hour, minute=minute)


@pytest.mark.parametrize(
    ("wall", "holds"),
    [(at(15), True), (at(16, 59), True), (at(17), False), (at(14, 59), False), (at(16, day=28), False)],
    ids=["first minute", "last minute", "its end", "before", "on a saturday"],
)
def test_a_window_holds_from_its_first_minute_to_before_its_end(wall: datetime, holds: bool) -> None:
    assert Window(frozenset({1, 2, 3, 4, 5}), 15 * 60, 17 * 60).holds(wall) is holds


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_starts() -> None:
    late = Window(frozenset({1}), 22 * 60, 2 * 60)
    assert late.holds(at(23))
    assert late.holds(at(1, 59, day=24))
    assert not late.holds(at(2, day=24))
    assert not late.holds(at(1))  # it would have started on Sunday
    assert late.next_start(at(23)) == at(22, day=30)


@given(st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 7 * 1440 - 1))
def test_next_start_and_end_agree_with_whether_it_holds(starts: int, ends: int, minute: int) -> None:
    wall = MONDAY.replace(day=23 + minute // 1440, hour=minute % 1440 // 60, minute=minute % 60)
    window = Window(EVERY_DAY, starts, ends)
    end = window.ends_at(wall)
    assert window.holds(window.next_start(wall))
    assert window.next_start(wall) > wall
    assert end is None or end > wall


def rule(number: int, price_minor: int | None = None, rate: int = 0, scope: Scope | None = None) -> Rule:
    named = scope or Scope(frozenset({BEER}), frozenset())
    return Rule(UUID(int=number), "x", named, Window(EVERY_DAY, 900, 1_020), frozenset(), price_minor, rate)


@given(st.permutations([rule(1, 800), rule(2, rate=250_000), rule(3, 750), rule(4, 1_500)]))
def test_the_lowest_price_holds_and_no_rule_makes_anything_dearer(rules: list[Rule]) -> None:
    hours = HoursOfSale(tuple(rules))
    priced = hours.price(BEER, DRINKS, 1_000, "dine_in", at(16))
    assert (priced.price_minor, priced.rule and priced.rule.id) == (750, UUID(int=2))
    assert hours.price(BEER, DRINKS, 700, "dine_in", at(16)).price_minor == 525
    assert hours.price(BEER, DRINKS, 1_000, "dine_in", at(18)).rule is None


def test_a_rule_for_a_category_holds_for_those_below_it_even_if_they_stand_above_each_other() -> None:
    bar = Scope(frozenset(), frozenset({BAR}))
    for parents in ({DRINKS: BAR, BAR: None}, {DRINKS: BAR, BAR: DRINKS}):
        hours = HoursOfSale((rule(1, rate=500_000, scope=bar),), (), parents)
        assert hours.price(BEER, DRINKS, 999, "dine_in", at(16)).price_minor == 500
    assert HoursOfSale((rule(1, rate=500_000, scope=bar),)).price(BEER, DRINKS, 999, "x", at(16)).rule is None


def test_what_a_daypart_names_is_sold_in_those_that_name_it_alone() -> None:
    scope = Scope(frozenset({BEER}), frozenset())
    hours = HoursOfSale(
        (),
        (
            DaypartHours(UUID(int=8), "Almuerzo", scope, Window(EVERY_DAY, 720, 900)),
            DaypartHours(UUID(int=9), "Cena", scope, Window(EVERY_DAY, 1_140, 1_380)),
        ),
    )
    assert hours.not_now(BEER, DRINKS, at(13)) is None
    later = hours.not_now(BEER, DRINKS, at(16))
    assert later is not None
    assert (later.name, later.starts) == ("Cena", at(19))
    assert hours.not_now(BAR, DRINKS, at(16)) is None


@pytest.mark.parametrize(
    ("listed", "price", "rate", "made"), [(999, None, 500_000, 500), (999, 0, 0, 0), (1, None, 1_000_000, 0)]
)
def test_a_rate_is_rounded_half_up_to_the_minor_unit(listed: int, price: int | None, rate: int, made: int) -> None:
    assert ruled_price(listed, price, rate) == made
