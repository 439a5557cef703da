"""The log-in screen: a PIN pad beside branch, date and time.

It imports no database layer and is painted before that is loaded. Until the store is open it uses a `ClosedDesk`, takes
digits, and lets Enter wait.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from terminal.actions import QUIT, Action, ScreenName, action_for
from terminal.clock import wait_text
from terminal.desks.closed import ClosedDesk
from terminal.input.strokes import Stroke
from terminal.screens.base import KeptScreen
from terminal.screens.clock_trouble import clock_trouble_of
from terminal.screens.login.view import closed_view, login_view
from terminal.screens.status import closed_status, status_of
from terminal.screens.title_line import TitleLine
from terminal.theme.palette import Tone
from terminal.widgets.big_digits import BigDigits
from terminal.widgets.key_bar import KeyBar
from terminal.widgets.key_pad import ACCEPT, KeyPad
from terminal.widgets.pin_pad import MIN_PIN_DIGITS, QueuedPinPad
from terminal.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from terminal.desks.desk import Desk


LEAST_WIDTH = 76
"""Columns for the place and the pad beside each other."""
HOURS_SECONDS = 30
"""How long after the key of the time clock the next PIN is not taken for a log-in."""
HELD_SECONDS = 2
"""How long after the lock its key does not close the program, and after each press that it repeats."""


class LoginScreen(KeptScreen):
    """Typed or tapped digits, and Enter."""

    SCREEN_NAME = ScreenName.LOGIN
    CSS_PATH = Path(__file__).with_name("screen.tcss")

    def __init__(self, desk: Desk | ClosedDesk) -> None:
        super().__init__(desk)
        self.kept_for: tuple[str, ...] = ()
        self._held_seconds = 0
        self._hours_seconds = 0
        self._is_paused = False
        self.status = StatusLine()
        self.clock = BigDigits(align="left", id="clock")
        self.branch = TitleLine(id="branch")
        self.organization = TitleLine(id="organization", quiet=True)
        self.device = TitleLine(id="device", quiet=True)
        self.advice = TitleLine(id="advice", quiet=True)
        self.pad = QueuedPinPad(desk.texts("login.prompt"))
        self.bar = KeyBar()

    def compose(self) -> ComposeResult:
        """Status, branch and pad, keys."""
        yield self.status
        with Horizontal(id="frame"), Horizontal(id="door"):
            with Vertical(id="place"):
                yield self.clock
                yield self.branch
                yield self.organization
                yield self.device
                yield self.advice
            yield self.pad
        yield self.bar

    def on_resize(self, event: events.Resize) -> None:
        """A screen that is read from two metres has room for the pad alone."""
        self.set_class(event.size.width < LEAST_WIDTH, "-phone")

    def refresh_view(self) -> None:
        """Show branch, time and state."""
        desk = self.desk
        if isinstance(desk, ClosedDesk):
            view, status = closed_view(desk), closed_status(desk)
        else:
            view, status = login_view(desk, self.kept_for), status_of(desk)
        self.status.show(status)
        trouble = None if isinstance(desk, ClosedDesk) else clock_trouble_of(desk)
        if trouble is None:
            self.clock.show(view.clock or "", caption="")
        else:
            self.clock.show(trouble.day, caption=trouble.hour, tone=Tone.LATE)
            view = replace(view, advice=trouble.sentence, tone=Tone.LATE)
        self.clock.display = view.clock is not None
        self.branch.show(view.branch)
        for line, text in ((self.organization, view.organization), (self.device, view.device)):
            line.show(text)
            line.display = bool(text)  # a new device has long sentences and little room
        self.advice.show(view.advice, view.tone)
        self.bar.set_keys(self.bar_keys())

    def arrive(self) -> None:
        """Start again with an empty pad, in the language of the premises."""
        self._hours_seconds = 0
        self.pad.ask(self.desk.texts("login.prompt"))
        self._count_down()
        self.refresh_view()

    def locked(self, kept_for: tuple[str, ...]) -> None:
        """Somebody has locked the device.

        Args:
            kept_for: whose work waits for them.
        """
        self.kept_for = kept_for
        self._held_seconds = HELD_SECONDS
        self.refresh_view()

    def desk_changed(self, topics: frozenset[str]) -> None:
        """Refresh. The first contact with the cloud brings the language."""
        prompt = self._prompt
        if "place" in topics and self.pad.typed == 0 and not self._is_paused:
            self.pad.ask(prompt)
        else:
            self.pad.reword(prompt)
        self.refresh_view()

    def tick(self) -> None:
        """Update the clock and the pause after wrong PINs."""
        self._held_seconds = max(0, self._held_seconds - 1)
        if self._hours_seconds:
            self._hours_seconds -= 1
            if not self._hours_seconds:
                self._ask_for_login()
        self.refresh_view()
        if not self.pad.typed:
            self._count_down()

    @property
    def _prompt(self) -> str:
        return self.desk.texts("hours.prompt" if self._hours_seconds else "login.prompt")

    def _ask_for_login(self) -> None:
        self._hours_seconds = 0
        self.pad.ask(self._prompt)

    def _count_down(self) -> None:
        """Say how long the pause after wrong PINs still lasts; ask for a PIN when it is over."""
        seconds = 0 if isinstance(self.desk, ClosedDesk) else self.desk.pin_pause_seconds
        if seconds:
            self.pad.tell(self.desk.texts("PIN_LOCKED", wait=wait_text(seconds)))
        elif self._is_paused:
            self.pad.ask(self._prompt)
        self._is_paused = bool(seconds)

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a message under the digits. The digits are deleted unless they wait for the store."""
        if isinstance(self.desk, ClosedDesk):
            self.pad.remark(text, tone)
        else:
            self.pad.tell(text, tone)

    def say_working(self) -> None:
        """Nothing is saved here: the sentence of a waiting PIN stays."""

    def why_not(self, action: Action) -> str | None:
        """Nobody can log in before the staff is known."""
        if action.id != "enter_pin" or isinstance(self.desk, ClosedDesk) or self.desk.premises is not None:
            return None
        return self.desk.texts("login.waiting")

    def remark(self, code: str) -> None:
        """Show a sentence under the digits; they stay."""
        self.pad.remark(self.desk.texts(code), Tone.WARN)

    # Keys

    async def scanned(self, text: str) -> None:
        """Refuse a code: it is no PIN and no failed attempt, since this house has no cards for its staff."""
        self.remark("login.no_pin")

    async def pasted(self, text: str) -> None:
        """Refuse pasted text likewise."""
        self.remark("login.no_pin")

    def lets_past(self, key: str) -> bool:
        """Whether a key acts at once although a PIN may wait for the store: help, leaving, and all keys of the help."""
        if not isinstance(self.desk, ClosedDesk):
            return False
        action = action_for(self.SCREEN_NAME, key)
        return self.app.screen is not self or (action is not None and action.id != "enter_pin")

    async def typed(self, stroke: Stroke) -> None:
        """Handle digits, and keys that erase them. Escape asks for a log-in again."""
        if stroke.name == "escape" and self._hours_seconds:
            self._ask_for_login()
        elif stroke.name == "escape" and not self.pad.typed:
            await self.host.back_to_wall()
        self.pad.press(stroke.name)

    async def do_enter_pin(self) -> bool:
        """Log in as soon as the store is open, and go to the person's screen. Returns False if no PIN was checked."""
        if 0 < self.pad.typed < MIN_PIN_DIGITS:
            self.pad.tell(self.desk.texts("PIN_INCOMPLETE"), Tone.WARN)
            return False
        desk = await self._open_desk()
        if desk is None:
            return False
        pin = self.pad.take()
        if desk.premises is None:
            self.say(desk.texts("login.waiting"), Tone.WARN)
            return False
        if not pin:
            return False
        if self._hours_seconds:
            self._hours_seconds = HOURS_SECONDS
            person = await desk.hours.person(pin)
            self._ask_for_login()
            await self.host.show_hours(self, person)
            return True
        await desk.log_in(pin)
        await self.host.enter(pin)
        self._forget_repeated(pin)
        return True

    async def do_hours(self) -> None:
        """Take the next PIN (or the one that is typed) for the hours of its person, who is not logged in by that."""
        if isinstance(self.desk, ClosedDesk):
            self.pad.remark(self.desk.texts("login.opening"))
            return
        if self._hours_seconds and not self.pad.typed:
            self._ask_for_login()
            return
        self._hours_seconds = HOURS_SECONDS
        if self.pad.typed:
            await self.do_enter_pin()
        else:
            self.pad.ask(self._prompt)

    def _forget_repeated(self, pin: str) -> None:
        """Drop the same PIN typed again by somebody who did not wait. All else that was typed ahead stays."""
        presses = self.host.presses
        while presses.drop_first(*pin, "enter") or presses.drop_first("enter"):
            pass

    async def _open_desk(self) -> Desk | None:
        """The open desk; waits for the store. If it cannot be opened, delete all that was typed and return None."""
        closed = self.desk
        if not isinstance(closed, ClosedDesk):
            return closed
        closed.try_again()
        if self.pad.typed:
            self.say(closed.texts("login.opening_pin"))
        self.refresh_view()
        await closed.settled()
        desk = self.desk
        if not isinstance(desk, ClosedDesk):
            return desk
        self.host.presses.forget_waiting()
        self.pad.ask(closed.texts("login.prompt"))
        return None

    async def do_quit(self) -> None:
        """Close the program on the second press. The key that locked may still be held: it closes nothing."""
        if self._held_seconds:
            self._held_seconds = HELD_SECONDS
            return
        if not self.host.quit_on_second(QUIT.id):
            self.say(self.desk.texts("app.quit_asked", key=QUIT.key_labels(self.desk.texts, " / ")), Tone.WARN)

    def on_key_pad_pressed(self, event: KeyPad.Pressed) -> None:
        """Handle a tap like the key it shows."""
        event.stop()
        stroke = Stroke("enter") if event.key == ACCEPT else Stroke(event.key)
        self.tap(stroke.name, lambda: self.press(stroke))
