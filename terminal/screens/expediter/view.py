"""What the expediter's wall shows: a card for each order, with the part of every station. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from uuid import UUID

from shared.kitchen.rules import tells_of_allergy
from shared.menu.weights import measure_text
from shared.orders.contacts import ContactView
from terminal.screens.course_words import seats_text
from terminal.screens.kitchen.view import whole_seconds
from terminal.screens.voice import Voice, extra_of
from terminal.theme.palette import Tone
from terminal.wall.passing import PassOrder, PassPart
from terminal.widgets.extra import Extra, ExtraKind
from terminal.widgets.ticket_card import WallLine, WallTicket


def pass_card(order: PassOrder, voice: Voice, contact: ContactView | None = None, later: str = "") -> WallTicket:
    """The card of an order: what is made is struck as done, what a station still makes stands out.

    Args:
        contact: whom it is for.
        later: what waits for its course.
    """
    texts = voice.texts
    name = contact.name if contact is not None and not order.table_name else ""
    guests = texts("kitchen.guests", count=order.guests) if order.guests and order.table_name else ""
    notes = [order.notes, *(each.line.notes for part in order.parts for each in part.lines)]
    promised = texts("order.promised", time=voice.clock(order.promised_at)) if order.promised_at else ""
    alerts = [texts("kitchen.rushed")] if order.rushed else []
    alerts += [note for note in notes if tells_of_allergy(note)]
    said = (promised, order.notes if order.notes not in alerts else "", later)
    return WallTicket(
        id=order.id,
        number=order.number,
        place=" · ".join(filter(None, (voice.place(order.kind, order.table_name), name, guests))),
        sent_at_s=whole_seconds(order.since),
        lines=tuple(line for part in order.parts for line in _part(part, voice)),
        tone=_tone(order),
        alert=" · ".join(dict.fromkeys(alerts)),
        note=" · ".join(filter(None, said)),
    )


def _tone(order: PassOrder) -> Tone:
    if order.is_complete:
        return Tone.READY
    if order.is_later:
        return Tone.PLAIN
    return Tone.COOKING if order.begun or order.is_ready else Tone.NEW


def _part(part: PassPart, voice: Voice) -> Iterator[WallLine]:
    name = part.station or voice.texts("expediter.no_station")
    done = voice.texts("expediter.part_ready", station=name) if part.is_ready else name
    yield WallLine("", done, heading=True)
    for each in part.lines:
        line = each.line
        extras: list[Extra] = [extra_of(modifier, 1, adds=modifier in line.additions) for modifier in line.modifiers]
        extras += [Extra(line.notes, ExtraKind.NOTE)] if line.notes else []
        extras += [Extra(seats_text(line.seats, voice.texts), ExtraKind.CHOICE)] if line.seats else []
        yield WallLine(measure_text(line.quantity_milli, line.unit), line.item_name, tuple(extras), done=each.is_ready)


def counts(orders: Mapping[UUID, PassOrder], voice: Voice) -> str:
    """How many orders stand at the pass, and how many of them are complete."""
    complete = sum(order.is_complete for order in orders.values())
    return voice.texts("expediter.counts", count=len(orders), complete=complete)
