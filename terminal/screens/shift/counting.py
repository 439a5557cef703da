"""A count in the making, as a value: purses (cash by coins and notes or in all, other methods in all). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from uuid import UUID

from shared.countries.currencies import currency as known_currency
from shared.drawers.commands import Cash
from shared.drawers.rules import MOST_PIECES
from shared.shifts.commands import Counted
from shared.shifts.rules import PurseToCount
from terminal.widgets.amount_pad import minor_units, with_key

TOTAL = 0
"""The row of the amount in all, above the coins and notes."""
_PIECE_DIGITS = len(str(MOST_PIECES)) - 1


@dataclass(frozen=True, slots=True)
class PurseCount:
    """One purse as far as it is counted.

    Attributes:
        method_id: None for cash, which has coins and notes.
        name: of the method; empty for cash.
        values: coins and notes in minor units, the largest first.
        usual_minor: what counts while nothing is typed; None where it must not be shown.
        typed: what is typed in each row: in row 0 an amount, in the others a number of pieces.
    """

    method_id: UUID | None
    name: str
    currency: str
    values: tuple[int, ...] = ()
    usual_minor: int | None = None
    typed: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def rows(self) -> int:
        """The amount in all, and a row for each coin and note."""
        return 1 + len(self.values)

    @property
    def first_column(self) -> int:
        """How many coins and notes stand in the first of two columns."""
        return -(-len(self.values) // 2)

    @property
    def pieces(self) -> dict[int, int]:
        """How many coins and notes there are, by value."""
        counted = ((value, self.typed.get(at, "")) for at, value in enumerate(self.values, start=1))
        return {value: int(text) for value, text in counted if text and int(text)}

    @property
    def amount_minor(self) -> int:
        """What is typed in the first row."""
        return minor_units(self.typed.get(TOTAL, ""), known_currency(self.currency).exponent)

    @property
    def by_pieces(self) -> bool:
        """Whether coins and notes were typed: they count then, and not the amount in all."""
        return any(self.typed.get(at) for at in range(1, self.rows))

    @property
    def total_minor(self) -> int:
        """What the purse comes to."""
        return self.cash.total_minor

    @property
    def is_counted(self) -> bool:
        """Whether anything was typed."""
        return any(self.typed.values())

    @property
    def cash(self) -> Cash:
        """What was counted."""
        if self.by_pieces:
            return Cash(self.currency, pieces=self.pieces)
        usual = self.usual_minor if not self.typed.get(TOTAL) else None
        return Cash(self.currency, self.amount_minor if usual is None else usual)

    def with_key(self, row: int, key: str) -> PurseCount:
        """One more digit or point in a row; what does not fit changes nothing."""
        before = self.typed.get(row, "")
        if row == TOTAL:
            after = with_key(before, key, known_currency(self.currency).exponent)
        else:
            fits = key.isascii() and key.isdigit() and len(before) < _PIECE_DIGITS
            after = (before + key).lstrip("0") or "0" if fits else before
        return self._with(row, after)

    def erased(self, row: int) -> PurseCount:
        """Without the last sign of a row."""
        return self._with(row, self.typed.get(row, "")[:-1])

    def _with(self, row: int, text: str) -> PurseCount:
        return replace(self, typed={**self.typed, row: text})


@dataclass(frozen=True, slots=True)
class Counting:
    """All purses, and where the next digit goes.

    Attributes:
        empty: places of purses of which somebody said that nothing is there.
    """

    purses: tuple[PurseCount, ...]
    at: int = 0
    row: int = TOTAL
    empty: frozenset[int] = frozenset()

    @property
    def purse(self) -> PurseCount:
        """The purse on view."""
        return self.purses[self.at]

    @property
    def counted(self) -> list[Counted]:
        """What was counted, of every purse: nothing typed is nothing there."""
        return [Counted(each.cash, each.method_id, each.name) for each in self.purses]

    @property
    def floats(self) -> list[Cash]:
        """What is in a drawer that is opened: the purses with something in them."""
        return [each.cash for each in self.purses if each.total_minor]

    @property
    def uncounted(self) -> int | None:
        """The first purse of cash of which nothing was typed, and nobody said that it holds nothing.

        Other methods count as usual while nothing is typed.
        """
        left = (at for at, each in enumerate(self.purses) if each.method_id is None and not each.is_counted)
        return next((at for at in left if at not in self.empty), None)

    def holding_nothing(self, at: int) -> Counting:
        """With somebody's word that this purse holds nothing."""
        return replace(self, empty=self.empty | {at})

    @property
    def is_at_the_end(self) -> bool:
        """Whether Enter ends the count: on the last row, or on a typed amount in all, of the last purse."""
        ends = self.row == self.purse.rows - 1 or (self.row == TOTAL and bool(self.purse.typed.get(TOTAL)))
        return ends and self.at == len(self.purses) - 1

    def with_key(self, key: str) -> Counting:
        """One more digit in the row."""
        return self._with(self.purse.with_key(self.row, key))

    def erased(self) -> Counting:
        """Without the last sign of the row."""
        return self._with(self.purse.erased(self.row))

    def to_row(self, row: int) -> Counting:
        """Another row; round the end."""
        return replace(self, row=row % self.purse.rows)

    def beside(self) -> Counting:
        """The coin or note in the other column."""
        half, row, last = self.purse.first_column, self.row, self.purse.rows - 1
        if row == TOTAL:
            return self
        return self.to_row(min(row + half, last) if row <= half else row - half)

    def to_purse(self, at: int) -> Counting:
        """Another purse; round the end."""
        return replace(self, at=at % len(self.purses), row=TOTAL)

    def entered(self) -> Counting:
        """After Enter: the next row, or the next purse once this one is counted."""
        skips = self.row == TOTAL and bool(self.purse.typed.get(TOTAL))
        if skips or self.row == self.purse.rows - 1:
            return self.to_purse(self.at + 1)
        return self.to_row(self.row + 1)

    def _with(self, purse: PurseCount) -> Counting:
        return replace(self, purses=(*self.purses[: self.at], purse, *self.purses[self.at + 1 :]))


def cash_purse(currency: str) -> PurseCount:
    """An empty purse of a currency, with the coins and notes that its country has."""
    return PurseCount(None, "", currency, known_currency(currency).pieces_minor)


def counting(purses: Sequence[PurseToCount]) -> Counting:
    """An empty count of these purses."""
    return Counting(
        tuple(
            cash_purse(each.currency)
            if each.method_id is None
            else PurseCount(each.method_id, each.name, each.currency, usual_minor=each.expected_minor)
            for each in purses
        )
    )
