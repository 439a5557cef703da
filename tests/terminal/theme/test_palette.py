from __future__ import annotations

import itertools

import pytest
from rich.color import Color, ColorSystem

from terminal.theme.palette import LEAST_CONTRAST, PALETTES, Ink, Palette, Tone, contrast, linear_light

LEAST_DISTANCE = 20
"""Colours nearer than this in Lab are hard to tell apart at a glance."""

STATES = ("new", "cooking", "ready", "warn", "late", "void", "alert")

# Machado et al. 2009, full severity.
SIGHT = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}

INKS = [
    pytest.param(ink, id=f"{palette.name}-{role}")
    for palette in PALETTES.values()
    for role, ink in palette.inks().items()
]
EACH_PALETTE = pytest.mark.parametrize("palette", PALETTES.values(), ids=str)


@pytest.mark.parametrize("ink", INKS)
def test_text_can_be_read_on_its_ground(ink: Ink) -> None:
    assert contrast(ink.text, ink.ground) >= LEAST_CONTRAST
    assert contrast(ink.quiet, ink.ground) >= LEAST_CONTRAST


@EACH_PALETTE
def test_colours_of_text_on_panel_and_field_can_be_read(palette: Palette) -> None:
    assert contrast(palette.fresh, palette.panel.ground) >= LEAST_CONTRAST
    assert contrast(palette.accent, palette.field.ground) >= LEAST_CONTRAST


@pytest.mark.parametrize("sight", SIGHT)
@EACH_PALETTE
def test_states_stay_apart_for_every_sight(palette: Palette, sight: str) -> None:
    grounds = {state: palette.inks()[state].ground for state in STATES}
    near = {
        pair: distance(grounds[pair[0]], grounds[pair[1]], sight)
        for pair in itertools.combinations(grounds, 2)
        if distance(grounds[pair[0]], grounds[pair[1]], sight) < LEAST_DISTANCE
    }
    assert near == {}


@pytest.mark.parametrize("ink", INKS)
def test_text_is_there_in_sixteen_colours_too(ink: Ink) -> None:
    text, ground = (Color.parse(colour).downgrade(ColorSystem.STANDARD).number for colour in (ink.text, ink.ground))
    assert text != ground


def test_every_state_has_a_glyph_of_one_cell() -> None:
    from rich.cells import cell_len

    assert {cell_len(tone.glyph) for tone in Tone} == {1}
    assert all(tone.glyph.strip() for tone in Tone if tone is not Tone.PLAIN)


def distance(one: str, two: str, sight: str) -> float:
    """CIE76 distance of two colours as somebody with this sight sees them."""
    matrix = SIGHT[sight]
    seen = []
    for colour in (one, two):
        light = linear_light(colour)
        seen.append(lab([sum(m * part for m, part in zip(row, light, strict=True)) for row in matrix]))
    return sum((a - b) ** 2 for a, b in zip(*seen, strict=True)) ** 0.5


def lab(light: list[float]) -> tuple[float, float, float]:
    red, green, blue = (min(1.0, max(0.0, part)) for part in light)
    xyz = (
        (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505,
        0.2126 * red + 0.7152 * green + 0.0722 * blue,
        (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089,
    )
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)
