"""Parts of a list: each begins behind the last row of the one before, so that rows which come or go shift nothing.

The cursor is opaque to callers: it holds what the list is sorted by, and the row's id.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cloud.kernel.instants import instant_of
from shared.kernel.errors import DomainError

_BETWEEN = "\n"
LONGEST_CURSOR_CHARACTERS = 600


@dataclass(frozen=True, slots=True)
class Sorting:
    """What a list is sorted by: never null, so that each row has its place.

    Attributes:
        read: the value from its text in a cursor.
    """

    column: sa.ColumnElement[Any]
    read: Callable[[str], Any] = str


def by_instant(column: sa.ColumnElement[Any]) -> Sorting:
    """Sort by an instant; rows without one come first."""
    never = datetime.fromisoformat("0001-01-01T00:00:00+00:00")
    return Sorting(sa.func.coalesce(column, never), instant_of)


@dataclass(frozen=True, slots=True)
class ListPart:
    """Some rows of a list. `next` is the cursor of the part behind it; empty if there is none."""

    rows: Sequence[Any]
    next: str


async def part_of(
    session: AsyncSession,
    query: sa.Select[*tuple[Any, ...]],
    sorting: Sorting,
    key: sa.ColumnElement[UUID],
    *,
    is_descending: bool = False,
    after: str = "",
    most: int,
) -> ListPart:
    """Read a part of a list, with one statement.

    Args:
        query: the whole list, not sorted.
        key: what tells rows apart that are sorted alike.
        after: `next` of the part before; empty for the first part.

    Raises:
        DomainError: CURSOR_WRONG.
    """
    place = sa.tuple_(sorting.column, key)
    if after:
        value, row_id = _parsed(after, sorting)
        begin = sa.tuple_(sa.literal(value, sorting.column.type), sa.literal(row_id, key.type))
        query = query.where(place < begin if is_descending else place > begin)
    order = [sorting.column.desc(), key.desc()] if is_descending else [sorting.column, key]
    columns = (sorting.column.label("sorted_by"), key.label("sorted_key"))
    rows = (await session.execute(query.add_columns(*columns).order_by(*order).limit(most + 1))).all()
    shown = rows[:most]
    return ListPart(shown, _cursor(shown[-1].sorted_by, shown[-1].sorted_key) if len(rows) > most else "")


def _cursor(value: Any, key: UUID) -> str:
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return base64.urlsafe_b64encode(f"{key}{_BETWEEN}{text}".encode()).decode().rstrip("=")


def _parsed(after: str, sorting: Sorting) -> tuple[Any, UUID]:
    try:
        if len(after) > LONGEST_CURSOR_CHARACTERS:
            raise ValueError
        text = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)).decode()
        key, between, value = text.partition(_BETWEEN)
        if not between or "\0" in value:
            raise ValueError
        return sorting.read(value), UUID(key)
    except (ValueError, binascii.Error):
        raise DomainError("CURSOR_WRONG") from None
