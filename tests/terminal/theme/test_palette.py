from __future__ import annotations

import itertools

import pytest
from rich._palettes import STANDARD_PALETTE
from rich.color import Color, ColorSystem

from terminal.theme.ability import Colours
from terminal.theme.palette import (
    CONTRAST,
    LEAST_CONTRAST,
    LEAST_HIGH_CONTRAST,
    SAFE,
    Ink,
    Palette,
    Tone,
    contrast,
    linear_light,
)
from terminal.theme.palettes16 import GROUNDS
from terminal.theme.wardrobe import PALETTES, Look, palette_for

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

SIXTEEN_FOR = {palette_for(look).name: palette_for(look, Colours.SIXTEEN) for look in Look}
INKS = [
    pytest.param(ink, id=f"{palette.name}-{role}")
    for palette in PALETTES.values()
    for role, ink in palette.inks().items()
]
EACH_PALETTE = pytest.mark.parametrize("palette", PALETTES.values(), ids=list(PALETTES))
OF_SIXTEEN = [palette for palette in PALETTES.values() if palette.name.endswith("-16")]
EACH_OF_SIXTEEN = pytest.mark.parametrize("palette", OF_SIXTEEN, ids=lambda palette: palette.name)
EACH_FULL = pytest.mark.parametrize(
    "palette", [palette for palette in PALETTES.values() if palette not in OF_SIXTEEN], ids=lambda palette: palette.name
)


@pytest.mark.parametrize("ink", INKS)
def test_text_can_be_read_on_its_ground(ink: Ink) -> None:
    assert contrast(ink.text, ink.ground) >= LEAST_CONTRAST
    assert contrast(ink.quiet, ink.ground) >= LEAST_CONTRAST


@EACH_PALETTE
def test_colours_of_text_on_panel_and_field_can_be_read(palette: Palette) -> None:
    assert contrast(palette.fresh, palette.panel.ground) >= LEAST_CONTRAST
    assert contrast(palette.accent, palette.field.ground) >= LEAST_CONTRAST


@pytest.mark.parametrize("sight", SIGHT)
@EACH_FULL
def test_states_stay_apart_for_every_sight(palette: Palette, sight: str) -> None:
    grounds = {state: palette.inks()[state].ground for state in STATES}
    near = {
        pair: distance(grounds[pair[0]], grounds[pair[1]], sight)
        for pair in itertools.combinations(grounds, 2)
        if distance(grounds[pair[0]], grounds[pair[1]], sight) < LEAST_DISTANCE
    }
    assert near == {}


@pytest.mark.parametrize("sight", SIGHT)
def test_the_palette_for_the_colour_blind_keeps_states_further_apart(sight: str) -> None:
    grounds = [SAFE.inks()[state].ground for state in STATES]
    assert min(distance(*pair, sight) for pair in itertools.combinations(grounds, 2)) > 30


def test_the_palette_for_weak_eyes_has_no_faint_text() -> None:
    faint = {
        role: ink
        for role, ink in CONTRAST.inks().items()
        if min(contrast(ink.text, ink.ground), contrast(ink.quiet, ink.ground)) < LEAST_HIGH_CONTRAST
    }
    assert faint == {}


@EACH_OF_SIXTEEN
def test_sixteen_colours_are_the_terminals_own_with_grounds_that_a_console_has(palette: Palette) -> None:
    own = {f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in STANDARD_PALETTE._colors}
    inks = palette.inks().values()
    assert {ink.ground for ink in inks} <= GROUNDS
    assert {colour for ink in inks for colour in (ink.ground, ink.text, ink.quiet)} <= own
    assert {*palette.hues, palette.accent, palette.rule, palette.fresh} <= own


@EACH_OF_SIXTEEN
def test_each_state_has_a_ground_of_its_own_in_sixteen_colours(palette: Palette) -> None:
    assert len({palette.inks()[state].ground for state in STATES}) == len(STATES)


@EACH_PALETTE
@pytest.mark.parametrize("system", [ColorSystem.STANDARD, ColorSystem.EIGHT_BIT], ids=["16", "256"])
def test_what_must_be_told_apart_is(palette: Palette, system: ColorSystem) -> None:
    if system is ColorSystem.STANDARD and palette not in OF_SIXTEEN:
        palette = SIXTEEN_FOR[palette.name]

    def ground(role: str) -> int | None:
        return Color.parse(palette.inks()[role].ground).downgrade(system).number

    assert ground("key") != ground("off"), "a dead key is duller than a live one"
    assert ground("tile") != ground("page"), "a tile can be seen"
    assert ground("cursor") not in {ground("tile"), ground("panel"), ground("page")}, "the cursor can be seen"
    assert ground("pressed") != ground("field"), "and that of the line"
    assert ground("selected") not in {ground("tile"), ground("page")}
    assert ground("lead") != ground("key")


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
