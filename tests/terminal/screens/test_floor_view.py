from __future__ import annotations

import pytest

from shared.orders.records import OrderKind
from shared.orders.whole import price_bill
from shared.truth.balances import CheckState
from terminal.screens.floor.view import (
    floor_shelves,
    orders_view,
    shelf_tiles,
    spot_tile,
    spots_of,
)
from terminal.screens.order.in_kitchen import being_made
from terminal.screens.spots import Spot, TypedTarget, meant, read_target
from terminal.theme.palette import Tone
from tests.terminal.screens.paper_desk import busy_desk, with_check


def shown(spots) -> list[str]:
    return [spot.table.name if spot.table else spot.orders[0].number for spot in spots]


def test_shelves_are_all_tables_each_space_and_the_kinds_with_their_count(voice) -> None:
    desk = busy_desk()
    tiles = shelf_tiles(floor_shelves(desk.tables, desk.orders.values(), voice), 0)
    assert [(tile.title, tile.badge) for tile in tiles] == [
        ("Todas", ""),
        ("Salón", ""),
        ("Terraza", ""),
        ("Para llevar", "1"),
        ("Delivery", "1"),
    ]


def test_a_floor_of_one_space_has_no_shelf_for_it(desk, voice) -> None:
    one = [table for table in desk.tables if table.space_name == "Salón"]
    assert [shelf.title for shelf in floor_shelves(one, [], voice)] == ["Todas", "Para llevar", "Delivery"]


def test_tables_stay_in_their_places_whatever_happens_at_them(voice) -> None:
    desk = busy_desk()
    shelves = floor_shelves(desk.tables, desk.orders.values(), voice)
    assert shown(spots_of(shelves[0], desk.tables, desk.orders.values())) == [table.name for table in desk.tables]
    assert shown(spots_of(shelves[2], desk.tables, desk.orders.values())) == [f"Mesa {n}" for n in (13, 14, 15, 16)]
    assert shown(spots_of(shelves[3], desk.tables, desk.orders.values())) == ["A-3"]


def test_a_table_whose_guests_paid_twice_is_not_free_and_says_how_much_goes_back(desk, voice) -> None:
    order = desk.order(OrderKind.DINE_IN, 7, "lom", "sent")
    bill = price_bill([])
    twice = with_check(order, state=CheckState.TO_GIVE_BACK, bill=bill, credit_minor=3_800, receipts=2)
    tile = spot_tile(Spot(desk.tables[6], (twice,)), voice, {})
    assert (tile.tone, tile.word, tile.detail) == (Tone.LATE, "devolver", "-S/ 38.00")
    other = desk.order(OrderKind.DINE_IN, 7, "cau", "sent")
    tile = spot_tile(Spot(desk.tables[6], (twice, other)), voice, {})
    assert (tile.word, tile.detail) == ("devolver", "S/ 24.00"), "what is wrong is said before how many orders wait"


def test_a_table_shows_state_amount_and_age(voice) -> None:
    desk = busy_desk()
    shelves = floor_shelves(desk.tables, desk.orders.values(), voice)
    spots = spots_of(shelves[0], desk.tables, desk.orders.values())
    cooking = being_made(desk.tickets, desk.orders)
    tiles = {tile.title: tile for tile in (spot_tile(spot, voice, cooking) for spot in spots)}
    free, ready, busy = tiles["Mesa 1"], tiles["Mesa 2"], tiles["Mesa 7"]
    assert (free.tone, free.detail, free.badge) == (Tone.PLAIN, "4 sillas", "")
    assert (ready.tone, ready.word, ready.detail, ready.badge) == (Tone.READY, "listo", "S/ 109.00", "48'")
    assert (busy.tone, busy.word) == (Tone.NEW, "por enviar")


def test_a_table_with_an_empty_order_is_free(desk, voice) -> None:
    desk.order(OrderKind.DINE_IN, 1)
    shelf = floor_shelves(desk.tables, desk.orders.values(), voice)[0]
    tile = spot_tile(spots_of(shelf, desk.tables, desk.orders.values())[0], voice, {})
    assert tile.tone is Tone.PLAIN


def test_two_orders_at_one_table_are_counted_and_summed(desk, voice) -> None:
    desk.order(OrderKind.DINE_IN, 1, "lom", ago=9)
    desk.order(OrderKind.DINE_IN, 1, "cau", "sent")
    shelf = floor_shelves(desk.tables, desk.orders.values(), voice)[0]
    tile = spot_tile(spots_of(shelf, desk.tables, desk.orders.values())[0], voice, {})
    assert (tile.word, tile.detail, tile.badge) == ("2 pedidos", "S/ 62.00", "9'")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("7", "Mesa 7"),
        ("1", "Mesa 1"),
        ("16", "Mesa 16"),
        ("mesa 12", "Mesa 12"),
        ("a-6", "A-6"),
        ("A-3", "A-3"),
        ("a6", "A-6"),
        ("a 6", "A-6"),
    ],
)
def test_a_number_opens_its_table(text, first) -> None:
    desk = busy_desk()
    found = meant(text, desk.tables, desk.orders.values())
    assert found.sure is not None
    assert shown([found.sure]) == [first]


@pytest.mark.parametrize("text", ["mesa", "me", "-", "0"])
def test_what_may_be_several_is_shown_and_not_guessed(text) -> None:
    desk = busy_desk()
    found = meant(text, desk.tables, desk.orders.values())
    assert found.sure is None
    assert bool(found.spots) == (text != "-")


def test_a_number_means_no_table_whose_name_merely_holds_it() -> None:
    desk = busy_desk()
    tables = [table for table in desk.tables if table.name == "Mesa 12"]
    found = meant("2", tables, [])
    assert shown(found.spots) == ["Mesa 12"]
    assert found.sure is None


def test_what_nothing_is_called_is_not_found() -> None:
    desk = busy_desk()
    assert meant("barra", desk.tables, desk.orders.values()).spots == ()
    assert meant("", desk.tables, desk.orders.values()).spots == ()


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("7", TypedTarget("7")),
        ("4*7", TypedTarget("7", 4)),
        (" 4 * mesa 7 ", TypedTarget("mesa 7", 4)),
        ("0*7", TypedTarget("0*7")),
        ("9999*7", TypedTarget("9999*7")),
        ("x*7", TypedTarget("x*7")),
    ],
)
def test_guests_are_typed_before_the_table(text, target) -> None:
    assert read_target(text) == target


def test_the_list_holds_everything_open_oldest_first(voice) -> None:
    view = orders_view(busy_desk().orders.values(), voice, {})
    assert [line.quantity for line in view.lines] == ["A-1", "A-2", "A-3", "A-4", "A-5", "A-6", "A-7"]
    assert (view.number, view.total) == ("7", "7")
