"""What a cook arranges: what goes first, which station makes a card, where it stands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kitchen.ticket_views import TicketView
from terminal.actions import Action, ScreenName, action_by_id
from terminal.dialogs.questions import Choice, Pick, Picked
from terminal.screens.kitchen.verbs import KitchenVerbs
from terminal.screens.kitchen.view import card_id, groups_of, ticket_number
from terminal.screens.taking_back import UNDO
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

LATE_UNDO = timedelta(seconds=10)
"""Who presses it until then still means to take it back: the key does nothing else."""
_LAST = "last"


class KitchenArranging(KitchenVerbs):
    """Mixed into the kitchen's screen."""

    desk: Desk

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._undoable: tuple[str, datetime, Callable[[], Awaitable[None]]] | None = None
        self._is_other_meant = False

    async def perform(self, deed: Callable[[], Awaitable[object]]) -> object:
        """Do it, or undo what its key did just now."""
        undoable, self._undoable = self._undoable, None
        if undoable is not None:
            name, done_at, undo = undoable
            passed = self.desk.now() - done_at
            if getattr(deed, "__name__", "") == f"do_{name}" and timedelta() <= passed <= (
                UNDO if self._is_other_meant else LATE_UNDO
            ):
                if passed > UNDO:
                    raise DomainError("kitchen.too_late", key=self._key(name))
                await undo()
                self.refresh_view()
                return True
        return await super().perform(deed)

    def _forget_undo(self) -> None:
        """Another card was marked: once its three seconds are over, the key is meant for that one."""
        self._is_other_meant = True

    def _can_undo(self, action_id: str, undo: Callable[[], Awaitable[None]]) -> None:
        self._undoable, self._is_other_meant = (action_id, self.desk.now(), undo), False

    # What goes first

    async def do_rush(self) -> None:
        """Let the chosen card go before all others, or no longer."""
        tickets = self._chosen_by_mark("rush")
        rushed = not any(ticket.rushed for ticket in tickets)
        await self._rush(tickets, rushed=rushed)
        if rushed:
            self._mark(card_id(tickets[0]))

            async def undo() -> None:
                await self._rush(tickets, rushed=False)

            self._can_undo("rush", undo)

    async def _rush(self, tickets: tuple[TicketView, ...], *, rushed: bool) -> None:
        await self.desk.kitchen.rush([ticket.id for ticket in tickets], rushed=rushed)
        self.refresh_view()
        said = "kitchen.rush_begun" if rushed else "kitchen.rush_ended"
        self.say(self.desk.texts(said, number=ticket_number(tickets[0]), key=self._key("rush")), Tone.WARN)

    # Who makes it

    async def do_transfer(self) -> None:
        """Ask which other station makes the chosen card."""
        tickets, texts = self._chosen(), self.desk.texts
        number, here = ticket_number(tickets[0]), tickets[0].station_id
        rows = tuple(Choice(each.id, each.name) for each in self.desk.stations if each.id != here)

        async def chosen(picked: Picked) -> None:
            await self._transfer(tickets, cast("UUID", picked.id))

            async def undo() -> None:
                await self._transfer(tickets, here)

            self._can_undo("transfer", undo)

        await self.host.ask(Pick(texts("kitchen.transfer_title", number=number), rows), chosen)

    async def _transfer(self, tickets: tuple[TicketView, ...], station_id: UUID) -> None:
        await self.desk.kitchen.transfer([ticket.id for ticket in tickets], station_id)
        self.refresh_view()
        station = next((each.name for each in self.desk.stations if each.id == station_id), "")
        said = {"number": ticket_number(tickets[0]), "station": station, "key": self._key("transfer")}
        self.say(self.desk.texts("kitchen.transferred", **said), Tone.READY)

    # Where it stands

    async def do_move_card(self) -> None:
        """Ask before which other card the chosen one stands from now on."""
        chosen, texts, voice = self._chosen(), self.desk.texts, Voice.of(self.desk)
        number = ticket_number(chosen[0])
        others = [group for group in groups_of(self._tickets()) if group[0].id != chosen[0].id]
        others = [group for group in others if not group[0].is_later and group[0].station_id == chosen[0].station_id]
        if not others:
            raise DomainError("kitchen.stands_alone", number=number)
        rows = (
            *(
                Choice(at, texts("kitchen.before", number=ticket_number(first), place=_place(first, voice)))
                for at, (first, *_added) in enumerate(others)
            ),
            Choice(_LAST, texts("kitchen.last")),
        )

        async def put(picked: Picked) -> None:
            at = len(others) if picked.id == _LAST else cast("int", picked.id)
            after = others[at - 1][0].id if at else None
            before = others[at][0].id if at < len(others) else None
            await self.desk.kitchen.move([ticket.id for ticket in chosen], after, before)
            self.refresh_view()
            self.say(texts("kitchen.moved", number=number, place=picked.text), Tone.READY)

        await self.host.ask(Pick(texts("kitchen.move_title", number=number), rows, texts("kitchen.move_asked")), put)

    def _key(self, action_id: str) -> str:
        return self.label_of(action_by_id(ScreenName.KITCHEN, action_id))

    def why_not(self, action: Action) -> str | None:
        """A transfer needs another station."""
        if action.id == "transfer" and len(self.desk.stations) < 2:
            return self.desk.texts("kitchen.one_station")
        return super().why_not(action)


def _place(ticket: TicketView, voice: Voice) -> str:
    return voice.place(ticket.kind, ticket.table_name)
