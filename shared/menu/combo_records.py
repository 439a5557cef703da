"""Combos: items that are sold as several others at one price. An item with slots is a combo."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.kernel.columns import Flag, Key, Whole, Words
from shared.kernel.permissions import Permission
from shared.kernel.records import Record, belongs_to, ledger, register


class ComboSlot(Record):
    """A part of a combo: one of its choices is served for it. `item_id` is the combo."""

    __tablename__ = "combo_slots"
    __writes__ = Permission.EDIT_MENU
    __table_args__ = (
        belongs_to("item_id", "items"),
        Index("ix_combo_slots_item_id", "item_id", "organization_id"),
    )
    item_id: Mapped[UUID] = ledger(Key())
    name: Mapped[str] = register(Words(120))
    position: Mapped[int] = register(Whole(), default=0)
    active: Mapped[bool] = register(Flag(), default=True)


class ComboChoice(Record):
    """An item that may be served for a slot, and what it adds to the combo's price."""

    __tablename__ = "combo_choices"
    __writes__ = Permission.EDIT_MENU
    __table_args__ = (
        belongs_to("slot_id", "combo_slots"),
        belongs_to("item_id", "items"),
        Index("ix_combo_choices_slot_id", "slot_id", "organization_id"),
    )
    slot_id: Mapped[UUID] = ledger(Key())
    item_id: Mapped[UUID] = ledger(Key())
    price_delta_minor: Mapped[int] = register(Whole(), default=0)
    default: Mapped[bool] = register(Flag(), default=False)
    position: Mapped[int] = register(Whole(), default=0)
    active: Mapped[bool] = register(Flag(), default=True)
