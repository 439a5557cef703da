"""Reading the menu."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.errors import NotFound
from shared.kernel.text import search_key
from shared.menu.records import Category, Item, ItemModifierGroup, Modifier, ModifierGroup
from shared.menu.rules import Menu, MenuCategory, MenuItem, MenuModifierGroup, ModifierChoice


async def load_menu(reader: AsyncConnection | AsyncSession, organization_id: UUID) -> Menu:
    """The whole menu as plain values, in menu order, with five statements for any size."""
    statements, given = _statements(), {"organization": organization_id}
    groups, links = await _modifier_groups(reader, organization_id)
    categories = (await reader.execute(statements.categories, given)).all()
    names = {row.id: row.name for row in categories}
    items_of: dict[UUID, list[MenuItem]] = defaultdict(list)
    rows = await reader.execute(statements.items, given)
    for row in rows:
        if row.category_id not in names:
            continue
        offered = tuple(groups[group_id] for group_id in links[row.id] if group_id in groups)
        items_of[row.category_id].append(_item(row, names[row.category_id], offered, _opened(offered, groups)))
    shown = tuple(
        MenuCategory(row.id, row.name, row.parent_id, tuple(items_of[row.id]), row.places or 0) for row in categories
    )
    items = {item.id: item for category in shown for item in category.items}
    by_code = {search_key(item.code): item for item in items.values() if item.code}
    return Menu(shown, items, by_code)


async def load_item(session: AsyncSession, organization_id: UUID, item_id: UUID) -> MenuItem:
    """An item of the menu as it is now, with its choices. One statement, since a key press waits for it.

    Of an item with choices that open more choices: one more for each depth.

    Raises:
        NotFound: not on the menu.
    """
    connection = await session.connection()  # reading through the session takes twice as long
    rows = (await connection.execute(_statements().item, {"organization": organization_id, "item": item_id})).all()
    if not rows:
        raise NotFound("items", item_id)
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
    return _item(rows[0], rows[0].category_name, offered, _opened(offered, known))


async def is_on_sale(session: AsyncSession, organization_id: UUID, item_id: UUID) -> bool:
    """Whether an item is on the menu and not sold out."""
    connection = await session.connection()  # as in `load_item`
    given = {"organization": organization_id, "item": item_id}
    return (await connection.execute(_statements().on_sale, given)).first() is not None


def _item(
    row: Any, category_name: str, groups: tuple[MenuModifierGroup, ...], opened: tuple[MenuModifierGroup, ...]
) -> MenuItem:
    return MenuItem(
        id=row.id,
        name=row.name,
        code=row.code,
        category_id=row.category_id,
        category_name=category_name,
        price_minor=row.price_minor,
        tax_category_id=row.tax_category_id,
        unit=row.unit,
        station_id=row.station_id,
        sold_out=row.sold_out,
        modifier_groups=groups,
        barcodes=tuple(row.barcodes),
        open_price=row.open_price,
        place=row.place,
        opened_groups=opened,
    )


def _group(rows: Sequence[Any]) -> MenuModifierGroup:
    """A modifier group from the rows of its modifiers, or from one row without any."""
    choices = [
        ModifierChoice(row.modifier_id, row.modifier_name, row.price_delta_minor, row.default, row.opens_id)
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
        choices[row.group_id].append(ModifierChoice(row.id, row.name, row.price_delta_minor, row.default, row.opens_id))
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
    opened: sa.Select[*tuple[Any, ...]]
    on_sale: sa.Select[*tuple[Any, ...]]
    categories: sa.Select[*tuple[Any, ...]]
    items: sa.Select[*tuple[Any, ...]]
    choices: sa.Select[*tuple[Any, ...]]
    groups: sa.Select[*tuple[Any, ...]]
    links: sa.Select[*tuple[Any, ...]]


_ITEM = (
    Item.id,
    Item.name,
    Item.code,
    Item.category_id,
    Item.price_minor,
    Item.tax_category_id,
    Item.unit,
    Item.station_id,
    Item.sold_out,
    Item.barcodes,
    Item.open_price,
    Item.place,
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
            group.id.label("group_id"),
            group.name.label("group_name"),
            group.minimum,
            group.maximum,
            modifier.id.label("modifier_id"),
            modifier.name.label("modifier_name"),
            modifier.price_delta_minor,
            modifier.default,
            modifier.opens_id,
        )
        .join(Category, sa.and_(Category.organization_id == same, Category.id == Item.category_id))
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
        on_sale=sa.select(Item.id).where(
            Item.organization_id == organization, Item.id == sa.bindparam("item"), Item.active, sa.not_(Item.sold_out)
        ),
        categories=sa.select(Category.id, Category.name, Category.parent_id, _places())
        .where(Category.organization_id == organization, Category.active)
        .order_by(Category.position, Category.id),
        items=sa.select(*_ITEM)
        .where(Item.organization_id == organization, Item.active)
        .order_by(Item.position, Item.id),
        choices=sa.select(
            Modifier.id,
            Modifier.group_id,
            Modifier.name,
            Modifier.price_delta_minor,
            Modifier.default,
            Modifier.opens_id,
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
