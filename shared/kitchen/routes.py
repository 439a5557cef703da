"""Where a dish is made: which of the routes of a branch holds for it. Pure; `route_queries.py` reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID


class RouteView(NamedTuple):
    """A route of a branch (`Route`). What is None (or, of the kind, empty) it does not name."""

    id: UUID
    station_id: UUID
    also_at: tuple[UUID, ...] = ()
    category_id: UUID | None = None
    item_id: UUID | None = None
    course: int | None = None
    kind: str = ""


class Routed(NamedTuple):
    """What is to be routed: a dish of an order. `station_id`: where the menu says that it is made."""

    item_id: UUID
    category_id: UUID | None
    course: int
    kind: str
    station_id: UUID | None


class Routes(NamedTuple):
    """The routes of a branch, and the category above each category."""

    routes: tuple[RouteView, ...] = ()
    above: Mapping[UUID, UUID | None] = {}

    def stations_of(self, dish: Routed) -> tuple[UUID, ...]:
        """The stations at which a dish is made, the first one before those at which it is made, too; none: nowhere."""
        categories = self._categories(dish.category_id)
        ranked = [(rank, each) for each in self.routes if (rank := _rank(each, dish, categories)) is not None]
        if not ranked:
            return () if dish.station_id is None else (dish.station_id,)
        route = max(ranked, key=lambda each: (each[0], each[1].id))[1]
        return tuple(dict.fromkeys((route.station_id, *route.also_at)))

    def _categories(self, category_id: UUID | None) -> list[UUID]:
        """A category and those above it, the nearest first. (Categories may name each other.)"""
        found: list[UUID] = []
        while category_id is not None and category_id not in found:
            found.append(category_id)
            category_id = self.above.get(category_id)
        return found


def _rank(route: RouteView, dish: Routed, categories: list[UUID]) -> tuple[bool, int, bool, bool] | None:
    """How much a route says of a dish: the dish itself before its category, the nearest category before those above it,
    then the course, then the kind of order. None: it does not hold for it."""
    holds = (
        route.item_id in (None, dish.item_id)
        and (route.category_id is None or route.category_id in categories)
        and route.course in (None, dish.course)
        and route.kind in ("", dish.kind)
    )
    if not holds:
        return None
    near = 0 if route.category_id is None else len(categories) - categories.index(route.category_id)
    return route.item_id is not None, near, route.course is not None, bool(route.kind)


NO_ROUTES = Routes()


def known_stations(routes: Iterable[RouteView], stations: frozenset[UUID]) -> tuple[RouteView, ...]:
    """The routes to stations that the house still has; what is also made elsewhere is made without those that went."""
    return tuple(
        each._replace(also_at=tuple(station for station in each.also_at if station in stations))
        for each in routes
        if each.station_id in stations
    )
