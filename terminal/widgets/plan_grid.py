"""Tiles where their tables stand in the room, drawn as one widget; a plain grid of pages where the room does not fit.

Places are in cells of the plan. It grows to fill the widget; if its smallest table has no room for its name then, or a
tile has no place, the tiles stand in rows and pages as in any grid.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from rich.segment import Segment
from textual.strip import Strip

from terminal.theme.palette import Palette
from terminal.widgets.item_grid import NOWHERE, ItemGrid
from terminal.widgets.line_widget import Row
from terminal.widgets.tile import Look, Tile, tile_rows

LEAST_WIDTH, LEAST_HEIGHT = 6, 2
"""A smaller table shows neither its name nor its state."""
MOST_STRETCH = 4.0
"""A room of few tables is not stretched beyond it: tables would be far from each other."""


class Box(NamedTuple):
    """The cells of a tile on the screen."""

    left: int
    top: int
    width: int
    height: int

    def distance(self, x: int, y: int) -> int:
        """How far a cell is from it, a row counting as two columns; 0 inside."""
        across = max(self.left - x, 0, x - (self.left + self.width - 1))
        down = max(self.top - y, 0, y - (self.top + self.height - 1))
        return across + 2 * down

    @property
    def middle(self) -> tuple[float, float]:
        """Its middle."""
        return self.left + self.width / 2, self.top + self.height / 2


Places = Mapping[Hashable, Sequence[int]]
"""Left, top, width and height on the plan, by the id of the tile."""
NO_PLACES: Places = MappingProxyType({})


def laid_out(places: Places, ids: Sequence[Hashable], width: int, height: int) -> dict[Hashable, Box] | None:
    """The boxes of tiles in an area of cells. None if a tile has no place, or one would be too small."""
    if not ids or any(not places.get(each) for each in ids):
        return None
    wide = max(places[each][0] + places[each][2] for each in ids)
    high = max(places[each][1] + places[each][3] for each in ids)
    across, down = min(MOST_STRETCH, width / wide), min(MOST_STRETCH, height / high)
    boxes = {}
    for each in ids:
        left, top, of_width, of_height = places[each]
        begin, over = int(left * across), int(top * down)
        box = Box(begin, over, int((left + of_width) * across) - begin, int((top + of_height) * down) - over)
        if box.width < LEAST_WIDTH or box.height < LEAST_HEIGHT:
            return None
        boxes[each] = box
    return boxes


def nearest(boxes: Mapping[Hashable, Box], of: Hashable, across: int, down: int) -> Hashable | None:
    """The tile that lies next in a direction; None at the edge of the room."""
    x, y = boxes[of].middle
    ranked = []
    for each, box in boxes.items():
        to_x, to_y = box.middle[0] - x, box.middle[1] - y
        ahead, aside = (to_x * across, abs(to_y) * 4) if across else (to_y * down * 2, abs(to_x))
        if ahead > 0:
            ranked.append((ahead + aside, box.top, box.left, each))
    return min(ranked, key=lambda each: each[:3])[3] if ranked else None


class PlanDrawing:
    """A plan as it was drawn last: of the next drawing only the rows of tiles are made that look different.

    Attributes:
        boxes: where the tiles stand. Another plan is another drawing.
        palette: its inks.
        strips: the rows.
    """

    def __init__(self, boxes: Mapping[Hashable, Box], palette: Palette, width: int, height: int) -> None:
        self.boxes, self.palette = boxes, palette
        self._width = width
        self._blank = palette.page.style()
        self._drawn: Sequence[tuple[Tile, Look]] = ()
        self.strips = [Strip.blank(width, self._blank)] * height
        self._across: list[list[tuple[Box, int]]] = [[] for _ in range(height)]
        for at, box in enumerate(boxes.values()):
            for y in range(box.top, min(box.top + box.height, height)):
                self._across[y].append((box, at))
        for boxes_across in self._across:
            boxes_across.sort(key=lambda each: each[0].left)

    def draw(self, tiles: Sequence[tuple[Tile, Look]]) -> None:
        """Draw these tiles, each with its look, in the order of the boxes."""
        before, self._drawn = self._drawn, tiles
        boxes = enumerate(self.boxes.values())
        others = [box for at, box in boxes if not before or before[at] != tiles[at]]
        stale = {y for box in others for y in range(box.top, min(box.top + box.height, len(self.strips)))}
        if stale:
            # A new list: who holds the one of before compares with it.
            self.strips = [self._row(y) if y in stale else strip for y, strip in enumerate(self.strips)]

    def _row(self, y: int) -> Strip:
        row, x = list[Segment](), 0
        for box, at in self._across[y]:
            if box.left > x:
                row.append(Segment(" " * (box.left - x), self._blank))
            tile, look = self._drawn[at]
            row.extend(tile_rows(tile, box.width, box.height, look, self.palette)[y - box.top])
            x = box.left + box.width
        return Strip(row).adjust_cell_length(self._width, self._blank)


class PlanGrid(ItemGrid):
    """An `ItemGrid` that can lay its tiles out as the plan of a room."""

    _places: Places = NO_PLACES
    _laid: tuple[object, dict[Hashable, Box] | None] = (None, None)
    _drawing: PlanDrawing | None = None

    def show_plan(
        self, tiles: Sequence[Tile], places: Places, *, keep_place: bool = False, cursor: int = NOWHERE
    ) -> None:
        """Show tiles at their places; without any, in rows and pages. The rest as in `set_tiles`."""
        self._places = places
        self.set_tiles(tiles, keep_place=keep_place, cursor=cursor)

    @property
    def is_plan(self) -> bool:
        """Whether the tiles stand at their places now."""
        return self._boxes() is not None

    @property
    def pages(self) -> int:
        """A plan has one page."""
        return 1 if self.is_plan else super().pages

    def move(self, across: int, down: int) -> None:
        """Move the cursor to the table that lies in this direction."""
        boxes = self._boxes()
        if boxes is None:
            super().move(across, down)
            return
        if self._cursor == NOWHERE:
            self._cursor = 0
        elif (across or down) and (tile := self.cursor_tile) is not None:
            found = nearest(boxes, tile.id, across, down)
            ids = [each.id for each in self._tiles]
            self._cursor = self._cursor if found is None else ids.index(found)
        self.redraw()

    def target_at(self, x: int, y: int) -> Hashable | None:
        """The table at or nearest to this cell."""
        boxes = self._boxes()
        if boxes is None:
            return super().target_at(x, y)
        return min(boxes, key=lambda each: boxes[each].distance(x, y))

    def draw(self, width: int, height: int) -> Sequence[Row | Strip]:
        """Draw the tables where they stand; rows whose tables look as before stay the strips that they were."""
        boxes = self._boxes()
        if boxes is None:
            return super().draw(width, height)
        kept = self._drawing
        if kept is None or kept.boxes is not boxes or kept.palette is not self.palette:
            kept = self._drawing = PlanDrawing(boxes, self.palette, width, height)
        kept.draw([(tile, self._look(tile, at)) for at, tile in enumerate(self._tiles)])
        return kept.strips

    def _boxes(self) -> dict[Hashable, Box] | None:
        """The boxes at the present size, laid out anew only if tiles or size are others.

        They outlast the lists that are shown between: whoever deletes what was typed comes back to the same plan.
        """
        if not self._places:
            return None
        ids = tuple(each.id for each in self._tiles)
        key = (ids, self._places, self.size)
        if self._laid[0] != key:
            self._laid = (key, laid_out(self._places, ids, self.size.width, self.size.height))
        return self._laid[1]
