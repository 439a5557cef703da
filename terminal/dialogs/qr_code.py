"""A QR code in cells: half blocks, or two blank cells a module where the terminal lacks those."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, cast

from rich.segment import Segment
from rich.style import Style

from terminal.theme.ability import Letters
from terminal.widgets.line_widget import LineWidget, Row

if TYPE_CHECKING:
    from terminal.theme.themes import ThemedApp

QUIET_MODULES = 2
"""White around the code. Phones read it with two; the rest of the dialog is dark anyway."""
_DARK_ON_LIGHT = Style(color="#000000", bgcolor="#ffffff")
_DARK, _LIGHT = Style(bgcolor="#000000"), Style(bgcolor="#ffffff")
"""No theme's colours: a phone reads dark on light alone."""
_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


@lru_cache(maxsize=16)
def modules_of(text: str) -> tuple[tuple[bool, ...], ...]:
    """The code of a text as rows of modules, true where dark, with its quiet edge."""
    import qrcode  # 60 ms, and few sales need it

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_L, border=QUIET_MODULES)
    code.add_data(text)
    code.make(fit=True)
    return tuple(tuple(map(bool, row)) for row in code.get_matrix())


def half_blocks(modules: tuple[tuple[bool, ...], ...]) -> tuple[str, ...]:
    """Rows of characters, each with two rows of modules."""
    blank = (False,) * len(modules[0])
    rows = [*modules, blank] if len(modules) % 2 else list(modules)
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return tuple("".join(_BLOCKS[pair] for pair in zip(upper, lower, strict=True)) for upper, lower in pairs)


def size_of(text: str, on: LineWidget) -> tuple[int, int]:
    """Columns and rows of the code of a text on a widget. None of either if there is no text."""
    size = len(modules_of(text)) if text else 0
    return (2 * size, size) if _lacks_halves(on) else (size, -(-size // 2))


def drawn_code(text: str, on: LineWidget) -> list[Row]:
    """The rows of the code of a text on a widget, dark on light."""
    modules = modules_of(text)
    if _lacks_halves(on):
        return [[Segment("  ", _DARK if dark else _LIGHT) for dark in row] for row in modules]
    return [[Segment(row, _DARK_ON_LIGHT)] for row in half_blocks(modules)]


def _lacks_halves(on: LineWidget) -> bool:
    """Whether the terminal lacks half blocks: then a module is two blank cells, which every terminal has."""
    return cast("ThemedApp[None]", on.app).ability.letters is not Letters.ALL
