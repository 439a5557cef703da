"""Setting prices, adding and hiding dishes in a branch: at a till, also offline, or at the cloud for that branch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm.attributes import flag_modified

from shared.kernel.errors import DomainError, NotFound
from shared.kernel.ids import derived_id
from shared.kernel.money import price_is_sensible
from shared.kernel.permissions import Permission
from shared.kernel.stamps import said_text, written_at
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.menu.branch_records import BranchItem, BranchPrice, HiddenItem
from shared.menu.commands import MAX_CODE_CHARACTERS, MAX_KITCHEN_NAME, check_course
from shared.menu.records import Category, Item


async def set_price(work: Work, item_id: UUID, price_minor: int | None) -> BranchItem | BranchPrice:
    """Set what an item costs in this branch, from now on and until the organization sets another price.

    Lines that are ordered already keep theirs.

    Args:
        price_minor: None: the organization's price again. A dish of this branch has none.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, PRICE_NOT_SENSIBLE.
    """
    work.require(Permission.SET_PRICE)
    if price_minor is not None and not price_is_sensible(price_minor):
        raise DomainError("PRICE_NOT_SENSIBLE")
    dish = await work.session.get(BranchItem, (work.organization_id, item_id))
    if dish is not None:
        if price_minor is None or dish.branch_id != work.branch_id:
            raise NotFound(Item.__tablename__, item_id)
        dish.price_minor = price_minor
        return dish
    item = await work.get(Item, item_id)
    knew = said_text(written_at(item.stamps, "price_minor"))
    key = branch_price_id(work.branch_id, item_id)
    held = await work.session.get(BranchPrice, (work.organization_id, key))
    if held is None:
        place = {"organization_id": work.organization_id, "branch_id": work.branch_id, "id": key}
        return work.add(BranchPrice(**place, item_id=item_id, price_minor=price_minor, knew=knew))
    held.price_minor, held.knew = price_minor, knew
    # Also the price that is there already: what the organization said since would stand otherwise.
    flag_modified(held, "price_minor")
    return held


async def add_dish(
    work: Work,
    name: str,
    category_id: UUID,
    tax_category_id: UUID,
    price_minor: int,
    *,
    code: str = "",
    station_id: UUID | None = None,
    unit: str = "",
    barcodes: Sequence[str] = (),
    open_price: bool = False,
    item_id: UUID | None = None,
    kitchen_name: str = "",
    course: int | None = None,
) -> BranchItem:
    """Add a dish that this branch alone sells, at once. See `shared.menu.commands.add_item` for the values.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND (its category), NAME_MISSING, PRICE_NOT_SENSIBLE,
            COURSE_NOT_SENSIBLE.
    """
    work.require(Permission.ADD_DISH)
    check_course(course)
    if not clean(name):
        raise DomainError("NAME_MISSING")
    if not price_is_sensible(price_minor):
        raise DomainError("PRICE_NOT_SENSIBLE")
    await work.get(Category, category_id)
    return work.add(
        BranchItem(
            organization_id=work.organization_id,
            branch_id=work.branch_id,
            id=item_id or work.ids.new(),
            name=clean(name),
            kitchen_name=clean(kitchen_name, MAX_KITCHEN_NAME),
            code=clean(code, MAX_CODE_CHARACTERS),
            barcodes=[code for barcode in barcodes if (code := clean(barcode, MAX_CODE_CHARACTERS))],
            category_id=category_id,
            tax_category_id=tax_category_id,
            station_id=station_id,
            course=course,
            price_minor=price_minor,
            unit=clean(unit, 12),
            open_price=open_price,
        )
    )


async def change_dish(work: Work, item_id: UUID, *, name: str | None = None, active: bool | None = None) -> BranchItem:
    """Rename a dish of this branch, or take it off the menu; None leaves what is.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NAME_MISSING.
    """
    dish = await _own_dish(work, item_id)
    if name is not None and not clean(name):
        raise DomainError("NAME_MISSING")
    said: dict[str, Any] = {"name": clean(name) if name else None, "active": active}
    for field, value in said.items():
        if value is not None and getattr(dish, field) != value:
            setattr(dish, field, value)
    return dish


async def make_dish_at(work: Work, item_id: UUID, station_id: UUID | None) -> BranchItem:
    """Set the station that makes a dish of this branch; None: no station does. What is ordered stays where it is.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    dish = await _own_dish(work, item_id)
    if dish.station_id != station_id:
        dish.station_id = station_id
    return dish


async def serve_dish_in(work: Work, item_id: UUID, course: int | None) -> BranchItem:
    """Set the course in which a dish of this branch is served; None: that of its category.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, COURSE_NOT_SENSIBLE.
    """
    dish = await _own_dish(work, item_id)
    check_course(course)
    if dish.course != course:
        dish.course = course
    return dish


async def _own_dish(work: Work, item_id: UUID) -> BranchItem:
    work.require(Permission.ADD_DISH)
    dish = await work.get(BranchItem, item_id)
    if dish.branch_id != work.branch_id:
        raise NotFound(BranchItem.__tablename__, item_id)
    return dish


async def hide_item(work: Work, item_id: UUID) -> None:
    """Take an item off the menu of this branch. Lines that are ordered already stay. Twice changes nothing.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    await _set_hidden(work, item_id, hidden=True)


async def show_item(work: Work, item_id: UUID) -> None:
    """Put an item that was hidden on the menu of this branch again. Twice changes nothing.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    await _set_hidden(work, item_id, hidden=False)


async def _set_hidden(work: Work, item_id: UUID, *, hidden: bool) -> None:
    work.require(Permission.ADD_DISH)
    if await work.session.get(BranchItem, (work.organization_id, item_id)) is not None:
        await change_dish(work, item_id, active=not hidden)
        return
    await work.get(Item, item_id)
    key = hidden_item_id(work.branch_id, item_id)
    held = await work.session.get(HiddenItem, (work.organization_id, key))
    if held is None:
        place = {"organization_id": work.organization_id, "branch_id": work.branch_id, "id": key}
        work.add(HiddenItem(**place, item_id=item_id, hidden=hidden))
    elif held.hidden != hidden:
        held.hidden = hidden


def branch_price_id(branch_id: UUID, item_id: UUID) -> UUID:
    """Id of the price of an item in a branch. Two tills that set it first write one row."""
    return derived_id("branch price", branch_id, item_id)


def hidden_item_id(branch_id: UUID, item_id: UUID) -> UUID:
    """Id of the row that hides an item in a branch. Two tills that hide it write one row."""
    return derived_id("hidden item", branch_id, item_id)
