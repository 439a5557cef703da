"""How the parts of a line lie: what is cut once more leaves all others where they were."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest

from shared.kernel.quantity import ONE, cut_of
from shared.orders.cuts import Cut, laid_out


def shares(cuts: list[Cut]) -> dict[int, Fraction]:
    """Of each part of the whole, so much."""
    found = laid_out(cuts)
    total = sum(weight for _at, weight in found)
    return {at: Fraction(weight, total) for at, weight in found}


def test_what_was_cut_off_last_lies_beside_its_line() -> None:
    third = Fraction(ONE, 3)
    assert laid_out([Cut(1, None, third), Cut(2, 1, third), Cut(3, 1, third)]) == [(0, ONE), (2, ONE), (1, ONE)]


def test_two_receipts_of_one_line_lie_side_by_side() -> None:
    third = Fraction(ONE, 3)
    assert shares([Cut(1, None, third)] * 3) == dict.fromkeys(range(3), Fraction(1, 3))


def test_parts_that_are_cut_off_each_other_by_a_hostile_device_all_have_their_place() -> None:
    half = Fraction(500)
    assert sorted(at for at, _weight in laid_out([Cut(1, 2, half), Cut(2, 1, half), Cut(3, 3, half)])) == [0, 1, 2]


@pytest.mark.parametrize("seed", range(20))
def test_to_cut_a_part_once_more_moves_no_end_of_another(seed: int) -> None:
    rnd = Random(seed)
    whole = rnd.choice((350, ONE, 3 * ONE))
    cuts, written = [Cut(1, None, Fraction(whole))], [whole]
    for line_id in range(2, 9):
        at = rnd.randrange(len(cuts))
        old, portions = cuts[at], written[at] // rnd.choice((2, 3, 4, 6, 7, 11))
        if not 0 < portions < written[at]:
            continue
        before, exact = shares(cuts), cut_of(portions, written[at], old.weight)
        cuts[at], written[at] = old._replace(weight=old.weight - exact), written[at] - portions
        cuts.append(Cut(line_id, old.line_id, exact))
        written.append(portions)
        after = shares(cuts)
        assert after[at] + after[len(cuts) - 1] == before[at]
        assert all(after[other] == share for other, share in before.items() if other != at)
