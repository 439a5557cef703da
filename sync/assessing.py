"""The receiver's half of the protocol: what to do with a frame, given what is held. No input, no output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from sync.change import Position, RawChange, decode_raw, links
from sync.messages import Frame, Refused


@dataclass(frozen=True, slots=True)
class Fresh:
    """The part of a frame that the receiver does not hold: decoded changes, their bodies and chain values."""

    changes: Sequence[RawChange]
    bodies: Sequence[bytes]
    chains: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Replay:
    """All of the frame lies at or before our head: hold `chain` against what is stored at `seq`, then acknowledge."""

    seq: int
    chain: bytes


@dataclass(frozen=True, slots=True)
class Gap:
    """Something is missing before the frame."""


@dataclass(frozen=True, slots=True)
class Fork:
    """The frame continues another history than ours."""


def assess(
    frame: Frame, head: Position, chains: Sequence[bytes] | None = None
) -> Fresh | Replay | Gap | Fork | Refused:
    """What to do with a frame of a stream of which `head` is held.

    Checks, in this order: that it joins (no gap), that its chain meets ours, that it holds whole, well-formed,
    consecutive transactions.

    Args:
        chains: of the frame, if they are known already (a signature was checked).
    """
    if not frame.bodies:
        return Refused("FRAME_EMPTY")
    if frame.first > head.seq + 1:
        return Gap()
    if frame.first == 1 and frame.previous != frame.key.genesis:
        return Fork()
    if frame.first == head.seq + 1 and frame.previous != head.chain:
        return Fork()
    chains = links(frame.previous, frame.bodies) if chains is None else chains
    if frame.last <= head.seq:
        return Replay(frame.last, chains[-1])
    known = head.seq - frame.first + 1
    if known > 0 and chains[known - 1] != head.chain:
        return Fork()
    return _decoded(frame, known, chains)


def _decoded(frame: Frame, known: int, chains: Sequence[bytes]) -> Fresh | Refused:
    bodies = frame.bodies[known:]
    try:
        changes = list(map(decode_raw, bodies))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Refused("FRAME_MALFORMED")
    first = frame.first + known
    if [change.seq for change in changes] != list(range(first, first + len(changes))):
        return Refused("FRAME_OUT_OF_SEQUENCE")
    if not changes[-1].last:
        return Refused("FRAME_CUTS_A_TRANSACTION")
    return Fresh(changes, bodies, chains[known:])
