"""What typed digits mean in each kind of amount."""

from __future__ import annotations

import pytest

from terminal.dialogs.amounts import Entering, percent_text, quantity_text
from terminal.dialogs.questions import Amount, AmountKind, Given


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        (AmountKind.MONEY, "12.5", 1_250),
        (AmountKind.MONEY, "12.555", 1_255),
        (AmountKind.PERCENT, "12.5", 125_000),
        (AmountKind.PERCENT, "10", 100_000),
        (AmountKind.PERCENT, "0.015", 100),
        (AmountKind.WEIGHT, "0.35", 350),
        (AmountKind.QUANTITY, "3", 3_000),
        (AmountKind.QUANTITY, "3.5", 35_000),
    ],
)
def test_digits_become_the_unit_of_their_kind(kind, typed, value) -> None:
    entering = Entering(Amount("", (kind,)), "PEN")
    for key in typed:
        entering = entering.with_key(key)
    assert entering.given == Given(kind, value)


def test_a_currency_without_cents_takes_no_decimals() -> None:
    entering = Entering(Amount(""), "CLP")
    for key in "19.95":
        entering = entering.with_key(key)
    assert entering.given == Given(AmountKind.MONEY, 1_995)


def test_the_usual_amount_is_taken_while_nothing_is_typed_and_only_in_its_kind() -> None:
    usual = Given(AmountKind.MONEY, 500)
    entering = Entering(Amount("", (AmountKind.MONEY, AmountKind.PERCENT), usual=usual), "PEN")
    assert entering.given == usual
    assert entering.with_key("7").given == Given(AmountKind.MONEY, 700)
    assert entering.turned(1).given is None


def test_digits_of_one_kind_are_not_taken_for_another() -> None:
    entering = Entering(Amount("", (AmountKind.MONEY, AmountKind.PERCENT)), "PEN").with_key("5")
    assert entering.turned(1).typed == ""
    assert entering.turned(2).typed == "5"


def test_amounts_are_written_as_people_write_them() -> None:
    assert percent_text(125_000) == "12.5 %"
    assert quantity_text(350, "kg") == "0.350 kg"
    assert quantity_text(2_000, "") == "2"
