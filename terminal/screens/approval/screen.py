"""The approval dialog: what is asked, who may, and a PIN pad. A right PIN runs the same deed again, approved.

The person who is logged in stays who they are. Wrong PINs cost here what they cost at the log-in. Whatever closes the
dialog gives the deed up: nothing was done before the approval, and nothing is done without it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from shared.kernel.errors import LacksRight
from terminal.actions import ScreenName
from terminal.clock import wait_text
from terminal.input.strokes import Stroke
from terminal.screens.approval.view import Acts, asked_words, listed, who_can
from terminal.screens.base import Deed, KeptDialog
from terminal.screens.title_line import TitleLine
from terminal.theme.palette import Tone
from terminal.widgets.key_bar import KeyBar
from terminal.widgets.key_pad import ACCEPT, KeyPad
from terminal.widgets.pin_pad import MIN_PIN_DIGITS, QueuedPinPad

if TYPE_CHECKING:
    from terminal.desks.desk import Desk


class ApprovalDialog(KeptDialog):
    """See the module. One kept instance; `ask` loads it."""

    SCREEN_NAME = ScreenName.APPROVAL
    CSS_PATH = Path(__file__).with_name("screen.tcss")
    desk: Desk

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._deed: Deed | None = None
        self._acts: Acts = ()
        self._about = ""
        self._is_paused = False
        self.head = TitleLine(on_page=True)
        self.asked = TitleLine(on_page=True, id="asked")
        self.about = TitleLine(on_page=True, id="about")
        self.who = TitleLine(on_page=True, id="who", quiet=True)
        self.pad = QueuedPinPad(desk.texts("approval.prompt"))
        self.bar = KeyBar()

    @property
    def takes_figures(self) -> bool:
        """A PIN is typed."""
        return True

    def compose(self) -> ComposeResult:
        """What is asked, who may, the pad, keys."""
        with Vertical(classes="dialog"):
            yield self.head
            with Horizontal(id="frame"):
                with Vertical(id="words"):
                    yield self.asked
                    yield self.about
                    yield self.who
                yield self.pad
            yield self.bar

    def ask(self, error: LacksRight, deed: Deed) -> bool:
        """Load the dialog with what is lacking, and with the press that is made again once it is approved.

        Returns False if nobody may approve it.
        """
        if not who_can(error.acts, self.desk.actor, self.desk.staff):
            return False
        self._acts, self._about, self._deed = error.acts, error.about, deed
        self.pad.ask(self.desk.texts("approval.prompt"))
        self._count_down()
        self.refresh_view()
        return True

    def refresh_view(self) -> None:
        """Show what is asked and who may, as the staff is now."""
        texts, actor = self.desk.texts, self.desk.actor
        self.head.show(texts("approval.title"))
        asked = asked_words(self._acts, texts, self.desk.money)
        self.asked.show(texts("approval.asked", name=actor.name if actor else "", what=asked))
        self.about.show(self._about, Tone.WARN if self._about else Tone.PLAIN)
        self.who.show(texts("approval.who", names=listed(who_can(self._acts, actor, self.desk.staff))))
        self.bar.set_keys(self.bar_keys())

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a message under the digits, which are deleted."""
        self.pad.tell(text, tone)

    def remark(self, code: str) -> None:
        """Show a sentence under the digits; they stay."""
        self.pad.remark(self.desk.texts(code), Tone.WARN)

    def say_working(self) -> None:
        """Nothing is saved while a PIN is compared."""

    def holds_work(self) -> bool:
        """A question is no work: whoever comes back asks again."""
        return False

    def tick(self) -> None:
        """Count the pause after wrong PINs down."""
        if not self.pad.typed:
            self._count_down()

    def _count_down(self) -> None:
        seconds = self.desk.pin_pause_seconds
        if seconds:
            self.pad.tell(self.desk.texts("PIN_LOCKED", wait=wait_text(seconds)))
        elif self._is_paused:
            self.pad.ask(self.desk.texts("approval.prompt"))
        self._is_paused = bool(seconds)

    async def scanned(self, text: str) -> None:
        """Refuse a code: it is no PIN, and no failed attempt."""
        self.remark("login.no_pin")

    async def pasted(self, text: str) -> None:
        """Refuse pasted text likewise."""
        self.remark("login.no_pin")

    async def typed(self, stroke: Stroke) -> None:
        """Handle digits, and keys that erase them."""
        self.pad.press(stroke.name)

    def on_key_pad_pressed(self, event: KeyPad.Pressed) -> None:
        """Handle a tap like the key it shows."""
        event.stop()
        stroke = Stroke("enter") if event.key == ACCEPT else Stroke(event.key)
        self.tap(stroke.name, lambda: self.press(stroke))

    async def do_approve(self) -> bool:
        """Find whose PIN it is, and make the press again with their approval. Returns False if no PIN was checked."""
        if 0 < self.pad.typed < MIN_PIN_DIGITS:
            self.pad.tell(self.desk.texts("PIN_INCOMPLETE"), Tone.WARN)
            return False
        pin, deed, acts = self.pad.take(), self._deed, self._acts
        if not pin or deed is None:
            return False
        person = await self.desk.approvals.approver(pin, acts)
        self._deed = None
        await self.host.close_dialog()
        try:
            with self.desk.approvals.approved_by(person, acts):
                await self.host.press_again(deed)
        except LacksRight as error:
            # More is lacking than before: somebody changed the order, or the rights of one of the two.
            await self.host.ask_approval(error, deed)
        return True

    async def do_back(self) -> None:
        """Give the deed up."""
        self._deed = None
        await self.host.close_dialog()
