"""Reading the menu."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.columns import Key, TextsRead
from shared.kernel.errors import NotFound
from shared.kernel.pauses import Between, go_on
from shared.kernel.stamps import holds_over, written_at
from shared.kernel.text import search_keys
from shared.menu.branch_records import BranchItem, BranchPrice, HiddenItem
from shared.menu.combo_queries import is_combo, slots_of_combos
from shared.menu.modifier_queries import group_of_rows, modifier_groups, opened_by, read_opened
from shared.menu.records import Category, Course, Item, ItemModifierGroup, Modifier, ModifierGroup
from shared.menu.rules import Menu, MenuCategory, MenuItem, MenuModifierGroup, MenuSlot

ITEMS_AT_ONCE = 500
"""Of a menu, between two pauses: about two milliseconds."""


async def load_menu(
    reader: AsyncConnection | AsyncSession,
    organization_id: UUID,
    branch_id: UUID | None = None,
    between: Between = go_on,
) -> Menu:
    """The whole menu as plain values, in menu order, with seven statements for any size, nine with combos.

    Args:
        branch_id: whose own dishes and prices hold; None: the organization's menu alone.
        between: awaited after each few hundred items.
    """
    statements, given = _statements(), {"organization": organization_id, "branch": branch_id}
    groups, links = await modifier_groups(reader, organization_id)
    categories = (await reader.execute(statements.categories, given)).all()
    shelves = {row.id: _Shelf(row.name, row.course, []) for row in categories}
    rows: Sequence[Any] = (await reader.execute(statements.items, given)).all()
    slots = await slots_of_combos(reader, organization_id, rows)
    if branch_id is not None and (dishes := (await reader.execute(statements.dishes, given)).all()):
        rows = sorted((*rows, *dishes), key=lambda row: (row.position, row.id))
    for begin in range(0, len(rows), ITEMS_AT_ONCE):
        await between()
        for row in rows[begin : begin + ITEMS_AT_ONCE]:
            shelf = shelves.get(row.category_id)
            if shelf is None:
                continue
            offered = tuple(groups[group_id] for group_id in links.get(row.id, ()) if group_id in groups)
            opened = opened_by(offered, groups) if offered else ()
            parts = slots.get(row.id) if slots else None
            shelf.items.append(_item(row, shelf.name, shelf.course, offered, opened, parts))
    shown = tuple(
        MenuCategory(row.id, row.name, row.parent_id, tuple(shelves[row.id].items), row.places or 0)
        for row in categories
    )
    items = {item.id: item for category in shown for item in category.items}
    keys = search_keys([item.code for item in items.values()])
    by_code = {key: item for key, item in zip(keys, items.values(), strict=True) if item.code}
    return Menu(shown, items, by_code, await course_names(reader, organization_id))


class _Shelf(NamedTuple):
    """A category while its items are read."""

    name: str
    course: int
    items: list[MenuItem]


async def load_item(
    session: AsyncSession, organization_id: UUID, item_id: UUID, branch_id: UUID | None = None
) -> MenuItem:
    """An item of the menu as it is now, with its choices. One statement, since a key press waits for it.

    Of an item with choices that open more choices: one more for each depth. One more for a dish of the branch.

    Raises:
        NotFound: not on the menu.
    """
    connection = await session.connection()  # reading through the session takes twice as long
    given = {"organization": organization_id, "item": item_id, "branch": branch_id}
    rows = (await connection.execute(_statements().item, given)).all()
    if not rows:
        dish = (await connection.execute(_statements().dish, given)).first() if branch_id is not None else None
        if dish is None:
            raise NotFound("items", item_id)
        return _item(dish, dish.category_name, dish.category_course, (), (), None)
    groups: dict[UUID, list[Any]] = {}
    for row in rows:
        if row.group_id is not None:
            groups.setdefault(row.group_id, []).append(row)
    offered = tuple(map(group_of_rows, groups.values()))
    known = {group.id: group for group in offered}
    await read_opened(connection, organization_id, known)
    opened = opened_by(offered, known)
    row = rows[0]
    return _item(row, row.category_name, row.category_course, offered, opened, () if row.is_combo else None)


async def course_names(reader: AsyncConnection | AsyncSession, organization_id: UUID) -> dict[int, str]:
    """What the house calls its courses, by number, where it has named them."""
    rows = await reader.execute(_statements().courses, {"organization": organization_id})
    return {row.number: row.name for row in rows}


def _item(
    row: Any,
    category_name: str,
    course: int,
    groups: tuple[MenuModifierGroup, ...],
    opened: tuple[MenuModifierGroup, ...],
    slots: tuple[MenuSlot, ...] | None,
) -> MenuItem:
    """The item of a row: by position, since a large menu has tens of thousands, and names take twice as long.

    Args:
        course: that of its category.
        slots: of a combo, with the whole menu; None: it is none.
    """
    (
        item_id,
        name,
        code,
        category_id,
        price_minor,
        tax_category_id,
        unit,
        station_id,
        barcodes,
        open_price,
        place,
        kitchen_name,
        own_course,
        allergens,
        branch_price,
    ) = row[:ITEM_COLUMNS]
    return MenuItem(
        item_id,
        name,
        code,
        category_id,
        category_name,
        price_minor if branch_price is None else _price(row),
        tax_category_id,
        unit,
        station_id,
        groups,
        barcodes,
        open_price,
        place,
        opened,
        kitchen_name,
        course if own_course is None else own_course,
        allergens,
        slots is not None,
        slots or (),
    )


def _price(row: Any) -> int:
    """The branch's price, if it holds over the organization's."""
    set_here = written_at(row.branch_stamps, "price_minor")
    return (
        int(row.branch_price)
        if holds_over(set_here, row.knew, written_at(row.stamps, "price_minor"))
        else int(row.price_minor)
    )


class _Statements(NamedTuple):
    item: sa.Select[*tuple[Any, ...]]
    dish: sa.Select[*tuple[Any, ...]]
    dishes: sa.Select[*tuple[Any, ...]]
    categories: sa.Select[*tuple[Any, ...]]
    items: sa.Select[*tuple[Any, ...]]
    courses: sa.Select[*tuple[Any, ...]]


_ITEM = (
    Item.id,
    Item.name,
    Item.code,
    Item.category_id,
    Item.price_minor,
    Item.tax_category_id,
    Item.unit,
    Item.station_id,
    sa.type_coerce(Item.barcodes, TextsRead()).label("barcodes"),
    Item.open_price,
    Item.place,
    Item.kitchen_name,
    Item.course,
    sa.type_coerce(Item.allergens, TextsRead()).label("allergens"),
    BranchPrice.price_minor.label("branch_price"),
    sa.case((BranchPrice.price_minor.is_not(None), Item.stamps)).label("stamps"),
    BranchPrice.stamps.label("branch_stamps"),
    BranchPrice.knew,
)
_DISH = (
    BranchItem.id,
    BranchItem.name,
    BranchItem.code,
    BranchItem.category_id,
    BranchItem.price_minor,
    BranchItem.tax_category_id,
    BranchItem.unit,
    BranchItem.station_id,
    sa.type_coerce(BranchItem.barcodes, TextsRead()).label("barcodes"),
    BranchItem.open_price,
    BranchItem.place,
    BranchItem.kitchen_name,
    BranchItem.course,
    sa.type_coerce(BranchItem.allergens, TextsRead()).label("allergens"),
    sa.null().label("branch_price"),
    BranchItem.position,
)
ITEM_COLUMNS = 1 + [column.name for column in _DISH].index("branch_price")
"""Those with which both begin, and from which an item is made."""


def _of_the_branch() -> sa.ColumnElement[bool]:
    """The condition that a price is that of an item in the branch."""
    return sa.and_(
        BranchPrice.organization_id == Item.organization_id,
        BranchPrice.item_id == Item.id,
        BranchPrice.branch_id == sa.bindparam("branch", type_=Key()),
    )


def _is_shown() -> sa.ColumnElement[bool]:
    """The condition that the branch has not hidden an item. Without a branch nothing is hidden."""
    return Item.id.not_in(
        sa.select(HiddenItem.item_id).where(
            HiddenItem.organization_id == sa.bindparam("organization", type_=Key()),
            HiddenItem.branch_id == sa.bindparam("branch", type_=Key()),
            HiddenItem.hidden,
        )
    )


def _dishes(organization: sa.BindParameter[UUID]) -> sa.Select[*tuple[Any, ...]]:
    """The dishes of the branch that are on the menu."""
    return sa.select(*_DISH).where(
        BranchItem.organization_id == organization,
        BranchItem.branch_id == sa.bindparam("branch", type_=Key()),
        BranchItem.active,
    )


def _places(organization: sa.BindParameter[UUID]) -> sa.Subquery:
    """How many tiles the items of each category have, those of removed ones too: no tile beside them moves."""
    return (
        sa.select(Item.category_id, (sa.func.max(Item.place) + 1).label("places"))
        .where(Item.organization_id == organization)
        .group_by(Item.category_id)
        .subquery()
    )


def _categories(organization: sa.BindParameter[UUID]) -> sa.Select[*tuple[Any, ...]]:
    places = _places(organization)  # once for all: for each category it would look at all items
    return (
        sa.select(Category.id, Category.name, Category.parent_id, Category.course, places.c.places)
        .outerjoin(places, places.c.category_id == Category.id)
        .where(Category.organization_id == organization, Category.active)
        .order_by(Category.position, Category.id)
    )


def _item_statement(organization: sa.BindParameter[UUID]) -> sa.Select[*tuple[Any, ...]]:
    """One item with its category's name: a row for each modifier that it offers, or one row."""
    same = Item.organization_id
    link, group, modifier = ItemModifierGroup, ModifierGroup, Modifier
    return (
        sa.select(
            *_ITEM,
            Category.name.label("category_name"),
            Category.course.label("category_course"),
            is_combo(Item.id, same).label("is_combo"),
            group.id.label("group_id"),
            group.name.label("group_name"),
            group.minimum,
            group.maximum,
            group.pricing,
            modifier.id.label("modifier_id"),
            modifier.name.label("modifier_name"),
            modifier.price_delta_minor,
            modifier.default,
            modifier.opens_id,
            modifier.kitchen_name.label("modifier_kitchen_name"),
            modifier.allergens.label("modifier_allergens"),
        )
        .join(Category, sa.and_(Category.organization_id == same, Category.id == Item.category_id))
        .outerjoin(BranchPrice, _of_the_branch())
        .outerjoin(link, sa.and_(link.organization_id == same, link.item_id == Item.id, link.active))
        .outerjoin(group, sa.and_(group.organization_id == same, group.id == link.group_id))
        .outerjoin(modifier, sa.and_(modifier.organization_id == same, modifier.group_id == group.id, modifier.active))
        .where(same == organization, Item.id == sa.bindparam("item"), Item.active, Category.active, _is_shown())
        .order_by(link.position, link.id, modifier.position, modifier.id)
    )


@cache
def _statements() -> _Statements:
    """The statements, built once: building one takes longer than running it."""
    organization: sa.BindParameter[UUID] = sa.bindparam("organization")
    return _Statements(
        item=_item_statement(organization),
        dish=_dishes(organization)
        .add_columns(Category.name.label("category_name"), Category.course.label("category_course"))
        .join(
            Category,
            sa.and_(
                Category.organization_id == BranchItem.organization_id,
                Category.id == BranchItem.category_id,
                Category.active,
            ),
        )
        .where(BranchItem.id == sa.bindparam("item")),
        dishes=_dishes(organization),
        courses=sa.select(Course.number, Course.name)
        .where(Course.organization_id == organization)
        .order_by(Course.number),
        categories=_categories(organization),
        items=sa.select(*_ITEM, Item.position)
        .outerjoin(BranchPrice, _of_the_branch())
        .where(Item.organization_id == organization, Item.active, _is_shown())
        .order_by(Item.position, Item.id),
    )
