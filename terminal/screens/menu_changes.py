"""Changing what this branch sells, in the middle of the rush: a price, a new dish, a dish that is not sold here.

All of it holds in this branch alone and from the next key on, without a connection. Who may not do it asks somebody who
may, by their PIN.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import partial
from typing import cast
from uuid import UUID

from shared.countries.currencies import currency
from shared.kernel.errors import DomainError
from shared.kernel.text import search_key
from shared.menu.branch_queries import BranchMenu
from shared.menu.records import MOST_COURSES
from shared.menu.rules import MenuCategory, MenuItem
from shared.menu.usual import usual_dish
from terminal.dialogs.questions import Amount, Choice, Field, FieldKind, Form, Given, Pick, Picked
from terminal.dialogs.rows import IndexedRows, Rows
from terminal.screens.course_words import course_name, course_title
from terminal.screens.leftovers import Leftovers
from terminal.screens.rights import asking_about
from terminal.theme.palette import Tone
from terminal.widgets.amount_pad import minor_units

NO_STATION, AS_CATEGORY = "no station", "as its category"
MOST_NAME, MOST_PRICE = 60, 12
"""Characters that a name and a price may have: what tiles and papers can show of them."""


class MenuChanges(Leftovers):
    """Mixed into the screens from which it is done."""

    def meant_category(self) -> UUID | None:
        """The category that somebody looks at now: a new dish is most probably of it."""
        return None

    # A price

    async def do_set_price(self) -> None:
        """Ask of which dish, then what it costs here from now on."""
        texts = self.desk.texts
        rows = self._priced_rows()
        if not rows:
            raise DomainError("left.no_menu")

        async def chosen(picked: Picked) -> None:
            await self.ask_price(cast("UUID", picked.id))

        await self.host.ask(Pick(texts("house_menu.price_title"), rows, texts("house_menu.price_asked")), chosen)

    def _priced_rows(self, first: Sequence[Choice] = ()) -> Rows:
        """All dishes with their listed prices; behind the first rows what somebody looks at now."""
        menu, meant = self.desk.listed_menu, self.meant_dishes()

        def row(item_id: Hashable) -> Choice:
            item = menu.items[cast("UUID", item_id)]
            return Choice(item.id, item.name, self.desk.money(item.price_minor))

        leading = (*first, *(row(each) for each in dict.fromkeys(meant) if each in menu.items))
        return IndexedRows(leading, [*menu.items], lambda: self.desk.search_of(menu).names, row)

    async def ask_price(self, item_id: UUID) -> None:
        """Ask what a dish costs in this branch from now on."""
        texts, item = self.desk.texts, self._listed_item(item_id)
        now = self.desk.money(item.price_minor)

        async def given(amount: Given) -> None:
            with asking_about(item.name, f"{now} → {self.desk.money(amount.value)}"):
                await self.desk.house_menu.set_price(item_id, amount.value)
            said = {"name": item.name, "price": self.desk.money(amount.value), "branch": self._menu_branch()}
            self._menu_told("house_menu.priced", **said)

        question = Amount(item.name, asked=texts("house_menu.new_price", price=now, branch=self._menu_branch()))
        await self.host.ask(question, given)

    async def take_house_price(self, item_id: UUID, name: str) -> None:
        """Let a dish cost what it costs in the other branches."""
        with asking_about(name):
            await self.desk.house_menu.set_price(item_id, None)
        price = self.desk.money(self._listed_item(item_id).price_minor)
        self._menu_told("house_menu.as_elsewhere", name=name, price=price)

    # A new dish

    async def do_new_dish(self) -> None:
        """Ask in which category, then name and price; the rest is as most dishes of the category have it."""
        texts, categories = self.desk.texts, self.desk.listed_menu.categories
        if not categories:
            raise DomainError("left.no_menu")
        rows = tuple(Choice(each.id, each.name, self._made_at(each.id)) for each in categories)
        meant = self.meant_category()
        at = next((at for at, each in enumerate(categories) if each.id == meant), None)

        async def chosen(picked: Picked) -> None:
            await self._ask_dish(next(each for each in categories if each.id == picked.id))

        asked = Pick(texts("house_menu.dish_title"), rows, texts("house_menu.category_asked"), at=at)
        await self.host.ask(asked, chosen)

    async def _ask_dish(self, category: MenuCategory) -> None:
        texts = self.desk.texts
        fields = (
            Field("name", texts("house_menu.name"), needed=True, most=MOST_NAME),
            Field("price", texts("house_menu.price"), FieldKind.MONEY, needed=True, most=MOST_PRICE),
        )
        made_at = self._made_at(category.id)
        asked = texts("house_menu.dish_asked", category=category.name, station=made_at, branch=self._menu_branch())
        form = Form(texts("house_menu.dish_title"), fields, asked, understood=self._understood)
        await self.host.ask(form, partial(self._add_dish, category))

    def _understood(self, typed: Mapping[str, str]) -> str:
        """Says that a dish is called so already: two that are called alike cannot be told apart on a ticket."""
        key = search_key(typed["name"])
        known = next((each for each in self.desk.listed_menu.items.values() if search_key(each.name) == key), None)
        if known is None or not key:
            return ""
        price = self.desk.money(known.price_minor)
        return self.desk.texts("house_menu.known", name=known.name, category=known.category_name, price=price)

    async def _add_dish(self, category: MenuCategory, typed: Mapping[str, str]) -> None:
        price_minor = minor_units(typed["price"].replace(",", "."), currency(self._menu_currency()).exponent)
        price = self.desk.money(price_minor)
        with asking_about(typed["name"], price):
            await self.desk.house_menu.add_dish(typed["name"], category.id, price_minor)
        said = {"name": typed["name"], "price": price, "category": category.name, "branch": self._menu_branch()}
        self._menu_told("house_menu.added", **said)

    def _made_at(self, category_id: UUID) -> str:
        """Where the dishes of a category are made, in words."""
        station = usual_dish(self.desk.listed_menu, category_id).station_id
        named = next((each.name for each in self.desk.stations if each.id == station), "")
        return named or self.desk.texts("house_menu.no_station")

    # A dish that is not sold here

    async def do_hide_dish(self) -> None:
        """Ask which dish this branch does not sell; those that it hides stand first, and are sold again."""
        texts, own = self.desk.texts, await self.desk.house_menu.own()
        hidden = {each.id: each.name for each in own.hidden}
        rows = self._priced_rows([Choice(each.id, each.name, texts("house_menu.is_hidden")) for each in own.hidden])
        if not rows:
            raise DomainError("left.no_menu")

        async def chosen(picked: Picked) -> None:
            item_id = cast("UUID", picked.id)
            if item_id in hidden:
                await self.show_dish(item_id, hidden[item_id])
            else:
                await self.hide_dish(item_id, self._listed_item(item_id).name)

        await self.host.ask(Pick(texts("house_menu.hide_title"), rows, texts("house_menu.hide_asked")), chosen)

    async def hide_dish(self, item_id: UUID, name: str) -> None:
        """Take a dish off the menu of this branch."""
        with asking_about(name):
            await self.desk.house_menu.hide(item_id)
        self._menu_told("house_menu.hidden", name=name, branch=self._menu_branch())

    async def show_dish(self, item_id: UUID, name: str) -> None:
        """Sell a dish here again."""
        with asking_about(name):
            await self.desk.house_menu.show(item_id)
        self._menu_told("house_menu.shown", name=name)

    # One dish

    async def ask_about_dish(self, item_id: UUID, own: BranchMenu) -> None:
        """Ask what is to be done about one dish: its price, whether it is sold here, how much is left."""
        texts = self.desk.texts
        hidden = next((each for each in own.hidden if each.id == item_id), None)
        if hidden is not None:
            rows: tuple[Choice, ...] = (Choice("show", texts("house_menu.show")),)
            name = hidden.name
        elif item_id in self.desk.listed_menu.items:
            name = self._listed_item(item_id).name
            rows = (Choice("price", texts("action.set_price")),)
            if any(each.id == item_id for each in own.prices):
                rows += (Choice("elsewhere", texts("house_menu.house_price")),)
            if any(each.id == item_id for each in own.dishes):
                rows += self._kitchen_rows(self._listed_item(item_id))
            rows += (Choice("left", texts("action.availability")), Choice("hide", texts("house_menu.hide")))
        else:
            await self.say_what_is_left(item_id)
            return

        async def chosen(picked: Picked) -> None:
            match picked.id:
                case "price":
                    await self.ask_price(item_id)
                case "elsewhere":
                    await self.take_house_price(item_id, name)
                case "station":
                    await self._ask_station(item_id, name)
                case "course":
                    await self._ask_course(item_id, name)
                case "left":
                    await self.say_what_is_left(item_id)
                case "hide":
                    await self.hide_dish(item_id, name)
                case _:
                    await self.show_dish(item_id, name)

        await self.host.ask(Pick(name, rows), chosen)

    # Where a dish of this branch is made, and when it is served

    def _kitchen_rows(self, item: MenuItem) -> tuple[Choice, ...]:
        texts, names = self.desk.texts, {each.id: each.name for each in self.desk.stations}
        made_at = names.get(item.station_id, "") if item.station_id is not None else ""
        course = course_name(item.course, self.desk.menu.courses, texts)
        return (
            Choice("station", texts("house_menu.station"), made_at or texts("house_menu.no_station")),
            Choice("course", texts("house_menu.course"), course),
        )

    async def _ask_station(self, item_id: UUID, name: str) -> None:
        texts = self.desk.texts
        rows = (
            *(Choice(each.id, each.name) for each in self.desk.stations),
            Choice(NO_STATION, texts("house_menu.no_station")),
        )

        async def chosen(picked: Picked) -> None:
            station_id = None if picked.id == NO_STATION else cast("UUID", picked.id)
            with asking_about(name, picked.text):
                await self.desk.house_menu.make_at(item_id, station_id)
            self._menu_told("house_menu.made_at", name=name, station=picked.text)

        await self.host.ask(Pick(name, rows, texts("house_menu.station_asked")), chosen)

    async def _ask_course(self, item_id: UUID, name: str) -> None:
        texts, names = self.desk.texts, self.desk.menu.courses
        numbered = (Choice(each, course_title(each, names, texts)) for each in range(1, MOST_COURSES + 1))
        rows = (*numbered, Choice(AS_CATEGORY, texts("house_menu.as_category"), key="0"))

        async def chosen(picked: Picked) -> None:
            with asking_about(name, picked.text):
                await self.desk.house_menu.serve_in(item_id, picked.id if isinstance(picked.id, int) else None)
            self._menu_told("house_menu.served_in", name=name, course=picked.text)

        await self.host.ask(Pick(name, rows, texts("house_menu.course_asked")), chosen)

    # Words

    def _listed_item(self, item_id: UUID) -> MenuItem:
        item = self.desk.listed_menu.items.get(item_id)
        if item is None:
            raise DomainError("house_menu.gone")
        return item

    def _menu_branch(self) -> str:
        return self.desk.premises.branch_name if self.desk.premises is not None else ""

    def _menu_currency(self) -> str:
        return self.desk.premises.currency if self.desk.premises is not None else ""

    def menu_changed(self) -> None:
        """The menu of this branch was changed here."""
        self.refresh_view()

    def _menu_told(self, code: str, **params: object) -> None:
        self.menu_changed()
        self.say(self.desk.texts(code, **params), Tone.READY)
