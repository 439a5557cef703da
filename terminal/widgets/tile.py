"""A tile as a plain value, and how it is drawn: for dishes, categories, tables, modifiers and tenders."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style

from terminal.theme.palette import Ink, Palette, Tone
from terminal.widgets.big_digits import big_rows, big_width, figure_and_sign
from terminal.widgets.text_cells import fit, width_of, wrap

EDGE = "▄"
"""Upper edge of a tile. It leaves half a row of gap to the tile above."""
BARE_HEIGHT = 2
"""Height of an edge and one row for everything."""
LEAST_BODIED_HEIGHT = 3
"""A higher tile has rows besides its edge and the first line of its title."""
WORDED_HEIGHT = 5
"""Height from which the tone's word has its own row."""
BIG_FIGURE_HEIGHT = 7
"""Height from which a tile shows its price in big digits, if it is wide enough."""
LEAST_BIG_FIGURE = 3
"""Characters from which a figure is a price: a number of seats does not shout."""
SELECTED = "◂"
"""Points at the title of a selected tile, in place of the badge, so that colour is not the only sign."""
_CALM = (Tone.PLAIN, Tone.COOKING)
"""Tones of what goes on by itself: a tile in one of them may be quiet or loud."""
LEAST_ROUND_WIDTH = 5
"""A narrower tile has no corners to cut."""
BAR = "▌"
"""The bar at the left of a tile, in its hue."""


@dataclass(frozen=True, slots=True)
class Tile:
    """Content of one tile. Texts are formatted. They may hold anything and are shown as plain cells."""

    id: Hashable
    title: str
    detail: str = ""
    """Bottom right: a price, an amount, seats."""
    hint: str = ""
    """Bottom left: the key or code that chooses the tile."""
    badge: str = ""
    """Top right: quantity in the order, minutes at the table."""
    word: str = ""
    """The word of the tone ("agotado", "ocupada"). It replaces the hint and follows the tone's glyph."""
    short_word: str = ""
    """The word where there is no room for all of it."""
    mark: str = ""
    """A letter for the state, in place of the tone's glyph."""
    tone: Tone = Tone.PLAIN
    hue: int | None = None
    """Index of the bar's hue in the palette. None draws no bar."""
    selected: bool = False
    enabled: bool = True
    """A disabled tile (sold out) is struck through and cannot be chosen."""
    short_hint: str = ""
    """The hint where there is no room for all of it beside the detail."""
    quiet: bool = False
    """Nothing happens there: it steps back behind the others. A free table."""
    loud: bool = False
    """Something goes on there: it stands out, also where its tone is plain. An occupied table."""
    round: bool = False
    """Its corners are cut: a round table on a plan."""
    empty: bool = False
    """Nothing is there: it holds its place, is not drawn, and cannot be pointed at."""


def empty_tile(at: int) -> Tile:
    """A place without a tile; `at` tells it apart."""
    return Tile(id=("empty", at), title="", enabled=False, empty=True)


class Look(StrEnum):
    """How a tile looks: as usual, under the cursor, or pressed."""

    RESTING = "resting"
    CURSOR = "cursor"
    PRESSED = "pressed"


@lru_cache(maxsize=4096)
def tile_rows(tile: Tile, width: int, height: int, look: Look, palette: Palette) -> tuple[tuple[Segment, ...], ...]:
    """Draw one tile: an upper edge, the title, and a foot if there are three rows or more."""
    if tile.empty:
        return ((Segment(" " * width, palette.page.style()),),) * height
    ink = _ink(tile, look, palette)
    if height <= 1:
        return (_single(tile, width, ink, palette),)
    edge = _edge(tile, width, ink, palette)
    if height == BARE_HEIGHT:
        return edge, _single(tile, width, ink, palette)
    # A tile with a body shows its tone only in its head: a full floor stays calm.
    toned = height > LEAST_BODIED_HEIGHT and ink is palette.tone(tile.tone)
    body = (palette.key if tile.loud else palette.tile) if toned else ink
    worded = bool(tile.word) and height >= WORDED_HEIGHT
    words = (_worded(tile, width, body, palette),) if worded else ()
    foot: tuple[tuple[Segment, ...], ...] = _big_foot(tile, width, height, body, palette)
    foot = foot or (_foot(tile, width, body, palette, worded=worded),)
    titles = _title(tile, width, height - 1 - len(words) - len(foot), (ink, body), palette)
    return edge, *titles, *words, *foot


def _ink(tile: Tile, look: Look, palette: Palette) -> Ink:
    if look is Look.PRESSED and tile.enabled:
        return palette.pressed
    if look is Look.CURSOR:
        return palette.cursor
    if not tile.enabled:
        return palette.off
    if tile.selected:
        return palette.selected
    if tile.tone in _CALM and tile.quiet:
        return palette.off
    return palette.key if tile.tone in _CALM and tile.loud else palette.tone(tile.tone)


def _edge(tile: Tile, width: int, ink: Ink, palette: Palette) -> tuple[Segment, ...]:
    if not tile.round or width < LEAST_ROUND_WIDTH:
        return (Segment(EDGE * width, _edge_style(tile, ink, palette)),)
    corner = Segment(" ", palette.page.style())
    return corner, Segment(EDGE * (width - 2), _edge_style(tile, ink, palette)), corner


def _edge_style(tile: Tile, ink: Ink, palette: Palette) -> Style:
    """A loud tile that goes on by itself has the edge in the hue of its state: an occupied table is seen from afar."""
    if tile.loud and tile.hue is not None and ink is palette.key:
        return palette.page.mark(palette.hues[tile.hue % len(palette.hues)])
    return ink.edge(palette.page)


def _lead(tile: Tile, ink: Ink, palette: Palette) -> Segment:
    if tile.hue is None or not tile.enabled or tile.selected or tile.tone not in _CALM:
        return Segment(" ", ink.style())
    return Segment(BAR, ink.mark(palette.hues[tile.hue % len(palette.hues)]))


def _title(tile: Tile, width: int, lines: int, inks: tuple[Ink, Ink], palette: Palette) -> list[tuple[Segment, ...]]:
    """The title's lines in the first ink with the badge at the right, then empty lines in the second."""
    head, body = inks
    inner = max(0, width - 2)
    badge = tile.badge or (SELECTED if tile.selected else "")
    badge_width = min(width_of(badge) + 1, inner) if badge else 0
    texts = wrap(tile.title, inner - badge_width, lines) or ("",)
    style = head.style(bold=True, strike=not tile.enabled)
    rows: list[tuple[Segment, ...]] = []
    for at, text in enumerate(texts):
        room = inner - (badge_width if at == 0 else 0)
        badged = [Segment(" " + fit(badge, badge_width - 1), head.style(bold=True))] if at == 0 and badge_width else []
        blank = Segment(" ", head.style())
        rows.append((_lead(tile, head, palette), *_written(text, room, style, head), *badged, blank))
    rows.extend(
        (_lead(tile, body, palette), Segment(" " * (width - 1), body.style())) for _ in range(lines - len(texts))
    )
    return rows


def _worded(tile: Tile, width: int, ink: Ink, palette: Palette) -> tuple[Segment, ...]:
    word = fit(_marked(tile, width - 1), width - 1)
    return _lead(tile, ink, palette), Segment(word, ink.style())


def _marked(tile: Tile, room: int) -> str:
    """The sign of the state with its word, or with the shorter one."""
    sign = tile.mark or tile.tone.glyph
    whole = f"{sign} {tile.word}"
    return f"{sign} {tile.short_word}" if tile.short_word and width_of(whole) > room else whole


def _written(text: str, room: int, style: Style, ink: Ink) -> list[Segment]:
    """The text in its style and the rest blank, so that a strike ends with the text."""
    length = min(width_of(text), room)
    return [Segment(fit(text, length), style), Segment(" " * (room - length), ink.style())]


def _foot(tile: Tile, width: int, ink: Ink, palette: Palette, *, worded: bool) -> tuple[Segment, ...]:
    inner = max(0, width - 2)
    word = "" if worded else tile.word
    left = _marked(tile, inner) if word else tile.hint
    if not word and tile.short_hint and width_of(tile.hint) + 1 + width_of(tile.detail) > inner:
        left = tile.short_hint
    right_width = min(width_of(tile.detail), inner)
    if word and right_width + 1 + width_of(left) > inner:
        right_width = 0
    left_width = inner - right_width - (1 if right_width < inner else 0) if right_width else inner
    return (
        _lead(tile, ink, palette),
        Segment(fit(left, left_width), ink.style() if word else ink.quiet_style()),
        Segment(" " * (inner - left_width - right_width), ink.style()),
        Segment(fit(tile.detail, right_width, "right"), ink.style()),
        Segment(" ", ink.style()),
    )


def _big_foot(tile: Tile, width: int, height: int, ink: Ink, palette: Palette) -> tuple[tuple[Segment, ...], ...]:
    """The price in big digits, with its sign and the hint at the left. Nothing without room or price.

    What has a state has none: what other tables owe is not for guests who read along.
    """
    figure, sign = figure_and_sign(tile.detail)
    left = width_of(sign if not tile.hint else max(sign, tile.hint, key=width_of)) + 1
    room = width - 2 - left
    if tile.word or height < BIG_FIGURE_HEIGHT or len(figure) < LEAST_BIG_FIGURE or not figure[-1].isdigit():
        return ()
    if big_width(figure) > room:
        return ()
    beside = ("", sign, tile.hint)
    return tuple(
        (
            _lead(tile, ink, palette),
            Segment(fit(beside[at], left), ink.quiet_style()),
            Segment(" " * (room - len(row)) + row + " ", ink.style()),
        )
        for at, row in enumerate(big_rows(figure))
    )


def _single(tile: Tile, width: int, ink: Ink, palette: Palette) -> tuple[Segment, ...]:
    inner = max(0, width - 2)
    right = tile.badge or (SELECTED if tile.selected else tile.detail)
    right_width = min(width_of(right) + 1, inner) if right else 0
    hint = tile.mark or tile.hint
    hint_width = min(width_of(hint) + 1, inner - right_width) if hint else 0
    room = inner - right_width - hint_width
    return (
        _lead(tile, ink, palette),
        Segment(fit(hint, hint_width), ink.quiet_style()),
        *_written(tile.title, room, ink.style(bold=True, strike=not tile.enabled), ink),
        Segment(fit(right, right_width, "right"), ink.quiet_style()),
        Segment(" ", ink.style()),
    )
