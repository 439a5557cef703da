"""What a branch says of the menu by itself: dishes that only it sells, prices of its own, and what it does not sell.

All are rows of the branch, so a till writes them without asking anybody and sells by them at once. They hold in their
branch only. Between a branch's price and the organization's the newest stamp wins, wherever each was written.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.kernel.columns import Flag, Key, Listed, Whole, Words
from shared.kernel.declared import not_negative
from shared.kernel.permissions import DeviceKind, Permission
from shared.kernel.records import BranchRecord, belongs_to, ledger, register
from shared.menu.records import ALLERGENS_ARE_CODES, BARCODES_ARE_TEXTS, IS_COURSE

SETS_THE_MENU = frozenset({DeviceKind.TILL, DeviceKind.MANAGER, DeviceKind.CLOUD})
"""No waiter's handheld, and no display in the kitchen."""


class BranchItem(BranchRecord):
    """A dish that one branch alone sells. Its columns are those of an item."""

    __tablename__ = "branch_items"
    __writes__ = Permission.ADD_DISH
    __devices__ = SETS_THE_MENU
    __rules__ = (BARCODES_ARE_TEXTS, ALLERGENS_ARE_CODES, *not_negative("place", "price_minor"), *IS_COURSE)
    __told__ = ("name", "price_minor")
    __table_args__ = (
        belongs_to("category_id", "categories"),
        belongs_to("tax_category_id", "tax_categories"),
        belongs_to("station_id", "stations"),
        Index("ix_branch_items_branch_id", "branch_id", "organization_id"),
    )
    name: Mapped[str] = register(Words(120))
    kitchen_name: Mapped[str] = register(Words(60), default="")
    code: Mapped[str] = register(Words(32), default="")
    barcodes: Mapped[list[str]] = register(Listed(), default=list)
    category_id: Mapped[UUID] = register(Key())
    tax_category_id: Mapped[UUID] = register(Key())
    station_id: Mapped[UUID | None] = register(Key(), nullable=True)
    course: Mapped[int | None] = register(Whole(), nullable=True)
    price_minor: Mapped[int] = register(Whole(), by=(Permission.ADD_DISH, Permission.SET_PRICE), starts_free=True)
    unit: Mapped[str] = register(Words(12), default="")
    open_price: Mapped[bool] = register(Flag(), default=False)
    position: Mapped[int] = register(Whole(), default=0)
    place: Mapped[int | None] = register(Whole(), nullable=True)
    allergens: Mapped[list[str]] = register(Listed(), default=list)
    active: Mapped[bool] = register(Flag(), default=True)


class BranchPrice(BranchRecord):
    """The price of an item in one branch. The id follows from branch and item.

    Attributes:
        price_minor: None: the organization's price again.
        knew: what was known then of the organization's price (`said_text`): that one is older, whatever clocks say.
    """

    __tablename__ = "branch_prices"
    __writes__ = Permission.SET_PRICE
    __devices__ = SETS_THE_MENU
    __rules__ = not_negative("price_minor")
    __told__ = ("price_minor",)
    __table_args__ = (
        belongs_to("item_id", "items"),
        Index("ix_branch_prices_item_id", "item_id", "organization_id"),
    )
    item_id: Mapped[UUID] = ledger(Key())
    price_minor: Mapped[int | None] = register(Whole(), nullable=True)
    knew: Mapped[str] = register(Words(60), default="")


class HiddenItem(BranchRecord):
    """An item that one branch does not sell, until somebody shows it again. The id follows from branch and item."""

    __tablename__ = "hidden_items"
    __writes__ = Permission.ADD_DISH
    __devices__ = SETS_THE_MENU
    __told__ = ("hidden",)
    __table_args__ = (
        belongs_to("item_id", "items"),
        Index("ix_hidden_items_item_id", "item_id", "organization_id"),
    )
    item_id: Mapped[UUID] = ledger(Key())
    hidden: Mapped[bool] = register(Flag(), default=True)
