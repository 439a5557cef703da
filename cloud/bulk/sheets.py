"""CSV that no spreadsheet takes for formulas, and back: comma, point, UTF-8, the names of columns first."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

_MARK = "'"
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", _MARK)
"""With which a spreadsheet begins a formula; and our own mark, so that a text that has it comes back as it was."""


def written(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """The lines of a sheet, one by one. A text that might be a formula stands behind an apostrophe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        yield _taken(buffer)
        writer.writerow([_safe(row[name]) for name in columns])
    yield _taken(buffer)


def read(text: str) -> list[dict[str, str]]:
    """The rows of a sheet, by the names of its columns.

    Raises:
        ValueError: it is no CSV, or a row has more cells than there are columns.
    """
    try:
        rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True))
    except csv.Error as error:
        raise ValueError(str(error)) from error
    if any(None in row for row in rows):
        raise ValueError("more cells than columns")
    return [{name.strip(): _plain(cell or "") for name, cell in row.items()} for row in rows]


def _safe(value: object) -> str:
    text = "" if value is None else str(value)
    is_formula = isinstance(value, str) and text.startswith(_RISKY)
    return f"{_MARK}{text}" if is_formula else text


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith(_MARK) and cell[1:].startswith(_RISKY) else cell


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
