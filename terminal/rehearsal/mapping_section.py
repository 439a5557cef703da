"""Reads one table of a mapping file, key by key, with clear errors. It does not know what the keys mean."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection
from collections.abc import Mapping as Table
from typing import Any, TypeVar

from terminal.rehearsal.errors import MappingError

T = TypeVar("T")
Column = str | int
"""A column: its name in the header, or its position (the first is 1)."""


class Section:
    """A table of the mapping. Take every key that it may have, then call `finish`: a key that is left is unknown."""

    def __init__(self, name: str, table: Table[str, Any]) -> None:
        self.name = name
        self._table = table
        self._known: list[str] = []

    def text(self, key: str, default: str | None = None) -> str:
        """Return a non-empty text. Without a default the key must exist."""
        value = self._take(key, default)
        if value is None:
            raise MappingError("missing_key", key=self._path(key))
        if not isinstance(value, str) or not (value.strip() or value == default):
            raise self._wrong(key, "text")
        return value

    def optional_text(self, key: str) -> str | None:
        """Return a text, or None if the key is missing."""
        return self.text(key) if self._has(key) else None

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self._take(key, default)
        if not isinstance(value, bool):
            raise self._wrong(key, "flag")
        return value

    def optional_flag(self, key: str) -> bool | None:
        """Return true or false, or None if the key is missing."""
        return self.flag(key, default=False) if self._has(key) else None

    def count(self, key: str, default: int) -> int:
        """Return a whole number, 0 or more."""
        value = self._take(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self._wrong(key, "count")
        return value

    def texts(self, key: str, default: Collection[str] = ()) -> tuple[str, ...]:
        """Return one or several texts (a lone text counts as a list of one); empty texts are allowed."""
        value = self._take(key, list(default))
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(text, str) for text in values):
            raise self._wrong(key, "texts")
        return tuple(values)

    def choice(self, key: str, allowed: Collection[str], default: str) -> str:
        """Return one of the allowed words."""
        value = self.text(key, default)
        if value not in allowed:
            raise MappingError("not_a_choice", key=self._path(key), value=value, allowed=", ".join(allowed))
        return value

    def column(self, key: str) -> Column | None:
        """Return a column by name or position, or None if the key is missing."""
        found = self.columns(key)
        if len(found) > 1:
            raise self._wrong(key, "column")
        return found[0] if found else None

    def columns(self, key: str) -> tuple[Column, ...]:
        """Return one or several columns, each by name or position; none if the key is missing."""
        value = self._take(key, [])
        values = value if isinstance(value, list) else [value]
        for column in values:
            named = isinstance(column, str) and bool(column.strip())
            numbered = isinstance(column, int) and not isinstance(column, bool) and column > 0
            if not (named or numbered):
                raise self._wrong(key, "column")
        return tuple(values)

    def pattern(self, key: str) -> re.Pattern[str] | None:
        """Return a compiled regular expression, or None if the key is missing."""
        text = self.optional_text(key)
        if text is None:
            return None
        try:
            return re.compile(text, re.IGNORECASE)
        except re.error as error:
            raise MappingError("bad_pattern", key=self._path(key), value=text, detail=str(error)) from None

    def value(self, key: str, read: Callable[[Any], T], kind: str) -> T | None:
        """Convert the raw value with `read`, or return None if the key is missing.

        A `ValueError` or `TypeError` of `read` becomes a MappingError that names the expected `kind`.
        """
        raw = self._take(key, None)
        if raw is None:
            return None
        try:
            return read(raw)
        except (TypeError, ValueError):
            raise self._wrong(key, kind) from None

    def section(self, key: str) -> Section:
        """Return the table under a key, empty if it is missing."""
        value = self._take(key, {})
        if not isinstance(value, dict):
            raise self._wrong(key, "table")
        return Section(self._path(key), value)

    def sections(self, key: str) -> tuple[Section, ...]:
        """Return the tables under a key written as `[[key]]`, none if it is missing."""
        value = self._take(key, [])
        if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
            raise self._wrong(key, "tables")
        return tuple(Section(self._path(key), table) for table in value)

    def has(self, key: str) -> bool:
        """Whether the key exists."""
        return self._has(key)

    def finish(self) -> None:
        """Raise an error for an unknown key, with the nearest known key as a hint."""
        for key in self._table:
            if key not in self._known:
                nearest = difflib.get_close_matches(key, self._known, n=1, cutoff=0.5)
                known = ", ".join(sorted(set(self._known)))
                code = "unknown_key_near" if nearest else "unknown_key"
                raise MappingError(code, key=self._path(key), nearest=nearest[0] if nearest else "", known=known)

    def _has(self, key: str) -> bool:
        self._known.append(key)
        return key in self._table

    def _take(self, key: str, default: Any) -> Any:
        return self._table[key] if self._has(key) else default

    def _path(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def _wrong(self, key: str, kind: str) -> MappingError:
        return MappingError(f"wrong_kind_{kind}", key=self._path(key))
