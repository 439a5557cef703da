"""Hybrid logical clock: stamps that order writes to one field, on any clock.

A stamp is one integer: milliseconds since 1970 shifted by 16 bits, plus a counter. The clock never goes back, even if
the machine's clock falls back to 1970, and a received stamp moves it by a bounded amount only. No stamp is a reason to
refuse a sale.

Source: Kulkarni et al., "Logical Physical Clocks", 2014.
"""

from __future__ import annotations

from typing import NewType

import msgspec

Stamp = NewType("Stamp", int)

COUNTER_BITS = 16
LATEST_CLOCK = 1 << 62
"""In the year 4199. A clock beyond it counts on from there, so that stamps still grow and still fit."""
MAX_STAMP = LATEST_CLOCK + (1 << 32)
"""No replica reads a greater stamp. No honest clock comes near it, so that there is always a later stamp than one
that an honest clock gave; a clamp would give none, because it clamps the cure, too."""
MAX_LEAD_MS = 60_000
"""How far ahead of our own clock a received stamp may pull us: one minute, far more than honest clocks differ."""


class HybridClock:
    """Gives stamps for local writes and learns from received ones.

    Args:
        last: the greatest stamp ever given, as stored with the last local transaction.
    """

    def __init__(self, last: int = 0) -> None:
        self.last = last

    def tick(self, now_ms: int, above: int = 0) -> Stamp:
        """A stamp greater than every earlier one and than `above` (the stamp of the field being overwritten).

        A field stamped far in the future is overwritten with a stamp one above it, without moving this clock there. So
        a wrong stamp can be overwritten and does not spread.
        """
        self.last = min(max(self.last + 1, min(now_ms << COUNTER_BITS, LATEST_CLOCK)), MAX_STAMP)
        return Stamp(min(max(self.last, above + 1), MAX_STAMP))

    def observe(self, stamp: int, now_ms: int) -> None:
        """Move past a received stamp, but at most `MAX_LEAD_MS` ahead of `now_ms`."""
        self.last = max(self.last, min(stamp, (now_ms + MAX_LEAD_MS) << COUNTER_BITS, LATEST_CLOCK))


def stamp_milliseconds(stamp: int) -> int:
    """The physical part of a stamp, in milliseconds since 1970."""
    return stamp >> COUNTER_BITS


Said = tuple[int, bytes]
"""When and by which stream a field was written: the greater one is the newer."""
NEVER: Said = (0, b"")
_unpacked = msgspec.msgpack.Decoder(tuple[int, bytes, dict[str, tuple[int, bytes]]]).decode


def written_at(stamps: bytes, field: str) -> Said:
    """When a register field of a row was written last.

    Args:
        stamps: the packed stamps of its row, as they are stored.
    """
    if not stamps:
        return NEVER
    stamp, stream, edited = _unpacked(stamps)
    return edited.get(field, (stamp, stream))


def said_text(said: Said) -> str:
    """As a row keeps it: at most 49 characters."""
    return f"{said[0]:x} {said[1].hex()}"


def is_said_text(text: str) -> bool:
    """Whether it is what `said_text` writes."""
    stamp, stream = said_of(text)
    return 0 <= stamp <= MAX_STAMP and len(stream) in {0, 16} and said_text((stamp, stream)) == text


def said_of(text: str) -> Said:
    """Read what `said_text` wrote; what nobody can read was never said."""
    stamp, _, stream = text.partition(" ")
    try:
        return int(stamp, 16), bytes.fromhex(stream)
    except ValueError:
        return NEVER


def holds_over(written: Said, knew: str, other: Said) -> bool:
    """Whether what one row says holds over what another row says of the same thing.

    It does if it was written later, or by somebody who knew the other: a machine whose clock is behind writes with an
    earlier stamp what is later all the same.

    Args:
        knew: what its author knew of the other row (`said_text`).
    """
    return written > other or said_of(knew) >= other
