"""Pure rules of drawers: coins and notes, and which session takes a device's money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from shared.kernel.money import MAX_MINOR

MOST_KINDS_OF_COIN = 60
"""Coins and notes that a list of pieces names at most; no currency has half as many."""
MOST_PIECES = 100_000
"""Of one coin: more than any safe of a restaurant holds."""


def is_list_of_pieces(pieces: Any) -> bool:
    """Whether something is a list of {value_minor, pieces}."""
    return isinstance(pieces, list) and len(pieces) <= MOST_KINDS_OF_COIN and all(map(_is_piece, pieces))


def _is_piece(piece: Any) -> bool:
    if not isinstance(piece, Mapping):
        return False
    value, count = piece.get("value_minor"), piece.get("pieces")
    return type(value) is int and type(count) is int and 0 < value <= MAX_MINOR and 0 < count <= MOST_PIECES


def listed(pieces: Mapping[int, int]) -> list[dict[str, int]]:
    """Coins and notes as a record holds them, the largest first.

    Args:
        pieces: how many there are, by value in minor units.
    """
    return [{"value_minor": value, "pieces": count} for value, count in sorted(pieces.items(), reverse=True) if count]


def worth(pieces: Mapping[int, int]) -> int:
    """What coins and notes come to, in minor units."""
    return sum(value * count for value, count in pieces.items())


class OpenSession(NamedTuple):
    """A session that is open in the branch.

    Attributes:
        declared: whether somebody said what was in the drawer when it began.
    """

    id: UUID
    drawer_id: UUID | None
    device_id: UUID
    business_date: date
    declared: bool


def session_now(sessions: Iterable[OpenSession], device_id: UUID, today: date) -> OpenSession | None:
    """The session that takes a device's money; the newest of several.

    The date of a session that a sale opened is nobody's word: it takes money on its own business day only, so that a
    house that never opens a shift still has days, and a wrong clock does not keep its day for ever.
    """
    of_device = [each for each in sessions if each.device_id == device_id]
    declared = [each for each in of_device if each.declared]
    of_today = [each for each in of_device if each.business_date == today]
    return max(declared or of_today, key=lambda each: each.id, default=None)


def day_of_money(sessions: Iterable[OpenSession], device_id: UUID, today: date) -> date:
    """The business date of what a device takes now: that of its session; without one, today."""
    session = session_now(sessions, device_id, today)
    return session.business_date if session is not None else today


def opened_twice(sessions: Sequence[OpenSession], session: OpenSession) -> list[OpenSession]:
    """The sessions of other devices that use the same drawer now."""
    if session.drawer_id is None or not session.declared:
        return []
    return [
        each
        for each in sessions
        if each.declared and each.drawer_id == session.drawer_id and each.device_id != session.device_id
    ]
