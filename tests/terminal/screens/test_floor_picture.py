"""The floor's tiles are drawn once, and again when the desk or the minute is another one."""

from __future__ import annotations

import pytest
from restaurant import CASHIER, NOON, HandClock

from shared.orders.records import OrderKind
from terminal.screens.floor.picture import FloorPicture
from terminal.screens.spots import spots_at
from terminal.widgets.tile import Tile
from tests.faults.till_on_disk import TillOnDisk


def tiles_of(picture: FloorPicture, desk, *, on_plan: bool = False) -> tuple[Tile, ...]:
    spots = spots_at(desk.tables, desk.orders.values())
    return tuple(picture.tiles(spots, on_plan=on_plan).values())


async def test_a_key_draws_no_tile_anew(till: TillOnDisk) -> None:
    async with till.desk(HandClock(NOON)) as desk:
        first = FloorPicture.of(desk, None)
        again = FloorPicture.of(desk, first)
        before, after = tiles_of(first, desk), tiles_of(again, desk)
        assert before
        assert all(old is new for old, new in zip(before, after, strict=True))
        assert again.meant("1") is first.meant("1")


async def test_what_comes_from_the_desk_is_on_the_next_picture(till: TillOnDisk) -> None:
    async with till.desk(HandClock(NOON)) as desk:
        desk.actor = CASHIER
        first = FloorPicture.of(desk, None)
        free = tiles_of(first, desk)
        await desk.floor.seat(desk.tables[0].id, 4)
        changed = tiles_of(FloorPicture.of(desk, first), desk)
        assert [old == new for old, new in zip(free, changed, strict=True)] == [False] + [True] * (len(free) - 1)


async def test_ages_move_on_with_the_minute(till: TillOnDisk) -> None:
    clock = HandClock(NOON)
    async with till.desk(clock) as desk:
        desk.actor = CASHIER
        await desk.floor.seat(desk.tables[0].id, 4)
        first = FloorPicture.of(desk, None)
        assert tiles_of(first, desk)[0].badge == ""
        clock.pass_time(minutes=1)
        assert tiles_of(FloorPicture.of(desk, first), desk)[0].badge == "1'"


@pytest.mark.parametrize("typed_first", [True, False])
async def test_an_order_that_is_typed_by_its_number_is_another_tile_than_its_table(
    till: TillOnDisk, *, typed_first: bool
) -> None:
    async with till.desk(HandClock(NOON)) as desk:
        desk.actor = CASHIER
        table, dish = desk.tables[0].id, next(item for item in desk.menu.items.values() if item.name == "Ceviche")
        for _order in range(2):
            await desk.add_line(await desk.open_order(OrderKind.DINE_IN, table, 2), dish)
        picture = FloorPicture.of(desk, None)
        (number, *_) = (order.number for order in desk.orders.values())

        def alone() -> str:
            (tile,) = picture.tiles(picture.meant(number).spots[:1], on_plan=False).values()
            return tile.hint

        of_both = "4"
        if typed_first:
            assert of_both not in alone()
        assert of_both in tiles_of(picture, desk)[0].hint
        assert of_both not in alone()
