"""The menu: nested categories, items, modifier groups."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.kernel.columns import Choice, Flag, Key, Listed, Whole, Words
from shared.kernel.declared import RowRule, not_negative
from shared.kernel.permissions import Permission
from shared.kernel.records import Record, belongs_to, ledger, register
from shared.menu.halves import GroupPricing

MOST_ALLERGENS = 32
"""Codes that one dish names; the law knows fourteen."""


def _are_codes(values: Any) -> bool:
    return isinstance(values, list) and len(values) <= MOST_ALLERGENS and all(isinstance(each, str) for each in values)


ALLERGENS_ARE_CODES = RowRule("allergens are codes", ("allergens",), _are_codes)

MOST_COURSES = 9
"""Courses of a meal: each has a number key. Peers know up to six."""

IS_COURSE = (RowRule("it is a course", ("course",), lambda course: course is None or 0 <= course <= MOST_COURSES),)


class Course(Record):
    """What the house calls a course: `Entradas`. Its id follows from its number. A course without a row has no name."""

    __tablename__ = "courses"
    __writes__ = Permission.EDIT_MENU
    __rules__ = (RowRule("its number is a course", ("number",), lambda number: 1 <= number <= MOST_COURSES),)
    number: Mapped[int] = ledger(Whole())
    name: Mapped[str] = register(Words(40))


class Category(Record):
    """A category of the menu; categories nest. `course`: that of its items, unless they say another (0: none)."""

    __tablename__ = "categories"
    __writes__ = Permission.EDIT_MENU
    __rules__ = IS_COURSE
    __table_args__ = (belongs_to("parent_id", "categories"),)
    name: Mapped[str] = register(Words(120))
    parent_id: Mapped[UUID | None] = register(Key(), nullable=True)
    course: Mapped[int] = register(Whole(), default=0)
    position: Mapped[int] = register(Whole(), default=0)
    active: Mapped[bool] = register(Flag(), default=True)


BARCODES_ARE_TEXTS = RowRule(
    "barcodes are texts",
    ("barcodes",),
    lambda barcodes: isinstance(barcodes, list) and all(isinstance(barcode, str) for barcode in barcodes),
)


class Item(Record):
    """Something that is sold. `price_minor` is for one `unit` (empty: a piece).

    A `unit` of weight (`weights.py`) says that it is weighed when it is ordered. `open_price`: its price is asked when
    it is ordered, and `price_minor` is what is proposed. `place` is its tile among those of its category, from 0, which
    it keeps whatever comes and goes beside it; without one it comes after those that have one.
    `code` is for quick typing; `barcodes` (a list of texts) are on its packages: several, since makers change them.
    `station_id` is where it is made, if anywhere. `kitchen_name` is what walls and kitchen papers call it (empty: by
    its name). `course`: the course in which it is served (0: none); None: that of its category. `allergens`: codes of
    what is in it (`allergens.py`).
    """

    __tablename__ = "items"
    __writes__ = Permission.EDIT_MENU
    __rules__ = (BARCODES_ARE_TEXTS, ALLERGENS_ARE_CODES, *not_negative("place"), *IS_COURSE)
    __table_args__ = (
        belongs_to("category_id", "categories"),
        belongs_to("tax_category_id", "tax_categories"),
        belongs_to("station_id", "stations"),
    )
    name: Mapped[str] = register(Words(120))
    kitchen_name: Mapped[str] = register(Words(60), default="")
    code: Mapped[str] = register(Words(32), default="")
    barcodes: Mapped[list[str]] = register(Listed(), default=list)
    category_id: Mapped[UUID] = register(Key())
    tax_category_id: Mapped[UUID] = register(Key())
    station_id: Mapped[UUID | None] = register(Key(), nullable=True)
    course: Mapped[int | None] = register(Whole(), nullable=True)
    price_minor: Mapped[int] = register(Whole())
    unit: Mapped[str] = register(Words(12), default="")
    open_price: Mapped[bool] = register(Flag(), default=False)
    position: Mapped[int] = register(Whole(), default=0)
    place: Mapped[int | None] = register(Whole(), nullable=True)
    allergens: Mapped[list[str]] = register(Listed(), default=list)
    active: Mapped[bool] = register(Flag(), default=True)


_EACH = GroupPricing.EACH


class ModifierGroup(Record):
    """Modifiers to choose from: at least `minimum` and at most `maximum` of them. One may be chosen several times."""

    __tablename__ = "modifier_groups"
    __writes__ = Permission.EDIT_MENU
    name: Mapped[str] = register(Words(120))
    minimum: Mapped[int] = register(Whole(), default=0)
    maximum: Mapped[int] = register(Whole(), default=1)
    pricing: Mapped[GroupPricing] = register(
        Choice(GroupPricing, fallback=GroupPricing.EACH), default=GroupPricing.EACH
    )


class Modifier(Record):
    """A modifier of a group: its name, what it adds to the price, whether it is chosen by default.

    `opens_id` is the group that is to be chosen from as well once this one is chosen. `kitchen_name` is what walls and
    kitchen papers call it (empty: by its name). `allergens`: codes of what it brings into the dish.
    """

    __tablename__ = "modifiers"
    __writes__ = Permission.EDIT_MENU
    __rules__ = (ALLERGENS_ARE_CODES,)
    __table_args__ = (
        belongs_to("group_id", "modifier_groups"),
        belongs_to("opens_id", "modifier_groups"),
        Index("ix_modifiers_group_id", "group_id", "organization_id"),
    )
    group_id: Mapped[UUID] = ledger(Key())
    name: Mapped[str] = register(Words(120))
    kitchen_name: Mapped[str] = register(Words(60), default="")
    price_delta_minor: Mapped[int] = register(Whole(), default=0)
    default: Mapped[bool] = register(Flag(), default=False)
    opens_id: Mapped[UUID | None] = register(Key(), nullable=True)
    allergens: Mapped[list[str]] = register(Listed(), default=list)
    position: Mapped[int] = register(Whole(), default=0)
    active: Mapped[bool] = register(Flag(), default=True)


class ItemModifierGroup(Record):
    """The link between an item and a modifier group whose choices it offers."""

    __tablename__ = "item_modifier_groups"
    __writes__ = Permission.EDIT_MENU
    __table_args__ = (
        belongs_to("item_id", "items"),
        belongs_to("group_id", "modifier_groups"),
        Index("ix_item_modifier_groups_item_id", "item_id", "organization_id"),
    )
    item_id: Mapped[UUID] = ledger(Key())
    group_id: Mapped[UUID] = ledger(Key())
    position: Mapped[int] = register(Whole(), default=0)
    active: Mapped[bool] = register(Flag(), default=True)
