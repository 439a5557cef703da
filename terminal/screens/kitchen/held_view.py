"""What a wall says of courses that wait: beside the card of their order, counted at its foot, and as a list. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from shared.kitchen.courses import HeldCourse
from shared.kitchen.held_queries import HeldDish
from shared.menu.weights import measure_text
from terminal.dialogs.questions import Choice
from terminal.screens.course_words import course_name, held_words
from terminal.screens.voice import Voice

HeldKey = tuple[UUID, int]
"""An order and one of its courses."""


def held_at(held: Iterable[HeldDish], stations: Collection[UUID] | None) -> tuple[HeldDish, ...]:
    """What waits and will be made at some stations (None: at any)."""
    return tuple(each for each in held if stations is None or not set(each.stations).isdisjoint(stations))


def next_words(held: Iterable[HeldDish], order_id: UUID, courses: Mapping[int, str], voice: Voice) -> str:
    """What comes later of an order: `Después: Fondos (3)`; empty if nothing does."""
    dishes: defaultdict[int, list[HeldDish]] = defaultdict(list)
    for each in held:
        if each.order_id == order_id:
            dishes[each.course].append(each)
    found = [HeldCourse(course, len(lines), 0) for course, lines in sorted(dishes.items())]
    return voice.texts("kitchen.next", courses=held_words(found, courses, voice.texts)) if found else ""


def held_count(held: Collection[HeldDish], voice: Voice) -> str:
    """How much waits on this wall: `en espera: 5`; empty if nothing does."""
    return voice.texts("kitchen.held_count", count=len(held)) if held else ""


def held_rows(held: Iterable[HeldDish], courses: Mapping[int, str], voice: Voice) -> tuple[Choice, ...]:
    """The courses that wait, with their dishes."""
    groups: defaultdict[HeldKey, list[HeldDish]] = defaultdict(list)
    for each in held:
        groups[each.order_id, each.course].append(each)
    return tuple(
        Choice(
            key,
            f"{lines[0].number} {course_name(key[1], courses, voice.texts)}: "
            + ", ".join(f"{measure_text(line.quantity_milli, line.unit)} {line.name}" for line in lines),
            voice.place(lines[0].kind, lines[0].table_name),
        )
        for key, lines in groups.items()
    )
