"""Reads `PastSales` from a path by a mapping. The lines of a ticket may be anywhere in the files.

A row that cannot be read is reported; the other rows of its ticket stay.
"""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from pathlib import Path

from shared.kernel.money import MAX_MINOR
from terminal.rehearsal.errors import MappingError, RowError
from terminal.rehearsal.item_list import ItemList, find_item_list, read_item_list, rejected_row, shown
from terminal.rehearsal.mapping import Mapping
from terminal.rehearsal.past_sales import MOST_LINES, PastItem, PastLine, PastSales, PastTicket, RejectedRow
from terminal.rehearsal.reversals import settled, takes_back
from terminal.rehearsal.sale_row import CellReaders, SaleRow, SaleRowReader
from terminal.rehearsal.table_rows import Row, TableReader
from terminal.rehearsal.text_files import SourceFile, find_files, natural_order

NOON = time(12)
"""Time of tickets in files without times. It is inside the business day of its date."""

_ROWS_BETWEEN_REPORTS = 2_000


def read_past_sales(
    path: str | Path, mapping: Mapping, *, on_progress: Callable[[str, int], object] | None = None
) -> PastSales:
    """Read a file, or a folder of files, of past sales.

    `on_progress` is called with the current file and the number of rows read so far in all files.

    Raises:
        MappingError: mapping and files do not fit together (missing column, no file, another encoding ...).
    """
    path = Path(path)
    item_source = find_item_list(path, mapping) if path.exists() else None
    sources = [file for file in find_files(path, mapping.patterns) if not item_source or file.path != item_source.path]
    if mapping.branch.source == "folder":
        _refuse_folders_of_one_name(sources)
    items = read_item_list(item_source, mapping)
    reading = _Reading(mapping, items, on_progress)
    for source in sources:
        reading.read(source)
    return reading.past_sales(sources)


def _refuse_folders_of_one_name(sources: Sequence[SourceFile]) -> None:
    """Raise if two folders have one name: both would be one branch, and their tickets would mix."""
    first: dict[str, SourceFile] = {}
    for source in sources:
        other = first.setdefault(source.folder.casefold(), source)
        if other.path.parent != source.path.parent:
            raise MappingError("two_folders", folder=source.folder, file=other.name, other=source.name)


class _Ticket:
    """A ticket whose lines are being collected."""

    __slots__ = ("branch", "business_day", "clock", "day", "key", "lines", "number", "total_minor")

    def __init__(self, key: str, row: SaleRow) -> None:
        self.key = key
        self.branch = row.branch
        self.number = " ".join(row.number)
        self.day = row.day
        self.clock = row.clock
        self.business_day = row.business_day
        self.lines: list[PastLine] = []
        self.total_minor = 0

    def add(self, row: SaleRow) -> None:
        """Add a line. Raises RowError if the ticket has too many lines or too high a sum."""
        if len(self.lines) >= MOST_LINES:
            raise RowError("too_many_lines", most=MOST_LINES)
        if self.total_minor + row.line.amount_minor > MAX_MINOR:
            raise RowError("amount_too_big")
        self.lines.append(row.line)
        self.total_minor += max(0, row.line.amount_minor)
        if (row.day, row.clock is None, row.clock or NOON) < (self.day, self.clock is None, self.clock or NOON):
            self.day, self.clock, self.business_day = row.day, row.clock, row.business_day

    def opened_at(self, cut_off: time) -> datetime:
        return datetime.combine(self.day, self.clock or max(NOON, cut_off))

    def done(self, lines: Sequence[PastLine], cut_off: time) -> PastTicket:
        return PastTicket(self.key, self.branch, self.business_day, self.opened_at(cut_off), self.number, tuple(lines))


class _Reading:
    """State of reading all files."""

    def __init__(self, mapping: Mapping, items: ItemList, on_progress: Callable[[str, int], object] | None) -> None:
        self._mapping = mapping
        self._items = items
        self._on_progress = on_progress
        self._cells = CellReaders(mapping)
        self._tickets: dict[tuple[str, date | None, tuple[str, ...]], _Ticket] = {}
        self._taking_back: dict[tuple[str, int], str] = {}
        self._rejected: list[RejectedRow] = list(items.rejected)
        self._left_out = 0
        self._rows = 0

    def read(self, source: SourceFile) -> None:
        table = TableReader(source, self._mapping.table, self._mapping.named_columns)
        if table.is_empty:
            self._rejected.append(RejectedRow(source.name, 1, "empty_file", {}, ""))
            return
        rows = SaleRowReader(table, self._mapping, self._cells, self._items.items)
        for row in table.rows():
            self._read_row(source, table, rows, row)
            self._rows += 1
            if self._on_progress and self._rows % _ROWS_BETWEEN_REPORTS == 0:
                self._on_progress(source.name, self._rows)
        if self._on_progress:
            self._on_progress(source.name, self._rows)

    def past_sales(self, sources: Sequence[SourceFile]) -> PastSales:
        done = self._done()
        branches = sorted({ticket.branch for ticket in done}, key=natural_order)
        place = {branch: index for index, branch in enumerate(branches)}
        done.sort(key=lambda ticket: (place[ticket.branch], ticket.opened_at))
        files = {source.name: at for at, source in enumerate(sources)}
        self._rejected.sort(key=lambda row: (files.get(row.file, -1), row.line))  # the item list first
        return PastSales(
            currency=self._mapping.currency,
            time_zone=self._mapping.time_zone,
            cut_off=self._mapping.cut_off,
            branches=tuple(branches),
            tickets=tuple(done),
            items=_items_of(done, self._items),
            rejected=tuple(self._rejected),
            files=tuple(files),
            left_out=self._left_out,
            item_list_file=self._items.file,
        )

    def _read_row(self, source: SourceFile, table: TableReader, rows: SaleRowReader, row: Row) -> None:
        if rows.is_left_out(row.cells):
            self._left_out += 1
            return
        try:
            if row.problem:
                raise row.problem
            sale = rows.read(row)
            self._ticket_of(sale).add(sale)
        except RowError as problem:
            self._rejected.append(rejected_row(source.name, row, problem, *rows.claim(row)))
            if not row.problem:
                table.reject_last()
            return
        if takes_back(sale.line):
            self._taking_back[source.name, row.line] = shown(row)

    def _ticket_of(self, sale: SaleRow) -> _Ticket:
        day = sale.business_day if self._mapping.numbering == "daily" else None
        group = (sale.branch, day, sale.number)
        ticket = self._tickets.get(group)
        if ticket is None:
            parts = [sale.branch, *([day.isoformat()] if day else []), *sale.number]
            ticket = self._tickets[group] = _Ticket(_joined(parts), sale)
        return ticket

    def _done(self) -> list[PastTicket]:
        """The tickets that still have lines after all that was taken back."""
        tickets = []
        for ticket in self._tickets.values():
            lines, refused = settled(ticket.lines)
            for line in refused:
                self._rejected.append(self._refused(line, ticket))
            if lines:
                tickets.append(ticket.done(lines, self._mapping.cut_off))
        return tickets

    def _refused(self, line: PastLine, ticket: _Ticket) -> RejectedRow:
        problem, text = RowError("negative_amount"), self._taking_back[line.file, line.row]
        return RejectedRow(line.file, line.row, problem.code, problem.params, text, ticket.branch, line.amount_minor)


def _joined(parts: Iterable[str]) -> str:
    """Join the parts so that different parts never give the same key."""
    return "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in parts)


def _items_of(tickets: Iterable[PastTicket], listed: ItemList) -> tuple[PastItem, ...]:
    prices: dict[str, collections.Counter[int]] = {}
    seen: dict[str, PastLine] = {}
    for ticket in tickets:
        for line in ticket.lines:
            seen.setdefault(line.item, line)
            prices.setdefault(line.item, collections.Counter())[line.unit_price_minor] += 1

    def usual_price(key: str) -> int:
        return min(prices[key].items(), key=lambda counted: (-counted[1], counted[0]))[0] if key in prices else 0

    items = [
        PastItem(
            item.key, item.name, item.category, usual_price(item.key) if item.price_minor is None else item.price_minor
        )
        for item in listed.items.values()
    ]
    new = (line for key, line in seen.items() if key not in listed.items)
    items += (PastItem(line.item, line.item_name, line.category, usual_price(line.item)) for line in new)
    return tuple(items)
