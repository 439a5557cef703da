"""An evening of the kitchen by a number pad alone: every key that is pressed stands on one."""

from __future__ import annotations

from dataclasses import dataclass

from restaurant import COOK, MANAGER
from textual.pilot import Pilot

from shared.books.views import LineState
from shared.kernel.permissions import Actor
from shared.kernel.quantity import ONE
from shared.safety.commands import add_point
from shared.safety.records import PointKind
from terminal.desks.desk import Desk
from terminal.input.wall_keys import PAD
from terminal.wall.settings import WallSettings
from tests.faults.till_on_disk import PIN, TillOnDisk
from tests.terminal.looks.picture import text_grid
from tests.terminal.screens.test_real_kitchen import send, station_of
from tests.terminal.screens.till import PlayedApp

MOST_TURNS = 6


@dataclass
class Pad:
    """A cook with a number pad."""

    app: PlayedApp
    desk: Desk
    pilot: Pilot[None]

    async def see(self) -> str:
        await self.settle()
        return text_grid(self.app.export_screenshot())

    async def settle(self) -> None:
        await self.pilot.pause()
        await self.app.settled()
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        for key in keys:
            assert key in PAD, f"{key} is on no number pad"
            self.app.simulate("\n" if key == "enter" else key)
            await self.settle()

    async def pick(self, words: str) -> None:
        """Take the row of an open list that is called so, by the digit before it; `+` gives digits to the next ones."""
        for _turn in range(MOST_TURNS):
            rows = self.app.screen.rows
            tile = next((each for each in rows.tiles if words in each.title and each.hint.isdigit()), None)
            if tile is not None and tile in rows.on_view:
                await self.press(tile.hint)
                return
            await self.press("+")
        raise AssertionError(f"{words} is reached by no digit:\n{await self.see()}")

    async def choose(self, words: str) -> None:
        """A row of the wall's menu."""
        await self.press(".")
        await self.pick(words)


async def void_one(desk: Desk) -> None:
    """A manager takes one dish of the first open order back."""
    desk.actor = MANAGER
    order = next(each for each in desk.orders.values() if any(line.notes == "sin sal" for line in each.lines))
    line = next(each for each in order.lines if each.notes == "sin sal")
    await desk.corrections.void_line(order.id, line.id, ONE, "Se equivocó el mozo")
    desk.kitchen.take_place()


async def test_an_evening_by_a_number_pad_alone(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        founding = Actor(None, "founding", frozenset({"edit_branch"}))
        await desk.store.run(
            founding, lambda work: add_point(work, "Refri", PointKind.FRIDGE, high_milli=5_000, every_minutes=60)
        )
        await desk.open()
        for dishes in (("cev", "cev/sin sal", "chi"), ("cev",), ("cev", "chi"), ("cev",)):
            await send(desk, *dishes)
        desk.log_out()
        app = PlayedApp(desk, start="kds")  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)) as pilot:
            pad = Pad(app, desk, pilot)
            desk.kitchen._display.settle(WallSettings(pad=True))  # as its file says it
            await pad.press("/")  # from the first station to the next one
            while desk.kitchen.station_id != station_of(desk, "Cocina"):
                await pad.press("/")
            assert "0 Empezar" in await pad.see()

            # A card is begun, done, brought back and done again.
            await pad.press("2", "0")
            assert [ticket.number for ticket in desk.tickets if ticket.begun] == ["A-2"]
            await pad.press("enter")
            assert "A-2" in [ticket.number for ticket in desk.bumped]
            await pad.press("*")
            await pad.press("1")
            assert "A-2" in [ticket.number for ticket in desk.tickets]
            await pad.press("2", "enter")

            # A dish goes first; one is taken back and confirmed; one line is made by itself.
            await pad.press("3")
            await pad.choose("Urgente")
            assert [ticket.number for ticket in desk.tickets if ticket.rushed] == ["A-3"]
            await void_one(desk)
            assert "QUITAR 1" in await pad.see()
            await pad.press("1", "enter")
            assert "QUITAR 1" not in await pad.see()
            await pad.press("1")
            await pad.choose("Por plato")
            await pad.press("1")
            assert "A-1" not in [each.number for each in desk.tickets if each.station_id == desk.kitchen.station_id]

            # What is sold out, what the floor is told, and the fridge.
            await pad.choose("Agotado")
            assert "Ceviche" in await pad.see()
            while app.screen.screen_name != "kitchen":
                await pad.press("/")
            await pad.choose("Avisar al salón")
            await pad.press("1")
            assert app.screen.screen_name == "kitchen"
            await pad.choose("Control sanitario")
            await pad.press("1", "4", ".", "2", "enter", "enter", "enter", *PIN, "enter")
            assert [entry.value_milli for entry in await desk.safety.of_day()] == [4_200]

            # The pass: what is ready goes out, comes back, and goes again.
            desk.actor = COOK
            for ticket in [each for each in desk.tickets if each.number == "A-3"]:
                await desk.bump(ticket.id)
            desk.kitchen.take_place()
            await pad.choose("Pase")
            assert app.screen.screen_name == "expediter"
            await pad.press("enter", "enter")
            assert any(line.state is LineState.SERVED for order in desk.orders.values() for line in order.lines)
            await pad.press("*")
            assert "no salió" in await pad.see()
            await pad.press("/")
            assert app.screen.screen_name == "kitchen"
