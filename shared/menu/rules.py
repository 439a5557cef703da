"""The menu as plain values, and choosing an item with its modifiers. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.menu.allergens import in_order
from shared.menu.halves import GroupPricing, shared_out
from shared.menu.weights import weight_unit


@dataclass(frozen=True, slots=True)
class ModifierChoice:
    """A modifier that may be chosen from its group.

    Attributes:
        opens_id: the group that is chosen from, too, once it is chosen.
        kitchen_name: what walls and kitchen papers call it; empty: by its name.
    """

    id: UUID
    name: str
    price_delta_minor: int
    default: bool
    opens_id: UUID | None = None
    kitchen_name: str = ""
    allergens: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MenuModifierGroup:
    """A modifier group with its modifiers, in menu order.

    Attributes:
        pricing: what they add to the price; other than `EACH` they share the dish (`halves.py`).
    """

    id: UUID
    name: str
    minimum: int
    maximum: int
    choices: tuple[ModifierChoice, ...]
    pricing: GroupPricing = GroupPricing.EACH


@dataclass(frozen=True, slots=True)
class SlotChoice:
    """An item that may be served for a slot of a combo. `price_delta_minor`: what it adds to the combo's price."""

    id: UUID
    item_id: UUID
    name: str
    price_delta_minor: int
    default: bool


@dataclass(frozen=True, slots=True)
class MenuSlot:
    """A part of a combo, of which one choice is served."""

    id: UUID
    name: str
    choices: tuple[SlotChoice, ...]


@dataclass(frozen=True, slots=True)
class MenuItem:
    """An item as a screen and an order need it.

    Attributes:
        modifier_groups: those that are always chosen from.
        opened_groups: those that modifiers open, and those that their modifiers open.
        open_price: whether the price is asked; `price_minor` is what is proposed.
        place: its tile among those of its category, from 0; None: after those that have one.
        kitchen_name: what walls and kitchen papers call it; empty: by its name.
        course: the course in which it is served; 0: none.
        allergens: codes of what is in it, without its modifiers.
        is_combo: whether it is sold as several others; `slots`: of those, where the whole menu was read.
        price_name: the price rule that made its price at this hour; empty: it is the listed one.
        daypart, sold_from: it is not sold at this hour, but in this part of the day, next from this wall time on.
    """

    id: UUID
    name: str
    code: str
    category_id: UUID
    category_name: str
    price_minor: int
    tax_category_id: UUID
    unit: str
    station_id: UUID | None
    modifier_groups: tuple[MenuModifierGroup, ...]
    barcodes: tuple[str, ...] = ()
    open_price: bool = False
    place: int | None = None
    opened_groups: tuple[MenuModifierGroup, ...] = ()
    kitchen_name: str = ""
    course: int = 0
    allergens: tuple[str, ...] = ()
    is_combo: bool = False
    slots: tuple[MenuSlot, ...] = ()
    price_name: str = ""
    daypart: str = ""
    sold_from: datetime | None = None

    @property
    def weight_unit(self) -> str | None:
        """The unit of weight that it is sold by. None: by the piece."""
        return weight_unit(self.unit)


@dataclass(frozen=True, slots=True)
class MenuCategory:
    """A category with its own items, in menu order.

    Attributes:
        places: how many tiles its items have, those included whose item was removed.
    """

    id: UUID
    name: str
    parent_id: UUID | None
    items: tuple[MenuItem, ...]
    places: int = 0


@dataclass(frozen=True, slots=True)
class Menu:
    """The whole menu, in memory, in menu order. `courses`: what the house calls them, by number."""

    categories: tuple[MenuCategory, ...]
    items: dict[UUID, MenuItem]
    by_code: dict[str, MenuItem]
    courses: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChosenItem:
    """An item with valid modifiers, ready to become a line."""

    item: MenuItem
    modifiers: tuple[ModifierChoice, ...]


def default_modifiers(item: MenuItem) -> tuple[UUID, ...]:
    """The modifiers that are chosen by default, those of the groups that they open among them."""
    usual = [choice.id for group in _all_groups(item) for choice in group.choices if choice.default]
    return tuple(choice.id for choice in in_menu_order(item, usual))


def needs_choice(item: MenuItem) -> bool:
    """Whether the default modifiers are not enough, so that somebody must choose."""
    given = set(default_modifiers(item))
    groups = asked_groups(item, given)
    return any(sum(choice.id in given for choice in group.choices) < group.minimum for group in groups)


def asked_groups(item: MenuItem, chosen: Collection[UUID]) -> tuple[MenuModifierGroup, ...]:
    """The groups to choose from with these modifiers chosen: each once, an opened one after the group that opens it."""
    opened = {group.id: group for group in item.opened_groups}
    asked: dict[UUID, MenuModifierGroup] = {}

    def ask(group: MenuModifierGroup) -> None:
        if group.id in asked:
            return
        asked[group.id] = group
        for choice in group.choices:
            if choice.opens_id in opened and choice.id in chosen:
                ask(opened[choice.opens_id])

    for group in item.modifier_groups:
        ask(group)
    return tuple(asked.values())


def in_menu_order(item: MenuItem, modifier_ids: Sequence[UUID]) -> tuple[ModifierChoice, ...]:
    """These modifiers in menu order, each as often as it is named; what one opens comes right after it.

    Those of groups that are not asked are left out.
    """
    wanted, asked = Counter(modifier_ids), {group.id: group for group in asked_groups(item, modifier_ids)}
    ordered: list[ModifierChoice] = []

    def take(group_id: UUID | None) -> None:
        group = asked.pop(group_id, None) if group_id is not None else None
        for choice in group.choices if group is not None else ():
            ordered.extend([choice] * wanted[choice.id])
            if choice.id in wanted:
                take(choice.opens_id)

    for group in item.modifier_groups:
        take(group.id)
    return tuple(ordered)


def choose(item: MenuItem, modifier_ids: Sequence[UUID]) -> ChosenItem:
    """Choose an item with modifiers; one may be chosen several times.

    Raises:
        DomainError: MODIFIER_UNKNOWN, TOO_FEW_MODIFIERS, TOO_MANY_MODIFIERS.
    """
    wanted, chosen = Counter(modifier_ids), in_menu_order(item, modifier_ids)
    for group in asked_groups(item, wanted):
        count = sum(wanted[choice.id] for choice in group.choices)
        if count < group.minimum:
            raise DomainError("TOO_FEW_MODIFIERS", group=group.name, minimum=group.minimum)
        if count > group.maximum:
            raise DomainError("TOO_MANY_MODIFIERS", group=group.name, maximum=group.maximum)
    if len(chosen) != len(modifier_ids):
        raise DomainError("MODIFIER_UNKNOWN", item=item.name)
    return ChosenItem(item, shared_out(item, chosen))


def allergens_of(item: MenuItem, modifier_ids: Collection[UUID]) -> tuple[str, ...]:
    """The allergens of an item with these modifiers."""
    brought = (
        code
        for group in _all_groups(item)
        for each in group.choices
        if each.id in modifier_ids
        for code in each.allergens
    )
    return in_order((*item.allergens, *brought))


def _all_groups(item: MenuItem) -> tuple[MenuModifierGroup, ...]:
    return item.modifier_groups + item.opened_groups
