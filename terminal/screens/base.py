"""The base of every screen and dialog: it turns keys and taps into actions and shows what changed on the desk.

A screen is made once and kept. `app.py` gives it key presses one at a time (`press`). A tap comes in through `tap` and
waits in the same queue.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar, cast

from textual import events, on
from textual.screen import ModalScreen, Screen

from shared.kernel.errors import DomainError
from shared.kernel.language import Language
from terminal.actions import (
    HELP,
    LOCK,
    Action,
    ScreenName,
    action_by_id,
    action_for,
    actions_of,
    key_label,
)
from terminal.dialogs.questions import Choice, Pick, Picked
from terminal.input.press_queue import Act, PressQueue
from terminal.input.strokes import FUNCTION_KEYS, Stroke
from terminal.input.wall_keys import BACK_ON_PAD
from terminal.screens.other_words import other_words
from terminal.screens.requests import ShowExceptions, ShowReceipts, ShowShift
from terminal.screens.rights import who_may
from terminal.screens.shown_keys import at_station, shown_key
from terminal.theme.palette import Tone
from terminal.widgets.key_bar import BarKey, KeyBar
from terminal.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from shared.kernel.errors import LacksRight
    from shared.kernel.permissions import Actor
    from terminal.comfort.settings import Comfort
    from terminal.desks.closed import ClosedDesk
    from terminal.desks.desk import Desk
    from terminal.dialogs.questions import Question, Taken
    from terminal.guests.view import GuestView
    from terminal.screens.explained import HelpLine
    from terminal.screens.jumping import Jumping
    from terminal.screens.requests import Request

R = TypeVar("R")
TapAction = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Deed:
    """A press that needs an approval: what it does, and the screen or dialog on which it was."""

    act: Act
    on: Keyed


class Host(Protocol):
    """What a screen asks of the app."""

    presses: PressQueue

    def queue_for(self, key: str) -> PressQueue:
        """Where a press of this key waits for its turn."""
        ...

    async def go_to(self, name: ScreenName, request: Request | None = None) -> KeptScreen:
        """Show another screen in place of this one, with what is asked of it."""
        ...

    async def open_dialog(self, dialog: KeptDialog) -> None:
        """Show a dialog above this screen."""
        ...

    async def ask(self, question: Question[R], taken: Taken[R]) -> None:
        """Ask with a dialog (`terminal/dialogs`), and return at once; `taken` is called with the answer."""
        ...

    async def close_dialog(self) -> None:
        """Close the uppermost dialog."""
        ...

    async def show_help(self, about: Keyed) -> None:
        """Show the keys of a screen or dialog."""
        ...

    async def show_sheet(self, title: str, lines: Sequence[HelpLine]) -> None:
        """Explain something: signs, say, and what they mean."""
        ...

    async def show_printers(self) -> None:
        """Show the printers, and the print jobs that need an answer."""
        ...

    async def land(self) -> None:
        """Show the place where the person who is logged in works."""
        ...

    async def show_hours(self, on: Keyed, person: Actor) -> None:
        """Show somebody's hours above a screen, and what they can note now."""
        ...

    async def show_staff_hours(self, on: Keyed) -> None:
        """Show everybody's hours above a screen, for who may correct them."""
        ...

    async def ask_approval(self, error: LacksRight, deed: Deed) -> None:
        """Ask for the PIN of somebody who may do what the person may not, and then make the press again."""
        ...

    async def press_again(self, deed: Deed) -> None:
        """Make a press again, on the screen or dialog on which it was."""
        ...

    async def show_dialog(self, name: ScreenName) -> None:
        """Show a kept dialog of this name."""
        ...

    async def lock(self) -> None:
        """Show the log-in screen, and keep for the person what is open."""
        ...

    async def back_to_wall(self) -> None:
        """Leave the log-in screen of a kitchen display. On other devices it stays."""
        ...

    async def enter(self, pin: str) -> None:
        """Show what the person who has just logged in left open, else the place where they work."""
        ...

    async def show_palette(self, on: Keyed) -> None:
        """Show every action by its name above a screen."""
        ...

    async def show_comfort(self, on: Keyed) -> None:
        """Ask above a screen how the person wants the screens."""
        ...

    @property
    def comfort(self) -> Comfort:
        """How the person at the device wants the screens."""
        ...

    def keep_comfort(self, comfort: Comfort, *, for_all: bool = False) -> None:
        """Show the screens so and keep it for the person; `for_all` for everybody who has chosen nothing."""
        ...

    def quit_on_second(self, key: str) -> bool:
        """Close the program if the press before was this key, too. Returns whether it closes."""
        ...


class Keyed:
    """Actions by key, tap and key bar. Mixed into screens and dialogs."""

    SCREEN_NAME: ClassVar[ScreenName]

    def __init__(self, desk: Desk | ClosedDesk) -> None:
        super().__init__()
        self.desk = desk
        self._jumping: Jumping | None = None

    @property
    def screen_name(self) -> ScreenName:
        """The screen whose actions hold now. A screen that changes its face changes this name."""
        return self.SCREEN_NAME

    @property
    def takes_every_key(self) -> bool:
        """Whether keys without an action here go to `typed` even if they type nothing."""
        return False

    @property
    def host(self) -> Host:
        """The app."""
        return cast("Host", cast("Screen[None]", self).app)

    # What the app calls

    async def load(self, request: Request | None = None) -> None:
        """Get ready to be shown. Without a request the screen shows what it showed last."""

    def refresh_view(self) -> None:
        """Show the desk as it is now. Called when the screen appears and when the desk changes."""

    def desk_changed(self, topics: frozenset[str]) -> None:
        """The desk has changed. By default everything is shown again."""
        self.refresh_view()

    def tick(self) -> None:
        """A second has passed."""

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a sentence where this screen shows its messages."""

    def say_for_a_while(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a sentence that is of no use later. A screen whose messages stay overrides it."""
        self.say(text, tone)

    def remark(self, code: str) -> None:
        """Say a sentence and change nothing else. A screen whose `say` changes more overrides it."""
        self.say(self.desk.texts(code), Tone.WARN)

    def say_working(self) -> None:
        """Say that a press takes its time. A screen that saves nothing overrides it."""
        self.say(self.desk.texts("app.working"))

    async def press(self, stroke: Stroke) -> bool:
        """Handle one key. Returns True if it must not happen twice."""
        if self._jumping is not None:
            self._jump(stroke)
            return False
        action = action_for(self.screen_name, stroke.name)
        is_text = action is not None and action.on_empty_line and stroke.character is not None and self.is_typing()
        if action is not None and not is_text:
            return await self.act(action)
        if stroke.name in FUNCTION_KEYS and not self.takes_every_key:
            self.say(self.without_action(stroke.name), Tone.WARN)
        else:
            await self.typed(stroke)
        return False

    async def scanned(self, text: str) -> None:
        """Handle a code that a scanner read. By default it does nothing, and the screen says so."""
        self.remark("input.scan_refused")

    async def pasted(self, text: str) -> None:
        """Handle text that was pasted. By default it does nothing, and the screen says so."""
        self.remark("input.paste_refused")

    def without_action(self, key: str) -> str:
        """What is said of a function key that does nothing here."""
        texts = self.desk.texts
        return texts("app.no_key", key=key_label(key, texts), help=self.label_of(HELP))

    # What screens override

    async def typed(self, stroke: Stroke) -> None:
        """Handle a key that starts no action."""

    def is_typing(self) -> bool:
        """Whether the screen's line holds text."""
        return False

    def why_not(self, action: Action) -> str | None:
        """Why an action can do nothing now, in one sentence. None if it can. The key bar dims it, the help says it."""
        return None

    def guest_view(self) -> GuestView | None:
        """What a guest's display shows while this screen is on view. None if it is nothing of a guest's."""
        return None

    def signs(self) -> tuple[HelpLine, ...]:
        """What the signs of this screen mean: they stand at the end of its help."""
        return ()

    def holds_work(self) -> bool:
        """Whether leaving this screen to somebody else would lose something, or this person's place."""
        return True

    # Doing

    async def act(self, action: Action) -> bool:
        """Do an action if the person may and it can do something now. If not, say why."""
        refused = self.refusal(action)
        if refused is not None:
            self.say(refused, Tone.WARN)
            return True
        result = await self.perform(getattr(self, f"do_{action.id}"))
        return action.once if result is None else bool(result)

    async def perform(self, deed: Callable[[], Awaitable[object]]) -> object:
        """Do what an action or an answer asks for: the one place that every deed of a screen passes."""
        return await deed()

    def refusal(self, action: Action) -> str | None:
        """The sentence that says who may do an action, or why it can do nothing now. None if it can be done."""
        if self.may(action) or action.permission is None or action.approvable:
            return self.why_not(action)
        texts, staff = self.desk.texts, () if self.desk.actor is None else self.desk.staff
        said = who_may(action.permission, staff, texts)
        return f"{said} {texts('app.let_in', key=self.label_of(LOCK))}" if staff else said

    def may(self, action: Action) -> bool:
        """Whether the person who is logged in has the action's permission."""
        actor = self.desk.actor
        return action.permission is None or (actor is not None and actor.may(action.permission))

    def tap(self, name: str, action: TapAction) -> None:
        """Queue a tap. It is dropped if the screen has gone when it leaves the queue."""

        async def act() -> bool:
            if cast("Screen[None]", self).is_current:
                return bool(await action())
            return True

        self.host.queue_for(name).take(name, act)

    def tap_action(self, action_id: Hashable) -> None:
        """Handle a tap on the key bar like the key it shows."""
        action = action_by_id(self.screen_name, str(action_id))
        self.tap(action.keys[0] if action.keys else action.id, lambda: self.act(action))

    def bar_keys(self) -> tuple[BarKey, ...]:
        """The key bar of this screen, from the registry. It lacks what this person may not do at all."""
        return self.keys_of(tuple(each for each in actions_of(self.screen_name) if each.on_bar and not each.in_menu))

    def keys_of(self, actions: tuple[Action, ...]) -> tuple[BarKey, ...]:
        """The keys of these actions, without what this person may not do at all."""
        texts = self.desk.texts
        return tuple(
            BarKey(
                key=self.label_of(action, typing=self.is_typing()),
                title=action.title(texts),
                action=action.id,
                enabled=self.why_not(action) is None,
                short=action.short(texts),
                leads=action.leads,
            )
            for action in actions
            if self._is_for_this_person(action)
        )

    def label_of(self, action: Action, *, typing: bool = False) -> str:
        """The key of an action, as people here know it: on a kitchen display that of its key map or number pad."""
        by_pad = at_station(self.desk) and cast("Desk", self.desk).kitchen.settings.pad
        if by_pad and action.id == "back" and not self.takes_sign(BACK_ON_PAD):
            return BACK_ON_PAD
        return shown_key(self.desk, action, typing=typing)

    def takes_sign(self, sign: str) -> bool:
        """Whether a sign of a number pad (`/`, `*`, `+`, `-`) could be a part of what is typed here."""
        return False

    @property
    def takes_figures(self) -> bool:
        """Whether digits are typed here, and no letters."""
        return False

    def _is_for_this_person(self, action: Action) -> bool:
        """Whether the bar shows an action to who is logged in."""
        actor = self.desk.actor
        if action.bar_for is not None and (actor is None or not actor.may(action.bar_for)):
            return False
        return (self.may(action) or action.approvable) and (actor is not None or action.id != LOCK.id)

    async def do_lock(self) -> None:
        """Lock the device. This person comes back to this place, another one gets their own."""
        await self.host.lock()

    async def do_help(self) -> None:
        """Show the keys of this screen."""
        await self.host.show_help(self)

    async def do_menu(self) -> None:
        """Show what this screen can do besides: a row does what its key does."""
        texts = self.desk.texts
        if not self.menu_rows():
            raise DomainError("menu.empty")
        rows, name = self.menu_rows(), texts(f"screen.{self.screen_name}")
        question = Pick(texts("menu.title", screen=name), rows, shortcuts=self.menu_keys(rows))
        await self.host.ask(question, self._choose_from_menu)

    def menu_rows(self) -> tuple[Choice, ...]:
        """The menu of this screen, from the registry: what this person may do, or what can be approved for them."""
        texts = self.desk.texts
        return tuple(
            Choice(
                action.id,
                action.title(texts),
                self.label_of(action),
                self.why_not(action) or "",
                also=other_words(action.id),
            )
            for action in actions_of(self.screen_name)
            if action.in_menu and self._is_for_this_person(action)
        )

    def menu_keys(self, rows: tuple[Choice, ...]) -> Mapping[str, Hashable]:
        """The keys that take a row of the menu. None by default: letters search there."""
        return {}

    async def _choose_from_menu(self, picked: Picked) -> None:
        action = next((each for each in actions_of(self.screen_name) if each.id == picked.id), None)
        if action is not None:
            await self.act(action)

    async def do_hours(self) -> None:
        """Show the hours of who is logged in, and what they can note now."""
        if self.desk.actor is not None:
            await self.host.show_hours(self, self.desk.actor)

    async def do_staff_hours(self) -> None:
        """Show everybody's hours, and correct what is missing."""
        await self.host.show_staff_hours(self)

    async def do_palette(self) -> None:
        """Show every action by its name."""
        await self.host.show_palette(self)

    async def do_jump(self) -> None:
        """Show letters over what can be tapped."""
        from terminal.screens.jumping import Jumping

        jumping = Jumping(cast("Screen[Any]", self))
        self._jumping = None if jumping.is_over else jumping
        self.say(self.desk.texts("jump.nothing" if jumping.is_over else "jump.asked"))

    def _jump(self, stroke: Stroke) -> None:
        """Give a key to the letters on view."""
        jumping = self._jumping
        if jumping is not None:
            jumping.press(stroke)
            if jumping.is_over:
                self._jumping = None
                self.say("")

    async def do_comfort(self) -> None:
        """Ask how the person wants the screens."""
        await self.host.show_comfort(self)

    async def do_language(self) -> None:
        """Ask in which language the screens are, each row in its own."""
        texts = self.desk.texts
        rows = tuple(Choice(each, texts(f"language.{each}")) for each in Language)
        await self.host.ask(Pick(texts("action.language"), rows, texts("language.asked")), self._choose_language)

    async def _choose_language(self, picked: Picked) -> None:
        await cast("Desk", self.desk).choose_language(Language(str(picked.id)))
        await self.host.land()

    async def do_printers(self) -> None:
        """Show the printers above this screen."""
        await self.host.show_printers()

    async def do_before_opening(self) -> None:
        """Try printers, cloud, clock, disk and keys, and show the result above this screen."""
        await self.host.show_dialog(ScreenName.BEFORE_OPENING)

    async def do_exceptions(self) -> None:
        """Show what waits for a person, in place of this screen."""
        await self.host.go_to(ScreenName.EXCEPTIONS, ShowExceptions(self.SCREEN_NAME))

    async def do_receipts(self) -> None:
        """Show receipts of the past, in place of this screen."""
        await self.host.go_to(ScreenName.RECEIPTS, ShowReceipts(self.SCREEN_NAME))

    async def do_shift(self) -> None:
        """Show the drawer and shift of this device, in place of this screen."""
        await self.host.go_to(ScreenName.SHIFT, ShowShift(self.SCREEN_NAME))


class KeptScreen(Keyed, Screen[Any]):
    """A whole screen."""

    def on_status_line_chosen(self, event: StatusLine.Chosen) -> None:
        """Handle a tap on a notice whose action this screen has."""
        event.stop()
        if any(action.id == event.action for action in actions_of(self.screen_name)):
            self.tap_action(event.action)

    def on_key_bar_chosen(self, event: KeyBar.Chosen) -> None:
        """Handle a tap on the key bar."""
        event.stop()
        self.tap_action(event.action)


SMALL_ROWS = 24
"""On a screen with fewer rows (kitchens read from two metres) a dialog takes the whole of it, without a frame."""


class KeptDialog(Keyed, ModalScreen[Any]):
    """A dialog above a screen."""

    @property
    def is_small(self) -> bool:
        """Whether the screen has so few rows that none is spent on frames."""
        return self.app.size.height < SMALL_ROWS

    @on(events.ScreenResume)
    @on(events.Resize)
    def _take_form(self) -> None:
        self.take_form()

    def take_form(self) -> None:
        """Take the form for this screen's size."""
        self.set_class(self.is_small, "-small")

    def without_action(self, key: str) -> str:
        """A key of the screen below says how to get there."""
        texts, below = self.desk.texts, self.app.screen_stack[-2]
        action = action_for(below.screen_name, key) if isinstance(below, Keyed) else None
        if action is None:
            return super().without_action(key)
        back = next(each for each in actions_of(self.screen_name) if "escape" in each.keys)
        return texts("app.key_below", key=key_label(key, texts), title=action.title(texts), back=self.label_of(back))

    def on_key_bar_chosen(self, event: KeyBar.Chosen) -> None:
        """Handle a tap on the key bar."""
        event.stop()
        self.tap_action(event.action)
