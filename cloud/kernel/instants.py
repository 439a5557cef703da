"""Instants as programs write them in addresses."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)


def instant_of(text: str) -> datetime:
    """The instant of an RFC 3339 text. As a datetime Litestar would take numbers, too, and times of no zone.

    Raises:
        ValueError: it is none.
    """
    if _RFC_3339.fullmatch(text) is None:
        raise ValueError
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError:
        raise ValueError from None
