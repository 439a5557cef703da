"""Which ordered dishes hold what a guest of their table may not eat, whatever each of them was chosen with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.menu.branch_records import BranchItem
from shared.menu.records import Item, Modifier
from shared.orders.records import OrderLine
from shared.truth.portions import is_modifier


async def allergens_of_dishes(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, roots: Collection[UUID]
) -> Mapping[UUID, frozenset[str]]:
    """By the root of a line: the allergens of its dish, with all modifiers that any part of it has. Two statements."""
    lines, items, own = OrderLine.__table__.c, Item.__table__.c, BranchItem.__table__.c
    same = sa.and_(items.organization_id == lines.organization_id, items.id == lines.item_id)
    of_branch = sa.and_(own.organization_id == lines.organization_id, own.id == lines.item_id)
    rows = await reader.execute(
        sa.select(lines.root_id, lines.modifiers, items.allergens, own.allergens.label("own_allergens"))
        .join_from(OrderLine.__table__, Item.__table__, same, isouter=True)
        .outerjoin(BranchItem.__table__, of_branch)
        .where(lines.organization_id == organization_id, lines.root_id.in_(sorted(roots)))
    )
    found: defaultdict[UUID, set[str]] = defaultdict(set)
    chosen: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for row in rows:
        found[row.root_id] |= {*(row.allergens or ()), *(row.own_allergens or ())}
        for modifier_id in _ids(row.modifiers):
            chosen[modifier_id].add(row.root_id)
    if chosen:
        of = Modifier.__table__.c
        brought = sa.select(of.id, of.allergens).where(of.organization_id == organization_id, of.id.in_(sorted(chosen)))
        for modifier in await reader.execute(brought):
            for root in chosen[modifier.id]:
                found[root] |= set(modifier.allergens or ())
    return {root: frozenset(codes) for root, codes in found.items()}


def _ids(modifiers: Any) -> set[UUID]:
    found = set()
    for each in modifiers if isinstance(modifiers, list) else ():
        try:
            found |= {UUID(each["id"])} if is_modifier(each) else set()
        except ValueError:
            continue
    return found
