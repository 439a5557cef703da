"""Taking a hand-over back: at once what was handed over just now, later what a list says. For pass and counter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kitchen.handed_over import HandedTicket
from shared.kitchen.serving import HandedOver
from terminal.dialogs.questions import Choice, Pick, Picked
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

UNDO = timedelta(seconds=3)
"""So long the key that did something takes it back."""
Handed = tuple[UUID, str, Mapping[UUID, int]]
"""An order, its number, and what was handed over of each ticket line."""


class TakingBack:
    """Mixed into screens that hand orders over."""

    desk: Desk
    host: Any

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._handed: tuple[datetime, Sequence[Handed]] | None = None

    def note_handed(self, *handed: tuple[UUID, str, HandedOver]) -> None:
        """Remember what was handed over by one press."""
        self._handed = self.desk.now(), [(key, number, each.portions) for key, number, each in handed]

    async def do_take_back(self) -> bool:
        """Take back what was handed over just now; after three seconds ask which of the last ones."""
        handed, self._handed = self._handed, None
        if handed is not None and timedelta() <= self.desk.now() - handed[0] <= UNDO:
            for order_id, number, portions in handed[1]:
                await self._take_back(order_id, number, portions)
            return True
        await self._ask_which()
        return True

    async def _ask_which(self) -> None:
        texts, voice = self.desk.texts, Voice.of(self.desk)
        listed = {each.id: each for each in await self.desk.passing.handed_over()}
        if not listed:
            raise DomainError("handover.none_handed")
        rows = tuple(Choice(each.id, _title(each, voice), _when(each, voice)) for each in listed.values())

        async def chosen(picked: Picked) -> None:
            ticket = listed[cast("UUID", picked.id)]
            await self._take_back(ticket.order_id, ticket.number, ticket.portions)

        await self.host.ask(Pick(texts("handover.take_back_title"), rows, texts("handover.take_back_asked")), chosen)

    async def _take_back(self, order_id: UUID, number: str, portions: Mapping[UUID, int]) -> None:
        await self.desk.passing.take_back(order_id, portions)
        screen = cast("Any", self)
        screen.refresh_view()
        screen.say(self.desk.texts("handover.taken_back", number=number), Tone.WARN)


def _title(ticket: HandedTicket, voice: Voice) -> str:
    place = voice.place(ticket.kind, ticket.table_name)
    return " · ".join(filter(None, (ticket.number, place, ", ".join(ticket.dishes))))


def _when(ticket: HandedTicket, voice: Voice) -> str:
    return voice.clock(ticket.ready_at) if ticket.ready_at is not None else ""
