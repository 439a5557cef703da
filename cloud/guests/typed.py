"""What forms of guests say, read as strictly as if a stranger had written them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from shared.kernel.errors import DomainError, NotFound
from shared.kernel.quantity import ONE
from shared.kernel.text import MAX_NOTE_CHARACTERS, clean
from shared.orders.placing import PlacedLine, PlacedPart


def placed_line(form: Mapping[str, Any]) -> PlacedLine:
    """The line that a form says: `m-GROUP` are modifiers (`x-ID` how often), `s-N` the choices of a combo's slots.

    Raises:
        DomainError: NOT_FOUND, QUANTITY_NOT_SENSIBLE.
    """
    modifiers: list[UUID] = []
    parts: list[PlacedPart] = []
    for key, value in form.multi_items() if hasattr(form, "multi_items") else form.items():
        if key.startswith("m-"):
            modifiers.append(read_id(value))
        elif key.startswith("s-"):
            parts.append(PlacedPart(read_id(value)))
    pieces = read_count(form.get("pieces", "1"))
    notes = clean(str(form.get("notes", "")), MAX_NOTE_CHARACTERS)
    return PlacedLine(read_id(form.get("item")), pieces * ONE, tuple(modifiers), notes, parts=tuple(parts))


def read_id(text: Any) -> UUID:
    """An id.

    Raises:
        NotFound: it is none.
    """
    try:
        return UUID(str(text))
    except ValueError:
        raise NotFound("items", str(text)[:40]) from None


def read_count(text: Any, least: int = 1, most: int = 99) -> int:
    """A number of pieces, or a price.

    Raises:
        DomainError: QUANTITY_NOT_SENSIBLE.
    """
    said = str(text)
    if not said.isascii() or not said.isdigit() or len(said) > 13 or not least <= int(said) <= most:
        raise DomainError("QUANTITY_NOT_SENSIBLE")
    return int(said)
