"""How a mapping cuts a text file into rows and cells. What it leaves open is found in the file."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from terminal.rehearsal.errors import MappingError
from terminal.rehearsal.mapping_section import Column, Section

_DELIMITER_WORDS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}


@dataclass(frozen=True, slots=True)
class TableFormat:
    """Format of a table. `delimiter` and `encoding` are None if they are found in the file; `quote` may be empty."""

    delimiter: str | None
    encoding: str | None
    header: bool
    skip_lines: int
    quote: str
    fill_down: tuple[Column, ...]


def table_format(section: Section) -> TableFormat:
    """Read the keys that describe a text file from a section.

    Raises:
        MappingError: an unknown encoding, or marks that are not one character.
    """
    return TableFormat(
        delimiter=_delimiter(section),
        encoding=_encoding(section),
        header=section.flag("header", default=True),
        skip_lines=section.count("skip_lines", 0),
        quote=_quote(section),
        fill_down=section.columns("fill_down"),
    )


def _delimiter(section: Section) -> str | None:
    if not section.has("delimiter"):
        return None
    value = ", ".join(section.texts("delimiter"))
    delimiter = _DELIMITER_WORDS.get(value.lower(), value)
    if len(delimiter) != 1 or delimiter in '"\r\n\0':
        raise MappingError("bad_delimiter", value=value)
    return delimiter


def _encoding(section: Section) -> str | None:
    name = section.optional_text("encoding")
    if name is None:
        return None
    try:
        codec = codecs.lookup(name.strip())
        "".encode(codec.name)
    except (LookupError, ValueError):
        raise MappingError("unknown_encoding", value=name) from None
    return "utf-8" if codec.name == "utf-8-sig" else codec.name


def _quote(section: Section) -> str:
    quote = section.text("quote", '"') if not section.has("quote") else "".join(section.texts("quote"))
    if len(quote) > 1:
        raise MappingError("bad_quote", value=quote)
    return quote
