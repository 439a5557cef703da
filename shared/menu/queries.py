"""Reading the menu."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.text import search_key
from shared.menu.records import Category, Item, ItemModifierGroup, Modifier, ModifierGroup
from shared.menu.rules import Menu, MenuCategory, MenuItem, MenuModifierGroup, ModifierChoice
from shared.taxes.records import TaxRate


async def load_menu(reader: AsyncConnection | AsyncSession, organization_id: UUID) -> Menu:
    """The whole menu as plain values, in menu order, with six statements for any size."""
    statements, given = _statements(), {"organization": organization_id}
    taxes = {row.id: row for row in await reader.execute(statements.taxes, given)}
    groups_of = await _modifier_groups(reader, organization_id)
    categories = (await reader.execute(statements.categories, given)).all()
    names = {row.id: row.name for row in categories}
    items_of: dict[UUID, list[MenuItem]] = defaultdict(list)
    rows = await reader.execute(statements.items, given)
    for row in rows:
        if row.category_id not in names:
            continue
        tax = taxes[row.tax_rate_id]
        items_of[row.category_id].append(
            MenuItem(
                id=row.id,
                name=row.name,
                code=row.code,
                category_id=row.category_id,
                category_name=names[row.category_id],
                price_minor=row.price_minor,
                tax_name=tax.name,
                tax_rate_basis_points=tax.rate_basis_points,
                tax_included=tax.included,
                station_id=row.station_id,
                sold_out=row.sold_out,
                modifier_groups=tuple(groups_of.get(row.id, ())),
                words=search_key(f"{row.name} {row.code}"),
            )
        )
    shown = tuple(MenuCategory(row.id, row.name, row.parent_id, tuple(items_of[row.id])) for row in categories)
    items = {item.id: item for category in shown for item in category.items}
    by_code = {search_key(item.code): item for item in items.values() if item.code}
    return Menu(shown, items, by_code)


async def _modifier_groups(
    reader: AsyncConnection | AsyncSession, organization_id: UUID
) -> dict[UUID, list[MenuModifierGroup]]:
    """The modifier groups of each item, in menu order."""
    statements, given = _statements(), {"organization": organization_id}
    choices: dict[UUID, list[ModifierChoice]] = defaultdict(list)
    for row in await reader.execute(statements.choices, given):
        choices[row.group_id].append(ModifierChoice(row.id, row.name, row.price_delta_minor, row.default))
    groups = {
        row.id: MenuModifierGroup(row.id, row.name, row.minimum, row.maximum, tuple(choices[row.id]))
        for row in await reader.execute(statements.groups, given)
    }
    groups_of: dict[UUID, list[MenuModifierGroup]] = defaultdict(list)
    for item_id, group_id in await reader.execute(statements.links, given):
        if group_id in groups:
            groups_of[item_id].append(groups[group_id])
    return groups_of


class _Statements(NamedTuple):
    taxes: sa.Select[*tuple[Any, ...]]
    categories: sa.Select[*tuple[Any, ...]]
    items: sa.Select[*tuple[Any, ...]]
    choices: sa.Select[*tuple[Any, ...]]
    groups: sa.Select[*tuple[Any, ...]]
    links: sa.Select[*tuple[Any, ...]]


@cache
def _statements() -> _Statements:
    """The statements, built once: building one takes longer than running it."""
    organization: sa.BindParameter[UUID] = sa.bindparam("organization")
    return _Statements(
        taxes=sa.select(TaxRate.id, TaxRate.name, TaxRate.rate_basis_points, TaxRate.included).where(
            TaxRate.organization_id == organization
        ),
        categories=sa.select(Category.id, Category.name, Category.parent_id)
        .where(Category.organization_id == organization, Category.active)
        .order_by(Category.position, Category.id),
        items=sa.select(
            Item.id,
            Item.name,
            Item.code,
            Item.category_id,
            Item.price_minor,
            Item.tax_rate_id,
            Item.station_id,
            Item.sold_out,
        )
        .where(Item.organization_id == organization, Item.active)
        .order_by(Item.position, Item.id),
        choices=sa.select(Modifier.id, Modifier.group_id, Modifier.name, Modifier.price_delta_minor, Modifier.default)
        .where(Modifier.organization_id == organization, Modifier.active)
        .order_by(Modifier.position, Modifier.id),
        groups=sa.select(ModifierGroup.id, ModifierGroup.name, ModifierGroup.minimum, ModifierGroup.maximum).where(
            ModifierGroup.organization_id == organization
        ),
        links=sa.select(ItemModifierGroup.item_id, ItemModifierGroup.group_id)
        .where(ItemModifierGroup.organization_id == organization, ItemModifierGroup.active)
        .order_by(ItemModifierGroup.position, ItemModifierGroup.id),
    )
