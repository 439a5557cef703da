"""Cuts one text file into rows of cells, each with the line on which it starts. Knows nothing of sales.

A quote that is never closed spoils only its own line: the lines that a CSV reader would swallow are read again.
"""

from __future__ import annotations

import collections
import contextlib
import csv
import difflib
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from terminal.rehearsal.errors import MappingError, RowError
from terminal.rehearsal.mapping_section import Column
from terminal.rehearsal.plain_text import UNDECODABLE, comparable, plain
from terminal.rehearsal.table_format import TableFormat
from terminal.rehearsal.text_files import SourceFile, find_encoding, text_lines

MAX_LINES_OF_A_ROW = 100
"""Lines of a row. With more, somebody forgot to close a quote."""

_SAMPLE_LINES = 60
_DELIMITERS = (",", ";", "\t", "|")
_DELIMITER_HINT = re.compile(r'\ufeff?"?sep=(.)"?\s*')  # spreadsheets write it as the first line
_FEWEST_BAD_ROWS = 3


class Row(NamedTuple):
    """A row of the file: the line on which it starts, its cells, its raw text, and what is wrong with it, if anything.

    A wrong row has the cells that could be read.
    """

    line: int
    cells: Sequence[str]
    raw: str
    problem: RowError | None


class TableReader:
    """Opens one file and finds what its mapping leaves open. Then call `column` and `rows`.

    `wanted` are the columns that the mapping names: by them the delimiter is found.

    Raises:
        MappingError: the file is no text, or its header is not in the declared encoding.
    """

    def __init__(self, source: SourceFile, written: TableFormat, wanted: Iterable[Column]) -> None:
        self.source = source
        self.encoding = find_encoding(source, written.encoding)
        self.header: tuple[str, ...] = ()
        self._written = written
        with contextlib.closing(text_lines(source, self.encoding)) as lines:
            sample = list(itertools.islice(lines, written.skip_lines + _SAMPLE_LINES))
        hint = _DELIMITER_HINT.fullmatch(sample[0]) if sample else None
        self._skipped = max(written.skip_lines, 1) if hint else written.skip_lines
        del sample[: self._skipped]
        names = {comparable(name) for name in wanted if isinstance(name, str)} if written.header else set()
        self._delimiter = written.delimiter or (hint[1] if hint else None) or self._most_likely_delimiter(sample, names)
        self._header_cells: Sequence[str] = ()
        first_rows = self._first_rows(sample)
        self.is_empty = not first_rows
        self._fill_down = _FillDown([])
        self._read_header(first_rows)

    def column(self, column: Column) -> int:
        """Return the index of a column in the cells of a row.

        Raises:
            MappingError: no such column, or two with that name.
        """
        if isinstance(column, int):
            if column > self._width:
                raise MappingError("missing_column_number", column=column, file=self.source.name, count=self._width)
            return column - 1
        for spell in (plain, comparable):
            found = [index for index, name in enumerate(self.header) if spell(name) == spell(column)]
            if len(found) == 1:
                return found[0]
            if found:
                raise MappingError("two_columns", column=column, file=self.source.name)
        names = [name for name in self.header if name]
        near = difflib.get_close_matches(comparable(column), [comparable(name) for name in names], n=1)
        nearest = next((name for name in names if near and comparable(name) == near[0]), "")
        code = "missing_column_near" if nearest else "missing_column"
        listed = ", ".join(names[:30]) + (", ..." if len(names) > 30 else "")
        raise MappingError(code, column=column, file=self.source.name, columns=listed, nearest=nearest)

    def rows(self) -> Iterator[Row]:
        """Yield every row below the header that is not blank.

        Raises:
            MappingError: too many rows cannot be decoded, so the encoding is wrong (raised after the last row).
        """
        self._fill_down = _FillDown([self.column(column) for column in self._written.fill_down])
        rows = bad_rows = foreign_rows = 0
        header_awaited = self._written.header
        for row in self._records(text_lines(self.source, self.encoding), self._skipped):
            if header_awaited:
                header_awaited = False
                continue
            rows += 1
            if UNDECODABLE in row.raw:
                bad_rows += 1
                problem = RowError("undecodable", encoding=self.encoding.removesuffix("-sig"))
                row = row._replace(problem=problem)  # noqa: PLW2901 (the same row, found wrong)
            elif not row.raw.isascii():
                foreign_rows += 1
            if self._written.header and row.cells == self._header_cells:
                row = row._replace(problem=RowError("repeated_header"))  # noqa: PLW2901
            if row.problem is None:
                self._fill_down.fill(row.cells)  # type: ignore[arg-type]
            elif row.problem.code != "repeated_header":
                self._fill_down.forget_all()
            yield row
        most = 2 * bad_rows > rows
        never_right = bad_rows >= _FEWEST_BAD_ROWS and not foreign_rows and 10 * bad_rows >= rows
        if most or never_right:
            encoding = self.encoding.removesuffix("-sig")
            raise MappingError("wrong_encoding_rows", file=self.source.name, encoding=encoding, rows=bad_rows)

    def reject_last(self) -> None:
        """Reject the row that was yielded last: neither its cells nor those above it fill the empty cells below.

        The rows below may belong to the rejected row. They are rejected, too, rather than mixed into the ticket above.
        """
        self._fill_down.forget_last()

    def _read_header(self, first_rows: list[Row]) -> None:
        widths = collections.Counter(len(row.cells) for row in first_rows)
        if not self._written.header or not first_rows:
            self._width = self._least_width = widths.most_common(1)[0][0] if widths else 0
            return
        row = first_rows[0]
        if UNDECODABLE in row.raw:
            encoding = self.encoding.removesuffix("-sig")
            raise MappingError("wrong_encoding", file=self.source.name, encoding=encoding, line=row.line)
        self._header_cells = row.cells
        self.header = tuple(plain(cell) for cell in row.cells)
        self._width = len(self.header)
        self._least_width = len("".join("x" if name else " " for name in self.header).rstrip())

    def _first_rows(self, sample: list[str]) -> list[Row]:
        self._width = self._least_width = 0
        return list(self._records(iter(sample), 0, self._skipped))

    def _most_likely_delimiter(self, sample: list[str], names: set[str]) -> str:
        def likelihood(delimiter: str) -> tuple[int, int, int]:
            rows = [cells for line in sample if line.strip() and (cells := self._cells(line, delimiter))]
            found = sum(comparable(cell) in names for cell in rows[0]) if rows else 0
            width, alike = collections.Counter(map(len, rows)).most_common(1)[0] if rows else (1, 0)
            return (found, alike, width) if width > 1 else (found, 0, 0)

        return max(_DELIMITERS, key=likelihood)

    def _cells(self, line: str, delimiter: str) -> list[str]:
        try:
            return self._unwrapped(next(csv.reader([line], **self._dialect(delimiter))), delimiter)  # type: ignore[arg-type]
        except (csv.Error, StopIteration):
            return []

    def _unwrapped(self, cells: list[str], delimiter: str) -> list[str]:
        """Split a row that an export wrapped as a whole into one quoted cell."""
        if len(cells) != 1 or delimiter not in cells[0]:
            return cells
        try:
            return next(csv.reader(cells, **self._dialect(delimiter)))  # type: ignore[arg-type]
        except csv.Error:
            return cells

    def _dialect(self, delimiter: str) -> dict[str, object]:
        quote = self._written.quote
        if not quote:
            return {"delimiter": delimiter, "quoting": csv.QUOTE_NONE, "quotechar": None}
        return {"delimiter": delimiter, "quotechar": quote}

    def _records(self, lines: Iterator[str], skip: int, lines_before: int = 0) -> Iterator[Row]:
        feed = _LineFeed(lines, lines_before)
        for _ in range(skip):
            feed.start()
            next(feed, None)
        dialect = self._dialect(self._delimiter)
        reader = csv.reader(feed, **dialect)  # type: ignore[arg-type]
        while True:
            feed.start()
            problem: RowError | None = None
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                cells, problem = [], RowError("row_too_long")
            cells = cells if problem else self._unwrapped(cells, self._delimiter)
            if len(feed.taken) > 1 and (problem or not self._is_whole(feed.taken, len(cells), dialect)):
                feed.give_back_all_but_first()
                reader = csv.reader(feed, **dialect)  # type: ignore[arg-type]
                cells = feed.taken[0].split(self._delimiter)
                problem = RowError("quote_not_closed")
            if problem or any(map(str.strip, cells)):
                yield self._checked(Row(feed.first, cells, "".join(feed.taken), problem))

    def _is_whole(self, taken: list[str], width: int, dialect: dict[str, object]) -> bool:
        if len(taken) >= MAX_LINES_OF_A_ROW or (self._width and width != self._width):
            return False
        try:
            return len(list(csv.reader(taken, strict=True, **dialect))) == 1  # type: ignore[arg-type]
        except csv.Error:
            return False

    def _checked(self, row: Row) -> Row:
        width = len(row.cells)
        if row.problem or not self._width or width == self._width:
            return row
        if width > self._width and not any(map(str.strip, row.cells[self._width :])):
            return row._replace(cells=row.cells[: self._width])
        if self._least_width <= width < self._width:
            return row._replace(cells=[*row.cells, *[""] * (self._width - width)])
        return row._replace(problem=RowError("wrong_column_count", found=width, expected=self._width))


class _FillDown:
    """Fills empty cells of some columns with the value above."""

    def __init__(self, columns: Sequence[int]) -> None:
        self._columns = columns
        self._above: dict[int, str] = {}
        self._own: list[int] = []

    def fill(self, cells: list[str]) -> None:
        self._own = [index for index in self._columns if cells[index].strip()]
        self._above |= {index: cells[index].strip() for index in self._own}
        for index in self._columns:
            cells[index] = self._above.get(index, "")

    def forget_last(self) -> None:
        for index in self._own:
            self._above.pop(index, None)

    def forget_all(self) -> None:
        self._own = []
        self._above.clear()


class _LineFeed:
    """Feeds lines to a CSV reader, remembers which ones a row used, and takes them back."""

    def __init__(self, lines: Iterator[str], lines_before: int) -> None:
        self._lines = lines
        self._given_back: collections.deque[str] = collections.deque()
        self._number = lines_before
        self.first = 0
        self.taken: list[str] = []

    def start(self) -> None:
        self.first = self._number + 1
        self.taken = []

    def __iter__(self) -> _LineFeed:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MAX_LINES_OF_A_ROW:
            raise StopIteration
        line = self._given_back.popleft() if self._given_back else next(self._lines)
        self._number += 1
        self.taken.append(line)
        return line

    def give_back_all_but_first(self) -> None:
        self._given_back.extendleft(reversed(self.taken[1:]))
        self._number -= len(self.taken) - 1
        del self.taken[1:]
