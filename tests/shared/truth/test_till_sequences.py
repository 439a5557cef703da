"""Whatever a till does in whatever order: children sum to their parent, nothing is negative, money lies as rows say."""

from __future__ import annotations

import pytest
from restaurant import Village

from tests.shared.truth.till_evening import TillEvening, hands_at

STEPS = 30


@pytest.mark.parametrize("seed", range(6))
async def test_any_sequence_of_what_a_till_does_keeps_the_money(village: Village, seed: int) -> None:
    evening = TillEvening(await hands_at(village), seed)
    for _step in range(STEPS):
        await evening.step()
        await evening.holds()
