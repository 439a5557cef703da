from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.widgets.amount_pad import minor_units, with_key
from terminal.widgets.big_digits import big_rows, figure_and_sign
from terminal.widgets.key_pad import KeyPad
from terminal.widgets.pin_pad import MAX_PIN_DIGITS, PinPad


async def test_a_typed_pin_is_given_once_and_forgotten(stage) -> None:
    pad = PinPad("Rosa")
    async with stage(pad) as on:
        for key in ("1", "2", "9", "backspace", "3", "4", "enter"):
            assert pad.press(key)
        entered = [message for message in await on.settled() if isinstance(message, PinPad.Entered)]
        assert [message.pin for message in entered] == ["1234"]
        assert "1234" not in repr(entered)
        assert pad.typed == 0


async def test_digits_are_never_on_view_outside_the_keys(stage) -> None:
    pad = PinPad("Rosa")
    async with stage(pad, (40, 24)) as on:
        for key in "907":
            pad.press(key)
        field_rows = (await on.grid())[:7]
        assert "● ● ●" in "\n".join(field_rows)
        assert not any(char.isdigit() for row in field_rows for char in row)


async def test_a_pin_can_be_tapped(stage) -> None:
    pad = PinPad("Rosa")
    async with stage(pad, (40, 24)) as on:
        keys = pad.query_one(KeyPad)
        for column, row in ((0, 0), (1, 3), (2, 2), (2, 3)):
            width, height = keys._key_size(*keys.size)
            await on.pilot.click(keys, offset=(column * (width + 1) + 2, row * height + 1))
        heard = [message.pin for message in await on.settled() if isinstance(message, PinPad.Entered)]
        assert heard == ["109"]


async def test_every_cell_of_a_pad_belongs_to_a_key(stage) -> None:
    pad = KeyPad()
    async with stage(pad, (35, 19)):
        targets = {pad.target_at(x, y) for x in range(35) for y in range(19)}
        assert len(targets) == 12
        assert None not in targets


async def test_a_refusal_is_told_and_clears_the_digits(stage) -> None:
    pad = PinPad("Rosa")
    async with stage(pad, (40, 24)) as on:
        pad.press("1")
        pad.tell("PIN incorrecto")
        assert any("▲ PIN incorrecto" in row for row in await on.grid())
        assert pad.typed == 0
        assert not pad.press("x")
        for _ in range(20):
            pad.press("1")
        assert pad.typed == MAX_PIN_DIGITS


@pytest.mark.parametrize(
    ("typed", "decimals", "minor"),
    [
        ("", 2, 0),
        ("50", 2, 5000),
        ("12.5", 2, 1250),
        ("12.", 2, 1200),
        ("0.05", 2, 5),
        ("70", 0, 70),
        ("1.234", 3, 1234),
    ],
)
def test_a_typed_amount_is_exact_minor_units(typed, decimals, minor) -> None:
    assert minor_units(typed, decimals) == minor


@given(st.text("0123456789.,x", max_size=30), st.sampled_from([0, 2, 3]))
def test_any_keys_leave_an_amount_that_can_be_read(keys, decimals) -> None:
    typed = ""
    for key in keys:
        typed = with_key(typed, key, decimals)
    whole, _, part = typed.partition(".")
    assert len(part) <= decimals
    assert minor_units(typed, decimals) == int(whole or "0") * 10**decimals + int(part.ljust(decimals, "0") or "0")


def test_big_digits_draw_every_digit_differently_in_whole_rows() -> None:
    drawn = {big_rows(char) for char in "0123456789ABCDEFGHIJKLMNPQRSTUVWXYZ"}
    assert len(drawn) == 35
    assert {len(row) for row in big_rows("A12")} == {len(big_rows("A12")[0])}
    assert len(big_rows("S/ 1,207.50", large=True)) == 5


def test_an_amount_parts_into_figure_and_sign() -> None:
    assert figure_and_sign("S/ 12.50") == ("12.50", "S/")
    assert figure_and_sign("12,50 €") == ("12,50", "€")
    assert figure_and_sign("12.50") == ("12.50", "")
    assert figure_and_sign("gratis") == ("gratis", "")
