"""What the list of orders to hand over shows: pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from shared.books.views import OrderView
from shared.menu.search import Name, Typed
from shared.menu.weights import portions_text
from shared.orders.contacts import ContactView
from terminal.screens.order.view import WORD_IN_KITCHEN, minutes_late, promised_words
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.check_lines import LineState
from terminal.widgets.tile import Tile

MOST_NAMED = 3
"""So many dishes of an order are named."""


def to_hand_over(orders: Iterable[OrderView]) -> tuple[OrderView, ...]:
    """What is paid and not handed over, oldest first."""
    waiting = (order for order in orders if order.to_hand_over)
    return tuple(sorted(waiting, key=lambda order: (order.opened_at, order.id)))


def is_ready(order: OrderView) -> bool:
    """Whether all of it can be handed over."""
    return not order.unsent and not order.is_cooking


def found(typed: str, orders: Iterable[OrderView], contacts: Mapping[UUID, ContactView]) -> tuple[OrderView, ...]:
    """The orders whose number, table or customer is called so; all of them while nothing is typed. Exact ones first."""
    wanted = Typed(typed)
    if not wanted:
        return tuple(orders)
    ranked = []
    for order in orders:
        names = (order.number, order.table_name, contacts[order.id].name if order.id in contacts else "")
        fits = [fit for fit in (Name(name).fit(wanted) for name in names if name) if fit is not None]
        if fits:
            ranked.append((min(fits), order))
    return tuple(order for _fit, order in sorted(ranked, key=lambda each: each[0]))


def order_tile(
    order: OrderView, contact: ContactView | None, voice: Voice, in_kitchen: LineState | None = None
) -> Tile:
    """Number and name, what is in it, how long it waits, and whether it is made.

    Args:
        in_kitchen: how far the kitchen is with it, as far as this device knows.
    """
    tone, word = state_of(order, voice, in_kitchen)
    place = voice.place(order.kind, order.table_name)
    dishes = [
        portions_text(line.quantity_milli, line.item_name, line.unit) for line in order.lines if line.quantity_milli
    ]
    more = [f"+{len(dishes) - MOST_NAMED}"] if len(dishes) > MOST_NAMED else []
    named = ", ".join((*dishes[:MOST_NAMED], *more))
    called = f"{order.number} {contact.name if contact is not None else ''}".rstrip()
    return Tile(
        id=order.id,
        title=f"{called} · {named}",
        detail=" · ".join(filter(None, (place, promised_words(order, voice)))),
        badge=voice.age(order.opened_at),
        word=" · ".join(filter(None, (word, promised_words(order, voice)))),
        tone=tone,
    )


def state_of(order: OrderView, voice: Voice, in_kitchen: LineState | None = None) -> tuple[Tone, str]:
    """Whether it can be handed over, is being made, or was never sent."""
    key, tone = "ready", Tone.READY
    if order.unsent:
        key, tone = "unsent", Tone.WARN
    elif order.is_cooking:
        key, tone = WORD_IN_KITCHEN[in_kitchen or LineState.STARTED], Tone.COOKING
    late = minutes_late(order, voice)
    if late is not None and tone is not Tone.WARN:
        return Tone.LATE, voice.texts("state.late", minutes=late)
    return tone, voice.texts(f"state.{key}")
