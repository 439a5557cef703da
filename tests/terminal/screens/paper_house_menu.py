"""What a branch sells of its own accord, and the PINs of its people, on paper."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.menu.branch_queries import BranchDish, BranchMenu, OwnPrice
from shared.menu.rules import Menu, MenuItem
from shared.menu.usual import usual_dish
from shared.staff.pins import pin_is_well_formed
from shared.staff.queries import StaffView
from shared.staff.rules import WORK_EVERYWHERE
from tests.terminal.screens.paper_menu import key

if TYPE_CHECKING:
    from tests.terminal.screens.paper_desk import PaperDesk


class PaperHouseMenu:
    """As `terminal.desks.house_menu`, kept in the menu of the desk."""

    def __init__(self, desk: PaperDesk) -> None:
        self._desk = desk
        self._added: list[UUID] = []
        self._elsewhere: dict[UUID, int] = {}
        self._hidden: dict[UUID, MenuItem] = {}

    async def set_price(self, item_id: UUID, price_minor: int | None) -> None:
        await self._desk._turn("set_price", Permission.SET_PRICE)
        item = self._desk.menu.items[item_id]
        elsewhere = self._elsewhere.setdefault(item_id, item.price_minor)
        self._put(replace(item, price_minor=elsewhere if price_minor is None else price_minor))
        self._desk._did(f"price {item.name} {price_minor}", "menu")

    async def add_dish(self, name: str, category_id: UUID, price_minor: int) -> UUID:
        await self._desk._turn("add_dish", Permission.ADD_DISH)
        usual = usual_dish(self._desk.menu, category_id)
        category = next(each for each in self._desk.menu.categories if each.id == category_id)
        dish = MenuItem(
            key(40, len(self._added)),
            name,
            "",
            category_id,
            category.name,
            price_minor,
            usual.tax_category_id,
            "",
            usual.station_id,
            (),
        )
        self._added.append(dish.id)
        self._put(dish)
        self._desk._did(f"add {name} {price_minor}", "menu")
        return dish.id

    async def hide(self, item_id: UUID) -> None:
        await self._desk._turn("hide", Permission.ADD_DISH)
        self._hidden[item_id] = self._desk.menu.items[item_id]
        self._put(None, item_id)
        self._desk._did(f"hide {self._hidden[item_id].name}", "menu")

    async def show(self, item_id: UUID) -> None:
        await self._desk._turn("show", Permission.ADD_DISH)
        item = self._hidden.pop(item_id)
        self._put(item)
        self._desk._did(f"show {item.name}", "menu")

    async def own(self) -> BranchMenu:
        await self._desk._turn("own_menu")
        items = self._desk.menu.items
        return BranchMenu(
            tuple(BranchDish(each, items[each].name, items[each].price_minor) for each in self._added if each in items),
            tuple(
                OwnPrice(each, items[each].name, items[each].price_minor, elsewhere)
                for each, elsewhere in self._elsewhere.items()
                if each in items and items[each].price_minor != elsewhere
            ),
            tuple(BranchDish(each.id, each.name, each.price_minor) for each in self._hidden.values()),
        )

    def _put(self, item: MenuItem | None, gone: UUID | None = None) -> None:
        """Change one item of the menu, add it, or take it away."""
        menu = self._desk.menu
        changed = item.id if item is not None else gone
        categories = []
        for each in menu.categories:
            items = [item if item is not None and known.id == changed else known for known in each.items]
            if item is None:
                items = [known for known in items if known.id != changed]
            elif each.id == item.category_id and all(known.id != changed for known in each.items):
                items.append(item)
            categories.append(replace(each, items=tuple(items)))
        of_all = {each.id: each for category in categories for each in category.items}
        by_code = {code: of_all[each.id] for code, each in menu.by_code.items() if each.id in of_all}
        self._desk.menu = Menu(tuple(categories), of_all, by_code, menu.courses)


class PaperPins:
    """As `terminal.desks.pins`; `given` are the PINs that were set, by person."""

    def __init__(self, desk: PaperDesk) -> None:
        self._desk = desk
        self.given: dict[UUID, str] = {}

    def people(self) -> tuple[StaffView, ...]:
        return tuple(each for each in self._desk.staff if each.role not in WORK_EVERYWHERE)

    async def set(self, person_id: UUID, pin: str) -> None:
        if not pin_is_well_formed(pin):
            raise DomainError("PIN_NOT_WELL_FORMED")
        if any(known == pin and person != person_id for person, known in self.given.items()):
            raise DomainError("PIN_TAKEN")
        await self._desk._turn("set_pin", Permission.SET_PIN)
        self.given[person_id] = pin
        self._desk._did(f"pin {person_id}", "staff")
