"""Reading combos: the slots of an item, and what may be served for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.menu.combo_records import ComboChoice, ComboSlot
from shared.menu.records import Item
from shared.menu.rules import MenuSlot, SlotChoice

Reader = AsyncConnection | AsyncSession


def is_combo(item_id: Any, organization: Any) -> sa.Exists:
    """The condition that an item has slots."""
    return sa.exists().where(ComboSlot.organization_id == organization, ComboSlot.item_id == item_id, ComboSlot.active)


async def slots_of_combos(
    reader: Reader, organization_id: UUID, items: Iterable[Any]
) -> Mapping[UUID, tuple[MenuSlot, ...]]:
    """The slots of all combos, by combo.

    Args:
        items: the rows of all items that are on the menu; what is not there is no choice.
    """
    slots = (await reader.execute(_slots(), {"organization": organization_id})).all()
    if not slots:
        return {}
    names = {row.id: row.name for row in items}
    choices: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in await reader.execute(_choices(), {"organization": organization_id}):
        choices[row.slot_id].append(row)
    found: defaultdict[UUID, list[MenuSlot]] = defaultdict(list)
    for slot in slots:
        offered = (each for each in choices[slot.id] if each.item_id in names)
        found[slot.item_id].append(
            MenuSlot(slot.id, slot.name, tuple(_choice(each, names[each.item_id]) for each in offered))
        )
    return {item_id: tuple(of_item) for item_id, of_item in found.items()}


async def slots_of(session: AsyncSession, organization_id: UUID, item_id: UUID) -> tuple[MenuSlot, ...]:
    """The slots of one combo, with the choices that are on the menu. One statement."""
    connection = await session.connection()  # reading through the session takes twice as long
    rows = (await connection.execute(_of_item(), {"organization": organization_id, "item": item_id})).all()
    slots: dict[UUID, list[Any]] = {}
    for row in rows:
        slots.setdefault(row.slot_id, []).append(row)
    return tuple(
        MenuSlot(
            slot_id,
            of_slot[0].slot_name,
            tuple(_choice(row, row.item_name) for row in of_slot if row.item_name is not None),
        )
        for slot_id, of_slot in slots.items()
    )


def _choice(row: Any, name: str) -> SlotChoice:
    return SlotChoice(row.id, row.item_id, name, row.price_delta_minor, row.default)


@cache
def _slots() -> sa.Select[*tuple[Any, ...]]:
    """Built once: building it takes longer than running it."""
    return (
        sa.select(ComboSlot.id, ComboSlot.item_id, ComboSlot.name)
        .where(ComboSlot.organization_id == sa.bindparam("organization"), ComboSlot.active)
        .order_by(ComboSlot.position, ComboSlot.id)
    )


@cache
def _choices() -> sa.Select[*tuple[Any, ...]]:
    choice = ComboChoice
    return (
        sa.select(choice.id, choice.slot_id, choice.item_id, choice.price_delta_minor, choice.default)
        .where(choice.organization_id == sa.bindparam("organization"), choice.active)
        .order_by(choice.position, choice.id)
    )


@cache
def _of_item() -> sa.Select[*tuple[Any, ...]]:
    slot, choice, same = ComboSlot, ComboChoice, ComboSlot.organization_id
    return (
        sa.select(
            slot.id.label("slot_id"),
            slot.name.label("slot_name"),
            choice.id,
            choice.item_id,
            choice.price_delta_minor,
            choice.default,
            Item.name.label("item_name"),
        )
        .outerjoin(choice, sa.and_(choice.organization_id == same, choice.slot_id == slot.id, choice.active))
        .outerjoin(Item, sa.and_(Item.organization_id == same, Item.id == choice.item_id, Item.active))
        .where(same == sa.bindparam("organization"), slot.item_id == sa.bindparam("item"), slot.active)
        .order_by(slot.position, slot.id, choice.position, choice.id)
    )
