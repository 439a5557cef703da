"""In which course a line is served and for whom it is; firing what waits."""

from __future__ import annotations

from typing import cast

from shared.kernel.errors import DomainError
from shared.menu.records import MOST_COURSES
from shared.orders.records import MOST_SEATS
from terminal.dialogs.questions import Choice, Pick, Picked
from terminal.screens.course_words import course_name, course_title
from terminal.screens.firing import Firing
from terminal.screens.order.serving import Serving

FEWEST_COURSES = 4
"""Courses that can be chosen though the house has named none."""
FEWEST_SEATS = 8
"""Seats that can be chosen though fewer guests are noted."""


class Coursing(Firing, Serving):
    """The keys for course, seat and fire."""

    async def do_course(self) -> None:
        """Ask in which course the chosen line is served."""
        line, order_id, texts, names = self._need_line(), self._need_order(), self.desk.texts, self.menu.courses
        last = max((*names, line.course, FEWEST_COURSES))
        rows = tuple(
            Choice(course, course_title(course, names, texts)) for course in (*range(1, min(last, MOST_COURSES) + 1), 0)
        )

        async def taken(picked: Picked) -> None:
            course = cast("int", picked.id)
            await self.desk.courses.set_course(order_id, line.id, course)
            self._done("order.course_set", name=line.item_name, course=course_name(course, names, texts))

        at = line.course - 1 if line.course else len(rows) - 1
        title = texts("order.course_title", name=line.item_name)
        await self.host.ask(Pick(title, rows, texts("order.course_asked"), at=at), taken)

    async def do_seat(self) -> None:
        """Ask for whom the chosen line is; what is added from now on is for the same guest."""
        line, order_id, texts, order = self._need_line(), self._need_order(), self.desk.texts, self.order
        known = (each.seat for each in order.lines) if order is not None else ()
        most = min(MOST_SEATS, max((FEWEST_SEATS, order.guests if order is not None else 0, *known)))
        rows = (
            *(Choice(seat, texts("course.seat", seat=seat)) for seat in range(1, most + 1)),
            Choice(0, texts("course.no_seat")),
        )

        async def taken(picked: Picked) -> None:
            seat = cast("int", picked.id)
            await self.desk.courses.set_seat(order_id, line.id, seat)
            self._seat = seat
            self._done("order.seat_set" if seat else "order.seat_ended", name=line.item_name, seat=seat)

        title = texts("order.seat_title", name=line.item_name)
        at = line.seat - 1 if line.seat else len(rows) - 1
        await self.host.ask(Pick(title, rows, texts("order.seat_asked"), at=at), taken)

    async def do_fire(self) -> None:
        """Ask which of the courses that wait is fired: the next one stands first."""
        if self.order is None:
            raise DomainError("order.nothing_held")
        await self.ask_what_to_fire(self.order)

    async def do_hold(self) -> None:
        """Hold the course of the chosen line: nothing of it is sent before somebody fires it."""
        line, order = self._need_line(), self.order
        if order is not None:
            await self.hold_course_of(order, line.course)
