"""In which course a line is served and for whom it is; firing what waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from shared.books.views import OrderView
from shared.kernel.errors import DomainError
from shared.kitchen.courses import HeldCourse
from shared.menu.records import MOST_COURSES
from shared.orders.promising import promise_of
from shared.orders.records import MOST_SEATS
from terminal.dialogs.questions import Choice, Field, Form, Pick, Picked
from terminal.screens.course_words import course_name, course_title
from terminal.screens.order.reach import sent_words
from terminal.screens.order.serving import Serving
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone

LATER, TIME = "later", "time"
FEWEST_COURSES = 4
"""Courses that can be chosen though the house has named none."""
FEWEST_SEATS = 8
"""Seats that can be chosen though fewer guests are noted."""


class Coursing(Serving):
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
        order, texts, names = self.order, self.desk.texts, self.menu.courses
        if order is None or not order.held_courses:
            raise DomainError("order.nothing_held")
        rows = (
            *(
                Choice(each.course, course_title(each.course, names, texts), self._waits(each))
                for each in order.held_courses
            ),
            Choice(LATER, texts("order.fire_later"), key="0"),
        )

        async def taken(picked: Picked) -> None:
            if picked.id == LATER:
                await self._ask_when(order)
                return
            course = cast("int", picked.id)
            sent = await self.desk.courses.fire(order.id, course)
            self.refresh_view()
            key, tone = sent_words(sent, self.desk.state)
            code = "order.fired" if tone is Tone.READY else key
            self.say(texts(code, course=course_name(course, names, texts), number=order.number), tone)

        title = texts("order.fire_title", number=order.number)
        await self.host.ask(Pick(title, rows, texts("order.fire_asked"), at=0), taken)

    def _waits(self, held: HeldCourse) -> str:
        """How many dishes of a course wait, and until when."""
        order, texts = self.order, self.desk.texts
        said = order.fire_times.get(held.course) if order is not None else None
        at = [texts("order.fires_at", time=Voice.of(self.desk).clock(said.at))] if said is not None else []
        return " · ".join((*at, texts("course.dishes", count=held.dishes)))

    async def _ask_when(self, order: OrderView) -> None:
        """Ask which course is fired by itself, and when."""
        texts, names, now = self.desk.texts, self.desk.menu.courses, self.desk.local_now()
        courses = [each.course for each in order.held_courses]

        async def timed(given: Mapping[str, str]) -> None:
            course, typed = courses[0], given[TIME].strip()
            if typed:
                promise = promise_of(typed, now)
                if promise is None:
                    raise DomainError("customer.no_time", text=typed)
                await self.desk.courses.fire_at(order.id, course, promise.at)
                said = {"course": course_name(course, names, texts), "time": Voice.of(self.desk).clock(promise.at)}
                self._done("order.fire_set", **said)
            else:
                await self.desk.courses.fire_at(order.id, course, None)
                self._done("order.fire_unset", course=course_name(course, names, texts))

        async def chosen(picked: Picked) -> None:
            courses[:] = [cast("int", picked.id)]
            title = texts("order.fire_when", course=course_name(courses[0], names, texts))
            hint = texts("customer.promised_hint")
            await self.host.ask(
                Form(title, (Field(TIME, texts("order.fire_time"), hint=hint),), texts("order.fire_when_asked")), timed
            )

        if len(courses) == 1:
            await chosen(Picked(courses[0], ""))
            return
        rows = tuple(Choice(each, course_title(each, names, texts)) for each in courses)
        await self.host.ask(Pick(texts("order.fire_later"), rows, texts("order.fire_which"), at=0), chosen)

    async def do_hold(self) -> None:
        """Hold the course of the chosen line: nothing of it is sent before somebody fires it."""
        line, order_id = self._need_line(), self._need_order()
        count = await self.desk.courses.hold(order_id, line.course)
        course = course_name(line.course, self.desk.menu.courses, self.desk.texts)
        self._done("order.course_held", course=course, count=count)
