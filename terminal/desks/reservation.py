"""The commands about who is to come and who waits at the door. No Textual."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from shared.kernel.work import Work
from shared.orders.contacts import ContactView
from shared.reservations import commands
from shared.reservations.commands import Party
from shared.reservations.forgetting import forget_guest
from shared.reservations.queries import ReservationView
from shared.reservations.rules import LocalMoment
from terminal.desks.part import DeskPart
from terminal.snapshots.sources import RESERVATIONS


class ReservationDesk(DeskPart):
    """See the module. Made by the desk."""

    async def book(self, party: Party, *, although_taken: bool = False) -> LocalMoment:
        """Note who is to come. Returns when that is.

        Raises:
            DomainError: those of `book`.
        """
        pending = self._pending("book", party, although_taken)

        async def book(work: Work) -> LocalMoment:
            return await commands.book(work, pending.id, party, although_taken=although_taken)

        return await self._run(None, book, pending, also=(RESERVATIONS,))

    async def change(self, reservation_id: UUID, party: Party, *, although_taken: bool = False) -> LocalMoment:
        """Note other words of who is to come. Returns when that is.

        Raises:
            DomainError: those of `change`.
        """

        async def change(work: Work) -> LocalMoment:
            return await commands.change(work, reservation_id, party, although_taken=although_taken)

        return await self._run(None, change, also=(RESERVATIONS,))

    async def let_wait(self, name: str, guests: int, phone: str = "", notes: str = "") -> None:
        """Put guests who stand at the door on the waiting list.

        Raises:
            DomainError: those of `let_wait`.
        """
        pending = self._pending("wait", name, guests, phone, notes)

        async def wait(work: Work) -> None:
            await commands.let_wait(work, pending.id, name, guests, phone, notes)

        await self._run(None, wait, pending, also=(RESERVATIONS,))

    async def seat(self, reservation: ReservationView, table_id: UUID) -> UUID:
        """The party came: open their order at a table. Returns its id.

        Raises:
            DomainError: those of `seat`.
        """
        pending = self._pending("seat reservation", reservation.id, table_id)
        contact = ContactView(reservation.name, reservation.phone)

        async def seat(work: Work) -> None:
            await commands.seat(work, reservation.id, pending.id, table_id, contact)

        await self._run(None, seat, pending, also=(RESERVATIONS,))
        return pending.id

    async def confirm(self, reservation_id: UUID) -> None:
        """They said again that they will come."""
        await self._say(commands.confirm, reservation_id)

    async def call_off(self, reservation_id: UUID) -> None:
        """They will not come, or do not wait any longer."""
        await self._say(commands.call_off, reservation_id)

    async def did_not_come(self, reservation_id: UUID) -> None:
        """They did not come, and nobody called."""
        await self._say(commands.did_not_come, reservation_id)

    async def reopen(self, reservation_id: UUID) -> None:
        """It was a mistake, or they came after all."""
        await self._say(commands.reopen, reservation_id)

    async def forget(self, reservation_id: UUID) -> None:
        """Forget who it is for, for ever and on every device; with the order that it became.

        Raises:
            DomainError: those of `forget_guest`.
        """
        await self._run(None, lambda work: forget_guest(work, reservation_id), also=(RESERVATIONS,))

    async def _say(self, command: Callable[[Work, UUID], Awaitable[None]], reservation_id: UUID) -> None:
        await self._run(None, lambda work: command(work, reservation_id), also=(RESERVATIONS,))
