"""State fields that count: a total that only grows, a total that may begin anew, a yes that stays, the newest row.

Merging is taking the greater value, as for the standings of `columns.py`. Two devices that say the same total have said
it once.
"""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

import sqlalchemy as sa
from msgspec import Meta

from shared.kernel.columns import Flag, Key, Whole, Wired
from shared.kernel.money import MAX_MINOR
from shared.kernel.states import Growing

TALLY_ROUND = 10**12
"""A tally is stored as round x 10^12 + total, so that the greater number is the later one: a billion whole portions."""
MAX_TALLY = 1 << 62


class Total(Growing, Whole):
    """A whole number from 0 that only grows: all that happened since the beginning."""

    cache_ok = True
    wire_type = Annotated[int, Meta(ge=0, le=MAX_MINOR)]

    def accepts(self, value: Any) -> bool:
        """A whole number from 0."""
        return type(value) is int and 0 <= value <= MAX_MINOR

    def total_of(self, wire: int) -> int:
        """The number itself."""
        return wire


class Counted(NamedTuple):
    """A total, and how often it began anew. A later round outranks every total of an earlier one."""

    round: int
    total: int

    def at_least(self, total: int) -> Counted:
        """The same round with at least this total."""
        return Counted(self.round, max(self.total, total))

    def again(self, total: int = 0) -> Counted:
        """The next round, beginning at `total` (a recall)."""
        return Counted(self.round + 1, total)

    @property
    def code(self) -> int:
        """The stored number."""
        return self.round * TALLY_ROUND + self.total


class Tally(Growing, Wired, sa.TypeDecorator[Counted]):
    """A total in rounds: it grows within a round, and a new round may begin lower."""

    impl = sa.BigInteger
    cache_ok = True
    wire_type = Annotated[int, Meta(ge=0, lt=MAX_TALLY)]

    def process_bind_param(self, value: Counted | None, dialect: sa.Dialect) -> int | None:
        """Count to its number."""
        return self.to_wire(value)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Counted | None:
        """Number to its count."""
        return self.from_wire(value)

    def to_wire(self, value: Counted | None) -> int | None:
        """The stored number.

        Raises:
            ValueError: a total that does not fit beside its round.
        """
        if value is None:
            return None
        if not 0 <= value.total < TALLY_ROUND:
            msg = "not a total that fits beside its round"
            raise ValueError(msg)
        return value.code

    def from_wire(self, value: int | None) -> Counted | None:
        """The count of a number."""
        return None if value is None else Counted(*divmod(value, TALLY_ROUND))

    def accepts(self, value: Any) -> bool:
        """A number of 62 bits from 0."""
        return type(value) is int and 0 <= value < MAX_TALLY

    def round_of(self, wire: int) -> int:
        """The round of a stored number."""
        return wire // TALLY_ROUND

    def total_of(self, wire: int) -> int:
        """The total of a stored number."""
        return wire % TALLY_ROUND


class OnceTrue(Growing, Flag):
    """No, until somebody says yes; then yes for ever."""

    cache_ok = True


class NewestKey(Growing, Key):
    """The id of a row that gives way to newer rows only: ids are ordered by when they were made."""

    cache_ok = True
