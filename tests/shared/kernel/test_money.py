"""Money: sharing and rounding lose nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.money import divide_half_up, share, share_in_order

AMOUNTS = st.integers(-(10**15), 10**15)
WEIGHTS = st.lists(st.integers(0, 10**12), min_size=1, max_size=30)


@given(AMOUNTS, WEIGHTS)
def test_shares_add_up_to_what_was_shared(total: int, weights: list[int]) -> None:
    assert sum(share(total, weights)) == total


@given(AMOUNTS, WEIGHTS.filter(any))
def test_a_share_is_within_one_minor_unit_of_its_fair_part(total: int, weights: list[int]) -> None:
    whole = sum(weights)
    for part, weight in zip(share(total, weights), weights, strict=True):
        assert abs(part * whole - total * weight) < whole


@given(AMOUNTS, WEIGHTS)
def test_a_refund_is_shared_as_the_sale_was(total: int, weights: list[int]) -> None:
    assert share(-total, weights) == [-part for part in share(total, weights)]


def test_who_has_no_weight_gets_nothing_and_without_any_weight_the_first_takes_all() -> None:
    assert share(100, [0, 1, 0, 1]) == [0, 50, 0, 50]
    assert share(7, [0, 0]) == [7, 0]
    assert share(7, []) == []


@given(AMOUNTS, WEIGHTS.filter(any), st.data())
def test_what_is_shared_in_order_stays_what_it_was_for_all_others_when_one_is_parted(
    total: int, weights: list[int], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(weights) - 1))
    first = data.draw(st.integers(0, weights[at]))
    parts = share_in_order(total, weights)
    parted = share_in_order(total, [*weights[:at], first, weights[at] - first, *weights[at + 1 :]])
    assert sum(parts) == total
    assert [*parted[:at], parted[at] + parted[at + 1], *parted[at + 2 :]] == parts


@given(WEIGHTS.filter(any), st.data())
def test_no_share_in_order_is_above_its_weight_if_the_total_is_not(weights: list[int], data: st.DataObject) -> None:
    total = data.draw(st.integers(0, sum(weights)))
    for part, weight in zip(share_in_order(total, weights), weights, strict=True):
        assert 0 <= part <= weight
        assert abs(part * sum(weights) - total * weight) < sum(weights)


@given(st.integers(-(10**18), 10**18), st.integers(1, 10**6))
def test_division_rounds_to_the_nearest_and_halves_away_from_zero(numerator: int, denominator: int) -> None:
    rounded = divide_half_up(numerator, denominator)
    distance = abs(rounded * denominator - numerator)
    assert 2 * distance <= denominator
    if 2 * distance == denominator:
        assert abs(rounded * denominator) > abs(numerator)
