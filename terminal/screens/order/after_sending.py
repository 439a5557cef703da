"""Right after a sending the next table is one key away: its number, or Enter for all tables.

7, Enter       table 7 (`1*7` is the item with this code)
a3, Enter      order A-3
Enter          the tables; at a counter the next sale
lom, Enter     one goes on ordering
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from shared.menu.search import has_letter
from terminal.actions import Action, ScreenName
from terminal.screens.order.allergies import Allergies
from terminal.screens.order.menu_line import Take
from terminal.screens.paper_words import papers_said
from terminal.screens.spots import Spot, meant
from terminal.screens.till import TillScreen
from terminal.screens.voice import Voice

if TYPE_CHECKING:
    from terminal.desks.desk import Desk
    from terminal.screens.requests import Draft


class AfterSending(Allergies):
    """Takes a number for a table while nothing was done since the sending."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._just_sent = False

    def has_sent(self) -> None:
        """Everything is sent: what is typed next may be a table."""
        self._just_sent = True
        self.list.put_cursor(None)
        self.tiles.hide_cursor()
        self.line.set_hint(self.desk.texts("order.hint_sent"))

    def desk_changed(self, topics: frozenset[str]) -> None:
        """Say what became of the papers of the sending, while nothing was done since."""
        super().desk_changed(topics)
        order = self.order
        if not self._just_sent or self.line.text or order is None:
            return
        papers = papers_said(self.desk.state.prints.followed, order.id, Voice.of(self.desk))
        if papers is not None:
            self.say(self.desk.texts("order.sent_papers", papers=papers[0]), papers[1])

    def _no_more(self) -> None:
        if self._just_sent:
            self._just_sent = False
            self.line.set_hint(self.desk.texts("order.hint"))

    async def act(self, action: Action) -> bool:
        """What somebody does to this order ends it; looking elsewhere does not."""
        if action.permission is not None and action.id != "send":
            self._no_more()
        return await super().act(action)

    def _show(self, order_id: UUID | None, draft: Draft | None) -> None:
        self._no_more()
        super()._show(order_id, draft)

    def _done(self, code: str, **params: object) -> None:
        self._no_more()
        super()._done(code, **params)

    def typing_changed(self, text: str) -> None:
        """Say which table Enter opens, else what is found in the menu."""
        spot = self._next_spot(text)
        super().typing_changed(self.searched)
        if spot is not None:
            self.say(self.desk.texts("order.next_table", place=self._called(spot)))

    @property
    def searched(self) -> str:
        """A table is not searched for in the menu."""
        return "" if self._next_spot(self.line.text) is not None else self.line.text

    async def submit(self, text: str) -> bool:
        """Open the table that was typed, else do what was typed."""
        if self._next_spot(text) is None:
            return await super().submit(text)
        floor = await self.host.go_to(ScreenName.FLOOR)
        return await floor.submit(text) if isinstance(floor, TillScreen) else False

    async def accept(self) -> bool:
        """Enter on an empty line leads on."""
        if self._just_sent and not self.line.text and self.tiles.cursor_tile is None:
            await self.go_home()
            return True
        return await super().accept()

    def _next_spot(self, text: str) -> Spot | None:
        """The table or order that a text right after a sending means: a number, or a whole name that is no code."""
        if not self._just_sent or not text.strip():
            return None
        found = meant(text, self.desk.tables, self.desk.orders.values())
        if has_letter(text):
            is_code = isinstance(self.menu_line.read(text).deed, Take)
            return found.sure if found.is_whole and not is_code else None
        return found.sure if text.strip().isdecimal() else None

    def _called(self, spot: Spot) -> str:
        if spot.table is not None and not spot.is_order:
            return Voice.of(self.desk).place("dine_in", spot.table.name)
        return spot.orders[0].number
