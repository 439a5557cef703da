"""What a table is at a glance: a letter, a colour and a word, and since when. Pure, from its orders and reservations.

The letter stands beside the age, so that colour is never the only sign. What is wrong or waits too long comes before
what merely goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING
from uuid import UUID

from shared.reservations.records import ReservationKind
from shared.reservations.rules import clashing, keeps_table
from terminal.screens.spots import is_seated
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from shared.books.views import OrderView
    from shared.kitchen.ticket_views import TicketView
    from shared.reservations.queries import ReservationView

SEATED_TOO_LONG_MINUTES = 10
"""Guests who have not ordered after it look for a waiter."""
COOKING_TOO_LONG_MINUTES = 30
"""A dish that is not made after it is asked about by its guests."""
BILL_TOO_LONG_MINUTES = 10
"""Guests who asked for the bill want to go."""


class FloorState(StrEnum):
    """What a table is, in a word."""

    FREE = "free"
    RESERVED = "reserved"
    OUT_OF_SERVICE = "out_of_service"
    SEATED = "seated"
    ORDERED = "ordered"
    HELD = "held"
    READY = "ready"
    BILL = "bill"
    PAID = "paid"
    TOO_LONG = "too_long"
    WRONG = "wrong"


_PRESSING = (
    FloorState.WRONG,
    FloorState.TOO_LONG,
    FloorState.READY,
    FloorState.BILL,
    FloorState.PAID,
    FloorState.HELD,
    FloorState.ORDERED,
    FloorState.SEATED,
)
"""What somebody should act on first, of several orders at one table."""


def _none() -> Mapping[UUID, ReservationView]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Around:
    """What is known of tables besides their orders.

    Attributes:
        reserved: the reservation that keeps a table now.
        cooking_since: since when a station makes something of an order.
        clashing: the reservations whose table was promised twice.
    """

    reserved: Mapping[UUID, ReservationView] = field(default_factory=_none)
    cooking_since: Mapping[UUID, datetime] = field(default_factory=lambda: MappingProxyType({}))
    clashing: frozenset[UUID] = frozenset()


def around(reservations: Iterable[ReservationView], tickets: Iterable[TicketView], now: datetime) -> Around:
    """What reservations and the kitchen say of tables and orders."""
    booked = [each for each in reservations if each.is_open and each.kind is ReservationKind.BOOKED]
    reserved: dict[UUID, ReservationView] = {}
    for each in booked:
        if each.table_id is not None and keeps_table(each.at, now):
            reserved.setdefault(each.table_id, each)
    since: dict[UUID, datetime] = {}
    for ticket in tickets:
        if not ticket.is_later and any(line.to_make_milli for line in ticket.lines):
            since[ticket.order_id] = min(since.get(ticket.order_id, ticket.waits_since), ticket.waits_since)
    return Around(reserved, since, clashing(booked))


def waits_too_long(order: OrderView, voice: Voice, cooking_since: datetime | None) -> int | None:
    """For how many minutes guests have waited too long for us; None: they have not."""
    asked = [check.prebill.asked_at for check in order.owing if check.prebill is not None]
    waits = (
        (order.opened_at if is_seated(order) else None, SEATED_TOO_LONG_MINUTES),
        (cooking_since, COOKING_TOO_LONG_MINUTES),
        (min(asked, default=None), BILL_TOO_LONG_MINUTES),
    )
    minutes = [
        voice.seconds_since(since) // 60
        for since, most in waits
        if since is not None and voice.seconds_since(since) >= most * 60
    ]
    return max(minutes, default=None)


def state_of_order(order: OrderView, tone: Tone, *, is_called: bool, too_long: bool) -> FloorState:
    """What an order is, from what is known of it.

    Args:
        tone: of its state (`order_state`): whether something is wrong.
        is_called: whether something of it waits to be served.
        too_long: whether its guests wait too long.
    """
    if tone is Tone.LATE:
        return FloorState.WRONG
    if too_long:
        return FloorState.TOO_LONG
    if is_seated(order):
        return FloorState.SEATED
    if order.to_hand_over:
        return FloorState.PAID
    if is_called or tone is Tone.READY:
        return FloorState.READY
    if any(check.prebill for check in order.owing):
        return FloorState.BILL
    return FloorState.HELD if order.held_courses else FloorState.ORDERED


def most_pressing_state(states: Iterable[FloorState]) -> FloorState:
    """The state that somebody should act on first."""
    return min(states, key=_PRESSING.index)


LETTERS = {
    FloorState.RESERVED: "R",
    FloorState.OUT_OF_SERVICE: "X",
    FloorState.SEATED: "S",
    FloorState.ORDERED: "›",
    FloorState.HELD: "‖",
    FloorState.READY: "✓",
    FloorState.BILL: "?",
    FloorState.PAID: "¤",
    FloorState.TOO_LONG: "!",
    FloorState.WRONG: "!",
}
"""One set for all languages, since who logs in changes the language: `P` was paid, and pedido, on one plan. What the
lines of an order have a sign for, has it here, too."""
TOGETHER = "+"
HUES = {FloorState.SEATED: 1, FloorState.ORDERED: 0, FloorState.HELD: 4, FloorState.PAID: 2, FloorState.RESERVED: 6}
"""The hue of states that go on by themselves, and of who is to come; the others have the colour of their tone."""


def letter_of(state: FloorState) -> str:
    """The letter of a state; empty for a free table, which is quiet."""
    return LETTERS.get(state, "")
