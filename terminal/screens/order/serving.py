"""Serving: what is ready at once, what is not only after a question; the chosen line, or all of the order."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from shared.books.views import LineView, OrderView
from shared.kernel.errors import DomainError
from shared.menu.weights import portions_text
from terminal.actions import Action
from terminal.screens.order.typed_orders import TypedOrders
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from terminal.desks.desk import Desk


class Serving(TypedOrders):
    """The key that says that something is on the table."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._serve_asked: Hashable = None

    async def act(self, action: Action) -> bool:
        """Any other action takes back the question whether to serve what is not ready."""
        if action.id != "serve":
            self._serve_asked = None
        return await super().act(action)

    async def do_serve(self) -> bool:
        """Serve what is ready of the chosen line, or of all; if nothing is, ask, and serve it on the second press.

        Presses that waited with the first are the same press.
        """
        order = self.order
        if order is None:
            return True
        chosen = self._chosen()
        waiting = [line for line in ([chosen] if chosen else order.lines) if line.unserved_milli]
        if not waiting:
            raise self._why_not_served(chosen)
        ids, meant = ([chosen.id], chosen.id) if chosen else (None, order.id)
        is_ready = any(line.made_milli > line.served_milli for line in waiting)
        if not is_ready and self._serve_asked != meant:
            self._serve_asked = meant
            names = ", ".join(portions_text(line.unserved_milli, line.item_name, line.unit) for line in waiting[:2])
            more = f" +{len(waiting) - 2}" if len(waiting) > 2 else ""
            self.say(self.desk.texts("order.serve_asked", names=f"{names}{more}"), Tone.WARN)
            return True
        self._serve_asked = None
        await self.desk.serve(order.id, ids, only_ready=is_ready)
        await self._served(order, chosen)
        return True

    async def _served(self, before: OrderView, chosen: LineView | None) -> None:
        """Say what is served, and what still is not. What was paid is handed over: then nothing is left to do here."""
        if self.order is None:
            there = await self.go_home()
            there.say(self.desk.texts("order.handed_over", number=before.number), Tone.READY)
        elif chosen is not None:
            self._done("order.line_served", name=chosen.item_name)
        elif self.order.unserved:
            self._done("order.ready_served", count=self.order.unserved)
        else:
            self._done("order.served", number=before.number)

    def _why_not_served(self, chosen: LineView | None) -> DomainError:
        if chosen is None:
            return DomainError("order.nothing_to_serve")
        if chosen.to_send_milli or not chosen.is_told:
            return DomainError("NOT_SENT_YET", item=chosen.item_name)
        return DomainError("order.line_is_served", name=chosen.item_name)

    def _chosen(self) -> LineView | None:
        """The line under the cursor: without one, all are meant."""
        cursor = self.list.cursor_line
        lines = self.order.lines if self.order is not None else ()
        return next((line for line in lines if cursor is not None and line.id == cursor.id), None)
