"""Courses and seats on a paper desk, in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from shared.kernel.permissions import Actor, Permission
from terminal.desks.sent_view import SentView

if TYPE_CHECKING:
    from terminal.desks.course import Due
    from tests.terminal.screens.paper_desk import PaperDesk


class PaperCourses:
    def __init__(self, desk: PaperDesk) -> None:
        self._desk = desk

    async def set_course(self, order_id: UUID, line_id: UUID, course: int) -> None:
        await self._desk._turn("set_course", Permission.TAKE_ORDER)
        self._desk._put(order_id, replace(self._desk._line(order_id, line_id), course=course), "course")

    async def set_seat(self, order_id: UUID, line_id: UUID, seat: int) -> None:
        await self._desk._turn("set_seat", Permission.TAKE_ORDER)
        self._desk._put(order_id, replace(self._desk._line(order_id, line_id), seat=seat), "seat")

    def due(self, actor: Actor | None) -> tuple[Due, ...]:
        """No clock of a paper desk fires anything."""
        return ()

    async def fire(self, order_id: UUID, course: int) -> SentView:
        await self._desk._turn("fire", Permission.SEND_ORDER)
        order = self._desk.orders[order_id]
        lines = tuple(
            replace(line, held_milli=0, to_send_milli=line.held_milli) if line.course == course else line
            for line in order.lines
        )
        self._desk._keep(replace(order, lines=lines), "fire")
        return self._desk._send(order_id)


class PaperDisplays:
    async def answer(self) -> None:
        """Nobody asks."""
