"""What the kitchen was told, held against what is wanted: rows as devices of different routes leave them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from shared.truth.cooking import Cooking, cooking_of

CONTENT, STATION = b"content", b"station"


def told(station: bytes | None, **portions: int) -> Any:
    counts = {"told_milli": 2_000, "back_milli": 0, "wasted_milli": 0, "served_milli": 0, "returned_milli": 0}
    return SimpleNamespace(content_id=CONTENT, also_of_id=None, station_id=station, made=2_000, **(counts | portions))


def cooked(row: Any, wanted: int) -> Cooking:
    return cooking_of({CONTENT: wanted}, {b"row": row}, ())[CONTENT]


@pytest.mark.parametrize("served", [0, 1_000, 2_000])
def test_what_was_made_before_no_station_makes_it_is_a_loss_and_waits_for_nobody(served: int) -> None:
    """One device knew a station and bumped it, another knew none: no ticket is left on which to confirm."""
    each = cooked(told(None, served_milli=served), 500)
    assert (each.gone, each.good, each.withdraw) == (1_500, 500, 0)


def test_what_a_station_made_too_much_waits_until_it_confirms() -> None:
    each = cooked(told(STATION), 500)
    assert (each.gone, each.good, each.withdraw) == (0, 2_000, 1_500)
