"""Combos that were ordered: the price that the lines of their parts share."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.kernel.columns import Instant, Key, Whole, Words
from shared.kernel.declared import BranchPrices, ListPrice, Proposed, adds_up, not_negative
from shared.kernel.permissions import Permission
from shared.kernel.records import BranchRecord, belongs_to, ledger
from shared.orders.records import BY_RULE

PROPOSED_OF_COMBO = ("item_id", "name", "price_minor", "extra_minor", "share_minor", "price_rule_id")
"""What a combo says as the guest's order says it."""


class OrderCombo(BranchRecord):
    """A combo as it was ordered, some number of times. Its parts are lines that name it, written with it.

    Attributes:
        item_id: the combo.
        price_minor: of one, as listed or as a rule made it; no right sells it at another price.
        extra_minor: what dearer choices add.
        share_minor: both together, which the parts share to the minor unit.
        guest_order_id: the guest's order that says it, under the same id.
    """

    __tablename__ = "order_combos"
    __writes__ = Permission.TAKE_ORDER
    __rules__ = (
        *not_negative("price_minor", "extra_minor"),
        adds_up("share_minor", "price_minor", "extra_minor"),
    )
    __told__ = ("name", "price_minor")
    __proposed__ = Proposed("guest_order_id", "guest_order_combos", PROPOSED_OF_COMBO)
    __list_price__ = ListPrice(
        price="price_minor",
        item="item_id",
        whole="order_id",
        table="items",
        listed="price_minor",
        is_open="open_price",
        by=Permission.OVERRIDE_PRICE,
        by_open=(Permission.SET_OPEN_PRICE, Permission.OVERRIDE_PRICE),
        in_branches=BranchPrices("branch_prices", "item_id", "price_minor", dishes="branch_items"),
        by_rule=BY_RULE,
    )
    __table_args__ = (
        belongs_to("order_id", "orders"),
        Index("ix_order_combos_order_id", "order_id", "organization_id"),
    )
    order_id: Mapped[UUID] = ledger(Key())
    item_id: Mapped[UUID] = ledger(Key())
    name: Mapped[str] = ledger(Words(120))
    price_minor: Mapped[int] = ledger(Whole())
    extra_minor: Mapped[int] = ledger(Whole(), default=0)
    share_minor: Mapped[int] = ledger(Whole())
    price_rule_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    guest_order_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    added_at: Mapped[datetime] = ledger(Instant())
