"""The manager's place, "today": lists beside each other under one row of tabs, each a screen of its own.

A list is read when it opens, after each change of what it shows, and every minute. It says from which devices nothing
was heard today: their part is missing in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar, Protocol, cast

from textual.app import ComposeResult
from textual.widget import Widget

from shared.kernel.errors import DomainError
from terminal.actions import PAGE_BACK, PAGE_ON, ROWS_DOWN, ROWS_UP, ScreenName, action_by_id
from terminal.dialogs.questions import Choice, Field, FieldKind, Form, Pick, Picked
from terminal.screens.base import KeptScreen
from terminal.screens.rights import asking_about
from terminal.screens.status import status_of
from terminal.screens.title_line import TitleLine
from terminal.screens.today.tabs import Tab, TabRow
from terminal.theme.palette import Tone
from terminal.widgets.key_bar import KeyBar
from terminal.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from uuid import UUID

    from terminal.desks.desk import Desk
    from terminal.input.strokes import Stroke
    from terminal.screens.requests import Request

FACES: Mapping[ScreenName, str] = {
    ScreenName.TODAY: "sales",
    ScreenName.PEOPLE: "people",
    ScreenName.KITCHEN_TIMES: "kitchen_times",
    ScreenName.DEVICES: "devices",
    ScreenName.HOUSE_MENU: "house_menu",
}
"""The tabs in their order: the screen of each, and the action that opens it."""
MOST_PIN = 8


class Scrolls(Protocol):
    """A part with more rows than fit."""

    @property
    def page(self) -> int:
        """How many rows are shown at once."""
        ...

    def scroll_by(self, rows: int) -> None:
        """Move the rows, or the cursor."""
        ...

    def scroll_to_first(self) -> None:
        """Show the first row again."""
        ...


class Face(KeptScreen):
    """See the module. A face reads in `read`, and shows in `show`."""

    TOPICS: ClassVar[frozenset[str]] = frozenset({"orders"})
    """After a change of these it is read again."""
    TELLS_WHO_IS_MISSING: ClassVar[bool] = True
    """Whether the message says from which devices nothing was heard."""
    desk: Desk

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        texts = desk.texts
        keys = " ".join(action.key_label(texts) for action in (ROWS_UP, ROWS_DOWN, PAGE_BACK, PAGE_ON))
        self.more = f"{texts('today.more')} · {keys}"
        self._is_stale = False
        self._minute = -1
        self._not_heard: tuple[str, ...] = ()
        self._told: tuple[str, Tone] | None = None
        self.status = StatusLine()
        self.tabs = TabRow(id="tabs")
        self.message = TitleLine(id="message", on_page=True)
        self.bar = KeyBar()

    def compose(self) -> ComposeResult:
        """Status, tabs, what the face shows, a message, keys."""
        yield self.status
        yield self.tabs
        yield from self.parts()
        yield self.message
        yield self.bar

    # What a face gives

    def parts(self) -> Iterable[Widget]:
        """What stands between the tabs and the message."""
        raise NotImplementedError

    async def read(self) -> None:
        """Read what the face shows."""
        raise NotImplementedError

    def show(self) -> str:
        """Show what was read; returns the note at the right of the tabs."""
        raise NotImplementedError

    def note(self) -> str:
        """What is said of what was read; empty if there is nothing to say."""
        return ""

    def scrolled(self) -> tuple[Scrolls, ...]:
        """What keys move."""
        return ()

    # What it does

    def arrive(self) -> None:
        """Begin with the first rows."""
        self._told = None
        for part in self.scrolled():
            part.scroll_to_first()
        self.refresh_view()

    async def load(self, request: Request | None = None) -> None:
        """Read what the screen shows."""
        self._minute = self.desk.local_now().minute
        await self.read()
        devices = await self.desk.today.devices()
        self._not_heard = tuple(each.name for each in devices if each.is_missing)
        self.refresh_view()

    def refresh_view(self) -> None:
        """Show what was read last."""
        self.status.show(status_of(self.desk))
        self.bar.set_keys(self.bar_keys())
        texts = self.desk.texts
        tabs = [
            Tab(action, texts(f"tab.{action}"), self._key_of(action), is_open=name is self.SCREEN_NAME)
            for name, action in FACES.items()
        ]
        self.tabs.show(tabs, self.show())
        is_told = self._not_heard and self.TELLS_WHO_IS_MISSING
        missing = texts("today.not_heard", names=", ".join(self._not_heard)) if is_told else ""
        said = " ".join(filter(None, (self.note(), missing)))
        self.message.show(*(self._told or (said, Tone.WARN if missing else Tone.PLAIN)))

    def _key_of(self, action: str) -> str:
        return action_by_id(self.SCREEN_NAME, action).key_label(self.desk.texts)

    def desk_changed(self, topics: frozenset[str]) -> None:
        """Read again after a change of what it shows."""
        if topics & self.TOPICS:
            self._ask_again()
        self.refresh_view()

    def tick(self) -> None:
        """Read again every minute, since a new day may begin."""
        self.status.show(status_of(self.desk))
        if self.desk.local_now().minute != self._minute:
            self._ask_again()

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a message above the keys, until the next press: a list is read again faster than one reads."""
        self._told = (text, tone) if text else None
        self.message.show(text, tone)

    async def press(self, stroke: Stroke) -> bool:
        """Handle one key; it answers the message that stands."""
        if self._told is not None:
            self._told = None
            self.refresh_view()
        return await super().press(stroke)

    def say_working(self) -> None:
        """Nothing is saved by looking."""

    def holds_work(self) -> bool:
        """Nothing: it is read again."""
        return False

    def on_tab_row_chosen(self, event: TabRow.Chosen) -> None:
        """A tap on a tab is its key."""
        event.stop()
        self.tap_action(event.action)

    async def do_tables(self) -> None:
        """Go back to the tables."""
        await self.host.go_to(ScreenName.FLOOR)

    async def do_sales(self) -> None:
        """To the sales of today."""
        await self.host.go_to(ScreenName.TODAY)

    async def do_people(self) -> None:
        """To what each person sold and did."""
        await self.host.go_to(ScreenName.PEOPLE)

    async def do_kitchen_times(self) -> None:
        """To the kitchen's times of today."""
        await self.host.go_to(ScreenName.KITCHEN_TIMES)

    async def do_devices(self) -> None:
        """To printers and devices."""
        await self.host.go_to(ScreenName.DEVICES)

    async def do_house_menu(self) -> None:
        """To what this branch sells."""
        await self.host.go_to(ScreenName.HOUSE_MENU)

    async def do_next_face(self) -> None:
        """To the next tab."""
        await self._turn(1)

    async def do_previous_face(self) -> None:
        """To the tab before."""
        await self._turn(-1)

    async def _turn(self, by: int) -> None:
        names = list(FACES)
        await self.host.go_to(names[(names.index(self.SCREEN_NAME) + by) % len(names)])

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
        for part in self.scrolled():
            part.scroll_by(by * part.page if pages else by)

    def _ask_again(self) -> None:
        """Read again soon: once for all that changed before the reading, and once more for what changes meanwhile."""
        self._is_stale = True
        self.tap("read again", self._read_again)

    async def _read_again(self) -> None:
        if self._is_stale:
            self._is_stale = False
            await self.load()

    # PINs

    async def do_set_pin(self) -> None:
        """Ask whose PIN is set, then the new one, twice."""
        texts, people = self.desk.texts, self.desk.pins.people()
        if not people:
            raise DomainError("STAFF_NOT_HERE_YET")
        names = {each.id: each.name for each in people}
        rows = tuple(Choice(each.id, each.name, each.role_name or texts(f"role.{each.role}")) for each in people)

        async def chosen(picked: Picked) -> None:
            await self._ask_pin(cast("UUID", picked.id), names[cast("UUID", picked.id)])

        await self.host.ask(Pick(texts("pins.title"), rows, texts("pins.asked")), chosen)

    async def _ask_pin(self, person_id: UUID, name: str) -> None:
        texts = self.desk.texts
        fields = tuple(
            Field(each, texts(f"pins.{each}"), FieldKind.PIN, needed=True, most=MOST_PIN) for each in ("new", "again")
        )

        async def filled(typed: Mapping[str, str]) -> None:
            if typed["new"] != typed["again"]:
                raise DomainError("pins.differ")
            with asking_about(name):
                await self.desk.pins.set(person_id, typed["new"])
            self.say(texts("pins.done", name=name), Tone.READY)

        await self.host.ask(Form(texts("pins.title_of", name=name), fields, texts("pins.new_asked")), filled)
