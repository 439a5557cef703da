from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import DomainError
from shared.kernel.quantity import MAX_QUANTITY_MILLI, format_quantity
from terminal.screens.order.command import AddAgain, AddItem, SetNote, SetQuantity, TakeOff, parse


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("lom", AddItem(1_000, "lom")),
        ("  lomo saltado ", AddItem(1_000, "lomo saltado")),
        ("2*lom", AddItem(2_000, "lom")),
        ("12 * lom", AddItem(12_000, "lom")),
        ("0.5*lom", AddItem(500, "lom")),
        ("0,5*lom", AddItem(500, "lom")),
        (".350*cev", AddItem(350, "cev")),
        ("3*", SetQuantity(3_000)),
        ("1.5*", SetQuantity(1_500)),
        ("/sin cebolla", SetNote("sin cebolla")),
        ("/", SetNote("")),
        ("/2*3", SetNote("2*3")),
        ("", AddItem(1_000, "")),
        ("7up", AddItem(1_000, "7up")),
        ("3×lom", AddItem(3_000, "lom")),
        ("2 lom", AddItem(2_000, "lom", "2 lom")),
        ("0.5 lom", AddItem(500, "lom", "0.5 lom")),
        ("3x17", AddItem(3_000, "17", "3x17")),
        ("3X lom", AddItem(3_000, "lom", "3X lom")),
        ("3 x 17", AddItem(3_000, "17", "3 x 17")),
        ("3 xilo", AddItem(3_000, "xilo", "3 xilo")),
        ("3x", SetQuantity(3_000)),
        ("lom 2", AddItem(1_000, "lom 2")),
        ("2 ", AddItem(1_000, "2")),
        ("-1", TakeOff(1_000)),
        ("- 2", TakeOff(2_000)),
        ("-lom", AddItem(1_000, "-lom")),
        (" . ", AddAgain()),
    ],
)
def test_a_typed_line_asks_for(text, command) -> None:
    assert parse(text) == command


@pytest.mark.parametrize(
    "text", ["0*lom", "*lom", "1.2345*lom", "10000*lom", "1.2.3*lom", "99999999999*lom", ".*", "0 lom", "-0"]
)
def test_a_quantity_that_nobody_can_mean_is_refused(text) -> None:
    with pytest.raises(DomainError, match="QUANTITY_NOT_SENSIBLE"):
        parse(text)


@given(st.integers(1, MAX_QUANTITY_MILLI))
def test_every_quantity_is_read_as_it_is_written(quantity_milli) -> None:
    assert parse(f"{format_quantity(quantity_milli)}*lom") == AddItem(quantity_milli, "lom")


@given(st.text(max_size=40))
def test_whatever_is_typed_asks_for_something_or_is_refused(text) -> None:
    with contextlib.suppress(DomainError):
        assert isinstance(parse(text), AddItem | SetQuantity | TakeOff | SetNote | AddAgain)
