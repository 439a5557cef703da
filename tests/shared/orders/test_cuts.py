"""How the parts of a line lie: what is cut once more leaves all others where they were."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest

from shared.kernel.quantity import ONE
from shared.orders.cuts import Cut, laid_out


def shares(cuts: list[Cut], whole: int) -> dict[int, Fraction]:
    """Of each part of the whole, so much."""
    found = laid_out(cuts, whole)
    total = sum(weight for _at, weight in found)
    return {at: Fraction(weight, total) for at, weight in found}


def test_thirds_are_alike_however_they_are_written() -> None:
    cuts = [Cut(1, None, 334), Cut(2, 1, 333), Cut(3, 1, 333)]
    assert laid_out(cuts, ONE) == [(0, 1_000), (2, 1_000), (1, 1_000)], "what was cut off last lies beside its line"


def test_two_receipts_of_one_line_lie_side_by_side() -> None:
    assert shares([Cut(1, None, 333), Cut(1, None, 333), Cut(1, None, 334)], ONE) == dict.fromkeys(
        range(3), Fraction(1, 3)
    )


def test_parts_that_are_cut_off_each_other_by_a_hostile_device_all_have_their_place() -> None:
    assert sorted(at for at, _weight in laid_out([Cut(1, 2, 500), Cut(2, 1, 500), Cut(3, 3, 7)], ONE)) == [0, 1, 2]


@pytest.mark.parametrize("seed", range(20))
def test_to_cut_a_part_once_more_moves_no_end_of_another(seed: int) -> None:
    rnd = Random(seed)
    whole = rnd.choice((350, ONE, 3 * ONE))
    cuts = [Cut(1, None, whole)]
    for line_id in range(2, 9):
        at = rnd.randrange(len(cuts))
        old, among = cuts[at], rnd.choice((2, 3, 4, 6, 7))
        portions = old.quantity_milli // among
        if not 0 < portions < old.quantity_milli:
            continue
        before = shares(cuts, whole)
        cuts[at] = old._replace(quantity_milli=old.quantity_milli - portions)
        cuts.append(Cut(line_id, old.line_id, portions))
        after = shares(cuts, whole)
        assert after[at] + after[len(cuts) - 1] == before[at]
        assert all(after[other] == share for other, share in before.items() if other != at)
