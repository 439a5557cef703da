"""Which palette is worn: by what the person chose and what the terminal can show."""

from __future__ import annotations

from enum import StrEnum

from terminal.theme.ability import Colours
from terminal.theme.palette import CONTRAST, DARK, LIGHT, SAFE, Palette
from terminal.theme.palettes16 import CONTRAST16, DARK16, LIGHT16


class Look(StrEnum):
    """A look that a person or a device chooses."""

    DARK = "dark"
    LIGHT = "light"
    CONTRAST = "contrast"
    """Black and white, for weak eyes and bright rooms."""
    SAFE = "safe"
    """For who cannot tell red from green."""


PALETTES = {palette.name: palette for palette in (DARK, LIGHT, CONTRAST, SAFE, DARK16, LIGHT16, CONTRAST16)}
"""Every palette, by the name of its theme."""
_WORN = {Look.DARK: DARK, Look.LIGHT: LIGHT, Look.CONTRAST: CONTRAST, Look.SAFE: SAFE}
_WORN_IN_SIXTEEN = {Look.DARK: DARK16, Look.LIGHT: LIGHT16, Look.CONTRAST: CONTRAST16, Look.SAFE: DARK16}


def palette_for(look: Look, colours: Colours = Colours.TRUE) -> Palette:
    """The palette of a look on a terminal with so many colours."""
    return (_WORN_IN_SIXTEEN if colours is Colours.SIXTEEN else _WORN)[look]


def palette_of(theme: str) -> Palette:
    """The palette of a theme. The dark one if the theme is not ours."""
    return PALETTES.get(theme, DARK)
