"""The categories and amounts of a plan, as checking and founding both need them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from cloud.founding.plan import (
    CategoryPlan,
    DrawerPlan,
    ItemPlan,
    LimitPlan,
    ModifierPlan,
    PaymentMethodPlan,
    TaxRatePlan,
)

PlanPlace = tuple[str | int, ...]
"""Where something stands in a plan: field names and positions from 0, as pydantic gives them."""


@dataclass(frozen=True, slots=True)
class PlacedCategory:
    """A category and where it stands: `place` in the plan, `path` in the menu (the names from the top down to it).

    `course`: its own, or that of the category above it.
    """

    place: PlanPlace
    path: tuple[str, ...]
    category: CategoryPlan
    course: int = 0


def placed_categories(categories: Sequence[CategoryPlan]) -> Iterator[PlacedCategory]:
    """All categories, each before its children, in the order of the file."""
    yield from _below(("categories",), (), categories, 0)


def _below(
    place: PlanPlace, path: tuple[str, ...], categories: Sequence[CategoryPlan], above: int
) -> Iterator[PlacedCategory]:
    for at, category in enumerate(categories):
        course = above if category.course is None else category.course
        placed = PlacedCategory((*place, at), (*path, category.name), category, course)
        yield placed
        yield from _below((*placed.place, "children"), placed.path, category.children, course)


def paths_called(categories: Sequence[CategoryPlan], called: str) -> list[tuple[str, ...]]:
    """The paths of the categories that a plan means by a name, or by a path such as `Cartas/Sopas`."""
    paths = dict.fromkeys(placed.path for placed in placed_categories(categories))
    whole = [path for path in paths if "/".join(path) == called]
    return whole or [path for path in paths if path[-1] == called]


def minor_units(amount: Decimal, exponent: int) -> int | None:
    """An amount in minor units; None if the currency has no coin that small."""
    scaled = amount.scaleb(exponent)
    return int(scaled) if scaled == scaled.to_integral_value() else None


def price_minor(item: ItemPlan, exponent: int) -> int | None:
    """What an item costs; None if the currency cannot express it, or the plan gives no price and asks for none."""
    if item.price is None:
        return 0 if item.price_minor is None and item.open_price else item.price_minor
    return minor_units(item.price, exponent)


def per_unit_minor(tax: TaxRatePlan, exponent: int) -> int | None:
    """What a tax is for each unit; None if the currency cannot express it."""
    return tax.per_unit_minor or 0 if tax.per_unit is None else minor_units(tax.per_unit, exponent)


def limit_minor(limit: LimitPlan, exponent: int) -> int | None:
    """The amount of a limit; None if the currency cannot express it, or the plan gives none."""
    return limit.amount_minor if limit.amount is None else minor_units(limit.amount, exponent)


def most_minor(way: PaymentMethodPlan, exponent: int) -> int | None:
    """The most that one tender of a method may be, 0 without a limit; None if the currency cannot express it."""
    return way.most_minor or 0 if way.most is None else minor_units(way.most, exponent)


def difference_minor(drawer: DrawerPlan, exponent: int) -> int | None:
    """Up to which difference a drawer asks for no reason; None if the currency cannot express it."""
    if drawer.difference is None:
        return drawer.difference_minor or 0
    return minor_units(drawer.difference, exponent)


def price_delta_minor(modifier: ModifierPlan, exponent: int) -> int | None:
    """What a modifier adds to the price; None if the currency cannot express it."""
    if modifier.price_delta is None:
        return modifier.price_delta_minor or 0
    return minor_units(modifier.price_delta, exponent)
