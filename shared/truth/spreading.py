"""How far each line of a family is: what the kitchen knows of contents, spread over the lines. Pure."""

from __future__ import annotations

from typing import NamedTuple

from shared.truth.cooking import Cooking
from shared.truth.family import Family
from shared.truth.portions import Id


class Progress(NamedTuple):
    """How far a line is, in portions.

    Attributes:
        to_send: what the kitchen does not know of.
        made: what can be served, of what was told.
        served: what is on the table, of what was told.
    """

    to_send: int
    made: int
    served: int


def progress_of(family: Family) -> dict[Id, Progress]:
    """The progress of each line.

    Where several parts are cooked alike, what is unsent belongs to the last of them, what is made and served to the
    first.
    """
    left = {content: [each.to_send, ready_of(each), each.served] for content, each in family.cooking.items()}
    to_send = {}
    for line_id in sorted(family.parts, reverse=True):
        part = family.parts[line_id]
        to_send[line_id] = min(part.live, left[part.content][0])
        left[part.content][0] -= to_send[line_id]
    found = {}
    for line_id in sorted(family.parts):
        part = family.parts[line_id]
        rest, told = left[part.content], part.live - to_send[line_id]
        made, served = min(told, rest[1]), min(told, rest[2])
        rest[1], rest[2] = rest[1] - made, rest[2] - served
        found[line_id] = Progress(to_send[line_id], made, served)
    return found


def ready_of(cooking: Cooking) -> int:
    """Wanted portions that can be served: made ones, and told ones that no station makes."""
    return cooking.wanted - cooking.to_send - cooking.to_make
