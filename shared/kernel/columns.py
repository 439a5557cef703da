"""Column types that mean the same on SQLite and PostgreSQL, each with its form on the wire.

`to_wire` gives a msgpack-native value (None, bool, int, str, bytes, list, dict), `from_wire` the Python value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, Generic, Literal, TypeVar, cast
from uuid import UUID, SafeUUID

import sqlalchemy as sa
from msgspec import Meta
from msgspec.json import Decoder

from shared.kernel.instants import FIRST_MICROSECOND, LAST_MICROSECOND, from_microseconds, to_microseconds
from shared.kernel.money import MAX_MINOR
from shared.kernel.numbers import LONGEST_NUMBER, is_number

HOURS_A_DAY = 24
KEY_BYTES = 16
MAX_WORD_CHARACTERS = 32
LISTED_DEPTH = 8
"""How deep a document may nest; ours nest two levels."""
MARGIN_DAYS = 366
"""How far from the calendar's ends instants and dates stay: in any zone, on any business day, there is still a date.
A clock that is centuries wrong is no reason to refuse a sale, so there is no narrower limit."""
_MARGIN_MICROSECONDS = timedelta(days=MARGIN_DAYS) // timedelta(microseconds=1)
_FIRST_INSTANT, _LAST_INSTANT = FIRST_MICROSECOND + _MARGIN_MICROSECONDS, LAST_MICROSECOND - _MARGIN_MICROSECONDS
_FIRST_DAY, _LAST_DAY = date.min + timedelta(days=MARGIN_DAYS), date.max - timedelta(days=MARGIN_DAYS)


class Wired:
    """What each of our column types offers to the change log: by default a value is sent as it is.

    Attributes:
        wire_type: the type that a decoder checks while it reads a wire value.
    """

    wire_type: Any = Any

    def to_wire(self, value: Any) -> Any:
        """Python value to msgpack-native value."""
        return value

    def from_wire(self, value: Any) -> Any:
        """msgpack-native value to Python value."""
        return value

    def accepts(self, value: Any) -> bool:
        """Whether a wire value can be stored (None: no); cheaper than converting it."""
        try:
            self.from_wire(value)
        except (ValueError, TypeError, OverflowError):
            return False
        return value is not None

    def accepts_column(self, column: Sequence[Any]) -> bool:
        """Whether all decoded values can be stored (None: no value): checks what `wire_type` cannot express."""
        return True


class Key(Wired, sa.TypeDecorator[UUID]):
    """A UUID: `uuid` on PostgreSQL, a 16-byte blob elsewhere (half the size of text)."""

    impl = sa.LargeBinary(16)
    cache_ok = True
    wire_type = Annotated[bytes, Meta(min_length=16, max_length=16)]

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        """The native type of the dialect."""
        return dialect.type_descriptor(sa.Uuid() if dialect.name == "postgresql" else sa.LargeBinary(16))

    def process_bind_param(self, value: UUID | bytes | None, dialect: sa.Dialect) -> Any:
        """UUID (or its 16 bytes, as the log has them) to what the driver takes."""
        if value is None:
            return None
        if dialect.name == "postgresql":
            return UUID(bytes=value) if isinstance(value, bytes) else value
        return value if isinstance(value, bytes) else value.bytes

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> UUID | None:
        """What the driver gives to UUID."""
        return value if value is None or isinstance(value, UUID) else _uuid(bytes(value))

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], UUID | None] | None:
        """The same without the calls between, which take longer than it: a menu is read with 80,000 of them."""
        return super().result_processor(dialect, coltype) if dialect.name == "postgresql" else _key_read

    def to_wire(self, value: UUID | None) -> bytes | None:
        """Sixteen bytes."""
        return None if value is None else value.bytes

    def from_wire(self, value: bytes | None) -> UUID | None:
        """Sixteen bytes back to a UUID."""
        return None if value is None else UUID(bytes=value)

    def accepts(self, value: Any) -> bool:
        """Sixteen bytes."""
        return type(value) is bytes and len(value) == 16


@lru_cache(maxsize=4_096)
def _uuid(value: bytes) -> UUID:
    """The UUID of sixteen bytes. A screen reads the same few hundred again and again, and making one is slow.

    A till meets thousands of new ones in an hour: it soon holds as many as it ever will.
    """
    if len(value) != KEY_BYTES:
        msg = f"a key of {len(value)} bytes"
        raise ValueError(msg)
    made = _NEW(UUID)  # in half the time of `UUID(bytes=value)`, which looks for other ways to be called
    _SET(made, "int", int.from_bytes(value))
    _SET(made, "is_safe", SafeUUID.unknown)
    return made


_NEW, _SET = object.__new__, object.__setattr__


def _key_read(value: bytes | None) -> UUID | None:
    return None if value is None else _uuid(value)


class Instant(Wired, sa.TypeDecorator[datetime]):
    """An aware UTC instant: `timestamptz` on PostgreSQL, integer microseconds elsewhere. Refuses naive values."""

    impl = sa.BigInteger
    cache_ok = True
    wire_type = Annotated[int, Meta(ge=_FIRST_INSTANT, le=_LAST_INSTANT)]

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        """The native type of the dialect."""
        return dialect.type_descriptor(sa.DateTime(timezone=True) if dialect.name == "postgresql" else sa.BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        """Instant to what the driver takes."""
        if value is None:
            return None
        microseconds = to_microseconds(value)
        return value.astimezone(UTC) if dialect.name == "postgresql" else microseconds

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        """What the driver gives to an aware UTC instant."""
        if value is None:
            return None
        return from_microseconds(value) if isinstance(value, int) else value.astimezone(UTC)

    def to_wire(self, value: datetime | None) -> int | None:
        """Microseconds since 1970."""
        return None if value is None else to_microseconds(value)

    def from_wire(self, value: int | None) -> datetime | None:
        """Microseconds since 1970 back to an instant."""
        return None if value is None else from_microseconds(value)

    def accepts(self, value: Any) -> bool:
        """An integer that is within the calendar, in every time zone."""
        return type(value) is int and _FIRST_INSTANT <= value <= _LAST_INSTANT


class Day(Wired, sa.TypeDecorator[date]):
    """A calendar or business date: `date` on PostgreSQL, ISO text elsewhere (it sorts)."""

    impl = sa.String(10)
    cache_ok = True
    wire_type = Annotated[str, Meta(min_length=10, max_length=10)]

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        """The native type of the dialect."""
        return dialect.type_descriptor(sa.Date() if dialect.name == "postgresql" else sa.String(10))

    def process_bind_param(self, value: date | None, dialect: sa.Dialect) -> Any:
        """Date to what the driver takes."""
        return value if value is None or dialect.name == "postgresql" else value.isoformat()

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> date | None:
        """What the driver gives to a date."""
        return date.fromisoformat(value) if isinstance(value, str) else value

    def to_wire(self, value: date | None) -> str | None:
        """ISO text."""
        return None if value is None else value.isoformat()

    def from_wire(self, value: str | None) -> date | None:
        """ISO text back to a date."""
        return None if value is None else date.fromisoformat(value)

    def accepts(self, value: Any) -> bool:
        """A date in our one form of it: two texts for one day would not merge."""
        if type(value) is not str:
            return False
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return False
        return day.isoformat() == value and _FIRST_DAY <= day <= _LAST_DAY

    def accepts_column(self, column: Sequence[Any]) -> bool:
        """Days of the calendar. Each different one is checked once, since a batch has few."""
        return all(map(self.accepts, set(column) - {None}))


class Words(Wired, sa.TypeDecorator[str]):
    """Plain text of at most `length` characters."""

    impl = sa.String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length
        self.wire_type = Annotated[str, Meta(max_length=length)]

    def from_wire(self, value: Any) -> str | None:
        """The text.

        Raises:
            ValueError: not a text, too long, or with a NUL (which PostgreSQL cannot store).
        """
        if value is None or self.accepts(value):
            return cast("str | None", value)
        msg = f"not a text of at most {self.length} characters"
        raise ValueError(msg)

    def accepts(self, value: Any) -> bool:
        """A text that fits, without NUL."""
        return type(value) is str and len(value) <= self.length and "\x00" not in value

    def accepts_column(self, column: Sequence[Any]) -> bool:
        """Texts without NUL, found with one search in the joined texts."""
        texts = filter(None, column) if None in column else column
        return "\x00" not in "".join(texts)


class Octets(Wired, sa.TypeDecorator[bytes]):
    """At most `length` bytes: a picture, or a document that is encoded."""

    impl = sa.LargeBinary
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__()
        self.length = length
        self.wire_type = Annotated[bytes, Meta(max_length=length)]

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> bytes | None:
        """What the driver gives to bytes."""
        return None if value is None else bytes(value)

    def from_wire(self, value: Any) -> bytes | None:
        """The bytes.

        Raises:
            ValueError: no bytes, or too many.
        """
        if value is None or self.accepts(value):
            return cast("bytes | None", value)
        msg = f"not at most {self.length} bytes"
        raise ValueError(msg)

    def accepts(self, value: Any) -> bool:
        """Bytes that fit."""
        return type(value) is bytes and len(value) <= self.length


class Number(Words):
    """A number of a device's series (see `kernel/numbers.py`), ordered by its signs on every database."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(LONGEST_NUMBER)

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        """A text. PostgreSQL's own order goes by languages, which pass over dashes."""
        return dialect.type_descriptor(sa.String(self.length, "C" if dialect.name == "postgresql" else None))

    def accepts(self, value: Any) -> bool:
        """A number of a series."""
        return is_number(value)

    def accepts_column(self, column: Sequence[Any]) -> bool:
        """Numbers of series."""
        return all(value is None or is_number(value) for value in column)


class Whole(Wired, sa.TypeDecorator[int]):
    """An exact integer up to `MAX_MINOR` either way: minor units, thousandths, millionths, positions.

    Far below 64 bits, so that sums of thousands of them still fit.
    """

    impl = sa.BigInteger
    cache_ok = True
    wire_type: Any = Annotated[int, Meta(ge=-MAX_MINOR, le=MAX_MINOR)]

    def from_wire(self, value: Any) -> int | None:
        """The integer.

        Raises:
            ValueError: not an integer, or beyond `MAX_MINOR`.
        """
        if value is None or self.accepts(value):
            return cast("int | None", value)
        msg = "not a whole number within limits"
        raise ValueError(msg)

    def accepts(self, value: Any) -> bool:
        """An integer within the limits."""
        return type(value) is int and -MAX_MINOR <= value <= MAX_MINOR


class Hour(Whole):
    """An hour of the day, 0 to 23."""

    cache_ok = True
    wire_type = Annotated[int, Meta(ge=0, lt=HOURS_A_DAY)]

    def accepts(self, value: Any) -> bool:
        """An integer from 0 to 23."""
        return type(value) is int and 0 <= value < HOURS_A_DAY


class Flag(Wired, sa.TypeDecorator[bool]):
    """Yes or no."""

    impl = sa.Boolean
    cache_ok = True
    wire_type = bool

    def from_wire(self, value: Any) -> bool | None:
        """Yes or no.

        Raises:
            ValueError: neither.
        """
        if value is None or type(value) is bool:
            return value
        msg = "not yes or no"
        raise ValueError(msg)

    def accepts(self, value: Any) -> bool:
        """Yes or no."""
        return type(value) is bool


class Listed(Wired, sa.TypeDecorator[Any]):
    """A small JSON document (list or mapping of plain values): snapshots and settings, never searched by content."""

    impl = sa.JSON
    cache_ok = True
    wire_type = list[Any] | dict[Any, Any]

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        """JSONB on PostgreSQL (whose dialects a till need not load to start)."""
        if dialect.name != "postgresql":
            return dialect.type_descriptor(sa.JSON())
        from sqlalchemy.dialects.postgresql import JSONB

        return dialect.type_descriptor(JSONB())

    def from_wire(self, value: Any) -> Any:
        """The document.

        Raises:
            ValueError: not a list or mapping of plain values.
        """
        if value is None or self.accepts(value):
            return value
        msg = "not a list or mapping of plain values"
        raise ValueError(msg)

    def accepts(self, value: Any) -> bool:
        """A list or mapping of what every database's JSON keeps exactly: no bytes, no NUL, no fractions."""
        return type(value) in (list, dict) and _is_plain(value, LISTED_DEPTH)

    def accepts_column(self, column: Sequence[Any]) -> bool:
        """Documents that every database keeps exactly. Most are empty."""
        return all(self.accepts(value) for value in column if value)


def _is_plain(value: Any, depth: int) -> bool:
    kind = type(value)
    if kind is str:
        return "\x00" not in value
    if kind is int:
        return bool(-(1 << 63) <= value < 1 << 63)
    if value is None or kind is bool:
        return True
    if depth == 0 or kind not in (list, dict):
        return False
    if kind is dict:
        for name in value:
            if type(name) is not str or "\x00" in name:
                return False
    for item in value.values() if kind is dict else value:  # noqa: SIM110 - with a generator it takes 1.5 times as long
        if not _is_plain(item, depth - 1):
            return False
    return True


E = TypeVar("E", bound=StrEnum)


class TextsRead(sa.types.UserDefinedType[tuple[str, ...]]):
    """How a `Listed` column of texts is read where there are many rows: as a tuple, and quickly where it is empty.

    For `sa.type_coerce` in what is selected; nothing is written with it.
    """

    cache_ok = True

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], tuple[str, ...]]:
        """From JSON text, or from the list that PostgreSQL's driver makes of it."""
        return _texts_read


def _texts_read(value: Any) -> tuple[str, ...]:
    if not value or value == "[]":
        return ()
    return _TEXTS.decode(value) if isinstance(value, str) else tuple(value)


_TEXTS = Decoder(tuple[str, ...])


class Choice(Wired, sa.TypeDecorator[E], Generic[E]):
    """A word of a fixed list, stored as text. A newer program may know more words.

    Args:
        fallback: what an unknown word is read as; the word itself is kept. Without it the change parks until a program
            knows the word.
    """

    impl = sa.String(MAX_WORD_CHARACTERS)
    cache_ok = True

    def __init__(self, kind: type[E], *, fallback: E | None = None) -> None:
        super().__init__()
        self.kind = kind
        self.fallback = fallback
        self.words = frozenset(str(member) for member in kind)
        any_word = Annotated[str, Meta(min_length=1, max_length=MAX_WORD_CHARACTERS)]
        self.wire_type = Literal[tuple(sorted(self.words))] if fallback is None else any_word

    def process_bind_param(self, value: E | None, dialect: sa.Dialect) -> str | None:
        """Member to its word."""
        return None if value is None else str(value)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> E | None:
        """Word to its member."""
        return self.from_wire(value)

    def to_wire(self, value: E | None) -> str | None:
        """The word."""
        return None if value is None else str(value)

    def from_wire(self, value: str | None) -> E | None:
        """The member of a word.

        Raises:
            ValueError: the word is unknown, and the column declares no fallback.
        """
        if value is None or value in self.words or self.fallback is None:
            return None if value is None else self.kind(value)
        return self.fallback

    def accepts(self, value: Any) -> bool:
        """A word that this version knows; any word, if the column declares a fallback."""
        if type(value) is not str or value in self.words:
            return type(value) is str
        return self.fallback is not None and 0 < len(value) <= MAX_WORD_CHARACTERS and "\x00" not in value

    def accepts_column(self, column: Sequence[Any]) -> bool:
        """Words without NUL. Each different one is checked once, since a batch has few."""
        return all(map(self.accepts, set(column) - {None}))
