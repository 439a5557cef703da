"""Commands about courses and seats: which course a line is of, for whom it is, and firing what waits. No Textual."""

from __future__ import annotations

from uuid import UUID

from shared.kernel.work import Work
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
