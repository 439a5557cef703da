"""The base of every screen and dialog: keys become actions, taps become turns, the desk's news are shown.

A screen is made once and kept. `app.py` gives it key presses one turn at a time (`press`); what a finger does comes in
through `tap`, and waits for its turn in the same queue.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

from textual.screen import ModalScreen, Screen

from shared.kernel.errors import DomainError, NotPermitted
from terminal.actions import Action, ScreenName, action_by_id, action_for, actions_of
from terminal.input.strokes import Stroke
from terminal.input.turns import Turns
from terminal.theme.palette import Tone
from terminal.widgets.key_bar import BarKey, KeyBar
from terminal.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from terminal.closed_desk import ClosedDesk
    from terminal.desk import Desk
    from terminal.screens.requests import Request

Deed = Callable[[], Awaitable[object]]


class Refusal(DomainError):
    """The screen itself says no before any command does; its code is a key of the terminal's catalogue."""


class Host(Protocol):
    """What a screen asks of the app."""

    turns: Turns

    async def go_to(self, name: ScreenName, request: Request | None = None) -> KeptScreen:
        """Show another screen in place of this one, with what is asked of it."""
        ...

    async def open_dialog(self, dialog: KeptDialog) -> None:
        """Show a dialog above this screen."""
        ...

    async def close_dialog(self) -> None:
        """Close the uppermost dialog."""
        ...

    async def show_help(self, name: ScreenName) -> None:
        """Show the keys of a screen."""
        ...

    async def show_printers(self) -> None:
        """Show the printers, and the print jobs that need an answer."""
        ...

    async def log_out(self) -> None:
        """Log the person out and show the log-in screen."""
        ...

    def quit_on_second(self, key: str) -> bool:
        """True if this key was the last one too, so that the program may close."""
        ...


class Keyed:
    """Actions by key, tap and key bar; mixed into screens and dialogs."""

    SCREEN_NAME: ClassVar[ScreenName]

    def __init__(self, desk: Desk | ClosedDesk) -> None:
        super().__init__()
        self.desk = desk

    @property
    def screen_name(self) -> ScreenName:
        """The screen whose actions hold now. A screen that changes its face changes this name."""
        return self.SCREEN_NAME

    @property
    def host(self) -> Host:
        """The app."""
        return cast("Host", cast("Screen[None]", self).app)

    # What the app calls

    async def load(self, request: Request | None = None) -> None:
        """Get ready to be shown. Without a request the screen shows what it showed last."""

    def refresh_view(self) -> None:
        """Show the desk as it is now; called when the screen appears and when the desk has news."""

    def desk_changed(self, topics: frozenset[str]) -> None:
        """The desk has news; by default everything is shown again."""
        self.refresh_view()

    def tick(self) -> None:
        """A second has passed."""

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Tell the person something, where this screen tells things."""

    async def press(self, stroke: Stroke) -> bool:
        """Take one key; True if it did what must not be done twice."""
        action = action_for(self.screen_name, stroke.name)
        if action is not None and not (action.on_empty_line and self.is_typing()):
            return await self.act(action)
        await self.typed(stroke)
        return False

    # What screens override

    async def typed(self, stroke: Stroke) -> None:
        """A key that is no action."""

    def is_typing(self) -> bool:
        """Whether something stands in the screen's line."""
        return False

    def can(self, action: Action) -> bool:
        """Whether an action would do something now; a key bar shows the others quietly."""
        return True

    # Doing

    async def act(self, action: Action) -> bool:
        """Do an action if the person may."""
        if not self.may(action):
            raise NotPermitted(action.permission or "")
        result = await cast("Awaitable[bool | None]", getattr(self, f"do_{action.id}")())
        return action.once if result is None else result

    def may(self, action: Action) -> bool:
        """Whether who is logged in has the action's permission."""
        actor = self.desk.actor
        return action.permission is None or (actor is not None and actor.may(action.permission))

    def tap(self, name: str, deed: Deed) -> None:
        """A finger did something: when its turn comes, do it, unless the screen has gone by then."""

        async def act() -> bool:
            if cast("Screen[None]", self).is_current:
                return bool(await deed())
            return True

        self.host.turns.take(name, act)

    def tap_action(self, action_id: Hashable) -> None:
        """A key of the bar was tapped: the same turn as its key's."""
        action = action_by_id(self.screen_name, str(action_id))
        self.tap(action.keys[0], lambda: self.act(action))

    def bar_keys(self) -> tuple[BarKey, ...]:
        """The key bar of this screen, from the registry."""
        texts = self.desk.texts
        return tuple(
            BarKey(
                key=action.key_label(texts),
                title=action.title(texts),
                action=action.id,
                enabled=self.may(action) and self.can(action),
                short=action.short(texts),
                leads=action.leads,
            )
            for action in actions_of(self.screen_name)
            if action.on_bar
        )

    async def do_help(self) -> None:
        """Show the keys of this screen."""
        await self.host.show_help(self.screen_name)

    async def do_printers(self) -> None:
        """Show the printers above this screen."""
        await self.host.show_printers()


class KeptScreen(Keyed, Screen[Any]):
    """A whole screen."""

    def on_status_line_chosen(self, event: StatusLine.Chosen) -> None:
        """A finger on a notice that leads somewhere, if it does from here."""
        event.stop()
        if any(action.id == event.action for action in actions_of(self.screen_name)):
            self.tap_action(event.action)

    def on_key_bar_chosen(self, event: KeyBar.Chosen) -> None:
        """A finger on the key bar."""
        event.stop()
        self.tap_action(event.action)


class KeptDialog(Keyed, ModalScreen[Any]):
    """A dialog above a screen."""

    def on_key_bar_chosen(self, event: KeyBar.Chosen) -> None:
        """A finger on the key bar."""
        event.stop()
        self.tap_action(event.action)
