"""Cuts, pads and wraps text by its width in terminal cells, never by `len`.

All text goes through `clean` first, so that no control or bidi character reaches a segment.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from rich.cells import cell_len, chop_cells, set_cell_size

from shared.kernel.text import MAX_NOTE_CHARACTERS, clean

Align = Literal["left", "right", "center"]

ELLIPSIS = "…"
MOST_TEXTS = 1_024
"""More than any screen shows at once. Each order brings numbers and ages: what is kept is all there within an hour."""


@lru_cache(maxsize=MOST_TEXTS)
def plain(text: str) -> str:
    """Clean a text for the screen: one line, no control characters, at most the length of a note."""
    return clean(text, MAX_NOTE_CHARACTERS)


def width_of(text: str) -> int:
    """Cells that the cleaned text takes."""
    return cell_len(plain(text))


@lru_cache(maxsize=MOST_TEXTS)
def fit(text: str, width: int, align: Align = "left") -> str:
    """Pad the text to `width` cells, or cut it with an ellipsis."""
    return _padded(plain(text), width, align)


@lru_cache(maxsize=MOST_TEXTS)
def wrap(text: str, width: int, max_lines: int) -> tuple[str, ...]:
    """Wrap the text into at most `max_lines` lines of `width` cells, at blanks. A cut text ends with an ellipsis.
    Where a line ends, a dot that parts it from the next one is left out.

    An empty text has no lines.
    """
    if width <= 0 or max_lines <= 0:
        return ()
    lines = [""]
    for word in plain(text).split():
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(joined) <= width:
            lines[-1] = joined
            continue
        pieces = chop_cells(word, width)
        if lines[-1]:
            lines.extend(pieces)
        else:
            lines[-1:] = pieces
        if len(lines) > max_lines:
            break
    if lines == [""]:
        return ()
    if len(lines) > max_lines:
        lines = [*lines[: max_lines - 1], _padded(f"{lines[max_lines - 1]} {lines[max_lines]}", width, "left").rstrip()]
    return (*(line.removesuffix(" ·") for line in lines[:-1]), lines[-1])


def _padded(text: str, width: int, align: Align) -> str:
    if width <= 0:
        return ""
    length = cell_len(text)
    if length > width:
        return set_cell_size(set_cell_size(text, width - 1).rstrip() + ELLIPSIS, width)
    if align == "right":
        return " " * (width - length) + text
    if align == "center":
        left = (width - length) // 2
        return " " * left + text + " " * (width - length - left)
    return text + " " * (width - length)
