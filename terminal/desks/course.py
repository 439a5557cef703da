"""Commands about courses and seats: which course a line is of, for whom it is, and firing what waits. No Textual."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shared.kernel.permissions import Actor, Permission
from shared.kernel.work import Work
from shared.kitchen.firing import fire_at, hold_course
from shared.orders import coursing
from terminal.desks.part import DeskPart
from terminal.desks.sent_view import SentView
from terminal.papers import tasks


class CourseDesk(DeskPart):
    """See the module. Made by the desk."""

    async def set_course(self, order_id: UUID, line_id: UUID, course: int) -> None:
        """Serve a line in another course; 0: in none.

        Raises:
            DomainError: those of `set_course`.
        """
        await self._run(order_id, lambda work: coursing.set_course(work, line_id, course))

    async def set_seat(self, order_id: UUID, line_id: UUID, seat: int) -> None:
        """Say for which guest a line is; 0: for nobody in particular.

        Raises:
            DomainError: those of `set_seat`.
        """
        await self._run(order_id, lambda work: coursing.set_seat(work, line_id, seat))

    async def fire(self, order_id: UUID, course: int) -> SentView:
        """Tell the kitchen a course that waits.

        Raises:
            DomainError: those of `fire_course`.
        """
        pending = self._pending("fire", order_id, course)
        self._desk.printing.follow(order_id)

        async def fire(work: Work) -> SentView:
            return SentView.of(await tasks.fire(work, order_id, course, self._printing()), self._desk.setup.plan)

        return await self._run(order_id, fire, pending)

    async def hold(self, order_id: UUID, course: int) -> int:
        """Hold what the kitchen does not know of a course. Returns how many lines wait.

        Raises:
            DomainError: those of `hold_course`.
        """
        return await self._run(order_id, lambda work: hold_course(work, order_id, course))

    async def fire_at(self, order_id: UUID, course: int, at: datetime | None) -> None:
        """Fire a course by itself at a time; None: by hand.

        Raises:
            DomainError: those of `fire_at`.
        """
        await self._run(order_id, lambda work: fire_at(work, order_id, course, at))

    def due(self, actor: Actor | None) -> tuple[tuple[UUID, int], ...]:
        """The orders and courses that this device fires now, if who is logged in may send."""
        now, device_id = self._desk.now(), self._desk.store.identity.device_id
        if actor is None or not actor.may(Permission.SEND_ORDER):
            return ()
        return tuple(
            (order.id, held.course)
            for order in self._desk.orders.values()
            for held in order.held_courses
            if held.course in order.fire_times and order.fire_times[held.course].is_due(now, device_id)
        )
