"""The kitchen's wall of tickets, drawn as one widget: oldest first, one key for each. A clock repaints only itself.

The screen gives it tickets in order of sending (`show`) and the time once a second (`tick`), and decides what a picked
ticket means. A ticket too long for its card continues on the next one. Only whole tickets are hidden; the foot counts
and names them, and `turn` shows them.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual.message import Message

from terminal.theme.palette import Ink, Tone
from terminal.widgets.line_widget import Row, TapWidget
from terminal.widgets.text_cells import fit, width_of, wrap
from terminal.widgets.ticket_card import (
    CardRow,
    CardRows,
    WallTicket,
    age_text,
    big_head,
    body_rows,
    small_head,
)
from terminal.widgets.wall_layout import AgeLimits, Card, WallWords, lay_out

LEAST_CARD_WIDTH = 23
"""Cells in which a dish's name of two words and a modifier still read well."""
MOST_COLUMNS = 4
"""More columns than this need names cut; a wide screen is better given larger cells."""
BIG_HEAD_HEIGHT = 32
"""Walls from this height on show numbers in big digits; lower ones belong to screens whose cells are large."""
SMALL_HEAD, BIG_HEAD = 2, 4
"""Rows of a card's head."""
KEYS = "123456789"
"""Keys of cards: a ticket beyond them shows the key that turns to it, and can be tapped."""
MAX_KEYS = len(KEYS)
MOST_SENTENCE_ROWS = 3
"""Rows of the cards that a sentence covers for its seconds, where it has no room at the foot."""
FOOT_BLANKS = 4
"""Blanks around the two parts of the foot."""
MARK = "▶"
"""Marks a card, so that colour is not the only sign."""
_HIDDEN = "hidden"
"""What a tap at the foot means; no ticket has this id."""


class TicketWall(TapWidget):
    """Cards in columns, each as high as its ticket; posts `Picked` for a tap and, through `press`, for keys 1 to 9."""

    DEFAULT_CSS = """
    TicketWall { width: 1fr; height: 1fr; }
    """

    @dataclass
    class Picked(Message):
        """A ticket was tapped, or its key pressed."""

        wall: TicketWall
        ticket_id: Hashable

        @property
        def control(self) -> TicketWall:
            """The wall, for `@on(TicketWall.Picked, "#wall")`."""
            return self.wall

    @dataclass
    class Turned(Message):
        """The count of hidden tickets was tapped."""

        wall: TicketWall

        @property
        def control(self) -> TicketWall:
            """The wall, for `@on(TicketWall.Turned, "#wall")`."""
            return self.wall

    def __init__(
        self,
        words: WallWords,
        *,
        limits: AgeLimits | None = None,
        columns: int | None = None,
        id: str | None = None,  # noqa: A002 Textual's own name
        classes: str | None = None,
    ) -> None:
        """Make a wall.

        Args:
            words: its words.
            limits: when tickets warn and are late.
            columns: cards side by side; as many as fit, at most four, if not given.
            id: Textual's id.
            classes: Textual's classes.

        Attributes:
            blinks: whether heads of late tickets blink: by the second, so that every terminal can.
        """
        super().__init__(id=id, classes=classes)
        self.blinks = False
        self._words, self._limits = words, limits or AgeLimits()
        self._columns = columns
        self._tickets: Sequence[WallTicket] = ()
        self._now_s = 0
        self._note = ""
        self._told: tuple[str, Tone] = ("", Tone.PLAIN)
        self._marked: Hashable | None = None
        self._first = 0
        self._aside = 0
        self._keys: dict[Hashable, str] = {}
        self._later_keys: dict[Hashable, str] = {}
        self._layouts: dict[Hashable, list[Card]] = {}

    # What is shown

    def show(self, tickets: Sequence[WallTicket], *, note: str = "", aside: int = 0) -> None:
        """Show these tickets in this order; the note stands at the foot, for the day's totals.

        A later page stays where it is while its first ticket waits; the first page always begins with the oldest.

        Args:
            aside: so many more wait, and have no place on any page.
        """
        if self._first:
            first, ids = self._tickets[self._first].id, [ticket.id for ticket in tickets]
            self._first = ids.index(first) if first in ids else min(self._first, max(0, len(ids) - 1))
        self._tickets, self._note, self._aside = tickets, note, aside
        self._layouts.clear()
        standing = {ticket.id for ticket in tickets}
        for keys in (self._keys, self._later_keys):
            for each in [each for each in keys if each not in standing]:
                del keys[each]
        self.redraw()

    def tell(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Say something at the foot in place of the note, until it is told an empty text."""
        self._told = (text, tone)
        self.redraw()

    def turn(self, by: int = 1) -> None:
        """Show the next page of tickets, or the one before. After the last comes the first."""
        starts = self._page_starts()
        at = max(index for index, start in enumerate(starts) if start <= self._first)
        self._first = starts[(at + by) % len(starts)]
        self._later_keys.clear()
        self.redraw()

    def begin_anew(self) -> None:
        """Show something else: its oldest tickets first, and keys in their order."""
        self._first = 0
        self._keys = {}

    def use_keys(self, keys: dict[Hashable, str]) -> None:
        """Keep the keys of the first page in this dictionary: they outlive the widget."""
        self._keys = keys

    def turn_to_oldest(self) -> None:
        """Show the first page."""
        self._first = 0
        self.redraw()

    def tick(self, now_s: int) -> None:
        """The time, in whole seconds of the tickets' clock; cells that do not change are not repainted."""
        self._now_s = now_s
        self.redraw()

    def mark(self, ticket_id: Hashable | None) -> None:
        """Frame one ticket, or none."""
        self._marked = ticket_id
        self.redraw()

    @property
    def shows_oldest(self) -> bool:
        """Whether the first page is on view."""
        return not self._first

    @property
    def shown_ids(self) -> tuple[Hashable, ...]:
        """The tickets that have a card, oldest first."""
        return tuple(dict.fromkeys(card.ticket.id for card in self._cards()))

    @property
    def hidden_count(self) -> int:
        """How many tickets wait without a card."""
        return len(self._tickets) - len(self.shown_ids) + self._aside

    # Keys and fingers

    def key_of(self, ticket_id: Hashable) -> str:
        """The key of a ticket; empty if it has none now. It keeps it while it stands on the wall."""
        return self._assigned().get(ticket_id, "")

    def id_of(self, key: str) -> Hashable | None:
        """The ticket behind a key."""
        return next((ticket_id for ticket_id, own in self._assigned().items() if own == key), None)

    def press(self, key: str) -> bool:
        """Pick the ticket with this key; False if there is none."""
        found = self.id_of(key)
        if found is not None:
            self.post_message(self.Picked(self, found))
        return found is not None

    def target_at(self, x: int, y: int) -> Hashable | None:
        """The ticket at or nearest to these cells; the gap below a card is its own. At the foot, the hidden tickets."""
        if y >= self.size.height - 1:
            return _HIDDEN if self.hidden_count else None
        column = min(x // (self._card_width() + 1), self._column_count() - 1)
        for card in self._cards():
            if card.column == column and card.top <= y <= card.top + card.head + card.body_height:
                return card.ticket.id
        return None

    def tapped(self, target: Hashable) -> None:
        """Say which ticket it was, or that the hidden ones are wanted."""
        self.post_message(self.Turned(self) if target == _HIDDEN else self.Picked(self, target))

    # Geometry

    def _column_count(self) -> int:
        return self._columns or max(1, min(MOST_COLUMNS, (self.size.width + 1) // (LEAST_CARD_WIDTH + 1)))

    def _card_width(self) -> int:
        return max(1, (self.size.width + 1) // self._column_count() - 1)

    def _head_height(self) -> int:
        """Big digits stand only on a wall that has room for all its tickets with them."""
        if self.size.height < BIG_HEAD_HEIGHT:
            return SMALL_HEAD
        shown = {card.ticket.id for card in self._layout(0, BIG_HEAD)}
        return BIG_HEAD if len(shown) == len(self._tickets) else SMALL_HEAD

    def _body_height(self, ticket: WallTicket) -> int:
        return max(1, len(body_rows(ticket, self._card_width(), self._words.card, self.palette)))

    def _page_starts(self) -> list[int]:
        """Where each page begins among the tickets: a page ends where there is no room, or no key."""
        starts, head = [0], self._head_height()
        while True:
            shown = len({card.ticket.id for card in self._layout(starts[-1], head)})
            following = starts[-1] + min(shown, MAX_KEYS)
            if not shown or following >= len(self._tickets):
                return starts
            starts.append(following)

    def _cards(self) -> list[Card]:
        """The cards of the page on view."""
        return self._layout(self._first, self._head_height())

    def _assigned(self) -> dict[Hashable, str]:
        """The keys of the cards on view: each keeps its own, one that is new takes the lowest that is free."""
        own, shown = self._later_keys if self._first else self._keys, self.shown_ids
        taken: dict[Hashable, str] = {}
        for ticket_id in shown:
            key = own.get(ticket_id, "")
            if key and key not in taken.values():
                taken[ticket_id] = key
        free = [key for key in KEYS if key not in taken.values()]
        for ticket_id in shown:
            if ticket_id not in taken and free:
                taken[ticket_id] = free.pop(0)
        # A ticket that is hidden meanwhile does not take its key back from the card that has it now.
        used = set(taken.values())
        kept = {each: key for each, key in own.items() if key not in used}
        own.clear()
        own.update(kept | taken)
        return taken

    def _layout(self, first_ticket: int, head: int) -> list[Card]:
        """The cards of a page, laid out once for a size: a second that passes moves none."""
        of = (first_ticket, head, self.size, self.palette.name)
        if of not in self._layouts:
            height = max(1, self.size.height - 1)
            tickets = ((ticket, self._body_height(ticket)) for ticket in self._tickets[first_ticket:])
            self._layouts[of] = lay_out(tickets, self._column_count(), height, head)
        return self._layouts[of]

    # Drawing

    def draw(self, width: int, height: int) -> list[Row]:
        """The cards, and one row at the foot."""
        cards = self._cards()
        if not cards:
            return self._empty(width, height)
        card_width, page = self._card_width(), self.palette.page.style()
        blank: CardRow = (Segment(" " * card_width, page),)
        columns = [[blank] * (height - 1) for _ in range(self._column_count())]
        keys = self._assigned()
        later = f"{self._words.turn_key}▸" if self._words.turn_key else ""
        for card in cards:
            rows = self._card(card, keys.get(card.ticket.id, later), card_width)[: height - 1 - card.top]
            columns[card.column][card.top : card.top + len(rows)] = rows
        gap = Segment(" ", page)
        lines: list[Row] = []
        for across in zip(*columns, strict=True):
            line: Row = []
            for row in across:
                line.extend((*row, gap))
            lines.append(line[:-1])
        return self._with_foot(lines, width)

    def _with_foot(self, lines: list[Row], width: int) -> list[Row]:
        sentence = self._sentence_rows(width)[: len(lines)]
        return [*lines[: len(lines) - len(sentence)], *sentence, self._foot(width)]

    def _empty(self, width: int, height: int) -> list[Row]:
        text = Segment(fit(f"{Tone.READY.glyph} {self._words.empty}", width, "center"), self.palette.page.quiet_style())
        lines: list[Row] = [[] for _ in range(height - 1)]
        if lines:
            lines[(height - 1) // 2] = [text]
        return self._with_foot(lines, width)

    def _foot(self, width: int) -> Row:
        """The hidden tickets, then what is told, else the note."""
        text, tone = self._told
        note, ink = (text, self.palette.tone(tone)) if text and tone is not Tone.PLAIN else (text or self._note, None)
        sentence = self._sentence_rows(width)
        note, ink = (self._note, None) if sentence else (note, ink)
        left = self._hidden(width, max(width // 2, width - width_of(note) - FOOT_BLANKS))
        taken = sum(segment.cell_length for segment in left)
        room = max(0, width - taken - 2)
        glyph = f"{tone.glyph} " if ink else ""
        return [*left, Segment(" " + fit(glyph + note, room) + " ", (ink or self.palette.bar).style(bold=bool(text)))]

    def _sentence_rows(self, width: int) -> list[Row]:
        """What is told, over the last rows of the cards for as long as it stands, where the foot has no room for it."""
        text, tone = self._told
        glyph = f"{tone.glyph} " if tone is not Tone.PLAIN else ""
        room = width - sum(segment.cell_length for segment in self._hidden(width, width // 2)) - FOOT_BLANKS
        if width_of(glyph + text) <= room:
            return []
        ink = self.palette.bar if tone is Tone.PLAIN else self.palette.tone(tone)
        parts = wrap(glyph + text, width - 2, MOST_SENTENCE_ROWS)
        return [[Segment(f" {fit(part, width - 2)} ", ink.style(bold=True))] for part in parts]

    def _hidden(self, width: int, room: int) -> Row:
        """How many tickets have no card, the key that shows them, and as many of their numbers as there is room for.

        What was taken back or changed is named first, then what has an alert: nobody turns the page to look for it.
        """
        shown = set(self.shown_ids)
        turned = (*self._tickets[self._first :], *self._tickets[: self._first])
        hidden = sorted((ticket for ticket in turned if ticket.id not in shown), key=_urgency)
        aside = self._words.aside.format(count=self._aside) if self._aside else ""
        aside = f"{self._words.aside_key} ▶ {aside}" if aside else ""
        if not hidden:
            return (
                [Segment(f" {fit(aside, min(width_of(aside), width - 2))} ", self.palette.warn.style())]
                if aside
                else []
            )
        room -= width_of(aside) + 2 if aside else 0
        text = " ".join(filter(None, (self._words.turn_key, "▶", self._words.more.format(count=len(hidden)))))
        for at, ticket in enumerate(hidden):
            sign = "!" if _urgency(ticket) == 1 else self._tone(ticket).glyph
            named = f"{text}{' ·' if at else ':'} {sign} {ticket.number}"
            must = at == 0 and ticket.tone is Tone.VOID
            if width_of(named) + (FOOT_BLANKS if at < len(hidden) - 1 else 0) > room and not must:
                text += " …"
                break
            text = named
        text = f"{text}  {aside}" if aside else text
        changed = any(ticket.tone is Tone.VOID for ticket in hidden)
        ink = self.palette.alert if changed else self.palette.warn
        return [Segment(f" {fit(text, min(width_of(text), width - 2))} ", ink.style(bold=True))]

    def _tone(self, ticket: WallTicket) -> Tone:
        return self._limits.tone(ticket, self._now_s - ticket.sent_at_s)

    def _card(self, card: Card, key: str, width: int) -> list[CardRow]:
        tone = self._tone(card.ticket)
        ink = self._head_ink(card, tone)
        age, words = age_text(self._now_s - card.ticket.sent_at_s), self._words.card
        if card.first_row:
            head = self._continued(card, key, width, ink)
        elif card.head == BIG_HEAD:
            head = big_head(key, card.ticket, tone, age, width, words, ink)
        else:
            head = small_head(key, card.ticket, tone, age, width, words, ink)
        if card.ticket.id == self._marked:
            head = ((_marked(head[0][0]), *head[0][1:]), *head[1:])
        whole = body_rows(card.ticket, width, words, self.palette)
        body = list(whole[card.first_row : card.first_row + card.body_height])
        if card.cut:
            body[-1:] = [(Segment(" " + fit(f"▼ {words.continued}", width - 1), self.palette.alert.style(bold=True)),)]
        return [*head, *body, (Segment("▀" * width, self.palette.panel.edge(self.palette.page)),)]

    def _continued(self, card: Card, key: str, width: int, ink: Ink) -> CardRows:
        blank: CardRow = (Segment(" " * width, ink.style()),)
        text = f"{key} {card.ticket.number} {self._words.card.continued}"
        row: CardRow = (Segment(" " + fit(text, width - 2) + " ", ink.style(bold=True)),)
        return (row, *(blank for _ in range(card.head - 1)))

    def _head_ink(self, card: Card, tone: Tone) -> Ink:
        if card.ticket.id == self.pressed:
            return self.palette.pressed
        if card.ticket.id == self._marked:
            return self.palette.selected
        if self.blinks and tone is Tone.LATE and self._now_s % 2:
            return self.palette.panel
        # What is to be taken off a stove must not look like what is over and done with.
        return self.palette.alert if tone is Tone.VOID else self.palette.tone(tone)


def _urgency(ticket: WallTicket) -> int:
    return 0 if ticket.tone is Tone.VOID else 1 if ticket.alert else 2


def _marked(first: Segment) -> Segment:
    """The first segment of a marked card's head: it shows the mark in place of its leading blank."""
    return Segment(MARK + first.text[1:], first.style)
