"""The dialog that shows the house's QR for a guest's phone, dark on light in every theme, in half blocks.

F5             print it
123456         the guest has paid: the operation number is typed
Enter          the guest has paid: go on
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, cast

from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.containers import Vertical

from terminal.actions import ScreenName
from terminal.dialogs.asking import AskingDialog
from terminal.dialogs.questions import Qr
from terminal.input.strokes import Stroke
from terminal.theme.ability import Letters
from terminal.theme.palette import Tone
from terminal.widgets.line_widget import LineWidget, Row

if TYPE_CHECKING:
    from terminal.desks.desk import Desk
    from terminal.theme.themes import ThemedApp

QUIET_MODULES = 2
"""White around the code. Phones read it with two; the rest of the dialog is dark anyway."""
_DARK_ON_LIGHT = Style(color="#000000", bgcolor="#ffffff")
_DARK, _LIGHT = Style(bgcolor="#000000"), Style(bgcolor="#ffffff")
"""No theme's colours: a phone reads dark on light alone."""
_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


@lru_cache(maxsize=16)
def modules_of(text: str) -> tuple[tuple[bool, ...], ...]:
    """The code of a text as rows of modules, true where dark, with its quiet edge."""
    import qrcode  # 60 ms, and few sales need it

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_L, border=QUIET_MODULES)
    code.add_data(text)
    code.make(fit=True)
    return tuple(tuple(map(bool, row)) for row in code.get_matrix())


def half_blocks(modules: tuple[tuple[bool, ...], ...]) -> tuple[str, ...]:
    """Rows of characters, each with two rows of modules."""
    blank = (False,) * len(modules[0])
    rows = [*modules, blank] if len(modules) % 2 else list(modules)
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return tuple("".join(_BLOCKS[pair] for pair in zip(upper, lower, strict=True)) for upper, lower in pairs)


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
        size = len(modules_of(self._text)) if self._text else 0
        wide, high = (2 * size, size) if self._lacks_halves else (size, -(-size // 2))
        return bool(size) and wide <= self.size.width and high <= self.size.height

    @property
    def _lacks_halves(self) -> bool:
        """Whether the terminal lacks half blocks: then a module is two blank cells, which every terminal has."""
        return cast("ThemedApp[None]", self.app).ability.letters is not Letters.ALL

    def draw(self, width: int, height: int) -> list[Row]:
        """Draw it, or nothing."""
        if not self.fits:
            return []
        modules = modules_of(self._text)
        if self._lacks_halves:
            rows: list[Row] = [[Segment("  ", _DARK if dark else _LIGHT) for dark in row] for row in modules]
        else:
            rows = [[Segment(row, _DARK_ON_LIGHT)] for row in half_blocks(modules)]
        left = (width - sum(segment.cell_length for segment in rows[0])) // 2
        return [[Segment(" " * left, self.ground.style()), *row] for row in rows]


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
