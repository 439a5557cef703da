"""An evening of the kitchen by a bump bar alone: twenty keys that send letters, and a map that says what they mean."""

from __future__ import annotations

from restaurant import COOK

from shared.kernel.permissions import Actor
from shared.safety.commands import add_point
from shared.safety.records import PointKind
from terminal.input.key_map import KEY_MAP_FILE
from tests.faults.till_on_disk import PIN, TillOnDisk
from tests.terminal.screens.keys_alone import Keys, void_one
from tests.terminal.screens.test_real_kitchen import send, station_of
from tests.terminal.screens.till import PlayedApp

WORDS = (
    *(f"tile_{digit}" for digit in range(1, 10)),
    *("bump", "start", "recall_list", "menu", "wall_on", "wall_back", "back", "station", "cover", "all_day", "tell"),
)
LETTERS = "qwertyuioasdfghjklzx"
"""As they lie on the bar, no one of them what it means."""
MAP = "\n".join(
    (
        "[wall]",
        *(f'{letter} = "{word}"' for letter, word in zip(LETTERS, WORDS, strict=True)),
        "[bar]",
        'shows = ["bump", "start", "recall_list", "cover", "all_day"]',
    )
)
CAPS = {word.removeprefix("tile_"): letter for letter, word in zip(LETTERS, WORDS, strict=True)} | {
    "0": LETTERS[WORDS.index("start")],
    ".": LETTERS[WORDS.index("menu")],
}
"""What a key sends, by what stands on it; where figures are typed two of them are 0 and the decimal sign."""


async def test_an_evening_by_a_bump_bar_alone(till: TillOnDisk) -> None:
    (till.folder.root / KEY_MAP_FILE).write_text(MAP, encoding="utf-8")
    async with till.desk() as desk:
        founding = Actor(None, "founding", frozenset({"edit_branch"}))

        async def found(work) -> None:
            await add_point(work, "Refri", PointKind.FRIDGE, high_milli=5_000, every_minutes=60)
            await add_point(work, "Piso limpio", PointKind.CLEANING, every_minutes=60)

        await desk.store.run(founding, found)
        await desk.open()
        for dishes in (("cev", "cev/sin sal", "chi"), ("cev",), ("cev", "chi"), ("cev",)):
            await send(desk, *dishes)
        desk.log_out()
        app = PlayedApp(desk, start="kds")  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)) as pilot:
            bar = Keys(app, desk, pilot, CAPS, menu="menu", more="wall_on")
            assert not desk.kitchen.key_map.mistakes

            def numbers(of, **wanted: bool) -> list[str]:
                return [
                    each.number for each in of if all(getattr(each, what) == is_so for what, is_so in wanted.items())
                ]

            def here() -> list[str]:
                return numbers(each for each in desk.tickets if each.station_id == desk.kitchen.station_id)

            await bar.press("station")
            while desk.kitchen.station_id != station_of(desk, "Cocina"):
                await bar.press("station")
            assert "S Empezar" in await bar.see()
            assert "L Cubrir" in await bar.see()

            # A card is begun, done, brought back from the list and done again.
            await bar.press("2", "start", "bump")
            assert "A-2" in numbers(desk.bumped)
            await bar.press("recall_list", "1")
            assert "A-2" in here()
            await bar.press("2", "bump")

            # Rush, hold and back, one dish alone, what was taken back, another place, another station and back.
            await bar.press("3")
            await bar.choose("Urgente")
            assert numbers(desk.tickets, rushed=True) == ["A-3"]
            await bar.press("4")
            await bar.choose("Retener")
            assert numbers(desk.tickets, is_held=True) == ["A-4"]
            await bar.press("4")
            await bar.choose("Retener")
            assert numbers(desk.tickets, is_held=True) == []
            await void_one(desk)
            assert "QUITAR 1" in await bar.see()
            await bar.press("1", "bump")
            assert "QUITAR 1" not in await bar.see()
            await bar.press("1")
            await bar.choose("Por plato")
            await bar.press("1")
            assert "A-1" not in here()
            await bar.press("4")
            await bar.choose("Mover")
            await bar.press("1")
            await bar.press("4")
            await bar.choose("Pasar a otra estación")
            await bar.pick("Barra")
            assert "A-4" not in here()

            # A station whose display is dead is covered with one key, and its card is handed back.
            await bar.press("cover")
            await bar.pick("Barra")
            assert "Cocina + Barra" in await bar.see()
            assert {"A-1", "A-3", "A-4"} <= {
                each.number for each in desk.tickets if each.station_id in desk.kitchen.shown()
            }
            await bar.press("cover", "1")
            assert "Cocina + Barra" not in await bar.see()

            # All that is to make; what the floor is told; what is left of a dish: ten, and then none.
            await bar.press("all_day")
            assert "1 Ceviche" in await bar.see()
            await bar.press("back")
            await bar.press("tell", "1")
            assert "Avisado" in await bar.see()
            assert "Avisado" in await bar.see()
            await bar.choose("Agotado")
            await bar.pick("Ceviche")
            await bar.pick("Quedan")
            await bar.press("1", "0", "bump")
            assert [left.left_milli for left in desk.left.values()] == [10_000]
            await bar.choose("Agotado")
            await bar.pick("Ceviche")
            await bar.press("1")
            assert [left.is_out for left in desk.left.values()] == [True]

            # The food log: a fridge too warm asks what was done; a floor that is not clean likewise.
            await bar.choose("Control sanitario")
            await bar.pick("Refri")
            await bar.press("9", ".", "5", "bump", "bump", *PIN, "bump")
            await bar.press("1")
            await bar.choose("Control sanitario")
            await bar.pick("Piso")
            await bar.press("bump", "bump", *PIN, "bump")
            entries = await desk.safety.of_day()
            assert [(each.value_milli, each.passed) for each in entries] == [(9_500, False), (None, True)]
            assert entries[0].action

            # Looking at what was done, the list of what waits, and the pass: out, back and out again.
            await bar.choose("Mirar comanda")
            await bar.press("back")
            assert app.screen.screen_name == "kitchen"
            desk.actor = COOK
            for ticket in [each for each in desk.tickets if each.number == "A-3"]:
                await desk.bump(ticket.id)
            desk.kitchen.take_place()
            await bar.choose("Pase")
            assert app.screen.screen_name == "expediter"
            await bar.press("bump", "bump")
            await bar.press("recall_list")
            assert "no salió" in await bar.see()
            await bar.press("station")
            assert app.screen.screen_name == "kitchen"
