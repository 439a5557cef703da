"""Keys: UUIDv7 made in Python from an injected clock and random source, and ids computed from a fact.

Nothing here reads the time or a random source by itself, so that a whole branch can be simulated from a seed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from shared.kernel.instants import Clock

_COUNTER_BITS = 12


class IdSource(Protocol):
    """Gives new ids that sort by the time they were made, and random bytes."""

    def new(self) -> UUID:
        """A fresh UUIDv7."""
        ...

    def secret(self, length: int) -> bytes:
        """So many random bytes, for a key."""
        ...


class Uuid7Source:
    """UUIDv7 (RFC 9562): 48 bits of milliseconds, a 12-bit counter within one millisecond, 62 random bits.

    Args:
        clock: where the milliseconds come from.
        random_bytes: `os.urandom`, or a seeded source in simulations.
    """

    def __init__(self, clock: Clock, random_bytes: Callable[[int], bytes]) -> None:
        self._clock = clock
        self._random_bytes = random_bytes
        self._last_tick = 0

    def new(self) -> UUID:
        """A fresh UUIDv7, greater than every one that this source gave before, even if the clock jumps back."""
        tick = self._clock.milliseconds() << _COUNTER_BITS
        self._last_tick = tick = max(tick, self._last_tick + 1)
        milliseconds, counter = tick >> _COUNTER_BITS, tick & 0xFFF
        tail = int.from_bytes(self._random_bytes(8), "big") & ((1 << 62) - 1)
        return UUID(int=(milliseconds & ((1 << 48) - 1)) << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | tail)

    def secret(self, length: int) -> bytes:
        """So many random bytes, for a key."""
        return self._random_bytes(length)


def derived_id(*fact: bytes | str | int | UUID) -> UUID:
    """The id of a derived row, computed from its fact: two replicas that derive the row make one row.

    A UUIDv8 of the BLAKE2b digest of the parts, each with its length, so that no two facts share their bytes.
    """
    digest = hashlib.blake2b(digest_size=16, person=b"comanda-derived")
    for part in fact:
        raw = part.bytes if isinstance(part, UUID) else part if isinstance(part, bytes) else str(part).encode()
        digest.update(len(raw).to_bytes(4, "big") + raw)
    number = int.from_bytes(digest.digest(), "big")
    number = number & ~(0xF << 76) & ~(0b11 << 62) | 0x8 << 76 | 0b10 << 62
    return UUID(int=number)
