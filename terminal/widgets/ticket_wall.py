"""The kitchen's wall of tickets, drawn as one widget: oldest first, one key for each. A clock repaints only itself.

The screen gives it tickets in order of sending (`show`) and the time once a second (`tick`), and decides what a picked
ticket means. A ticket too long for its card continues on the next one. Only whole tickets are hidden, and counted.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

from rich.segment import Segment
from textual.message import Message

from terminal.theme.palette import Ink, Tone
from terminal.widgets.line_widget import Row, TapWidget
from terminal.widgets.text_cells import fit, width_of
from terminal.widgets.ticket_card import (
    CardRow,
    CardRows,
    CardWords,
    WallTicket,
    age_text,
    big_head,
    body_rows,
    small_head,
)

LEAST_CARD_WIDTH = 23
"""Cells in which a dish's name of two words and a modifier still read well."""
MOST_COLUMNS = 4
"""More columns than this need names cut; a wide screen is better given larger cells."""
BIG_HEAD_HEIGHT = 32
"""Walls from this height on show numbers in big digits; lower ones belong to screens whose cells are large."""
SMALL_HEAD, BIG_HEAD = 2, 4
"""Rows of a card's head."""
LEAST_PIECE = 4
"""Body rows that make it worth beginning a ticket that must be split anyway."""
MAX_KEYS = 8
"""Keys of a bump bar: a ticket beyond them has no key of its own yet, but can be tapped."""


@dataclass(frozen=True, slots=True)
class WallWords:
    """The wall's own words; `more` is formatted with `count`."""

    card: CardWords
    more: str
    empty: str


@dataclass(frozen=True, slots=True)
class AgeLimits:
    """From how many seconds on a ticket warns and is late."""

    warn_s: int = 600
    late_s: int = 900

    def tone(self, ticket: WallTicket, age_s: int) -> Tone:
        """The ticket's own tone until it has waited too long."""
        if ticket.tone not in (Tone.NEW, Tone.COOKING):
            return ticket.tone
        if age_s >= self.late_s:
            return Tone.LATE
        return Tone.WARN if age_s >= self.warn_s else ticket.tone


@dataclass(frozen=True, slots=True)
class _Card:
    """A piece of a ticket on the wall: its position, and which rows of the ticket's body it shows."""

    ticket: WallTicket
    key: str
    column: int
    top: int
    first_row: int
    body_height: int
    cut: bool = False
    """Not even the whole wall holds the rest of it."""


class TicketWall(TapWidget):
    """Cards in columns, each as high as its ticket; posts `Picked` for a tap and, through `press`, for keys 1 to 8."""

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
        """
        super().__init__(id=id, classes=classes)
        self._words, self._limits = words, limits or AgeLimits()
        self._columns = columns
        self._tickets: Sequence[WallTicket] = ()
        self._now_s = 0
        self._note = ""
        self._marked: Hashable | None = None

    # What is shown

    def show(self, tickets: Sequence[WallTicket], *, note: str = "") -> None:
        """Show these tickets in this order; the note stands at the foot, for the day's totals."""
        self._tickets, self._note = tickets, note
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
    def hidden_count(self) -> int:
        """How many tickets wait without a card."""
        shown = {card.ticket.id for card in self._cards()}
        return len(self._tickets) - len(shown)

    # Keys and fingers

    def press(self, key: str) -> bool:
        """Pick the ticket with this key; False if there is none."""
        for card in self._cards():
            if card.key == key:
                self.post_message(self.Picked(self, card.ticket.id))
                return True
        return False

    def target_at(self, x: int, y: int) -> Hashable | None:
        """The ticket at or nearest to these cells; the gap below a card is its own."""
        column = min(x // (self._card_width() + 1), self._column_count() - 1)
        for card in self._cards():
            if card.column == column and card.top <= y <= card.top + self._head_height() + card.body_height:
                return card.ticket.id
        return None

    def tapped(self, target: Hashable) -> None:
        """Say which ticket it was."""
        self.post_message(self.Picked(self, target))

    # Geometry

    def _column_count(self) -> int:
        return self._columns or max(1, min(MOST_COLUMNS, (self.size.width + 1) // (LEAST_CARD_WIDTH + 1)))

    def _card_width(self) -> int:
        return max(1, (self.size.width + 1) // self._column_count() - 1)

    def _head_height(self) -> int:
        return BIG_HEAD if self.size.height >= BIG_HEAD_HEIGHT else SMALL_HEAD

    def _body_height(self, ticket: WallTicket) -> int:
        return max(1, len(body_rows(ticket, self._card_width(), self._words.card, self.palette)))

    def _cards(self) -> list[_Card]:
        """Tickets down the columns, oldest first; one that does not fit below goes to the next column whole.

        Only a ticket longer than a column is split. The last one begun fits, or is the only one.
        """
        columns, height, head = self._column_count(), max(1, self.size.height - 1), self._head_height()
        cards: list[_Card] = []
        column, top = 0, 0
        for at, ticket in enumerate(self._tickets):
            rows = self._body_height(ticket)
            key = str(at + 1) if at < MAX_KEYS else ""
            whole = head + rows <= height
            if top and top + head + (rows if whole else LEAST_PIECE) > height:
                column, top = column + 1, 0
            pieces: list[_Card] = []
            first = 0
            while first < rows and column < columns:
                body = max(1, min(rows - first, height - top - head))
                pieces.append(_Card(ticket, key, column, top, first, body))
                first, top = first + body, top + head + body + 1
                if first < rows:
                    column, top = column + 1, 0
            if first < rows:
                if not cards and pieces:
                    cards = [*pieces[:-1], replace(pieces[-1], cut=True)]
                break
            cards.extend(pieces)
        return cards

    # Drawing

    def draw(self, width: int, height: int) -> list[Row]:
        """The cards, and one row at the foot."""
        cards = self._cards()
        if not cards:
            return self._empty(width, height)
        card_width, page = self._card_width(), self.palette.page.style()
        blank: CardRow = (Segment(" " * card_width, page),)
        columns = [[blank] * (height - 1) for _ in range(self._column_count())]
        for card in cards:
            rows = self._card(card, card_width)[: height - 1 - card.top]
            columns[card.column][card.top : card.top + len(rows)] = rows
        gap = Segment(" ", page)
        lines: list[Row] = []
        for across in zip(*columns, strict=True):
            line: Row = []
            for row in across:
                line.extend((*row, gap))
            lines.append(line[:-1])
        return [*lines, self._foot(width, len({card.ticket.id for card in cards}))]

    def _empty(self, width: int, height: int) -> list[Row]:
        text = Segment(fit(f"{Tone.READY.glyph} {self._words.empty}", width, "center"), self.palette.page.quiet_style())
        lines: list[Row] = [[] for _ in range(height - 1)]
        if lines:
            lines[(height - 1) // 2] = [text]
        return [*lines, self._foot(width, 0)]

    def _foot(self, width: int, shown: int) -> Row:
        bar, more = self.palette.bar, len(self._tickets) - shown
        left: Row = []
        if more:
            text = f"▶ {self._words.more.format(count=more)}"
            left = [Segment(f" {fit(text, min(width_of(text), width - 2))} ", self.palette.warn.style(bold=True))]
        taken = sum(segment.cell_length for segment in left)
        return [*left, Segment(" " + fit(self._note, max(0, width - taken - 2)) + " ", bar.style())]

    def _card(self, card: _Card, width: int) -> list[CardRow]:
        age_s = self._now_s - card.ticket.sent_at_s
        tone = self._limits.tone(card.ticket, age_s)
        ink = self._head_ink(card, tone)
        age, words = age_text(age_s), self._words.card
        if card.first_row:
            head = self._continued(card, width, ink)
        elif self._head_height() == BIG_HEAD:
            head = big_head(card.key, card.ticket, tone, age, width, words, ink)
        else:
            head = small_head(card.key, card.ticket, tone, age, width, words, ink)
        whole = body_rows(card.ticket, width, words, self.palette)
        body = list(whole[card.first_row : card.first_row + card.body_height])
        if card.cut:
            body[-1:] = [(Segment(" " + fit(f"▼ {words.continued}", width - 1), self.palette.alert.style(bold=True)),)]
        return [*head, *body, (Segment("▀" * width, self.palette.panel.edge(self.palette.page)),)]

    def _continued(self, card: _Card, width: int, ink: Ink) -> CardRows:
        blank: CardRow = (Segment(" " * width, ink.style()),)
        text = f"{card.key} {card.ticket.number} {self._words.card.continued}"
        row: CardRow = (Segment(" " + fit(text, width - 2) + " ", ink.style(bold=True)),)
        return (row, *(blank for _ in range(self._head_height() - 1)))

    def _head_ink(self, card: _Card, tone: Tone) -> Ink:
        if card.ticket.id == self.pressed:
            return self.palette.pressed
        if card.ticket.id == self._marked:
            return self.palette.selected
        return self.palette.tone(tone)
