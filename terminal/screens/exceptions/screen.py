"""The screen of exceptions: a list, the ways to end one of them, and the line for a note.

Nothing leaves the list but by what ends it. What somebody ends elsewhere meanwhile leaves it here, too: the person is
told so, and nothing is done twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from textual import events
from textual.app import ComposeResult
from textual.containers import Container

from shared.books.exception_views import Ends, OpenException
from shared.books.telling import kind_name, money
from shared.kernel.errors import DomainError
from terminal.actions import Action, ScreenName
from terminal.input.strokes import Stroke
from terminal.screens.base import KeptScreen
from terminal.screens.exceptions.facts import FactSheet
from terminal.screens.exceptions.view import (
    Ending,
    by_urgency,
    ending_tiles,
    endings_of,
    exception_tiles,
    facts_of,
    owed_lines,
    rows_named,
    what_for,
)
from terminal.screens.requests import PayOrder, Request, ShowExceptions, ShowOrder
from terminal.screens.status import status_of
from terminal.screens.till import TALL, put_cursor
from terminal.screens.title_line import TitleLine
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.command_line import CommandLine
from terminal.widgets.item_grid import ItemGrid
from terminal.widgets.key_bar import KeyBar
from terminal.widgets.key_pad import KeyPad
from terminal.widgets.letter_pad import LetterPad, stroke_of_pad
from terminal.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

_STEPS = {"up": -1, "down": 1}


class ExceptionsScreen(KeptScreen):
    """Three faces: the list, the ways to end the chosen one, and a note (or a reason) for it."""

    SCREEN_NAME = ScreenName.EXCEPTIONS
    CSS_PATH = Path(__file__).with_name("screen.tcss")
    desk: Desk

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._face = ScreenName.EXCEPTIONS
        self._chosen: UUID | None = None
        self._reason_of: Ending | None = None
        self._back_to = ScreenName.FLOOR
        self._known: frozenset[UUID] = frozenset()
        self.status = StatusLine()
        self.title_line = TitleLine(id="title", on_page=True)
        self.list = ItemGrid(columns=1, tile_height=1, id="list")
        self.facts = FactSheet()
        self.words = TitleLine(id="words", on_page=True)
        self.line = CommandLine()
        self.pad = LetterPad(id="letters")
        self.bar = KeyBar()

    def compose(self) -> ComposeResult:
        """What waits (or how it ends), what there is to know, messages, the note, keys."""
        yield self.status
        yield self.title_line
        with Container(id="body"):
            yield self.list
            yield self.facts
        yield self.words
        yield self.pad
        yield self.line
        yield self.bar

    def on_resize(self, event: events.Resize) -> None:
        """Lower rows on a low screen."""
        self.list.set_shape(tile_height=2 if event.size.height >= TALL else 1)

    # What is shown

    @property
    def screen_name(self) -> ScreenName:
        """The face that is shown: each has its own keys."""
        return self._face

    async def load(self, request: Request | None = None) -> None:
        """Show the list, from the most urgent."""
        if isinstance(request, ShowExceptions):
            self._back_to = request.back_to
            self._chosen = None
        self._show_list()
        self.words.show("")

    def refresh_view(self) -> None:
        """Show what waits now. What was ended elsewhere while somebody was about to end it is told calmly."""
        found = by_urgency(self.desk.open_exceptions)
        self._forget_words({each.id for each in found})
        if self._face is not ScreenName.EXCEPTIONS and all(each.id != self._chosen for each in found):
            self._face = ScreenName.EXCEPTIONS
            self.words.show(self.desk.texts("exception_screen.ended_elsewhere"), Tone.PLAIN)
        if all(each.id != self._chosen for each in found):
            self._chosen = found[0].id if found else None
        self.set_class(self._face is ScreenName.NOTE, "-noting")
        self.status.show(status_of(self.desk))
        self.bar.set_keys(self.bar_keys())
        voice, about = Voice.of(self.desk), self._about
        self.title_line.show(self._title(len(found), voice))
        if self._face is ScreenName.ENDING:
            tiles = ending_tiles(self._endings, self.desk.actor, self.desk.staff, voice)
            self.list.set_tiles(tiles, keep_place=True)
        else:
            self._show_rows(found, voice)
        facts = (
            facts_of(about, self.desk.actor, self.desk.staff, voice, self.desk.accounts) if about else what_for(voice)
        )
        self.facts.show(facts)

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a message below the list."""
        self.words.show(text, tone)

    def _forget_words(self, present: set[UUID]) -> None:
        """Clear what was said of the list before something new came to it."""
        if self._face is ScreenName.EXCEPTIONS and not present <= self._known:
            self.words.show("")
        self._known = frozenset(present)

    def tick(self) -> None:
        """Update the clock and the ages."""
        self.status.show(status_of(self.desk))

    def why_not(self, action: Action) -> str | None:
        """Something must wait."""
        if action.id == "end_it" and not self.desk.open_exceptions:
            return self.desk.texts("exception_screen.nothing")
        return None

    def is_typing(self) -> bool:
        """Whether a note is begun."""
        return bool(self.line.text)

    def _show_rows(self, found: tuple[OpenException, ...], voice: Voice) -> None:
        self.list.set_tiles(exception_tiles(found, self._chosen, voice), keep_place=True)
        at = next((at for at, each in enumerate(found) if each.id == self._chosen), None)
        if at is None:
            self.list.hide_cursor()
        else:
            put_cursor(self.list, at)

    def _title(self, count: int, voice: Voice) -> str:
        about = self._about
        if about is None:
            return voice.texts("exception_screen.nothing")
        if self._face is ScreenName.EXCEPTIONS:
            return voice.texts("exception_screen.title", count=count)
        code = "exception_screen.how" if self._face is ScreenName.ENDING else "exception_screen.note"
        return voice.texts(code, kind=kind_name(voice.texts, about.kind))

    @property
    def _about(self) -> OpenException | None:
        return next((each for each in self.desk.open_exceptions if each.id == self._chosen), None)

    @property
    def _endings(self) -> tuple[Ending, ...]:
        about = self._about
        if about is None:
            return ()
        return endings_of(about, self.desk.methods, self.desk.orders.keys(), Voice.of(self.desk))

    # Choosing

    async def press(self, stroke: Stroke) -> bool:
        """A number that ends something does it once, however often it was pressed."""
        if self._face is ScreenName.ENDING and stroke.is_digit and 1 <= int(stroke.name) <= len(self.list.tiles):
            return await self._choose(self.list.tiles[int(stroke.name) - 1].id)
        return await super().press(stroke)

    async def typed(self, stroke: Stroke) -> None:
        """A note is typed; else a number or an arrow chooses."""
        if self._face is ScreenName.NOTE:
            self.line.press(stroke.name, stroke.character)
        elif stroke.name in _STEPS:
            self._move(_STEPS[stroke.name])
        elif stroke.is_digit and 1 <= int(stroke.name) <= len(self.list.tiles):
            await self._choose(self.list.tiles[int(stroke.name) - 1].id)

    async def scanned(self, text: str) -> None:
        """A code is text of the note that is written."""
        if self._face is not ScreenName.NOTE:
            await super().scanned(text)
        elif not self.line.insert(text):
            self.remark("input.cut")

    async def pasted(self, text: str) -> None:
        """Add pasted text to the note that is written; Enter remains a person's."""
        if self._face is not ScreenName.NOTE:
            await super().pasted(text)
        elif not self.line.insert(text):
            self.remark("input.cut")

    def on_command_line_tapped(self, event: CommandLine.Tapped) -> None:
        """Show or hide letters to tap for the note."""
        event.stop()
        self.toggle_class("-padded")

    def on_key_pad_pressed(self, event: KeyPad.Pressed) -> None:
        """Handle a tap on a letter like the key it shows."""
        event.stop()
        self.tap(f"pad {event.key}", lambda: self.press(stroke_of_pad(event.key)))

    def on_item_grid_chosen(self, event: ItemGrid.Chosen) -> None:
        """A row was tapped."""
        event.stop()
        self.tap(f"row {event.tile.id}", lambda: self._choose(event.tile.id))

    async def _choose(self, target: object) -> bool:
        """Take a way to end it. A row of the list is only chosen: a finger or key that hits twice ends nothing."""
        if self._face is ScreenName.ENDING and isinstance(target, int) and target <= len(self._endings):
            return await self._take(self._endings[target - 1])
        if self._face is ScreenName.EXCEPTIONS and isinstance(target, UUID):
            self._chosen = target
            self.words.show("")
            self.refresh_view()
        return False

    def _move(self, by: int) -> None:
        self.list.move(0, by)
        tile = self.list.cursor_tile
        if self._face is ScreenName.EXCEPTIONS and tile is not None and isinstance(tile.id, UUID):
            self._chosen = tile.id
            self.refresh_view()

    async def do_page_on(self) -> None:
        """The next page."""
        self._turn(1)

    async def do_page_back(self) -> None:
        """The page before."""
        self._turn(-1)

    def _turn(self, by: int) -> None:
        self.list.turn(by)
        self._move(0)

    # Ending

    async def do_end_it(self) -> bool:
        """Ask how the chosen one ends: by one of its actions, or by a note."""
        about = self._about
        if about is None:
            raise DomainError("exception_screen.nothing")
        if about.ends_by_note:
            return await self._take(self._endings[0])
        self._show_face(ScreenName.ENDING)
        self.words.show(self.desk.texts("exception_screen.choose"))
        return True

    async def do_end_so(self) -> bool:
        """End it by the way under the cursor. No way is under it at first: money moves by no accident."""
        tile = self.list.cursor_tile
        if tile is None:
            raise DomainError("exception_screen.choose")
        return await self._choose(tile.id)

    async def do_save_note(self) -> bool:
        """Settle it with the note, or void with the reason."""
        about, ending, text = self._about, self._reason_of, self.line.text
        if about is None or ending is None:
            return True
        if not text.strip():
            raise DomainError("NOTE_MISSING")
        if ending.ends is Ends.VOID_LINE:
            order = self.desk.orders.get(ending.order_id) if ending.order_id else None
            lines = owed_lines(about, order)
            if not lines:
                raise DomainError("exception_screen.look_again")
            await self._end(about, ending, partial(self.desk.exceptions.void_lines, lines, text))
        else:
            await self._end(about, ending, partial(self.desk.exceptions.settle, about.id, text))
        return True

    async def do_leave(self) -> None:
        """From a way to end it back to the list; from the list to where the person came from."""
        if self._face is not ScreenName.EXCEPTIONS:
            self._show_list()
            self.words.show("")
            return
        back = await self.host.go_to(self._back_to)
        back.desk_changed(frozenset())

    async def _take(self, ending: Ending) -> bool:
        about = self._about
        if about is None:
            return True
        if ending.ends in (Ends.NOTE, Ends.VOID_LINE):
            self._ask_for_words(ending)
        elif ending.ends is None and ending.order_id is not None:
            await self.host.go_to(ScreenName.ORDER, ShowOrder(ending.order_id))
        elif ending.ends is Ends.PAY and ending.order_id is not None:
            check = about.first("checks")
            paying = PayOrder(ending.order_id, ScreenName.EXCEPTIONS, check.id if check is not None else None)
            await self.host.go_to(ScreenName.PAYMENT, paying)
        else:
            await self._end(about, ending, self._command(about, ending))
        return True

    def _command(self, about: OpenException, ending: Ending) -> Callable[[], Awaitable[int | None]]:
        """What the desk is asked for. It returns the amount that moved, if any did."""
        exceptions, check = self.desk.exceptions, about.first("checks")
        match ending.ends:
            case Ends.GIVE_BACK | Ends.LIFT_LOSS if check is not None:
                return partial(exceptions.give_back, check.id, ending.method)
            case Ends.CHARGE if check is not None and ending.method is not None:
                return partial(exceptions.charge, check.id, ending.method)
            case Ends.WRITE_OFF if check is not None:
                return partial(exceptions.write_off, check.id)
            case Ends.LIFT_VOID:
                return partial(exceptions.lift_voids, rows_named(about, "line_voids"))
            case Ends.CONFIRM:
                return partial(exceptions.confirm, rows_named(about, "kitchen_tickets"))
            case Ends.JOIN:
                return partial(exceptions.join, rows_named(about, "orders"))
        raise DomainError("exception_screen.look_again")

    async def _end(self, about: OpenException, ending: Ending, command: Callable[[], Awaitable[int | None]]) -> None:
        """Run a command. If it fails and there is still something to end, face and typed words come back.

        What another device has ended meanwhile is told calmly, whatever the command said.
        """
        face, typed = self._face, self.line.text
        self._show_list()
        try:
            amount = await command()
        except DomainError:
            if all(each.id != about.id for each in self.desk.open_exceptions):
                self.refresh_view()
                self.say(self.desk.texts("exception_screen.ended_elsewhere"))
                return
            self._chosen = about.id
            self._show_face(face)
            self.line.press("typed", typed)
            raise
        self.refresh_view()
        self.say(self._done(about, ending, amount), Tone.READY)

    def _done(self, about: OpenException, ending: Ending, amount: int | None) -> str:
        texts, left = self.desk.texts, len(self.desk.open_exceptions)
        done = texts(
            f"exception_screen.done.{ending.ends}",
            amount=money(amount or 0, about.currency),
            method=ending.method.name if ending.method else texts("exception_screen.end.as_it_was_paid"),
        )
        return f"{done} {texts('exception_screen.left' if left else 'exception_screen.nothing', count=left)}"

    # Faces

    def _show_list(self) -> None:
        self._show_face(ScreenName.EXCEPTIONS)

    def _show_face(self, face: ScreenName) -> None:
        self._face = face
        self.line.clear()
        self.list.set_tiles(())
        self.refresh_view()
        if face is ScreenName.ENDING:
            self.list.hide_cursor()

    def _ask_for_words(self, ending: Ending) -> None:
        self._reason_of = ending
        void = ending.ends is Ends.VOID_LINE
        self.line.set_hint(self.desk.texts("exception_screen.reason_hint" if void else "exception_screen.note_hint"))
        self._show_face(ScreenName.NOTE)
        self.words.show("")
