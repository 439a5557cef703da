"""Screens grow with the terminal: more room never shows less, and what is owed is the largest figure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from terminal.comfort.settings import Comfort, Comforts
from terminal.screens.till import shares_of
from terminal.theme.palette import DARK
from terminal.widgets.item_grid import grown
from terminal.widgets.tile import Look, Tile, tile_rows
from tests.terminal.screens.paper_desk import busy_desk
from tests.terminal.screens.paper_house import PaperState
from tests.terminal.screens.till import driven

WIDTHS = range(80, 201)
DAY_MS = 86_400_000
SIZES = [(80, 24), (99, 29), (100, 30), (119, 36), (120, 36), (160, 48), (200, 60)]


def columns(width: int) -> int:
    shares = shares_of(width)
    return (width - shares.shelves - shares.side - 2 + 1) // (shares.least_tile + 1)


def test_a_wider_screen_has_no_fewer_columns() -> None:
    fewer = [width for width in WIDTHS[1:] if columns(width) < columns(width - 1)]
    assert fewer == []
    assert (columns(80), columns(200)) == (2, 5)


async def test_a_larger_screen_shows_no_fewer_dishes_and_no_smaller_tiles() -> None:
    dishes = [Tile(at, f"dish {at}") for at in range(500)]
    async with driven(busy_desk(), script="1234\n7\n", size=SIZES[0]) as till:
        counts = []
        for size in SIZES:
            await till.pilot.resize_terminal(*size)
            await till.settled()
            till.app.screen.tiles.set_tiles(dishes)
            await till.settled()
            counts.append(till.app.screen.tiles._per_page())
    assert counts == sorted(counts)
    assert counts[0] == 8


@pytest.mark.parametrize("count", [1, 3, 5, 8, 16, 40])
@pytest.mark.parametrize(("width", "height"), [(56, 30), (112, 52)])
def test_tiles_grow_while_all_of_them_fit(count: int, width: int, height: int) -> None:
    most = (width + 1) // 19
    across, rows = grown(count, width, height, most, 4)
    assert across <= most
    assert rows >= 4
    if -(-count // most) * 4 <= height:
        assert -(-count // across) * rows <= height, "all of them are on the page"


async def test_tiles_are_as_large_on_every_shelf_and_while_one_searches() -> None:
    async with driven(busy_desk(), script="1234\n7\n", size=(200, 60)) as till:
        grid = till.app.screen.tiles
        before = (grid._column_count(), grid._height)
        await till.press("tab")
        assert (grid._column_count(), grid._height) == before
        await till.type("lom")
        assert (grid._column_count(), grid._height) == before
        assert before[1] > 4


def test_a_large_tile_shows_its_amount_in_large_digits_and_seats_quietly() -> None:
    amount = tile_rows(Tile(1, "Lomo saltado", detail="S/ 38.00", hint="lom"), 34, 8, Look.RESTING, DARK)
    text = "\n".join("".join(segment.text for segment in row) for row in amount)
    assert "█" in text
    assert "S/" in text
    assert "lom" in text
    assert len(amount) == 8
    free = tile_rows(Tile(1, "Mesa 7", detail="4 sillas"), 34, 8, Look.RESTING, DARK)
    assert "4 sillas" in "".join(segment.text for row in free for segment in row)


@pytest.mark.parametrize("size", [(120, 36), (200, 60)])
async def test_the_sum_of_all_tables_is_not_shown_large_and_what_a_guest_owes_is(size) -> None:
    async with driven(busy_desk(), script="1234\n", size=size) as till:
        assert "705.00" not in await till.grid(), "what all tables owe is nobody's business at the till"
        await till.type("7\n")
        assert "TOTAL" in await till.grid()
        assert "175.00" not in (await till.grid()).split("TOTAL")[-1], "the total is in big digits"


async def test_large_figures_show_the_total_large_on_the_smallest_screen() -> None:
    large = Comforts(device=Comfort(large=True))
    async with driven(busy_desk(), script="1234\n7\n", size=(80, 24), comforts=large) as till:
        assert "175.00" not in (await till.grid()).split("TOTAL")[-1]


async def test_large_figures_are_there_as_soon_as_they_are_chosen() -> None:
    async with driven(busy_desk(), script="1234\n7\n", size=(80, 24)) as till:
        await till.type(":color\n")
        await till.press("5", "escape")
        assert "175.00" not in (await till.grid()).split("TOTAL")[-1]


@pytest.mark.parametrize("script", ["", "1234\n", "1234\n7\n"], ids=["log-in", "floor", "order"])
async def test_a_clock_that_is_a_day_off_is_said_large(script) -> None:
    wrong = replace(PaperState(), clock_trouble=True, skew_ms=DAY_MS)
    async with driven(busy_desk(state=wrong), script=script, size=(120, 36)) as till:
        grid = " ".join((await till.grid()).split())
        assert "15/03" in grid, "what is true"
        assert "█" in grid
        till.desk.state = replace(wrong, skew_ms=0)
        till.desk.publish("state")
        assert "15/03" not in await till.grid()
