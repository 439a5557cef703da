"""Counting and closing on the shift screen: what is not finished, the count, expected against counted, the close."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.shifts.rules import PurseToCount
from terminal.actions import ScreenName
from terminal.dialogs.questions import Field, Form
from terminal.input.strokes import Stroke
from terminal.screens.shift.counting import Counting, counting
from terminal.screens.shift.faces import Faces
from terminal.screens.shift.view import (
    Carried,
    Face,
    carried_over,
    difference_tone,
    difference_words,
    purse_name,
)
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from collections.abc import Mapping

_STEPS = {"up": -1, "down": 1}


class Closing(Faces):
    """See the module."""

    # Counting

    def _begin_count(self, purses: tuple[PurseToCount, ...], said: str) -> None:
        self._counting, self._face, self._zero_is_meant = counting(purses), Face.COUNT, False
        self.say(self.desk.texts(said))
        self.refresh_view()

    async def typed(self, stroke: Stroke) -> None:
        """Digits count; arrows go to another coin, or to what is not finished; numbers choose."""
        found = self._counting
        if self._face is Face.COUNT and found is not None:
            if stroke.is_digit or stroke.name in (".", ","):
                self._become(found.with_key(stroke.name))
            elif stroke.name == "backspace":
                self._become(found.erased())
            elif stroke.name in _STEPS:
                self._become(found.to_row(found.row + _STEPS[stroke.name]))
            elif stroke.name in ("left", "right"):
                self._become(found.beside())
        elif self._face is Face.BEFORE and stroke.is_digit:
            await self._lead_to(int(stroke.name) - 1)

    @property
    def _asked_about_nothing(self) -> bool:
        """Whether the question on view is if there is nothing: Enter says so."""
        found = self._counting
        is_asked = found is not None and found.at in found.empty and not found.purse.is_counted
        return is_asked or self._zero_is_meant

    def _become(self, found: Counting) -> None:
        self._counting, self._zero_is_meant = found, False
        self.refresh_view()

    async def do_next_purse(self) -> None:
        """Another currency, or another method."""
        if self._counting is not None:
            self._become(self._counting.to_purse(self._counting.at + 1))

    async def do_next_row(self) -> bool:
        """The next coin; after the last one of the last purse the count is done."""
        if self._counting is None:
            return True
        if self._counting.is_at_the_end or self._asked_about_nothing:
            await self.do_done()
            return True
        self._become(self._counting.entered())
        return False

    async def do_done(self) -> None:
        """Take what is counted: open the shift with it, or compare it with what is expected."""
        found, closing = self._counting, self._to_close
        if found is None:
            return
        if closing is None:
            if not found.floats and not self._zero_is_meant:
                self._zero_is_meant = True
                self.say(self.desk.texts("shift.float_is_zero"), Tone.WARN)
                return
            missing = await self.desk.shifts.open(self._drawer, found.floats)
            money = self.desk.money
            said = "shift.opened_short" if missing else "shift.opened"
            self.go_home(said, amount=money(found.purses[0].total_minor), missing=money(missing))
            return
        left = found.uncounted
        if left is not None:
            self._become(found.to_purse(left).holding_nothing(left))
            name = purse_name(found.purses[left], self.desk.store.branch_context.currency, Voice.of(self.desk))
            self.say(self.desk.texts("shift.not_counted", name=name), Tone.WARN)
            return
        self._report = await self.desk.shifts.count(closing, found.counted)
        self._counting, self._face, self._day = None, Face.RESULT, None
        self.refresh_view()
        self.say(difference_words(self._report, self.words.money, Voice.of(self.desk)), difference_tone(self._report))

    # Closing

    async def do_close_shift(self) -> None:
        """Show what is not finished; none of it refuses the close."""
        view = self.own.to_close
        if view is None:
            return
        self._to_close, self._face = view.session.id, Face.BEFORE
        self.say(self._before_words())
        self.refresh_view()

    def _before_words(self) -> str:
        """Whether anything is unfinished; what is paid and still cooks is named."""
        if any(each.count for each in self._carried()):
            return self.desk.texts("shift.may_close")
        cooking = ", ".join(order.number for order in self.desk.orders.values() if order.is_cooking)
        return self.desk.texts("shift.all_paid" if cooking else "shift.all_finished", numbers=cooking)

    def _carried(self) -> tuple[Carried, ...]:
        desk = self.desk
        return carried_over(desk.orders.values(), desk.state, len(desk.open_exceptions), len(self.coming()))

    async def do_count_now(self) -> None:
        """Begin the count."""
        if self._to_close is not None:
            self._begin_count(await self.desk.shifts.to_count(self._to_close), "shift.say_count")

    async def _lead_to(self, at: int) -> None:
        """Go to where one finishes something."""
        carried = self._carried()
        if not 0 <= at < len(carried):
            return
        if not carried[at].count:
            self.say(self.desk.texts("shift.none_of_it"))
            return
        match carried[at].id:
            case "unsent" | "held" | "unpaid":
                await self.host.go_to(ScreenName.FLOOR)
            case "unprinted":
                await self.host.show_printers()
            case "exceptions":
                await self.do_exceptions()
            case "coming":
                self.go_home("")
                await self.do_receive()
            case _:
                self.say(self.desk.texts("shift.goes_by_itself"))

    async def do_count_again(self) -> None:
        """Count once more; the last count is taken."""
        await self.do_count_now()

    async def do_finish(self) -> bool:
        """Close with this count; a difference above what the drawer allows asks for its reason."""
        report = self._report
        if report is None:
            return True
        if report.greatest_difference_minor <= self._most_difference():
            await self._close("")
            return True
        texts = self.desk.texts
        asked = Form(texts("shift.why_title"), (Field("reason", texts("shift.why"), needed=True),))
        await self.host.ask(asked, self._explained)
        return False

    async def _explained(self, answer: Mapping[str, str]) -> None:
        await self._close(answer["reason"])

    def _most_difference(self) -> int:
        view = next((each for each in self.desk.drawers.sessions if each.session.id == self._to_close), None)
        drawer = view.session.drawer_id if view is not None else None
        return next((each.most_difference_minor for each in self.desk.drawers.all if each.id == drawer), 0)

    async def _close(self, reason: str) -> None:
        if self._to_close is not None:
            self._report = await self.desk.shifts.close(self._to_close, reason)
            self._to_close, self._face, self._day = None, Face.PAPER, None
            self.refresh_view()
            self.say_printed(self.desk.texts("shift.closed", number=self._report.number))
