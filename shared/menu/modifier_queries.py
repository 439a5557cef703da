"""Reading modifier groups, and those that their modifiers open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.menu.records import ItemModifierGroup, Modifier, ModifierGroup
from shared.menu.rules import MenuModifierGroup, ModifierChoice


async def read_opened(connection: AsyncConnection, organization_id: UUID, known: dict[UUID, MenuModifierGroup]) -> None:
    """Add the groups that modifiers of known ones open, and so on: one statement for each depth."""
    while missing := _opened_ids(known.values()) - known.keys():
        read = await connection.execute(_statements().opened, {"organization": organization_id, "groups": [*missing]})
        of_groups: dict[UUID, list[Any]] = {group_id: [] for group_id in missing}
        for row in read:
            of_groups[row.group_id].append(row)
        known |= {group_id: group_of_rows(rows_of) for group_id, rows_of in of_groups.items() if rows_of}
        if not known.keys() >= missing:
            break


def group_of_rows(rows: Sequence[Any]) -> MenuModifierGroup:
    """A modifier group from the rows of its modifiers, or from one row without any."""
    choices = tuple(
        ModifierChoice(
            row.modifier_id,
            row.modifier_name,
            row.price_delta_minor,
            row.default,
            row.opens_id,
            row.modifier_kitchen_name,
            tuple(row.modifier_allergens or ()),
        )
        for row in rows
        if row.modifier_id is not None
    )
    return MenuModifierGroup(
        rows[0].group_id, rows[0].group_name, rows[0].minimum, rows[0].maximum, tuple(choices), rows[0].pricing
    )


def _opened_ids(groups: Iterable[MenuModifierGroup]) -> set[UUID]:
    """The groups that modifiers of these open."""
    return {choice.opens_id for group in groups for choice in group.choices if choice.opens_id is not None}


def opened_by(
    offered: Sequence[MenuModifierGroup], groups: Mapping[UUID, MenuModifierGroup]
) -> tuple[MenuModifierGroup, ...]:
    """The groups that modifiers of these open, and those that their modifiers open. (Groups may open each other.)"""
    opened: dict[UUID, MenuModifierGroup] = {}
    nearest: Iterable[MenuModifierGroup] = offered
    while new := [group_id for group_id in _opened_ids(nearest) if group_id in groups and group_id not in opened]:
        nearest = [groups[group_id] for group_id in sorted(new)]
        opened |= {group.id: group for group in nearest}
    return tuple(opened.values())


async def modifier_groups(
    reader: AsyncConnection | AsyncSession, organization_id: UUID
) -> tuple[dict[UUID, MenuModifierGroup], Mapping[UUID, list[UUID]]]:
    """All modifier groups, and the ids of those that each item offers, in menu order."""
    statements, given = _statements(), {"organization": organization_id}
    choices: dict[UUID, list[ModifierChoice]] = defaultdict(list)
    for row in await reader.execute(statements.choices, given):
        choices[row.group_id].append(
            ModifierChoice(
                row.id,
                row.name,
                row.price_delta_minor,
                row.default,
                row.opens_id,
                row.kitchen_name,
                tuple(row.allergens),
            )
        )
    groups = {
        row.id: MenuModifierGroup(row.id, row.name, row.minimum, row.maximum, tuple(choices[row.id]), row.pricing)
        for row in await reader.execute(statements.groups, given)
    }
    links: dict[UUID, list[UUID]] = defaultdict(list)
    for item_id, group_id in await reader.execute(statements.links, given):
        links[item_id].append(group_id)
    return groups, links


class _Statements(NamedTuple):
    opened: sa.Select[*tuple[Any, ...]]
    choices: sa.Select[*tuple[Any, ...]]
    groups: sa.Select[*tuple[Any, ...]]
    links: sa.Select[*tuple[Any, ...]]


def _opened_statement(organization: sa.BindParameter[UUID]) -> sa.Select[*tuple[Any, ...]]:
    """Modifier groups by id: a row for each of their modifiers, or one row."""
    group, modifier = ModifierGroup, Modifier
    return (
        sa.select(
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
        opened=_opened_statement(organization),
        choices=sa.select(
            Modifier.id,
            Modifier.group_id,
            Modifier.name,
            Modifier.price_delta_minor,
            Modifier.default,
            Modifier.opens_id,
            Modifier.kitchen_name,
            Modifier.allergens,
        )
        .where(Modifier.organization_id == organization, Modifier.active)
        .order_by(Modifier.position, Modifier.id),
        groups=sa.select(
            ModifierGroup.id, ModifierGroup.name, ModifierGroup.minimum, ModifierGroup.maximum, ModifierGroup.pricing
        ).where(ModifierGroup.organization_id == organization),
        links=sa.select(ItemModifierGroup.item_id, ItemModifierGroup.group_id)
        .where(ItemModifierGroup.organization_id == organization, ItemModifierGroup.active)
        .order_by(ItemModifierGroup.position, ItemModifierGroup.id),
    )
