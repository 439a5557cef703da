"""The palettes for terminals of sixteen colours. Every colour is one of theirs, so nothing is approximated.

Grounds use the eight dark colours alone, since a Linux console has no others. A live key has a ground and a dead one
has none; areas differ by their ground, never by two shades of one colour.
"""

from __future__ import annotations

from dataclasses import replace

from terminal.theme.palette import Ink, Palette

BLACK, RED, GREEN, BROWN = "#000000", "#aa0000", "#00aa00", "#aa5500"
BLUE, MAGENTA, CYAN, GREY = "#0000aa", "#aa00aa", "#00aaaa", "#aaaaaa"
DIM, YELLOW, SKY, WHITE = "#555555", "#ffff55", "#55ffff", "#ffffff"
GROUNDS = frozenset({BLACK, RED, GREEN, BROWN, BLUE, MAGENTA, CYAN, GREY})
"""Colours that a ground may have."""

DARK16 = Palette(
    name="comanda-dark-16",
    dark=True,
    veil=0,
    frame="double",
    accent=YELLOW,
    rule=DIM,
    fresh=SKY,
    page=Ink(BLACK, WHITE, GREY),
    panel=Ink(BLACK, WHITE, GREY),
    bar=Ink(GREY, BLACK, BLUE),
    field=Ink(BLUE, WHITE, SKY),
    tile=Ink(BLUE, WHITE, SKY),
    off=Ink(BLACK, GREY, GREY),
    key=Ink(CYAN, BLACK, BLACK),
    cursor=Ink(GREY, BLACK, BLACK),
    selected=Ink(GREEN, BLACK, BLACK),
    lead=Ink(GREEN, BLACK, BLACK),
    pressed=Ink(GREY, BLACK, BLACK),
    modifier=Ink(BLUE, WHITE, SKY),
    without=Ink(GREY, BLACK, BLACK),
    alert=Ink(MAGENTA, WHITE, WHITE),
    new=Ink(CYAN, BLACK, BLACK),
    cooking=Ink(BLUE, WHITE, SKY),
    ready=Ink(GREEN, BLACK, BLACK),
    warn=Ink(BROWN, WHITE, WHITE),
    late=Ink(RED, WHITE, WHITE),
    void=Ink(GREY, BLACK, BLACK),
    hues=(YELLOW, SKY, "#55ff55", "#ff5555", "#ff55ff", WHITE, GREY, CYAN),
)
LIGHT16 = replace(
    DARK16,
    name="comanda-light-16",
    dark=False,
    accent=BLUE,
    rule=BLACK,
    fresh=BLUE,
    page=Ink(GREY, BLACK, BLUE),
    panel=Ink(GREY, BLACK, BLUE),
    bar=Ink(BLUE, WHITE, SKY),
    field=Ink(GREY, BLACK, BLUE),
    off=Ink(GREY, BLACK, BLACK),
    cursor=Ink(BLACK, WHITE, WHITE),
    pressed=Ink(BLACK, WHITE, WHITE),
    without=Ink(BLACK, WHITE, WHITE),
    void=Ink(BLACK, GREY, GREY),
)
CONTRAST16 = replace(
    DARK16,
    name="comanda-contrast-16",
    page=Ink(BLACK, WHITE, WHITE),
    panel=Ink(BLACK, WHITE, WHITE),
    bar=Ink(GREY, BLACK, BLACK),
    field=Ink(BLUE, WHITE, WHITE),
    tile=Ink(BLUE, WHITE, WHITE),
    rule=WHITE,
)
