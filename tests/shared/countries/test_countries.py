"""Money as each country writes and rounds it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.countries.countries import cash_habit, country
from shared.countries.currencies import currency, format_foreign, format_minor
from shared.kernel.money import CashRounding, round_cash


@pytest.mark.parametrize(
    ("amount", "code", "shown"),
    [
        (123_450, "PEN", "S/ 1,234.50"),
        (7, "PEN", "S/ 0.07"),
        (-300, "USD", "-$ 3.00"),
        (123_450, "MXN", "$ 1,234.50"),
        (150_000, "CLP", "$ 150.000"),
        (-1_990, "CLP", "-$ 1.990"),
        (15_000_000, "COP", "$ 150.000"),
        (15_000_050, "COP", "$ 150.000,50"),
        (123_450, "EUR", "1.234,50 €"),
        (123_456_789, "BRL", "R$ 1.234.567,89"),
        (1_500_000, "PYG", "₲ 1.500.000"),
        (123_450, "CHF", "CHF 1'234.50"),
        (1_500, "JPY", "¥ 1,500"),
        (1_234_500, "BHD", "BD 1,234.500"),
        (5, "KWD", "KD 0.005"),
        (100, "VND", "VND 100"),
    ],
)
def test_an_amount_is_written_as_in_its_country(amount: int, code: str, shown: str) -> None:
    assert format_minor(amount, code) == shown


def test_money_of_another_country_shows_its_code() -> None:
    assert format_foreign(5_000, "USD") == "USD 50.00"
    assert format_foreign(5_000, "EUR") == "50,00 EUR"


@pytest.mark.parametrize(
    ("code", "amounts"),
    [
        ("CL", {1_995: 1_990, 1_996: 2_000, 1_994: 1_990, 1_991: 1_990, 1_990: 1_990, 5: 0}),
        ("PE", {10_909: 10_900, 10_910: 10_910, 9: 0}),
        ("CH", {1_002: 1_000, 1_003: 1_005, 1_007: 1_005, 1_008: 1_010}),
        ("US", {1_003: 1_003}),
        ("XX", {1_003: 1_003}),
    ],
)
def test_cash_is_rounded_as_in_the_country(code: str, amounts: dict[int, int]) -> None:
    of = cash_habit(code, country(code).currency)
    assert {amount: round_cash(amount, of.step_minor, of.way) for amount in amounts} == amounts


def test_the_coins_of_a_country_do_not_round_the_money_of_another() -> None:
    assert cash_habit("PE", "USD") == (1, CashRounding.NEAREST)


@given(st.integers(0, 10**9), st.sampled_from([5, 10, 50, 100]), st.sampled_from(CashRounding))
def test_rounded_cash_is_less_than_a_coin_away(amount: int, step: int, way: CashRounding) -> None:
    rounded = round_cash(amount, step, way)
    assert rounded % step == 0
    assert abs(rounded - amount) < step
    assert way not in (CashRounding.NEAREST, CashRounding.HALF_DOWN) or 2 * abs(rounded - amount) <= step


def test_a_drawer_is_counted_from_the_largest_note_to_the_smallest_coin() -> None:
    assert currency("PEN").pieces_minor == (20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10)
    assert currency("CLP").notes_minor[-1] == 20_000


def test_a_country_that_nobody_knows_has_a_tax_number_all_the_same() -> None:
    assert country("XX").tax_number == "TAX ID"
    assert (country("PE").tax_number, country("CL").tax_number, country("PE").documents[0]) == ("RUC", "RUT", "DNI")


@pytest.mark.parametrize("code", ["", "pen", "PE", "PENS", "P3N", "ÑAN"])
def test_what_is_no_currency_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        currency(code)
