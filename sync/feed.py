"""The one feed: every row that changes, for whatever reason, is told in the transaction that changes it.

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
    """Something that follows from rows. It must come to the same result in whatever batches the rows change."""

    def prepare(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        """Read what the change needs: one statement a table. Nothing is written yet, by nobody."""
        ...

    def write(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        """Write, as increments, in a fixed order of rows: a request and a fold may meet here."""
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
    """Both, the first before the second."""
    for table, changes in second.items():
        first.setdefault(table, []).extend(changes)
    return first
