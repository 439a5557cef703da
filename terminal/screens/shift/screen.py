"""The drawer of this device: open a shift, money in and out, X, count and close, past Zs, and the day of the branch.

One screen with faces: what it says of the shift, a count (of the float, or of everything before the close), what is not
finished before the close, expected against counted, and a report. Its questions about money are in `moves.py`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from shared.countries.currencies import format_minor
from shared.kernel.instants import business_date
from shared.shifts.rules import PurseToCount
from terminal.actions import Action, ScreenName
from terminal.dialogs.questions import Choice, Pick, Picked
from terminal.papers.shift_papers import ReportWords
from terminal.printing.documents import PaperKind
from terminal.screens.paper_words import Said, each_said, in_rows, rows_of
from terminal.screens.requests import ShowShift
from terminal.screens.shift.closing import Closing
from terminal.screens.shift.counting import TOTAL
from terminal.screens.shift.reports import Reports
from terminal.screens.shift.rows import RowsPanel
from terminal.screens.shift.view import (
    Face,
    OwnSessions,
    about_session,
    carried_tiles,
    own_sessions,
    piece_tiles,
    purse_name,
    total_tile,
)
from terminal.screens.status import status_of
from terminal.screens.till import put_cursor
from terminal.screens.title_line import TitleLine
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.big_digits import BigDigits
from terminal.widgets.item_grid import ItemGrid
from terminal.widgets.key_bar import BarKey, KeyBar
from terminal.widgets.key_pad import ERASE, KeyPad
from terminal.widgets.letter_pad import stroke_of_pad
from terminal.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from terminal.desks.desk import Desk
    from terminal.screens.requests import Request

PAD_KEYS = (("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"), (".", "0", ERASE))
MESSAGE_ROWS = 2
"""As the style sheet says; more while a movement, its paper and the drawer have something to say each."""
TALL = 30
_ON_BAR_WHERE_THEY_WORK = ("close_shift", "close_this_day", "print_it", "next_purse")
_NAMES = {
    Face.COUNT: ScreenName.SHIFT_COUNT,
    Face.BEFORE: ScreenName.SHIFT_BEFORE,
    Face.RESULT: ScreenName.SHIFT_RESULT,
    Face.PAPER: ScreenName.SHIFT_PAPER,
}


class ShiftScreen(Reports, Closing):
    """See the module."""

    SCREEN_NAME = ScreenName.SHIFT
    CSS_PATH = Path(__file__).with_name("screen.tcss")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._back_to = ScreenName.FLOOR
        self._printed: Said | None = None
        self.status = StatusLine()
        self.title_line = TitleLine(id="title", on_page=True)
        self.rows = RowsPanel(id="rows")
        self.carried = ItemGrid(columns=1, tile_height=2, id="carried")
        self.in_all = ItemGrid(columns=1, tile_height=2, id="in_all")
        self.larger = ItemGrid(columns=1, tile_height=2, id="larger")
        self.smaller = ItemGrid(columns=1, tile_height=2, id="smaller")
        self.total = BigDigits(id="total")
        self.pad = KeyPad(PAD_KEYS, id="pad")
        self.message = TitleLine(id="message", on_page=True)
        self.bar = KeyBar()

    def compose(self) -> ComposeResult:
        """Rows, or the tiles of a count beside the pad."""
        yield self.status
        yield self.title_line
        with Vertical(id="frame"):
            yield self.rows
            yield self.carried
            with Horizontal(id="counting"):
                with Vertical(id="left"):
                    yield self.in_all
                    with Horizontal(id="pieces"):
                        yield self.larger
                        yield self.smaller
                with Vertical(id="right"):
                    yield self.total
                    yield self.pad
        yield self.message
        yield self.bar

    def on_resize(self, event: events.Resize) -> None:
        """Higher tiles on a tall screen."""
        for grid in (self.in_all, self.larger, self.smaller):
            grid.set_shape(tile_height=3 if event.size.height >= TALL else 2)

    async def load(self, request: Request | None = None) -> None:
        """Show this device's shift; a count that was not ended is forgotten."""
        if isinstance(request, ShowShift):
            self._back_to = request.back_to
            self.go_home("")

    # What is on view

    @property
    def screen_name(self) -> ScreenName:
        """The actions of the face."""
        if self._face is Face.HOME:
            now = self.own.now
            return ScreenName.SHIFT_OPEN if now is not None and now.session.declared else ScreenName.SHIFT
        return _NAMES[self._face]

    @property
    def own(self) -> OwnSessions:
        """The open sessions of this device."""
        store = self.desk.store
        context = store.branch_context
        today = business_date(self.desk.now(), context.zone, context.cutoff_minutes)
        return own_sessions(self.desk.drawers, store.identity.device_id, today)

    @property
    def words(self) -> ReportWords:
        """Reports in the language of the screen."""
        context = self.desk.store.branch_context
        return ReportWords(self.desk.texts, context.zone, context.currency)

    def refresh_view(self) -> None:
        """Show the face as it is now."""
        voice, is_counting = Voice.of(self.desk), self._face is Face.COUNT
        self.status.show(status_of(self.desk))
        self.set_class(self._face is Face.BEFORE, "-before")
        self.set_class(is_counting, "-count")
        self.title_line.show(self._title(voice))
        match self._face:
            case Face.HOME:
                self._show_home(voice)
            case Face.BEFORE:
                self.carried.set_tiles(carried_tiles(self._carried(), voice), keep_place=True)
            case Face.COUNT:
                self._show_count(voice)
            case Face.RESULT | Face.PAPER:
                self._show_report(voice)
        self.bar.set_keys(self.bar_keys())
        self._show_papers()

    def _show_home(self, voice: Voice) -> None:
        store = self.desk.store
        context = store.branch_context
        today = business_date(self.desk.now(), context.zone, context.cutoff_minutes)
        device = store.identity.device_id
        self.rows.show(about_session(self.own, self.desk.drawers, device, today, self.words, voice))

    def _show_count(self, voice: Voice) -> None:
        found = self._counting
        if found is None:
            return
        larger, smaller = piece_tiles(found)
        half = len(larger)
        for grid, tiles, first in (
            (self.in_all, (total_tile(found, voice),), TOTAL),
            (self.larger, larger, 1),
            (self.smaller, smaller, 1 + half),
        ):
            grid.set_tiles(tiles)
            if first <= found.row < first + len(tiles):
                put_cursor(grid, found.row - first)
        purse = found.purse
        name = purse_name(purse, self.desk.store.branch_context.currency, voice)
        self.total.show(format_minor(purse.total_minor, purse.currency), caption=name)

    def _show_report(self, voice: Voice) -> None:
        if self._day is not None:
            self.rows.show(self.words.day(self._day))
        elif self._report is not None:
            sections = self.words.session(self._report)
            if self._face is Face.RESULT:
                sections = (self.words.counted(self._report),)
            self.rows.show(sections)

    def _title(self, voice: Voice) -> str:
        texts = voice.texts
        match self._face:
            case Face.COUNT if self._to_close is None:
                return texts("shift.title_float")
            case Face.COUNT:
                return texts("shift.title_count")
            case Face.BEFORE:
                return texts("shift.title_before")
            case Face.RESULT:
                return texts("shift.title_result")
            case Face.PAPER if self._day is not None:
                return f"{texts('printing.shift.branch_day')} {self.words.date(self._day.date)}"
            case Face.PAPER if self._report is not None:
                name = texts("printing.shift.z" if self._report.number else "printing.shift.x")
                return f"{name} {self._report.number}".rstrip()
        return texts("shift.title")

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a message above the keys."""
        self._printed = None
        self.message.styles.height = MESSAGE_ROWS
        self.message.show(text, tone)

    def say_printed(self, text: str) -> None:
        """Say that something is done, and what becomes of its paper and of the drawer."""
        self._printed = (text, Tone.READY)
        self._show_papers()

    def _show_papers(self) -> None:
        followed = self.desk.state.prints.followed
        if self._printed is None:
            return
        papers = followed is not None and followed.of(PaperKind.REPORT)
        said = each_said(followed, followed.subject_id, Voice.of(self.desk)) if followed is not None and papers else []
        rows = in_rows([self._printed, *said], self.size.width)
        self.message.styles.height = max(MESSAGE_ROWS, rows_of(rows, self.size.width))
        self.message.show_lines(rows)

    def tick(self) -> None:
        """The clock of the status line."""
        self.status.show(status_of(self.desk))

    def why_not(self, action: Action) -> str | None:
        """Closing needs an open shift, a reprint a printer, the close of a day a day on view."""
        texts = self.desk.texts
        match action.id:
            case "close_shift" if self.own.to_close is None:
                return texts("shift.none_to_close")
            case "next_purse" if self._counting is not None and len(self._counting.purses) < 2:
                return texts("shift.one_purse")
            case "close_this_day" if self._day is None or self._day.is_closed:
                return texts("shift.no_day" if self._day is None else "shift.day_is_closed")
            case "print_it" if self._day is not None and not self._day.is_closed:
                return texts("shift.day_prints_when_closed")
            case "give_cash" if not self.other_drawers():
                return texts("shift.no_other_drawer")
            case "receive" if not self.coming():
                return texts("shift.nothing_comes")
        return None

    def bar_keys(self) -> tuple[BarKey, ...]:
        """Without keys that lead nowhere on this face; of a count, Enter is called by what it does."""
        keys = (key for key in super().bar_keys() if key.enabled or key.action not in _ON_BAR_WHERE_THEY_WORK)
        return tuple(map(self._named, keys))

    def _named(self, key: BarKey) -> BarKey:
        found, texts = self._counting, self.desk.texts
        ends = found is not None and (found.is_at_the_end or self._asked_about_nothing)
        if key.action == "done" or (key.action == "next_row" and ends):
            return replace(key, title=texts("action.done" if self._to_close is not None else "action.open_shift"))
        return key

    # Opening

    async def do_open_shift(self) -> None:
        """Ask which drawer, if there are several, and count the float."""
        drawers = self.desk.drawers.all
        if len(drawers) < 2:
            await self._count_float(drawers[0].id if drawers else None)
            return
        texts = self.desk.texts
        used = {view.session.drawer_id: view for view in self.desk.drawers.sessions if view.session.declared}
        choices = tuple(
            Choice(
                each.id,
                each.name,
                texts("shift.in_use", device=used[each.id].device) if each.id in used else "",
            )
            for each in drawers
        )
        now = self.own.now
        usual = now.session.drawer_id if now is not None else None
        at = next((at for at, each in enumerate(drawers) if each.id == usual), 0)
        await self.host.ask(
            Pick(texts("shift.which_drawer"), choices, texts("shift.which_drawer_asked"), at=at, near_amount=True),
            self._drawer_chosen,
        )

    async def _drawer_chosen(self, picked: Picked) -> None:
        await self._count_float(picked.id if isinstance(picked.id, UUID) else None)

    async def _count_float(self, drawer_id: UUID | None) -> None:
        self._drawer, self._to_close = drawer_id, None
        context = self.desk.store.branch_context
        said = "shift.say_float_after_sales" if self.own.now is not None else "shift.say_float"
        self._begin_count((PurseToCount(None, "", context.currency, None),), said)

    # Leaving

    async def do_tables(self) -> None:
        """Go back to where one came from."""
        await self.host.go_to(self._back_to)

    async def do_back(self) -> None:
        """Back to the shift; what was counted stays counted."""
        self.go_home("")

    def go_home(self, said: str, **particulars: str) -> None:
        """Show the shift again, and say a sentence; empty for none."""
        self._face, self._counting, self._to_close, self._report, self._day = Face.HOME, None, None, None, None
        if self.is_mounted:
            if said:
                self.say_printed(self.desk.texts(said, **particulars))
            else:
                self.say("")
            self.refresh_view()

    def told(self, code: str, **particulars: str) -> None:
        """Say that a movement is done."""
        self.go_home(code, **particulars)

    # Scrolling and fingers

    async def do_rows_down(self) -> None:
        """One row down."""
        self.rows.scroll_by(1)

    async def do_rows_up(self) -> None:
        """One row up."""
        self.rows.scroll_by(-1)

    async def do_page_on(self) -> None:
        """A page down."""
        self.rows.scroll_by(self.rows.page)

    async def do_page_back(self) -> None:
        """A page up."""
        self.rows.scroll_by(-self.rows.page)

    def on_item_grid_chosen(self, event: ItemGrid.Chosen) -> None:
        """A tap goes to a coin, or to what is not finished."""
        event.stop()
        grid, at = event.grid, event.tile.id
        if grid is self.carried:
            ids = [tile.id for tile in grid.tiles]
            self.tap(f"carried {at}", partial(self._lead_to, ids.index(at)))
        else:
            self.tap(f"coin {at}", partial(self._to_coin, at))

    async def _to_coin(self, at: object) -> None:
        if self._counting is not None and isinstance(at, int):
            self._become(self._counting.to_row(at))

    def on_key_pad_pressed(self, event: KeyPad.Pressed) -> None:
        """Handle a tap like the key it shows."""
        event.stop()
        self.tap(f"pad {event.key}", lambda: self.typed(stroke_of_pad(event.key)))
