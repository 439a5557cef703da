"""Quantities are exact thousandths, shown without decimals that say nothing."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.quantity import format_quantity


@given(st.integers(-(10**9), 10**9))
def test_a_shown_quantity_reads_back_exactly_and_is_as_short_as_it_can_be(quantity_milli: int) -> None:
    shown = format_quantity(quantity_milli)
    assert Decimal(shown) * 1_000 == quantity_milli
    assert not ("." in shown and shown.endswith(("0", ".")))
