"""Run many schedules: `python -m tests.simulation.run --seeds 2000`; one again: `--seed 42 --trace`.

Exits 1 if a schedule fails; with `--mutant NAME` (a planted bug), if none does; with `--mutants`, if any planted bug is
not found within its number of seeds.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from contextlib import nullcontext
from functools import partial

from tests.simulation.mutants import FOUND_WITHIN, MUTANTS
from tests.simulation.world import Outcome, run_seed

HUNTING_MINUTES = 0.2
BADLY_PLANTED = ("TypeError", "AttributeError", "unexpected field names")
TOLD_EVERY = 500
"""Schedules, of a run that may be stopped."""
SHOWN = 10
"""How many failing seeds are printed."""


def run_one(seed: int, minutes: float, mutant: str | None, tells: bool = False) -> Outcome:
    """One schedule, with or without a planted bug."""
    with MUTANTS[mutant]() if mutant else nullcontext():
        return run_seed(seed, minutes, tells=tells)


def hunt(mutant: str) -> Outcome | None:
    """The first schedule that shows a planted bug, None if none does within its number of seeds.

    A schedule that a key of the database ends does not count: the books must notice.

    Raises:
        RuntimeError: the planted bug does not fit the code any more, so what was found is the plant's own fault.
    """
    for seed in range(FOUND_WITHIN[mutant]):
        outcome = run_one(seed, HUNTING_MINUTES, mutant)
        if any(error in outcome.problem for error in BADLY_PLANTED):
            raise RuntimeError(f"{mutant} is badly planted: {outcome.problem}")
        if outcome.problem and "IntegrityError" not in outcome.problem:
            return outcome
    return None


def main() -> int:
    """See the module."""
    options = _options()
    if options.seed is not None:
        return _replay(options.seed, options)
    if options.mutants:
        return _hunt_all(options.jobs)
    began = time.monotonic()
    seeds = range(options.first, options.first + options.seeds)
    outcomes = []
    with multiprocessing.Pool(options.jobs) as pool:
        for outcome in pool.imap_unordered(
            partial(run_one, minutes=options.minutes, mutant=options.mutant), seeds, chunksize=4
        ):
            outcomes.append(outcome)
            if len(outcomes) % TOLD_EVERY == 0:
                print(f"{len(outcomes)} schedules", file=sys.stderr, flush=True)
            if outcome.problem and sum(bool(each.problem) for each in outcomes) <= SHOWN:
                print(f"seed {outcome.seed}: {outcome.problem}", flush=True)
            if outcome.problem and options.mutant and options.first_failure:
                pool.terminate()
                break
    seconds = time.monotonic() - began
    failing = [each for each in outcomes if each.problem]
    simulated = sum(each.seconds for each in outcomes) / 3_600
    changes = sum(each.changes for each in outcomes)
    print(
        f"{len(outcomes)} schedules, {len(failing)} failing, {changes} acknowledged changes,"
        f" {simulated:.1f} simulated hours in {seconds:.0f} s:"
        f" {len(outcomes) / seconds * 60:.0f} schedules a minute on {options.jobs} processes"
    )
    return int(bool(failing) != bool(options.mutant))


def _hunt_all(jobs: int) -> int:
    """Tell of each planted bug as it is looked for, the quick ones first; a badly planted one stops nothing."""
    names = sorted(MUTANTS, key=lambda name: FOUND_WITHIN[name])
    missed = 0
    with multiprocessing.Pool(jobs) as pool:
        for name, (found, told) in zip(names, pool.imap(_hunted, names), strict=True):
            missed += not found
            print(f"{name}: {told}", flush=True)
    return int(missed > 0)


def _hunted(mutant: str) -> tuple[bool, str]:
    """Whether a planted bug was found, and by what."""
    try:
        outcome = hunt(mutant)
    except RuntimeError as error:
        return False, str(error)
    if outcome is None:
        return False, "NOT FOUND"
    return True, f"seed {outcome.seed}: {outcome.problem.splitlines()[0]}"


def _replay(seed: int, options: argparse.Namespace) -> int:
    """One schedule twice: its story, and whether it was the same one."""
    outcome = run_one(seed, options.minutes, options.mutant, tells=options.trace)
    again = run_one(seed, options.minutes, options.mutant)
    print("\n".join(outcome.story))
    print(f"seed {seed}: {outcome.problem or 'all held'}")
    print(f"trace {outcome.trace[:16]}, {'the same' if outcome.trace == again.trace else 'ANOTHER'} on replay")
    return int(bool(outcome.problem) or outcome.trace != again.trace)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.run", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many schedules")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="run this one schedule")
    parser.add_argument("--trace", action="store_true", help="with --seed: tell its story")
    parser.add_argument("--minutes", type=float, default=0.2, help="virtual minutes of business a schedule")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--mutant", choices=sorted(MUTANTS), help="plant a bug, which must be found")
    parser.add_argument("--mutants", action="store_true", help="plant all bugs in turn; each must be found")
    parser.add_argument(
        "--first-failure", action="store_true", help="with --mutant: stop at the first seed that shows it"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
