"""How far each line of a family is: what the kitchen knows of contents, spread over the lines. Pure."""

from __future__ import annotations

from typing import NamedTuple

from shared.truth.cooking import Cooking
from shared.truth.family import Family
from shared.truth.portions import Id


class Progress(NamedTuple):
    """How far a line is, in portions.

    Attributes:
        to_send: what the kitchen does not know of, and is to know.
        made: what can be served, of what was told.
        served: what is on the table, of what was told.
        held: what waits for its course.
    """

    to_send: int
    made: int
    served: int
    held: int = 0


def progress_of(family: Family) -> dict[Id, Progress]:
    """The progress of each line.

    Where several parts are cooked alike, what is unsent belongs to the last of them, what is made and served to the
    first.
    """
    left = {content: [each.untold, ready_of(each), each.served] for content, each in family.cooking.items()}
    untold = {}
    for line_id in sorted(family.parts, reverse=True):
        part = family.parts[line_id]
        untold[line_id] = min(part.live, left[part.content][0])
        left[part.content][0] -= untold[line_id]
    found = {}
    for line_id in sorted(family.parts):
        part = family.parts[line_id]
        rest, told = left[part.content], part.live - untold[line_id]
        made, served = min(told, rest[1]), min(told, rest[2])
        rest[1], rest[2] = rest[1] - made, rest[2] - served
        held = untold[line_id] if family.cooking[part.content].held else 0
        found[line_id] = Progress(untold[line_id] - held, made, served, held)
    return found


def ready_of(cooking: Cooking) -> int:
    """Wanted portions that can be served: made at all of their stations, or told and of no station."""
    return cooking.wanted - cooking.untold - cooking.left_to_make
