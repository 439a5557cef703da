"""The item list: a file beside the sales, joined to them by the item's key. It may be missing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from terminal.rehearsal.errors import MappingError, RowError
from terminal.rehearsal.mapping import Mapping
from terminal.rehearsal.number_text import NumberReader
from terminal.rehearsal.past_sales import RejectedRow
from terminal.rehearsal.plain_text import plain
from terminal.rehearsal.table_rows import Row, TableReader
from terminal.rehearsal.text_files import SourceFile, matching

SHOWN_CHARACTERS = 200
"""Characters kept of a rejected row: enough to find it, few enough for a file where every row is wrong."""


@dataclass(frozen=True, slots=True)
class ListedItem:
    """One row of the item list. `price_minor` is None if the list gives no price."""

    key: str
    name: str
    category: str
    price_minor: int | None


@dataclass(frozen=True, slots=True)
class ItemList:
    """The items of the list by key, in its order. `file` is empty if there is no list."""

    file: str
    items: dict[str, ListedItem]
    rejected: list[RejectedRow]


def find_item_list(path: Path, mapping: Mapping) -> SourceFile | None:
    """Return the item list that belongs to the sales at `path` (a file or a folder), or None.

    Raises:
        MappingError: more than one file matches.
    """
    if mapping.items is None:
        return None
    folder = path if path.is_dir() else path.parent
    found = [file for file in matching(folder, [mapping.items.file]) if file.path != path]
    if len(found) > 1:
        raise MappingError("two_item_lists", pattern=mapping.items.file, file=found[0].name, other=found[1].name)
    return found[0] if found else None


def read_item_list(source: SourceFile | None, mapping: Mapping) -> ItemList:
    """Read the item list. The first row of a key counts.

    Rows without a key, and prices that cannot be read, are reported.

    Raises:
        MappingError: the list and the mapping do not fit together.
    """
    rule = mapping.items
    if source is None or rule is None:
        return ItemList("", {}, [])
    table = TableReader(source, rule.table, rule.named_columns)
    found = ItemList(source.name, {}, [])
    if table.is_empty:
        return found
    columns = [None if column is None else table.column(column) for column in (rule.name, rule.category, rule.price)]
    key_index = table.column(rule.key)
    prices = NumberReader(str(rule.price), rule.numbers, rule.decimals, mapping.currency)
    for row in table.rows():
        if row.problem:
            found.rejected.append(rejected_row(source.name, row, row.problem))
            continue
        name, category, price_text = ("" if index is None else plain(row.cells[index]) for index in columns)
        key = plain(row.cells[key_index])
        price = None
        try:
            if not key:
                raise RowError("missing_item")
            price = prices.exact(price_text) if price_text else None
            if price is not None and price < 0:
                price = None
                raise RowError("negative_price", value=price_text)
        except RowError as problem:
            found.rejected.append(rejected_row(source.name, row, problem))
        if key:
            found.items.setdefault(key, ListedItem(key, name or key, category, price))
    return found


def rejected_row(
    file: str, row: Row, problem: RowError, branch: str = "", amount_minor: int | None = None
) -> RejectedRow:
    """Make the report of a row that could not be read."""
    return RejectedRow(file, row.line, problem.code, problem.params, shown(row), branch, amount_minor)


def shown(row: Row) -> str:
    """Return the text of a row, cleaned and shortened."""
    return plain(row.raw[: 2 * SHOWN_CHARACTERS])[:SHOWN_CHARACTERS]
