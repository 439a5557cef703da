"""A grid of large tiles in pages, drawn as one widget: two thousand tiles cost as much as one page.

It has pages and does not scroll: tiles keep their place, and one tap turns a page. The grid needs no focus: the screen
handles the keys and calls `move`, `turn`, `choose` and `choose_by_hint`.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip

from terminal.theme.palette import Ink
from terminal.widgets.line_widget import Row, TapWidget
from terminal.widgets.text_cells import fit, width_of
from terminal.widgets.tile import EDGE, Look, Tile, tile_rows

PAGER_HEIGHT = 2
"""Least rows of the pager. It also takes the rows left below the last row of tiles."""

MOST_TILE_WIDTH, MOST_TILE_HEIGHT = 36, 12
"""Cells to which the tiles of a grid grow that shows all it has on one page."""

NOWHERE = -1
"""Index of the cursor while it is hidden. The first arrow key shows it."""


class Turn(StrEnum):
    """The two halves of the pager, as targets of a tap."""

    BACK = "back"
    ON = "on"


@dataclass(frozen=True, slots=True)
class PagerWords:
    """Words of the pager in the user's language. `place` is formatted with `page` and `pages`."""

    back: str = "◀"
    on: str = "▶"
    place: str = "{page} / {pages}"


class ItemGrid(TapWidget):
    """Tiles in rows and pages. Posts `Chosen` for an enabled tile and `Blocked` for a disabled one."""

    DEFAULT_CSS = """
    ItemGrid { width: 1fr; height: 1fr; }
    """

    @dataclass
    class Chosen(Message):
        """An enabled tile was tapped, or chosen by a key."""

        grid: ItemGrid
        tile: Tile

        @property
        def control(self) -> ItemGrid:
            """The grid, for `@on(ItemGrid.Chosen, "#items")`."""
            return self.grid

    @dataclass
    class Blocked(Message):
        """A disabled tile was tapped or chosen. The screen says why it is disabled."""

        grid: ItemGrid
        tile: Tile

        @property
        def control(self) -> ItemGrid:
            """The grid, for `@on(ItemGrid.Blocked, "#items")`."""
            return self.grid

    def __init__(
        self,
        tiles: Sequence[Tile] = (),
        *,
        least_width: int = 18,
        tile_height: int = 4,
        columns: int | None = None,
        grows: bool = False,
        words: PagerWords | None = None,
        id: str | None = None,  # noqa: A002 Textual's own name
        classes: str | None = None,
    ) -> None:
        """Make a grid.

        Args:
            tiles: what to show.
            least_width: least cells of a tile's width; there are as many columns as fit.
            tile_height: rows of a tile with its gap of half a row, at least 1.
            columns: a fixed number of columns instead.
            grows: make tiles larger while all that `make_room` asks for still fit on one page.
            words: words of the pager.
            id: Textual's id.
            classes: Textual's classes.
        """
        super().__init__(id=id, classes=classes)
        self._tiles: Sequence[Tile] = tiles
        self._least_width = least_width
        self._tile_height = tile_height
        self._columns = columns
        self._grows, self._room_for = grows, 0
        self._words = words or PagerWords()
        self._cursor = NOWHERE
        self._page = 0

    # What is shown

    @property
    def tiles(self) -> Sequence[Tile]:
        """The tiles of all pages."""
        return self._tiles

    @property
    def cursor_tile(self) -> Tile | None:
        """The tile under the cursor. None if the cursor is hidden."""
        return self._tiles[self._cursor] if 0 <= self._cursor < len(self._tiles) else None

    @property
    def page(self) -> int:
        """Number of the shown page, from 0."""
        return min(self._page, self.pages - 1)

    @property
    def pages(self) -> int:
        """Number of pages at the present size, at least one."""
        return max(1, -(-len(self._tiles) // self._per_page()))

    @property
    def on_view(self) -> Sequence[Tile]:
        """The tiles of the page on view."""
        return self._on_view()

    def set_tiles(self, tiles: Sequence[Tile], *, keep_place: bool = False, cursor: int = NOWHERE) -> None:
        """Show other tiles from the first page. With `keep_place` page and cursor stay.

        Args:
            tiles: what to show.
            keep_place: whether page and cursor stay.
            cursor: without `keep_place`, the tile of the first page on which the cursor is.
        """
        self._tiles = tiles
        if not keep_place:
            self._cursor, self._page = cursor, 0
        self._cursor = min(self._cursor, len(tiles) - 1)
        self._page = self.page
        self.redraw()

    def set_shape(self, *, least_width: int | None = None, tile_height: int | None = None) -> None:
        """Change the tiles' size."""
        self._least_width = least_width or self._least_width
        self._tile_height = tile_height or self._tile_height
        self.redraw()

    def make_room(self, tiles: int) -> None:
        """Let the size of tiles be such that so many fit, so that it is the same on every shelf of a menu."""
        if tiles != self._room_for:
            self._room_for = tiles
            self.redraw()

    # What keys do

    def move(self, across: int, down: int) -> None:
        """Move the cursor, and turn the page if needed. The first move shows it on the shown page."""
        first = self.page * self._per_page()
        step = across + down * self._column_count() if self._cursor != NOWHERE else 1
        at = self._cursor + step if self._cursor != NOWHERE else first
        while step and 0 <= at < len(self._tiles) and self._tiles[at].empty:
            at += 1 if step > 0 else -1
        if not 0 <= at < len(self._tiles) or self._tiles[at].empty:
            return
        self._cursor = at
        self._page = self._cursor // self._per_page()
        self.redraw()

    def turn(self, pages: int) -> None:
        """Turn pages forward or back. Stops at both ends."""
        self._page = max(0, min(self.page + pages, self.pages - 1))
        self._cursor = NOWHERE
        self.redraw()

    def hide_cursor(self) -> None:
        """Hide the cursor."""
        self._cursor = NOWHERE
        self.redraw()

    def choose(self) -> None:
        """Choose the tile under the cursor."""
        tile = self.cursor_tile
        if tile is not None:
            self._post(tile)

    def choose_by_hint(self, hint: str) -> bool:
        """Choose the tile with this hint, in either case, on the shown page. Returns False if there is none."""
        wanted = hint.casefold()
        for tile in self._on_view():
            if tile.hint.casefold() == wanted:
                self._post(tile)
                return True
        return False

    # What fingers do

    def target_at(self, x: int, y: int) -> Hashable | None:
        """The id of the tile at or nearest to this cell, or a half of the pager.

        By id: a tile that changed between press and release is not chosen by mistake.
        """
        tiles_end = self._rows_on_page() * self._height
        if self.pages > 1 and y >= tiles_end:
            return Turn.BACK if x < self.size.width // 2 else Turn.ON
        if y > tiles_end:
            return None
        # The gap above a tile is half a row, so every row belongs to one tile. The gap at the right is one cell and
        # belongs to the tile at its left.
        column = min(x // (self._tile_width() + 1), self._column_count() - 1)
        row = min(y // self._height, self._rows_on_page() - 1)
        shown = self._on_view()
        index = row * self._column_count() + column
        return shown[index].id if index < len(shown) and not shown[index].empty else None

    def tapped(self, target: Hashable) -> None:
        """Choose the tile or turn the page."""
        if isinstance(target, Turn):
            self.turn(-1 if target is Turn.BACK else 1)
            return
        self._cursor = NOWHERE
        for tile in self._on_view():
            if tile.id == target:
                self._post(tile)
                return

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Turn a page."""
        event.stop()
        self.turn(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Turn a page."""
        event.stop()
        self.turn(-1)

    def _post(self, tile: Tile) -> None:
        if tile.empty:
            return
        self.post_message(self.Chosen(self, tile) if tile.enabled else self.Blocked(self, tile))

    # Geometry

    def _column_count(self) -> int:
        return self._grown()[0]

    @property
    def _height(self) -> int:
        """Rows of a tile."""
        return self._grown()[1]

    def _grown(self) -> tuple[int, int]:
        """Columns and rows of a tile: the least, or the largest tiles that all fit on one page."""
        width, height = self.size
        columns = self._columns or max(1, (width + 1) // (self._least_width + 1))
        count = max(1, self._room_for, len(self._tiles))
        if not self._grows or -(-count // columns) * self._tile_height > height:
            return columns, self._tile_height
        return grown(count, width, height, columns, self._tile_height)

    def _tile_width(self) -> int:
        columns = self._column_count()
        return max(1, (self.size.width + 1) // columns - 1)

    def _rows_on_page(self) -> int:
        height = max(1, self.size.height)
        everything = -(-len(self._tiles) // self._column_count())
        if everything * self._height <= height:
            return max(1, everything)
        return max(1, (height - PAGER_HEIGHT) // self._height)

    def _per_page(self) -> int:
        return self._rows_on_page() * self._column_count()

    def _on_view(self) -> Sequence[Tile]:
        first = self.page * self._per_page()
        return self._tiles[first : first + self._per_page()]

    # Drawing

    def draw(self, width: int, height: int) -> Sequence[Row | Strip]:
        """Draw the shown page, and the pager below it if there are more pages."""
        columns, tile_width, palette = self._column_count(), self._tile_width(), self.palette
        blank = palette.page.style()
        first = self.page * self._per_page()
        shown = self._on_view()
        rows: list[Row] = []
        for start in range(0, len(shown), columns):
            drawn = [
                tile_rows(tile, tile_width, self._height, self._look(tile, first + start + at), palette)
                for at, tile in enumerate(shown[start : start + columns])
            ]
            for line in range(self._height):
                row: Row = []
                for tile in drawn:
                    row.extend(tile[line])
                    row.append(Segment(" ", blank))
                rows.append(row[:-1] if len(drawn) * (tile_width + 1) > width else row)
        if self.pages > 1:
            rows.extend([] for _ in range(self._rows_on_page() * self._height - len(rows)))
            rows.extend(self._pager(width, height - len(rows)))
        return rows

    def _look(self, tile: Tile, index: int) -> Look:
        if tile.id == self.pressed:
            return Look.PRESSED
        return Look.CURSOR if index == self._cursor else Look.RESTING

    def _pager(self, width: int, height: int) -> list[Row]:
        half = (width - 1) // 2
        back, on = self._pager_ink(Turn.BACK), self._pager_ink(Turn.ON)
        page = self.palette.page
        place = self._words.place.format(page=self.page + 1, pages=self.pages)
        onward = f"{place}   {self._words.on}"
        onward = onward if width_of(onward) <= half else self._words.on
        gap = Segment(" ", page.style())
        rows: list[Row] = [
            [Segment(EDGE * half, back.edge(page)), gap, Segment(EDGE * (width - half - 1), on.edge(page))],
        ]
        middle = (height - 1) // 2
        for line in range(height - 1):
            left = self._words.back if line == middle else ""
            right = onward if line == middle else ""
            rows.append(
                [
                    Segment(fit(left, half, "center"), back.style(bold=True)),
                    gap,
                    Segment(fit(right, width - half - 1, "center"), on.style(bold=True)),
                ]
            )
        return rows

    def _pager_ink(self, half: Turn) -> Ink:
        if self.pressed is half:
            return self.palette.pressed
        at_end = self.page == (0 if half is Turn.BACK else self.pages - 1)
        return self.palette.off if at_end else self.palette.key


def grown(count: int, width: int, height: int, columns: int, least_height: int) -> tuple[int, int]:
    """Columns and rows of the largest tiles of which so many fit on a page of this size.

    Args:
        columns: the most; as many as fit with the least width.
        least_height: rows of the smallest tile, with which all of them fit.
    """
    best, largest = (columns, least_height), 0
    for fewer in range(columns, 0, -1):
        tile_width = (width + 1) // fewer - 1
        tile_height = min(MOST_TILE_HEIGHT, height // -(-count // fewer))
        if tile_height < least_height or (tile_width > MOST_TILE_WIDTH and largest):
            break
        if tile_width * tile_height > largest:
            best, largest = (fewer, tile_height), tile_width * tile_height
    return best
