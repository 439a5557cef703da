"""The menu as plain values, and choosing an item with its modifiers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.kernel.errors import DomainError


@dataclass(frozen=True, slots=True)
class ModifierChoice:
    """A modifier that may be chosen from its group."""

    id: UUID
    name: str
    price_delta_minor: int
    default: bool


@dataclass(frozen=True, slots=True)
class MenuModifierGroup:
    """A modifier group with its modifiers, in menu order."""

    id: UUID
    name: str
    minimum: int
    maximum: int
    choices: tuple[ModifierChoice, ...]


@dataclass(frozen=True, slots=True)
class MenuItem:
    """An item as a screen and an order need it."""

    id: UUID
    name: str
    code: str
    category_id: UUID
    category_name: str
    price_minor: int
    tax_category_id: UUID
    unit: str
    station_id: UUID | None
    sold_out: bool
    modifier_groups: tuple[MenuModifierGroup, ...]
    barcodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MenuCategory:
    """A category with its own items, in menu order."""

    id: UUID
    name: str
    parent_id: UUID | None
    items: tuple[MenuItem, ...]


@dataclass(frozen=True, slots=True)
class Menu:
    """The whole menu, in memory, in menu order."""

    categories: tuple[MenuCategory, ...]
    items: dict[UUID, MenuItem]
    by_code: dict[str, MenuItem]


@dataclass(frozen=True, slots=True)
class ChosenItem:
    """An item with valid modifiers, ready to become a line."""

    item: MenuItem
    modifiers: tuple[ModifierChoice, ...]


def default_modifiers(item: MenuItem) -> tuple[UUID, ...]:
    """The modifiers that are chosen by default."""
    return tuple(choice.id for group in item.modifier_groups for choice in group.choices if choice.default)


def needs_choice(item: MenuItem) -> bool:
    """Whether the default modifiers are not enough, so that somebody must choose."""
    given = set(default_modifiers(item))
    return any(sum(choice.id in given for choice in group.choices) < group.minimum for group in item.modifier_groups)


def choose(item: MenuItem, modifier_ids: Sequence[UUID]) -> ChosenItem:
    """Choose an item with these modifiers, checked.

    Raises:
        DomainError: ITEM_SOLD_OUT, MODIFIER_UNKNOWN, TOO_FEW_MODIFIERS, TOO_MANY_MODIFIERS.
    """
    if item.sold_out:
        raise DomainError("ITEM_SOLD_OUT", item=item.name)
    return choose_again(item, modifier_ids)


def choose_again(item: MenuItem, modifier_ids: Sequence[UUID]) -> ChosenItem:
    """Choose other modifiers for what is ordered already: that it is sold out since then hinders nobody.

    Raises:
        DomainError: MODIFIER_UNKNOWN, TOO_FEW_MODIFIERS, TOO_MANY_MODIFIERS.
    """
    wanted = set(modifier_ids)
    chosen: list[ModifierChoice] = []
    for group in item.modifier_groups:
        of_group = [choice for choice in group.choices if choice.id in wanted]
        if len(of_group) < group.minimum:
            raise DomainError("TOO_FEW_MODIFIERS", group=group.name, minimum=group.minimum)
        if len(of_group) > group.maximum:
            raise DomainError("TOO_MANY_MODIFIERS", group=group.name, maximum=group.maximum)
        chosen += of_group
    if len(chosen) != len(wanted):
        raise DomainError("MODIFIER_UNKNOWN", item=item.name)
    return ChosenItem(item, tuple(chosen))
