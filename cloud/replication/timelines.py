"""What registers of a row said, and when: from the log, where they were edited."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec

from sync.door import Door
from sync.log import effective_changes
from sync.merge import edits_of

RowKey = tuple[str, bytes]


class Timeline(NamedTuple):
    """The values of a register. Before the first stamp it has the first value."""

    stamps: Sequence[int]
    values: Sequence[Any]

    def at(self, stamp: int) -> Any:
        """The value at a stamp."""
        return self.values[max(bisect_right(self.stamps, stamp) - 1, 0)]

    def beginning_with(self, value: Any) -> Timeline:
        """The same, but with this value before the first stamp."""
        return Timeline((-1, *self.stamps), (value, *self.values))


Histories = dict[tuple[RowKey, bytes], Mapping[str, Timeline]]


def timelines(
    door: Door,
    organization: bytes,
    histories: Histories,
    rows: Iterable[tuple[RowKey, bytes, Mapping[str, Any]]],
    nullable: Collection[str] = (),
) -> Mapping[RowKey, Mapping[str, Timeline]]:
    """The timeline of each register of these rows: from the log, where it was edited and is not known yet.

    Args:
        histories: timelines by row and its stamps, kept between batches.
        nullable: registers of which an edit to no value is told, too.
        rows: with their stamps and present values.
    """
    found: dict[RowKey, Mapping[str, Timeline]] = {}
    unknown: dict[RowKey, tuple[bytes, Mapping[str, Any]]] = {}
    for key, stamps, values in rows:
        if edits_of(stamps).keys().isdisjoint(values):
            found[key] = {name: Timeline((0,), (value,)) for name, value in values.items()}
        elif (key, stamps) in histories:
            found[key] = histories[key, stamps]
        else:
            unknown[key] = stamps, values
    changes = effective_changes(door, organization, unknown.keys()) if unknown else {}
    for key, (stamps, values) in unknown.items():
        said = [(change.stamp_in(stream), msgspec.msgpack.decode(change.fields)) for stream, change in changes[key]]
        found[key] = {name: _timeline(said, name, now, is_nullable=name in nullable) for name, now in values.items()}
        histories[key, stamps] = found[key]
    return found


def _timeline(
    said: Iterable[tuple[tuple[int, bytes], Mapping[str, Any]]], name: str, now: Any, *, is_nullable: bool
) -> Timeline:
    """Of all that was said of a field; a creation that does not name it gave it the value that it has by default."""
    told = ((stamp, fields[name]) for stamp, fields in said if name in fields)
    named = sorted(((stamp, value) for stamp, value in told if is_nullable or value is not None), key=itemgetter(0))
    if not named:
        return Timeline((0,), (now,))
    return Timeline([stamp for (stamp, _stream), _value in named], [value for _stamp, value in named])
