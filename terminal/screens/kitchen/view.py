"""What the kitchen's wall shows: pure, from tickets in order of sending."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING
from uuid import UUID

from shared.kernel.ids import derived_id
from shared.kernel.instants import EPOCH
from shared.kitchen.held_queries import HeldDish
from shared.kitchen.rules import LATE_SECONDS, WARN_SECONDS, tells_of_allergy
from shared.kitchen.station_views import StationView
from shared.kitchen.ticket_views import TicketLineView, TicketState, TicketView
from shared.menu.weights import measure_text
from shared.orders.allergies import allergen_name, allergy_words, merged
from shared.orders.contacts import ContactView
from terminal.actions import Action, ScreenName, action_by_id
from terminal.screens.course_words import course_name, seats_text
from terminal.screens.kitchen.held_view import next_words
from terminal.screens.voice import Voice, extra_of
from terminal.theme.palette import Tone
from terminal.widgets.extra import Extra, ExtraKind
from terminal.widgets.ticket_card import CardWords, WallLine, WallTicket
from terminal.widgets.tile import Tile
from terminal.widgets.wall_layout import AgeLimits, WallWords

if TYPE_CHECKING:
    from shared.menu.rules import Menu

LIMITS = AgeLimits(WARN_SECONDS, LATE_SECONDS)
NO_NAMES: Mapping[int, str] = MappingProxyType({})
NOTHING_USUAL: Mapping[str, frozenset[str]] = MappingProxyType({})
MAX_RECALLED = 20
"""So many can be brought back from the list; older ones are history."""
MOST_DIGITS = 9
"""Rows that have a digit; arrows and a finger reach the others."""


def wall_words(voice: Voice, label_of: Callable[[Action], str] | None = None) -> WallWords:
    """The wall's words.

    Args:
        label_of: says the key of an action as this display names it.
    """
    texts = voice.texts
    names = ("new", "cooking", "warn", "late", "ready", "changed", "continued", "later", "held")
    card = CardWords(*(texts(f"kitchen.{name}") for name in names))
    label_of = label_of or (lambda action: action.key_label(texts))
    turn_key, aside_key = (label_of(action_by_id(ScreenName.KITCHEN, each)) for each in ("wall_on", "aside"))
    return WallWords(card, texts("kitchen.more"), texts("kitchen.empty"), turn_key, texts("kitchen.aside"), aside_key)


def whole_seconds(instant: datetime) -> int:
    """The wall's clock: seconds since 1970."""
    return (instant - EPOCH).days * 86_400 + (instant - EPOCH).seconds


def of_station(
    tickets: Iterable[TicketView], station_id: UUID | None, covered: Container[UUID] = ()
) -> tuple[TicketView, ...]:
    """The tickets of one station and of those that it covers, or all."""
    return tuple(each for each in tickets if station_id in (None, each.station_id) or each.station_id in covered)


def ticket_number(ticket: TicketView) -> str:
    """What its card says and people call out: `A-1`, and `A-1/3` for what was sent third."""
    return ticket.number if ticket.part == 1 else f"{ticket.number}/{ticket.part}"


def groups_of(tickets: Iterable[TicketView]) -> tuple[tuple[TicketView, ...], ...]:
    """The tickets as cards: what an order adds while its card stands is on that card, at its place."""
    found: dict[tuple[UUID, UUID], list[TicketView]] = {}
    for ticket in tickets:
        found.setdefault((ticket.order_id, ticket.station_id), []).append(ticket)
    return tuple(tuple(group) for group in found.values())


@lru_cache(maxsize=512)
def _card(order_id: UUID, station_id: UUID) -> UUID:
    return derived_id("card", order_id, station_id)


def card_id(ticket: TicketView) -> UUID:
    """The id of a ticket's card: an order at a station, whichever of its tickets is on the card."""
    return _card(ticket.order_id, ticket.station_id)


def wall_ticket(
    ticket: TicketView,
    voice: Voice,
    contact: ContactView | None = None,
    station: str = "",
    added: Sequence[TicketView] = (),
    limits: AgeLimits = LIMITS,
    usual: Mapping[str, frozenset[str]] = NOTHING_USUAL,
    own_station: str = "",
    courses: Mapping[int, str] = NO_NAMES,
    held: Iterable[HeldDish] = (),
) -> WallTicket:
    """A card as a cook reads it. An allergy in any note stands first, over the whole width.

    Args:
        contact: whom it is for; the name is called out with what is taken away.
        station: where it is made, on a wall of several stations.
        added: what the order added since, each a block of its own with its time.
        limits: when it warns and is late.
        usual: by dish the modifiers that nobody has to read twice (`usual_of`).
        own_station: the station from which it was transferred; empty if it was not.
        courses: what the house calls them.
        held: what waits and will be made here.
    """
    group = (ticket, *added)
    notes = [note for each in group for note in (each.notes, *(line.notes for line in each.lines))]
    alerts = [voice.texts("kitchen.rushed")] if any(each.rushed for each in group) else []
    if said_allergies := merged(allergy for each in group for allergy in each.allergies):
        alerts.append(voice.texts("kitchen.allergy", what=allergy_words(said_allergies, voice.texts)))
    alerts += filter(None, (_noted_since(each, voice) for each in group))
    alerts += [note for note in notes if tells_of_allergy(note) and not any(note in alert for alert in alerts)]
    recalled = voice.texts("kitchen.recalled") if ticket.recalled else ""
    promised = voice.texts("order.promised", time=voice.clock(ticket.promised_at)) if ticket.promised_at else ""
    is_held = all(each.is_held for each in group)
    tone = _tone(group)
    said = [
        voice.texts("kitchen.held") if is_held and tone is not Tone.PLAIN else "",
        course_name(ticket.course, courses, voice.texts) if ticket.course else "",
        recalled,
        voice.texts("kitchen.from_station", station=own_station) if own_station else "",
        promised,
        ticket.notes if not any(ticket.notes in alert for alert in alerts) else "",
        next_words(held, ticket.order_id, courses, voice),
    ]
    name = contact.name if contact is not None and not ticket.table_name else ""
    guests = voice.texts("kitchen.guests", count=ticket.guests) if ticket.guests and ticket.table_name else ""
    lines = list(_lines(ticket, voice, usual))
    if ticket.is_held and not is_held:
        lines.insert(0, WallLine("", voice.texts("kitchen.held"), heading=True))
    for each in added:
        at = voice.clock(each.fired_at if each.since is None else each.since)
        course = course_name(each.course, courses, voice.texts) if each.course else ""
        block = f"{course} {at}" if course else voice.texts("kitchen.added", time=at)
        block = f"{block} · {voice.texts('kitchen.held')}" if each.is_held and not is_held else block
        lines += [WallLine("", block, heading=True), *_lines(each, voice, usual)]
    return WallTicket(
        id=card_id(ticket),
        number=ticket_number(ticket),
        place=" · ".join(filter(None, (voice.place(ticket.kind, ticket.table_name), name, guests))),
        sent_at_s=whole_seconds(ticket.waits_since),
        lines=tuple(lines),
        tone=tone,
        alert=" · ".join(dict.fromkeys(alerts)),
        note=" · ".join(part for part in said if part),
        station=station,
        held=is_held,
        warn_s=limits.warn_s,
        late_s=limits.late_s,
    )


def _noted_since(ticket: TicketView, voice: Voice) -> str:
    """The note of the whole order, if it came after the ticket and nobody here has confirmed it."""
    if ticket.notes_before is None:
        return ""
    if not ticket.notes:
        return voice.texts("kitchen.note_gone", note=ticket.notes_before)
    return voice.texts("kitchen.noted_since", note=ticket.notes)


def _tone(group: Sequence[TicketView]) -> Tone:
    """How a card looks: what waits is plain, but for what is to be confirmed, and what was begun before its time."""
    state = _state(group)
    waits = all(each.is_held for each in group) or (group[0].is_later and state is TicketState.FIRED)
    return Tone.PLAIN if waits and state is not TicketState.CHANGED else _TONES[state]


def usual_of(menu: Menu) -> Mapping[str, frozenset[str]]:
    """By dish the modifiers that it has unless somebody says otherwise, and that cost nothing."""
    return {
        item.kitchen_name or item.name: frozenset(
            choice.kitchen_name or choice.name
            for group in item.modifier_groups
            for choice in group.choices
            if choice.default and not choice.price_delta_minor
        )
        for item in menu.items.values()
        if item.modifier_groups
    }


def limits_of(ticket: TicketView, stations: Iterable[StationView]) -> AgeLimits:
    """When a ticket warns and is late, as its station says for its kind of order."""
    station = next((each for each in stations if each.id == ticket.station_id), None)
    return LIMITS if station is None else AgeLimits(*station.limits(ticket.kind))


def _state(group: Sequence[TicketView]) -> TicketState:
    """The state of a card: what is to be confirmed before all else, then what nobody has begun."""
    states = {ticket.state for ticket in group}
    for state in (TicketState.CHANGED, TicketState.FIRED, TicketState.STARTED):
        if state in states:
            return state
    return TicketState.BUMPED


def _lines(ticket: TicketView, voice: Voice, usual: Mapping[str, frozenset[str]]) -> Iterator[WallLine]:
    """The lines of one sending; equal ones are one, with their sum."""
    merged: dict[Hashable, TicketLineView] = {}
    for line in ticket.lines:
        is_plain = not line.withdrawn_milli and line.to_make_milli in (0, line.quantity_milli)
        what = (line.item_name, line.modifiers, line.notes, line.unit, line.comes, bool(line.to_make_milli))
        key: Hashable = what if is_plain else line.id
        known = merged.get(key)
        merged[key] = line if known is None else _summed(known, line)
    for line in merged.values():
        yield from _wall_lines(line, voice, usual.get(line.item_name, frozenset()))


_TONES = {
    TicketState.FIRED: Tone.NEW,
    TicketState.STARTED: Tone.COOKING,
    TicketState.CHANGED: Tone.VOID,
    TicketState.BUMPED: Tone.READY,
}


def _summed(line: TicketLineView, equal: TicketLineView) -> TicketLineView:
    return replace(
        line,
        quantity_milli=line.quantity_milli + equal.quantity_milli,
        to_make_milli=line.to_make_milli + equal.to_make_milli,
        seats=tuple(sorted({*line.seats, *equal.seats})),
    )


def all_day(tickets: Iterable[TicketView], usual: Mapping[str, frozenset[str]] = NOTHING_USUAL) -> tuple[str, ...]:
    """How many of each dish wait, most first, and how many of them in another way: `5 Lomo saltado (1 Bien cocido)`.

    A modifier that all of them have, or that is usual, says nothing more than the dish.
    """
    totals: Counter[tuple[str, str]] = Counter()
    ways: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for ticket in tickets:
        for line in (each for each in ticket.lines if each.to_make_milli and not _waits(ticket)):
            totals[line.item_name, line.unit] += line.to_make_milli
            for modifier in set(line.modifiers) - usual.get(line.item_name, frozenset()):
                ways[line.item_name, line.unit][modifier] += line.to_make_milli
    ranked = sorted(totals.items(), key=lambda each: (-each[1], each[0]))
    return tuple(
        f"{measure_text(quantity, unit)} {name}{_ways(ways[name, unit], quantity, unit)}"
        for (name, unit), quantity in ranked
    )


def _waits(ticket: TicketView) -> bool:
    return ticket.is_held or (ticket.is_later and ticket.state is not TicketState.STARTED)


def _ways(ways: Counter[str], of_all: int, unit: str) -> str:
    some = sorted((-count, name) for name, count in ways.items() if count < of_all)
    named = ", ".join(f"{measure_text(-count, unit)} {name}" for count, name in some)
    return f" ({named})" if named else ""


def recall_tiles(bumped: Sequence[TicketView | None], voice: Voice) -> tuple[Tile, ...]:
    """The last bumped tickets, newest first, each behind a number key; a digit of None is nobody's."""
    return tuple(
        Tile(
            id=ticket.id,
            title=f"{ticket_number(ticket)} {dishes(ticket)}",
            detail=" · ".join(filter(None, (voice.place(ticket.kind, ticket.table_name), _bumped_ago(ticket, voice)))),
            hint=str(at) if at <= MOST_DIGITS else "",
        )
        for at, ticket in enumerate(bumped, start=1)
        if ticket is not None
    )


def next_station(stations: Sequence[StationView], station_id: UUID | None) -> UUID | None:
    """All stations, then one after the other, then all again."""
    ids: list[UUID | None] = [None, *(station.id for station in stations)]
    return ids[(ids.index(station_id) + 1) % len(ids)] if station_id in ids else None


def station_name(stations: Sequence[StationView], station_id: UUID | None, voice: Voice) -> str:
    """What the wall is limited to."""
    names = {station.id: station.name for station in stations}
    return names.get(station_id, "") if station_id else voice.texts("kitchen.all_stations")


def _wall_lines(line: TicketLineView, voice: Voice, usual: frozenset[str]) -> Iterator[WallLine]:
    """What is to be made of a line (or is made already), then what is not to be made any more, struck out."""
    chosen = Counter(line.modifiers).items()
    extras: tuple[Extra, ...] = ()
    if line.dangers:
        contains = ", ".join(allergen_name(code, voice.texts) for code in line.dangers)
        extras = (Extra(voice.texts("kitchen.contains", what=contains), ExtraKind.NOTE),)
    extras += tuple(
        Extra(name, ExtraKind.USUAL)
        if name in usual and count == 1
        else extra_of(name, count, adds=name in line.additions)
        for name, count in chosen
    )
    extras += (Extra(line.notes, ExtraKind.NOTE),) if line.notes else ()
    combo = voice.texts("order.of_combo", name=line.combo_name) if line.combo_name else ""
    extras += (Extra(combo, ExtraKind.USUAL),) if combo else ()
    extras += (Extra(seats_text(line.seats, voice.texts), ExtraKind.CHOICE),) if line.seats else ()
    if line.comes:
        yield WallLine(f"→{measure_text(line.quantity_milli, line.unit)}", line.item_name, extras)
    elif line.quantity_milli:
        shown = line.to_make_milli or line.quantity_milli
        yield WallLine(measure_text(shown, line.unit), line.item_name, extras, done=not line.to_make_milli)
    if line.withdrawn_milli:
        quantity = measure_text(line.withdrawn_milli, line.unit)
        take_off = voice.texts("kitchen.take_off", quantity=quantity)
        yield WallLine(quantity, line.item_name, extras, take_off=take_off)


def _bumped_ago(ticket: TicketView, voice: Voice) -> str:
    return voice.age(ticket.bumped_at) if ticket.bumped_at else ""


def dishes(ticket: TicketView) -> str:
    """What a ticket asks for: `2 Lomo saltado, 1 Causa limeña`."""
    return ", ".join(
        f"{measure_text(line.quantity_milli, line.unit)} {line.item_name}"
        for line in ticket.lines
        if line.quantity_milli
    )
