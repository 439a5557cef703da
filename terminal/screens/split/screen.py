"""The dialog that chooses what goes to a check of its own.

1 … 9, Space   all of a line, or none of it
+ -            a portion more, a portion less
/              shared: a half, a third, ...
s              a check for each seat; what is for no seat is shared by all of them
Enter          the new check is made, and paid next
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast
from uuid import UUID

from textual.app import ComposeResult
from textual.containers import Vertical

from shared.kernel.errors import DomainError
from shared.payments.seats import FEWEST_GUESTS
from terminal.actions import Action, ScreenName
from terminal.input.strokes import Stroke
from terminal.screens.base import KeptDialog, KeptScreen
from terminal.screens.split.portions import HINTS, Portions, portion_tiles
from terminal.screens.title_line import TitleLine
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.item_grid import ItemGrid
from terminal.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

Taken = Callable[[Mapping[UUID, int]], Awaitable[object]]
BySeat = Callable[[], Awaitable[object]]
_ARROWS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


class SplitDialog(KeptDialog):
    """One kept instance; `ask` loads it with a check."""

    SCREEN_NAME = ScreenName.SPLIT
    CSS_PATH = Path(__file__).with_name("screen.tcss")
    desk: Desk

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._portions: Portions | None = None
        self._taken: Taken | None = None
        self._by_seat: BySeat | None = None
        self._at = 0
        self.head = TitleLine(on_page=True, classes="head")
        self.words = TitleLine(on_page=True, quiet=True, classes="words")
        self.rows = ItemGrid(least_width=34, tile_height=2, id="rows")
        self.sums = TitleLine(on_page=True, classes="sums")
        self.bar = KeyBar()

    def compose(self) -> ComposeResult:
        """Title, sentence, the lines, both amounts, keys."""
        with Vertical(classes="dialog"):
            yield self.head
            yield self.words
            yield self.rows
            yield self.sums
            yield self.bar

    def ask(self, title: str, portions: Portions, taken: Taken, by_seat: BySeat) -> None:
        """Load a check.

        Args:
            taken: what to do with the chosen portions, by line; the dialog has closed before.
            by_seat: makes a check for each seat, likewise.
        """
        self._portions, self._taken, self._by_seat, self._at = portions, taken, by_seat, 0
        self.head.show(title)
        self._show(keep_place=False)
        self.rows.move(0, 0)
        self.refresh_view()

    def refresh_view(self) -> None:
        """The sentence and the keys."""
        self.say(self.desk.texts("split.which"))
        self.bar.set_keys(self.bar_keys())

    def desk_changed(self, topics: frozenset[str]) -> None:
        """What was said stays until a key; the keys are of the desk as it is now."""
        self.bar.set_keys(self.bar_keys())

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Below the title."""
        self.words.show(text, tone)

    def _show(self, *, keep_place: bool) -> None:
        portions, voice = self._portions, Voice.of(self.desk)
        if portions is None:
            return
        self.rows.set_tiles(portion_tiles(portions, voice), keep_place=keep_place)
        taken, stays = portions.amounts()
        self.sums.show(voice.texts("split.sums", taken=voice.money(taken), stays=voice.money(stays)))
        self.bar.set_keys(self.bar_keys())

    def why_not(self, action: Action) -> str | None:
        """A split needs something that goes and something that stays."""
        portions = self._portions
        if action.id == "split_off" and portions is not None:
            if not portions.taken:
                return self.desk.texts("split.nothing")
            if portions.is_all:
                return self.desk.texts("split.all")
        if action.id == "by_seat" and portions is not None and len(portions.seats) < FEWEST_GUESTS:
            return self.desk.texts("NO_SEATS")
        return None

    # Keys

    async def typed(self, stroke: Stroke) -> None:
        """Arrows move, digits take a line."""
        arrow, at = _ARROWS.get(stroke.name), HINTS.find(stroke.name) if len(stroke.name) == 1 else -1
        if arrow is not None:
            self.rows.move(*arrow)
            tile = self.rows.cursor_tile
            self._at = tile.id if tile is not None and isinstance(tile.id, int) else self._at
        elif self._portions is not None and 0 <= at < len(self._portions.lines):
            self._at = at
            self._become(self._portions.toggled(at))

    async def do_toggle(self) -> None:
        """All of the line, or none of it."""
        self._change(lambda portions: portions.toggled(self._at))

    async def do_more(self) -> None:
        """A portion more."""
        self._change(lambda portions: portions.more(self._at, 1))

    async def do_less(self) -> None:
        """A portion less."""
        self._change(lambda portions: portions.more(self._at, -1))

    async def do_share(self) -> None:
        """A part of a shared dish."""
        self._change(lambda portions: portions.shared(self._at))

    def _change(self, change: Callable[[Portions], Portions]) -> None:
        if self._portions is not None and self._portions.lines:
            self._become(change(self._portions))

    def _become(self, portions: Portions) -> None:
        self._portions = portions
        self.say(self.desk.texts("split.which"))
        self._show(keep_place=True)

    async def do_back(self) -> None:
        """Split nothing."""
        await self.host.close_dialog()

    async def do_split_off(self) -> bool:
        """Give what was chosen to the screen below. Refused, the dialog comes back."""
        portions, taken = self._portions, self._taken
        return True if portions is None or taken is None else await self._give(partial(taken, portions.taken))

    async def do_by_seat(self) -> bool:
        """Make a check for each seat; what was marked does not count."""
        return True if self._by_seat is None else await self._give(self._by_seat)

    async def _give(self, deed: Callable[[], Awaitable[object]]) -> bool:
        below = cast("KeptScreen | KeptDialog", self.app.screen_stack[-2])
        await self.host.close_dialog()
        try:
            await below.perform(deed)
        except DomainError:
            if below is self.app.screen:
                await self.host.open_dialog(self)
            raise
        return True

    async def scanned(self, text: str) -> None:
        """Refuse a code."""
        self.remark("amount.no_code")

    async def pasted(self, text: str) -> None:
        """Refuse pasted text likewise."""
        self.remark("amount.no_code")

    # Fingers

    def on_item_grid_chosen(self, event: ItemGrid.Chosen) -> None:
        """A line was tapped: all of it, or none."""
        event.stop()
        at = event.tile.id

        async def chosen() -> bool:
            if isinstance(at, int) and self._portions is not None:
                self._at = at
                self._become(self._portions.toggled(at))
            return False

        self.tap(f"row {at}", chosen)
