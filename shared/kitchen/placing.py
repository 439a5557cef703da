"""Where a hand puts a ticket on the wall: before, among or after others. Pure.

Displays know tickets in the order in which these came to them. A place is therefore no number on a wall but the place
of a ticket (`at`, often one that is done since) and a rank there: the ticket itself has rank 0, what stands before it
lies below, what follows above. So a moved ticket keeps its place when its neighbour goes, on every display alike.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

APART = 1 << 20
"""Distance of two ranks, so that many others find room between them."""


class Place(NamedTuple):
    """See the module. Of two tickets at one place and rank the one with the lower id stands first."""

    at: UUID
    rank: int

    @property
    def said(self) -> list[Any]:
        """As a record keeps it."""
        return [self.at.hex, self.rank]


def said_place(said: Any) -> Place | None:
    """The place that a record keeps; None if nobody has moved the ticket."""
    return Place(UUID(hex=said[0]), int(said[1])) if said else None


def places_between(after: Place | None, before: Place | None, count: int) -> list[Place]:
    """Places for some tickets between two neighbours; without the one behind them at the end of the wall.

    Args:
        after: of the ticket before them, if there is one.
        before: of the ticket behind them, if there is one.
    """
    if before is None:
        assert after is not None, "who stands alone is not moved"
        return [Place(after.at, after.rank + APART * nth) for nth in range(1, count + 1)]
    is_near = after is not None and after.at == before.at and after.rank < before.rank
    low = after.rank if after is not None and is_near else before.rank - APART * (count + 1)
    step = max(1, (before.rank - low) // (count + 1))
    return [Place(before.at, low + step * nth) for nth in range(1, count + 1)]
