"""The face of the menu: what is sold out or counted, dishes and prices of this branch, what it does not sell.

Enter on a row asks what is to be done about it; keys add a dish, change a price, say what is sold out, take one off.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast
from uuid import UUID

from textual.widget import Widget

from shared.kernel.errors import DomainError
from shared.menu.branch_queries import BranchMenu
from terminal.actions import ScreenName
from terminal.screens.house_menu.view import columns, menu_rows
from terminal.screens.menu_changes import MenuChanges
from terminal.screens.today.face import Face, Scrolls
from terminal.screens.today.screen import TodayScreen
from terminal.screens.today.table import ListTable
from terminal.screens.voice import Voice

if TYPE_CHECKING:
    from terminal.desks.desk import Desk


class HouseMenuScreen(MenuChanges, Face):
    """See the module."""

    SCREEN_NAME = ScreenName.HOUSE_MENU
    CSS_PATH = TodayScreen.CSS_PATH
    TOPICS = frozenset({"menu", "left"})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._own = BranchMenu()
        self.list = ListTable(self.more, chooses=True, id="menu")

    def parts(self) -> Iterable[Widget]:
        """One list."""
        yield self.list

    async def read(self) -> None:
        """Read in what the menu of this branch differs."""
        self._own = await self.desk.house_menu.own()

    def scrolled(self) -> tuple[Scrolls, ...]:
        """The list."""
        return (self.list,)

    def show(self) -> str:
        """What is sold out, and what this branch changes."""
        voice = Voice.of(self.desk)
        rows = menu_rows(self.desk.left, self._own, self.desk.listed_menu, voice)
        self.list.show("", columns(voice), rows, voice.texts("house_menu.nothing"))
        count = len(self.desk.listed_menu.items)
        return voice.texts("house_menu.count", count=f"{count:,}")

    def meant_dishes(self) -> tuple[UUID, ...]:
        """The dish of the row under the cursor."""
        row = self.list.row
        return (row.id,) if row is not None and isinstance(row.id, UUID) else ()

    async def do_this_dish(self) -> None:
        """Ask what is to be done about the dish under the cursor."""
        if not self.meant_dishes():
            raise DomainError("house_menu.nothing")
        await self.ask_about_dish(self.meant_dishes()[0], self._own)

    def menu_changed(self) -> None:
        """Read it again: a dish is not where it was."""
        self._ask_again()

    def on_list_table_chosen(self, event: ListTable.Chosen) -> None:
        """A tap on a dish asks what is to be done about it."""
        event.stop()
        self.tap("row", lambda: self.ask_about_dish(cast("UUID", event.row.id), self._own))
