"""An evening of the kitchen by a number pad alone: every key that is pressed stands on one."""

from __future__ import annotations

from restaurant import COOK

from shared.books.views import LineState
from shared.kernel.permissions import Actor
from shared.safety.commands import add_point
from shared.safety.records import PointKind
from terminal.wall.settings import WallSettings
from tests.faults.till_on_disk import PIN, TillOnDisk
from tests.terminal.screens.keys_alone import Keys, void_one
from tests.terminal.screens.test_real_kitchen import send, station_of
from tests.terminal.screens.till import PlayedApp


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
            pad = Keys(app, desk, pilot)
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
            await pad.press("1", "4", ".", "2", "enter", "enter", *PIN, "enter")
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
