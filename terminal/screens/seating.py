"""What speaks against seating a party at a table, asked once: it is promised to others, or has too few seats."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from shared.orders.records import OrderKind
from shared.reservations.records import ReservationKind
from shared.reservations.rules import KEPT_AFTER, KEPT_BEFORE, SITS
from terminal.dialogs.questions import Choice, Pick, Picked
from terminal.screens.base import Keyed
from terminal.screens.voice import Voice

if TYPE_CHECKING:
    from shared.floor.queries import TableView
    from shared.reservations.queries import ReservationView
    from terminal.desks.desk import Desk

ELSEWHERE, HERE = "elsewhere", "here"


class Seating(Keyed):
    """Mixed into what seats people."""

    desk: Desk

    def kept_for(
        self, table_id: UUID, own: UUID | None = None, ahead: timedelta = KEPT_BEFORE
    ) -> ReservationView | None:
        """Who is to come soon to a table.

        Args:
            own: the reservation of the party that is seated.
            ahead: how soon.
        """
        now = self.desk.now()
        return next(
            (
                each
                for each in sorted(self.desk.reservations, key=lambda each: each.at)
                if each.is_open
                and each.kind is ReservationKind.BOOKED
                and each.table_id == table_id
                and each.id != own
                and -KEPT_AFTER <= each.at - now <= ahead
            ),
            None,
        )

    def name_of_party(self, found: ReservationView) -> str:
        """What a reservation's party is called."""
        return found.name or self.desk.texts("guests.forgotten" if found.forgotten else "guests.unnamed")

    async def with_care(
        self,
        table: TableView,
        guests: int,
        seat: Callable[[], Awaitable[None]],
        elsewhere: Callable[[], Awaitable[None]],
        own: UUID | None = None,
    ) -> None:
        """Seat a party; if something speaks against it, ask first. Enter chooses another table.

        Args:
            own: the reservation of this party.
        """
        texts, voice, kept = self.desk.texts, Voice.of(self.desk), self.kept_for(table.id, own, SITS)
        place, against = voice.place(OrderKind.DINE_IN, table.name), []
        if kept is not None:
            name, time = self.name_of_party(kept), voice.clock(kept.at)
            against.append(texts("seating.promised", name=name, time=time, count=kept.guests))
        if guests > table.seats:
            against.append(texts("seating.few_seats", guests=guests, seats=table.seats))
        if not against:
            await seat()
            return

        async def taken(picked: Picked) -> None:
            await (seat if picked.id == HERE else elsewhere)()

        rows = Choice(ELSEWHERE, texts("seating.elsewhere")), Choice(HERE, texts("seating.here"))
        await self.host.ask(Pick(texts("seating.title", table=place), rows, " ".join(against), at=0), taken)
