"""The kitchen of a plan: courses and their names, what the kitchen calls dishes, routes, and their mistakes."""

from __future__ import annotations

from typing import Any

import pytest

from cloud.founding.checks import mistakes_in
from cloud.founding.found import Founding
from cloud.founding.plan import Plan
from cloud.founding.reading import plan_of
from cloud.parts import Parts
from shared.kitchen.route_queries import load_routes
from shared.kitchen.routes import Routed
from shared.kitchen.station_views import stations
from shared.menu.queries import load_menu

SLUG = "faro"
STATIONS = [{"key": key, "name": key, "prepare": 25} for key in ("cocina", "barra", "postres")]


def dish(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "price": "10.00", "station": "cocina", **more}


def raw(**more: Any) -> dict[str, Any]:
    return {
        "organization": {"name": "El Faro", "country": "PE", "currency": "PEN"},
        "branches": [{"key": key, "name": key, "zone": "America/Lima"} for key in ("lima", "cusco")],
        "taxes": [{"key": "igv", "name": "IGV", "rate": "18"}],
        "stations": STATIONS,
        "courses": [{"number": 2, "name": "Fondos"}],
        "modifier_groups": [
            {"key": "termino", "name": "Término", "modifiers": [{"name": "Término medio", "kitchen_name": "MEDIO"}]}
        ],
        "categories": [
            {
                "name": "Carta",
                "course": 2,
                "items": [dish("Lomo saltado", kitchen_name="LOMO", modifiers=["termino"])],
                "children": [{"name": "Sopas", "course": 1, "items": [dish("Chilcano"), dish("Pan", course=0)]}],
            },
            {"name": "Dulces", "items": [dish("Flan", course=3)]},
        ],
    } | more


def plan(**more: Any) -> Plan:
    return plan_of(raw(**more), "")


async def test_dishes_have_the_course_of_their_category_unless_they_say_another(
    parts: Parts, founding: Founding
) -> None:
    founded = await founding.found(SLUG, plan())
    async with parts.database.read(founded.organization_id) as session:
        menu = await load_menu(session, founded.organization_id)
        (kitchen, *_others) = await stations(session, founded.organization_id, founded.branches["lima"].id)
    items = {item.name: item for item in menu.items.values()}
    assert {name: item.course for name, item in items.items()} == {
        "Lomo saltado": 2,
        "Chilcano": 1,
        "Pan": 0,
        "Flan": 3,
    }
    assert menu.courses == {2: "Fondos"}
    assert kitchen.prepare_minutes == 25
    lomo = items["Lomo saltado"]
    assert (lomo.kitchen_name, lomo.modifier_groups[0].choices[0].kitchen_name) == ("LOMO", "MEDIO")


async def test_routes_hold_in_their_branches_and_are_founded_once(parts: Parts, founding: Founding) -> None:
    routes = [
        {"category": "Sopas", "station": "barra", "also_at": ["cocina"], "branches": ["lima"]},
        {"item": "Flan", "kind": "takeout", "station": "postres"},
    ]
    founded = await founding.found(SLUG, plan(routes=routes))
    assert (await founding.found(SLUG, plan(routes=routes))).added == 0
    async with parts.database.read(founded.organization_id) as session:
        menu = await load_menu(session, founded.organization_id)
        names = {each.id: each.name for each in await stations(session, founded.organization_id)}
        found = {
            key: await load_routes(session, founded.organization_id, branch.id)
            for key, branch in founded.branches.items()
        }
    items = {item.name: item for item in menu.items.values()}

    def at(branch: str, name: str, kind: str = "dine_in") -> list[str]:
        item = items[name]
        routed = Routed(item.id, item.category_id, item.course, kind, item.station_id)
        return [names[each] for each in found[branch].stations_of(routed)]

    assert at("lima", "Chilcano") == ["barra", "cocina"]
    assert at("cusco", "Chilcano") == ["cocina"]
    assert at("cusco", "Flan", "takeout") == ["postres"]
    assert at("lima", "Flan") == ["cocina"]


@pytest.mark.parametrize(
    ("more", "place", "code"),
    [
        ({"routes": [{"station": "horno"}]}, ("routes", 0, "station"), "plan.not_known"),
        ({"routes": [{"station": "barra", "also_at": ["horno"]}]}, ("routes", 0, "also_at", 0), "plan.not_known"),
        ({"routes": [{"station": "barra", "also_at": ["barra"]}]}, ("routes", 0, "also_at", 1), "plan.twice"),
        ({"routes": [{"station": "barra", "category": "Vinos"}]}, ("routes", 0, "category"), "plan.not_known"),
        ({"routes": [{"station": "barra", "item": "Vino"}]}, ("routes", 0, "item"), "plan.not_known"),
        ({"routes": [{"station": "barra", "branches": ["puno"]}]}, ("routes", 0, "branches", 0), "plan.not_known"),
        ({"routes": [{"station": "barra", "course": 2}] * 2}, ("routes", 1, "station"), "plan.twice"),
        ({"courses": [{"number": 1, "name": "A"}, {"number": 1, "name": "B"}]}, ("courses", 1, "number"), "plan.twice"),
    ],
)
def test_a_kitchen_that_does_not_agree_is_refused(more: dict[str, Any], place: tuple[object, ...], code: str) -> None:
    found = mistakes_in(Plan.model_validate(raw(**more)))
    assert [(each.place, each.code) for each in found] == [(place, code)]
