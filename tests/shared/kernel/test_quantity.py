"""Quantities are exact thousandths, shown without decimals that say nothing."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.quantity import FINE, MOST_SHARED, ONE, cut_of, format_portions, format_quantity


@given(st.integers(-(10**9), 10**9))
def test_a_shown_quantity_reads_back_exactly_and_is_as_short_as_it_can_be(quantity_milli: int) -> None:
    shown = format_quantity(quantity_milli)
    assert Decimal(shown) * 1_000 == quantity_milli
    assert not ("." in shown and shown.endswith(("0", ".")))


@pytest.mark.parametrize(
    ("quantity_milli", "shown"),
    [
        (333, "1/3"),
        (334, "1/3"),
        (667, "2/3"),
        (166, "1/6"),
        (833, "5/6"),
        (2_333, "2 1/3"),
        (-333, "-1/3"),
        (142, "1/7"),
        (143, "1/7"),
        (91, "1/11"),
        (500, "0.5"),
        (250, "0.25"),
        (350, "0.35"),
        (335, "0.335"),
        (1_000, "1"),
        (999, "0.999"),
        (1, "0.001"),
        (0, "0"),
    ],
)
def test_portions_of_a_shared_dish_are_said_as_people_say_them(quantity_milli: int, shown: str) -> None:
    assert format_portions(quantity_milli) == shown


@given(st.integers(1, 9_000), st.integers(2, MOST_SHARED))
def test_shares_that_are_cut_one_after_the_other_are_alike_and_make_the_whole(whole: int, among: int) -> None:
    left, exact, cuts = whole, Fraction(whole), []
    for others in range(among, 1, -1):
        part = left // others
        cuts.append(cut_of(part, left, exact))
        left, exact = left - part, exact - cuts[-1]
    cuts.append(exact)
    assert sum(cuts) == whole
    assert all(cut >= 0 for cut in cuts)
    if whole >= ONE:
        assert cuts == [Fraction(whole, among)] * among
        assert all((cut * FINE).denominator == 1 for cut in cuts)


def test_nothing_of_nothing_is_no_cut() -> None:
    assert cut_of(0, 0) == cut_of(0, ONE) == 0
