"""Reading the menu."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.columns import Key
from shared.kernel.errors import NotFound
from shared.kernel.stamps import holds_over, written_at
from shared.kernel.text import search_key
from shared.menu.branch_records import BranchItem, BranchPrice, HiddenItem
from shared.menu.combo_queries import is_combo, slots_of_combos
from shared.menu.modifier_queries import group_of_rows, modifier_groups, opened_by, read_opened
from shared.menu.records import Category, Course, Item, ItemModifierGroup, Modifier, ModifierGroup
from shared.menu.rules import Menu, MenuCategory, MenuItem, MenuModifierGroup, MenuSlot


async def load_menu(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID | None = None
) -> Menu:
    """The whole menu as plain values, in menu order, with seven statements for any size, nine with combos.

    Args:
        branch_id: whose own dishes and prices hold; None: the organization's menu alone.
    """
    statements, given = _statements(), {"organization": organization_id, "branch": branch_id}
    groups, links = await modifier_groups(reader, organization_id)
    categories = (await reader.execute(statements.categories, given)).all()
    names = {row.id: row.name for row in categories}
    courses = {row.id: row.course for row in categories}
    items_of: dict[UUID, list[MenuItem]] = defaultdict(list)
    rows: list[Any] = [*await reader.execute(statements.items, given)]
    slots = await slots_of_combos(reader, organization_id, {row.id: row.name for row in rows})
    if branch_id is not None and (dishes := (await reader.execute(statements.dishes, given)).all()):
        rows = sorted((*rows, *dishes), key=lambda row: (row.position, row.id))
    for row in rows:
        if row.category_id not in names:
            continue
        offered = tuple(groups[group_id] for group_id in links[row.id] if group_id in groups)
        items_of[row.category_id].append(
            _item(
                row,
                names[row.category_id],
                courses[row.category_id],
                offered,
                opened_by(offered, groups),
                slots.get(row.id, ()),
                is_combo=row.id in slots,
            )
        )
    shown = tuple(
        MenuCategory(row.id, row.name, row.parent_id, tuple(items_of[row.id]), row.places or 0) for row in categories
    )
    items = {item.id: item for category in shown for item in category.items}
    by_code = {search_key(item.code): item for item in items.values() if item.code}
    return Menu(shown, items, by_code, await course_names(reader, organization_id))


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
        return _item(dish, dish.category_name, dish.category_course, (), ())
    groups: dict[UUID, list[Any]] = {}
    for row in rows:
        if row.group_id is not None:
            groups.setdefault(row.group_id, []).append(row)
    offered = tuple(map(group_of_rows, groups.values()))
    known = {group.id: group for group in offered}
    await read_opened(connection, organization_id, known)
    opened = opened_by(offered, known)
    return _item(
        rows[0], rows[0].category_name, rows[0].category_course, offered, opened, is_combo=bool(rows[0].is_combo)
    )


async def course_names(reader: AsyncConnection | AsyncSession, organization_id: UUID) -> dict[int, str]:
    """What the house calls its courses, by number, where it has named them."""
    rows = await reader.execute(_statements().courses, {"organization": organization_id})
    return {row.number: row.name for row in rows}


async def is_on_menu(
    session: AsyncSession, organization_id: UUID, item_id: UUID, branch_id: UUID | None = None
) -> bool:
    """Whether an item is on the menu."""
    connection = await session.connection()  # as in `load_item`
    given = {"organization": organization_id, "item": item_id, "branch": branch_id}
    return (await connection.execute(_statements().on_menu, given)).first() is not None


def _item(
    row: Any,
    category_name: str,
    course: int,
    groups: tuple[MenuModifierGroup, ...],
    opened: tuple[MenuModifierGroup, ...],
    slots: tuple[MenuSlot, ...] = (),
    *,
    is_combo: bool = False,
) -> MenuItem:
    """The item of a row. `course`: that of its category."""
    return MenuItem(
        id=row.id,
        name=row.name,
        code=row.code,
        category_id=row.category_id,
        category_name=category_name,
        price_minor=_price(row),
        tax_category_id=row.tax_category_id,
        unit=row.unit,
        station_id=row.station_id,
        modifier_groups=groups,
        barcodes=tuple(row.barcodes),
        open_price=row.open_price,
        place=row.place,
        opened_groups=opened,
        kitchen_name=row.kitchen_name,
        course=course if row.course is None else row.course,
        allergens=tuple(row.allergens or ()),
        is_combo=is_combo,
        slots=slots,
    )


def _price(row: Any) -> int:
    """The branch's price, if it holds over the organization's."""
    own: int | None = row.branch_price
    if own is None:
        return int(row.price_minor)
    set_here = written_at(row.branch_stamps, "price_minor")
    return own if holds_over(set_here, row.knew, written_at(row.stamps, "price_minor")) else int(row.price_minor)


class _Statements(NamedTuple):
    item: sa.Select[*tuple[Any, ...]]
    dish: sa.Select[*tuple[Any, ...]]
    dishes: sa.Select[*tuple[Any, ...]]
    on_menu: sa.CompoundSelect[*tuple[Any, ...]]
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
    Item.barcodes,
    Item.open_price,
    Item.place,
    Item.kitchen_name,
    Item.course,
    Item.allergens,
    BranchPrice.price_minor.label("branch_price"),
    Item.stamps,
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
    BranchItem.barcodes,
    BranchItem.open_price,
    BranchItem.place,
    BranchItem.kitchen_name,
    BranchItem.course,
    BranchItem.allergens,
    BranchItem.position,
    sa.null().label("branch_price"),
)


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


def _places() -> sa.Label[int | None]:
    """How many tiles the items of a category have, those of removed ones too: no tile beside them moves."""
    of_category = sa.and_(Item.organization_id == Category.organization_id, Item.category_id == Category.id)
    return sa.select(sa.func.max(Item.place) + 1).where(of_category).scalar_subquery().label("places")


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
        on_menu=sa.union_all(
            sa.select(Item.id).where(
                Item.organization_id == organization,
                Item.id == sa.bindparam("item"),
                Item.active,
                _is_shown(),
            ),
            sa.select(BranchItem.id).where(
                BranchItem.organization_id == organization,
                BranchItem.id == sa.bindparam("item"),
                BranchItem.branch_id == sa.bindparam("branch", type_=Key()),
                BranchItem.active,
            ),
        ),
        courses=sa.select(Course.number, Course.name)
        .where(Course.organization_id == organization)
        .order_by(Course.number),
        categories=sa.select(Category.id, Category.name, Category.parent_id, Category.course, _places())
        .where(Category.organization_id == organization, Category.active)
        .order_by(Category.position, Category.id),
        items=sa.select(*_ITEM, Item.position)
        .outerjoin(BranchPrice, _of_the_branch())
        .where(Item.organization_id == organization, Item.active, _is_shown())
        .order_by(Item.position, Item.id),
    )
