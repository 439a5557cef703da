"""The base of the dialogs that ask: a title, a sentence, the keys; and how an answer gets back to the screen below.

Nothing waits for an answer: the press that opened the dialog is over, and what was typed ahead goes to the dialog. The
answer is dealt with in the press that gives it (`give`), when the dialog has closed.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from shared.kernel.errors import DomainError
from terminal.screens.base import KeptDialog
from terminal.screens.title_line import TitleLine
from terminal.theme.palette import Tone
from terminal.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from terminal.desks.desk import Desk
    from terminal.dialogs.questions import Taken
    from terminal.input.strokes import Stroke
    from terminal.screens.base import KeptScreen, TapAction

Q = TypeVar("Q")
R = TypeVar("R")


class AskingDialog(KeptDialog, Generic[Q, R]):
    """One question at a time; the instance is kept and loaded again (`put`)."""

    CSS_PATH = Path(__file__).with_name("dialogs.tcss")
    desk: Desk

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._question: Q | None = None
        self._taken: Taken[R] | None = None
        self._is_told = False
        self.head = TitleLine(on_page=True, classes="head")
        self.words = TitleLine(on_page=True, quiet=True, classes="words")
        self.bar = KeyBar()

    def put(self, question: Q, taken: Taken[R]) -> None:
        """Load a question, and what to do with its answer."""
        self._question, self._taken, self._is_told = question, taken, False
        self.begin(question)
        self.refresh_view()

    def begin(self, question: Q) -> None:
        """Forget what was typed for the question before, and take over what this one brings."""
        raise NotImplementedError

    @property
    def comes_back(self) -> bool:
        """Whether something typed would be lost if the answer is refused."""
        return True

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a message in place of what is asked, until the next key or tap."""
        self._is_told = True
        self.words.show(text, tone)

    def ask(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show what is asked, or understood so far, unless a message stands: a desk changes faster than one reads."""
        if not self._is_told:
            self.words.show(text, tone)

    async def press(self, stroke: Stroke) -> bool:
        """Handle one key; it answers the message that stands."""
        self._is_told = False
        return await super().press(stroke)

    def tap(self, name: str, action: TapAction) -> None:
        """Queue a tap; it answers the message that stands."""

        async def act() -> object:
            self._is_told = False
            return await action()

        super().tap(name, act)

    async def do_back(self) -> bool | None:
        """Close without an answer."""
        await self.host.close_dialog()
        return None

    async def give(self, answer: R) -> bool:
        """Close, and do with the answer what was asked for. Refused, the dialog comes back with what was typed.

        Returns False if it led to another question: the same key may be meant for that one, and was typed ahead.
        """
        taken, below = self._taken, cast("KeptScreen | KeptDialog", self.app.screen_stack[-2])
        assert taken is not None, "a dialog on view has a question"
        await self.host.close_dialog()
        try:
            await below.perform(partial(cast("Any", taken), answer))
        except DomainError:
            if self.comes_back and below is self.app.screen:
                await self.host.open_dialog(self)
            raise
        return not isinstance(self.app.screen, AskingDialog)
