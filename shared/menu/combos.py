"""Writing combos, run on the cloud; and what a combo's parts cost (pure).

A combo is an item with slots. Its price is shared by the items that are served for them, in proportion to what each
costs by itself: so each part is taxed by its own category, made at its own station, and given back at its own price.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.money import price_is_sensible, share
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.menu.combo_records import ComboChoice, ComboSlot
from shared.menu.rules import MenuSlot, SlotChoice


async def add_combo_slot(
    work: Work, item_id: UUID, name: str, position: int = 0, slot_id: UUID | None = None
) -> ComboSlot:
    """Add a slot to an item, which makes it a combo.

    Raises:
        DomainError: NOT_PERMITTED, NAME_MISSING.
    """
    work.require(Permission.EDIT_MENU)
    cleaned = clean(name)
    if not cleaned:
        raise DomainError("NAME_MISSING")
    return work.add(
        ComboSlot(
            organization_id=work.organization_id,
            id=slot_id or work.ids.new(),
            item_id=item_id,
            name=cleaned,
            position=position,
        )
    )


async def add_combo_choice(
    work: Work, slot_id: UUID, item_id: UUID, price_delta_minor: int = 0, position: int = 0, *, default: bool = False
) -> ComboChoice:
    """Let an item be served for a slot. It never makes the combo cheaper.

    Raises:
        DomainError: NOT_PERMITTED, PRICE_NOT_SENSIBLE.
    """
    work.require(Permission.EDIT_MENU)
    if not price_is_sensible(price_delta_minor):
        raise DomainError("PRICE_NOT_SENSIBLE")
    return work.add(
        ComboChoice(
            organization_id=work.organization_id,
            id=combo_choice_id(slot_id, item_id),
            slot_id=slot_id,
            item_id=item_id,
            price_delta_minor=price_delta_minor,
            default=default,
            position=position,
        )
    )


def combo_choice_id(slot_id: UUID, item_id: UUID) -> UUID:
    """Id of what makes an item a choice for a slot. Saying it twice gives the same id."""
    return derived_id("served for", slot_id, item_id)


def usual_choice(slot: MenuSlot) -> SlotChoice | None:
    """The choice of a slot that nobody is asked about: the usual one, or the only one. None: somebody must choose."""
    if len(slot.choices) == 1:
        return slot.choices[0]
    return next((each for each in slot.choices if each.default), None)


def choose_parts(combo: str, slots: Sequence[MenuSlot], choice_ids: Sequence[UUID]) -> tuple[SlotChoice, ...]:
    """The choice for each slot of a combo, in the order of its slots.

    Raises:
        DomainError: COMBO_UNFINISHED (params: item, slot): none, or two, for a slot.
    """
    wanted = list(choice_ids)
    found = []
    for slot in slots:
        chosen = [each for each in slot.choices if each.id in wanted]
        if len(chosen) != 1:
            raise DomainError("COMBO_UNFINISHED", item=combo, slot=slot.name)
        wanted.remove(chosen[0].id)
        found.append(chosen[0])
    if wanted or not found:
        raise DomainError("MODIFIER_UNKNOWN", item=combo)
    return tuple(found)


def share_combo(price_minor: int, deltas_minor: Sequence[int], prices_minor: Sequence[int]) -> list[int]:
    """What each part of a combo costs: what its choice adds, and its share of the price, exactly.

    Args:
        prices_minor: what each part costs by itself. If nothing costs anything, they share alike.
    """
    weights = prices_minor if any(prices_minor) else [1] * len(prices_minor)
    shares = share(price_minor, weights)
    return [part + delta for part, delta in zip(shares, deltas_minor, strict=True)]


def spared_minor(price_minor: int, slots: Sequence[MenuSlot], prices: Mapping[UUID, int]) -> int:
    """What a guest saves with the usual choices of a combo, against ordering them by themselves."""
    usual = [choice for slot in slots if (choice := usual_choice(slot)) is not None]
    alone = sum(prices.get(each.item_id, 0) for each in usual)
    return max(0, alone - price_minor - sum(each.price_delta_minor for each in usual))
