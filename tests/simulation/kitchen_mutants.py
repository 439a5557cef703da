"""Planted bugs of the kitchen: what its walls show and where, what is sold out, what is said once."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch
from uuid import UUID

from shared.kitchen import arranging, displays, messages, noting, queries, sending
from shared.kitchen import commands as kitchen
from shared.kitchen.message_records import KitchenMessage
from shared.kitchen.messages import MessageView
from shared.kitchen.placing import Place
from shared.kitchen.records import KitchenTicket
from shared.kitchen.ticket_views import TicketView, view_of
from shared.menu import availability
from shared.menu.availability_records import Availability
from shared.orders import commands as orders
from shared.truth import family
from shared.truth.cooking import Cooking, cooking_of
from terminal.wall import kitchen_wall, placed

# -- where tickets stand -----------------------------------------------------------------------------------------------


@contextmanager
def handed_over_stands_at_home() -> Iterator[None]:
    """A ticket that another station makes stands at its own one all the same."""

    def at_home(*given: Any) -> TicketView:
        view = view_of(*given)
        return replace(view, station_id=view.own_station_id or view.station_id)

    with patch.object(queries, "view_of", at_home):
        yield


@contextmanager
def home_ticket_stays_away() -> Iterator[None]:
    """A ticket that is handed back to its own station stays at the other one."""
    honest = arranging.transfer

    async def transfer(work: Any, ticket_ids: Sequence[UUID], station_id: UUID) -> Any:
        strange = [each for each in ticket_ids if (await work.get(KitchenTicket, each)).station_id != station_id]
        return await honest(work, strange, station_id)

    with patch.object(arranging, "transfer", transfer):
        yield


@contextmanager
def moved_cards_fall_back() -> Iterator[None]:
    """A card that a hand has moved stands where its arrival puts it."""

    def with_moved_ones(tickets: Sequence[Any], *given: Any) -> list[Any]:
        return placed.with_moved_ones([each._replace(place=None) for each in tickets], *given)

    with patch.object(kitchen_wall, "with_moved_ones", with_moved_ones):
        yield


@contextmanager
def neighbours_were_never_moved() -> Iterator[None]:
    """A card is put beside the place that its neighbour had before it was moved itself."""
    with patch.object(arranging, "_place", lambda ticket: Place(ticket.id, 0)):
        yield


@contextmanager
def hurry_waits_its_turn() -> Iterator[None]:
    """What is in a hurry stands where its arrival puts it."""

    def with_moved_ones(tickets: Sequence[Any], *given: Any) -> list[Any]:
        as_it_came = {each.id: each for each in tickets}
        calm = placed.with_moved_ones([each._replace(rushed=False) for each in tickets], *given)
        return [as_it_came[each.id] for each in calm]

    with patch.object(kitchen_wall, "with_moved_ones", with_moved_ones):
        yield


@contextmanager
def held_but_once() -> Iterator[None]:
    """A ticket that was fired cannot be held again."""

    async def hold(work: Any, ticket_id: UUID) -> None:
        (await work.get(KitchenTicket, ticket_id)).held = 1

    with patch.object(kitchen, "hold", hold):
        yield


@contextmanager
def beyond_the_wall_uncounted() -> Iterator[None]:
    """What has no place on the wall, since it is of hours ago, is counted nowhere."""
    honest = kitchen_wall._placed

    def uncounted(*given: Any) -> Any:
        shown, _aside = honest(*given)
        return shown, {}

    with patch.object(kitchen_wall, "_placed", uncounted):
        yield


@contextmanager
def waiting_courses_unseen() -> Iterator[None]:
    """The wall shows nothing of what waits for its course."""

    async def held_dishes(*_given: Any) -> tuple[()]:
        return ()

    with patch.object(kitchen_wall, "held_dishes", held_dishes):
        yield


# -- dishes of several stations ----------------------------------------------------------------------------------------


@contextmanager
def others_hear_nothing_later() -> Iterator[None]:
    """Of what is added to a dish of several stations only the first one hears."""
    honest = sending.Sending._raise

    async def to_the_first(self: Any, row: Any, portions: int, filled: int) -> None:
        if row.also_of_id is None or not row.told_milli:
            await honest(self, row, portions, filled)

    with patch.object(sending.Sending, "_raise", to_the_first):
        yield


@contextmanager
def others_lack_nothing() -> Iterator[None]:
    """What another station was told too few of is not to be sent, so that nobody tells it."""
    with _contents_changed(lambda each: each._replace(to_send=each.missing) if each.others and each.to_send else each):
        yield


@contextmanager
def each_device_tells_its_route() -> Iterator[None]:
    """A station that two devices told one dish, by other routes, makes it twice."""

    def changed(wanted: Any, ticket_lines: Mapping[Any, Any], voids: Any, **how: Any) -> Any:
        found = cooking_of(wanted, ticket_lines, voids, **how)
        for row_id, row in ticket_lines.items():
            each = found[row.content_id]
            if row.also_of_id is not None and row_id not in {other.ticket_line for other in each.others}:
                twice = each._replace(ticket_line=row_id, others=())
                found[row.content_id] = each._replace(others=(*each.others, twice))
        return found

    with patch.object(family, "cooking_of", changed):
        yield


@contextmanager
def also_confirmed_by_the_first() -> Iterator[None]:
    """What the first station confirms, the others have confirmed with it: they never hear of it."""
    with _contents_changed(lambda each: each._replace(others=tuple(_obedient(other, each) for other in each.others))):
        yield


# -- what is said ------------------------------------------------------------------------------------------------------


@contextmanager
def said_last_by_the_clock() -> Iterator[None]:
    """Of what was said about a dish, the row of the latest clock holds."""

    def replacing_nothing(**fields: Any) -> Any:
        return Availability(**{**fields, "replaces_id": None})

    with patch.object(availability, "Availability", replacing_nothing):
        yield


@contextmanager
def count_forgets_what_was_ordered() -> Iterator[None]:
    """Who counts what is left is taken to know of no order."""

    def unknowing(**fields: Any) -> Any:
        return Availability(**{**fields, "known_milli": 0})

    with patch.object(availability, "Availability", unknowing):
        yield


@contextmanager
def sold_out_is_sold() -> Iterator[None]:
    """What this device knows to be sold out is ordered all the same."""

    async def require_left(*_given: Any) -> None:
        return None

    with patch.object(orders, "require_left", require_left):
        yield


@contextmanager
def confirmed_message_asks_again() -> Iterator[None]:
    """A message is confirmed on the screen alone."""

    async def confirm_message(work: Any, message_id: UUID) -> None:
        (await work.get(KitchenMessage, message_id)).read_by = work.actor.name

    with patch.object(messages, "confirm_message", confirm_message):
        yield


@contextmanager
def newest_message_alone() -> Iterator[None]:
    """Of the messages that nobody confirmed only the newest is shown."""
    honest = messages.unread_messages

    async def unread_messages(*given: Any) -> list[MessageView]:
        return (await honest(*given))[-1:]

    with patch.object(messages, "unread_messages", unread_messages):
        yield


@contextmanager
def displays_answer_again() -> Iterator[None]:
    """An answer to a trial of the displays belongs to nothing, so that a display may give two."""
    with patch.object(displays, "derived_id", lambda *_parts: _some_id()):
        yield


@contextmanager
def received_by_each_display() -> Iterator[None]:
    """That a ticket stands on a display is a fact of that display, so that it happened twice."""
    with patch.object(noting, "derived_id", lambda *_parts: _some_id()):
        yield


# -- how they are planted ----------------------------------------------------------------------------------------------

_ids = random.Random("planted in the kitchen")


def _some_id() -> UUID:
    return UUID(bytes=_ids.randbytes(16))


def _obedient(other: Cooking, first: Cooking) -> Cooking:
    return other if first.withdraw else other._replace(withdraw=0)


def _contents_changed(change: Any) -> AbstractContextManager[Any]:
    def changed(*given: Any, **how: Any) -> Any:
        return {content: change(each) for content, each in cooking_of(*given, **how).items()}

    return patch.object(family, "cooking_of", changed)
