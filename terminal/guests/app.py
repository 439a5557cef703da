"""The app of a guest's display: it shows what the till of its folder says; all that can be done there is to leave."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult

from shared.domains import TEXT_ROOMS
from shared.kernel.language import Language, Texts
from terminal.guests.board import GuestBoard
from terminal.guests.view import GuestFile
from terminal.theme.ability import EVERYTHING, Ability
from terminal.theme.palette import DARK, Palette
from terminal.theme.themes import ThemedApp

LOOK_SECONDS = 0.2
"""How often the file is looked at: a press at the till is seen here before a guest looks up."""
LEAVE_KEYS = frozenset({"ctrl+c", "ctrl+l", "f10"})
_ROOMS = (*TEXT_ROOMS, "terminal")


class GuestApp(ThemedApp[None]):
    """See the module.

    Args:
        file: what the till says.
        language: of the words until the till has said its own.
    """

    def __init__(
        self, file: GuestFile, language: Language, palette: Palette = DARK, ability: Ability = EVERYTHING
    ) -> None:
        super().__init__()
        self.able(ability)
        self.wear(palette)
        self._file = file
        self._catalogues = {each: Texts(each, _ROOMS) for each in Language}
        self._language = language
        self._last_key = ""
        self.board = GuestBoard(self._catalogues[language])

    def compose(self) -> ComposeResult:
        """The board."""
        yield self.board

    def on_mount(self) -> None:
        """Look at once, and again and again."""
        self.look()
        self.set_interval(LOOK_SECONDS, self.look)

    def look(self) -> None:
        """Show what the till says now."""
        view = self._file.read()
        language = Language(view.language) if view.language in set(Language) else self._language
        self.board.show(view, self._catalogues[language])

    async def on_event(self, event: events.Event) -> None:
        """Leave on the second press of a key that leaves: no guest closes it by accident."""
        if isinstance(event, events.Key):
            if event.key in LEAVE_KEYS and self._last_key == event.key:
                self.exit()
            self._last_key = event.key
            return
        await super().on_event(event)
