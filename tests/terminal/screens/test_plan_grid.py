"""The plan of a room: tables where they stand, arrows that lead to the next one, rows where it does not fit."""

from __future__ import annotations

import pytest

from terminal.theme.palette import DARK
from terminal.widgets.plan_grid import Box, PlanDrawing, laid_out, nearest
from terminal.widgets.tile import Look, Tile

ROOM = {"a": (0, 0, 6, 3), "b": (10, 0, 6, 3), "c": (0, 6, 16, 3), "d": (20, 6, 6, 3)}
IDS = tuple(ROOM)


def test_a_room_grows_to_fill_the_screen_and_no_table_leaves_it() -> None:
    boxes = laid_out(ROOM, IDS, 78, 27)
    assert boxes is not None
    assert boxes["a"] == Box(0, 0, 18, 9)
    assert max(box.left + box.width for box in boxes.values()) == 78
    assert max(box.top + box.height for box in boxes.values()) == 27


@pytest.mark.parametrize("size", [(26, 9), (31, 10), (52, 18), (103, 40), (400, 200)])
def test_tables_that_do_not_touch_on_the_plan_do_not_overlap_on_any_screen(size: tuple[int, int]) -> None:
    boxes = laid_out(ROOM, IDS, *size)
    assert boxes is not None
    cells = [
        (x, y)
        for box in boxes.values()
        for x in range(box.left, box.left + box.width)
        for y in range(box.top, box.top + box.height)
    ]
    assert len(cells) == len(set(cells))
    assert all(x < size[0] and y < size[1] for x, y in cells)


@pytest.mark.parametrize(
    ("places", "size"),
    [(ROOM, (25, 9)), (ROOM, (26, 5)), ({**ROOM, "a": ()}, (78, 27)), ({}, (78, 27))],
    ids=["too narrow", "too low", "a table without a place", "no plan"],
)
def test_what_does_not_fit_is_no_plan(places: dict[str, tuple[int, ...]], size: tuple[int, int]) -> None:
    assert laid_out(places, IDS, *size) is None


@pytest.mark.parametrize(
    ("of", "arrow", "found"),
    [
        ("a", (1, 0), "b"),
        ("a", (0, 1), "c"),
        ("b", (-1, 0), "a"),
        ("b", (0, 1), "c"),
        ("c", (1, 0), "d"),
        ("d", (0, -1), "b"),
        ("a", (-1, 0), None),
        ("a", (0, -1), None),
    ],
)
def test_an_arrow_leads_to_the_table_that_lies_there(of: str, arrow: tuple[int, int], found: str | None) -> None:
    boxes = laid_out(ROOM, IDS, 26, 9)
    assert boxes is not None
    assert nearest(boxes, of, *arrow) == found


def test_every_table_is_reached_by_arrows() -> None:
    boxes = laid_out(ROOM, IDS, 60, 20)
    assert boxes is not None
    reached, edge = {"a"}, ["a"]
    while edge:
        at = edge.pop()
        for arrow in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            to = nearest(boxes, at, *arrow)
            if to is not None and to not in reached:
                reached.add(to)  # type: ignore[arg-type]
                edge.append(to)  # type: ignore[arg-type]
    assert reached == set(IDS)


def looks(**of: Look) -> list[tuple[Tile, Look]]:
    return [(Tile(each, each), of.get(each, Look.RESTING)) for each in IDS]


def test_a_cursor_that_moves_draws_only_the_rows_of_two_tables() -> None:
    boxes = laid_out(ROOM, IDS, 26, 9)
    assert boxes is not None
    drawing = PlanDrawing(boxes, DARK, 26, 9)
    drawing.draw(looks(a=Look.CURSOR))
    before = drawing.strips
    drawing.draw(looks(b=Look.CURSOR))
    assert [old is new for old, new in zip(before, drawing.strips, strict=True)] == [False] * 3 + [True] * 6


@pytest.mark.parametrize("size", [(26, 9), (31, 10), (103, 40)])
def test_a_plan_that_is_drawn_in_steps_looks_like_one_that_is_drawn_at_once(size: tuple[int, int]) -> None:
    boxes = laid_out(ROOM, IDS, *size)
    assert boxes is not None
    in_steps = PlanDrawing(boxes, DARK, *size)
    for tiles in (looks(), looks(c=Look.CURSOR), looks(d=Look.PRESSED), looks(a=Look.CURSOR, d=Look.PRESSED)):
        in_steps.draw(tiles)
        at_once = PlanDrawing(boxes, DARK, *size)
        at_once.draw(tiles)
        assert in_steps.strips == at_once.strips
        assert {strip.cell_length for strip in in_steps.strips} == {size[0]}
