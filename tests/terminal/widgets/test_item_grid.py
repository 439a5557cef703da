from __future__ import annotations

import pytest

from terminal.widgets.item_grid import ItemGrid, Turn
from terminal.widgets.line_widget import changed_regions
from terminal.widgets.tile import Tile, tile_rows

SIZE = (60, 20)


def tiles(count: int) -> list[Tile]:
    return [Tile(id=f"t{n}", title=f"Plato {n}", detail="S/ 10.00", hint=f"p{n}") for n in range(count)]


def chosen(heard) -> list[object]:
    return [message.tile.id for message in heard if isinstance(message, ItemGrid.Chosen)]


async def test_a_tap_chooses_the_tile_that_is_drawn_there(stage) -> None:
    grid = ItemGrid(tiles(9))
    async with stage(grid, SIZE) as on:
        rows = await on.grid()
        y = next(at for at, row in enumerate(rows) if "Plato 4" in row)
        await on.pilot.click(grid, offset=(rows[y].index("Plato 4"), y))
        assert chosen(await on.settled()) == ["t4"]


@pytest.mark.parametrize("size", [(60, 20), (38, 17), (81, 25)])
async def test_every_cell_of_a_full_page_belongs_to_a_tile_or_the_pager(stage, size) -> None:
    grid = ItemGrid(tiles(100))
    async with stage(grid, size):
        width, height = size
        targets = {grid.target_at(x, y) for x in range(width) for y in range(height)}
        assert None not in targets
        assert targets >= {Turn.BACK, Turn.ON, "t0"}


async def test_a_gap_belongs_to_its_neighbour(stage) -> None:
    grid = ItemGrid(tiles(9), least_width=19)
    async with stage(grid, SIZE):
        assert grid.target_at(18, 1) == "t0"
        assert grid.target_at(19, 1) == "t0"
        assert grid.target_at(20, 1) == "t1"
        assert grid.target_at(0, 3) == "t0"
        assert grid.target_at(0, 4) == "t3"


async def test_nothing_happens_on_the_empty_part_of_a_page(stage) -> None:
    grid = ItemGrid(tiles(2))
    async with stage(grid, SIZE) as on:
        await on.pilot.click(grid, offset=(5, 15))
        await on.pilot.click(grid, offset=(55, 1))
        assert chosen(await on.settled()) == []


async def test_a_finger_that_slides_off_chooses_nothing(stage) -> None:
    grid = ItemGrid(tiles(9))
    async with stage(grid, SIZE) as on:
        await on.pilot.mouse_down(grid, offset=(2, 1))
        await on.pilot.mouse_up(grid, offset=(40, 9))
        assert chosen(await on.settled()) == []
        assert grid.pressed is None


async def test_a_tile_that_came_under_the_finger_is_not_chosen(stage) -> None:
    grid = ItemGrid(tiles(9))
    async with stage(grid, SIZE) as on:
        await on.pilot.mouse_down(grid, offset=(2, 1))
        grid.set_tiles(tiles(9)[3:])
        await on.pilot.mouse_up(grid, offset=(2, 1))
        assert chosen(await on.settled()) == []


async def test_a_sold_out_tile_is_refused_and_says_its_word(stage) -> None:
    grid = ItemGrid([Tile(id=1, title="Rocoto relleno", detail="S/ 34.00", word="agotado", enabled=False)])
    async with stage(grid, SIZE) as on:
        await on.pilot.click(grid, offset=(2, 1))
        heard = await on.settled()
        assert chosen(heard) == []
        assert [message.tile.id for message in heard if isinstance(message, ItemGrid.Blocked)] == [1]
        assert any("agotado" in row for row in await on.grid())


async def test_pages_turn_by_key_and_by_tap_and_stop_at_the_ends(stage) -> None:
    grid = ItemGrid(tiles(30))
    async with stage(grid, SIZE) as on:
        assert (grid.page, grid.pages) == (0, 3)
        grid.turn(-1)
        assert grid.page == 0
        await on.pilot.click(grid, offset=(50, 18))
        assert grid.page == 1
        await on.pilot.click(grid, offset=(5, 19))
        assert grid.page == 0
        grid.turn(9)
        assert grid.page == 2
        assert any("3 / 3" in row for row in await on.grid())


async def test_the_cursor_turns_the_page_and_chooses(stage) -> None:
    grid = ItemGrid(tiles(30))
    async with stage(grid, SIZE) as on:
        assert grid.cursor_tile is None
        for _ in range(5):
            grid.move(0, 1)
        assert grid.page == 1
        grid.choose()
        assert chosen(await on.settled()) == ["t12"]


async def test_a_hint_chooses_only_what_is_on_view(stage) -> None:
    grid = ItemGrid(tiles(30))
    async with stage(grid, SIZE) as on:
        assert grid.choose_by_hint("P3")
        assert not grid.choose_by_hint("p29")
        assert chosen(await on.settled()) == ["t3"]


async def test_a_new_state_keeps_the_page_and_other_tiles_start_anew(stage) -> None:
    grid = ItemGrid(tiles(30))
    async with stage(grid, SIZE):
        grid.turn(1)
        grid.set_tiles(tiles(30), keep_place=True)
        assert grid.page == 1
        grid.set_tiles(tiles(8), keep_place=True)
        assert grid.page == 0
        grid.set_tiles([])
        grid.move(1, 0)
        grid.choose()
        assert grid.cursor_tile is None


async def test_a_changed_badge_repaints_its_cells_only(stage) -> None:
    grid = ItemGrid(tiles(9))
    async with stage(grid, SIZE):
        before = grid._drawn()
        changed = tiles(9)
        changed[4] = Tile(id="t4", title="Plato 4", detail="S/ 10.00", hint="p4", badge="×2")
        grid.set_tiles(changed, keep_place=True)
        regions = list(changed_regions(before, grid._drawn()))
        assert {region.y for region in regions} == {5}
        assert sum(region.area for region in regions) <= grid._tile_width()


async def test_two_thousand_tiles_draw_one_page_of_them(stage) -> None:
    grid = ItemGrid()
    async with stage(grid, SIZE) as on:
        tile_rows.cache_clear()
        grid.set_tiles(tiles(2000))
        await on.settled()
        assert 0 < tile_rows.cache_info().misses <= 12


@pytest.mark.parametrize("height", [1, 2, 3, 4, 5, 7])
def test_a_tile_fills_exactly_its_cells(height) -> None:
    from terminal.theme.palette import DARK, Tone
    from terminal.widgets.tile import Look

    rich = Tile(1, "炒飯 Chaufa especial de la casa", "S/ 35.00", "che", "×12", "ocupada", tone=Tone.NEW, hue=3)
    for tile in (rich, Tile(2, ""), Tile(3, "Mesa", selected=True), Tile(4, "Cau cau", enabled=False, word="agotado")):
        for width in (1, 5, 12, 18, 30):
            for look in Look:
                rows = tile_rows(tile, width, height, look, DARK)
                assert [sum(segment.cell_length for segment in row) for row in rows] == [width] * height or width < 2
                assert len(rows) == height
