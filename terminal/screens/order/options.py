"""The dialog that asks for a dish's options. One kept instance; `ask` loads it with an item and what to do after."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast
from uuid import UUID

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from shared.menu.rules import MenuItem
from terminal.actions import Action, ScreenName
from terminal.input.strokes import Stroke
from terminal.screens.base import KeptDialog, Keyed
from terminal.screens.order.dish_tiles import left_of_tile
from terminal.screens.order.options_view import (
    Choosing,
    Step,
    answer_tiles,
    heading,
    option_by_hint,
    question_tiles,
)
from terminal.screens.title_line import TitleLine
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.item_grid import ItemGrid
from terminal.widgets.key_bar import KeyBar
from terminal.widgets.tile import Tile

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

Taken = Callable[[tuple[UUID, ...]], Awaitable[None]]
MAX_TYPED_CHARACTERS = 40
"""Of a filter. More is a stuck key."""
_ARROWS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


class OptionsDialog(KeptDialog):
    """Questions at the left, the answers of one at the right; answering the last that is required closes it."""

    SCREEN_NAME = ScreenName.OPTIONS
    CSS_PATH = Path(__file__).with_name("options.tcss")
    desk: Desk

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._choosing: Choosing | None = None
        self._taken: Taken | None = None
        self.head = TitleLine(on_page=True)
        self.asked = TitleLine(on_page=True)
        self.questions = ItemGrid(columns=1, tile_height=3, id="questions")
        self.answers = ItemGrid(least_width=20, tile_height=3, id="answers")
        self.bar = KeyBar()

    def compose(self) -> ComposeResult:
        """Title, questions and answers, keys."""
        with Vertical(classes="dialog"):
            yield self.head
            with Horizontal(id="asked"):
                yield self.questions
                with Vertical():
                    yield self.asked
                    yield self.answers
            yield self.bar

    def ask(self, item: MenuItem, chosen: tuple[UUID, ...] | None, taken: Taken) -> None:
        """Load the dialog.

        Args:
            item: the dish; it has questions.
            chosen: a line's answers, or None for the usual ones.
            taken: what to do with valid answers; the dialog has closed before.
        """
        self._choosing, self._taken = Choosing.begin(item, chosen), taken
        self._show(keep_place=False)

    def refresh_view(self) -> None:
        """Nothing of the desk is shown here."""

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """In place of the question."""
        self.asked.show(text, tone)

    async def scanned(self, text: str) -> None:
        """Refuse the code of a next dish until this one is chosen."""
        self.remark("options.first")

    async def pasted(self, text: str) -> None:
        """Refuse pasted text likewise."""
        self.remark("options.first")

    async def typed(self, stroke: Stroke) -> None:
        """Arrows move, digits answer, letters filter the answers."""
        state = self._choosing
        if state is None:
            return
        arrow = _ARROWS.get(stroke.name)
        if arrow is not None:
            self.answers.move(*arrow)
            return
        option = option_by_hint(state, stroke.name)
        if option is not None:
            await self._answer(option)
        elif stroke.name == "backspace":
            self._filter(state, state.typed[:-1])
        elif stroke.character is not None and (stroke.character.isalpha() or state.typed):
            self._filter(state, (state.typed + stroke.character)[:MAX_TYPED_CHARACTERS])

    def is_typing(self) -> bool:
        """Whether letters filter the answers."""
        return self._choosing is not None and bool(self._choosing.typed)

    def _filter(self, state: Choosing, typed: str) -> None:
        self._choosing = state.typing(typed)
        self._show(Tone.PLAIN if self._choosing.shown() else Tone.WARN, keep_place=False)

    async def do_toggle(self) -> None:
        """Choose the answer under the cursor, or take it back."""
        tile = self.answers.cursor_tile
        if tile is not None and isinstance(tile.id, UUID):
            await self._answer(tile.id)

    async def do_next_shelf(self) -> None:
        """The next question."""
        self._turn(1)

    async def do_previous_shelf(self) -> None:
        """The question before."""
        self._turn(-1)

    async def do_page_on(self) -> None:
        """The next page of answers."""
        self.answers.turn(1)

    async def do_page_back(self) -> None:
        """The page before."""
        self.answers.turn(-1)

    async def do_back(self) -> None:
        """Show all answers again; if no letters hide any, choose nothing."""
        if self._choosing is not None and self._choosing.typed:
            self._filter(self._choosing, "")
            return
        await self.host.close_dialog()

    async def do_accept(self) -> None:
        """Choose what the letters mean; without letters take the answers, or go to the question that lacks one."""
        state, taken = self._choosing, self._taken
        if state is None or taken is None:
            return
        if state.typed:
            await self._answer_typed(state)
            return
        missing = state.missing()
        if missing is not None:
            self._choosing = state.turned(missing - state.at)
            self._show(Tone.WARN, keep_place=missing == state.at)
            return
        self._choosing = self._taken = None
        below = cast("Keyed", self.app.screen_stack[-2])
        await self.host.close_dialog()
        await below.perform(lambda: taken(state.ids()))

    async def _answer_typed(self, state: Choosing) -> None:
        tile, sure = self.answers.cursor_tile, state.sure()
        option = tile.id if tile is not None and isinstance(tile.id, UUID) else sure
        if option is not None:
            await self._answer(option)
        elif state.shown():
            self.say(self.desk.texts("options.which", text=state.typed), Tone.WARN)

    async def do_once_more(self) -> None:
        """Once more of the answer that is meant."""
        option = self._meant()
        if option is not None and self._choosing is not None:
            await self._become(self._choosing.once_more(option))

    async def do_once_less(self) -> None:
        """Once less of it."""
        option = self._meant()
        if option is not None and self._choosing is not None:
            await self._become(self._choosing.once_less(option))

    def _meant(self) -> UUID | None:
        """The answer under the cursor, else the one that was chosen last."""
        tile = self.answers.cursor_tile
        if tile is not None and isinstance(tile.id, UUID):
            return tile.id
        return self._choosing.last if self._choosing is not None else None

    def why_not(self, action: Action) -> str | None:
        """Plus and minus need an answer that they mean."""
        if action.id in ("once_more", "once_less") and self._meant() is None:
            return self.desk.texts("options.none_meant")
        return None

    async def _answer(self, option: UUID) -> None:
        if self._choosing is not None and not self._is_sold_out(option, self._choosing):
            await self._become(self._choosing.answered(option))

    async def _become(self, led_to: tuple[Choosing, Step]) -> None:
        state = self._choosing
        if state is None:
            return
        self._choosing, step = led_to
        if step is Step.DONE:
            await self.do_accept()
            return
        moved = self._choosing.at != state.at or bool(state.typed)
        self._show(Tone.WARN if step is Step.REFUSED else Tone.PLAIN, keep_place=not moved)

    def _turn(self, by: int) -> None:
        if self._choosing is not None:
            self._choosing = self._choosing.turned(by)
            self._show(keep_place=False)

    def _show(self, tone: Tone = Tone.PLAIN, *, keep_place: bool = True) -> None:
        state, voice = self._choosing, Voice.of(self.desk)
        if state is None:
            return
        self.head.show(state.item.name)
        self.asked.show(heading(state, voice), tone)
        self.questions.set_tiles(question_tiles(state, voice), keep_place=True)
        self.answers.set_tiles(self._with_left(answer_tiles(state, voice), state), keep_place=keep_place)
        self.bar.set_keys(self.bar_keys())

    def _with_left(self, tiles: Iterable[Tile], state: Choosing) -> tuple[Tile, ...]:
        """Answers with how many are left of them. What is chosen already can be taken back, though it is sold out."""
        voice, left = Voice.of(self.desk), self.desk.left
        return tuple(
            replace(tile, **left_of_tile(left[tile.id], "", voice) | ({"enabled": True} if tile.selected else {}))
            if isinstance(tile.id, UUID) and tile.id in left
            else tile
            for tile in tiles
        )

    def _is_sold_out(self, option: UUID, state: Choosing) -> bool:
        """Whether an answer that is not chosen yet is sold out; it says so."""
        left = self.desk.left.get(option)
        if left is None or not left.is_out or option in state.chosen:
            return False
        self.say(self.desk.texts("ITEM_SOLD_OUT", item=left.name), Tone.WARN)
        return True

    def on_item_grid_chosen(self, event: ItemGrid.Chosen) -> None:
        """A question or an answer was tapped."""
        event.stop()
        tile = event.tile

        async def chosen() -> None:
            state = self._choosing
            if state is None or not isinstance(tile.id, UUID):
                return
            ids = [question.id for question in state.groups]
            if tile.id in ids:
                self._turn(ids.index(tile.id) - state.at)
            else:
                await self._answer(tile.id)

        self.tap(f"tile {tile.id}", chosen)
