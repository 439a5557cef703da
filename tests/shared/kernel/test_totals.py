"""Totals, tallies and a yes that stays: what they take, and how they read back."""

from __future__ import annotations

from typing import Any

import pytest

from shared.kernel.money import MAX_MINOR
from shared.kernel.totals import MAX_TALLY, TALLY_ROUND, Counted, OnceTrue, Tally, Total


@pytest.mark.parametrize("value", [0, 1, MAX_MINOR])
def test_a_total_takes_whole_numbers_from_nothing(value: int) -> None:
    assert Total().accepts(value)


@pytest.mark.parametrize("value", [-1, MAX_MINOR + 1, True, 1.0, "1"])
def test_a_total_takes_nothing_else(value: Any) -> None:
    assert not Total().accepts(value)


def test_a_tally_that_begins_anew_outranks_every_earlier_total() -> None:
    made = Counted(0, 0).at_least(3_000)
    recalled = made.again(1_000)
    assert made.at_least(2_000) == made
    assert recalled == Counted(1, 1_000)
    assert recalled.code > Counted(0, TALLY_ROUND - 1).code
    assert Tally().from_wire(recalled.code) == recalled


def test_a_tally_refuses_a_total_that_would_be_read_as_the_next_round() -> None:
    with pytest.raises(ValueError, match="fits"):
        Tally().to_wire(Counted(0, TALLY_ROUND))
    assert not Tally().accepts(MAX_TALLY)


def test_yes_is_greater_than_no() -> None:
    assert OnceTrue().accepts(value=True)
    assert not OnceTrue().accepts(1)
    assert max(False, True) is True
