"""Hand-made logs for the tests of `sync/`: changes of whole transactions, with bodies, chains and frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from restaurant import BRANCH

from shared.kernel.records import Scope
from sync.change import Change, Position, StreamKey, encode, link
from sync.messages import Frame


@dataclass
class Written:
    """One stream as its author wrote it."""

    key: StreamKey
    bodies: list[bytes] = field(default_factory=list)
    chains: list[bytes] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, device_id: UUID, sizes: Sequence[int]) -> Written:
        """A stream of transactions of these sizes, about nothing in particular."""
        written = cls(StreamKey(device_id, 1, Scope.BRANCH, BRANCH))
        for size in sizes:
            written.commit([("things", 1, UUID(int=number), {"n": number}) for number in range(size)])
        return written

    @property
    def head(self) -> Position:
        return Position(len(self.bodies), self.chains[-1] if self.chains else self.key.genesis)

    def commit(
        self, rows: Sequence[tuple[str, int, UUID, dict[str, Any]]], stamp: int = 1, actor: UUID | None = None
    ) -> tuple[int, int]:
        """Append one transaction of (table, kind, row, fields); its first and last sequence number."""
        first = len(self.bodies) + 1
        for index, (table, kind, row, fields) in enumerate(rows, start=1):
            self.append(
                encode(
                    Change(
                        seq=len(self.bodies) + 1,
                        stamp=stamp,
                        transaction=len(self.ends) + 1,
                        last=index == len(rows),
                        epoch=1,
                        table=table,
                        kind=kind,
                        row=row.bytes,
                        actor=actor.bytes if actor else None,
                        fields=fields,
                    )
                )
            )
        self.ends.append(len(self.bodies))
        return first, len(self.bodies)

    def append(self, body: bytes) -> None:
        self.chains.append(link(self.chains[-1] if self.chains else self.key.genesis, body))
        self.bodies.append(body)

    def between(self, after: int, last: int) -> Frame:
        """The frame of everything after one position up to another."""
        return self.carrying(self.bodies[after:last], after)

    def carrying(self, bodies: list[bytes], after: int = 0) -> Frame:
        return Frame(
            self.key.device_id.bytes,
            self.key.incarnation,
            self.key.scope,
            self.key.scope_id.bytes,
            after + 1,
            self.chains[after - 1] if after else self.key.genesis,
            bodies,
        )

    def frame(self, after: int, limit: int) -> Frame | None:
        """Whole transactions after a position, at most `limit` changes if that is possible."""
        later = [end for end in self.ends if end > after]
        if not later:
            return None
        return self.between(after, max((end for end in later if end - after <= limit), default=later[0]))

    def rewritten(self, at: int) -> Written:
        """The same stream with another change at a position (counted from 0), and the same ones after it."""
        other = Written(self.key, ends=list(self.ends))
        for index, body in enumerate(self.bodies):
            other.append(body if index != at else body[:-1] + bytes([body[-1] ^ 1]))
        return other
