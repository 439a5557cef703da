"""A mistake of a plan, and finding what is said twice."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from cloud.founding.walk import PlanPlace


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake in a plan: its place, the key of its sentence, and the other parameters of the sentence.

    A parameter that is a tuple is a place, too.
    """

    place: PlanPlace
    code: str
    params: dict[str, Any] = field(default_factory=dict)


def twice(named: Iterable[tuple[PlanPlace, Hashable]]) -> Iterator[Mistake]:
    """Find places that say what another one says already."""
    seen: dict[Hashable, PlanPlace] = {}
    for place, value in named:
        if value in seen:
            yield Mistake(place, "plan.twice", {"other": seen[value][:-1] or seen[value]})
        seen.setdefault(value, place)
