"""Many dishes and prices of a branch at once: what rows change, and what is wrong with each. All or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.money import price_is_sensible
from shared.kernel.text import clean, search_key
from shared.kernel.work import Work
from shared.menu.at_the_branch import add_dish, branch_price_id, change_dish, set_price
from shared.menu.branch_records import BranchItem, BranchPrice
from shared.menu.records import Item
from shared.menu.rules import Menu, MenuItem
from shared.menu.usual import usual_dish


@dataclass(frozen=True, slots=True)
class DishRow:
    """A row: an item that there is, by id or code, gets its price; another one is a new dish of the branch.

    Attributes:
        number: of the row, from 1.
        category: name of the category of a new dish.
    """

    number: int
    item_id: UUID | None
    code: str
    name: str
    category: str
    price_minor: int


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with a row: the field, and the code of an error."""

    row: int
    field: str
    code: str


@dataclass(frozen=True, slots=True)
class NewPrice:
    """An item that is to cost something else."""

    item_id: UUID
    price_minor: int


@dataclass(frozen=True, slots=True)
class NewDish:
    """A dish that is to be added, made and taxed as its neighbours."""

    item_id: UUID
    name: str
    code: str
    category_id: UUID
    tax_category_id: UUID
    station_id: UUID | None
    price_minor: int


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What rows would do. With problems it may not be carried out."""

    prices: tuple[NewPrice, ...]
    dishes: tuple[NewDish, ...]
    same: int
    problems: tuple[RowProblem, ...]


def plan_import(menu: Menu, branch_id: UUID, rows: Sequence[DishRow]) -> ImportPlan:
    """Say what rows would change of a branch's menu. Pure. The same rows again change nothing.

    A new dish's id follows from the branch and its code (or name), so that two requests at once add it once.
    """
    categories = {search_key(each.name): each.id for each in menu.categories}
    prices, dishes, problems, same = list[NewPrice](), list[NewDish](), list[RowProblem](), 0
    seen = set[UUID]()
    for row in rows:
        item = _named(menu, row)
        item_id = item.id if item is not None else _new_id(branch_id, row)
        wrong = _wrong(menu, categories, item, row)
        if wrong is None and item_id in seen:
            wrong = ("code" if row.code else "name", "ROW_TWICE")
        seen.add(item_id)
        if wrong is not None:
            problems.append(RowProblem(row.number, *wrong))
        elif item is None:
            category_id = categories[search_key(row.category)]
            usual = usual_dish(menu, category_id)
            named = (item_id, clean(row.name), clean(row.code), category_id)
            dishes.append(NewDish(*named, usual.tax_category_id, usual.station_id, row.price_minor))
        elif item.price_minor != row.price_minor:
            prices.append(NewPrice(item.id, row.price_minor))
        else:
            same += 1
    return ImportPlan(tuple(prices), tuple(dishes), same, tuple(problems))


async def carry_out(work: Work, plan: ImportPlan) -> None:
    """Write what a plan says, all of it or nothing.

    Raises:
        DomainError: NOT_PERMITTED, and those of `set_price` and `add_dish`; the plan has problems: ROWS_WRONG.
    """
    if plan.problems:
        raise DomainError("ROWS_WRONG", count=len(plan.problems))
    ids = [*(each.item_id for each in plan.prices), *(each.item_id for each in plan.dishes)]
    keys = [branch_price_id(work.branch_id, each) for each in ids]
    held = list[object]()  # the session forgets records that nobody holds
    for kind, wanted in ((BranchItem, ids), (Item, ids), (BranchPrice, keys)):
        if wanted:
            mine = sa.and_(kind.organization_id == work.organization_id, kind.id.in_(wanted))
            held += await work.session.scalars(sa.select(kind).where(mine))
    own = {each.id for each in held if isinstance(each, BranchItem)}
    for price in plan.prices:
        await set_price(work, price.item_id, price.price_minor)
    for dish in plan.dishes:
        if dish.item_id in own:  # it was taken off the menu
            await change_dish(work, dish.item_id, name=dish.name, active=True)
            await set_price(work, dish.item_id, dish.price_minor)
            continue
        await add_dish(
            work,
            dish.name,
            dish.category_id,
            dish.tax_category_id,
            dish.price_minor,
            code=dish.code,
            station_id=dish.station_id,
            item_id=dish.item_id,
        )


def _named(menu: Menu, row: DishRow) -> MenuItem | None:
    if row.item_id is not None:
        return menu.items.get(row.item_id)
    return menu.by_code.get(search_key(row.code)) if row.code else None


def _new_id(branch_id: UUID, row: DishRow) -> UUID:
    return row.item_id or derived_id("imported dish", branch_id, search_key(row.code) or search_key(row.name))


def _wrong(menu: Menu, categories: dict[str, UUID], item: MenuItem | None, row: DishRow) -> tuple[str, str] | None:
    """Field and code of the first thing that is wrong with a row."""
    if not price_is_sensible(row.price_minor):
        return "price_minor", "PRICE_NOT_SENSIBLE"
    if item is not None:
        return None
    if row.item_id is not None:
        return "id", "NOT_FOUND"
    if not clean(row.name):
        return "name", "NAME_MISSING"
    if search_key(row.category) not in categories:
        return "category", "CATEGORY_UNKNOWN"
    if _new_id_is_taken(menu, row):
        return "name", "ROW_TWICE"
    return None if menu.items else ("category", "MENU_WITHOUT_DISHES")


def _new_id_is_taken(menu: Menu, row: DishRow) -> bool:
    """Whether a dish without a code has the name of one that there is: it would be there twice."""
    return not row.code and any(search_key(each.name) == search_key(row.name) for each in menu.items.values())
