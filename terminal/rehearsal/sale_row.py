"""One row of the sales made into one line of a ticket, by the columns and rules of the mapping.

Collecting the lines of a ticket is `sales_file`'s.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import date, time
from typing import NamedTuple

from shared.kernel.money import MAX_MINOR, divide_half_up
from shared.kernel.quantity import MAX_QUANTITY_MILLI, ONE
from terminal.rehearsal.date_text import DateReader, TimeReader
from terminal.rehearsal.item_list import ListedItem
from terminal.rehearsal.mapping import Mapping, RowRule
from terminal.rehearsal.mapping_section import Column
from terminal.rehearsal.modifier_text import leaves
from terminal.rehearsal.number_text import NumberReader
from terminal.rehearsal.past_sales import PastLine
from terminal.rehearsal.plain_text import plain
from terminal.rehearsal.problems import MappingError, RowProblem
from terminal.rehearsal.table_rows import Row, TableReader
from terminal.rehearsal.text_files import SourceFile


class SaleRow(NamedTuple):
    """A line and the ticket to which it belongs. `clock` is None if the file gives no time."""

    branch: str
    day: date
    clock: time | None
    number: tuple[str, ...]
    line: PastLine


class CellReaders:
    """The readers of cells that all files of one reading share, with what they remember."""

    def __init__(self, mapping: Mapping) -> None:
        columns, numbers, decimals = mapping.columns, mapping.numbers, mapping.amounts.decimals
        self.text = functools.lru_cache(maxsize=65_536)(plain)
        self.modifiers = functools.lru_cache(maxsize=65_536)(functools.partial(leaves, written=mapping.modifiers))
        self.dates = DateReader(mapping.dates.formats, mapping.dates.day_first, mapping.zone)
        self.times = TimeReader(mapping.dates.time_formats, mapping.zone)
        self.quantities = NumberReader(str(columns.quantity), mapping.quantity_numbers, 3)
        self.amounts = NumberReader(str(columns.amount), numbers, decimals, mapping.currency)
        self.unit_prices = NumberReader(str(columns.unit_price), numbers, decimals, mapping.currency)
        self.discounts = NumberReader(str(columns.discount), numbers, decimals, mapping.currency)
        self.percents = NumberReader(str(columns.discount), numbers, 2)


class SaleRowReader:
    """Reads the rows of one file.

    Raises:
        MappingError: a column that the mapping names is not in the file, or the file's name does not tell the branch
            or the date that the mapping expects there.
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
        self._quantity, self._amount = index(columns.quantity), index(columns.amount)
        self._unit_price, self._discount = index(columns.unit_price), index(columns.discount)
        self._ticket = [table.column(column) for column in columns.ticket]
        self._modifiers = [table.column(column) for column in columns.modifiers]
        self._leave_out = [(table.column(rule.column), rule) for rule in mapping.leave_out]
        self._keep_only = [(table.column(rule.column), rule) for rule in mapping.keep_only]
        self._file_branch = _branch_of(table.source, mapping)
        self._file_day = _day_of(table.source, mapping, cells)

    def is_left_out(self, cells: Sequence[str]) -> bool:
        """Tell whether the mapping leaves this row out on purpose."""

        def picked(index: int, rule: RowRule) -> bool:
            return index < len(cells) and rule.picks(cells[index])

        if any(picked(index, rule) for index, rule in self._leave_out):
            return True
        return any(index < len(cells) and not picked(index, rule) for index, rule in self._keep_only)

    def read(self, row: Row) -> SaleRow:
        """Return what the row says.

        Raises:
            RowProblem: the row cannot be read, or is no sale (a return, nothing sold).
        """
        text = self._cells.text
        cells = row.cells
        branch = self._file_branch if self._branch is None else text(cells[self._branch])
        if not branch:
            raise RowProblem("missing_branch")
        day, clock = self._moment(cells)
        number = tuple(text(cells[index]) for index in self._ticket)
        if not all(number):
            raise RowProblem("missing_ticket")
        return SaleRow(branch, day, clock, number or (f"{self._file}:{row.line}",), self._line(row))

    def _moment(self, cells: Sequence[str]) -> tuple[date, time | None]:
        day, clock = self._file_day, None
        if self._date is not None:
            written = self._cells.text(cells[self._date])
            if not written:
                raise RowProblem("missing_date")
            moment = self._cells.dates.read(written)
            day, clock = moment.date, moment.time
        if self._time is not None and (written := self._cells.text(cells[self._time])):
            clock = self._cells.times.read(written)
        assert day is not None, "a mapping has a date column, a constant date or a date in the file's name"
        return day, clock

    def _line(self, row: Row) -> PastLine:
        text, cells = self._cells.text, row.cells
        code = "" if self._code is None else text(cells[self._code])
        name = "" if self._name is None else text(cells[self._name])
        key = code or name
        if not key:
            raise RowProblem("missing_item")
        listed = self._listed.get(key)
        category = "" if self._category is None else text(cells[self._category])
        quantity, unit_price, amount = self._figures(cells)
        return PastLine(
            file=self._file,
            row=row.line,
            item=key,
            item_name=listed.name if listed else name or key,
            category=(listed.category if listed else "") or category,
            quantity_milli=quantity,
            unit_price_minor=unit_price,
            amount_minor=amount,
            modifiers=self._modifiers_of(cells),
        )

    def _modifiers_of(self, cells: Sequence[str]) -> tuple[str, ...]:
        if len(self._modifiers) == 1:
            return self._cells.modifiers(cells[self._modifiers[0]])
        return tuple(leaf for index in self._modifiers for leaf in self._cells.modifiers(cells[index]))

    def _figures(self, cells: Sequence[str]) -> tuple[int, int, int]:
        quantity = self._quantity_of(cells)
        price_text = "" if self._unit_price is None else self._cells.text(cells[self._unit_price])
        if self._amount is None:
            if not price_text:
                raise RowProblem("missing_amount")
            price = self._cells.unit_prices.exact(price_text)
            amount = divide_half_up(quantity * price, ONE)
        else:
            amount_text = self._cells.text(cells[self._amount])
            if not amount_text:
                raise RowProblem("missing_amount")
            amount = price = self._cells.amounts.exact(amount_text)
            if self._mapping.amounts.amount_is == "unit":
                amount = divide_half_up(quantity * price, ONE)
            else:
                price = divide_half_up(amount * ONE, quantity)
            if price_text:  # informative here, so it may have more decimals than the currency
                price = self._cells.unit_prices.nearest(price_text)
        amount -= self._discount_of(cells, amount)
        if amount < 0 or price < 0:
            raise RowProblem("negative_amount")
        if amount > MAX_MINOR:
            raise RowProblem("amount_too_big")
        return quantity, price, amount

    def _quantity_of(self, cells: Sequence[str]) -> int:
        if self._quantity is None:
            return ONE
        written = self._cells.text(cells[self._quantity])
        if not written:
            raise RowProblem("missing_quantity")
        quantity = self._cells.quantities.exact(written)
        if quantity <= 0:
            raise RowProblem("quantity_not_positive", value=written)
        if quantity > MAX_QUANTITY_MILLI:
            raise RowProblem("quantity_too_big", value=written)
        return quantity

    def _discount_of(self, cells: Sequence[str], amount: int) -> int:
        written = "" if self._discount is None else self._cells.text(cells[self._discount])
        if not written or written in "-–—":
            return 0
        if self._mapping.amounts.discount_is == "percent":
            return divide_half_up(amount * abs(self._cells.percents.exact(written.removesuffix("%"))), 10_000)
        return abs(self._cells.discounts.exact(written))


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
    except RowProblem:
        raise MappingError("file_name_without_date", file=source.name, pattern=rule.file_pattern.pattern) from None
