"""The terminal's app: it gives key presses to the screen on top, one at a time. No rules, no SQL, no sentences.

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
from typing import TYPE_CHECKING, Literal

from rich.text import Text
from textual import events
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from shared.kernel.errors import DomainError, LacksRight
from shared.staff.rules import DISMISSED
from terminal.actions import QUIT
from terminal.collecting import collect_if_quiet
from terminal.comfort.settings import Comforts
from terminal.desks.closed import ClosedDesk
from terminal.guests.view import GuestFile
from terminal.input.driver import TillDriver
from terminal.input.press_queue import Act, PressQueue
from terminal.input.scanned import Scanned
from terminal.input.strokes import Stroke, strokes_of_key
from terminal.screens.base import Deed, Keyed
from terminal.screens.course_words import course_name
from terminal.screens.login.screen import LoginScreen
from terminal.showing import ShowingApp
from terminal.supervision.fire_duty import fire_due
from terminal.theme.ability import EVERYTHING, Ability
from terminal.theme.palette import Tone
from terminal.theme.themes import BASE_STYLES
from terminal.wall.duty import WallDuty
from terminal.wall.pickup_duty import PickupDuty
from terminal.wall.ready_bell import TOPICS, ReadyBell

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

logger = logging.getLogger(__name__)
TICK_SECONDS = 1.0
QUIT_KEY = "ctrl+c"
"""It closes the program from anywhere, the keys of `QUIT` from the log-in screen; both need two presses in a row."""


class ComandaApp(ShowingApp):
    """The terminal.

    Args:
        desk: what screens read and command; or the closed desk until `use` brings an open one.
        start: the log-in leads to the floor (`pos`) or to the kitchen's tickets (`kds`); with `pickup` guests see
            their numbers.
        scanner_prefix: name of the key that a scanner sends before each code; empty if it sends none.
        lock_after_seconds: time without a key or tap after which it locks; 0 for never.
        ability: what the terminal can show.
        comforts: how the device and its people want the screens; as usual if not given.
        guests: what tells a guest's display what to show.
    """

    CSS_PATH = [BASE_STYLES, LoginScreen.CSS_PATH]  # noqa: RUF012 parsed together, and so only once
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 Textual's own form
    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-tall")]  # noqa: RUF012 Textual's own form

    def __init__(
        self,
        desk: Desk | ClosedDesk,
        start: Literal["pos", "kds", "pickup"] = "pos",
        scanner_prefix: str = "",
        lock_after_seconds: int = 0,
        ability: Ability = EVERYTHING,
        comforts: Comforts | None = None,
        guests: GuestFile | None = None,
    ) -> None:
        super().__init__(desk, start, ability, comforts, guests)
        self.scanner_prefix = scanner_prefix
        self.painted = asyncio.Event()
        self.presses = PressQueue(self._trouble, self._press_begins, self._let_go_when_painted)
        self._let_go: Callable[[], None] | None = None
        self._past_the_pin = PressQueue(self._trouble)
        duties: dict[str, type[WallDuty]] = {"kds": WallDuty, "pickup": PickupDuty}
        self._wall_duty = duties[start](self) if start in duties else None
        self._lock_after_seconds = lock_after_seconds
        self._idle_seconds = 0
        self._texts_taken = 0
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
                self.say(self.desk.texts("app.quit_asked", key="Ctrl C"), Tone.WARN)
            return

        async def act() -> bool:
            if stroke.name not in QUIT.keys:
                self._quit_key = ""
            top = self._top
            return await top.press(stroke if self._wall_duty is None else self._wall_duty.on_pad(stroke, top))

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
        self.show_guests()
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

    # News

    def _desk_changed(self, topics: frozenset[str]) -> None:
        # The desk calls this from its own task; widgets may only be touched from the app's message loop.
        self.call_later(self._tell, topics)

    def _tell(self, topics: frozenset[str]) -> None:
        if not isinstance(self.desk, ClosedDesk) and topics & TOPICS:
            self._ready_bell.hear(self.desk, self.bell, sounds=self.comfort.sounds)
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
        if not isinstance(self.desk, ClosedDesk) and self.desk.courses.due(self.desk.actor):
            self.presses.take("fire what is due", self._fire_due)
        self._top.tick()

    async def _fire_due(self) -> bool:
        """Fire the courses whose time has come, whatever screen is on view."""
        if isinstance(self.desk, ClosedDesk):
            return False
        desk = self.desk
        for number, course in await fire_due(desk):
            name = course_name(course, desk.menu.courses, desk.texts)
            self.say(desk.texts("order.fired_by_itself", number=number, course=name), Tone.READY)
        return False

    async def _lock_if_idle(self) -> bool:
        if self._idle_seconds >= self._lock_after_seconds:
            await self.lock()
        return False

    # Trouble

    async def _leave(self, sentence: str) -> None:
        """Show the log-in screen, since the person no longer works here, and say why."""
        await self.lock()
        self.say(sentence, Tone.WARN)

    async def _trouble(self, error: Exception, act: Act) -> None:
        if isinstance(error, LacksRight) and self.desk.actor is not None:
            await self.ask_approval(error, Deed(act, self._pressed_on))
            return
        if isinstance(error, DomainError):
            sentence = self.desk.texts(error.code, **error.params)
            if error.code == DISMISSED:
                self.presses.forget_waiting()
                self.call_later(self._leave, sentence)
            self.say(sentence, Tone.WARN)
            return
        logger.error("a key press failed", exc_info=error)
        self.say(self.desk.texts("app.trouble"), Tone.LATE)

    def _fatal_error(self) -> None:
        """Log the traceback of an error in a screen, and leave a calm sentence in the terminal."""
        logger.critical("the screen failed", exc_info=sys.exception())
        self.panic(Text(self.desk.texts("app.stopped")))
