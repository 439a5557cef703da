"""The grammar of the order's command line. Pure.

lom            add what `lom` finds             2*lom, 2 lom      so many of it; also 3x17, 3×17, 0.350*cev
3*, 3x         the chosen line becomes three    -, -1, -2         so many less of the chosen line
/sin cebolla   a note for the chosen line       //todo junto      a note for the whole order
.              once more what was added last
0.350*que      so much of what is weighed       otr 45, que 0.350 at this price; so much (`menu_line.py`)

How many comes first, as on other tills: `lom 2` looks for names with a 2 in them. With `*` or `×` what stands before it
is always how many; with a blank or an `x` it may also belong to a name (`4 quesos`), so that both readings are given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from shared.kernel.errors import DomainError
from shared.kernel.quantity import ONE
from shared.orders.rules import quantity_is_sensible

NOTE_MARK = "/"
ORDER_NOTE_MARK = "//"
LESS_MARK = "-"
REPEAT_MARK = "."
QUANTITY_DECIMALS = 3

_TIMES = re.compile(r"\s*([0-9.,]*)\s*[*×]\s*(.*)", re.DOTALL)
_LOOSELY_TIMES = re.compile(
    r"\s*([0-9]*[.,]?[0-9]+)(?:x\s*|\s+x(?=\s|[0-9]|$)\s*|\s+(?=\S))(.*)", re.DOTALL | re.IGNORECASE | re.ASCII
)
_LESS = re.compile(r"-\s*([0-9.,]+)\s*", re.ASCII)
_QUANTITY = re.compile(r"([0-9]{0,7})(?:[.,]([0-9]{0,3}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class AddItem:
    """Add so many thousandths of what the text finds.

    Attributes:
        whole: what was typed, if its number may belong to a name instead.
        counted: whether it was typed how many; of what is sold by weight the weight is asked if not.
    """

    quantity_milli: int
    text: str
    whole: str = ""
    counted: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class SetQuantity:
    """The chosen line becomes so many thousandths."""

    quantity_milli: int


@dataclass(frozen=True, slots=True)
class TakeOff:
    """The chosen line becomes so many thousandths less."""

    quantity_milli: int


@dataclass(frozen=True, slots=True)
class SetNote:
    """The chosen line gets this note; an empty one takes it away."""

    note: str


@dataclass(frozen=True, slots=True)
class SetOrderNote:
    """The whole order gets this note; an empty one takes it away."""

    note: str


@dataclass(frozen=True, slots=True)
class AddAgain:
    """Add once more what was added last."""


Command = AddItem | SetQuantity | TakeOff | SetNote | SetOrderNote | AddAgain


def parse(text: str) -> Command:
    """What a typed line asks for.

    Raises:
        DomainError: QUANTITY_NOT_SENSIBLE, for nothing, too much or more than three decimals.
    """
    if text.startswith(ORDER_NOTE_MARK):
        return SetOrderNote(text[len(ORDER_NOTE_MARK) :].strip())
    if text.startswith(NOTE_MARK):
        return SetNote(text[len(NOTE_MARK) :].strip())
    if text.strip() == REPEAT_MARK:
        return AddAgain()
    if text.strip() == LESS_MARK:
        return TakeOff(ONE)
    if less := _LESS.fullmatch(text):
        return TakeOff(quantity_milli(less[1]))
    if found := _TIMES.fullmatch(text):
        return _so_many(found[1], found[2].strip(), "")
    if found := _LOOSELY_TIMES.fullmatch(text):
        return _so_many(found[1], found[2].strip(), text.strip())
    return AddItem(ONE, text.strip())


def _so_many(quantity: str, item: str, whole: str) -> Command:
    milli = quantity_milli(quantity)
    return AddItem(milli, item, whole, counted=True) if item else SetQuantity(milli)


def quantity_milli(text: str) -> int:
    """A typed quantity in thousandths; decimals after a point or a comma.

    Raises:
        DomainError: QUANTITY_NOT_SENSIBLE.
    """
    found = _QUANTITY.fullmatch(text)
    whole, part = (found[1], found[2] or "") if found else ("", "")
    quantity = int(whole or "0") * ONE + int(part.ljust(QUANTITY_DECIMALS, "0"))
    if not quantity_is_sensible(quantity):
        raise DomainError("QUANTITY_NOT_SENSIBLE")
    return quantity
