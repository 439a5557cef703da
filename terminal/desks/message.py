"""Messages of the kitchen to who serves, as the desk commands and shows them. No Textual."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from shared.kernel.permissions import Permission
from shared.kitchen.messages import MessageView, confirm_message, tell_floor
from terminal.desks.part import Run
from terminal.desks.pending_commands import PendingCommand
from terminal.snapshots.sources import MESSAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.desks.desk import Desk

EVERYBODYS_AFTER = timedelta(seconds=60)
"""What the person whose table it is about has not confirmed by then is shown to all who serve: they may be away."""


class MessageDesk:
    """See the module.

    Args:
        desk: the snapshots that it reads from, and who acts.
        run: runs a command for who acts.
        pending: makes the id of a message before it is written, so that it is written once.
    """

    def __init__(self, desk: Desk, run: Run, pending: Callable[..., PendingCommand]) -> None:
        self._desk = desk
        self._run = run
        self._pending = pending

    async def tell(self, text: str, order_id: UUID | None) -> None:
        """Tell who serves an order something, or without an order all who serve."""
        pending = self._pending("message", order_id, text)
        await self._run(None, lambda work: tell_floor(work, pending.id, text, order_id), pending, also=(MESSAGES,))

    async def confirm(self, message_id: UUID) -> None:
        """Who is logged in has read a message."""
        await self._run(None, lambda work: confirm_message(work, message_id), also=(MESSAGES,))

    def waiting_for(self, person_id: UUID) -> int:
        """How many messages wait that were told to this person alone."""
        return sum(each.person_id == person_id for each in self._desk.seen[MESSAGES])

    def unread(self) -> tuple[MessageView, ...]:
        """The messages that who is logged in is to read, the oldest first."""
        actor = self._desk.actor
        if actor is None or actor.staff_id is None or not actor.may(Permission.TAKE_ORDER):
            return ()
        old = self._desk.now() - EVERYBODYS_AFTER
        unread = self._desk.seen[MESSAGES]
        return tuple(each for each in unread if each.is_for(actor.staff_id) or each.sent_at < old)
