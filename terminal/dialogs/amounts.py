"""A typed amount as a value: what its digits mean in the unit of its kind, and how it is shown. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.countries.currencies import currency
from shared.kernel.quantity import format_quantity
from shared.menu.weights import measure_text
from terminal.dialogs.questions import Amount, AmountKind, Given, Measured
from terminal.widgets.amount_pad import minor_units, with_key

PERCENT_DECIMALS = 2
PERCENT_UNIT_DECIMALS = 4
"""Millionths in one percent: 10,000."""
QUANTITY_UNIT_DECIMALS = 3


@dataclass(frozen=True, slots=True)
class Entering:
    """An amount in the making.

    Attributes:
        currency: code of the money's currency.
        at: which of the question's kinds is entered.
    """

    question: Amount
    currency: str
    at: int = 0
    typed: str = ""

    @property
    def kind(self) -> AmountKind:
        """What is entered now."""
        return self.question.kinds[self.at]

    @property
    def given(self) -> Given | None:
        """What Enter would take: what is typed, else what is usual. None: nothing yet."""
        if self.typed:
            return Given(self.kind, minor_units(self.typed, self._decimals()[1]))
        usual = self.question.usual
        return usual if usual is not None and usual.kind is self.kind else None

    def with_key(self, key: str) -> Entering:
        """One more digit or a point; what does not fit changes nothing."""
        return replace(self, typed=with_key(self.typed, key, self._decimals()[0]))

    def erased(self) -> Entering:
        """Without the last sign."""
        return replace(self, typed=self.typed[:-1])

    def cleared(self) -> Entering:
        """Without anything typed."""
        return replace(self, typed="")

    def measuring(self, measured: Measured) -> Entering:
        """With what an instrument says as what is usual."""
        if self.question.usual == measured.given:
            return self
        return replace(self, question=replace(self.question, usual=measured.given))

    def turned(self, at: int) -> Entering:
        """Another kind; digits of one kind mean nothing in another."""
        at %= len(self.question.kinds)
        return self if at == self.at else replace(self, at=at, typed="")

    def _decimals(self) -> tuple[int, int]:
        """Most decimals that can be typed, and the decimals of the unit."""
        match self.kind:
            case AmountKind.MONEY:
                exponent = currency(self.currency).exponent
                return exponent, exponent
            case AmountKind.PERCENT:
                return PERCENT_DECIMALS, PERCENT_UNIT_DECIMALS
            case AmountKind.WEIGHT:
                return QUANTITY_UNIT_DECIMALS, QUANTITY_UNIT_DECIMALS
        return self.question.decimals, QUANTITY_UNIT_DECIMALS


def percent_text(millionths: int) -> str:
    """`12.5 %` of 125,000 millionths."""
    return f"{format_quantity(millionths // 10)} %"


def quantity_text(milli: int, unit: str) -> str:
    """`0.350 kg`; without a unit the number alone."""
    return measure_text(milli, unit)
