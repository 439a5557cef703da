"""What waits for its course is asked about before money is taken: fire it, or leave it on hold."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from terminal.dialogs.questions import Choice, Pick, Picked
from terminal.screens.course_words import held_words

if TYPE_CHECKING:
    from terminal.desks.desk import Desk
    from terminal.dialogs.questions import Question, Taken


class Asks(Protocol):
    """What can ask something on the screen."""

    async def ask(self, question: Question[Picked], taken: Taken[Picked]) -> None:
        """Ask it."""
        ...


_FIRE, _LEAVE = "fire", "leave"


async def held_first(desk: Desk, host: Asks, order_id: UUID, go_on: Callable[[], Awaitable[None]]) -> None:
    """Go on to the payment of an order; ask first if some of its courses wait, or would when it is sent."""
    order, texts = desk.orders.get(order_id), desk.texts
    if order is None or not order.waits_when_sent:
        await go_on()
        return

    async def taken(picked: Picked) -> None:
        if picked.id == _FIRE:
            await fire_all(desk, order_id)
        await go_on()

    rows = (Choice(_FIRE, texts("order.held_fire")), Choice(_LEAVE, texts("order.held_leave")))
    waits = held_words(order.waits_when_sent, desk.menu.courses, texts)
    title = texts("order.held_asked_title", number=order.number)
    await host.ask(Pick(title, rows, texts("order.held_asked", courses=waits)), taken)


async def fire_all(desk: Desk, order_id: UUID) -> None:
    """Send an order, and fire all of its courses."""
    if (order := desk.orders.get(order_id)) is not None and order.unsent:
        await desk.send(order_id)
    while (order := desk.orders.get(order_id)) is not None and order.held_courses:
        await desk.courses.fire(order_id, order.held_courses[0].course)
