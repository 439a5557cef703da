"""The one feed: listeners hear of every row that changes, for whatever reason, in the transaction that changes it.

Own commands, what was received, voids and folding anew all tell the same shape: lists of (row id, before, after) by
table. Sums, digests, derived rows, detectors and the screens' snapshots stand on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from sync.door import Door
from sync.tables import Values

RowChange = tuple[bytes, Values | None, Values | None]
"""The id of a row, its values before (None: there was no such row) and after (None: it was taken away)."""
Feed = dict[str, list[RowChange]]
"""What changed, by table. A row may stand in it several times, in order."""


class Listener(Protocol):
    """Keeps something that follows from rows. The result must not depend on the batches in which rows change."""

    def prepare(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        """Read what `write` needs, with one statement per table. No listener has written yet."""
        ...

    def write(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        """Write increments, in a fixed order of rows, because a request and a fold may write at once."""
        ...


def tell(door: Door, feed: Feed, listeners: Sequence[Listener]) -> None:
    """Tell every listener, in the order in which all transactions take their locks."""
    if not feed:
        return
    for listener in listeners:
        listener.prepare(door, feed)
    for listener in listeners:
        listener.write(door, feed)


def joined(first: Feed, second: Feed) -> Feed:
    """Append the second feed to the first. Returns the first."""
    for table, changes in second.items():
        first.setdefault(table, []).extend(changes)
    return first


def each_once(changes: Sequence[RowChange]) -> Sequence[RowChange]:
    """Tell each row once, as it was first and as it is last."""
    if len({row for row, _before, _after in changes}) == len(changes):
        return changes
    ends: dict[bytes, RowChange] = {}
    for row, before, after in changes:
        ends[row] = (row, ends[row][1] if row in ends else before, after)
    return list(ends.values())
