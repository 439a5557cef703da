"""Columns of values as PostgreSQL arrays: one parameter a column, however many rows.

`INSERT INTO t (...) SELECT ... FROM unnest(%s::uuid[], %s::text[], ...)` obeys row-level security (COPY into such a
table is refused), needs no temporary table and costs half of COPY into one plus INSERT ... SELECT. Each writer takes a
whole column, so that Python's work is a few calls of C a column and not one call a value. Fixed sizes go in the binary
format; numbers and texts go as an array's literal, which the server reads quicker than Python could write lengths.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import chain, repeat
from typing import Any, cast

import msgspec
import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

UUID, BYTEA, INSTANT = (2950, 2951), (17, 1001), (1184, 1185)
"""Numbers by which PostgreSQL knows the type of an element and of its array."""
EPOCH_MICROSECONDS = 946_684_800_000_000
"""PostgreSQL counts from 2000, the wire from 1970."""
_HEADER = struct.Struct(">iIIii")
_INSTANT = struct.Struct(">iq")
_NULL, _SIXTEEN = b"\xff\xff\xff\xff", b"\x00\x00\x00\x10"
_length = struct.Struct(">i").pack
_json = msgspec.json.Encoder().encode
_EMPTY = "[]"


class Packed:
    """A value in PostgreSQL's binary format, with the number of its type."""

    __slots__ = ("data", "oid")

    def __init__(self, oid: int, data: bytes) -> None:
        self.data = data
        self.oid = oid


def _array(kind: tuple[int, int], count: int, cells: bytes, *, nulls: bool = False) -> Packed:
    return Packed(kind[1], _HEADER.pack(1, nulls, kind[0], count, 1) + cells)


def one_key(identifier: bytes) -> Packed:
    """A uuid."""
    return Packed(UUID[0], identifier)


class PackedDumper(Dumper):
    """Hands a `Packed` to the driver as it is."""

    format = Format.BINARY

    def get_key(self, obj: Packed, format: Any) -> Any:  # noqa: A002 - psycopg names it so
        """One dumper a type."""
        return (self.cls, obj.oid)

    def upgrade(self, obj: Packed, format: Any) -> PackedDumper:  # noqa: A002 - psycopg names it so
        """The dumper of the value's type."""
        dumper = PackedDumper(self.cls)
        dumper.oid = obj.oid
        return dumper

    def dump(self, obj: Packed) -> bytes:
        """The bytes as they are."""
        return obj.data


psycopg.adapters.register_dumper(Packed, PackedDumper)


def keys(column: Sequence[bytes | None]) -> Packed:
    """uuid[] of sixteen bytes each."""
    if None in column:
        cells = b"".join([_NULL if value is None else _SIXTEEN + value for value in column])
        return _array(UUID, len(column), cells, nulls=True)
    whole = cast("Sequence[bytes]", column)
    return _array(UUID, len(column), (_SIXTEEN if column else b"") + _SIXTEEN.join(whole))


def octets(column: Sequence[bytes | None]) -> Packed:
    """bytea[]."""
    if None in column:
        cells = b"".join([_NULL if value is None else _length(len(value)) + value for value in column])
        return _array(BYTEA, len(column), cells, nulls=True)
    whole = cast("Sequence[bytes]", column)
    lengths = map(_length, map(len, whole))
    return _array(BYTEA, len(column), b"".join(chain.from_iterable(zip(lengths, whole, strict=True))))


def instants(column: Sequence[int | None]) -> Packed:
    """timestamptz[] of microseconds since 1970."""
    if None in column:
        cells = b"".join([_NULL if value is None else _INSTANT.pack(8, value - EPOCH_MICROSECONDS) for value in column])
        return _array(INSTANT, len(column), cells, nulls=True)
    shifted = map((-EPOCH_MICROSECONDS).__add__, cast("Sequence[int]", column))
    cells = struct.pack(f">{'iq' * len(column)}", *chain.from_iterable(zip(repeat(8), shifted, strict=False)))
    return _array(INSTANT, len(column), cells)


def texts(column: Sequence[str | None]) -> str:
    """The literal of text[], and of whatever PostgreSQL reads from text (dates, documents).

    One look at the joined column says whether anything must be escaped; mostly nothing must.
    """
    if None in column:
        return "{" + ",".join(["NULL" if value is None else f'"{_escaped(value)}"' for value in column]) + "}"
    whole = cast("Sequence[str]", column)
    joined = '","'.join(whole)
    if "\\" in joined or joined.count('"') != 2 * (len(column) - 1):
        joined = '","'.join([_escaped(value) for value in whole])
    return f'{{"{joined}"}}' if column else "{}"


def _escaped(value: str) -> str:
    """The text within quotes. (`str.translate` takes ten times as long.)"""
    return value.replace("\\", "\\\\").replace('"', '\\"')


def numbers(column: Sequence[int | None]) -> str:
    """The literal of bigint[] or numeric[]."""
    if None in column:
        return "{" + ",".join(["NULL" if value is None else str(value) for value in column]) + "}"
    return "{" + ",".join(map(str, column)) + "}"


def flags(column: Sequence[bool | None]) -> str:
    """The literal of boolean[]."""
    return "{" + ",".join(["NULL" if value is None else "t" if value else "f" for value in column]) + "}"


def documents(column: Sequence[Any]) -> str:
    """The literal of jsonb[]. Most documents are empty lists."""
    return texts([None if value is None else _EMPTY if value == [] else _json(value).decode() for value in column])
