"""Extras under a line of an order: modifiers, things left out, and notes. One value for check and kitchen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ExtraKind(StrEnum):
    """Kind of an extra: an addition, a choice that costs nothing, something to leave out, a note, or what is usual."""

    WITH = "with"
    CHOICE = "choice"
    WITHOUT = "without"
    NOTE = "note"
    USUAL = "usual"

    @property
    def glyph(self) -> str:
        """One narrow character, shown before the text."""
        return {"with": "+", "choice": "·", "without": "−", "note": "»", "usual": "·"}[self.value]


@dataclass(frozen=True, slots=True)
class Extra:
    """One modifier or note, in the reader's language."""

    text: str
    kind: ExtraKind = ExtraKind.WITH
    amount: str = ""
    """Its extra price, formatted. The kitchen does not show it."""
