"""Codes of countries and currencies: those that there are, and none that somebody has mistyped."""

from __future__ import annotations

import pytest

from shared.countries import countries, currencies


@pytest.mark.parametrize("code", ["PE", "ES", "XK", "ZA"])
def test_a_country_is_known_by_its_code(code: str) -> None:
    assert countries.is_country(code)


@pytest.mark.parametrize("code", ["XX", "ZZ", "pe", "PER", "", "P E", "UK"])
def test_two_letters_are_no_country_yet(code: str) -> None:
    assert not countries.is_country(code)


@pytest.mark.parametrize("code", ["ABC", "XXX", "pen", "PE", "", "SOL", "DEM"])
def test_three_letters_are_no_currency_yet(code: str) -> None:
    assert not currencies.is_currency(code)


def test_all_that_is_known_of_countries_is_of_countries_and_currencies_that_there_are() -> None:
    known = countries._KNOWN.values()
    assert [each.code for each in known if not countries.is_country(each.code)] == []
    assert [each.currency for each in known if not currencies.is_currency(each.currency)] == []
    assert [code for code in currencies._KNOWN if not currencies.is_currency(code)] == []
