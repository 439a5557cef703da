"""What must hold at every moment, on what each replica has committed, faults or not.

Reads the files beside the simulation, so that looking changes nothing. It also keeps the union of all logs ever seen,
from which `reference.py` computes what everybody must end with.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from operator import ge
from uuid import UUID

import msgspec

from shared.kernel.records import Merge, Scope
from shared.records import metadata
from sync.author import cloud_device
from sync.change import Change, StreamKey, decode, link
from sync.records import Verdict
from sync.tables import specs
from tests.simulation.places import BRANCH, ORGANIZATION, OTHER_BRANCH

COUNTERS = ("head_seq", "folded_seq", "acked_seq", "judged_seq", "last_transaction", "last_stamp")
MARKSOF_THE_CLOUD = ("acked_seq", "judged_seq")
"""These go back with a cloud that was put back from a backup."""
_STREAMS = f"SELECT id, head_chain, {', '.join(COUNTERS)} FROM sync_streams"
OF_THE_CLOUD = {
    StreamKey(cloud_device(ORGANIZATION), generation, Scope.BRANCH, branch_id).id.bytes
    for branch_id in (BRANCH, OTHER_BRANCH)
    for generation in range(1, 10)
}
GROWING = {
    spec.name: [name for name, known in spec.fields.items() if known.merge is Merge.STATE]
    for spec in specs(metadata).values()
    if spec.scope is Scope.BRANCH
}
"""The fields of each table that never go back."""


class Broken(AssertionError):
    """An invariant does not hold."""


class Union:
    """The union of the logs of all replicas: bodies and chain values by stream.

    Raises Broken where two replicas hold different histories.
    """

    def __init__(self) -> None:
        self.bodies: defaultdict[bytes, list[bytes]] = defaultdict(list)
        self.chains: defaultdict[bytes, list[bytes]] = defaultdict(list)
        self._voids: dict[bytes, list[tuple[int, int]]] = defaultdict(list)

    def take(self, stream: bytes, seq: int, body: bytes, chain: bytes) -> None:
        """One change as a replica holds it."""
        known = self.chains[stream]
        if seq <= len(known):
            if known[seq - 1] != chain or self.bodies[stream][seq - 1] != body:
                raise Broken(f"two histories of {stream.hex()} at {seq}")
            return
        if seq != len(known) + 1:
            raise Broken(f"{stream.hex()} jumps to {seq} after {len(known)}")
        if chain != link(known[-1] if known else stream, body):
            raise Broken(f"the chain of {stream.hex()} breaks at {seq}")
        known.append(chain)
        self.bodies[stream].append(body)
        self._remember_void(stream, decode(body))

    def forget_beyond(self, held: Mapping[bytes, int]) -> None:
        """Forget what nobody holds any more."""
        for stream, bodies in self.bodies.items():
            del bodies[held.get(stream, 0) :], self.chains[stream][held.get(stream, 0) :]
        self._voids.clear()
        for stream in self.bodies:
            for change in self.changes(stream):
                self._remember_void(stream, change)

    def changes(self, stream: bytes) -> list[Change]:
        return [decode(body) for body in self.bodies[stream]]

    def is_voided(self, stream: bytes, seq: int) -> bool:
        """Whether the cloud has said so, whoever has heard it."""
        return any(first <= seq <= last for first, last in self._voids.get(stream, ()))

    def touched_by_voids(self, row: bytes) -> bool:
        """Whether a voided change was about this row or referred to it: then it may go back, vanish, or not add up."""
        return any(change.row == row or row in change.fields.values() for change in self._voided())

    def _voided(self) -> Iterator[Change]:
        for stream, ranges in self._voids.items():
            for first, last in ranges:
                yield from map(decode, self.bodies[stream][first - 1 : last])

    def _remember_void(self, stream: bytes, change: Change) -> None:
        """A verdict in any other stream than the cloud's is a forgery, and voids nothing."""
        fields = change.fields
        if stream not in OF_THE_CLOUD or change.table != Verdict.__tablename__:
            return
        self._voids[fields["stream_id"]].append((fields["first_seq"], fields["last_seq"]))


class Observer:
    """Follows one replica from look to look, over restarts.

    Attributes:
        trusts_the_cloud: whether the cloud still holds all that it acknowledged.
    """

    def __init__(self, name: str, union: Union) -> None:
        self.name = name
        self.trusts_the_cloud = True
        self.vector: dict[bytes, tuple[int, bytes]] = {}
        self._union = union
        self._counters: dict[bytes, dict[str, int]] = {}
        self._reached: dict[tuple[str, bytes], tuple[int, ...]] = {}
        self._version: int | None = None

    def look(self, eye: sqlite3.Connection) -> None:
        """Check all that can be checked at any time, if something was committed since the last look.

        Raises:
            Broken: what, and where.
        """
        (version,) = eye.execute("PRAGMA data_version").fetchone()
        if version == self._version:
            return
        self._version = version
        eye.execute("BEGIN")
        try:
            self._logs(eye)
            self._nothing_goes_back(eye)
            self._nothing_is_half_done(eye)
        except (Broken, msgspec.DecodeError) as error:
            raise Broken(f"{self.name}: {error}") from error
        finally:
            eye.execute("COMMIT")

    def _logs(self, eye: sqlite3.Connection) -> None:
        for stream, head_chain, *counts in eye.execute(_STREAMS).fetchall():
            counters = dict(zip(COUNTERS, counts, strict=True))
            before = self._counters.get(stream, dict.fromkeys(COUNTERS, 0))
            for name, value in counters.items():
                if value < before[name] and (self.trusts_the_cloud or name not in MARKSOF_THE_CLOUD):
                    raise Broken(f"{name} of {stream.hex()} went back from {before[name]} to {value}")
            head = counters["head_seq"]
            if counters["folded_seq"] > head:
                raise Broken(f"{stream.hex()} is folded beyond its head")
            self._suffix(eye, stream, before["head_seq"], head, head_chain)
            self._counters[stream] = counters
            if head:  # a stream that was closed before anything was written is nobody's history
                self.vector[stream] = (head, head_chain)

    def _suffix(self, eye: sqlite3.Connection, stream: bytes, after: int, head: int, head_chain: bytes) -> None:
        expected = after
        chain = self.vector[stream][1] if stream in self.vector else stream
        for seq, body, link_value in eye.execute(
            "SELECT seq, body, chain FROM sync_changes WHERE stream_id = ? AND seq > ? ORDER BY seq", (stream, after)
        ):
            expected += 1
            if seq != expected:
                raise Broken(f"{stream.hex()} has a gap before {seq}")
            self._union.take(stream, seq, body, link_value)
            chain = link_value
        if (expected, chain) != (head, head_chain):
            raise Broken(f"the head of {stream.hex()} says {head}, the log ends at {expected}")

    def _nothing_goes_back(self, eye: sqlite3.Connection) -> None:
        for table, names in GROWING.items():
            if not names:
                continue
            now = {row: tuple(of) for row, *of in eye.execute(f"SELECT id, {', '.join(names)} FROM {table}")}
            for (kind, row), before in list(self._reached.items()):
                if kind != table or (row in now and all(map(ge, now[row], before))):
                    continue
                if not self._union.touched_by_voids(row) and not self._hangs_on_a_void(row):
                    raise Broken(f"{table} {UUID(bytes=row)} went from {before} to {now.get(row)}")
                self._reached.pop((kind, row))
            self._reached.update(((table, row), of) for row, of in now.items())

    def _hangs_on_a_void(self, row: bytes) -> bool:
        """Whether the row's parents (by any reference in its creation) vanish by a void."""
        seen, todo = {row}, [row]
        while todo:
            for parent in self._union_parents(todo.pop()):
                if self._union.touched_by_voids(parent):
                    return True
                if parent not in seen:
                    seen.add(parent)
                    todo.append(parent)
        return False

    def _union_parents(self, row: bytes) -> list[bytes]:
        return [
            value
            for bodies in self._union.bodies.values()
            for change in map(decode, bodies)
            if change.row == row and not change.kind
            for value in change.fields.values()
            if isinstance(value, bytes)
        ]

    def _nothing_is_half_done(self, eye: sqlite3.Connection) -> None:
        receipt = eye.execute(
            "SELECT r.id, r.total_minor, (SELECT sum(l.total_minor) FROM receipt_lines l WHERE l.receipt_id = r.id) s"
            " FROM receipts r WHERE s IS NOT r.total_minor"
        ).fetchone()
        if receipt:
            raise Broken(f"receipt {UUID(bytes=receipt[0])} says {receipt[1]}, its lines {receipt[2]}")
        orphan = eye.execute("PRAGMA foreign_key_check").fetchone()
        if orphan:
            raise Broken(f"a row of {orphan[0]} needs one of {orphan[2]} that is not there")


def held_by(observers: Iterable[Observer]) -> dict[bytes, int]:
    """How much of each stream these replicas hold together."""
    held: dict[bytes, int] = {}
    for observer in observers:
        for stream, (seq, _chain) in observer.vector.items():
            held[stream] = max(held.get(stream, 0), seq)
    return held


def acked_is_stored(device: Observer, cloud: Observer) -> None:
    """What a device believes to be at the cloud is there.

    Raises:
        Broken: it is not.
    """
    if not device.trusts_the_cloud:
        return
    for stream, counters in device._counters.items():
        held = cloud.vector.get(stream, (0, b""))[0]
        if counters["acked_seq"] > held:
            raise Broken(f"{device.name} believes that the cloud holds {counters['acked_seq']}, it holds {held}")
