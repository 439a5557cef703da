"""The steps of a plan's kitchen: stations, courses, and what is made where."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from cloud.founding.plan import Plan
from cloud.founding.step import PlanIds, Step
from cloud.founding.walk import paths_called
from shared.kitchen.commands import add_station
from shared.kitchen.records import Route, Setting, Station, StationSettings, settings_id
from shared.kitchen.stations import set_preparation, set_route, set_thresholds
from shared.menu.commands import course_id, name_course
from shared.menu.records import Category, Course, Item
from shared.tenancy.records import Branch


def stations(plan: Plan, ids: PlanIds) -> Iterator[Step]:
    """Stations with how they work in each branch, and the names of courses."""
    for at, station in enumerate(plan.stations):
        station_id = ids.of(Station, station.key)
        yield Step(Station, station_id, partial(add_station, name=station.name, position=at, station_id=station_id))
        limits = [(each.kind.value if each.kind else "", each.warn * 60, each.late * 60) for each in station.thresholds]
        for branch in plan.branches:
            branch_id = ids.of(Branch, branch.key)
            if limits:
                key = settings_id(branch_id, station_id, Setting.THRESHOLDS)
                yield Step(
                    StationSettings,
                    key,
                    partial(set_thresholds, station_id=station_id, thresholds=limits, branch_id=branch_id),
                )
            if station.prepare is not None:
                key = settings_id(branch_id, station_id, Setting.PREPARE_MINUTES)
                yield Step(
                    StationSettings,
                    key,
                    partial(set_preparation, station_id=station_id, minutes=station.prepare, branch_id=branch_id),
                )
    for course in plan.courses:
        key = course_id(ids.organization_id, course.number)
        yield Step(Course, key, partial(name_course, number=course.number, name=course.name))


def routes(plan: Plan, ids: PlanIds) -> Iterator[Step]:
    """Where each branch makes what; they come after the menu that they name."""
    for route in plan.routes:
        paths = paths_called(plan.categories, route.category) if route.category else [None]
        for branch_key in plan.branch_keys(route.branches):
            branch_id = ids.of(Branch, branch_key)
            for path in paths:
                route_id = ids.of(Route, branch_key, *route.names, *(path or ()))
                made = partial(
                    set_route,
                    route_id=route_id,
                    station_id=ids.of(Station, route.station),
                    also_at=[ids.of(Station, each) for each in route.also_at],
                    category_id=ids.of(Category, *path) if path else None,
                    item_id=ids.of(Item, route.item) if route.item else None,
                    course=route.course,
                    kind=route.kind,
                    branch_id=branch_id,
                )
                yield Step(Route, route_id, made)
