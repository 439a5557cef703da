"""The terminal's app: it shows screens and gives them key presses, one at a time. No rules, no SQL, no sentences.

Key presses never reach Textual's bindings or focus. They become strokes and wait in a queue; each goes to the screen
that is on top when it leaves the queue. Text that no person typed (pasted, scanned) waits in the same queue and comes
to that screen in one piece, never as keys. While a PIN waits for the store, help and leaving have a queue of their own.
Screens are made once for each workplace (`workplaces.py`), when they are first needed, and kept.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Literal, TypeVar, cast

from rich.text import Text
from textual import events
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from shared.kernel.errors import DomainError, LacksRight
from shared.staff.rules import DISMISSED
from terminal.actions import QUIT, ScreenName
from terminal.collecting import collect_if_quiet
from terminal.desks.closed import ClosedDesk
from terminal.input.driver import TillDriver
from terminal.input.press_queue import Act, PressQueue
from terminal.input.scanned import Scanned
from terminal.input.strokes import Stroke, strokes_of_key
from terminal.routes import ROUTES, dialog_class
from terminal.screens.base import Deed, KeptDialog, KeptScreen, Keyed
from terminal.screens.login.screen import LoginScreen
from terminal.screens.login.view import landing
from terminal.screens.requests import Draft, LoggedIn
from terminal.theme.ability import EVERYTHING, Ability
from terminal.theme.palette import DARK, Palette, Tone
from terminal.theme.themes import BASE_STYLES, ThemedApp
from terminal.wall.duty import WallDuty
from terminal.wall.pickup_duty import PickupDuty
from terminal.wall.ready_bell import TOPICS, ReadyBell
from terminal.workplaces import Workplaces

if TYPE_CHECKING:
    from shared.kernel.permissions import Actor
    from terminal.desks.desk import Desk
    from terminal.dialogs.questions import Question, Taken
    from terminal.screens.approval.screen import ApprovalDialog
    from terminal.screens.help.screen import HelpDialog
    from terminal.screens.requests import Request
    from terminal.screens.till import TillScreen

R = TypeVar("R")
logger = logging.getLogger(__name__)
TICK_SECONDS = 1.0
ORDERS_CHANGED = frozenset({"orders"})
NOT_KEPT = frozenset({ScreenName.HELP, ScreenName.APPROVAL})
"""Dialogs without work: nobody who comes back finds them open."""
QUIT_KEY = "ctrl+c"
"""It closes the program from anywhere, the keys of `QUIT` from the log-in screen; both need two presses in a row."""


class ComandaApp(ThemedApp[None]):
    """The terminal.

    Args:
        desk: what screens read and command; or the closed desk until `use` brings an open one.
        start: the log-in leads to the floor (`pos`) or to the kitchen's tickets (`kds`); with `pickup` guests see
            their numbers.
        palette: colours of the theme.
        scanner_prefix: name of the key that a scanner sends before each code; empty if it sends none.
        lock_after_seconds: time without a key or tap after which it locks; 0 for never.
        ability: what the terminal can show.
    """

    CSS_PATH = [BASE_STYLES, LoginScreen.CSS_PATH]  # noqa: RUF012 parsed together, and so only once
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 Textual's own form
    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-tall")]  # noqa: RUF012 Textual's own form

    def __init__(
        self,
        desk: Desk | ClosedDesk,
        start: Literal["pos", "kds", "pickup"] = "pos",
        palette: Palette = DARK,
        scanner_prefix: str = "",
        lock_after_seconds: int = 0,
        ability: Ability = EVERYTHING,
    ) -> None:
        super().__init__()
        self.able(ability)
        self.desk = desk
        self.scanner_prefix = scanner_prefix
        self.painted = asyncio.Event()
        self.presses = PressQueue(self._trouble, self._press_begins, self._let_go_when_painted)
        self._let_go: Callable[[], None] | None = None
        self._past_the_pin = PressQueue(self._trouble)
        self._start = start
        duties: dict[str, type[WallDuty]] = {"kds": WallDuty, "pickup": PickupDuty}
        self._wall_duty = duties[start](self) if start in duties else None
        self.wear(palette)
        self._login = LoginScreen(desk)
        self.install_screen(self._login, ScreenName.LOGIN)
        self._workplaces = Workplaces()
        self._lock_after_seconds = lock_after_seconds
        self._idle_seconds = 0
        self._dialogs = self._texts_taken = 0
        self._pressed_on: Keyed = self._login
        self._quit_key = ""
        self._slow_press: int | None = None
        self._queue_tasks: list[asyncio.Task[None]] = []
        self._unsubscribe: Callable[[], None] | None = None
        self._ready_bell = ReadyBell()

    def get_driver_class(self) -> type[Driver]:
        """Read the terminal with our driver, where Textual would use its own for terminals."""
        usual = super().get_driver_class()
        return TillDriver if usual is LinuxDriver else usual

    # Life

    async def on_mount(self) -> None:
        """Show the log-in screen, follow the desk if it is open, start to take presses."""
        self.push_screen(self._login)
        if not isinstance(self.desk, ClosedDesk):
            self._follow(self.desk)
        for queue in (self.presses, self._past_the_pin):
            self._queue_tasks.append(asyncio.create_task(queue.work(), name="presses"))
        self.set_interval(TICK_SECONDS, self._tick)
        self._login.arrive()
        self._login.call_after_refresh(self.painted.set)
        if self._wall_duty is not None:
            self._wall_duty.begin()

    def use(self, desk: Desk) -> None:
        """Give all screens the desk of the store, which is open now."""
        self.desk = desk
        for screen in (self._login, *self._workplaces.current.kept.values()):
            screen.desk = desk
        self._follow(desk)
        self.call_later(self._tell, frozenset())
        if self._wall_duty is not None:
            self.call_later(self._wall_duty.begin)

    def desk_failed(self) -> None:
        """Show that the store could not be opened. The closed desk knows why."""
        self.call_later(self._tell, frozenset())

    def _follow(self, desk: Desk) -> None:
        self._unsubscribe = desk.subscribe(self._desk_changed)

    def on_unmount(self) -> None:
        """Detach from the desk. Running commands finish on their own."""
        if self._unsubscribe is not None:
            self._unsubscribe()
        for worker in self._queue_tasks:
            worker.cancel()

    async def settled(self) -> None:
        """Wait until everything that was pressed or tapped is done."""
        await self._past_the_pin.idle()
        await self.presses.idle()

    # Input

    async def on_event(self, event: events.Event) -> None:
        """Queue keys, scanned codes and pasted text before Textual sees them."""
        if isinstance(event, (events.Key, events.Paste, events.MouseDown, Scanned)):
            self._idle_seconds = 0
            self._people_first()
        if isinstance(event, events.Key) and not event.is_forwarded:
            for stroke in strokes_of_key(event.key, event.character):
                self._take(stroke)
        elif isinstance(event, events.Paste) and not event.is_forwarded:
            self._take_text("paste", event.text, lambda screen, text: screen.pasted(text))
        elif isinstance(event, Scanned):
            self._take_text("scan", event.text, lambda screen, text: screen.scanned(text))
        else:
            await super().on_event(event)

    def _take(self, stroke: Stroke) -> None:
        if self._wall_duty is not None:
            stroke = self._wall_duty.meant(stroke)
        if stroke.name == QUIT_KEY:
            # Not queued: it must work even while a press hangs.
            if not self.quit_on_second(QUIT_KEY):
                self._say(self.desk.texts("app.quit_asked", key="Ctrl C"), Tone.WARN)
            return

        async def act() -> bool:
            if stroke.name not in QUIT.keys:
                self._quit_key = ""
            return await self._top.press(stroke)

        if not self.queue_for(stroke.name).take(stroke.name, act):
            self.bell()

    def _press_begins(self) -> None:
        self._pressed_on = self._top

    def _people_first(self) -> None:
        """Hold the background back until what comes now is done and painted."""
        if self._let_go is None:
            self._let_go = self.desk.courtesy.hold()
        self._let_go_when_painted()

    def _let_go_when_painted(self) -> None:
        # In the first refresh a widget that changed may only tell its screen.
        self.call_after_refresh(self.call_after_refresh, self._painted)

    def _painted(self) -> None:
        if self._let_go is not None and self.presses.is_idle:
            self._let_go()
            self._let_go = None

    def _take_text(self, what: str, text: str, give: Callable[[Keyed, str], Awaitable[None]]) -> None:
        self._texts_taken += 1

        async def act() -> bool:
            self._quit_key = ""
            await give(self._top, text)
            return False

        # A name of its own: a code that is refused drops no other one that waits.
        if not self.presses.take(f"{what} {self._texts_taken}", act):
            self.bell()

    def queue_for(self, key: str) -> PressQueue:
        """The queue that a key waits in: what helps or leaves does not wait behind a PIN that waits for the store."""
        return self._past_the_pin if self._login.lets_past(key) else self.presses

    def quit_on_second(self, key: str) -> bool:
        """Leave if the press before was this key, too. A till must not close by accident."""
        if self._quit_key == key:
            self.exit()
            return True
        self._quit_key = key
        return False

    # Screens

    async def go_to(self, name: ScreenName, request: Request | None = None) -> KeptScreen:
        """Show a screen in place of the present one and of its dialogs."""
        target = self._screen(name)
        await target.load(request)
        await self._close_dialogs()
        if target is not self.screen:
            await self.switch_screen(target)
        arrive = getattr(target, "arrive", target.refresh_view)
        arrive()
        return target

    async def open_dialog(self, dialog: KeptDialog) -> None:
        """Show a dialog above the present screen."""
        self._dialogs += 1
        if not self.is_screen_installed(dialog):
            self.install_screen(dialog, f"dialog-{id(dialog)}")
        await self.push_screen(dialog)

    async def ask(self, question: Question[R], taken: Taken[R]) -> None:
        """Show the dialog that asks this; what to do with the answer is done in the press that gives it."""
        kind, asking = dialog_class(question), self._workplaces.current.asking
        free = (each for each in asking if type(each) is kind and each not in self.screen_stack)
        dialog = next(free, None)
        if dialog is None:
            dialog = kind(cast("Desk", self.desk))
            asking.append(dialog)
        dialog.put(question, taken)
        await self.open_dialog(dialog)

    async def close_dialog(self) -> None:
        """Close the uppermost dialog and refresh the screen below."""
        if self._dialogs:
            self._dialogs -= 1
            await self.pop_screen()
            self._top.refresh_view()

    async def _close_dialogs(self) -> None:
        while self._dialogs:
            await self.close_dialog()

    async def show_help(self, about: Keyed) -> None:
        """Show the keys of a screen or dialog."""
        dialog = cast("HelpDialog", self._keep(ScreenName.HELP))
        dialog.about(about)
        await self.open_dialog(dialog)

    async def show_printers(self) -> None:
        """Show the printers, and the print jobs that need an answer."""
        await self.show_dialog(ScreenName.PRINTERS)

    async def show_dialog(self, name: ScreenName) -> None:
        """Show a dialog of this name above the present screen."""
        dialog = cast("KeptDialog", self._keep(name))
        await dialog.load()
        await self.open_dialog(dialog)

    async def show_hours(self, on: Keyed, person: Actor) -> None:
        """Show somebody's hours above a screen, and what they can note now."""
        from terminal.screens.hours.flow import ask_hours

        await ask_hours(on, person)

    async def show_staff_hours(self, on: Keyed) -> None:
        """Show everybody's hours above a screen, for who may correct them."""
        from terminal.screens.hours.flow import ask_staff_hours

        await ask_staff_hours(on)

    async def ask_approval(self, error: LacksRight, deed: Deed) -> None:
        """Ask for the PIN of somebody who may do what the person may not, and then make the press again.

        What was typed ahead is dropped: it was not meant for a PIN pad.
        """
        desk = cast("Desk", self.desk)
        dialog = cast("ApprovalDialog", self._keep(ScreenName.APPROVAL))
        self.presses.forget_waiting()
        if dialog.ask(error, deed):
            await self.open_dialog(dialog)
        else:
            right = desk.texts(f"exceptions.right.{error.acts[0][0]}")
            self._say(desk.texts("app.nobody_may", right=right), Tone.WARN)

    async def press_again(self, deed: Deed) -> None:
        """Make a press again, on the screen or dialog on which it was, opened again if it was closed meanwhile."""
        if isinstance(deed.on, KeptDialog) and deed.on not in self.screen_stack:
            await self.open_dialog(deed.on)
        if deed.on is self._top:
            await deed.act()

    async def lock(self) -> None:
        """Show the log-in screen, and keep for the person what is open, but for `NOT_KEPT`."""
        stack = [screen for screen in self.screen_stack if isinstance(screen, (KeptScreen, KeptDialog))]
        if isinstance(self.desk, ClosedDesk) or self._login in stack:
            await self._close_dialogs()
            return
        if self._wall_duty is not None and await self._wall_duty.keeps():
            return
        self._workplaces.current.left = tuple(each for each in stack if each.SCREEN_NAME not in NOT_KEPT)
        self.desk.log_out()
        await self.go_to(ScreenName.LOGIN)
        self._login.locked(self._workplaces.names())

    async def back_to_wall(self) -> None:
        """Leave the log-in screen of a kitchen display."""
        if self._wall_duty is not None:
            await self._wall_duty.back()

    async def enter(self, pin: str) -> None:
        """Show what the person who has just logged in left open, else the place where they work."""
        desk = cast("Desk", self.desk)
        assert desk.actor is not None, "somebody has logged in"
        place = self._workplaces.take(desk.actor)
        if not place.left:
            await self.land(LoggedIn(pin))
            return
        await self.switch_screen(place.left[0])
        for dialog in place.left[1:]:
            await self.open_dialog(cast("KeptDialog", dialog))
        self._tell(ORDERS_CHANGED)  # what others did meanwhile

    async def land(self, request: LoggedIn | None = None) -> None:
        """Show the place where the person who is logged in works; at a counter a sale is open at once."""
        desk = cast("Desk", self.desk)
        assert desk.actor is not None, "somebody has logged in"
        device = desk.premises.device_kind if desk.premises else None
        name = landing(desk.actor, device, kitchen=self._start == "kds")
        if name is not ScreenName.FLOOR or not desk.sells_at_counter:
            await self.go_to(name, request)
            return
        from shared.orders.records import OrderKind  # the database layer is there by now

        order = await self.go_to(ScreenName.ORDER, Draft(OrderKind.TAKEOUT))
        cast("TillScreen", order).remind_of_shift()

    async def _lock_if_idle(self) -> bool:
        if self._idle_seconds >= self._lock_after_seconds:
            await self.lock()
        return False

    def _screen(self, name: ScreenName) -> KeptScreen:
        return self._login if name is ScreenName.LOGIN else cast("KeptScreen", self._keep(name))

    def _keep(self, name: ScreenName) -> KeptScreen | KeptDialog:
        """The screen of this name in the desk's language, made when it is first needed."""
        key, place = (name, self.desk.language), self._workplaces.current
        if key not in place.kept:
            place.kept[key] = ROUTES[name].make(cast("Desk", self.desk))  # until the store is open, only the help
            self.install_screen(place.kept[key], f"{name}-{self.desk.language}-{place.number}")
        return place.kept[key]

    @property
    def _top(self) -> Keyed:
        top = self.screen_stack[-1] if self.screen_stack else None
        return top if isinstance(top, Keyed) else self._login

    # News

    def _desk_changed(self, topics: frozenset[str]) -> None:
        # The desk calls this from its own task; widgets may only be touched from the app's message loop.
        self.call_later(self._tell, topics)

    def _tell(self, topics: frozenset[str]) -> None:
        if not isinstance(self.desk, ClosedDesk) and topics & TOPICS:
            self._ready_bell.hear(self.desk, self.bell)
        for screen in self.screen_stack:
            if isinstance(screen, Keyed):
                screen.desk_changed(topics)

    def _tick(self) -> None:
        running = self.presses.running
        if running is not None and running == self._slow_press:
            self._top.say_working()
        self._slow_press = running
        self._painted()  # also if a screen that went away was never painted
        self._idle_seconds += 1
        collect_if_quiet(self._idle_seconds)
        is_idle = self._idle_seconds == self._lock_after_seconds and self.desk.actor is not None
        if self._wall_duty is not None:
            is_idle = self._wall_duty.tick(self._idle_seconds)
        if is_idle:
            self.presses.take("lock", self._lock_if_idle)
        self._top.tick()

    # Trouble

    async def _leave(self, sentence: str) -> None:
        """Show the log-in screen, since the person no longer works here, and say why."""
        await self.lock()
        self._say(sentence, Tone.WARN)

    async def _trouble(self, error: Exception, act: Act) -> None:
        if isinstance(error, LacksRight) and self.desk.actor is not None:
            await self.ask_approval(error, Deed(act, self._pressed_on))
            return
        if isinstance(error, DomainError):
            sentence = self.desk.texts(error.code, **error.params)
            if error.code == DISMISSED:
                self.presses.forget_waiting()
                self.call_later(self._leave, sentence)
            self._say(sentence, Tone.WARN)
            return
        logger.error("a key press failed", exc_info=error)
        self._say(self.desk.texts("app.trouble"), Tone.LATE)

    def say(self, text: str, tone: Tone = Tone.WARN) -> None:
        """Show a sentence on the screen or dialog on top."""
        self._top.say(text, tone)

    def _say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        self._top.say(text, tone)

    def _fatal_error(self) -> None:
        """Log the traceback of an error in a screen, and leave a calm sentence in the terminal."""
        logger.critical("the screen failed", exc_info=sys.exception())
        self.panic(Text(self.desk.texts("app.stopped")))
