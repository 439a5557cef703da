"""What cooks say to who serves, in the words of who reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.kernel.language import Language, catalogue
from terminal.screens.rights import title_of_reason

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

USUAL = ("come", "missing", "longer")
"""What cooks say where the house has no phrases; each is a sentence of `[kitchen]`."""


def message_words(desk: Desk, text: str) -> str:
    """A message as its reader says it: a phrase in their language, whatever the cook's; else as it was written."""
    for each in USUAL:
        code = f"kitchen.phrase_{each}"
        if any(catalogue("terminal", language).get(code) == text for language in Language):
            return desk.texts(code)
    return title_of_reason(desk, text)
