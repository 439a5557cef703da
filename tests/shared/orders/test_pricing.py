"""Pricing adds up to the minor unit, whatever the lines, taxes, discounts, service and currency, in any order."""

from __future__ import annotations

from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.countries.currencies import format_minor
from shared.kernel.money import price_is_sensible
from shared.orders.rules import Discount, DiscountShare, LinePrice, ServiceCharge, quantity_is_sensible
from shared.orders.whole import price_bill
from shared.taxes.rules import Tax

IGV = Tax("IGV", 180_000)
ADDED = Tax("Servicio", 100_000, included=False)
TAXES = [
    (),
    (IGV,),
    (Tax("IGV", 180_000, included=False),),
    (ADDED,),
    (Tax("IVA", 77_500), ADDED),
    (IGV, Tax("BAG", 0, False, 50)),
]
PRICES = {"CLP": st.integers(0, 90_000), "PEN": st.integers(0, 500_00), "KWD": st.integers(0, 99_999)}
KEYS = [UUID(int=number) for number in range(1, 13)]
DISCOUNTS = st.lists(
    st.builds(
        Discount,
        st.integers(100, 10**6).map(lambda number: UUID(int=number)),
        st.just(0) | st.integers(-5, 60_000),
        st.just(0) | st.integers(0, 1_200_000),
        st.none() | st.frozensets(st.sampled_from(KEYS), max_size=3),
    ),
    max_size=4,
    unique_by=lambda discount: discount.id,
)
SERVICE = st.none() | st.builds(ServiceCharge, st.integers(0, 200_000), st.booleans())


@st.composite
def lines(draw: st.DrawFn, currency: str = "PEN") -> list[LinePrice]:
    return [
        LinePrice(
            key=KEYS[number],
            quantity_milli=draw(st.sampled_from([1_000, 2_000, 333, 350, 1]) | st.integers(1, 50_000)),
            unit_minor=draw(PRICES[currency]),
            taxes=draw(st.sampled_from(TAXES)),
        )
        for number in range(draw(st.integers(0, 12)))
    ]


@pytest.mark.parametrize("currency", PRICES)
@given(st.data(), DISCOUNTS, SERVICE)
def test_lines_taxes_and_totals_add_up(
    currency: str, data: st.DataObject, discounts: list[Discount], service: ServiceCharge | None
) -> None:
    bill = price_bill(data.draw(lines(currency)), discounts, service)
    each = bill.lines.values()
    for name in ("gross_minor", "discount_minor", "service_minor", "net_minor", "tax_minor", "total_minor"):
        assert sum(getattr(line, name) for line in each) == getattr(bill, name), name
    for of in (bill, *each):
        added = sum(part.tax_minor for part in of.taxes if not part.tax.included)
        assert of.total_minor == of.gross_minor - of.discount_minor + of.service_minor + added
        assert of.tax_minor == sum(part.tax_minor for part in of.taxes)
    for line in each:
        assert line.discount_minor == sum(part.amount_minor for part in line.discounts)
    assert format_minor(bill.total_minor, currency)


@given(lines(), DISCOUNTS, SERVICE)
def test_no_line_is_below_nothing_and_no_discount_takes_more_than_there_is(
    bill_lines: list[LinePrice], discounts: list[Discount], service: ServiceCharge | None
) -> None:
    for total in price_bill(bill_lines, discounts, service).lines.values():
        assert 0 <= total.discount_minor <= total.gross_minor
        assert min(total.net_minor, total.tax_minor, total.service_minor) >= 0
        assert all(part.amount_minor > 0 for part in total.discounts)


@given(lines(), DISCOUNTS, SERVICE, st.integers())
def test_the_order_of_lines_and_discounts_changes_no_cent(
    bill_lines: list[LinePrice], discounts: list[Discount], service: ServiceCharge | None, seed: int
) -> None:
    shuffled, heard = list(bill_lines), list(discounts)
    Random(seed).shuffle(shuffled)
    Random(seed).shuffle(heard)
    assert price_bill(shuffled, heard, service) == price_bill(bill_lines, discounts, service)


def test_cents_that_three_equal_lines_share_fall_on_the_same_lines_in_any_order() -> None:
    """Equal remainders: here an order of arrival would show."""
    equal = [LinePrice(key, 1_000, 100, (IGV,) if key.int % 2 else (ADDED,)) for key in KEYS[:5]]
    seven = [Discount(UUID(int=99), 7)]
    expected = price_bill(equal, seven)
    for turn in range(1, 5):
        assert price_bill([*equal[turn:], *equal[:turn]], seven) == expected
    assert price_bill(equal[::-1], seven) == expected


def test_discounts_are_taken_one_after_the_other_and_each_says_its_share() -> None:
    """Of 100.00 and 50.00: first 10 % off the first line, then 14.00 off what is left of the bill."""
    of_line, of_bill = Discount(UUID(int=9), 0, 100_000, frozenset({KEYS[0]})), Discount(UUID(int=8), 1_400)
    bill = price_bill([LinePrice(KEYS[0], 1_000, 10_000), LinePrice(KEYS[1], 1_000, 5_000)], [of_bill, of_line])
    assert bill.lines[KEYS[0]].discounts == (DiscountShare(of_line.id, 1_000), DiscountShare(of_bill.id, 900))
    assert bill.lines[KEYS[1]].discounts == (DiscountShare(of_bill.id, 500),)
    assert bill.total_minor == 12_600


def test_a_discount_of_several_lines_is_shared_by_what_they_cost() -> None:
    shared = Discount(UUID(int=9), 30, lines=frozenset(KEYS[:2]))
    bill = price_bill(
        [LinePrice(key, 1_000, price) for key, price in zip(KEYS, (200, 100, 900), strict=False)], [shared]
    )
    assert [bill.lines[key].discount_minor for key in KEYS[:3]] == [20, 10, 0]


def test_service_that_is_taxed_bears_the_taxes_of_its_lines() -> None:
    """100.00 plus 10 % service, both with 8.875 % on top."""
    line = LinePrice(KEYS[0], 1_000, 10_000, (Tax("Sales tax", 88_750, included=False),))
    bill = price_bill([line], service=ServiceCharge(100_000))
    assert (bill.service_minor, bill.net_minor, bill.tax_minor, bill.total_minor) == (1_000, 11_000, 976, 11_976)


def test_service_that_is_not_taxed_is_of_the_value_without_tax() -> None:
    """As in Lima: 118.00 contains 18.00; 13 % of the other 100.00 is added, and no tax on it."""
    bill = price_bill([LinePrice(KEYS[0], 1_000, 11_800, (IGV,))], service=ServiceCharge(130_000, taxed=False))
    assert (bill.service_minor, bill.net_minor, bill.tax_minor, bill.total_minor) == (1_300, 11_300, 1_800, 13_100)
    assert bill.taxes[0].net_minor == 10_000


def test_a_bill_as_a_guest_in_lima_reads_it() -> None:
    bill = price_bill(
        [
            LinePrice(KEYS[0], 2_000, 3_890, (IGV,)),
            LinePrice(KEYS[1], 350, 9_990, (IGV,)),
            LinePrice(KEYS[2], 1_000, 333, (ADDED,)),
        ],
        [Discount(UUID(int=20), 500, lines=frozenset({KEYS[1]})), Discount(UUID(int=21), 1_000)],
    )
    assert (bill.gross_minor, bill.discount_minor) == (7_780 + 3_497 + 333, 1_500)
    assert [(total.tax.name, total.net_minor, total.tax_minor) for total in bill.taxes] == [
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
