"""The plan of a rehearsal's organization: the file's branches and items, and the tills."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from terminal.rehearsal.past_sales import MOST_CHOICES, PastItem, PastSales

NAME = "Ensayo"
STAFF, PIN = "Ensayo", "2468"
"""The person who rings up past sales: a manager, since prices and discounts may differ from the list."""
NAME_CHARACTERS = 120


def plan_of(
    sales: PastSales, tills: int, email: str, password: str, names: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Any]:
    """The plan for `comanda-cloud create-organization`.

    Items and modifiers keep the key that they have in the file. Prices come from the item list; each line is rung up at
    the price that was charged.

    Args:
        names: of tills with another name than usual, by `branch/device`.
    """
    choices = list(dict.fromkeys(name for ticket in sales.tickets for line in ticket.lines for name in line.modifiers))
    asking = {line.item for ticket in sales.tickets for line in ticket.lines if line.modifiers}
    return {
        "organization": {"name": NAME, "country": "PE", "currency": sales.currency, "language": "es"},
        "branches": [
            {
                "key": f"b{index}",
                "name": branch[:NAME_CHARACTERS] or "-",
                "zone": sales.time_zone,
                "cutoff": f"{sales.cut_off:%H:%M}",
                "devices": [
                    {"key": f"t{till}", "name": names.get(f"b{index}/t{till}", f"Caja {till}"), "kind": "till"}
                    for till in range(1, tills + 1)
                ],
            }
            for index, branch in enumerate(sales.branches)
        ],
        "taxes": [{"key": "none", "name": "-", "rate": "0", "included": True}],
        "stations": [{"key": "kitchen", "name": "Cocina"}],
        "payment_methods": [{"name": "Efectivo", "kind": "cash"}],
        "modifier_groups": [
            {
                "key": "choices",
                "name": "Opciones",
                "minimum": 0,
                "maximum": MOST_CHOICES,
                "modifiers": [{"key": f"m{at}", "name": name[:NAME_CHARACTERS]} for at, name in enumerate(choices)],
            }
        ]
        if choices
        else [],
        "categories": [
            {
                "name": category[:NAME_CHARACTERS] or "-",
                "items": [
                    {
                        "key": key,
                        "name": item.name[:NAME_CHARACTERS],
                        "price_minor": item.price_minor,
                        "tax": "none",
                        "station": "kitchen",
                        "modifiers": ["choices"] if item.key in asking else [],
                    }
                    for key, item in members
                ],
            }
            for category, members in _by_category(keyed_items(sales))
        ],
        "staff": [{"name": STAFF, "role": "branch_manager", "pin": PIN, "branches": ["*"]}],
        "accounts": [{"email": email, "name": NAME, "role": "organization_admin", "password": password}],
    }


def keyed_items(sales: PastSales) -> list[tuple[str, PastItem]]:
    """The file's items with their keys in the plan. Items that were never sold are left out."""
    sold = {line.item for ticket in sales.tickets for line in ticket.lines}
    return [(f"i{index}", item) for index, item in enumerate(sales.items) if item.key in sold]


def modifier_keys(sales: PastSales) -> dict[str, str]:
    """Key in the plan of each modifier name."""
    names = dict.fromkeys(name for ticket in sales.tickets for line in ticket.lines for name in line.modifiers)
    return {name: f"m{at}" for at, name in enumerate(names)}


def as_json(plan: dict[str, Any]) -> str:
    """The plan as JSON, as the cloud reads it."""
    return json.dumps(plan, ensure_ascii=False)


def _by_category(items: Iterable[tuple[str, PastItem]]) -> Iterator[tuple[str, list[tuple[str, PastItem]]]]:
    shelves: dict[str, list[tuple[str, PastItem]]] = {}
    for key, item in items:
        shelves.setdefault(item.category, []).append((key, item))
    yield from shelves.items()
