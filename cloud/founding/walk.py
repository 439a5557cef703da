"""Going through a plan's menu, and its amounts as minor units: what checking and founding both need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from cloud.founding.plan import CategoryPlan, ItemPlan, ModifierPlan

Place = tuple[str | int, ...]
"""Where something stands in a plan: field names and positions from 0, as pydantic tells them."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category where it stands in the menu; `path` is the names from the top to it."""

    place: Place
    path: tuple[str, ...]
    category: CategoryPlan


def shelves(categories: Sequence[CategoryPlan]) -> Iterator[Shelf]:
    """All categories, each before its children, in the order of the file."""
    yield from _below(("categories",), (), categories)


def _below(place: Place, path: tuple[str, ...], categories: Sequence[CategoryPlan]) -> Iterator[Shelf]:
    for at, category in enumerate(categories):
        shelf = Shelf((*place, at), (*path, category.name), category)
        yield shelf
        yield from _below((*shelf.place, "children"), shelf.path, category.children)


def minor_units(amount: Decimal, exponent: int) -> int | None:
    """An amount in minor units; None if the currency has no coin that small."""
    scaled = amount.scaleb(exponent)
    return int(scaled) if scaled == scaled.to_integral_value() else None


def price_minor(item: ItemPlan, exponent: int) -> int | None:
    """What an item costs; None if the plan does not say it exactly."""
    return item.price_minor if item.price is None else minor_units(item.price, exponent)


def price_delta_minor(modifier: ModifierPlan, exponent: int) -> int | None:
    """What an answer adds to the price; None if the plan does not say it exactly."""
    if modifier.price_delta is None:
        return modifier.price_delta_minor or 0
    return minor_units(modifier.price_delta, exponent)
