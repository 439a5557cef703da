"""Reading the menu."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.columns import Key
from shared.kernel.errors import NotFound
from shared.kernel.stamps import holds_over, written_at
from shared.kernel.text import search_key
from shared.menu.branch_records import BranchItem, BranchPrice
from shared.menu.records import Category, Course, Item, ItemModifierGroup, Modifier, ModifierGroup
from shared.menu.rules import Menu, MenuCategory, MenuItem, MenuModifierGroup, ModifierChoice


async def load_menu(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID | None = None
) -> Menu:
    """The whole menu as plain values, in menu order, with six statements for any size; seven for a branch.

    Args:
        branch_id: whose own dishes and prices hold; None: the organization's menu alone.
    """
    statements, given = _statements(), {"organization": organization_id, "branch": branch_id}
    groups, links = await _modifier_groups(reader, organization_id)
    categories = (await reader.execute(statements.categories, given)).all()
    names = {row.id: row.name for row in categories}
    courses = {row.id: row.course for row in categories}
    items_of: dict[UUID, list[MenuItem]] = defaultdict(list)
    rows: list[Any] = [*await reader.execute(statements.items, given)]
    if branch_id is not None and (dishes := (await reader.execute(statements.dishes, given)).all()):
        rows = sorted((*rows, *dishes), key=lambda row: (row.position, row.id))
    for row in rows:
        if row.category_id not in names:
            continue
        offered = tuple(groups[group_id] for group_id in links[row.id] if group_id in groups)
        items_of[row.category_id].append(
            _item(row, names[row.category_id], courses[row.category_id], offered, _opened(offered, groups))
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
    offered = tuple(map(_group, groups.values()))
    known = {group.id: group for group in offered}
    while missing := _opened_ids(known.values()) - known.keys():
        read = await connection.execute(_statements().opened, {"organization": organization_id, "groups": [*missing]})
        of_groups: dict[UUID, list[Any]] = {group_id: [] for group_id in missing}
        for row in read:
            of_groups[row.group_id].append(row)
        known |= {group_id: _group(rows_of) for group_id, rows_of in of_groups.items() if rows_of}
        if not known.keys() >= missing:
            break
    return _item(rows[0], rows[0].category_name, rows[0].category_course, offered, _opened(offered, known))


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
    )


def _price(row: Any) -> int:
    """The branch's price, if it holds over the organization's."""
    own: int | None = row.branch_price
    if own is None:
        return int(row.price_minor)
    set_here = written_at(row.branch_stamps, "price_minor")
    return own if holds_over(set_here, row.knew, written_at(row.stamps, "price_minor")) else int(row.price_minor)


def _group(rows: Sequence[Any]) -> MenuModifierGroup:
    """A modifier group from the rows of its modifiers, or from one row without any."""
    choices = [
        ModifierChoice(
            row.modifier_id,
            row.modifier_name,
            row.price_delta_minor,
            row.default,
            row.opens_id,
            row.modifier_kitchen_name,
        )
        for row in rows
        if row.modifier_id is not None
    ]
    return MenuModifierGroup(rows[0].group_id, rows[0].group_name, rows[0].minimum, rows[0].maximum, tuple(choices))


def _opened_ids(groups: Iterable[MenuModifierGroup]) -> set[UUID]:
    """The groups that modifiers of these open."""
    return {choice.opens_id for group in groups for choice in group.choices if choice.opens_id is not None}


def _opened(
    offered: Sequence[MenuModifierGroup], groups: Mapping[UUID, MenuModifierGroup]
) -> tuple[MenuModifierGroup, ...]:
    """The groups that modifiers of these open, and those that their modifiers open. (Groups may open each other.)"""
    opened: dict[UUID, MenuModifierGroup] = {}
    nearest: Iterable[MenuModifierGroup] = offered
    while new := [group_id for group_id in _opened_ids(nearest) if group_id in groups and group_id not in opened]:
        nearest = [groups[group_id] for group_id in sorted(new)]
        opened |= {group.id: group for group in nearest}
    return tuple(opened.values())


async def _modifier_groups(
    reader: AsyncConnection | AsyncSession, organization_id: UUID
) -> tuple[dict[UUID, MenuModifierGroup], Mapping[UUID, list[UUID]]]:
    """All modifier groups, and the ids of those that each item offers, in menu order."""
    statements, given = _statements(), {"organization": organization_id}
    choices: dict[UUID, list[ModifierChoice]] = defaultdict(list)
    for row in await reader.execute(statements.choices, given):
        choices[row.group_id].append(
            ModifierChoice(row.id, row.name, row.price_delta_minor, row.default, row.opens_id, row.kitchen_name)
        )
    groups = {
        row.id: MenuModifierGroup(row.id, row.name, row.minimum, row.maximum, tuple(choices[row.id]))
        for row in await reader.execute(statements.groups, given)
    }
    links: dict[UUID, list[UUID]] = defaultdict(list)
    for item_id, group_id in await reader.execute(statements.links, given):
        links[item_id].append(group_id)
    return groups, links


class _Statements(NamedTuple):
    item: sa.Select[*tuple[Any, ...]]
    dish: sa.Select[*tuple[Any, ...]]
    dishes: sa.Select[*tuple[Any, ...]]
    opened: sa.Select[*tuple[Any, ...]]
    on_menu: sa.CompoundSelect[*tuple[Any, ...]]
    categories: sa.Select[*tuple[Any, ...]]
    items: sa.Select[*tuple[Any, ...]]
    choices: sa.Select[*tuple[Any, ...]]
    groups: sa.Select[*tuple[Any, ...]]
    links: sa.Select[*tuple[Any, ...]]
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
            group.id.label("group_id"),
            group.name.label("group_name"),
            group.minimum,
            group.maximum,
            modifier.id.label("modifier_id"),
            modifier.name.label("modifier_name"),
            modifier.price_delta_minor,
            modifier.default,
            modifier.opens_id,
            modifier.kitchen_name.label("modifier_kitchen_name"),
        )
        .join(Category, sa.and_(Category.organization_id == same, Category.id == Item.category_id))
        .outerjoin(BranchPrice, _of_the_branch())
        .outerjoin(link, sa.and_(link.organization_id == same, link.item_id == Item.id, link.active))
        .outerjoin(group, sa.and_(group.organization_id == same, group.id == link.group_id))
        .outerjoin(modifier, sa.and_(modifier.organization_id == same, modifier.group_id == group.id, modifier.active))
        .where(same == organization, Item.id == sa.bindparam("item"), Item.active, Category.active)
        .order_by(link.position, link.id, modifier.position, modifier.id)
    )


def _opened_statement(organization: sa.BindParameter[UUID]) -> sa.Select[*tuple[Any, ...]]:
    """Modifier groups by id: a row for each of their modifiers, or one row."""
    group, modifier = ModifierGroup, Modifier
    return (
        sa.select(
            group.id.label("group_id"),
            group.name.label("group_name"),
            group.minimum,
            group.maximum,
            modifier.id.label("modifier_id"),
            modifier.name.label("modifier_name"),
            modifier.price_delta_minor,
            modifier.default,
            modifier.opens_id,
            modifier.kitchen_name.label("modifier_kitchen_name"),
        )
        .outerjoin(
            modifier,
            sa.and_(modifier.organization_id == group.organization_id, modifier.group_id == group.id, modifier.active),
        )
        .where(group.organization_id == organization, group.id.in_(sa.bindparam("groups", expanding=True)))
        .order_by(modifier.position, modifier.id)
    )


@cache
def _statements() -> _Statements:
    """The statements, built once: building one takes longer than running it."""
    organization: sa.BindParameter[UUID] = sa.bindparam("organization")
    return _Statements(
        item=_item_statement(organization),
        opened=_opened_statement(organization),
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
        .where(Item.organization_id == organization, Item.active)
        .order_by(Item.position, Item.id),
        choices=sa.select(
            Modifier.id,
            Modifier.group_id,
            Modifier.name,
            Modifier.price_delta_minor,
            Modifier.default,
            Modifier.opens_id,
            Modifier.kitchen_name,
        )
        .where(Modifier.organization_id == organization, Modifier.active)
        .order_by(Modifier.position, Modifier.id),
        groups=sa.select(ModifierGroup.id, ModifierGroup.name, ModifierGroup.minimum, ModifierGroup.maximum).where(
            ModifierGroup.organization_id == organization
        ),
        links=sa.select(ItemModifierGroup.item_id, ItemModifierGroup.group_id)
        .where(ItemModifierGroup.organization_id == organization, ItemModifierGroup.active)
        .order_by(ItemModifierGroup.position, ItemModifierGroup.id),
    )
