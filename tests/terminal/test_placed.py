"""Where a hand has put tickets: the same on every display, whatever has gone since, and whoever moved what at once."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

from shared.kitchen.placing import Place, places_between
from shared.kitchen.queries import AskedTicket
from terminal.wall.placed import with_moved_ones

START = datetime(2026, 3, 14, 17, tzinfo=UTC)
STATION = UUID(int=900)


class Wall:
    """Tickets by letters, in the order of their arrival, and what hands do to them."""

    def __init__(self, letters: str) -> None:
        self.arrivals = {UUID(int=at): (at, 0, at) for at in range(1, 1 + len(letters))}
        self.letters = dict(zip(self.arrivals, letters, strict=True))
        self.tickets = {
            key: AskedTicket(key, STATION, START + timedelta(seconds=key.int), is_over=False, promised_at=None)
            for key in self.arrivals
        }

    @property
    def shown(self) -> str:
        tickets = sorted(self.tickets.values(), key=lambda each: self.arrivals[each.id])
        return "".join(self.letters[each.id] for each in with_moved_ones(tickets, self.arrivals, set()))

    def move(self, letter: str, before: str = "") -> None:
        """Put a card before another one, or at the end, as a screen does."""
        others = [each for each in self.shown if each != letter]
        at = others.index(before) if before else len(others)
        after = self._place(others[at - 1]) if at else None
        follows = self._place(others[at]) if at < len(others) else None
        (place,) = places_between(after, follows, 1)
        self.tickets[self._key(letter)] = self.tickets[self._key(letter)]._replace(place=place)

    def rush(self, letter: str) -> None:
        self.tickets[self._key(letter)] = self.tickets[self._key(letter)]._replace(rushed=True)

    def bump(self, letter: str) -> None:
        del self.tickets[self._key(letter)]

    def _key(self, letter: str) -> UUID:
        return next(key for key, each in self.letters.items() if each == letter)

    def _place(self, letter: str) -> Place:
        return self.tickets[self._key(letter)].place or Place(self._key(letter), 0)


def test_a_moved_card_stands_before_the_one_it_was_put_before_also_when_that_one_is_gone() -> None:
    wall = Wall("abcdef")
    wall.move("e", before="b")
    assert wall.shown == "aebcdf"
    wall.bump("b")
    assert wall.shown == "aecdf"
    wall.bump("a")
    assert wall.shown == "ecdf"


def test_a_card_at_the_end_stays_before_what_comes_after_it() -> None:
    wall = Wall("abcd")
    wall.move("a")
    assert wall.shown == "bcda"
    wall.letters[UUID(int=9)] = "x"
    wall.arrivals[UUID(int=9)] = (9, 0, 9)
    wall.tickets[UUID(int=9)] = AskedTicket(UUID(int=9), STATION, START, is_over=False, promised_at=None)
    assert wall.shown == "bcdax"


def test_what_is_urgent_goes_first_and_what_was_moved_keeps_its_place_among_the_rest() -> None:
    wall = Wall("abcd")
    wall.move("d", before="a")
    wall.rush("c")
    assert wall.shown == "cdab"


def test_hands_put_cards_where_they_mean_to_however_often() -> None:
    for seed in range(40):
        rnd = random.Random(seed)
        wall = Wall("abcdefgh")
        wanted = list("abcdefgh")
        for _ in range(60):
            letter = rnd.choice(wanted)
            wanted.remove(letter)
            at = rnd.randrange(len(wanted) + 1)
            wall.move(letter, before=wanted[at] if at < len(wanted) else "")
            wanted.insert(at, letter)
            assert wall.shown == "".join(wanted), seed


def test_a_place_beside_a_ticket_that_never_came_here_is_where_the_arrival_puts_it() -> None:
    wall = Wall("abc")
    stranger = Place(UUID(int=77), -5)
    wall.tickets[UUID(int=3)] = wall.tickets[UUID(int=3)]._replace(place=stranger)
    assert wall.shown == "abc"
