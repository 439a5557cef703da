"""The schema of a plan's kitchen: stations, courses, and where what is made."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StrictInt

from cloud.founding.plan_parts import EVERY_BRANCH, Part
from cloud.founding.plan_values import Key, Name, one_of, text_up_to
from shared.kitchen.records import LONGEST_SECONDS, MOST_ALSO_AT
from shared.kitchen.stations import MOST_PREPARATION_MINUTES
from shared.menu.commands import MAX_COURSE_NAME, MAX_KITCHEN_NAME
from shared.menu.records import MOST_COURSES
from shared.orders.records import OrderKind

CourseNumber = Annotated[StrictInt, Field(ge=0, le=MOST_COURSES)]
"""0: no course, where its category has one."""
KitchenName = Annotated[str, Field(max_length=MAX_KITCHEN_NAME)]
"""What walls and kitchen papers call a dish or a modifier; empty: by its name."""


class ThresholdPlan(Part):
    """From how many minutes on the tickets of a kind of order (without one: of every other) warn, and are late."""

    kind: Annotated[OrderKind, BeforeValidator(one_of(OrderKind))] | None = None
    warn: Annotated[StrictInt, Field(ge=1, le=LONGEST_SECONDS // 60)]
    late: Annotated[StrictInt, Field(ge=1, le=LONGEST_SECONDS // 60)]


class StationPlan(Part):
    """Where dishes are made; `thresholds`: when its tickets warn and are late, by the kind of their order.

    `prepare`: so many minutes before it is promised an order for later takes its place on the wall.
    """

    key: Key
    name: Annotated[str, AfterValidator(text_up_to(60))]
    thresholds: tuple[ThresholdPlan, ...] = ()
    prepare: Annotated[StrictInt, Field(ge=0, le=MOST_PREPARATION_MINUTES)] | None = None


class CoursePlan(Part):
    """What the house calls a course of a meal: `number = 2`, `name = "Fondos"`."""

    number: Annotated[StrictInt, Field(ge=1, le=MOST_COURSES)]
    name: Annotated[str, AfterValidator(text_up_to(MAX_COURSE_NAME))]


class RoutePlan(Part):
    """Where branches make dishes: at a station, and (`also_at`) at others, too. It goes before the item's own station.

    It holds for the dishes of a `category` (its name, or its path `Cartas/Sopas`) or one `item` (its key), of a
    `course`, of a `kind` of order; what it does not name, for all of them. Of several the one that says most holds.
    """

    station: Key
    also_at: Annotated[tuple[Key, ...], Field(max_length=MOST_ALSO_AT)] = ()
    category: Name | None = None
    item: str | None = None
    course: CourseNumber | None = None
    kind: Annotated[OrderKind, BeforeValidator(one_of(OrderKind))] | None = None
    branches: Annotated[tuple[Key, ...], Field(min_length=1)] = (EVERY_BRANCH,)

    @property
    def names(self) -> tuple[str, ...]:
        """What tells this route apart in the plan: all that it holds for."""
        course = "" if self.course is None else str(self.course)
        return self.category or "", self.item or "", course, self.kind.value if self.kind else ""
