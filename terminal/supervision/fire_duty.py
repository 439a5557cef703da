"""Fires courses at the time that somebody said, also while the till is locked. No Textual."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from shared.kernel.errors import DomainError
from terminal.screens.course_words import course_name

if TYPE_CHECKING:
    from terminal.desks.desk import Desk


async def fire_due(desk: Desk) -> str:
    """Fire what is due on this device. Returns what was fired, in one sentence; empty: nothing was."""
    said = ""
    for order_id, course, by in desk.courses.due(desk.actor):
        order = desk.orders[order_id]
        with suppress(DomainError):  # another device was first
            await desk.courses.fire(order_id, course, by)
            name = course_name(course, desk.menu.courses, desk.texts)
            said = desk.texts("order.fired_by_itself", number=order.number, course=name)
    return said
