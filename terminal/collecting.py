"""Garbage collection of a program with screens: what takes long waits until nobody presses a key.

A full search takes as long as several frames (40 to 100 ms on a till). The searches among young objects take about a
millisecond and run as always.
"""

from __future__ import annotations

import gc

YOUNG_OBJECTS, YOUNG_SEARCHES = 700, 10
"""Python's own: a search among the young after so many objects, one among the middle-aged after so many of those."""
_NEVER = 1_000_000_000
QUIET_SECONDS = 2
"""So long after the last key people look at the screen, or at their guests."""
WORTH_IT_SEARCHES = 50
"""Searches among the middle-aged after which a full one finds something: some minutes of work."""
MOST_SEARCHES = 2_000
"""After so many nobody is waited for any more: memory is bounded also where keys are pressed without end."""


def collect_later() -> None:
    """Stop garbage collection: a start makes no garbage, and the search takes a twentieth of its time."""
    gc.disable()


def collect_again() -> None:
    """Start it again, but not for objects that the start has made, and without full searches of its own accord."""
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, YOUNG_SEARCHES, _NEVER)
    gc.enable()


def collect_if_quiet(quiet_seconds: int) -> None:
    """Search everything if that is worth it and nobody pressed a key for a while.

    Args:
        quiet_seconds: since the last key.
    """
    if gc.get_threshold()[2] != _NEVER:
        return  # nobody asked for it: Python does it all
    searches = gc.get_count()[2]
    if searches >= MOST_SEARCHES or (searches >= WORTH_IT_SEARCHES and quiet_seconds >= QUIET_SECONDS):
        gc.collect()
