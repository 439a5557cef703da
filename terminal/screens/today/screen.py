"""The screen of today's sales. It is read when it opens, after each change of an order, and every minute."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from terminal.actions import PAGE_BACK, PAGE_ON, ROWS_DOWN, ROWS_UP, ScreenName
from terminal.screens.base import KeptScreen
from terminal.screens.status import status_of
from terminal.screens.title_line import TitleLine
from terminal.screens.today.charts import FigureList, HourChart, Ranking
from terminal.screens.today.view import TodayView, today_view
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.big_digits import BigDigits
from terminal.widgets.key_bar import KeyBar
from terminal.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from terminal.desks.desk import Desk
    from terminal.screens.requests import Request


class Words(NamedTuple):
    """The keys of the texts above a screen's parts."""

    total: str
    figures: str
    methods: str
    items: str
    hours: str


class TodayScreen(KeptScreen):
    """What was sold today."""

    SCREEN_NAME = ScreenName.TODAY
    WORDS = Words("today.total", "today.figures", "today.methods", "today.items", "today.hours")
    CSS_PATH = Path(__file__).with_name("screen.tcss")
    desk: Desk

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        texts, words = desk.texts, self.WORDS
        keys = " ".join(action.key_label(texts) for action in (ROWS_UP, ROWS_DOWN, PAGE_BACK, PAGE_ON))
        more = f"{texts('today.more')} · {keys}"
        self._view: TodayView | None = None
        self._is_stale = False
        self._minute = -1
        self.status = StatusLine()
        self.title_line = TitleLine(id="title", on_page=True)
        self.total = BigDigits(caption=texts(words.total), id="total")
        self.figures = FigureList(texts(words.figures), id="figures")
        self.methods = Ranking(texts(words.methods), more, id="methods")
        self.items = Ranking(texts(words.items), more, id="items")
        self.hours = HourChart(texts(words.hours), id="hours")
        self.message = TitleLine(id="message", on_page=True)
        self.bar = KeyBar()

    def compose(self) -> ComposeResult:
        """Figures and methods left, items and hours right."""
        yield self.status
        yield self.title_line
        with Horizontal(id="frame"):
            with Vertical(id="left"):
                yield self.total
                yield self.figures
                yield self.methods
            with Vertical(id="right"):
                yield self.items
                yield self.hours
        yield self.message
        yield self.bar

    def arrive(self) -> None:
        """Begin with the best."""
        for ranking in (self.methods, self.items):
            ranking.scroll_to_first()
        self.refresh_view()

    async def load(self, request: Request | None = None) -> None:
        """Read what the screen shows."""
        self._minute = self.desk.local_now().minute
        self._view = await self.read()
        self.message.show("")
        self.refresh_view()

    async def read(self) -> TodayView | None:
        """Read the sums of the present business day."""
        day = await self.desk.sales_today()
        premises = self.desk.premises
        return None if premises is None else today_view(day, premises.currency, Voice.of(self.desk))

    def refresh_view(self) -> None:
        """Show what was read last."""
        self.status.show(status_of(self.desk))
        self.bar.set_keys(self.bar_keys())
        view = self._view
        if view is None:
            return
        self.title_line.show(view.title)
        self.total.show(view.total, caption=view.caption)
        self.figures.show(view.figures)
        self.figures.styles.height = 1 + len(view.figures)
        self.methods.show(view.methods)
        self.items.show(view.items)
        self.hours.show(view.hours, view.best_hour)
        if view.note:
            self.message.show(view.note)

    def desk_changed(self, topics: frozenset[str]) -> None:
        """Read again after a change of orders, since payments come with them."""
        if "orders" in topics:
            self._ask_again()
        self.refresh_view()

    def tick(self) -> None:
        """Read again every minute, since a new day may begin."""
        self.status.show(status_of(self.desk))
        if self.desk.local_now().minute != self._minute:
            self._ask_again()

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a message above the keys."""
        self.message.show(text, tone)

    def say_working(self) -> None:
        """Nothing is saved here, only read."""

    async def do_tables(self) -> None:
        """Go back to the tables."""
        await self.host.go_to(ScreenName.FLOOR)

    async def do_kitchen_times(self) -> None:
        """To the kitchen's times of today."""
        await self.host.go_to(ScreenName.KITCHEN_TIMES)

    async def do_rows_down(self) -> None:
        """One row down in what does not fit."""
        self._scroll(1)

    async def do_rows_up(self) -> None:
        """One row up."""
        self._scroll(-1)

    async def do_page_on(self) -> None:
        """A page down."""
        self._scroll(1, pages=True)

    async def do_page_back(self) -> None:
        """A page up."""
        self._scroll(-1, pages=True)

    def _scroll(self, by: int, *, pages: bool = False) -> None:
        for ranking in (self.methods, self.items):
            ranking.scroll_by(by * ranking.page if pages else by)

    def _ask_again(self) -> None:
        """Read again soon: once for all that changed before the reading, and once more for what changes meanwhile."""
        self._is_stale = True
        self.tap("read again", self._read_again)

    async def _read_again(self) -> None:
        if self._is_stale:
            self._is_stale = False
            await self.load()
