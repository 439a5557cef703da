"""The face of people: who sold how much, and below what the one under the cursor voided, gave, paid back and opened."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.widget import Widget

from shared.books.people_day import PeopleDay
from terminal.actions import ScreenName
from terminal.screens.people.view import EVERYBODY, deed_columns, deed_rows, people_columns, people_rows
from terminal.screens.today.face import Face, Scrolls
from terminal.screens.today.screen import TodayScreen
from terminal.screens.today.table import ListTable
from terminal.screens.today.view import long_date
from terminal.screens.voice import Voice

if TYPE_CHECKING:
    from terminal.desks.desk import Desk


class PeopleScreen(Face):
    """See the module."""

    SCREEN_NAME = ScreenName.PEOPLE
    CSS_PATH = TodayScreen.CSS_PATH

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._day: PeopleDay | None = None
        self.people = ListTable(self.more, chooses=True, id="people")
        self.deeds = ListTable(self.more, id="deeds")

    def parts(self) -> Iterable[Widget]:
        """People above, their deeds below."""
        yield self.people
        yield self.deeds

    async def read(self) -> None:
        """Read the present business day."""
        self._day = await self.desk.today.people()

    def scrolled(self) -> tuple[Scrolls, ...]:
        """The people; the deeds have the pages."""
        return (self.people,)

    def show(self) -> str:
        """People, and the deeds of the one under the cursor."""
        day, voice = self._day, Voice.of(self.desk)
        if day is None:
            return ""
        self.people.show("", people_columns(voice), people_rows(day, voice), voice.texts("people.nobody"))
        self._show_deeds()
        return long_date(day.day, voice.texts)

    def _show_deeds(self) -> None:
        if self._day is None:
            return
        voice, row = Voice.of(self.desk), self.people.row
        chosen = EVERYBODY if row is None else row.id
        heading = voice.texts("people.deeds_of", name=row.cells[0] if row is not None else "")
        rows = deed_rows(self._day, chosen, voice)
        self.deeds.show(heading, deed_columns(voice), rows, voice.texts("people.no_deeds"))

    async def do_rows_down(self) -> None:
        """The next person."""
        await super().do_rows_down()
        self._turn_to_person()

    async def do_rows_up(self) -> None:
        """The person before."""
        await super().do_rows_up()
        self._turn_to_person()

    def _turn_to_person(self) -> None:
        self.deeds.scroll_to_first()
        self._show_deeds()

    async def do_page_on(self) -> None:
        """A page of deeds on."""
        self.deeds.scroll_by(self.deeds.page)

    async def do_page_back(self) -> None:
        """A page of deeds back."""
        self.deeds.scroll_by(-self.deeds.page)

    def on_list_table_chosen(self, event: ListTable.Chosen) -> None:
        """A tap on a person shows their deeds."""
        event.stop()
        if event.table is self.people:
            self._turn_to_person()
