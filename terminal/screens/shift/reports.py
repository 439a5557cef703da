"""Reports on the shift screen: an X, past Zs, and the day of the branch."""

from __future__ import annotations

from shared.shifts.rules import SessionReport
from terminal.dialogs.questions import Choice, Pick, Picked
from terminal.screens.shift.faces import Faces
from terminal.screens.shift.view import Face
from terminal.theme.palette import Tone


class Reports(Faces):
    """See the module."""

    # Reports

    async def do_x_report(self) -> None:
        """Show what the shift comes to now."""
        now = self.own.now
        if now is not None:
            self._show_paper(await self.desk.shifts.report(now.session.id))

    async def do_past_zs(self) -> None:
        """Choose one of the past Zs of the branch."""
        texts, words = self.desk.texts, self.words
        found = {report.session_id: report for report in await self.desk.shifts.zs()}
        choices = tuple(
            Choice(
                key,
                f"{report.number} {report.drawer}",
                f"{words.date(report.business_date)} {words.money(report.sales.total_minor)}",
            )
            for key, report in found.items()
        )
        if not choices:
            self.say(texts("shift.no_zs"), Tone.WARN)
            return

        async def chosen(picked: Picked) -> None:
            report = next((each for key, each in found.items() if key == picked.id), None)
            if report is not None:
                self._show_paper(report)

        await self.host.ask(Pick(texts("shift.past_zs"), choices, at=0), chosen)

    async def do_branch_day(self) -> None:
        """Choose a business date, and show it."""
        words = self.words
        choices = tuple(Choice(day, words.date(day)) for day in self.desk.shifts.days)
        question = Pick(self.desk.texts("shift.which_day"), choices, at=0)

        async def chosen(picked: Picked) -> None:
            day = next((each for each in self.desk.shifts.days if each == picked.id), None)
            if day is not None:
                self._day, self._report, self._face = await self.desk.shifts.day(day), None, Face.PAPER
                self.say(self.desk.texts("shift.day_is_closed" if self._day.is_closed else "shift.say_day"))
                self.refresh_view()

        await self.host.ask(question, chosen)

    async def do_close_this_day(self) -> None:
        """Make the day on view final, and print its paper."""
        if self._day is None:
            return
        day = self._day.date
        printed = await self.desk.shifts.close_day(day)
        self._day = await self.desk.shifts.day(day)
        self.refresh_view()
        self.say_printed(self.desk.texts("shift.day_closed" if printed else "shift.day_closed_unprinted"))

    async def do_print_it(self) -> None:
        """Print what is on view: an X, or a copy of a Z or of a closed day."""
        report, day = self._report, self._day
        if day is not None:
            printed = await self.desk.shifts.reprint_day(day)
        elif report is None:
            return
        elif report.number:
            printed = await self.desk.shifts.reprint(report)
        else:
            printed = await self.desk.shifts.print_x(report.session_id)
        if printed:
            self.say_printed(self.desk.texts("shift.prints"))
        else:
            self.say(self.desk.texts("shift.no_printer"), Tone.WARN)

    def _show_paper(self, report: SessionReport) -> None:
        self._report, self._day, self._face = report, None, Face.PAPER
        self.say("")
        self.refresh_view()
