"""What a change says, in words: names of fields as the tables have them, values as people read them.

What must not be read is not: hashes of PINs, keys, and what is sealed with a person's key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec

from cloud.pages.words import money, whole_day
from shared.kernel.columns import Choice, Instant, Key, Octets
from shared.kernel.instants import local_time
from shared.kernel.language import Texts
from shared.kernel.sealed import Sealed
from shared.kernel.text import clean
from shared.records import metadata
from sync.change import RawChange
from sync.tables import TableSpec, specs

HIDDEN = "•••"
SHORT_ID_CHARACTERS = 8
LONGEST_VALUE_CHARACTERS = 120
_SECRET_FIELDS = frozenset({"pin_hash", "pin_hint", "pin_said", "public_key"})
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_decode_fields = msgspec.msgpack.Decoder(dict[str, Any]).decode


@cache
def tables() -> Mapping[str, TableSpec]:
    """All replicated tables by name."""
    return specs(metadata)


def fields_of(change: RawChange) -> dict[str, Any]:
    """The fields of a change as they travel; none if they cannot be read."""
    try:
        return _decode_fields(change.fields)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def said(table: str, field: str, wire: Any, currency: str = "") -> str:
    """A value as people read it. Text of people is cleaned, ids are short, secrets are hidden.

    Instants are in UTC as programs write them: pages, which know the clock of the branch, tell them by `local`.

    Args:
        currency: of amounts; empty: they are given in minor units.
    """
    if wire is None or wire == "" or wire == []:
        return ""
    spec = tables().get(table)
    column = spec.table.columns.get(field) if spec is not None else None
    kind = column.type if column is not None else None
    if field in _SECRET_FIELDS or isinstance(kind, (Sealed, Octets)):
        return HIDDEN
    if isinstance(kind, Instant):
        at = kind.from_wire(wire) if isinstance(wire, int) else None
        return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at is not None else HIDDEN
    if isinstance(kind, Key) or (isinstance(wire, bytes) and len(wire) == 16):
        return str(UUID(bytes=wire))[:SHORT_ID_CHARACTERS]
    if isinstance(wire, bytes):
        return HIDDEN
    if field.endswith("_minor") and isinstance(wire, int):
        return money(wire, currency) if currency else f"{wire:,}"
    if field.endswith("_milli") and isinstance(wire, int):
        return f"{wire / 1_000:g}"
    if field.endswith("_millionths") and isinstance(wire, int):
        return f"{wire / 10_000:g} %"
    if isinstance(kind, Choice) or isinstance(wire, (str, int, bool)):
        return clean(str(wire), LONGEST_VALUE_CHARACTERS)
    return clean(_listed(wire), LONGEST_VALUE_CHARACTERS)


def local(texts: Texts, text: str, zone: str) -> str:
    """A value that is an instant or a day, as people of a zone read it; any other as it is."""
    try:
        if _INSTANT.fullmatch(text):
            at = local_time(datetime.fromisoformat(text), zone)
            return f"{whole_day(texts, at.date())} {at:%H:%M:%S}"
        return whole_day(texts, date.fromisoformat(text)) if _DAY.fullmatch(text) else text
    except (ValueError, OverflowError):  # no day of the calendar, or none in that zone
        return text


def _listed(wire: Any) -> str:
    """A list or mapping in one line, ids short."""
    if isinstance(wire, Mapping):
        return ", ".join(f"{name}: {_listed(value)}" for name, value in wire.items())
    if isinstance(wire, (list, tuple)):
        return ", ".join(_listed(each) for each in wire)
    return HIDDEN if isinstance(wire, bytes) else str(wire)
