"""What taxes amounts contain and bear, to the minor unit, alone and together on one line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.money import FULL_RATE
from shared.taxes.rules import Tax, TaxableLine, apply_taxes, tax_label, tax_within

IGV, IPM, SALES = Tax("IGV", 80_000), Tax("IPM", 25_000), Tax("Sales tax", 88_750, included=False)
BAG, DEPOSIT = Tax("ICBPER", 0, included=False, per_unit_minor=50), Tax("Pfand", 0, included=True, per_unit_minor=25)
TAXES = [IGV, IPM, SALES, BAG, DEPOSIT, Tax("Odd", 333_333), Tax("City", 10_000, included=False)]
SETS = st.lists(st.sampled_from(TAXES), unique=True, max_size=4).map(tuple)
LINES = st.lists(st.builds(TaxableLine, st.integers(0, 50_000) | st.integers(0, 3), st.integers(1, 9_000), SETS))


@given(LINES)
def test_each_line_is_its_net_amount_and_its_included_taxes(lines: list[TaxableLine]) -> None:
    done = apply_taxes(lines)
    for line, net, taxes in zip(lines, done.nets, done.taxes, strict=True):
        assert sorted(part.tax for part in taxes) == sorted(line.taxes)
        assert net + sum(part.tax_minor for part in taxes if part.tax.included) == line.amount_minor
        assert net >= 0
        assert all(part.tax_minor >= 0 for part in taxes)


@given(LINES)
def test_each_tax_of_the_bill_is_the_sum_of_its_lines(lines: list[TaxableLine]) -> None:
    done = apply_taxes(lines)
    assert [total.tax for total in done.totals] == sorted({tax for line in lines for tax in line.taxes})
    for total in done.totals:
        parts = [part.tax_minor for taxes in done.taxes for part in taxes if part.tax == total.tax]
        assert total.tax_minor == sum(parts)
        assert total.net_minor == sum(
            net for line, net in zip(lines, done.nets, strict=True) if total.tax in line.taxes
        )


@given(st.lists(st.integers(0, 50_000), min_size=1), st.sampled_from([IGV, SALES, Tax("Odd", 333_333)]))
def test_a_rate_is_rounded_once_for_the_whole_bill(amounts: list[int], tax: Tax) -> None:
    total = apply_taxes([TaxableLine(amount, 1_000, (tax,)) for amount in amounts]).totals[0]
    of = FULL_RATE + (tax.rate_millionths if tax.included else 0)
    assert abs(total.tax_minor * of - sum(amounts) * tax.rate_millionths) * 2 <= of


def test_two_taxes_in_one_price_are_both_of_what_is_left_without_them() -> None:
    """110.50 with 8 % and 2.5 % is 100.00 net: the second is no tax on the first."""
    done = apply_taxes([TaxableLine(11_050, 1_000, (IGV, IPM))])
    assert (done.nets, [part.tax_minor for part in done.taxes[0]]) == ([10_000], [800, 250])


def test_a_tax_that_stands_beside_another_on_some_lines_is_still_rounded_once() -> None:
    lines = [TaxableLine(11_050, 1_000, (IGV, IPM)), TaxableLine(10_800, 1_000, (IGV,))]
    done = apply_taxes(lines)
    assert [(total.tax.name, total.net_minor, total.tax_minor) for total in done.totals] == [
        ("IGV", 20_000, 1_600),
        ("IPM", 10_000, 250),
    ]


def test_an_added_tax_is_of_the_price_without_what_it_contains() -> None:
    done = apply_taxes([TaxableLine(10_800, 1_000, (IGV, SALES))])
    assert (done.nets, {part.tax.name: part.tax_minor for part in done.taxes[0]}) == (
        [10_000],
        {"IGV": 800, "Sales tax": 888},
    )


def test_a_tax_by_the_unit_is_of_the_quantity_and_not_of_the_price() -> None:
    done = apply_taxes([TaxableLine(0, 3_000, (BAG,)), TaxableLine(900, 500, (BAG,))])
    assert ([part[0].tax_minor for part in done.taxes], done.totals[0].tax_minor) == ([150, 25], 175)
    held = apply_taxes([TaxableLine(1_105, 1_000, (DEPOSIT, IGV))])
    assert (held.nets, [part.tax_minor for part in held.taxes[0]]) == ([1_000], [25, 80])


def test_an_included_tax_by_the_unit_never_takes_more_than_the_price() -> None:
    assert apply_taxes([TaxableLine(10, 2_000, (DEPOSIT,))]).nets == [0]


@pytest.mark.parametrize(
    ("rate", "net", "tax"), [(88_750, 40_000, 3_550), (99_750, 100_000, 9_975), (66_250, 200_000, 13_250)]
)
def test_rates_of_three_decimals_are_exact(rate: int, net: int, tax: int) -> None:
    """New York City, Quebec and New Jersey; their amounts in cents."""
    assert apply_taxes([TaxableLine(net, 1_000, (Tax("Tax", rate, included=False),))]).totals[0].tax_minor == tax
    assert tax_within(net + tax, rate) == tax


@given(st.integers(0, 10**12), st.integers(0, FULL_RATE))
def test_a_tax_within_a_price_leaves_a_net_that_bears_it(amount: int, rate: int) -> None:
    tax = tax_within(amount, rate)
    net = amount - tax
    assert 0 <= tax <= amount
    assert abs(net * (FULL_RATE + rate) - amount * FULL_RATE) * 2 <= FULL_RATE + rate


def test_a_tax_is_written_with_the_decimals_that_it_has() -> None:
    assert [tax_label("IGV", rate, 0) for rate in (180_000, 88_750, 105_000, 0, 1)] == [
        "IGV 18 %",
        "IGV 8.875 %",
        "IGV 10.5 %",
        "IGV 0 %",
        "IGV 0.0001 %",
    ]
    assert tax_label("ICBPER", 0, 50) == "ICBPER"
