"""The rows of a list that letters filter: as a question brings them, or those of a whole menu. Pure.

Rows of a menu are made when they are looked at, and found by the index with which the menu is searched: a list of
20,000 dishes costs as much as a page of it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import overload

from shared.menu.search import Fit, Names, Typed
from terminal.dialogs.questions import Choice
from terminal.widgets.tile import Tile

HINTS = "123456789"


class Rows(Sequence[Choice]):
    """Rows that can be searched."""

    has_keys = False
    """Whether some have keys of their own."""

    @overload
    def __getitem__(self, at: int) -> Choice: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Choice]: ...
    def __getitem__(self, at: int | slice) -> Choice | Sequence[Choice]:
        """A row, or some of them."""
        if isinstance(at, slice):
            return [self.row(each) for each in range(*at.indices(len(self)))]
        return self.row(range(len(self))[at])

    def row(self, at: int) -> Choice:
        """The row at a place, from 0."""
        raise NotImplementedError

    def fits(self, typed: Typed) -> list[tuple[int, Fit]]:
        """The places of the rows that a text with a word fits, in order, and how well it does."""
        raise NotImplementedError


class PlainRows(Rows):
    """Rows as a question brings them."""

    def __init__(self, choices: Sequence[Choice]) -> None:
        self._choices = tuple(choices)
        self.has_keys = any(each.key is not None for each in self._choices)

    def __len__(self) -> int:
        return len(self._choices)

    def row(self, at: int) -> Choice:
        """The row at a place, from 0."""
        return self._choices[at]

    @cached_property
    def _other_names(self) -> tuple[Names, list[int], list[Fit]]:
        """What rows are called besides, of which row each name is, and how well it fits at best.

        Last all names of a row as one: some words of a text may be of its title, some of another name.
        """
        names: list[tuple[str, int, Fit]] = []
        for at, each in enumerate(self._choices):
            if each.also:
                names += [(name, at, Fit.BEGINNINGS) for name in each.also.split(",")]
                names.append((f"{each.title} {each.also}", at, Fit.CODE_BEGINS))
        return Names([name for name, _, _ in names]), [at for _, at, _ in names], [best for _, _, best in names]

    @cached_property
    def _names(self) -> Names:
        return Names([each.title for each in self._choices])

    def fits(self, typed: Typed) -> list[tuple[int, Fit]]:
        """The places of the rows whose titles fit, or else what they are called besides."""
        found = dict(self._names.fits(typed))
        names, rows, best = self._other_names
        for name, fit in names.fits(typed):
            at = rows[name]
            by_name = Fit.WORDS if fit is Fit.NAME else max(fit, best[name])  # what titles say comes first
            found[at] = min(found.get(at, Fit.INSIDE), by_name)
        return sorted(found.items())


class IndexedRows(Rows):
    """Rows of many things in a fixed order, with a few rows before and behind them.

    Args:
        first: stand before the others; what they are about has no second row.
        ids: of the many, in their order.
        names: of the many, prepared for searching. Asked for with the first letter.
        make: makes the row of one of them.
        rest: stand behind.
    """

    def __init__(
        self,
        first: Sequence[Choice],
        ids: Sequence[Hashable],
        names: Callable[[], Names],
        make: Callable[[Hashable], Choice],
        rest: Sequence[Choice] = (),
    ) -> None:
        given = {each.id for each in first}
        self._first, self._rest = PlainRows(first), PlainRows([each for each in rest if each.id not in given])
        self._ids = [each for each in ids if each not in given]
        self._left_out = [at for at, each in enumerate(ids) if each in given] if given else []
        self._names, self._make = names, make

    def __len__(self) -> int:
        return len(self._first) + len(self._ids) + len(self._rest)

    def row(self, at: int) -> Choice:
        """The row at a place, from 0."""
        if at < len(self._first):
            return self._first[at]
        at -= len(self._first)
        return self._make(self._ids[at]) if at < len(self._ids) else self._rest[at - len(self._ids)]

    def fits(self, typed: Typed) -> list[tuple[int, Fit]]:
        """The places of the rows whose names fit."""
        out, before = self._left_out, len(self._first)
        many = self._names().fits(typed)
        if out:
            gone = set(out)
            many = [(at - bisect_left(out, at), fit) for at, fit in many if at not in gone]
        behind = before + len(self._ids)
        return [
            *self._first.fits(typed),
            *((before + at, fit) for at, fit in many),
            *((behind + at, fit) for at, fit in self._rest.fits(typed)),
        ]


class SomeRows(Rows):
    """Some rows of others."""

    def __init__(self, rows: Rows, places: Sequence[int]) -> None:
        self._rows, self._places, self.has_keys = rows, places, rows.has_keys

    def __len__(self) -> int:
        return len(self._places)

    def row(self, at: int) -> Choice:
        """The row at a place, from 0."""
        return self._rows.row(self._places[at])


@dataclass(frozen=True, slots=True)
class FoundRows:
    """What a text leaves of some rows. `sure`: the place of the row that it means; None if it may be several."""

    rows: Rows
    sure: int | None = None


def found_rows(rows: Rows, text: str) -> FoundRows:
    """The rows with a word that begins as typed, else those with the letters anywhere; all of them without a word."""
    typed = Typed(text)
    if not typed:
        return FoundRows(rows)
    fits = rows.fits(typed)
    near = [each for each in fits if each[1] < Fit.INSIDE] or fits
    best = min((fit for _, fit in near), default=None)
    surest = [place for place, (_, fit) in enumerate(near) if fit is best]
    return FoundRows(SomeRows(rows, [at for at, _ in near]), surest[0] if len(surest) == 1 else None)


class RowTiles(Sequence[Tile]):
    """The tiles of some rows, made when they are looked at.

    Args:
        last: a tile behind them.
        hints: the digits of tiles by their place; without them the first nine have theirs, in order.
    """

    def __init__(self, rows: Rows, last: Tile | None, hints: Mapping[int, str] | None = None) -> None:
        self._rows, self._last, self._hints = rows, last, hints

    def __len__(self) -> int:
        return len(self._rows) + (self._last is not None)

    @overload
    def __getitem__(self, at: int) -> Tile: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Tile]: ...
    def __getitem__(self, at: int | slice) -> Tile | Sequence[Tile]:
        """A tile, or some of them."""
        if isinstance(at, slice):
            return [self._tile(each) for each in range(*at.indices(len(self)))]
        return self._tile(range(len(self))[at])

    def _tile(self, at: int) -> Tile:
        hint = (HINTS[at] if at < len(HINTS) else "") if self._hints is None else self._hints.get(at, "")
        if self._last is not None and at == len(self._rows):
            return Tile(id=self._last.id, title=self._last.title, hint=hint)
        row = self._rows.row(at)
        return Tile(
            id=(at, row.id),
            title=row.title,
            detail=row.detail,
            hint=row.key if row.key is not None and self._hints is None else hint,
            enabled=not row.why_not,
        )

    def with_hint(self, hint: str) -> Tile | None:
        """The first tile that this digit takes."""
        if self._hints is None:
            places = range(len(self) if self._rows.has_keys else min(len(self), len(HINTS)))
        else:
            places = range(min(self._hints, default=0), max(self._hints, default=-1) + 1)
        return next((tile for at in places if (tile := self._tile(at)).hint == hint), None)

    def numbered(self, hints: Mapping[int, str]) -> RowTiles:
        """The same, with other digits."""
        return RowTiles(self._rows, self._last, hints)
