"""What people type to find a receipt."""

from __future__ import annotations

from datetime import date

import pytest

from shared.payments.seeking import Sought, sought

TODAY = date(2026, 11, 30)


def read(text: str, exponent: int = 2) -> Sought:
    return sought(text, TODAY, exponent)


@pytest.mark.parametrize(
    ("text", "letter", "place"),
    [
        ("17", "", 17),
        ("a17", "A", 17),
        ("A-17", "A", 17),
        ("A-00000017", "A", 17),
        ("a2-17", "A2", 17),
        (" b 17", "", None),
    ],
)
def test_a_number_with_or_without_the_letter_of_its_device(text: str, letter: str, place: int | None) -> None:
    found = read(text)
    assert (found.letter, found.place) == (letter, place)


def test_the_number_of_a_refund() -> None:
    found = read("a-r00000003")
    assert (found.letter, found.place, found.is_refund) == ("A", 3, True)


@pytest.mark.parametrize(
    ("text", "minor"),
    [("45.50", 4_550), ("45,50", 4_550), ("s/ 45.50", 4_550), ("S/45.5", 4_550), ("1,234.50", 123_450), ("45", 4_500)],
)
def test_an_amount_as_people_write_it(text: str, minor: int) -> None:
    assert read(text).amount_minor == minor


def test_an_amount_of_a_currency_without_cents() -> None:
    assert read("1.995", exponent=0).amount_minor == 1_995
    assert read("1995", exponent=0).amount_minor == 1_995
    assert read("45.50", exponent=0).amount_minor is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("hoy", TODAY),
        ("Ayer", date(2026, 11, 29)),
        ("yesterday", date(2026, 11, 29)),
        ("28/11", date(2026, 11, 28)),
        ("11/28", date(2026, 11, 28)),
        ("24/12", date(2025, 12, 24)),
        ("28/11/25", date(2025, 11, 28)),
        ("28.11.2026", date(2026, 11, 28)),
        ("2026-11-28", date(2026, 11, 28)),
    ],
)
def test_a_day_is_that_of_the_past(text: str, day: date) -> None:
    assert read(text) == Sought(day=day)


@pytest.mark.parametrize("text", ["31/02", "99/99", "0/0", "2026-13-01"])
def test_what_is_no_day_is_searched_as_words(text: str) -> None:
    assert read(text).day is None


def test_words_are_compared_without_case_and_accents() -> None:
    assert read("Ají de GALLINA") == Sought(words="aji de gallina")
    assert read("OP-00417").operation == "OP-00417"


@pytest.mark.parametrize("text", ["", "   ", "\x1b[31m", "🍋", "[/red]", "x" * 10_000, "%_\\", "٣٤"])
def test_whatever_is_typed_can_be_read(text: str) -> None:
    read(text)
