"""What something in a cart costs now, by the menu as guests read it. Pure; the order is priced by `proposing`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.quantity import ONE
from shared.menu.combos import choose_parts
from shared.menu.rules import Menu, MenuItem, choose, default_modifiers
from shared.orders.placing import PlacedLine


@dataclass(frozen=True, slots=True)
class Quoted:
    """Something in a cart as it stands now.

    Attributes:
        said: what was chosen, in words.
        price_minor: of all of it; None: it cannot be ordered.
        problem: the code of why not; empty if it can.
    """

    name: str
    said: tuple[str, ...] = ()
    price_minor: int | None = None
    problem: str = ""


def is_for_guests(item: MenuItem) -> bool:
    """Whether guests order it by themselves: not what is weighed, or has its price asked."""
    return not item.open_price and item.weight_unit is None


def as_usual(menu: Menu, line: PlacedLine) -> PlacedLine:
    """A line whose parts of a combo have their usual modifiers, where nobody was asked about any."""
    item = menu.items.get(line.item_id)
    served = {choice.id: choice.item_id for slot in (item.slots if item is not None else ()) for choice in slot.choices}
    parts = []
    for part in line.parts:
        dish = menu.items.get(served.get(part.choice_id, line.item_id))
        usual = default_modifiers(dish) if dish is not None and not part.modifier_ids else part.modifier_ids
        parts.append(replace(part, modifier_ids=usual))
    return replace(line, parts=tuple(parts))


def quote(menu: Menu, line: PlacedLine, out: Collection[UUID]) -> Quoted:
    """What a line comes to now.

    Args:
        menu: of this hour, with its combos.
        out: the dishes and modifiers that are sold out.
    """
    item = menu.items.get(line.item_id)
    if item is None:
        return Quoted("?", problem="NOT_FOUND")
    try:
        said, unit_minor, used = _of_combo(menu, item, line) if item.is_combo else _of_dish(item, line)
    except DomainError as error:
        return Quoted(item.name, problem=error.code)
    if not is_for_guests(item):
        return Quoted(item.name, said, problem="ITEM_NOT_FOR_GUESTS")
    if item.daypart:
        return Quoted(item.name, said, problem="ITEM_NOT_NOW")
    if not used.isdisjoint(out):
        return Quoted(item.name, said, problem="ITEM_SOLD_OUT")
    return Quoted(item.name, said, unit_minor * (line.quantity_milli // ONE))


def _of_dish(item: MenuItem, line: PlacedLine) -> tuple[tuple[str, ...], int, set[UUID]]:
    chosen = choose(item, line.modifier_ids).modifiers
    price = item.price_minor + sum(each.price_delta_minor for each in chosen)
    said = (*(each.name for each in chosen), *filter(None, (line.notes,)))
    return said, price, {item.id, *(each.id for each in chosen)}


def _of_combo(menu: Menu, combo: MenuItem, line: PlacedLine) -> tuple[tuple[str, ...], int, set[UUID]]:
    served = choose_parts(combo.name, combo.slots, [part.choice_id for part in line.parts])
    part_of = {part.choice_id: part for part in line.parts}
    price, said, used = combo.price_minor, list[str](), {combo.id}
    for choice in served:
        part, item = part_of[choice.id], menu.items.get(choice.item_id)
        if item is None:
            raise DomainError("ITEM_SOLD_OUT", item=choice.name)
        chosen = choose(item, part.modifier_ids).modifiers
        price += choice.price_delta_minor + sum(each.price_delta_minor for each in chosen)
        said += [item.name, *(each.name for each in chosen)]
        used |= {item.id, *(each.id for each in chosen)}
    return tuple(said), price, used
