"""A cook whose display has no keyboard: a number pad, or a bump bar with a key map. No other key can be pressed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from restaurant import MANAGER
from textual.pilot import Pilot

from shared.kernel.quantity import ONE
from terminal.desks.desk import Desk
from terminal.input.wall_keys import PAD
from tests.terminal.looks.picture import text_grid
from tests.terminal.screens.till import PlayedApp

MOST_TURNS = 6


@dataclass
class Keys:
    """Presses keys by what stands on them.

    Attributes:
        sends: what a key sends, by what stands on it; without one it sends what stands there.
    """

    app: PlayedApp
    desk: Desk
    pilot: Pilot[None]
    sends: Mapping[str, str] = field(default_factory=lambda: {each: each for each in PAD})
    menu: str = "."
    more: str = "+"

    async def see(self) -> str:
        await self.settle()
        return text_grid(self.app.export_screenshot())

    async def settle(self) -> None:
        await self.pilot.pause()
        await self.app.settled()
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        for key in keys:
            assert key in self.sends, f"there is no key {key}"
            sent = self.sends[key]
            self.app.simulate("\n" if sent == "enter" else sent)
            await self.settle()

    async def pick(self, words: str) -> None:
        """Take the row of an open list that is called so, by its digit; one key gives digits to the next rows."""
        for _turn in range(MOST_TURNS):
            rows = self.app.screen.rows
            tile = next((each for each in rows.tiles if words in each.title and each.hint.isdigit()), None)
            if tile is not None and tile in rows.on_view:
                await self.press(tile.hint)
                return
            await self.press(self.more)
        raise AssertionError(f"{words} is reached by no digit:\n{await self.see()}")

    async def choose(self, words: str) -> None:
        """A row of the wall's menu."""
        await self.press(self.menu)
        await self.pick(words)


async def void_one(desk: Desk) -> None:
    """A manager takes one dish of the first open order back."""
    desk.actor = MANAGER
    order = next(each for each in desk.orders.values() if any(line.notes == "sin sal" for line in each.lines))
    line = next(each for each in order.lines if each.notes == "sin sal")
    await desk.corrections.void_line(order.id, line.id, ONE, "Se equivocó el mozo")
    desk.kitchen.take_place()
