"""A cook tells who serves something: about the marked card to who took it, without a mark to everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from shared.kitchen.ticket_views import TicketView
from shared.tenancy.records import ReasonKind
from terminal.dialogs.questions import Choice, Pick, Picked
from terminal.screens.base import Keyed
from terminal.screens.cook_phrases import USUAL
from terminal.screens.kitchen.view import card_id, groups_of, ticket_number
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from terminal.desks.desk import Desk


class Telling(Keyed):
    """Mixed into the kitchen's screen, which knows the marked ticket."""

    desk: Desk
    _marked: UUID | None

    def _tickets(self) -> tuple[TicketView, ...]:
        raise NotImplementedError

    async def do_tell(self) -> None:
        """Ask what to say: a phrase of the house, or a text."""
        texts = self.desk.texts
        group = next((each for each in groups_of(self._tickets()) if card_id(each[0]) == self._marked), ())
        order_id = group[0].order_id if group else None
        if group:
            about = {"number": ticket_number(group[0]), "table": group[0].table_name, "name": group[0].server_name}
            title = texts("kitchen.tell_about", **about)
        else:
            title = texts("kitchen.tell_all")
        phrases = [Choice(each.text, each.title) for each in self.desk.reasons(ReasonKind.MESSAGE)]
        phrases = phrases or [Choice(said, said) for each in USUAL if (said := texts(f"kitchen.phrase_{each}"))]

        async def chosen(picked: Picked) -> None:
            await self.desk.messages.tell(picked.reason, order_id)
            self.say(texts("kitchen.told", text=picked.text), Tone.READY)

        own = texts("kitchen.own_message")
        await self.host.ask(Pick(title, tuple(phrases), texts("kitchen.tell_asked"), own_text=own), chosen)
