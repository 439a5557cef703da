"""Half-and-half: modifiers that share one dish, each an equal part of it, and what they add to its price. Pure.

Only groups whose `pricing` is not `EACH` share a dish. One modifier alone is the whole of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from shared.kernel.money import divide_half_up

if TYPE_CHECKING:
    from shared.menu.rules import MenuItem, ModifierChoice


class GroupPricing(StrEnum):
    """What the modifiers of a group add to the price.

    `EACH`: every one what it says. The others are of groups whose modifiers share one dish (half-and-half: as many
    equal parts as are chosen): `DEAREST`: the dearest alone; `AVERAGE`: each its part.
    """

    EACH = "each"
    DEAREST = "dearest"
    AVERAGE = "average"


def shared_out(item: MenuItem, chosen: Sequence[ModifierChoice]) -> tuple[ModifierChoice, ...]:
    """Chosen modifiers, those that share a dish with the name and the price of their part."""
    pricing_of = _pricing_of(item)
    found = list(chosen)
    for group, pricing in {pricing_of[each.id] for each in chosen if each.id in pricing_of}:
        places = [at for at, each in enumerate(chosen) if pricing_of.get(each.id) == (group, pricing)]
        if len(places) > 1:
            prices = shared_prices([chosen[at].price_delta_minor for at in places], pricing)
            for at, price_minor in zip(places, prices, strict=True):
                found[at] = _part(chosen[at], len(places), price_minor)
    return tuple(found)


def shared_prices(deltas_minor: Sequence[int], pricing: GroupPricing) -> list[int]:
    """What each of the parts of a dish adds; together exactly the dearest one, or the average rounded half up."""
    if pricing is GroupPricing.DEAREST:
        dearest = max(range(len(deltas_minor)), key=lambda at: (deltas_minor[at], -at))
        return [delta if at == dearest else 0 for at, delta in enumerate(deltas_minor)]
    ends = [divide_half_up(sum(deltas_minor[: at + 1]), len(deltas_minor)) for at in range(len(deltas_minor))]
    return [end - before for end, before in zip(ends, (0, *ends), strict=False)]


def shares_a_dish(item: MenuItem) -> frozenset[UUID]:
    """The modifiers of an item that share it with others of their group."""
    return frozenset(_pricing_of(item))


def part_name(name: str, parts: int) -> str:
    """What a part of a dish is called: `½ Margarita`, `1/3 Margarita`."""
    return f"½ {name}" if parts == 2 else f"1/{parts} {name}"


def _part(choice: ModifierChoice, parts: int, price_minor: int) -> ModifierChoice:
    kitchen_name = part_name(choice.kitchen_name, parts) if choice.kitchen_name else ""
    return replace(choice, name=part_name(choice.name, parts), kitchen_name=kitchen_name, price_delta_minor=price_minor)


def _pricing_of(item: MenuItem) -> Mapping[UUID, tuple[UUID, GroupPricing]]:
    """By modifier that shares a dish: its group, and how that is priced."""
    return {
        choice.id: (group.id, group.pricing)
        for group in item.modifier_groups + item.opened_groups
        if group.pricing is not GroupPricing.EACH
        for choice in group.choices
    }
