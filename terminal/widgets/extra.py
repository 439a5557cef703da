"""What hangs under a line of an order: modifiers, things left out, and notes; one value for check and kitchen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ExtraKind(StrEnum):
    """How an extra is marked: an addition, something to leave out, or free words."""

    WITH = "with"
    WITHOUT = "without"
    NOTE = "note"

    @property
    def glyph(self) -> str:
        """One narrow character before the text."""
        return {"with": "+", "without": "−", "note": "»"}[self.value]


@dataclass(frozen=True, slots=True)
class Extra:
    """One modifier or note, already in the reader's words."""

    text: str
    kind: ExtraKind = ExtraKind.WITH
    amount: str = ""
    """What it adds to the price, formatted; the kitchen does not show it."""
