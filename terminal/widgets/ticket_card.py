"""A kitchen ticket as a plain value, and how its card is drawn: the head changes with the age, the body does not."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache

from rich.segment import Segment

from terminal.theme.palette import Ink, Palette, Tone
from terminal.widgets.big_digits import SMALL_ROWS, big_rows, big_width
from terminal.widgets.extra import Extra, ExtraKind
from terminal.widgets.text_cells import fit, width_of, wrap

QUANTITY_WIDTH = 3
MAX_NAME_LINES = 8
MAX_NOTE_LINES = 40
"""More than the longest name and note need on the narrowest card: what a cook must read is never cut."""
CHIP_FRAME = 4
"""Cells of the glyph, the blanks around the text, and the blank before the card's edge."""
WIDEST_HEAD = "A88 88:88"
MOST_MINUTES_SHOWN = 99
"""An older ticket shows hours: it was forgotten."""

CardRow = tuple[Segment, ...]
CardRows = tuple[CardRow, ...]


@dataclass(frozen=True, slots=True)
class WallLine:
    """One dish on a ticket. The quantity is a formatted text.

    Attributes:
        take_off: what to do about a dish that is not wanted any more: `QUITAR 1`. Empty for all others.
        heading: it is no dish, and begins a block of what was added.
    """

    quantity: str
    name: str
    extras: tuple[Extra, ...] = ()
    done: bool = False
    take_off: str = ""
    heading: bool = False


@dataclass(frozen=True, slots=True)
class WallTicket:
    """One ticket. `sent_at_s` is in seconds of the clock of the wall's `tick`."""

    id: Hashable
    number: str
    place: str
    sent_at_s: int
    lines: tuple[WallLine, ...]
    tone: Tone = Tone.NEW
    """NEW or cooking; with age both become WARN and LATE. READY: bumped, and can be recalled."""
    alert: str = ""
    """An allergy. It takes the full width and is always first."""
    note: str = ""
    station: str = ""
    """Where it is made, on a wall of several stations."""
    warn_s: int = 0
    held: bool = False
    """A cook holds it: nobody begins it."""
    late_s: int = 0
    """From how many seconds on it warns and is late; 0: as the wall says."""


@dataclass(frozen=True, slots=True)
class CardWords:
    """Words of the card in the cook's language."""

    new: str
    cooking: str
    warn: str
    late: str
    ready: str
    changed: str
    continued: str
    """Shown on a card that continues the one before."""
    later: str = ""
    """Of an order for later, which nobody begins yet."""
    held: str = ""
    """Of a card that a cook holds."""

    def of(self, tone: Tone, *, held: bool = False) -> str:
        """The word of a tone; of what is held, whatever its tone."""
        if held and tone is Tone.PLAIN:
            return self.held
        words = {
            Tone.NEW: self.new,
            Tone.COOKING: self.cooking,
            Tone.WARN: self.warn,
            Tone.LATE: self.late,
            Tone.READY: self.ready,
            Tone.VOID: self.changed,
            Tone.PLAIN: self.later,
        }
        return words.get(tone, "")


def age_text(seconds: int) -> str:
    """Age as minutes and seconds (`7:05`), later as hours (`2h05`); never negative."""
    minutes, rest = divmod(max(0, seconds), 60)
    if minutes > MOST_MINUTES_SHOWN:
        return f"{minutes // 60}h{minutes % 60:02d}"
    return f"{minutes}:{rest:02d}"


@lru_cache(maxsize=512)
def small_head(key: str, ticket: WallTicket, tone: Tone, age: str, width: int, words: CardWords, ink: Ink) -> CardRows:
    """Two rows: key, number and place; word and age."""
    inner = max(0, width - 2)
    key_width = width_of(key) + 1 if key else 0
    number = min(width_of(ticket.number), max(0, inner - key_width))
    place = max(0, inner - key_width - number - 1)
    age_width = width_of(age)
    word = _word(tone, ticket, words)
    word = f"{word} {ticket.station}" if ticket.station else word
    return (
        (
            Segment(" " + fit(key, key_width), ink.quiet_style()),
            Segment(fit(ticket.number, number), ink.style(bold=True)),
            Segment(" " + fit(ticket.place, place, "right") + " ", ink.style(bold=True)),
        ),
        (
            Segment(" " + fit(word, max(0, inner - age_width - 1)) + " ", ink.style(bold=True)),
            Segment(fit(age, age_width) + " ", ink.style(bold=True)),
        ),
    )


@lru_cache(maxsize=512)
def big_head(key: str, ticket: WallTicket, tone: Tone, age: str, width: int, words: CardWords, ink: Ink) -> CardRows:
    """Four rows: key, place and word above; the number in big digits, and the age too on a card that is wide enough."""
    inner = max(0, width - 2)
    key_width = width_of(key) + 1 if key else 0
    word = _word(tone, ticket, words)
    word_width = min(width_of(word), inner - key_width)
    if ticket.station and big_width(WIDEST_HEAD) <= inner:  # else it stands beside the number
        word_width = min(width_of(word) + 1 + width_of(ticket.station), max(word_width, inner // 2))
        word = fit(f"{word} {ticket.station}", word_width)
    place = max(0, inner - key_width - word_width - 1)
    number = big_rows(ticket.number) if big_width(ticket.number) <= inner else (ticket.number,) * SMALL_ROWS
    room = max(0, inner - width_of_block(number))
    # Judged by the widest age and number, so that all cards of a wall look alike.
    big_age = big_rows(age) if big_width(WIDEST_HEAD) <= inner else None
    beside = (ticket.station, age, "")
    rows: list[CardRow] = [
        (
            Segment(" " + fit(key, key_width), ink.quiet_style()),
            Segment(fit(ticket.place, place), ink.style(bold=True)),
            Segment(" " + fit(word, word_width) + " ", ink.style(bold=True)),
        ),
    ]
    for at in range(SMALL_ROWS):
        right = big_age[at].rjust(room) if big_age else fit(beside[at], room, "right")
        rows.append((Segment(" " + number[at], ink.style(bold=True)), Segment(right + " ", ink.style(bold=True))))
    return tuple(rows)


def _word(tone: Tone, ticket: WallTicket, words: CardWords) -> str:
    """The word of a tone behind its glyph."""
    return f"{tone.glyph} {words.of(tone, held=ticket.held)}"


def width_of_block(rows: tuple[str, ...]) -> int:
    """How wide a block of drawn rows is."""
    return max((len(row) for row in rows), default=0)


@lru_cache(maxsize=512)
def body_rows(ticket: WallTicket, width: int, words: CardWords, palette: Palette) -> CardRows:
    """The alert, the note and every line with its extras; as many rows as it takes."""
    rows: list[CardRow] = []
    for at, part in enumerate(wrap(ticket.alert, width - 4, MAX_NOTE_LINES)):
        mark = " ! " if at == 0 else "   "
        rows.append((Segment(mark + fit(part, width - 3), palette.alert.style(bold=True)),))
    for line in ticket.lines:
        rows.extend(_line_rows(line, width, palette))
    for at, part in enumerate(wrap(ticket.note, width - 4, MAX_NOTE_LINES)):
        mark = " » " if at == 0 else "   "
        rows.append((Segment(mark + fit(part, width - 3), palette.warn.style(bold=True)),))
    return tuple(rows)


def _line_rows(line: WallLine, width: int, palette: Palette) -> list[CardRow]:
    panel = palette.panel
    if line.heading:
        return [(Segment(" " + fit(f"+ {line.name}", width - 2) + " ", palette.new.style(bold=True)),)]
    quantity = max(QUANTITY_WIDTH, width_of(line.quantity) + 1)
    room = max(1, width - quantity - 2)
    over = line.done or bool(line.take_off)
    style = panel.quiet_style(strike=bool(line.take_off)) if over else panel.style(bold=True)
    counted = panel.quiet_style() if over else panel.style(bold=True)
    mark = "✓" if line.done else line.quantity
    rows: list[CardRow] = []
    for at, part in enumerate(wrap(line.name, room, MAX_NAME_LINES)):
        length = width_of(part)
        rows.append(
            (
                Segment(" " + fit(mark if at == 0 else "", quantity), counted),
                Segment(fit(part, length), style),
                Segment(" " * (width - 1 - quantity - length), panel.style()),
            )
        )
    if line.take_off:
        rows.append(_chip(Tone.VOID.glyph, line.take_off, quantity + 1, width, palette.alert, palette))
    elif not line.done:
        for extra in line.extras:
            rows.extend(_extra_rows(extra, quantity + 1, width, palette))
    return rows


def _extra_rows(extra: Extra, indent: int, width: int, palette: Palette) -> list[CardRow]:
    inks = {
        ExtraKind.WITH: palette.modifier,
        ExtraKind.CHOICE: palette.modifier,
        ExtraKind.WITHOUT: palette.without,
        ExtraKind.NOTE: palette.warn,
        ExtraKind.USUAL: palette.off,
    }
    return [
        _chip(extra.kind.glyph if at == 0 else " ", part, indent, width, inks[extra.kind], palette)
        for at, part in enumerate(wrap(extra.text, max(1, width - indent - CHIP_FRAME), MAX_NOTE_LINES))
    ]


def _chip(glyph: str, text: str, indent: int, width: int, ink: Ink, palette: Palette) -> CardRow:
    """Indented text on its own ground, behind a glyph."""
    length = min(width_of(text), max(0, width - indent - CHIP_FRAME))
    blank = palette.panel.style()
    return (
        Segment(" " * indent, blank),
        Segment(f"{glyph} {fit(text, length)} ", ink.style(bold=True)),
        Segment(" " * max(0, width - indent - length - 3), blank),
    )
