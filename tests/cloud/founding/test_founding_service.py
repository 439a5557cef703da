"""The service of a plan: combos, dayparts, price rules, halves and allergens, and their mistakes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from cloud.enrolment.room import enrolment
from cloud.founding.checks import mistakes_in
from cloud.founding.found import Founding
from cloud.founding.plan import Plan
from cloud.founding.reading import plan_of
from cloud.parts import Parts
from shared.menu.halves import GroupPricing
from shared.menu.queries import load_menu
from shared.pricing.menu_now import menu_at
from shared.pricing.queries import hours_of_sale

SLUG = "faro"
MONDAY_AT_SIX = datetime(2026, 11, 23, 18, 0)  # noqa: DTZ001 wall times have no zone
HAPPY: dict[str, Any] = {
    "name": "Hora feliz",
    "starts": "17:00",
    "ends": "24:00",
    "weekdays": ["monday"],
    "categories": ["Bar"],
    "off": "25",
}


LATE = {"name": "Noche", "starts": "1:00", "ends": "2:00", "items": ["Cuy"]}


@pytest.fixture
def founding(parts: Parts) -> Founding:
    return Founding(parts.database, parts.units, parts.passwords, enrolment(parts), parts.ids, parts.clock)


def slot(name: str, *choices: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "choices": list(choices)}


def raw(**more: Any) -> dict[str, Any]:
    combo = {
        "name": "Combo",
        "price": "20.00",
        "slots": [
            slot("Fondo", {"item": "Lomo"}),
            slot("Bebida", {"item": "Jugo", "default": True}, {"item": "Cerveza", "extra": "3.00"}),
        ],
    }
    halves = {"key": "mitades", "name": "Mitades", "maximum": 2, "pricing": "dearest", "modifiers": [{"name": "Mar"}]}
    return {
        "organization": {"name": "El Faro", "country": "PE", "currency": "PEN"},
        "branches": [{"key": key, "name": key, "zone": "America/Lima"} for key in ("lima", "cusco")],
        "taxes": [{"key": "igv", "name": "IGV", "rate": "18"}],
        "modifier_groups": [halves],
        "categories": [
            {
                "name": "Carta",
                "items": [
                    {"name": "Lomo", "price": "40.00", "allergens": ["soybeans", "gluten"]},
                    {"name": "Pizza", "price": "30.00", "modifiers": ["mitades"]},
                    combo,
                ],
                "children": [
                    {"name": "Bar", "items": [{"name": "Jugo", "price": "8.00"}, {"name": "Cerveza", "price": "12.00"}]}
                ],
            },
        ],
    } | more


def plan(**more: Any) -> Plan:
    return plan_of(raw(**more), "")


async def test_combos_halves_and_allergens_are_founded_once(parts: Parts, founding: Founding) -> None:
    founded = await founding.found(SLUG, plan())
    assert (await founding.found(SLUG, plan())).added == 0
    async with parts.database.read(founded.organization_id) as session:
        menu = await load_menu(session, founded.organization_id)
    items = {item.name: item for item in menu.items.values()}
    assert items["Lomo"].allergens == ("gluten", "soybeans")
    assert items["Pizza"].modifier_groups[0].pricing is GroupPricing.DEAREST
    assert items["Combo"].is_combo
    assert [
        (each.name, [(choice.name, choice.price_delta_minor, choice.default) for choice in each.choices])
        for each in items["Combo"].slots
    ] == [("Fondo", [("Lomo", 0, False)]), ("Bebida", [("Jugo", 0, True), ("Cerveza", 300, False)])]


async def test_hours_hold_in_their_branches(parts: Parts, founding: Founding) -> None:
    breakfast = {"name": "Desayuno", "starts": "07:00", "ends": "11:00", "items": ["Lomo"], "branches": ["cusco"]}
    founded = await founding.found(SLUG, plan(price_rules=[HAPPY], dayparts=[breakfast]))
    async with parts.database.read(founded.organization_id) as session:

        async def at(branch: UUID) -> dict[str, tuple[int, str, str]]:
            menu = await load_menu(session, founded.organization_id, branch)
            now = menu_at(menu, await hours_of_sale(session, founded.organization_id, branch), MONDAY_AT_SIX)
            return {each.name: (each.price_minor, each.price_name, each.daypart) for each in now.items.values()}

        lima, cusco = await at(founded.branches["lima"].id), await at(founded.branches["cusco"].id)
    assert lima["Cerveza"] == cusco["Cerveza"] == (900, "Hora feliz", "")
    assert (lima["Lomo"], cusco["Lomo"]) == ((4_000, "", ""), (4_000, "", "Desayuno"))


@pytest.mark.parametrize(
    ("more", "place", "code"),
    [
        ({"price_rules": [HAPPY | {"price": "5.00"}]}, ("price_rules", 0), "plan.rule_price"),
        ({"price_rules": [HAPPY | {"off": "0"}]}, ("price_rules", 0), "plan.rule_price"),
        ({"price_rules": [HAPPY | {"categories": ["Sopas"]}]}, ("price_rules", 0, "categories", 0), "plan.not_known"),
        ({"price_rules": [HAPPY | {"categories": []}]}, ("price_rules", 0, "items"), "plan.empty"),
        (
            {"dayparts": [{"name": "x", "starts": "1:00", "ends": "2:00", "items": ["?"]}]},
            ("dayparts", 0, "items", 0),
            "plan.not_known",
        ),
    ],
    ids=["two prices", "nothing off", "no such category", "for nothing", "no such item"],
)
def test_mistakes_of_hours_are_found(more: dict[str, Any], place: tuple[str | int, ...], code: str) -> None:
    assert [(each.place, each.code) for each in mistakes_in(Plan.model_validate(raw(**more)))] == [(place, code)]


def test_a_combo_of_what_is_not_sold_and_one_of_combos_are_mistakes() -> None:
    said = raw()
    items = said["categories"][0]["items"]
    items[2]["slots"][0]["choices"] = [{"item": "Cuy"}]
    items.append({"name": "Doble", "price": "9.00", "slots": [slot("Uno", {"item": "Combo"})]})
    found = {each.code for each in mistakes_in(Plan.model_validate(said))}
    assert found == {"plan.not_known", "plan.combo_of_combos"}
