"""The points of food safety of a plan: what branches check, within which limits, and when an entry is due."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, StrictInt

from cloud.founding.plan_parts import EVERY_BRANCH, Part, in_languages
from cloud.founding.plan_values import Amount, Key, Name, minutes_after_midnight, one_of
from shared.kernel.language import Language
from shared.safety.records import MOST_EVERY_MINUTES, MOST_TIMES, PointKind

THOUSANDTHS = 1_000


class SafetyCheckPlan(Part):
    """A point that `branches` check (`["*"]`: all): its name may be a text for each language.

    `low` and `high` are limits in its `unit`; without both it is done or not done. An entry is due at `times`
    (`["08:00", "16:00"]`) and `every_minutes` after the last one.
    """

    parted = in_languages("name")
    name: Name
    names: Mapping[Annotated[str, BeforeValidator(one_of(Language))], Name] = Field(default_factory=dict)
    kind: Annotated[PointKind, BeforeValidator(one_of(PointKind))] = PointKind.OTHER
    unit: Annotated[str, Field(max_length=12)] = ""
    low: Amount | None = None
    high: Amount | None = None
    times: Annotated[
        tuple[Annotated[int, BeforeValidator(minutes_after_midnight)], ...], Field(max_length=MOST_TIMES)
    ] = ()
    every_minutes: Annotated[StrictInt, Field(ge=0, le=MOST_EVERY_MINUTES)] = 0
    branches: Annotated[tuple[Key, ...], Field(min_length=1)] = (EVERY_BRANCH,)


def thousandths(limit: Decimal | None) -> int | None:
    """A limit as rows keep it."""
    return None if limit is None else int(limit * THOUSANDTHS)
