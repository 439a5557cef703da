"""The columns of state fields: those whose greater value wins a merge, with a status (a lattice) or without one.

A status may be reopened; a reopening outranks every status before it. Totals are in `shared/kernel/totals.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

import sqlalchemy as sa
from msgspec import Meta

from shared.kernel.columns import Wired

ROUND = 1_000
"""A standing is stored as round x 1,000 + rank, so that the greater number is the later standing."""


class Rank(IntEnum):
    """Base of the declared lattices: each member's number is its rank, the higher one wins a merge."""


R = TypeVar("R", bound=Rank)


class Standing(NamedTuple, Generic[R]):
    """The status of a row, and how often it was reopened (a reopening outranks every earlier status)."""

    round: int
    status: R

    def advance(self, status: R) -> Standing[R]:
        """The same round with a later status; an earlier one changes nothing, as in a merge."""
        return Standing(self.round, max(self.status, status))

    def reopen(self, status: R) -> Standing[R]:
        """The next round, beginning at `status` (a recall)."""
        return Standing(self.round + 1, status)

    @property
    def code(self) -> int:
        """The stored number."""
        return self.round * ROUND + int(self.status)


def standing_below(column: sa.ColumnElement[Any], rank: Rank) -> sa.ColumnElement[bool]:
    """The condition that a standing's status is below `rank`, in any round. Written so that an index on it is used."""
    code = sa.type_coerce(column, sa.Integer)
    return sa.or_(code < int(rank), sa.and_(code >= ROUND, code % ROUND < int(rank)))


class Growing:
    """Marks the types of state fields: merging two replicas is taking the greater wire value."""

    def round_of(self, wire: Any) -> int:
        """How often the state of a wire value was reopened. Most kinds of state have one round, 0."""
        return 0

    def total_of(self, wire: Any) -> int:
        """The total that a wire value says. A status says none."""
        return 0


class Lattice(Growing, Wired, sa.TypeDecorator[Standing[R]], Generic[R]):
    """A state field with a status: one integer, the greater one is the later standing."""

    impl = sa.Integer
    cache_ok = True
    wire_type = Annotated[int, Meta(ge=0, lt=1 << 31)]

    def __init__(self, kind: type[R]) -> None:
        super().__init__()
        self.kind = kind
        self._ranks = frozenset(int(member) for member in kind)

    def process_bind_param(self, value: Standing[R] | None, dialect: sa.Dialect) -> int | None:
        """Standing to its number."""
        return None if value is None else value.code

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Standing[R] | None:
        """Number to its standing."""
        return None if value is None else self.from_wire(value)

    def to_wire(self, value: Standing[R] | None) -> int | None:
        """The stored number."""
        return None if value is None else value.code

    def from_wire(self, value: int | None) -> Standing[R] | None:
        """The standing of a number.

        Raises:
            ValueError: a rank that this version does not know.
        """
        return None if value is None else Standing(value // ROUND, self.kind(value % ROUND))

    def round_of(self, wire: int) -> int:
        """The round of a stored number."""
        return wire // ROUND

    def accepts(self, value: Any) -> bool:
        """The number of a standing that this version knows."""
        return type(value) is int and 0 <= value < 1 << 31 and value % ROUND in self._ranks

    def accepts_column(self, column: Sequence[Any]) -> bool:
        """Ranks that this version knows. Each different one is checked once, since a batch has few."""
        return all(map(self.accepts, set(column)))
