"""Where the tickets of a wall stand, when they are late, and the wall's words: plain values. Nothing is drawn here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from terminal.theme.palette import Tone
from terminal.widgets.ticket_card import CardWords, WallTicket

LEAST_PIECE = 4
"""Body rows that make it worth beginning a ticket that must be split anyway."""


@dataclass(frozen=True, slots=True)
class WallWords:
    """The wall's own words; `more` is formatted with `count`, `turn_key` names the key that shows hidden tickets.

    `aside` says how many have no place on any page (`count`), `aside_key` names the key that lists these.
    """

    card: CardWords
    more: str
    empty: str
    turn_key: str = ""
    aside: str = ""
    aside_key: str = ""


@dataclass(frozen=True, slots=True)
class AgeLimits:
    """From how many seconds on a ticket warns and is late."""

    warn_s: int = 600
    late_s: int = 900

    def tone(self, ticket: WallTicket, age_s: int) -> Tone:
        """The ticket's own tone until it has waited too long."""
        if ticket.tone not in (Tone.NEW, Tone.COOKING):
            return ticket.tone
        if age_s >= (ticket.late_s or self.late_s):
            return Tone.LATE
        return Tone.WARN if age_s >= (ticket.warn_s or self.warn_s) else ticket.tone


@dataclass(frozen=True, slots=True)
class Card:
    """A piece of a ticket on the wall: its position, and which rows of the ticket's body it shows."""

    ticket: WallTicket
    column: int
    top: int
    first_row: int
    body_height: int
    head: int
    cut: bool = False
    """Not even the whole wall holds the rest of it."""


def lay_out(tickets: Iterable[tuple[WallTicket, int]], columns: int, height: int, head: int) -> list[Card]:
    """Tickets down the columns, oldest first; one that does not fit below goes to the next column whole.

    Only a ticket longer than a column is split. The last one begun fits, or is the only one.

    Args:
        tickets: each with the rows of its body.
        height: rows of a column.
        head: rows of a card's head.
    """
    cards: list[Card] = []
    column, top = 0, 0
    for ticket, rows in tickets:
        whole = head + rows <= height
        if top and top + head + (rows if whole else LEAST_PIECE) > height:
            column, top = column + 1, 0
        pieces: list[Card] = []
        first = 0
        while first < rows and column < columns:
            body = max(1, min(rows - first, height - top - head))
            pieces.append(Card(ticket, column, top, first, body, head))
            first, top = first + body, top + head + body + 1
            if first < rows:
                column, top = column + 1, 0
        if first < rows:
            if not cards and pieces:
                cards = [*pieces[:-1], replace(pieces[-1], cut=True)]
            break
        cards.extend(pieces)
    return cards
