"""The geometry of a column chart in SVG. `figures.py` gives the values, the template draws.

Columns are placed in percent of the width: one chart fits a phone and a desktop, and its words keep their size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT = 150
BASE = 128
"""Where the columns stand, in pixels from the top; the labels are below."""
CEILING = 18
"""The top of the highest column; the highest amount is written above it."""
LEAST_PLACES = 12
"""Fewer columns than this stay as narrow as if there were so many, in the middle: two days are not two walls."""
_GAP = 0.24
"""Part of a column's place that is left empty."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        label: the words below it, may be empty.
        told: the words that a pointer on it shows, and the list of figures.
        amount: the same amount as people write it.
    """

    x: str
    width: str
    middle: str
    y: int
    height: int
    label: str
    told: str
    amount: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Columns, and the amount of the highest one in words."""

    columns: tuple[Column, ...]
    peak: Column
    height: int = HEIGHT
    base: int = BASE
    ceiling: int = CEILING


@dataclass(frozen=True, slots=True)
class Value:
    """What one column stands for; `amount_minor` gives its height, the words are ready to be shown."""

    amount_minor: int
    amount: str
    label: str
    told: str


def column_chart(values: Sequence[Value], most_labels: int) -> Chart | None:
    """A chart of amounts, or None if all are zero.

    Args:
        most_labels: how many labels fit side by side on a phone; of more, every second, third ... is written.
    """
    highest = max((value.amount_minor for value in values), default=0)
    if highest <= 0:
        return None
    places = max(LEAST_PLACES, len(values))
    place, begins = 100 / places, (places - len(values)) / 2
    every = -(-len(values) // most_labels)
    columns = tuple(
        _column(value, begins + at, place, highest, shown=at % every == 0) for at, value in enumerate(values)
    )
    return Chart(columns, max(zip(columns, values, strict=True), key=lambda pair: pair[1].amount_minor)[0])


def _column(value: Value, at: float, place: float, highest: int, *, shown: bool) -> Column:
    amount = max(0, value.amount_minor)
    height = amount * (BASE - CEILING) // highest
    if amount:
        height = max(1, height)
    return Column(
        x=f"{(at + _GAP / 2) * place:.3f}%",
        width=f"{(1 - _GAP) * place:.3f}%",
        middle=f"{(at + 0.5) * place:.3f}%",
        y=BASE - height,
        height=height,
        label=value.label if shown else "",
        told=value.told,
        amount=value.amount,
    )
