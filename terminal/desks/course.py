"""Commands about courses and seats: which course a line is of, for whom it is, and firing what waits. No Textual."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from shared.kernel.permissions import Actor, Permission
from shared.kernel.work import Work
from shared.kitchen.firing import fire_at, hold_course
from shared.orders import coursing
from terminal.desks.part import DeskPart
from terminal.desks.sent_view import SentView
from terminal.papers import tasks


class Due(NamedTuple):
    """A course whose time has come, and in whose name it is fired."""

    order_id: UUID
    course: int
    by: Actor


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

    async def fire(self, order_id: UUID, course: int, by: Actor | None = None) -> SentView:
        """Tell the kitchen a course that waits.

        Args:
            by: who said that it is fired now, if that was not who is logged in.

        Raises:
            DomainError: those of `fire_course`.
        """
        pending = self._pending("fire", order_id, course)
        self._desk.printing.follow(order_id)

        async def fire(work: Work) -> SentView:
            return SentView.of(await tasks.fire(work, order_id, course, self._printing()), self._desk.setup.plan)

        return await self._run(order_id, fire, pending, by=by)

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

    def due(self, actor: Actor | None) -> tuple[Due, ...]:
        """What this device fires now, in the name of who is logged in and may send; else, while nobody is, of who said
        the time: a course waits for nobody to unlock the till.
        """
        now, device_id = self._desk.now(), self._desk.store.identity.device_id
        skew = timedelta(milliseconds=self._desk.state.skew_ms)
        if actor is not None and not actor.may(Permission.SEND_ORDER):
            return ()
        return tuple(
            Due(order.id, held.course, by)
            for order in self._desk.orders.values()
            for held in order.held_courses
            if (time := order.fire_times.get(held.course)) is not None
            and time.is_due(now, device_id, skew)
            and (by := actor or self._person(time.said_by)) is not None
        )

    def _person(self, staff_id: UUID | None) -> Actor | None:
        """Somebody who works here and may send."""
        found = next((each for each in self._desk.staff if each.id == staff_id), None)
        actor = found.actor if found is not None else None
        return actor if actor is not None and actor.may(Permission.SEND_ORDER) else None
