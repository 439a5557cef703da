"""What a table is at a glance: each state has a letter of its own, and what presses most is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.orders.records import OrderKind
from terminal.screens.floor.states import HUES, Around, FloorState, around, letter_of
from terminal.screens.floor.view import spot_tile
from terminal.screens.spots import Spot, spots_at
from terminal.theme.palette import Tone
from terminal.theme.wardrobe import PALETTES
from terminal.widgets.check_lines import LineState
from terminal.widgets.tile import Look, Tile, tile_rows
from tests.terminal.looks.test_plan_looks import evening
from tests.terminal.screens.paper_desk import busy_desk
from tests.terminal.screens.paper_house import NOON


def test_each_state_has_its_own_letter_but_what_is_wrong_and_what_waits() -> None:
    letters = [letter_of(state) for state in FloorState if state is not FloorState.WRONG]
    assert len(set(letters)) == len(letters)
    assert letter_of(FloorState.FREE) == ""


def test_what_goes_on_by_itself_has_a_hue_for_each_state_that_is_seen_from_afar() -> None:
    assert len(set(HUES.values())) == len(HUES)
    for palette in PALETTES.values():
        edges = set()
        for hue in HUES.values():
            tile = Tile(id=1, title="7", word="w", mark="S", hue=hue, loud=True)
            edge, head, *_ = tile_rows(tile, 20, 5, Look.RESTING, palette)
            edges.add(edge[0].style.color)
            assert head[0].text == "▌"
        assert len(edges) == len(HUES), palette.name


@pytest.mark.parametrize(
    ("minutes", "mark", "tone"), [(9, "S", Tone.PLAIN), (10, "!", Tone.WARN)], ids=["for a while", "too long"]
)
def test_guests_who_have_not_ordered_are_seated_and_then_wait_too_long(desk, voice, minutes, mark, tone) -> None:
    order = replace(desk.order(OrderKind.DINE_IN, 1, ago=minutes), guests=2)
    tile = spot_tile(Spot(desk.tables[0], (order,)), voice, {})
    assert (tile.mark, tile.tone, tile.loud, tile.detail) == (mark, tone, True, "")


def test_what_the_kitchen_has_had_for_half_an_hour_waits_too_long(desk, voice) -> None:
    order = desk.order(OrderKind.DINE_IN, 1, "lom", "sent", ago=40)
    for minutes, mark in ((29, "›"), (30, "!")):
        known = Around(cooking_since={order.id: NOON - timedelta(minutes=minutes)})
        tile = spot_tile(Spot(desk.tables[0], (order,)), voice, {order.id: LineState.STARTED}, known=known)
        assert tile.mark == mark


def test_what_is_paid_and_not_served_says_so_and_is_not_free(desk, voice) -> None:
    order = desk.order(OrderKind.DINE_IN, 1, "lom", "sent")
    desk._settle(order, "pay")
    (paid,) = desk.orders.values()
    tile = spot_tile(Spot(desk.tables[0], (paid,)), voice, {paid.id: LineState.STARTED})
    assert (tile.mark, tile.detail, tile.loud) == ("¤", "pagado", True)


def test_tables_where_nobody_sits_are_quiet_and_all_others_are_not(voice) -> None:
    desk = evening()
    known = around(desk.reservations, desk.tickets, desk.now())
    tiles = {
        spot.table.name: spot_tile(spot, voice, {}, known=known)
        for spot in spots_at(desk.tables, desk.orders.values())
        if spot.table
    }
    assert {name for name, tile in tiles.items() if tile.quiet and tile.tone is Tone.PLAIN} == {
        "Mesa 1",
        "Mesa 3",
        "Mesa 4",
        "Mesa 6",
        "Mesa 8",
        "Mesa 12",
        "Mesa 13",
        "Mesa 15",
        "Mesa 16",
    }
    assert (tiles["Mesa 12"].mark, tiles["Mesa 12"].word) == ("R", "Rosa Quispe")
    assert tiles["Mesa 6"].mark == "X", "nobody is to look there"
    assert tiles["Mesa 4"].mark == "", "a reservation for later keeps no table yet"


def test_a_table_that_was_promised_twice_is_marked(voice) -> None:
    desk = evening()
    first = desk.reservations[0]
    twice = replace(first, id=desk.reservations[1].id, at=first.at + timedelta(minutes=30))
    known = around((first, twice), (), desk.now())
    table = next(table for table in desk.tables if table.id == first.table_id)
    tile = spot_tile(Spot(table, ()), voice, {}, known=known)
    assert (tile.tone, tile.word) == (Tone.LATE, "reservada dos veces")


def test_tables_that_sit_together_are_one_and_say_so(voice) -> None:
    desk = busy_desk()
    one, two = (desk.order(OrderKind.DINE_IN, table, "lom", "sent") for table in (3, 4))
    desk.orders[two.id] = replace(desk.orders[two.id], joined=(_party(one),))
    del desk.orders[one.id]
    spots = {spot.table.name: spot for spot in spots_at(desk.tables, desk.orders.values()) if spot.table}
    joined, end = (spot_tile(spots[name], voice, {}) for name in ("Mesa 3", "Mesa 4"))
    assert (joined.mark, joined.word, joined.detail) == ("+", "con Mesa 4", "")
    assert end.title == "Mesa 4 + Mesa 3"


def _party(order):
    from shared.books.views import JoinedParty

    return JoinedParty(order.id, order.number, order.table_id, order.table_name, order.guests)
