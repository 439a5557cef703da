"""The menu beside the items: places that stay, shelves that open shelves, and the way back."""

from __future__ import annotations

from dataclasses import replace

from shared.menu.rules import MenuItem
from terminal.screens.order.shelves import Shelves, placed
from tests.terminal.screens.paper_dishes import CHEESE, COMBO, COUNTER, ON_REQUEST, OTHERS, dishes_desk
from tests.terminal.screens.paper_menu import menu_of, paper_menu
from tests.terminal.screens.till import DrivenTill, driven

MENU = paper_menu()
CASHIER = "1234\n7\n"


def names(items: tuple[MenuItem | None, ...]) -> list[str]:
    return [item.code if item else "" for item in items]


def shelf_names(till: DrivenTill) -> list[str]:
    return [tile.title for tile in till.app.screen.shelves.tiles]


def chosen(till: DrivenTill) -> str:
    return next(tile.title for tile in till.app.screen.shelves.tiles if tile.selected)


def tile_codes(till: DrivenTill) -> list[str]:
    return [tile.hint or tile.word for tile in till.app.screen.tiles.tiles]


async def tap_shelf(till: DrivenTill, title: str) -> None:
    grid = till.app.screen.shelves
    grid.tapped(next(tile.id for tile in grid.tiles if tile.title.startswith(title)))
    await till.settled()


# -- places ----------------------------------------------------------------------------------------------------------


def test_an_item_stands_at_its_place_and_others_come_after_all_places() -> None:
    free = replace(COMBO, place=None)
    assert names(placed((OTHERS, free, CHEESE))) == ["que", "", "otr", "com"]
    assert names(placed((CHEESE, replace(OTHERS, place=0)))) == ["que", "otr"], "one place, two items"
    assert names(placed((CHEESE,), 3)) == ["que", "", ""], "where removed ones stood"


def test_what_lies_below_does_not_move_when_something_above_is_removed() -> None:
    whole = Shelves().of_menu(MENU)
    fondos = next(shelf for shelf in whole.all if shelf.category.name == "Fondos")
    own = tuple(replace(item, place=at) for at, item in enumerate(fondos.category.items))
    for kept in (own, own[:-1], own[3:]):
        menu = menu_of(
            [
                replace(each, items=kept, places=len(own)) if each == fondos.category else each
                for each in MENU.categories
            ]
        )
        shelf = next(shelf for shelf in Shelves().of_menu(menu).all if shelf.category.name == "Fondos")
        assert names(shelf.tiles).index("bif") == len(own)


async def test_a_tile_keeps_its_place_when_a_neighbour_is_sold_out_or_removed() -> None:
    desk = dishes_desk()
    async with driven(desk, script=CASHIER) as till:
        await tap_shelf(till, "Mostrador")
        assert tile_codes(till) == ["que", "", "otr", "", "com", "cor"]
        before = [tile.id for tile in till.app.screen.tiles.tiles]
        desk.availability.say(CHEESE.id)
        desk.publish("left")
        await till.settled()
        assert [tile.id for tile in till.app.screen.tiles.tiles] == before
        without = replace(COUNTER, items=(OTHERS, ON_REQUEST))
        desk.menu = menu_of([*paper_menu().categories, without])
        desk.publish("menu")
        await till.settled()
        assert tile_codes(till) == ["", "", "otr", "", "", "cor"]
        assert chosen(till) == "Mostrador", "the open shelf stays open"


async def test_arrows_and_taps_pass_over_empty_places() -> None:
    desk = dishes_desk()
    async with driven(desk, script=CASHIER) as till:
        await tap_shelf(till, "Mostrador")
        tiles = till.app.screen.tiles
        await till.press("right", "right")
        assert tiles.cursor_tile is not None
        assert tiles.cursor_tile.id == OTHERS.id
        await till.press("right", "left", "left")
        assert tiles.cursor_tile.id == CHEESE.id
        await till.press("left")
        assert tiles.cursor_tile.id == CHEESE.id
        empty = tiles.tiles[1]
        tiles.tapped(empty.id)
        await till.settled()
        assert not desk.orders
        assert all(tiles.target_at(x, y) != empty.id for x in range(60) for y in range(12))


# -- nested categories -----------------------------------------------------------------------------------------------


async def test_a_shelf_opens_the_shelves_below_it_and_back_leads_up_again() -> None:
    async with driven(script=CASHIER) as till:
        top = ["Para picar", "Ceviches", "Fondos ›", "Postres", "Bebidas ›"]
        assert shelf_names(till) == top
        await tap_shelf(till, "Fondos")
        assert shelf_names(till) == ["◀ Volver", "Fondos", "Parrilla"]
        assert (chosen(till), "bif" in tile_codes(till)) == ("Fondos", True), "with all that lies below"
        await tap_shelf(till, "Parrilla")
        assert (chosen(till), tile_codes(till)) == ("Parrilla", ["bif", "asa", "par"])
        await tap_shelf(till, "◀")
        assert (shelf_names(till), chosen(till)) == (top, "Fondos ›")
        await tap_shelf(till, "Postres")
        assert (shelf_names(till), chosen(till)) == (top, "Postres")


async def test_by_keys_tab_walks_through_all_shelves_and_backspace_goes_back() -> None:
    async with driven(script=CASHIER) as till:
        walked = []
        for _press in range(8):
            walked.append(chosen(till).removesuffix(" ›"))
            await till.press("tab")
        everything = ["Para picar", "Ceviches", "Fondos", "Parrilla", "Postres", "Bebidas", "Cocteles"]
        assert walked == [*everything, "Para picar"]
        await till.press("tab", "tab")
        assert (chosen(till), shelf_names(till)[0]) == ("Parrilla", "◀ Volver")
        await till.type("lo")
        await till.press("backspace")
        assert shelf_names(till)[0] == "◀ Volver", "first what is typed"
        await till.press("backspace", "backspace")
        assert chosen(till) == "Fondos ›"
        await till.press("shift+tab")
        assert chosen(till) == "Ceviches"


def test_the_open_shelf_stays_open_while_the_menu_changes_and_another_opens_if_it_is_gone() -> None:
    shelves = Shelves().of_menu(MENU)
    grill = next(shelf.category.id for shelf in shelves.all if shelf.category.name == "Parrilla")
    opened = shelves.chosen(grill)
    assert opened.of_menu(MENU) == opened
    gone = menu_of([each for each in MENU.categories if each.id != grill])
    assert (opened.of_menu(gone).at, opened.of_menu(gone).level) == (0, None)
    assert Shelves().back() == Shelves().turned(1) == Shelves().chosen(grill) == Shelves()
    assert opened.back().back() == opened.back()
