"""What a cook holds, and the courses that wait in the dining room."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from terminal.actions import ScreenName
from terminal.dialogs.questions import Pick, Picked
from terminal.screens.course_words import course_name
from terminal.screens.kitchen.held_view import HeldKey, held_at, held_rows
from terminal.screens.kitchen.verbs import KitchenVerbs
from terminal.screens.kitchen.view import ticket_number
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from shared.kitchen.held_queries import HeldDish
    from terminal.desks.desk import Desk


class KitchenHolding(KitchenVerbs):
    """Mixed into the kitchen's screen."""

    desk: Desk

    async def do_hold_card(self) -> None:
        """Let the chosen card wait, though it was sent; the same key lets it be made."""
        tickets, texts = self._chosen_by_mark("hold_card"), self.desk.texts
        is_held = all(ticket.is_held for ticket in tickets)
        await self.desk.kitchen.hold([ticket.id for ticket in tickets], held=not is_held)
        self.refresh_view()
        said = "kitchen.hold_ended" if is_held else "kitchen.hold_begun"
        self.say(texts(said, number=ticket_number(tickets[0])), Tone.READY if is_held else Tone.WARN)

    async def do_waiting(self) -> None:
        """List the courses that wait for this wall; who may send fires one."""
        texts, names = self.desk.texts, self.desk.menu.courses
        rows = held_rows(self._waiting(), names, Voice.of(self.desk))
        if not rows:
            raise DomainError("kitchen.nothing_waits")

        async def chosen(picked: Picked) -> None:
            actor = self.desk.actor
            if actor is None or not actor.may(Permission.SEND_ORDER):
                raise DomainError("kitchen.floor_fires")
            order_id, course = cast("HeldKey", picked.id)
            await self.desk.courses.fire(order_id, course)
            self.refresh_view()
            self.say(texts("kitchen.course_fired", course=course_name(course, names, texts)), Tone.READY)

        await self.host.ask(Pick(texts("kitchen.waiting_title"), rows, texts("kitchen.waiting_asked")), chosen)

    async def do_expediter(self) -> None:
        """To the pass: all stations, order by order."""
        await self.host.go_to(ScreenName.EXPEDITER)

    def _waiting(self) -> tuple[HeldDish, ...]:
        return held_at(self.desk.held, self.desk.kitchen.shown())
