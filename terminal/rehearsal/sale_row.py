"""Turns one row of the sales into one line of a ticket, by the columns and rules of the mapping.

`sales_file` collects the lines of a ticket.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import NamedTuple

from shared.kernel.instants import business_date
from shared.kernel.money import MAX_MINOR
from terminal.rehearsal.date_text import DateReader, TimeReader
from terminal.rehearsal.errors import MappingError, RowError
from terminal.rehearsal.item_list import ListedItem
from terminal.rehearsal.mapping import Mapping, RowRule
from terminal.rehearsal.mapping_section import Column
from terminal.rehearsal.modifier_text import leaves
from terminal.rehearsal.past_sales import MOST_CHOICES, PastLine
from terminal.rehearsal.plain_text import plain
from terminal.rehearsal.reversals import takes_back
from terminal.rehearsal.row_figures import FigureColumns, FigureReader
from terminal.rehearsal.table_rows import Row, TableReader
from terminal.rehearsal.text_files import SourceFile

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2099, 12, 31)
"""Dates outside are mistakes: programs write 1899-12-30 or 9999-12-31 for a missing date."""


class SaleRow(NamedTuple):
    """A line and the ticket to which it belongs.

    Attributes:
        day, clock: as in the file; the clock is None if the file has no time.
        business_day: the branch's business day at that time.
    """

    branch: str
    day: date
    clock: time | None
    business_day: date
    number: tuple[str, ...]
    line: PastLine


class CellReaders:
    """The cell readers that all files of one run share, with their caches."""

    def __init__(self, mapping: Mapping) -> None:
        self.text = functools.lru_cache(maxsize=65_536)(plain)
        self.modifiers = functools.lru_cache(maxsize=65_536)(functools.partial(leaves, written=mapping.modifiers))
        self.dates = DateReader(mapping.dates.formats, mapping.dates.day_first, mapping.zone)
        self.times = TimeReader(mapping.dates.time_formats, mapping.zone)
        self.figures = FigureReader(mapping)
        self.business_day = functools.lru_cache(maxsize=65_536)(functools.partial(_business_day, mapping=mapping))


class SaleRowReader:
    """Reads the rows of one file.

    Raises:
        MappingError: the file lacks a column that the mapping names, or its name lacks the branch or the date that the
            mapping expects in it.
    """

    def __init__(self, table: TableReader, mapping: Mapping, cells: CellReaders, listed: dict[str, ListedItem]) -> None:
        columns = mapping.columns
        self._mapping = mapping
        self._cells = cells
        self._listed = listed
        self._file = table.source.name

        def index(column: Column | None) -> int | None:
            return None if column is None else table.column(column)

        self._branch, self._date, self._time = index(columns.branch), index(columns.date), index(columns.time)
        self._code, self._name, self._category = map(index, (columns.item_code, columns.item_name, columns.category))
        self._figures = FigureColumns(
            *map(index, (columns.quantity, columns.amount, columns.unit_price, columns.discount))
        )
        self._ticket = [table.column(column) for column in columns.ticket]
        self._modifiers = [table.column(column) for column in columns.modifiers]
        self._leave_out = [(table.column(rule.column), rule) for rule in mapping.leave_out]
        self._keep_only = [(table.column(rule.column), rule) for rule in mapping.keep_only]
        self._file_branch = _branch_of(table.source, mapping)
        self._file_day = _day_of(table.source, mapping, cells)

    def is_left_out(self, cells: Sequence[str]) -> bool:
        """Whether the mapping leaves this row out."""

        def picked(index: int, rule: RowRule) -> bool:
            return index < len(cells) and rule.picks(cells[index])

        if any(picked(index, rule) for index, rule in self._leave_out):
            return True
        return any(index < len(cells) and not picked(index, rule) for index, rule in self._keep_only)

    def read(self, row: Row) -> SaleRow:
        """Read a row.

        Raises:
            RowError: the row cannot be read, or makes no sense.
        """
        text = self._cells.text
        cells = row.cells
        branch = self._file_branch if self._branch is None else text(cells[self._branch])
        if not branch:
            raise RowError("missing_branch")
        day, clock = self._moment(cells)
        business_day = self._cells.business_day(day, clock)
        number = tuple(text(cells[index]) for index in self._ticket)
        if not all(number):
            raise RowError("missing_ticket")
        return SaleRow(branch, day, clock, business_day, number or (f"{self._file}:{row.line}",), self._line(row))

    def claim(self, row: Row) -> tuple[str, int | None]:
        """Return branch and amount of a rejected row. They are "" and None if they cannot be read."""
        if row.problem:  # its cells may be in other columns
            return self._file_branch, None
        branch = self._file_branch if self._branch is None else self._cells.text(row.cells[self._branch])
        figures = self._cells.figures
        with contextlib.suppress(RowError):
            return branch, figures.read(row.cells, self._figures).amount_minor
        with contextlib.suppress(RowError):
            return branch, figures.amount(row.cells, self._figures)
        return branch, None

    def _moment(self, cells: Sequence[str]) -> tuple[date, time | None]:
        day, clock = self._file_day, None
        if self._date is not None:
            written = self._cells.text(cells[self._date])
            if not written:
                raise RowError("missing_date")
            moment = self._cells.dates.read(written)
            day, clock = moment.date, moment.time
        if self._time is not None and (written := self._cells.text(cells[self._time])):
            clock = self._cells.times.read(written)
        assert day is not None, "a mapping has a date column, a constant date or a date in the file's name"
        if not FIRST_DAY <= day <= LAST_DAY:
            raise RowError("date_not_sensible", value=day.isoformat())
        return day, clock

    def _line(self, row: Row) -> PastLine:
        text, cells = self._cells.text, row.cells
        code = "" if self._code is None else text(cells[self._code])
        name = "" if self._name is None else text(cells[self._name])
        key = code or name
        if not key:
            raise RowError("missing_item")
        listed = self._listed.get(key)
        category = "" if self._category is None else text(cells[self._category])
        figures = self._cells.figures.read(cells, self._figures)
        line = PastLine(
            file=self._file,
            row=row.line,
            item=key,
            item_name=listed.name if listed else name or key,
            category=(listed.category if listed else "") or category,
            quantity_milli=figures.quantity_milli,
            unit_price_minor=figures.unit_price_minor,
            amount_minor=figures.amount_minor,
            modifiers=self._modifiers_of(cells),
        )
        if not takes_back(line) and max(line.till_unit_minor, line.till_amount_minor) > MAX_MINOR:
            raise RowError("amount_too_big")
        if len(frozenset(line.modifiers)) > MOST_CHOICES:
            raise RowError("too_many_modifiers", found=len(frozenset(line.modifiers)), most=MOST_CHOICES)
        return line

    def _modifiers_of(self, cells: Sequence[str]) -> tuple[str, ...]:
        if len(self._modifiers) == 1:
            return self._cells.modifiers(cells[self._modifiers[0]])
        return tuple(leaf for index in self._modifiers for leaf in self._cells.modifiers(cells[index]))


def _branch_of(source: SourceFile, mapping: Mapping) -> str:
    rule = mapping.branch
    if rule.constant is not None:
        return rule.constant
    if rule.source == "file_stem":
        return plain(source.stem)
    if rule.source == "folder":
        return plain(source.folder)
    if rule.file_pattern is None:
        return ""
    found = rule.file_pattern.search(source.name_without_endings)
    branch = plain(found[1] or "") if found else ""
    if not branch:
        raise MappingError("file_name_without_branch", file=source.name, pattern=rule.file_pattern.pattern)
    return branch


def _day_of(source: SourceFile, mapping: Mapping, cells: CellReaders) -> date | None:
    rule = mapping.dates
    if rule.file_pattern is None:
        return rule.constant
    found = rule.file_pattern.search(source.name_without_endings)
    try:
        return cells.dates.read(plain(found[1] or "") if found else "").date
    except RowError:
        raise MappingError("file_name_without_date", file=source.name, pattern=rule.file_pattern.pattern) from None


def _business_day(day: date, clock: time | None, *, mapping: Mapping) -> date:
    if clock is None:
        return day
    cut_off_minutes = mapping.cut_off.hour * 60 + mapping.cut_off.minute
    instant = datetime.combine(day, clock, mapping.zone).astimezone(UTC)
    return business_date(instant, mapping.time_zone, cut_off_minutes)
