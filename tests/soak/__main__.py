"""`python -m tests.soak [--desk N] [--screens N]`: a whole day at one till; exit 1 if memory grew with the sales."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # as pytest does: tests import `restaurant` by its own name

from tests.faults.till_on_disk import copy_till, found_till
from tests.soak.day import Day

MOST_GROWTH = 1.02
MEGABYTE = 1_000_000


async def main(by_desk: int, by_screens: int) -> int:
    """Live the day, and say what it took."""
    with tempfile.TemporaryDirectory() as folder:
        await found_till(Path(folder))
        day = Day(copy_till(Path(folder), Path(folder) / "soaked"), by_desk, by_screens)
        begun, used = time.perf_counter(), time.process_time()
        await day.live()
        seconds, processor = time.perf_counter() - begun, time.process_time() - used
        size = (Path(folder) / "soaked" / "store.db").stat().st_size
    held = ", ".join(f"{each / MEGABYTE:.1f}" for each in day.memory.held)
    print(f"{by_desk} sales by the desk and {by_screens} by screens: {seconds:.0f} s, {processor:.0f} s of processor")
    grown = day.memory.growth
    print(f"memory after each fifth: {held} MB; at the end {grown:.3f} of the first; file {size / MEGABYTE:.0f} MB")
    return int(grown > MOST_GROWTH)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--desk", type=int, default=40_000)
    parser.add_argument("--screens", type=int, default=10_000)
    given = parser.parse_args()
    sys.exit(asyncio.run(main(given.desk, given.screens)))
