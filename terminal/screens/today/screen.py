"""The first face of today: what was sold, by item, hour and method."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from terminal.actions import ScreenName
from terminal.screens.today.charts import FigureList, HourChart, Ranking
from terminal.screens.today.face import Face, Scrolls
from terminal.screens.today.view import TodayView, today_view
from terminal.screens.voice import Voice
from terminal.widgets.big_digits import BigDigits

if TYPE_CHECKING:
    from terminal.desks.desk import Desk


class Words(NamedTuple):
    """The keys of the texts above a screen's parts."""

    total: str
    figures: str
    methods: str
    items: str
    hours: str


class TodayScreen(Face):
    """What was sold today."""

    SCREEN_NAME = ScreenName.TODAY
    WORDS = Words("today.total", "today.figures", "today.methods", "today.items", "today.hours")
    CSS_PATH = Path(__file__).with_name("screen.tcss")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        texts, words = desk.texts, self.WORDS
        self._view: TodayView | None = None
        self.total = BigDigits(caption=texts(words.total), id="total")
        self.figures = FigureList(texts(words.figures), id="figures")
        self.methods = Ranking(texts(words.methods), self.more, id="methods")
        self.items = Ranking(texts(words.items), self.more, id="items")
        self.hours = HourChart(texts(words.hours), id="hours")

    def parts(self) -> Iterable[Widget]:
        """Figures and methods left, items and hours right."""
        with Horizontal(id="frame"):
            with Vertical(id="left"):
                yield self.total
                yield self.figures
                yield self.methods
            with Vertical(id="right"):
                yield self.items
                yield self.hours

    def scrolled(self) -> tuple[Scrolls, ...]:
        """Both rankings."""
        return self.methods, self.items

    async def read(self) -> None:
        """Read the sums of the present business day."""
        self._view = await self.view()

    async def view(self) -> TodayView | None:
        """The view of what was sold."""
        day = await self.desk.sales_today()
        premises = self.desk.premises
        return None if premises is None else today_view(day, premises.currency, Voice.of(self.desk))

    def note(self) -> str:
        """That nothing was sold yet."""
        return self._view.note if self._view is not None else ""

    def show(self) -> str:
        """Figures, rankings and hours."""
        view = self._view
        if view is None:
            return ""
        self.total.show(view.total, caption=view.caption)
        self.figures.show(view.figures)
        self.figures.styles.height = 1 + len(view.figures)
        self.methods.show(view.methods)
        self.items.show(view.items)
        self.hours.show(view.hours, view.best_hour)
        return view.title
