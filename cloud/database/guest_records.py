"""What the cloud alone keeps of guests: doors, phones and carts. Nothing of it is replicated."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cloud.database.control_records import WRITTEN, ControlRecord
from shared.guests.codes import MOST_DOOR_CHARACTERS
from shared.kernel.columns import Instant, Key
from shared.kernel.text import MAX_NAME_CHARACTERS

_KEPT_AND_FORGOTTEN = {"info": {"grants": "select, insert, update, delete"}}


class GuestDoorName(ControlRecord):
    """Which branch an address of guests is of, before the tenant is known. It never changes: it is printed."""

    __tablename__ = "guest_door"
    __table_args__ = (sa.UniqueConstraint("organization_id", "branch_id"), {"info": WRITTEN})
    door: Mapped[str] = mapped_column(sa.String(MOST_DOOR_CHARACTERS), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(Key(), sa.ForeignKey("organization.id"))
    branch_id: Mapped[UUID] = mapped_column(Key())


class GuestPhone(ControlRecord):
    """A guest's phone, from its first deed on. Its token lies in a cookie of the guests' addresses alone.

    Attributes:
        token_hash: SHA-256 of it.
        table_id: whose code it read last.
    """

    __tablename__ = "guest_phone"
    __table_args__ = (sa.Index("ix_guest_phone_table_id", "table_id", "made_at"), _KEPT_AND_FORGOTTEN)
    id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(Key(), sa.ForeignKey("organization.id"), index=True)
    branch_id: Mapped[UUID] = mapped_column(Key())
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    table_id: Mapped[UUID] = mapped_column(Key())
    made_at: Mapped[datetime] = mapped_column(Instant())


class GuestCartLine(ControlRecord):
    """Something in a cart, until it is ordered.

    Attributes:
        cart_id: the table's order, whose phones share it; before the phone is admitted, the phone.
        phone_id: who put it there.
        chosen: modifiers, parts of a combo and a note, as ids and text.
        guest_order_id: the order that took it; None: it lies in the cart.
    """

    __tablename__ = "guest_cart_line"
    __table_args__ = (sa.Index("ix_guest_cart_line_cart_id", "cart_id", "guest_order_id"), _KEPT_AND_FORGOTTEN)
    id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(Key(), sa.ForeignKey("organization.id"), index=True)
    cart_id: Mapped[UUID] = mapped_column(Key())
    phone_id: Mapped[UUID] = mapped_column(Key())
    phone_name: Mapped[str] = mapped_column(sa.String(MAX_NAME_CHARACTERS), default="")
    item_id: Mapped[UUID] = mapped_column(Key())
    pieces: Mapped[int] = mapped_column(sa.Integer)
    chosen: Mapped[dict[str, Any]] = mapped_column(JSONB)
    made_at: Mapped[datetime] = mapped_column(Instant(), index=True)
    guest_order_id: Mapped[UUID | None] = mapped_column(Key())


class GuestContact(ControlRecord):
    """When a process last had a device of a branch that waits for news, while guests ask."""

    __tablename__ = "guest_contact"
    __table_args__ = ({"info": WRITTEN},)
    organization_id: Mapped[UUID] = mapped_column(Key(), sa.ForeignKey("organization.id"), primary_key=True)
    branch_id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    heard_at: Mapped[datetime] = mapped_column(Instant())
