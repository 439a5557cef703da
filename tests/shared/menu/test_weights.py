"""Units of weight: which texts mean one, what is sensible in each, and one in another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.menu.weights import converted_milli, most_weight_milli, weight_is_sensible, weight_unit


@pytest.mark.parametrize(
    ("unit", "meant"),
    [("kg", "kg"), (" KG ", "kg"), ("Kilo", "kg"), ("gr.", "g"), ("libras", "lb"), ("oz", "oz")]
    + [(other, None) for other in ("", "l", "porción", "docena", "kgm")],
)
def test_only_a_unit_of_weight_is_weighed(unit: str, meant: str | None) -> None:
    assert weight_unit(unit) == meant


def test_a_weight_is_more_than_nothing_and_no_more_than_a_line_can_hold() -> None:
    assert [weight_is_sensible("kg", milli) for milli in (-1, 0, 1, 350, 100_000, 100_001)] == [False] * 2 + [
        True
    ] * 3 + [False]
    assert not weight_is_sensible("kg", 350_000), "grams that were typed as kilos"
    assert (most_weight_milli("lb"), most_weight_milli("g")) == (220_462, 9_999_000)


def test_a_scale_may_weigh_in_another_unit() -> None:
    assert converted_milli(350, "kg", "g") == 350_000
    assert converted_milli(1_000, "lb", "kg") == 454
    assert converted_milli(16_000, "oz", "lb") == 1_000


@given(st.integers(0, 100_000))
def test_there_and_back_loses_nothing_that_a_line_holds(grams: int) -> None:
    assert converted_milli(converted_milli(grams, "kg", "g"), "g", "kg") == grams
