"""Which courses of an order are sent, and which wait. Pure; quantities in thousandths.

The first sending sends the first course, and holds the later ones. From then on what is added to a course goes with it:
it is sent if its course was, and waits if its course waits. What has no course is sent at once, and later courses wait
behind it as behind the first one: waiters mark what comes later, and nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from shared.menu.records import MOST_COURSES
from shared.truth.family import LINES, Family
from shared.truth.portions import Id

FIRST_COURSE = 1


class Coursed(NamedTuple):
    """A family of an order, as its course is decided.

    Attributes:
        course: that of its root; 0: none.
        is_told: whether the kitchen heard of it.
        to_send_milli, held_milli: portions that are to be sent, and that wait.
    """

    root: UUID
    course: int
    is_told: bool
    to_send_milli: int
    held_milli: int


class HeldCourse(NamedTuple):
    """A course of an order that waits.

    Attributes:
        dishes: how many lines wait.
    """

    course: int
    dishes: int
    portions_milli: int


def coursed(family: Family, rows: Mapping[str, Mapping[Id, Any]]) -> Coursed:
    """A family with the course of its root."""
    course = int(rows[LINES][family.root].course)
    return Coursed(family.root, course, family.is_told, family.to_send, family.held)


def to_hold(found: Iterable[Coursed]) -> set[UUID]:
    """The roots of what is to send and waits for its course; all else that is to send is sent now.

    What has no course waits for nothing, and goes before the second course.
    """
    fired: set[int] = set()
    held: set[int] = set()
    new: dict[UUID, int] = {}
    last = 0
    for each in found:
        if not each.course:
            if each.is_told or each.to_send_milli:
                last = FIRST_COURSE
            continue
        if each.is_told:
            fired.add(each.course)
        elif each.held_milli:
            held.add(each.course)
        elif each.to_send_milli:
            new[each.root] = each.course
    if new and not fired and not last and min(new.values()) < min(held, default=MOST_COURSES + 1):
        fired.add(min(new.values()))
    last = max((*fired, last))
    return {root for root, course in new.items() if course not in fired and (course > last or course in held)}


def held_courses(waiting: Iterable[Coursed]) -> tuple[HeldCourse, ...]:
    """The courses of what waits, the next one first; what has none any more, and waits, comes before."""
    dishes: Counter[int] = Counter()
    portions: Counter[int] = Counter()
    for each in waiting:
        dishes[each.course] += 1
        portions[each.course] += each.held_milli + each.to_send_milli
    return tuple(HeldCourse(course, dishes[course], portions[course]) for course in sorted(dishes))
