"""What must agree within the kitchen of a plan: stations, courses, routes."""

from __future__ import annotations

from collections.abc import Iterator

from cloud.founding.mistakes import Mistake, twice
from cloud.founding.plan import Plan
from cloud.founding.plan_kitchen import RoutePlan
from cloud.founding.plan_parts import EVERY_BRANCH
from cloud.founding.walk import PlanPlace, paths_called, placed_categories


def mistakes_in_kitchen(plan: Plan) -> Iterator[Mistake]:
    """The mistakes of stations, courses and routes."""
    yield from twice((("stations", at, "key"), station.key) for at, station in enumerate(plan.stations))
    for at, station in enumerate(plan.stations):
        where = ("stations", at, "thresholds")
        yield from twice(((*where, place, "kind"), said.kind) for place, said in enumerate(station.thresholds))
        for place, threshold in enumerate(station.thresholds):
            if threshold.late < threshold.warn:
                yield Mistake((*where, place, "late"), "plan.too_small", {"least": threshold.warn})
    yield from twice((("courses", at, "number"), course.number) for at, course in enumerate(plan.courses))
    of_branches = (
        (("routes", at, "station"), (branch, *route.names))
        for at, route in enumerate(plan.routes)
        for branch in plan.branch_keys(route.branches)
    )
    yield from {mistake.place: mistake for mistake in twice(of_branches)}.values()
    for at, route in enumerate(plan.routes):
        yield from _route(plan, ("routes", at), route)


def _route(plan: Plan, place: PlanPlace, route: RoutePlan) -> Iterator[Mistake]:
    stations = {station.key for station in plan.stations}
    if route.station not in stations:
        yield Mistake((*place, "station"), "plan.not_known", {"value": route.station, "list": "stations"})
    for at, key in enumerate(route.also_at):
        if key not in stations:
            yield Mistake((*place, "also_at", at), "plan.not_known", {"value": key, "list": "stations"})
    yield from twice(((*place, "also_at", at), key) for at, key in enumerate((*route.also_at, route.station)))
    if route.category is not None and not paths_called(plan.categories, route.category):
        yield Mistake((*place, "category"), "plan.not_known", {"value": route.category, "list": "categories"})
    items = {item.plan_key for placed in placed_categories(plan.categories) for item in placed.category.items}
    if route.item is not None and route.item not in items:
        yield Mistake((*place, "item"), "plan.not_known", {"value": route.item, "list": "items"})
    known = {EVERY_BRANCH, *(branch.key for branch in plan.branches)}
    for at, key in enumerate(route.branches):
        if key not in known:
            yield Mistake((*place, "branches", at), "plan.not_known", {"value": key, "list": "branches"})
