"""The grammar of the order's command line. Pure.

lom            add what `lom` finds             2*lom, 0.5*lom    so many of it
3*             the chosen line becomes three    /sin cebolla      a note for the chosen line
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from shared.kernel.errors import DomainError
from shared.kernel.quantity import ONE
from shared.orders.rules import quantity_is_sensible

NOTE_MARK = "/"
TIMES_MARK = "*"
QUANTITY_DECIMALS = 3

_QUANTIFIED = re.compile(r"\s*([0-9.,]*)\s*\*(.*)", re.DOTALL)
_QUANTITY = re.compile(r"([0-9]{0,7})(?:[.,]([0-9]{0,3}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class AddItem:
    """Add so many thousandths of what the text finds."""

    quantity_milli: int
    text: str


@dataclass(frozen=True, slots=True)
class SetQuantity:
    """The chosen line becomes so many thousandths."""

    quantity_milli: int


@dataclass(frozen=True, slots=True)
class SetNote:
    """The chosen line gets this note; an empty one takes it away."""

    note: str


Command = AddItem | SetQuantity | SetNote


def parse(text: str) -> Command:
    """What a typed line asks for.

    Raises:
        DomainError: QUANTITY_NOT_SENSIBLE, for nothing, too much or more than three decimals before the `*`.
    """
    if text.startswith(NOTE_MARK):
        return SetNote(text[len(NOTE_MARK) :].strip())
    found = _QUANTIFIED.fullmatch(text)
    if found is None:
        return AddItem(ONE, text.strip())
    quantity, item = quantity_milli(found[1]), found[2].strip()
    return AddItem(quantity, item) if item else SetQuantity(quantity)


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
