"""Every colour of the terminal: inks (text on ground) by role, in palettes for all eyes and rooms.

Which palette is worn by whom on which terminal stands in `wardrobe.py`; those of sixteen colours in `palettes16.py`.
Widgets that draw lines take their inks from here; stylesheets use the same values as variables (`themes.py`).
Each ink has at least `LEAST_CONTRAST` between text and ground. The grounds of the states differ for normal vision and
for three kinds of colour blindness. Tests check all palettes.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import StrEnum
from functools import lru_cache

from rich.style import Style

LEAST_CONTRAST = 4.5
"""WCAG AA for normal text. A till is read in bad light, so no text may have less."""


class Tone(StrEnum):
    """Meaning of a colour. Colour is never the only sign: each tone has a glyph, and the caller adds a word."""

    PLAIN = "plain"
    NEW = "new"
    COOKING = "cooking"
    READY = "ready"
    WARN = "warn"
    LATE = "late"
    VOID = "void"

    @property
    def glyph(self) -> str:
        """One narrow character for the tone. Blank for the plain tone."""
        return _GLYPHS[self]


_GLYPHS = {
    Tone.PLAIN: " ",
    Tone.NEW: "●",
    Tone.COOKING: "◐",
    Tone.READY: "✓",
    Tone.WARN: "▲",
    Tone.LATE: "▲",
    Tone.VOID: "✕",
}


@dataclass(frozen=True, slots=True)
class Ink:
    """Text and quieter text on one ground. Colours as `#rrggbb`."""

    ground: str
    text: str
    quiet: str

    def style(self, *, bold: bool = False, strike: bool = False) -> Style:
        """The main text on its ground."""
        return _style(self.text, self.ground, bold, strike)

    def quiet_style(self, *, bold: bool = False, strike: bool = False) -> Style:
        """Secondary text on the same ground."""
        return _style(self.quiet, self.ground, bold, strike)

    def edge(self, page: Ink) -> Style:
        """The ground as foreground colour over a page, for half blocks at the edge of an area."""
        return _style(self.ground, page.ground, False, False)

    def mark(self, colour: str, *, bold: bool = False) -> Style:
        """A mark of another colour on this ground."""
        return _style(colour, self.ground, bold, False)


@lru_cache(maxsize=1024)
def _style(colour: str, ground: str, bold: bool, strike: bool) -> Style:
    return Style(color=colour, bgcolor=ground, bold=bold, strike=strike)


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """All inks by role, the colours of the states, and the hues of categories.

    A palette equals itself alone: what is drawn is kept by it, and a hash of all its inks costs more than a small tile.
    """

    name: str
    dark: bool
    accent: str
    rule: str
    fresh: str
    """Text colour on the panel for what is not sent: the colour of the NEW tone if that can be read."""
    page: Ink
    panel: Ink
    bar: Ink
    field: Ink
    tile: Ink
    off: Ink
    key: Ink
    cursor: Ink
    selected: Ink
    lead: Ink
    pressed: Ink
    modifier: Ink
    without: Ink
    alert: Ink
    new: Ink
    cooking: Ink
    ready: Ink
    warn: Ink
    late: Ink
    void: Ink
    hues: tuple[str, ...]
    veil: int = 70
    """Percent of the page's colour over what stands behind a dialog."""
    frame: str = "outer"
    """Kind of a dialog's border, by Textual's name."""

    def tone(self, tone: Tone) -> Ink:
        """The ink of a tone. The plain tone looks like a tile."""
        return self.tile if tone is Tone.PLAIN else getattr(self, tone.value)

    def inks(self) -> dict[str, Ink]:
        """Every ink by the name of its role."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, Ink)}


_HUES = ("#d9963a", "#56a3d9", "#3fae84", "#b8a14a", "#7d8ff0", "#e07a50", "#cf86b8", "#8e99a6")

DARK = Palette(
    name="comanda-dark",
    dark=True,
    accent="#5fd6ab",
    rule="#39414c",
    fresh="#56b4e9",
    page=Ink("#0b0d10", "#f4f5f7", "#a7b0bc"),
    panel=Ink("#14171c", "#f4f5f7", "#a7b0bc"),
    bar=Ink("#191d23", "#e6e9ed", "#a7b0bc"),
    field=Ink("#20252d", "#ffffff", "#aab3bf"),
    tile=Ink("#252b34", "#f4f5f7", "#b0b9c5"),
    off=Ink("#16191e", "#8a939f", "#8a939f"),
    key=Ink("#323a46", "#ffffff", "#bcc4ce"),
    cursor=Ink("#2c567f", "#ffffff", "#dbe7f3"),
    selected=Ink("#1d5543", "#ffffff", "#cfe9df"),
    lead=Ink("#5fd6ab", "#05140e", "#0b2a1f"),
    pressed=Ink("#f4f5f7", "#0b0d10", "#3a4049"),
    modifier=Ink("#3a414c", "#ffffff", "#d3d8df"),
    without=Ink("#e4e7eb", "#0b0d10", "#3a4049"),
    alert=Ink("#b06bff", "#000000", "#12002b"),
    new=Ink("#56b4e9", "#000000", "#0a1c27"),
    cooking=Ink("#2a313c", "#ffffff", "#d3d8df"),
    ready=Ink("#c8ffd4", "#04140a", "#12301c"),
    warn=Ink("#f0e442", "#000000", "#2b2906"),
    late=Ink("#ff3b30", "#000000", "#1a0403"),
    void=Ink("#8a8a8a", "#000000", "#000000"),
    hues=_HUES,
)

LIGHT = Palette(
    name="comanda-light",
    dark=False,
    accent="#0f6b4f",
    rule="#c2bdb2",
    fresh="#0a5c91",
    page=Ink("#efece5", "#14171b", "#4c535c"),
    panel=Ink("#fbfaf7", "#14171b", "#4c535c"),
    bar=Ink("#dedad0", "#14171b", "#434a53"),
    field=Ink("#ffffff", "#000000", "#545b64"),
    tile=Ink("#ffffff", "#14171b", "#4c535c"),
    off=Ink("#e4e0d7", "#5b6067", "#5b6067"),
    key=Ink("#cbc6ba", "#14171b", "#3a4149"),
    cursor=Ink("#2c567f", "#ffffff", "#dbe7f3"),
    selected=Ink("#0f6b4f", "#ffffff", "#d9f2e8"),
    lead=Ink("#0f6b4f", "#ffffff", "#d9f2e8"),
    pressed=Ink("#14171b", "#ffffff", "#cfd4da"),
    modifier=Ink("#d6d1c5", "#14171b", "#3a4149"),
    without=Ink("#14171b", "#ffffff", "#cfd4da"),
    alert=Ink("#b06bff", "#000000", "#12002b"),
    new=Ink("#56b4e9", "#000000", "#0a1c27"),
    cooking=Ink("#2a313c", "#ffffff", "#d3d8df"),
    ready=Ink("#c8ffd4", "#04140a", "#12301c"),
    warn=Ink("#f0e442", "#000000", "#2b2906"),
    late=Ink("#ff3b30", "#000000", "#1a0403"),
    void=Ink("#8a8a8a", "#000000", "#000000"),
    hues=("#b36f00", "#1f78b4", "#00795a", "#8f8200", "#4a55b5", "#b8481a", "#a0487f", "#6a737d"),
)

CONTRAST = Palette(
    name="comanda-contrast",
    dark=True,
    accent="#ffff00",
    rule="#ffffff",
    fresh="#7fd4ff",
    page=Ink("#000000", "#ffffff", "#ffffff"),
    panel=Ink("#000000", "#ffffff", "#ffffff"),
    bar=Ink("#ffffff", "#000000", "#000000"),
    field=Ink("#1a1a1a", "#ffffff", "#ffffff"),
    tile=Ink("#262626", "#ffffff", "#ffffff"),
    off=Ink("#000000", "#b4b4b4", "#b4b4b4"),
    key=Ink("#4a4a4a", "#ffffff", "#ffffff"),
    cursor=Ink("#ffff00", "#000000", "#000000"),
    selected=Ink("#ffffff", "#000000", "#000000"),
    lead=Ink("#ffff00", "#000000", "#000000"),
    pressed=Ink("#ffffff", "#000000", "#000000"),
    modifier=Ink("#4a4a4a", "#ffffff", "#ffffff"),
    without=Ink("#ffffff", "#000000", "#000000"),
    alert=Ink("#cc6bff", "#000000", "#000000"),
    new=Ink("#5ae4fb", "#000000", "#000000"),
    cooking=Ink("#262626", "#ffffff", "#ffffff"),
    ready=Ink("#daffd1", "#000000", "#000000"),
    warn=Ink("#f7d630", "#000000", "#000000"),
    late=Ink("#e47e47", "#000000", "#000000"),
    void=Ink("#91998e", "#000000", "#000000"),
    hues=("#ffb84d", "#66c2ff", "#4dffc0", "#ffe066", "#a9b4ff", "#ff9a66", "#ffa6dc", "#d0d6dc"),
    veil=80,
    frame="heavy",
)
"""For weak eyes and bright rooms: black and white, and no text with less than seven to one."""

SAFE = replace(
    DARK,
    name="comanda-safe",
    accent="#7fc4ff",
    fresh="#7fc4ff",
    selected=Ink("#0b4f8a", "#ffffff", "#dbe9f6"),
    lead=Ink("#7fc4ff", "#00121f", "#002036"),
    new=Ink("#5caecc", "#000000", "#000000"),
    ready=Ink("#ffffff", "#000000", "#2b2b2b"),
    warn=Ink("#f5c400", "#000000", "#000000"),
    late=Ink("#c43c00", "#ffffff", "#ffffff"),
    alert=Ink("#ba64ff", "#000000", "#12002b"),
    void=Ink("#74876e", "#000000", "#000000"),
    hues=("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#4f8fd0", "#d55e00", "#cc79a7", "#999999"),
)
"""For who cannot tell red from green: blue, white, amber and rust, which also differ in brightness."""

LEAST_HIGH_CONTRAST = 7.0
"""WCAG AAA, of the palette for weak eyes."""


def contrast(one: str, two: str) -> float:
    """The WCAG contrast ratio of two `#rrggbb` colours, from 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def linear_light(colour: str) -> tuple[float, float, float]:
    """Red, green and blue of a `#rrggbb` colour as linear light from 0 to 1."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _linear(red), _linear(green), _linear(blue)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _luminance(colour: str) -> float:
    red, green, blue = linear_light(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
