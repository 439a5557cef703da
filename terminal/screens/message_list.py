"""What waits for who serves: guests who order and call, and what the kitchen told. Choosing a row answers it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from uuid import UUID

from shared.kernel.errors import DomainError
from terminal.dialogs.questions import Choice, Pick, Picked
from terminal.screens.cook_phrases import message_words
from terminal.screens.guest_calls import GuestCalls
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from shared.kitchen.messages import MessageView
    from terminal.desks.desk import Desk


def _about(message: MessageView, words: str) -> str:
    return f"{message.table_name or message.order_number}: {words}" if message.order_number else words


class MessageList(GuestCalls):
    """Mixed into the screens of who serves."""

    desk: Desk

    async def do_messages(self) -> None:
        """Show what waits; Enter takes the only one."""
        texts, voice = self.desk.texts, Voice.of(self.desk)
        unread = self.desk.messages.unread()
        guests = self.guest_rows()
        if not unread and not guests:
            raise DomainError("messages.none")
        rows = guests + tuple(
            Choice(
                each.id,
                _about(each, message_words(self.desk, each.text)),
                f"{each.sender_name} {voice.clock(each.sent_at)}",
            )
            for each in unread
        )

        async def chosen(picked: Picked) -> None:
            if await self.answer_guest(picked.id):
                return
            await self.desk.messages.confirm(cast("UUID", picked.id))
            self.refresh_view()
            self.say(texts("messages.confirmed"), Tone.READY)
            if self.desk.messages.unread():
                await self.do_messages()

        at = 0 if len(rows) == 1 else None
        title, asked = ("guest_orders.title", "guest_orders.asked") if guests else ("messages.title", "messages.asked")
        await self.host.ask(Pick(texts(title), rows, texts(asked), at=at, is_wide=bool(guests)), chosen)
