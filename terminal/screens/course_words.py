"""What courses and seats are called on screens. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from shared.kernel.language import Texts

if TYPE_CHECKING:
    from shared.kitchen.courses import HeldCourse

_ER = frozenset({1, 3})
"""`1.er tiempo`, `3.er tiempo`; the others end in º."""


def course_name(course: int, names: Mapping[int, str], texts: Texts) -> str:
    """What the house calls a course, else its number: `Fondos`, `2.º tiempo`. 0: that nothing is said."""
    if not course:
        return texts("course.none")
    return names.get(course) or texts("course.nth_er" if course in _ER else "course.nth", number=course)


def course_title(course: int, names: Mapping[int, str], texts: Texts) -> str:
    """Number and name, for lists: `2 · Fondos`."""
    name = course_name(course, names, texts)
    return f"{course} · {name}" if course in names else name


def held_words(held: Iterable[HeldCourse], names: Mapping[int, str], texts: Texts) -> str:
    """What waits: `Fondos (3), Postres (2)`; empty if nothing does."""
    return ", ".join(f"{course_name(each.course, names, texts)} ({each.dishes})" for each in held)


def seats_text(seats: Iterable[int], texts: Texts) -> str:
    """For whom something is: `A2`, `A1 A3`; empty if nobody said."""
    return " ".join(texts("course.seat_short", seat=seat) for seat in seats)
