"""Saying that a dish or an option is sold out, or how many are left, from the wall, the floor and the order."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, cast
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.menu.rules import MenuItem
from shared.menu.weights import measure_text
from terminal.dialogs.questions import Amount, AmountKind, Choice, Given, Pick, Picked
from terminal.dialogs.rows import IndexedRows
from terminal.screens.base import Keyed
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from shared.menu.availability import Left
    from terminal.desks.desk import Desk

_OUT, _COUNT, _BACK = "out", "count", "back"


class Leftovers(Keyed):
    """Mixed into the screens from which it is said."""

    desk: Desk

    def meant_dishes(self) -> tuple[UUID, ...]:
        """The dishes that somebody looks at now: they stand first."""
        return ()

    async def do_availability(self) -> None:
        """Ask of which dish or option, then what is to be said of it. What is said of already stands first."""
        texts = self.desk.texts
        menu = self.desk.menu
        first = tuple(dict.fromkeys((*self._left_known(), *self._left_meant())))
        dishes, names = [*menu.items], lambda: self.desk.search_of(menu).names
        rows = IndexedRows(first, dishes, names, self._left_dish, self._left_options())
        if not rows:
            raise DomainError("left.no_menu")

        async def chosen(picked: Picked) -> None:
            await self.say_what_is_left(cast("UUID", picked.id))

        await self.host.ask(Pick(texts("left.title"), rows, texts("left.asked")), chosen)

    def _left_known(self) -> list[Choice]:
        return [self._left_row(left.subject_id, left.name) for left in self.desk.left.values()]

    def _left_meant(self) -> list[Choice]:
        items = self.desk.menu.items
        return [self._left_row(each, items[each].name) for each in self.meant_dishes() if each in items]

    def _left_dish(self, item_id: Hashable) -> Choice:
        item = self.desk.menu.items[cast("UUID", item_id)]
        return self._left_row(item.id, item.name)

    def _left_options(self) -> list[Choice]:
        """All options, each once, as the menu has them."""
        options = {
            choice.id: choice.name
            for each in self.desk.menu.items.values()
            for group in each.modifier_groups + each.opened_groups
            for choice in group.choices
        }
        option = self.desk.texts("left.option")
        return [self._left_row(key, name, option) for key, name in options.items()]

    def _left_row(self, subject_id: UUID, name: str, kind: str = "") -> Choice:
        left = self.desk.left.get(subject_id)
        if left is None and not kind and subject_id not in self.desk.menu.items:
            kind = self.desk.texts("left.option")
        return Choice(subject_id, name, self._left_words(left, subject_id) if left is not None else kind)

    def _left_words(self, left: Left, subject_id: UUID) -> str:
        texts = self.desk.texts
        if left.is_out:
            return texts("order.sold_out")
        return texts("order.pieces_left", left=measure_text(left.left_milli, self._left_unit(subject_id)))

    def _left_unit(self, subject_id: UUID) -> str:
        item: MenuItem | None = self.desk.menu.items.get(subject_id)
        return item.weight_unit or "" if item is not None else ""

    def _left_name(self, subject_id: UUID) -> str:
        item, left = self.desk.menu.items.get(subject_id), self.desk.left.get(subject_id)
        if left is not None:
            return left.name
        return item.name if item is not None else next(r.title for r in self._left_options() if r.id == subject_id)

    async def say_what_is_left(self, subject_id: UUID) -> None:
        """Ask what is to be said of a dish or an option: that it is out, how many are left, that it sells again."""
        texts, name, left = self.desk.texts, self._left_name(subject_id), self.desk.left.get(subject_id)
        said = ""
        if left is not None:
            params = {"what": self._left_words(left, subject_id), "who": left.said_by}
            said = texts("left.as_said", **params)
        rows = [Choice(_OUT, texts("left.out")), Choice(_COUNT, texts("left.count"))]
        if left is not None:
            rows.append(Choice(_BACK, texts("left.back")))

        async def chosen(picked: Picked) -> None:
            if picked.id == _COUNT:
                await self._left_count(subject_id, name)
            elif picked.id == _BACK:
                await self.desk.availability.back(subject_id)
                self._left_told("left.is_back", name=name)
            else:
                await self.desk.availability.out(subject_id)
                self._left_told("left.is_out", name=name)

        await self.host.ask(Pick(name, tuple(rows), said or texts("left.what")), chosen)

    async def _left_count(self, subject_id: UUID, name: str) -> None:
        texts, unit = self.desk.texts, self._left_unit(subject_id)
        decimals = 3 if unit else 0

        async def given(amount: Given) -> None:
            await self.desk.availability.left(subject_id, amount.value)
            self._left_told("left.counts", name=name, left=measure_text(amount.value, unit))

        question = Amount(name, (AmountKind.QUANTITY,), texts("left.how_many"), unit=unit, decimals=decimals)
        await self.host.ask(question, given)

    def _left_told(self, code: str, **params: object) -> None:
        self.refresh_view()
        self.say(self.desk.texts(code, **params), Tone.READY)
