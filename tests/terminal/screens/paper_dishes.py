"""Dishes that are sold otherwise than by the piece at one price: by weight, at an open price, with nested choices."""

from __future__ import annotations

from dataclasses import replace

from shared.menu.rules import MenuCategory, MenuItem, MenuModifierGroup, ModifierChoice
from tests.terminal.screens.paper_desk import PaperDesk, busy_desk
from tests.terminal.screens.paper_menu import key, menu_of, paper_menu

POTATOES = MenuModifierGroup(
    key(5, 90),
    "Papas",
    1,
    1,
    (
        ModifierChoice(key(6, 900), "Fritas", 0, default=False),
        ModifierChoice(key(6, 901), "Nativas", 200, default=False),
    ),
)
SAUCES = MenuModifierGroup(
    key(5, 91),
    "Salsas",
    0,
    3,
    (
        ModifierChoice(key(6, 910), "Ají", 0, default=False),
        ModifierChoice(key(6, 911), "Huancaína", 150, default=False),
    ),
)
SIDE = MenuModifierGroup(
    key(5, 92),
    "Acompaña",
    1,
    1,
    (
        ModifierChoice(key(6, 920), "Con papas", 0, default=False, opens_id=POTATOES.id),
        ModifierChoice(key(6, 921), "Con arroz", 0, default=False),
    ),
)
EXTRAS = MenuModifierGroup(
    key(5, 93),
    "Extras",
    0,
    2,
    (
        ModifierChoice(key(6, 930), "Queso extra", 300, default=False),
        ModifierChoice(key(6, 931), "sin cebolla", 0, default=False),
    ),
)


def _item(number: int, name: str, code: str, price_minor: int, **more: object) -> MenuItem:
    return MenuItem(
        id=key(8, 900 + number),
        name=name,
        code=code,
        category_id=key(7, 90),
        category_name="Mostrador",
        price_minor=price_minor,
        tax_category_id=key(9, 3),
        station_id=None,
        **{"unit": "", "modifier_groups": (), **more},
    )


CHEESE = _item(1, "Queso paria", "que", 4_800, unit="kg", place=0)
OTHERS = _item(2, "Otros", "otr", 0, open_price=True, place=2)
COMBO = _item(3, "Combo criollo", "com", 2_500, modifier_groups=(SIDE, EXTRAS), opened_groups=(POTATOES,), place=4)
ON_REQUEST = _item(4, "Corte del día", "cor", 9_000, unit="kg", open_price=True, place=5)
COUNTER = MenuCategory(key(7, 90), "Mostrador", None, (CHEESE, OTHERS, COMBO, ON_REQUEST), 7)


def dishes_desk(*, busy: bool = False, **changes: object) -> PaperDesk:
    """A till with these dishes beside the usual menu."""
    desk = busy_desk(**changes) if busy else PaperDesk(**changes)
    desk.menu = menu_of([*paper_menu().categories, COUNTER])
    return desk


def changed(desk: PaperDesk, item: MenuItem, **changes: object) -> None:
    """The menu of a desk with one item otherwise."""
    desk.menu = menu_of(
        [
            replace(each, items=tuple(replace(one, **changes) if one.id == item.id else one for one in each.items))
            for each in desk.menu.categories
        ]
    )
