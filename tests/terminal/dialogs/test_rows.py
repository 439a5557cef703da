"""Rows of a whole menu: found as they always were, and made only where somebody looks."""

from __future__ import annotations

from collections.abc import Hashable

from shared.menu.search import Names
from terminal.dialogs.questions import Choice
from terminal.dialogs.rows import IndexedRows, PlainRows, RowTiles, found_rows

NAMES = [f"Causa {at}" for at in range(20_000)]
LIME, SOLD_OUT = "Sin limón", "agotado"


def rows_of_a_menu() -> tuple[IndexedRows, list[Hashable]]:
    """Dish 7 stands first, an option behind all dishes; and the dishes whose rows were made."""
    made: list[Hashable] = []

    def make(at: Hashable) -> Choice:
        made.append(at)
        assert isinstance(at, int)
        return Choice(at, NAMES[at])

    first = [Choice(7, NAMES[7], SOLD_OUT)]
    rows = IndexedRows(first, range(len(NAMES)), lambda: Names(NAMES), make, [Choice(LIME, LIME)])
    return rows, made


def test_rows_of_a_menu_are_those_of_a_plain_list() -> None:
    rows, made = rows_of_a_menu()
    plain = PlainRows([rows[at] for at in range(len(rows))])
    assert [rows[0].id, rows[1].id, rows[7].id, rows[8].id, rows[-1].id] == [7, 0, 6, 8, LIME]
    assert len(rows) == len(NAMES) + 1, "the dish that stands first has no second row"
    for text in ("", "cau 7", "causa 199", "9999", "lim", "usa 123", "xyz"):
        (some, sure), (all_of_it, same) = (
            (each.rows, each.sure) for each in (found_rows(rows, text), found_rows(plain, text))
        )
        assert [each.id for each in some] == [each.id for each in all_of_it], text
        assert sure == same, text
    made.clear()
    assert found_rows(rows, "causa 7").sure == 0
    assert not made, "a search makes no row"


def test_only_the_tiles_on_view_are_made_and_digits_take_the_first_nine() -> None:
    rows, made = rows_of_a_menu()
    tiles = RowTiles(rows, None)
    page = tiles[1:13]
    assert [tile.hint for tile in page] == [*"23456789", "", "", "", ""]
    tile = tiles.with_hint("2")
    assert tile is not None
    assert tile.title == "Causa 0"
    assert tiles.with_hint("0") is None
    assert len(made) < 30
    renumbered = tiles.numbered({100: "1"}).with_hint("1")
    assert renumbered is not None
    assert renumbered.title == "Causa 100"
