"""Reading in what the menu of a branch differs from the organization's."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.stamps import holds_over, written_at
from shared.menu.branch_records import BranchItem, BranchPrice, HiddenItem
from shared.menu.records import Item


@dataclass(frozen=True, slots=True)
class BranchDish:
    """A dish that the branch alone sells, or one that it does not sell now."""

    id: UUID
    name: str
    price_minor: int


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """An item that costs something else here. `elsewhere_minor`: what the organization says."""

    id: UUID
    name: str
    price_minor: int
    elsewhere_minor: int


@dataclass(frozen=True, slots=True)
class BranchMenu:
    """See the module. Each by name."""

    dishes: tuple[BranchDish, ...] = ()
    prices: tuple[OwnPrice, ...] = ()
    hidden: tuple[BranchDish, ...] = ()


async def branch_menu(reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID) -> BranchMenu:
    """Read it; three statements, however long the menu is."""
    dishes, items = BranchItem.__table__.c, Item.__table__.c
    own = (
        await reader.execute(
            sa.select(dishes.id, dishes.name, dishes.price_minor, dishes.active)
            .where(dishes.organization_id == organization_id, dishes.branch_id == branch_id)
            .order_by(dishes.name, dishes.id)
        )
    ).all()
    hidden_items = await reader.execute(
        sa.select(Item.id, Item.name, Item.price_minor)
        .join(
            HiddenItem,
            sa.and_(HiddenItem.organization_id == Item.organization_id, HiddenItem.item_id == Item.id),
        )
        .where(
            HiddenItem.organization_id == organization_id,
            HiddenItem.branch_id == branch_id,
            HiddenItem.hidden,
            Item.active,
        )
    )
    prices = await reader.execute(
        sa.select(
            items.id,
            items.name,
            items.price_minor,
            items.stamps,
            BranchPrice.price_minor.label("branch_price"),
            BranchPrice.stamps.label("branch_stamps"),
            BranchPrice.knew,
        )
        .join_from(
            BranchPrice,
            Item,
            sa.and_(Item.organization_id == BranchPrice.organization_id, Item.id == BranchPrice.item_id),
        )
        .where(
            BranchPrice.organization_id == organization_id,
            BranchPrice.branch_id == branch_id,
            BranchPrice.price_minor.is_not(None),
            Item.active,
        )
        .order_by(Item.name, Item.id)
    )
    hidden = [BranchDish(row.id, row.name, row.price_minor) for row in hidden_items]
    hidden += [BranchDish(row.id, row.name, row.price_minor) for row in own if not row.active]
    return BranchMenu(
        tuple(BranchDish(row.id, row.name, row.price_minor) for row in own if row.active),
        tuple(
            OwnPrice(row.id, row.name, row.branch_price, row.price_minor)
            for row in prices
            if row.branch_price != row.price_minor
            and holds_over(
                written_at(row.branch_stamps, "price_minor"), row.knew, written_at(row.stamps, "price_minor")
            )
        ),
        tuple(sorted(hidden, key=lambda each: (each.name, each.id))),
    )
