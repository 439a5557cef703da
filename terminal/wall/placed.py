"""Puts tickets that a hand has moved into the order of the wall (`shared/kitchen/placing.py`). Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from shared.kitchen.queries import AskedTicket

ByArrival = Mapping[UUID, tuple[int, int, int]]
"""The keys by which tickets stand in order of arrival, of all that are known here, also of done ones."""


def with_moved_ones(tickets: Sequence[AskedTicket], by_arrival: ByArrival, later: set[UUID]) -> list[AskedTicket]:
    """All tickets in the order of the wall: moved ones at their places, what is urgent before all others.

    Args:
        tickets: in the order in which they would stand if nobody had moved one.
        later: of the ones that no hand has moved those whose place does not follow from their arrival.
    """
    moved: defaultdict[UUID, list[AskedTicket]] = defaultdict(list)
    placed: list[AskedTicket] = []
    for each in tickets:
        if each.place is not None and each.place.at in by_arrival:
            moved[each.place.at].append(each)
        else:
            placed.append(each)
    for at in sorted(moved, key=lambda at: (by_arrival[at], at)):
        _put(placed, at, sorted(moved[at], key=_rank), by_arrival, later)
    return sorted(placed, key=lambda each: not each.rushed)


def _put(
    placed: list[AskedTicket], at: UUID, moved: Sequence[AskedTicket], by_arrival: ByArrival, later: set[UUID]
) -> None:
    """Put what a hand has moved to the place of a ticket before and behind it, or where it would stand."""
    stands = next((index for index, each in enumerate(placed) if each.id == at and each.place is None), None)
    if stands is not None:
        before = [each for each in moved if _rank(each)[0] < 0]
        placed[stands : stands + 1] = [*before, placed[stands], *moved[len(before) :]]
        return
    key = (by_arrival[at], at)
    follows = (
        index
        for index, each in enumerate(placed)
        if each.place is None and each.id not in later and (by_arrival[each.id], each.id) > key
    )
    index = next(follows, len(placed))
    placed[index:index] = moved


def _rank(ticket: AskedTicket) -> tuple[int, UUID]:
    assert ticket.place is not None, "nobody has moved it"
    return ticket.place.rank, ticket.id
