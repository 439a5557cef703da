"""How many schedules of the simulator a processor second runs, at the length at which planted bugs are hunted.

The yardstick is a schedule without business: its machines start, exchange what there is, and their books are checked.
"""

from __future__ import annotations

import time
from statistics import median

from tests.benchmarks.figures import Figure, load
from tests.simulation.run import HUNTING_MINUTES, run_one

SEEDS = 24
FIRST = 1_000
LEAST_A_SECOND = 4.0


def figures() -> list[Figure]:
    """Measure, and hold against the goal."""
    run_one(FIRST, HUNTING_MINUTES, None)  # founds the restaurant
    full, empty, changes = list[float](), list[float](), 0
    for seed in range(FIRST, FIRST + SEEDS):
        begun = time.process_time()
        outcome = run_one(seed, HUNTING_MINUTES, None)
        ended = time.process_time()
        run_one(seed, 0.0, None)
        full.append(ended - begun)
        empty.append(time.process_time() - ended)
        changes += outcome.changes
        assert not outcome.problem, f"seed {seed}: {outcome.problem}"
    speed = SEEDS / sum(full)
    return [
        Figure(
            f"schedules of {HUNTING_MINUTES} minutes, one core",
            f"{speed:.1f} a processor second (median {median(full):.2f} s; {changes / SEEDS:.0f} acknowledged changes"
            f" each; {load()})",
            f"a schedule without business {median(empty):.2f} s",
            median(full) / median(empty),
            f"at least {LEAST_A_SECOND:.0f} a second",
            speed >= LEAST_A_SECOND,
        )
    ]
