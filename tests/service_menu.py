"""What the small restaurant of the tests sells besides: a combo, a happy hour, a breakfast, a pizza in halves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from evening import Hands
from restaurant import CLOUD, MANAGER, TILL, WAITER, Village

from shared.kernel.work import Work
from shared.kitchen.records import Station
from shared.menu.combos import add_combo_choice, add_combo_slot
from shared.menu.commands import add_category, add_item, add_modifier, add_modifier_group, link_modifier_group
from shared.menu.halves import GroupPricing
from shared.orders.combos import ComboPart, add_combo, one_more_combo, remove_combo
from shared.pricing.commands import Hours, add_daypart, add_price_rule
from shared.taxes.records import TaxCategory

AT_FOUR = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
"""A Monday, 16:00 in Lima."""
AT_SIX = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
"""18:00 in Lima: the happy hour is over."""


@dataclass
class ServiceMenu:
    """By name: dishes, choices of the combo, halves."""

    combo: UUID = field(default_factory=lambda: UUID(int=0))
    choices: dict[str, UUID] = field(default_factory=dict)
    items: dict[str, UUID] = field(default_factory=dict)
    halves: dict[str, UUID] = field(default_factory=dict)
    rules: dict[str, UUID] = field(default_factory=dict)


async def extend(village: Village, *hands: Hands) -> ServiceMenu:
    """Add it in the cloud, and let these devices hear of it."""
    cloud = village.replica(CLOUD)
    async with cloud.work() as work:
        made = await add_service_menu(work)
    for each in hands:
        await each.replica.pull(cloud)
        assert not await each.replica.parked()
    return made


async def _ids(work: Work, record: Any) -> dict[str, UUID]:
    """The ids of records by their names."""
    found = await work.session.scalars(sa.select(record).where(record.organization_id == work.organization_id))
    return {each.name: each.id for each in found}


async def add_service_menu(work: Work) -> ServiceMenu:
    """Add it to the menu of the small restaurant."""
    taxes, stations, made = await _ids(work, TaxCategory), await _ids(work, Station), ServiceMenu()
    igv, service, kitchen, bar = taxes["IGV"], taxes["Servicio"], stations["Cocina"], stations["Barra"]
    menus = await add_category(work, "Menús", position=5)
    combo = await add_item(work, "Menú del día", menus.id, igv, 2_000, "menu")
    soup = await add_item(work, "Sopa", menus.id, igv, 900, "sop", kitchen, course=1, allergens=["celery"])
    main = await add_item(work, "Seco", menus.id, igv, 2_400, "sec", kitchen, course=2)
    beer = await add_item(work, "Cerveza", menus.id, service, 1_000, "cer", bar, allergens=["gluten"])
    juice = await add_item(work, "Jugo", menus.id, service, 700, "jug", bar)
    egg = await add_item(work, "Huevos", menus.id, igv, 800, "hue", kitchen, allergens=["eggs"])
    made.combo = combo.id
    made.items = {"sop": soup.id, "sec": main.id, "cer": beer.id, "jug": juice.id, "hue": egg.id}
    for at, (name, dishes) in enumerate(
        {"Entrada": [(soup, 0)], "Fondo": [(main, 0), (egg, 0)], "Bebida": [(juice, 0), (beer, 300)]}.items()
    ):
        slot = await add_combo_slot(work, combo.id, name, at)
        for place, (dish, extra) in enumerate(dishes):
            choice = await add_combo_choice(work, slot.id, dish.id, extra, place, default=place == 0)
            made.choices[dish.code] = choice.id
    hours = Hours(15 * 60, 17 * 60, weekdays=(1, 2, 3, 4, 5), items=(beer.id, combo.id))
    rule = await add_price_rule(work, "Hora feliz", hours, rate_millionths=250_000)
    made.rules["happy"] = rule.id
    await add_daypart(work, "Desayuno", Hours(7 * 60, 11 * 60, items=(egg.id,)))
    pizza = await add_item(work, "Pizza", menus.id, igv, 3_000, "piz", kitchen)
    halves = await add_modifier_group(work, "Mitades", 1, 2, pricing=GroupPricing.DEAREST)
    for at, (name, extra) in enumerate({"Margarita": 0, "Hawaiana": 400, "Mar": 900}.items()):
        made.halves[name] = (await add_modifier(work, halves.id, name, extra, at)).id
    await link_modifier_group(work, pizza.id, halves.id)
    made.items["piz"] = pizza.id
    return made


def parts(hands: Hands, made: ServiceMenu, *codes: str) -> list[ComboPart]:
    return [ComboPart(made.choices[code], hands.replica.ids.new()) for code in codes]


async def order_combo(
    hands: Hands, made: ServiceMenu, order_id: UUID, *codes: str, quantity_milli: int = 1_000
) -> tuple[UUID, list[UUID]]:
    """The combo and its lines, in the order of its slots."""
    combo_id = hands.replica.ids.new()
    async with hands.replica.work(MANAGER) as work:
        lines = await add_combo(
            work, order_id, combo_id, made.combo, parts(hands, made, *codes), quantity_milli=quantity_milli
        )
    return combo_id, [line.id for line in lines]


async def more_of_combo(hands: Hands, combo_id: UUID) -> UUID:
    ids = [hands.replica.ids.new() for _ in range(4)]
    async with hands.replica.work(MANAGER) as work:
        return await one_more_combo(work, combo_id, ids[0], ids[1:])


async def drop_combo(hands: Hands, combo_id: UUID) -> None:
    async with hands.replica.work(MANAGER) as work:
        await remove_combo(work, combo_id)


def two_devices(village: Village) -> tuple[Hands, Hands]:
    return Hands(village, village.replica(TILL)), Hands(village, village.replica(WAITER, "B"))
