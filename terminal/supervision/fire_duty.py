"""Fires courses at the time that somebody said, also while the till is locked. No Textual, and no words."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from shared.kernel.errors import DomainError

if TYPE_CHECKING:
    from terminal.desks.desk import Desk


class Fired(NamedTuple):
    """A course that went by itself, and the number of its order."""

    number: str
    course: int


async def fire_due(desk: Desk) -> list[Fired]:
    """Fire what is due on this device. Returns what was fired."""
    fired = []
    for order_id, course, by in desk.courses.due(desk.actor):
        order = desk.orders[order_id]
        with suppress(DomainError):  # another device was first
            await desk.courses.fire(order_id, course, by)
            fired.append(Fired(order.number, course))
    return fired
