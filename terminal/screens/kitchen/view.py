"""What the kitchen's wall shows: pure, from tickets in order of sending."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from shared.kernel.instants import EPOCH
from shared.kernel.quantity import format_quantity
from shared.kitchen.queries import StationView, TicketLineView, TicketView
from shared.kitchen.records import TicketStatus
from shared.kitchen.rules import LATE_SECONDS, WARN_SECONDS
from terminal.screens.voice import Voice, extras_of, tells_of_allergy
from terminal.theme.palette import Tone
from terminal.widgets.ticket_card import CardWords, WallLine, WallTicket
from terminal.widgets.ticket_wall import AgeLimits, WallWords
from terminal.widgets.tile import Tile

LIMITS = AgeLimits(WARN_SECONDS, LATE_SECONDS)
MAX_RECALLED = 8
"""As many as there are number keys; older ones are history."""


def wall_words(voice: Voice) -> WallWords:
    """The wall's words."""
    texts = voice.texts
    names = ("new", "cooking", "warn", "late", "ready", "removed", "continued")
    card = CardWords(*(texts(f"kitchen.{name}") for name in names))
    return WallWords(card, texts("kitchen.more"), texts("kitchen.empty"))


def whole_seconds(instant: datetime) -> int:
    """The wall's clock: seconds since 1970."""
    return (instant - EPOCH).days * 86_400 + (instant - EPOCH).seconds


def of_station(tickets: Iterable[TicketView], station_id: UUID | None) -> tuple[TicketView, ...]:
    """The tickets of one station, or all."""
    return tuple(ticket for ticket in tickets if station_id in (None, ticket.station_id))


def wall_ticket(ticket: TicketView, voice: Voice) -> WallTicket:
    """A ticket as a cook reads it. An allergy in any note stands first, over the whole width."""
    notes = [ticket.notes, *(line.notes for line in ticket.lines)]
    alerts = [note for note in notes if tells_of_allergy(note)]
    recalled = voice.texts("kitchen.recalled") if ticket.recalled else ""
    said = [recalled, ticket.notes if ticket.notes not in alerts else ""]
    all_voided = bool(ticket.lines) and all(line.voided for line in ticket.lines)
    return WallTicket(
        id=ticket.id,
        number=ticket.number if ticket.part == 1 else f"{ticket.number}/{ticket.part}",
        place=voice.place(ticket.kind, ticket.table_name),
        sent_at_s=whole_seconds(ticket.fired_at),
        lines=tuple(_line(line) for line in ticket.lines),
        tone=Tone.VOID if all_voided else _TONES[ticket.status],
        alert=" · ".join(dict.fromkeys(alerts)),
        note=" · ".join(part for part in said if part),
    )


_TONES = {
    TicketStatus.FIRED: Tone.NEW,
    TicketStatus.STARTED: Tone.COOKING,
    TicketStatus.BUMPED: Tone.READY,
}


def all_day(tickets: Iterable[TicketView]) -> str:
    """How many of each dish wait, most first: `9 Ají de gallina · 4 Lomo saltado`."""
    totals: Counter[str] = Counter()
    for ticket in tickets:
        for line in (each for each in ticket.lines if not each.voided):
            totals[line.item_name] += line.quantity_milli
    ranked = sorted(totals.items(), key=lambda each: (-each[1], each[0]))
    return " · ".join(f"{format_quantity(quantity)} {name}" for name, quantity in ranked)


def recall_tiles(bumped: Sequence[TicketView], voice: Voice) -> tuple[Tile, ...]:
    """The last bumped tickets, newest first, each behind a number key."""
    return tuple(
        Tile(
            id=ticket.id,
            title=f"{ticket.number}  {voice.place(ticket.kind, ticket.table_name)}",
            detail=voice.age(ticket.bumped_at) if ticket.bumped_at else "",
            hint=str(at),
            word=_dishes(ticket),
        )
        for at, ticket in enumerate(bumped[:MAX_RECALLED], start=1)
    )


def next_station(stations: Sequence[StationView], station_id: UUID | None) -> UUID | None:
    """All stations, then one after the other, then all again."""
    ids: list[UUID | None] = [None, *(station.id for station in stations)]
    return ids[(ids.index(station_id) + 1) % len(ids)] if station_id in ids else None


def station_name(stations: Sequence[StationView], station_id: UUID | None, voice: Voice) -> str:
    """What the wall is limited to."""
    names = {station.id: station.name for station in stations}
    return names.get(station_id, "") if station_id else voice.texts("kitchen.all_stations")


def _line(line: TicketLineView) -> WallLine:
    extras = extras_of([(name, "") for name in line.modifiers], line.notes)
    return WallLine(format_quantity(line.quantity_milli), line.item_name, extras, removed=line.voided)


def _dishes(ticket: TicketView) -> str:
    return ", ".join(f"{format_quantity(line.quantity_milli)} {line.item_name}" for line in ticket.lines)
