"""The dialog that shows the house's QR for a guest's phone, dark on light in every theme, in half blocks.

F5             print it
123456         the guest has paid: the operation number is typed
Enter          the guest has paid: go on
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.app import ComposeResult
from textual.containers import Vertical

from terminal.actions import ScreenName
from terminal.dialogs.asking import AskingDialog
from terminal.dialogs.qr_code import drawn_code, size_of
from terminal.dialogs.questions import Qr
from terminal.input.strokes import Stroke
from terminal.theme.palette import Tone
from terminal.widgets.line_widget import LineWidget, Row

if TYPE_CHECKING:
    from terminal.desks.desk import Desk


class QrCode(LineWidget):
    """The code in the middle, if it fits."""

    def __init__(self) -> None:
        super().__init__(id="code")
        self._text = ""

    def show(self, text: str) -> None:
        """Show the code of a text."""
        self._text = text
        self.redraw()

    @property
    def fits(self) -> bool:
        """Whether all of the code can be seen. A part of one is none."""
        wide, high = size_of(self._text, self)
        return bool(wide) and wide <= self.size.width and high <= self.size.height

    def draw(self, width: int, height: int) -> list[Row]:
        """Draw it, or nothing."""
        if not self.fits:
            return []
        blank = Segment(" " * ((width - size_of(self._text, self)[0]) // 2), self.ground.style())
        return [[blank, *row] for row in drawn_code(self._text, self)]


class QrDialog(AskingDialog[Qr, bool]):
    """See the module."""

    SCREEN_NAME = ScreenName.QR

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.code = QrCode()

    def compose(self) -> ComposeResult:
        """Title, sentence, code, keys."""
        with Vertical(classes="dialog"):
            yield self.head
            yield self.words
            yield self.code
            yield self.bar

    @property
    def shown_code(self) -> str:
        """The text of the code, for a guest's own display."""
        return self._question.text if self._question is not None else ""

    @property
    def comes_back(self) -> bool:
        """Nothing is typed here."""
        return False

    def begin(self, question: Qr) -> None:
        """Show the code."""
        self.head.show(question.title)
        self.code.show(question.text)

    def refresh_view(self) -> None:
        """The sentence and the keys. It is asked for when the size is known, too."""
        if self._question is None:
            return
        asked = self._question.asked
        self.ask(asked if self.code.fits or not self.code.size.height else self.desk.texts("qr.too_large"))
        self.bar.set_keys(self.bar_keys())

    def on_mount(self) -> None:
        """Say whether the code fits, once it has a place."""
        self.call_after_refresh(self.refresh_view)

    def on_resize(self) -> None:
        """Likewise."""
        self.call_after_refresh(self.refresh_view)

    async def do_print_qr(self) -> None:
        """Print the code."""
        question = self._question
        if question is not None:
            await question.print_it()
            self.say(self.desk.texts("qr.printing"), Tone.READY)

    async def typed(self, stroke: Stroke) -> None:
        """A digit begins what is asked next: the operation number that the phone shows."""
        if not stroke.is_digit:
            return
        await self.give(True)
        there = self.app.screen
        if there is not self and isinstance(there, AskingDialog):
            await there.press(stroke)

    async def do_accept(self) -> None:
        """Go on."""
        await self.give(True)
