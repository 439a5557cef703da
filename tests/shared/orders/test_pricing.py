"""Pricing adds up to the minor unit, whatever the lines, taxes, discounts and currency, in any order."""

from __future__ import annotations

from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.money import format_minor, price_is_sensible
from shared.orders.rules import LinePrice, gross_of, price_bill, quantity_is_sensible, tax_within

TAXES = [("", 0, True), ("IGV", 1_800, True), ("IGV", 1_800, False), ("Servicio", 1_000, False), ("IVA", 775, True)]
PRICES = {"CLP": st.integers(0, 90_000), "PEN": st.integers(0, 500_00), "KWD": st.integers(0, 99_999)}


@st.composite
def lines(draw: st.DrawFn, currency: str = "PEN") -> list[LinePrice]:
    found = []
    for number in range(draw(st.integers(0, 12))):
        name, rate, included = draw(st.sampled_from(TAXES))
        found.append(
            LinePrice(
                key=UUID(int=number + 1),
                quantity_milli=draw(st.sampled_from([1_000, 2_000, 333, 350, 1]) | st.integers(1, 50_000)),
                unit_minor=draw(PRICES[currency]),
                discount_minor=draw(st.just(0) | st.integers(-5, 60_000)),
                tax_name=name,
                tax_rate_basis_points=rate,
                tax_included=included,
            )
        )
    return found


BILL_DISCOUNTS = st.just(0) | st.integers(-5, 200_000)


@pytest.mark.parametrize("currency", PRICES)
@given(st.data())
def test_lines_taxes_and_totals_add_up(currency: str, data: st.DataObject) -> None:
    bill_lines, discount = data.draw(lines(currency)), data.draw(BILL_DISCOUNTS)
    bill = price_bill(bill_lines, discount)
    each = bill.lines.values()
    assert sum(line.gross_minor for line in each) == bill.gross_minor
    assert sum(line.discount_minor for line in each) == bill.discount_minor
    assert sum(line.net_minor for line in each) == bill.net_minor
    assert sum(line.tax_minor for line in each) == bill.tax_minor == sum(tax.tax_minor for tax in bill.taxes)
    assert sum(line.total_minor for line in each) == bill.total_minor
    added = sum(tax.tax_minor for tax in bill.taxes if not tax.included)
    assert bill.total_minor == bill.gross_minor - bill.discount_minor + added
    assert format_minor(bill.total_minor, currency)


@given(lines(), BILL_DISCOUNTS)
def test_no_line_is_below_nothing_and_no_discount_takes_more_than_there_is(
    bill_lines: list[LinePrice], discount: int
) -> None:
    bill = price_bill(bill_lines, discount)
    for total in bill.lines.values():
        assert 0 <= total.discount_minor <= total.gross_minor
        assert total.net_minor >= 0
        assert total.tax_minor >= 0
    own = sum(min(max(0, line.discount_minor), gross_of(line.quantity_milli, line.unit_minor)) for line in bill_lines)
    assert bill.discount_minor == min(own + max(0, discount), bill.gross_minor)


@given(lines(), BILL_DISCOUNTS, st.integers())
def test_the_order_of_the_lines_changes_no_cent_of_any_line(
    bill_lines: list[LinePrice], discount: int, seed: int
) -> None:
    shuffled = list(bill_lines)
    Random(seed).shuffle(shuffled)
    assert price_bill(shuffled, discount) == price_bill(bill_lines, discount)


def test_cents_that_three_equal_lines_share_fall_on_the_same_lines_in_any_order() -> None:
    """Equal remainders: here an order of arrival would show."""
    equal = [LinePrice(UUID(int=number), 1_000, 100, 0, "IGV", 1_800, number % 2 == 0) for number in range(1, 6)]
    expected = price_bill(equal, 7)
    for turn in range(1, 5):
        assert price_bill([*equal[turn:], *equal[:turn]], 7) == expected
    assert price_bill(equal[::-1], 7) == expected


@given(lines())
def test_each_rate_is_rounded_once_for_the_whole_bill(bill_lines: list[LinePrice]) -> None:
    bill = price_bill(bill_lines)
    for tax in bill.taxes:
        base = tax.net_minor + (tax.tax_minor if tax.included else 0)
        exact_times = base * tax.rate_basis_points
        of = 10_000 + (tax.rate_basis_points if tax.included else 0)
        assert abs(tax.tax_minor * of - exact_times) * 2 <= of, tax


@given(st.integers(0, 10**12), st.integers(0, 10_000))
def test_a_tax_within_a_price_leaves_a_net_that_bears_it(amount: int, rate: int) -> None:
    tax = tax_within(amount, rate)
    net = amount - tax
    assert 0 <= tax <= amount
    assert abs(net * (10_000 + rate) - amount * 10_000) * 2 <= 10_000 + rate


def test_a_bill_as_a_guest_in_lima_reads_it() -> None:
    bill = price_bill(
        [
            LinePrice(UUID(int=1), 2_000, 3_890, 0, "IGV", 1_800, True),
            LinePrice(UUID(int=2), 350, 9_990, 500, "IGV", 1_800, True),
            LinePrice(UUID(int=3), 1_000, 333, 0, "Servicio", 1_000, False),
        ],
        bill_discount_minor=1_000,
    )
    assert (bill.gross_minor, bill.discount_minor) == (7_780 + 3_497 + 333, 1_500)
    assert [(tax.name, tax.net_minor, tax.tax_minor) for tax in bill.taxes] == [
        ("IGV", 8_311, 1_496),
        ("Servicio", 303, 30),
    ]
    assert bill.total_minor == 10_140


def test_what_nobody_can_have_meant_is_told_apart() -> None:
    assert [quantity_is_sensible(each) for each in (-1, 0, 1, 9_999_000, 9_999_001)] == [
        False,
        False,
        True,
        True,
        False,
    ]
    assert [price_is_sensible(each) for each in (-1, 0, 10**15, 10**15 + 1)] == [False, True, True, False]
