"""Firing and holding the courses of an order: from the order, and from the floor for a table that nobody opens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from shared.books.views import OrderView
from shared.kernel.errors import DomainError
from shared.kitchen.courses import FIRST_COURSE, HeldCourse
from shared.orders.promising import promise_of
from shared.orders.records import OrderKind
from terminal.dialogs.questions import Choice, Field, Form, Pick, Picked
from terminal.screens.base import Keyed
from terminal.screens.course_words import course_name, course_title
from terminal.screens.reach import sent_words
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

LATER, TIME = "later", "time"


class Firing(Keyed):
    """Mixed into a screen that says which order is meant."""

    desk: Desk

    def say_of_course(self, text: str, tone: Tone = Tone.READY) -> None:
        """Show what became of a course."""
        self.refresh_view()
        self.say(sentence(text), tone)

    def name_of_course(self, course: int) -> str:
        """What the house calls it."""
        return course_name(course, self.desk.menu.courses, self.desk.texts)

    async def fire_course_of(self, order: OrderView, course: int) -> None:
        """Tell the kitchen a course that waits."""
        texts = self.desk.texts
        sent = await self.desk.courses.fire(order.id, course)
        key, tone = sent_words(sent, self.desk.state)
        code = "order.fired" if tone is Tone.READY else key
        self.say_of_course(texts(code, course=self.name_of_course(course), number=order.number), tone)

    async def ask_what_to_fire(self, order: OrderView) -> None:
        """Ask which of the courses that wait is fired: the next one stands first."""
        texts = self.desk.texts
        if not order.held_courses:
            raise DomainError("order.nothing_held")
        rows = (
            *(self._row(each.course, self._waits(order, each)) for each in order.held_courses),
            Choice(LATER, texts("order.fire_later"), key="0"),
        )

        async def taken(picked: Picked) -> None:
            if picked.id == LATER:
                await self._ask_when(order)
            else:
                await self.fire_course_of(order, cast("int", picked.id))

        title = texts("order.fire_title", number=order.number)
        await self.host.ask(Pick(title, rows, texts("order.fire_asked"), at=0), taken)

    async def ask_what_to_hold(self, order: OrderView) -> None:
        """Ask which of the courses that the kitchen does not know waits until somebody fires it."""
        texts = self.desk.texts
        rows = tuple(self._row(course, "") for course in courses_to_hold(order))

        async def taken(picked: Picked) -> None:
            await self.hold_course_of(order, cast("int", picked.id))

        await self.host.ask(Pick(texts("order.hold_title", number=order.number), rows, at=0), taken)

    async def hold_course_of(self, order: OrderView, course: int) -> None:
        """Hold a course: nothing of it is sent before somebody fires it."""
        count = await self.desk.courses.hold(order.id, course)
        self.say_of_course(self.desk.texts("order.course_held", course=self.name_of_course(course), count=count))

    def _row(self, course: int, detail: str) -> Choice:
        return Choice(course, course_title(course, self.desk.menu.courses, self.desk.texts), detail)

    def _waits(self, order: OrderView, held: HeldCourse) -> str:
        """How many dishes of a course wait, and until when."""
        texts, said = self.desk.texts, order.fire_times.get(held.course)
        at = [texts("order.fires_at", time=Voice.of(self.desk).clock(said.at))] if said is not None else []
        return " · ".join((*at, texts("course.dishes", count=held.dishes)))

    async def _ask_when(self, order: OrderView) -> None:
        """Ask which course is fired by itself, and when."""
        texts, courses = self.desk.texts, [each.course for each in order.held_courses]

        async def chosen(picked: Picked) -> None:
            await self._ask_time(order, cast("int", picked.id))

        if len(courses) == 1:
            await self._ask_time(order, courses[0])
            return
        rows = tuple(self._row(each, "") for each in courses)
        await self.host.ask(Pick(texts("order.fire_later"), rows, texts("order.fire_which"), at=0), chosen)

    async def _ask_time(self, order: OrderView, course: int) -> None:
        texts, now, name = self.desk.texts, self.desk.local_now(), self.name_of_course(course)

        async def timed(given: Mapping[str, str]) -> None:
            typed = given[TIME].strip()
            if not typed:
                await self.desk.courses.fire_at(order.id, course, None)
                self.say_of_course(texts("order.fire_unset", course=name))
                return
            promise = promise_of(typed, now)
            if promise is None:
                raise DomainError("customer.no_time", text=typed)
            await self.desk.courses.fire_at(order.id, course, promise.at)
            self.say_of_course(texts("order.fire_set", course=name, time=Voice.of(self.desk).clock(promise.at)))

        field = Field(TIME, texts("order.fire_time"), hint=texts("customer.promised_hint"))
        await self.host.ask(
            Form(texts("order.fire_when", course=name), (field,), texts("order.fire_when_asked")), timed
        )


def sentence(text: str) -> str:
    """A text that may begin with what the house calls a course, with a capital letter."""
    return text[:1].upper() + text[1:]


def later_courses(order: OrderView | None) -> list[int]:
    """The courses after the first of what is to send."""
    lines = order.lines if order is not None and order.kind is OrderKind.DINE_IN else ()
    return sorted({line.course for line in lines if line.to_send_milli and line.course > FIRST_COURSE})


def courses_to_hold(order: OrderView) -> list[int]:
    """The courses of which the kitchen knows nothing and that do not wait yet."""
    found = order.coursed
    known = {each.course for each in found if each.is_told or each.held_milli}
    return sorted({each.course for each in found if each.to_send_milli and each.course} - known)
