"""What may be sold how: the quantity or weight, the price and the modifiers of a line, as the commands check them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.money import price_is_sensible
from shared.kernel.permissions import Permission
from shared.kernel.quantity import format_quantity
from shared.kernel.work import Work
from shared.menu.availability import require_left
from shared.menu.branch_records import BranchItem
from shared.menu.halves import shares_a_dish
from shared.menu.records import Item
from shared.menu.rules import MenuItem, ModifierChoice, choose
from shared.menu.weights import most_weight_milli, weight_is_sensible, weight_unit
from shared.orders.records import MOST_SEATS
from shared.orders.rules import gross_of, quantity_is_sensible, unit_with_modifiers
from shared.truth.family import Family
from shared.truth.portions import KITCHEN_NAME, modifiers_of


def require_price(
    work: Work, item: MenuItem | None, unit_price_minor: int, *, last_listed_minor: int | None = None
) -> None:
    """Raise unless the actor may sell an item at this price; limits are held against the price of one.

    Args:
        item: None if the menu has it no more.
        last_listed_minor: what the menu said of it then (`last_listed`). The cloud's judge measures from there, too.

    Raises:
        DomainError: NOT_PERMITTED, ABOVE_LIMIT, PRICE_NOT_SENSIBLE.
    """
    is_open = item is not None and item.open_price
    if not price_is_sensible(unit_price_minor) or (is_open and not unit_price_minor):
        raise DomainError("PRICE_NOT_SENSIBLE")
    listed = item.price_minor if item is not None else last_listed_minor
    if unit_price_minor == listed:
        return
    if not is_open:
        work.require(Permission.OVERRIDE_PRICE, unit_price_minor - (listed or 0))
    elif not work.actor.may(Permission.OVERRIDE_PRICE, unit_price_minor):
        work.require(Permission.SET_OPEN_PRICE, unit_price_minor)


async def last_listed(work: Work, item_id: UUID) -> int | None:
    """What the menu said of an item, or of a dish of the branch, that it has no more. None: it is not known here."""
    key = work.organization_id, item_id
    item = await work.session.get(Item, key)
    if item is not None:
        return item.price_minor
    dish = await work.session.get(BranchItem, key)
    return dish.price_minor if dish is not None else None


def chosen_again(
    item: MenuItem, modifier_ids: Sequence[UUID], held: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The modifiers of a line that had others: those that stay as they were noted, new ones as the menu has them."""
    offered = {choice.id for group in item.modifier_groups + item.opened_groups for choice in group.choices}
    chosen = choose(item, [each for each in modifier_ids if each in offered])
    shared = {str(each) for each in shares_a_dish(item)}  # what a half costs follows from the other half
    noted: dict[str, list[dict[str, Any]]] = {}
    for each in held:
        if each["id"] not in shared:
            noted.setdefault(each["id"], []).append(dict(each))
    modifiers = [noted[new["id"]].pop(0) if noted.get(new["id"]) else new for new in snapshot(chosen.modifiers)]
    for gone in (str(each) for each in modifier_ids if each not in offered):
        if not noted.get(gone):
            raise DomainError("MODIFIER_UNKNOWN", item=item.name)
        modifiers.append(noted[gone].pop(0))
    return modifiers


def modifiers_now(item: MenuItem, held: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]] | None:
    """The modifiers of a line as the menu has them now, if they cost something else; None: they cost the same, or the
    menu offers them no more."""
    try:
        now = snapshot(choose(item, _ids_of(held)).modifiers)
    except DomainError:
        return None
    return now if _costs(now) != _costs(held) else None


def _costs(modifiers: Sequence[Mapping[str, Any]]) -> list[tuple[str, int]]:
    return sorted((str(each["id"]), int(each["price_delta_minor"])) for each in modifiers)


def check_quantity(quantity_milli: int, sold: Any) -> None:
    """Of what is sold by weight, the weight.

    Args:
        sold: an item or a line: what has a unit.
    """
    unit = weight_unit(sold.unit)
    if unit is not None and not weight_is_sensible(unit, quantity_milli):
        raise DomainError("WEIGHT_NOT_SENSIBLE", most=format_quantity(most_weight_milli(unit)), unit=unit)
    if not quantity_is_sensible(quantity_milli):
        raise DomainError("QUANTITY_NOT_SENSIBLE")


def refuse_part(row: Any) -> None:
    """Raise if a line is a part of a combo, which only changes as a whole: its price holds for all parts together.

    Raises:
        DomainError: PART_OF_COMBO (params: item, combo).
    """
    if row.combo_id is not None:
        raise DomainError("PART_OF_COMBO", item=row.item_name, combo=row.combo_name)


def can_grow(work: Work, row: Any, family: Family) -> bool:
    """Whether "one more" is added to a line itself: its author's, no part of another, neither sent nor paid."""
    own = row.author == work.author and row.root_id == row.id
    return own and not family.is_told and not family.is_covered


def check_seat(seat: int) -> None:
    """Raise unless a line can name such a seat (0: none).

    Raises:
        DomainError: SEAT_NOT_SENSIBLE.
    """
    if not 0 <= seat <= MOST_SEATS:
        raise DomainError("SEAT_NOT_SENSIBLE", most=MOST_SEATS)


def check_price(quantity_milli: int, unit_price_minor: int, modifiers: Sequence[Mapping[str, Any]]) -> None:
    """The price of one and of the whole line: both must fit where money is stored."""
    unit = unit_with_modifiers(unit_price_minor, [each["price_delta_minor"] for each in modifiers])
    if not (price_is_sensible(unit_price_minor) and price_is_sensible(gross_of(quantity_milli, unit))):
        raise DomainError("PRICE_NOT_SENSIBLE")


def snapshot(modifiers: Sequence[ModifierChoice]) -> list[dict[str, Any]]:
    """Modifiers as a line notes them; one that was chosen twice is noted twice."""
    return [
        {"id": str(option.id), "name": option.name, "price_delta_minor": option.price_delta_minor}
        | ({KITCHEN_NAME: option.kitchen_name} if option.kitchen_name else {})
        for option in modifiers
    ]


async def require_more(work: Work, row: Any, lines: Mapping[UUID, Any], quantity_milli: int) -> None:
    """Raise unless there is so much more of a line, and of its modifiers."""
    await require_left(work, row.item_id, _ids_of(modifiers_of(row.id, lines)), quantity_milli)


async def require_modifiers(
    work: Work, held: Sequence[Mapping[str, Any]], modifiers: Sequence[Mapping[str, Any]], quantity_milli: int
) -> None:
    """Raise unless there is enough of the modifiers that a line did not have."""
    new = Counter(_ids_of(modifiers)) - Counter(_ids_of(held))
    await require_left(work, None, new.elements(), quantity_milli)


def _ids_of(modifiers: Sequence[Mapping[str, Any]]) -> list[UUID]:
    """The ids of modifiers as lines note them. What is no id, whoever wrote it, is left out."""
    found = []
    for each in modifiers:
        with suppress(ValueError):
            found.append(UUID(each["id"]))
    return found
