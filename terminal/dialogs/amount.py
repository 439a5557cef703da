"""The dialog that takes an amount from a keypad: money, a percentage, a quantity or a weight.

12.5, Enter    the amount; what it would come to is said while it is typed
Tab, %         another kind, where there are several
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.timer import Timer

from shared.countries.currencies import format_minor
from shared.kernel.errors import DomainError
from terminal.actions import Action, ScreenName
from terminal.dialogs.amounts import Entering, percent_text, quantity_text
from terminal.dialogs.asking import AskingDialog
from terminal.dialogs.questions import Amount, AmountKind, Given, Measured
from terminal.input.strokes import Stroke
from terminal.screens.title_line import TitleLine
from terminal.theme.palette import Tone
from terminal.widgets.big_digits import BigDigits
from terminal.widgets.item_grid import ItemGrid
from terminal.widgets.key_bar import BarKey
from terminal.widgets.key_pad import ERASE, KeyPad
from terminal.widgets.letter_pad import stroke_of_pad
from terminal.widgets.tile import Tile

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

LOOK_SECONDS = 0.1
"""Between two looks at an instrument: people see it follow; the screen is drawn only when it says something else."""
PAD_KEYS = (("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"), (".", "0", ERASE))


class AmountDialog(AskingDialog[Amount, Given]):
    """See the module."""

    SCREEN_NAME = ScreenName.AMOUNT

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._entering: Entering | None = None
        self._looks: Timer | None = None
        self._measured: Measured | None = None
        self.kinds = ItemGrid(least_width=16, tile_height=2, id="kinds")
        self.figure = BigDigits(id="figure")
        self.comes_to = TitleLine(id="comes_to", on_page=True)
        self.quick = ItemGrid(least_width=11, tile_height=2, id="quick")
        self.pad = KeyPad(PAD_KEYS, id="pad")

    def compose(self) -> ComposeResult:
        """Title, sentence, the figure beside the pad, keys."""
        with Vertical(classes="dialog"):
            yield self.head
            yield self.words
            with Horizontal(id="entered"):
                with Vertical():
                    yield self.kinds
                    yield self.figure
                    yield self.comes_to
                    yield self.quick
                yield self.pad
            yield self.bar

    def begin(self, question: Amount) -> None:
        """Nothing is typed yet."""
        premises = self.desk.premises
        branch = premises.currency if premises is not None else ""
        self._entering, self._measured = Entering(question, question.currency or branch), None
        self.head.show(question.title)
        self.kinds.display = len(question.kinds) > 1
        quick = (Tile(id=at, title=self._text(given)) for at, given in enumerate(question.quick))
        self.quick.set_tiles(tuple(quick))

    # What an instrument says

    def on_screen_resume(self) -> None:
        """Look at the instrument while this dialog is in front."""
        instrument = self._question.instrument if self._question is not None else None
        if instrument is not None and self._looks is None:
            instrument.begin()
            self._looks = self.set_interval(LOOK_SECONDS, self._look)
            self._look()

    def on_screen_suspend(self) -> None:
        """Let it rest."""
        if self._looks is not None:
            self._looks.stop()
            self._looks = None
            if self._question is not None and self._question.instrument is not None:
                self._question.instrument.end()

    def _look(self) -> None:
        question, entering = self._question, self._entering
        if question is None or entering is None or question.instrument is None:
            return
        measured = question.instrument.now()
        if measured != self._measured:
            self._measured, self._entering = measured, entering.measuring(measured)
            self.refresh_view()

    def refresh_view(self) -> None:
        """The figure, what it comes to, and the keys."""
        self._say_asked()
        self._show()

    def _say_asked(self) -> None:
        """What is asked; what an instrument says, unless something is typed."""
        if self._question is None:
            return
        typing = self._entering is not None and self._entering.typed
        if self._measured is not None and not typing:
            self.ask(self._measured.words, Tone.PLAIN if self._measured.given is not None else Tone.WARN)
        else:
            self.ask(self._question.asked)

    def _show(self) -> None:
        entering, question, texts = self._entering, self._question, self.desk.texts
        if entering is None or question is None:
            return
        kinds = enumerate(question.kinds)
        self.kinds.set_tiles(
            tuple(Tile(id=at, title=texts(f"amount.{kind}"), selected=at == entering.at) for at, kind in kinds)
        )
        given = entering.given
        figure = self._text(given if given is not None else Given(entering.kind, 0))
        self.figure.show(figure, caption=texts(f"amount.{entering.kind}"))
        self.comes_to.show(*self._comes_to(question, given))
        self.bar.set_keys(self.bar_keys())

    def _comes_to(self, question: Amount, given: Given | None) -> tuple[str, Tone]:
        if question.comes_to is None or given is None:
            return "", Tone.PLAIN
        try:
            return question.comes_to(given), Tone.PLAIN
        except DomainError as error:
            return self.desk.texts(error.code, **error.params), Tone.WARN

    def _text(self, given: Given) -> str:
        question = self._question
        match given.kind:
            case AmountKind.MONEY if question is not None and question.currency:
                return format_minor(given.value, question.currency)
            case AmountKind.MONEY:
                return self.desk.money(given.value)
            case AmountKind.PERCENT:
                return percent_text(given.value)
        return quantity_text(given.value, question.unit if question is not None else "")

    def why_not(self, action: Action) -> str | None:
        """Taking needs an amount; turning needs another kind."""
        if action.id == "accept" and (self._entering is None or self._entering.given is None):
            return self._measured.words if self._measured is not None else self.desk.texts("amount.nothing")
        if action.id == "next_kind" and (self._question is None or len(self._question.kinds) < 2):
            return self.desk.texts("amount.one_kind")
        return None

    def bar_keys(self) -> tuple[BarKey, ...]:
        """Another kind of amount only where there is one."""
        several = self._question is not None and len(self._question.kinds) > 1
        return tuple(key for key in super().bar_keys() if several or key.action != "next_kind")

    # Keys

    @property
    def takes_figures(self) -> bool:
        """A number is typed."""
        return True

    async def typed(self, stroke: Stroke) -> None:
        """Digits are the amount."""
        entering = self._entering
        if entering is None:
            return
        if stroke.is_digit or stroke.name in (".", ","):
            self._become(entering.with_key(stroke.name))
        elif stroke.name == "backspace":
            self._become(entering.erased())
        elif stroke.name in ("delete", "ctrl+u"):
            self._become(entering.cleared())
        elif stroke.name == "%" and AmountKind.PERCENT in entering.question.kinds:
            self._become(entering.turned(entering.question.kinds.index(AmountKind.PERCENT)))

    async def scanned(self, text: str) -> None:
        """Refuse a code: it is no amount."""
        self.remark("amount.no_code")

    async def pasted(self, text: str) -> None:
        """Refuse pasted text likewise."""
        self.remark("amount.no_code")

    def _become(self, entering: Entering) -> None:
        self._entering = entering
        self._say_asked()
        self._show()

    # Actions

    async def do_next_kind(self) -> None:
        """Enter another kind of amount."""
        if self._entering is not None:
            self._become(self._entering.turned(self._entering.at + 1))

    async def do_accept(self) -> bool:
        """Take the amount."""
        given = self._entering.given if self._entering is not None else None
        return given is None or await self.give(given)

    # Fingers

    def on_item_grid_chosen(self, event: ItemGrid.Chosen) -> None:
        """A kind is chosen; a quick amount is taken at once."""
        event.stop()
        grid, at = event.grid, event.tile.id

        async def chosen() -> bool:
            entering, question = self._entering, self._question
            if entering is None or question is None or not isinstance(at, int):
                return True
            if grid is self.kinds:
                self._become(entering.turned(at))
                return False
            return await self.give(question.quick[at])

        self.tap(f"tile {at}", chosen)

    def on_key_pad_pressed(self, event: KeyPad.Pressed) -> None:
        """Handle a tap like the key it shows."""
        event.stop()
        self.tap(f"pad {event.key}", lambda: self.typed(stroke_of_pad(event.key)))
