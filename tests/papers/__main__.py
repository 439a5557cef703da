"""`python -m tests.papers [--crashes N] [--kills N] [--seed N]`: exit 1 if a paper was lost, or came twice unmarked."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # as pytest does: tests import `restaurant` by its own name

from tests.papers.crashes import Crashes, Outcome
from tests.papers.kills import killed_so_often

CRASHES_OF_A_FILE = 200
"""Then a new file is begun, so that the last crash costs no more than the first."""


def say(what: str, outcome: Outcome, begun: float) -> bool:
    """Say how a proof ended. Returns whether it held."""
    seconds = time.perf_counter() - begun
    print(f"{outcome.crashes} {what}, {outcome.jobs} papers, {seconds:.0f} s: ", end="")
    print(f"{len(outcome.lost)} lost, {len(outcome.twice)} twice without a mark", flush=True)
    return not outcome.lost and not outcome.twice


async def crashed(crashes: int, seed: int) -> Outcome:
    """Crash so often, on one file after another."""
    summed = Outcome()
    while summed.crashes < crashes:
        with tempfile.TemporaryDirectory() as folder:
            at_once = min(CRASHES_OF_A_FILE, crashes - summed.crashes)
            found = await Crashes(Path(folder) / "device.sqlite", seed + summed.crashes).until(at_once)
        lost, twice = summed.lost + found.lost, summed.twice + found.twice
        summed = Outcome(summed.crashes + found.crashes, summed.jobs + found.jobs, lost, twice)
    return summed


def main(crashes: int, kills: int, seed: int) -> int:
    """Both proofs."""
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        held = say("kills of a process", killed_so_often(Path(folder), kills, seed), begun)
    begun = time.perf_counter()
    held &= say("crashes at any step", asyncio.run(crashed(crashes, seed)), begun)
    return int(not held)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.papers")
    parser.add_argument("--crashes", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    sys.exit(main(given.crashes, given.kills, given.seed))
