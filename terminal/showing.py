"""What the app shows: screens in place of each other, dialogs above them, each made once for a workplace and kept.

It knows the places by their names (`routes.py`) and who works where (`workplaces.py`), and how the person wants the
screens (`comfort/`). Keys, news and trouble are `app.py`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeVar, cast

from shared.kernel.errors import LacksRight
from terminal.actions import ScreenName
from terminal.comfort.settings import Comfort, Comforts
from terminal.desks.closed import ClosedDesk
from terminal.guests.view import GuestFile, GuestView
from terminal.input.press_queue import PressQueue
from terminal.routes import ROUTES, dialog_class
from terminal.screens.base import Deed, KeptDialog, KeptScreen, Keyed
from terminal.screens.login.screen import LoginScreen
from terminal.screens.login.view import landing
from terminal.screens.requests import Draft, LoggedIn
from terminal.theme.ability import Ability
from terminal.theme.palette import Tone
from terminal.theme.themes import ThemedApp
from terminal.theme.wardrobe import palette_for
from terminal.wall.duty import WallDuty
from terminal.workplaces import Workplaces

if TYPE_CHECKING:
    from shared.kernel.permissions import Actor
    from terminal.desks.desk import Desk
    from terminal.dialogs.questions import Question, Taken
    from terminal.screens.approval.screen import ApprovalDialog
    from terminal.screens.explained import HelpLine
    from terminal.screens.help.screen import HelpDialog
    from terminal.screens.requests import Request
    from terminal.screens.till import TillScreen

R = TypeVar("R")
ORDERS_CHANGED = frozenset({"orders"})
NOT_KEPT = frozenset({ScreenName.HELP, ScreenName.APPROVAL})
"""Dialogs without work: nobody who comes back finds them open."""


class ShowingApp(ThemedApp[None]):
    """See the module.

    Args:
        desk: what screens read and command; or the closed desk until the store is open.
        start: see `ComandaApp`.
        ability: what the terminal can show.
        comforts: how the device and its people want the screens.
        guests: what tells a guest's display what to show; None if there is none.
    """

    def __init__(
        self,
        desk: Desk | ClosedDesk,
        start: Literal["pos", "kds", "pickup"],
        ability: Ability,
        comforts: Comforts | None,
        guests: GuestFile | None = None,
    ) -> None:
        super().__init__()
        self.desk = desk
        self.presses: PressQueue
        self._wall_duty: WallDuty | None
        self.starts_as = start
        self._own_ability = ability
        self.comforts = comforts or Comforts()
        self.comfort = self.comforts.device
        self._put_on(self.comfort)
        self._login = LoginScreen(desk)
        self.install_screen(self._login, ScreenName.LOGIN)
        self._workplaces = Workplaces()
        self._dialogs = 0
        self.guests = guests

    def say(self, text: str, tone: Tone = Tone.WARN) -> None:
        """Show a sentence on the screen or dialog on top."""
        self._top.say(text, tone)

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

    async def show_sheet(self, title: str, lines: Sequence[HelpLine]) -> None:
        """Explain something: signs, say, and what they mean."""
        dialog = cast("HelpDialog", self._keep(ScreenName.HELP))
        dialog.explain(title, lines)
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

    async def show_palette(self, on: Keyed) -> None:
        """Show every action by its name above a screen."""
        from terminal.screens.every_action import ask_action

        await ask_action(on)

    async def show_comfort(self, on: Keyed) -> None:
        """Ask above a screen how the person wants the screens."""
        from terminal.screens.comfort import ask_comfort

        await ask_comfort(on)

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
            self.say(desk.texts("app.nobody_may", right=right), Tone.WARN)

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
        self._put_on(self.comforts.device)
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
        self._put_on(self.comforts.of(desk.actor.staff_id))
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
        name = landing(desk.actor, device, kitchen=self.starts_as == "kds")
        if name is not ScreenName.FLOOR or not desk.sells_at_counter:
            await self.go_to(name, request)
            return
        from shared.orders.records import OrderKind  # the database layer is there by now

        order = await self.go_to(ScreenName.ORDER, Draft(OrderKind.TAKEOUT))
        cast("TillScreen", order).remind_of_shift()

    def _screen(self, name: ScreenName) -> KeptScreen:
        return self._login if name is ScreenName.LOGIN else cast("KeptScreen", self._keep(name))

    def _keep(self, name: ScreenName) -> KeptScreen | KeptDialog:
        """The screen of this name in the desk's language, made when it is first needed."""
        key, place = (name, self.desk.language), self._workplaces.current
        if key not in place.kept:
            place.kept[key] = ROUTES[name].make(cast("Desk", self.desk))  # until the store is open, only the help
            self.install_screen(place.kept[key], f"{name}-{self.desk.language}-{place.number}")
        return place.kept[key]

    # What guests read

    def show_guests(self) -> None:
        """Say to the guest's display what is on view of a guest's."""
        if self.guests is None or isinstance(self.desk, ClosedDesk):
            return
        desk = self.desk
        shown = [screen for screen in self.screen_stack if isinstance(screen, Keyed)]
        views = [screen.guest_view() for screen in shown if desk.actor is not None]
        view = next((each for each in reversed(views) if each is not None), None) or GuestView()
        code = next((screen.shown_code for screen in shown if hasattr(screen, "shown_code")), "")
        house = desk.premises.organization_name if desk.premises is not None else ""
        self.guests.write(replace(view, house=house, language=str(desk.house_language), code=code))

    # How the person wants them

    def keep_comfort(self, comfort: Comfort, *, for_all: bool = False) -> None:
        """Show the screens so and keep it for the person; `for_all` for everybody who has chosen nothing."""
        person = self.desk.actor.staff_id if self.desk.actor is not None and not for_all else None
        self.comforts.keep(person, comfort)
        self._put_on(comfort)

    def bell(self) -> None:
        """Ring, unless the person wants no sounds."""
        if self.comfort.sounds:
            super().bell()

    def _put_on(self, comfort: Comfort) -> None:
        self.comfort = comfort
        letters = comfort.letters or self._own_ability.letters
        self.able(Ability(self._own_ability.colours, letters))
        self.large = comfort.large
        self.wear(palette_for(comfort.look, self._own_ability.colours))
        if self.is_running:
            self.show_anew()

    def _tell(self, topics: frozenset[str]) -> None:
        raise NotImplementedError

    @property
    def _top(self) -> Keyed:
        top = self.screen_stack[-1] if self.screen_stack else None
        return top if isinstance(top, Keyed) else self._login
