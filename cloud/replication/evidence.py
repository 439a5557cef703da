"""How far devices had written their streams when they said hello: what has a higher number was not stamped before.

So a person who was dismissed cannot back-date what they write on a device that has said hello since. A device that
lies here, or says hello never again, is not found out (`README.md` says what it can do).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import accumulate

from shared.kernel.stamps import COUNTER_BITS
from sync.door import Door, shape
from sync.records import evidence

_SHAPE = shape(evidence, ("organization_id", "stream_id", "seq", "said_ms"))
_AGAIN = "(organization_id, stream_id, seq) DO UPDATE SET said_ms = excluded.said_ms"
_OLD = """
    DELETE FROM sync_evidence WHERE organization_id = ? AND stream_id = ? AND seq < (
        SELECT coalesce(max(e.seq), 0) FROM sync_evidence AS e
        JOIN sync_streams AS s ON s.organization_id = e.organization_id AND s.id = e.stream_id
        WHERE e.organization_id = ? AND e.stream_id = ? AND e.seq <= s.folded_seq)
"""
_READ = "SELECT stream_id, seq, said_ms FROM sync_evidence WHERE organization_id = ? AND stream_id {keys}"


def keep(door: Door, organization: bytes, written: Iterable[tuple[bytes, int]], now_ms: int) -> None:
    """Remember how far a device says that it has written its streams. What is folded needs only the newest."""
    rows = [(organization, stream, seq, now_ms) for stream, seq in sorted(written)]
    door.insert(_SHAPE, rows, _AGAIN)
    key = door.key(organization)
    for _organization, stream, _seq, _now_ms in rows:
        door.run(_OLD, key, door.key(stream), key, door.key(stream))


class Floors:
    """The earliest stamp that a change of these streams can have, by its number."""

    def __init__(self, door: Door, organization: bytes, streams: Collection[bytes]) -> None:
        said: defaultdict[bytes, list[tuple[int, int]]] = defaultdict(list)
        for stream, seq, said_ms in door.among(_READ, sorted(streams), door.key(organization)):
            said[stream].append((seq, said_ms))
        self._said: Mapping[bytes, tuple[Sequence[int], Sequence[int]]] = {
            stream: _rising(some) for stream, some in said.items()
        }

    def of(self, stream: bytes, seq: int) -> int:
        """The stamp before which a change was not written; 0 if nothing is known."""
        seqs, latest = self._said.get(stream, ((), ()))
        below = bisect_left(seqs, seq)
        return latest[below - 1] << COUNTER_BITS if below else 0


def _rising(said: list[tuple[int, int]]) -> tuple[Sequence[int], Sequence[int]]:
    said.sort()
    return [seq for seq, _ms in said], list(accumulate((ms for _seq, ms in said), max))
