"""A small Peruvian menu on paper: categories, codes, options and tables for the screens' tests and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from shared.floor.queries import TableView
from shared.kernel.text import search_key
from shared.kitchen.station_views import StationView
from shared.menu.rules import Menu, MenuCategory, MenuItem, MenuModifierGroup, ModifierChoice
from shared.payments.queries import MethodView
from shared.payments.rules import TenderKind


def key(kind: int, number: int) -> UUID:
    return UUID(int=kind << 64 | number)


KITCHEN, BAR = key(1, 1), key(1, 2)
STATIONS = (StationView(KITCHEN, "Cocina"), StationView(BAR, "Barra"))
SALON, TERRACE = key(2, 1), key(2, 2)

TABLES = tuple(
    TableView(key(3, at), f"Mesa {at}", 4 if at % 3 else 6, SALON if at <= 12 else TERRACE, space)
    for at in range(1, 17)
    for space in ("Salón" if at <= 12 else "Terraza",)
)
METHODS = tuple(
    MethodView(key(4, at), name, kind)
    for at, (name, kind) in enumerate(
        (
            ("Efectivo", TenderKind.CASH),
            ("Tarjeta", TenderKind.CARD),
            ("Yape", TenderKind.WALLET),
            ("Plin", TenderKind.WALLET),
            ("Transferencia", TenderKind.TRANSFER),
        )
    )
)

DONENESS = MenuModifierGroup(
    key(5, 1),
    "Término",
    1,
    1,
    tuple(
        ModifierChoice(key(6, at), name, 0, default=False)
        for at, name in enumerate(("Jugoso", "Término medio", "Tres cuartos", "Bien cocido"))
    ),
)
SIDES = MenuModifierGroup(
    key(5, 2),
    "Guarnición",
    1,
    2,
    tuple(
        ModifierChoice(key(6, 10 + at), name, delta, default=False)
        for at, (name, delta) in enumerate(
            (("Papas fritas", 0), ("Arroz blanco", 0), ("Ensalada fresca", 0), ("Tacu tacu", 600), ("Yuca frita", 300))
        )
    ),
)
WISHES = MenuModifierGroup(
    key(5, 3),
    "Al gusto",
    0,
    3,
    tuple(
        ModifierChoice(key(6, 20 + at), name, delta, default=False)
        for at, (name, delta) in enumerate(
            (("sin cebolla", 0), ("sin culantro", 0), ("ají aparte", 0), ("huevo montado", 400))
        )
    ),
)
SIZE = MenuModifierGroup(
    key(5, 4),
    "Tamaño",
    1,
    1,
    (
        ModifierChoice(key(6, 30), "Vaso", 0, default=True),
        ModifierChoice(key(6, 31), "Jarra", 1400, default=False),
    ),
)

_SHELVES: tuple[
    tuple[str, str | None, UUID | None, Sequence[tuple[str, str, int, tuple[MenuModifierGroup, ...]]]], ...
] = (
    (
        "Para picar",
        None,
        KITCHEN,
        (
            ("Anticuchos de corazón", "ant", 2800, ()),
            ("Tequeños de lomo", "teq", 2600, ()),
            ("Causa limeña", "cau", 2400, ()),
            ("Choritos a la chalaca", "cho", 2700, ()),
            ("Papa a la huancaína", "pap", 2200, ()),
        ),
    ),
    (
        "Ceviches",
        None,
        KITCHEN,
        (
            ("Ceviche clásico de corvina", "cev", 4200, (WISHES,)),
            ("Leche de tigre", "lec", 2400, ()),
            ("Tiradito al ají amarillo", "tir", 3900, ()),
            ("Chicharrón de calamar", "chi", 3700, ()),
        ),
    ),
    (
        "Fondos",
        None,
        KITCHEN,
        (
            ("Lomo saltado", "lom", 3800, (WISHES,)),
            ("Ají de gallina", "aji", 3200, ()),
            ("Arroz con pato a la chiclayana", "arp", 4600, ()),
            ("Seco de cordero con frejoles", "sec", 4400, ()),
            ("Tacu tacu con lomo", "tac", 4200, ()),
            ("Arroz con mariscos", "arm", 4500, ()),
            ("Rocoto relleno", "roc", 3400, ()),
            ("Chaufa de quinua", "cha", 3300, ()),
            ("Tallarín verde con bistec", "tal", 3900, ()),
            ("Pollo a la brasa entero con papas y ensalada", "pol", 7200, ()),
        ),
    ),
    (
        "Parrilla",
        "Fondos",
        KITCHEN,
        (
            ("Bife ancho", "bif", 6800, (DONENESS, SIDES, WISHES)),
            ("Asado de tira", "asa", 6200, (DONENESS,)),
            ("Parrilla para dos", "par", 11800, (SIDES,)),
        ),
    ),
    (
        "Postres",
        None,
        KITCHEN,
        (
            ("Suspiro a la limeña", "sus", 1600, ()),
            ("Picarones", "pic", 1500, ()),
            ("Mazamorra morada", "maz", 1200, ()),
        ),
    ),
    (
        "Bebidas",
        None,
        None,
        (
            ("Chicha morada", "chm", 900, (SIZE,)),
            ("Limonada", "lim", 1000, (SIZE,)),
            ("Agua sin gas", "agu", 500, ()),
            ("Inca Kola", "inc", 700, ()),
        ),
    ),
    (
        "Cocteles",
        "Bebidas",
        BAR,
        (("Pisco sour", "pis", 2600, ()), ("Chilcano", "chl", 2400, ()), ("Maracuyá sour", "mar", 2700, ())),
    ),
)
SOLD_OUT = "roc"


def paper_menu() -> Menu:
    """The menu as the desk would have read it."""
    ids = {name: key(7, at) for at, (name, *_rest) in enumerate(_SHELVES)}
    categories, number = [], 0
    for name, parent, station, dishes in _SHELVES:
        items = []
        for title, code, price, questions in dishes:
            number += 1
            items.append(
                MenuItem(
                    id=key(8, number),
                    name=title,
                    code=code,
                    category_id=ids[name],
                    category_name=name,
                    price_minor=price,
                    tax_category_id=key(9, 3),
                    unit="",
                    station_id=station,
                    modifier_groups=questions,
                    barcodes=(f"7750182{number:06d}",),
                )
            )
        categories.append(MenuCategory(ids[name], name, ids[parent] if parent else None, tuple(items)))
    return menu_of(categories)


def menu_of(categories: Sequence[MenuCategory]) -> Menu:
    """A menu with its two indexes."""
    items = {item.id: item for category in categories for item in category.items}
    return Menu(tuple(categories), items, {search_key(item.code): item for item in items.values() if item.code})


def item_of(menu: Menu, code: str) -> MenuItem:
    """The dish with this code."""
    return menu.by_code[code]
