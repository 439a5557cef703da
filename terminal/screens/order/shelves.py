"""The menu's categories beside the items: which are on view, which is open, and the places of its items. Pure.

A shelf with shelves below it opens them when it is chosen: they stand in its place, after a way back. Items keep the
tiles that the menu gives them; where an item was removed, its tile stays empty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.menu.rules import Menu, MenuCategory, MenuItem
from terminal.screens.voice import Voice
from terminal.widgets.tile import Tile

BACK = "back"
"""Id of the tile that leads back to the shelves above."""
OPENS = " ›"
"""Behind the name of a shelf that has shelves below it."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category as it stands on the left.

    Attributes:
        parent: the shelf that it lies on.
        hue: its colour, that of the uppermost shelf.
        tiles: its own items at their places, then those of the shelves below it; None where a tile is empty.
        opens: whether shelves lie below it.
    """

    category: MenuCategory
    parent: UUID | None
    hue: int
    tiles: tuple[MenuItem | None, ...]
    opens: bool

    @property
    def items(self) -> tuple[MenuItem, ...]:
        """All items in it and below it."""
        return tuple(item for item in self.tiles if item is not None)


@dataclass(frozen=True, slots=True)
class Shelves:
    """The shelves of a menu.

    Attributes:
        all: in menu order, each before those below it; those without any item are left out.
        at: which of them is open.
        level: the shelf whose shelves are on view; None: the uppermost ones.
    """

    all: tuple[Shelf, ...] = ()
    at: int = 0
    level: UUID | None = None

    @property
    def open(self) -> Shelf | None:
        """The open shelf."""
        return self.all[self.at] if self.all else None

    @property
    def tiles(self) -> tuple[MenuItem | None, ...]:
        """The items of the open shelf at their places, up to the last one."""
        tiles = self.all[self.at].tiles if self.all else ()
        last = max((at for at, item in enumerate(tiles) if item is not None), default=-1)
        return tiles[: last + 1]

    def of_menu(self, menu: Menu) -> Shelves:
        """The shelves of another reading of the menu, with the same one open if it is still there."""
        new = shelves_of(menu)
        was = self.open
        at = next((at for at, shelf in enumerate(new) if was and shelf.category.id == was.category.id), 0)
        known = {shelf.category.id for shelf in new if shelf.opens}
        return Shelves(new, at, self.level if self.level in known else None)

    def chosen(self, category_id: UUID) -> Shelves:
        """With another shelf open: its shelves are on view if it has some, else those beside it."""
        at = next((at for at, shelf in enumerate(self.all) if shelf.category.id == category_id), None)
        if at is None:
            return self
        shelf = self.all[at]
        return Shelves(self.all, at, category_id if shelf.opens else shelf.parent)

    def turned(self, by: int) -> Shelves:
        """With the next shelf open, those below coming after theirs; after the last comes the first."""
        return self.chosen(self.all[(self.at + by) % len(self.all)].category.id) if self.all else self

    def back(self) -> Shelves:
        """With the shelves above on view, and the one open from which they came."""
        above = next((shelf for shelf in self.all if shelf.category.id == self.level), None)
        if above is None:
            return self
        return Shelves(self.all, self.all.index(above), above.parent)

    def shelf_tiles(self, voice: Voice) -> tuple[Tile, ...]:
        """The shelves on view; below the uppermost ones the way back comes first, then the shelf that they lie on."""
        back = (Tile(id=BACK, title=voice.texts("order.shelf_back"), hint="⌫"),) if self.level is not None else ()
        on_view = [shelf for shelf in self.all if self.level in (shelf.parent, shelf.category.id)]
        return (*back, *(self._tile(shelf) for shelf in on_view))

    def _tile(self, shelf: Shelf) -> Tile:
        opens = shelf.opens and shelf.category.id != self.level
        return Tile(
            id=shelf.category.id,
            title=f"{shelf.category.name}{OPENS}" if opens else shelf.category.name,
            hue=shelf.hue,
            selected=shelf is self.open,
        )


def shelves_of(menu: Menu) -> tuple[Shelf, ...]:
    """The categories as a tree in menu order, each with the items of its own and of those below it."""
    below: dict[UUID | None, list[MenuCategory]] = defaultdict(list)
    known = {category.id for category in menu.categories}
    for category in menu.categories:
        below[category.parent_id if category.parent_id in known else None].append(category)
    shelves: list[Shelf] = []

    def lay(category: MenuCategory, parent: UUID | None, hue: int) -> tuple[MenuItem | None, ...]:
        at = len(shelves)
        shelves.append(Shelf(category, parent, hue, (), opens=False))
        tiles, opens = placed(category.items, category.places), False
        for child in below[category.id]:
            lower = lay(child, category.id, hue)
            opens, tiles = opens or any(lower), tiles + lower
        shelves[at] = Shelf(category, parent, hue, tiles, opens)
        return tiles

    for hue, category in enumerate(below[None]):
        lay(category, None, hue)
    return tuple(shelf for shelf in shelves if any(shelf.tiles))


def placed(items: Sequence[MenuItem], places: int = 0) -> tuple[MenuItem | None, ...]:
    """Items at their places. One without a place, or whose place an earlier one has, comes after all places.

    Args:
        places: how many places there are at least, so that what comes after does not move.
    """
    at: dict[int, MenuItem] = {}
    others: list[MenuItem] = []
    for item in items:
        if item.place is None or item.place in at:
            others.append(item)
        else:
            at[item.place] = item
    count = max((places, *(place + 1 for place in at)))
    return (*(at.get(place) for place in range(count)), *others)


def hues_of(shelves: Iterable[Shelf]) -> dict[UUID, int]:
    """The colour of each category."""
    return {shelf.category.id: shelf.hue for shelf in shelves}
