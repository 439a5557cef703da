"""Kinds of exceptions, their ids, and when one is open."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from shared.kernel.ids import derived_id
from shared.truth.family import BY_NOTE, Difference


class EventKind(StrEnum):
    """Something that happened. A note settles it, or it ends by itself (`ENDS_BY_ITSELF`).

    `OTHER`: what a program reads that does not know the kind, so that a verdict in the same transaction is obeyed.
    """

    WITHOUT_RIGHT = "without_right"
    VOIDED = "voided"
    SUMS_DIFFER = "sums_differ"
    NUMBER_TWICE = "number_twice"
    STREAM_FORKED = "stream_forked"
    LOG_GAP = "log_gap"
    CLOUD_RESTORED = "cloud_restored"
    DIGESTS_DIFFER = "digests_differ"
    CLOCK_WRONG = "clock_wrong"
    SERVER_CLOCK = "server_clock"
    QUARANTINED = "quarantined"
    DRAWER_OPENED_TWICE = "drawer_opened_twice"
    DRAWER_DIFFERS = "drawer_differs"
    AFTER_THE_CLOSE = "after_the_close"
    OTHER = "other"


OF_THE_JUDGE = frozenset(
    {
        EventKind.WITHOUT_RIGHT,
        EventKind.VOIDED,
        EventKind.SUMS_DIFFER,
        EventKind.NUMBER_TWICE,
        EventKind.CLOCK_WRONG,
        EventKind.SERVER_CLOCK,
        EventKind.CLOUD_RESTORED,
    }
)
"""What only the cloud finds. A device that says so is not heard."""
ENDS_BY_ITSELF = frozenset({EventKind.QUARANTINED})
"""What is over once its cause is gone: who found it says so (`ExceptionEvent.came_right`)."""
APPROVER = "approver"
"""In a detail of `WITHOUT_RIGHT`: the id, in hex, of whom an approval names who may not do it either."""
Kind = EventKind | Difference


def exception_id(kind: Kind, *cause: UUID | str | int | bytes) -> UUID:
    """The id of an exception, computed from its kind and cause: two replicas that find it find one.

    Args:
        cause: ids, numbers and words that tell it from every other of its kind.
    """
    return derived_id("exception", kind, *cause)


def needs_an_action(kind: Kind) -> bool:
    """Whether only the action that closes the difference settles it, and no note does."""
    return isinstance(kind, Difference) and kind not in BY_NOTE


def is_open(size: int, settled_up_to: int) -> bool:
    """Whether somebody must look: it was never settled, or has grown since."""
    return size > settled_up_to


def has_ended(kind: EventKind, size: int, came_right: int) -> bool:
    """Whether an event is over by itself."""
    return kind in ENDS_BY_ITSELF and came_right >= size


class ParkedAt(NamedTuple):
    """What a quarantined event tells of itself.

    Attributes:
        first: the number of the first change of what waits, in the event's stream.
        on: the device that asked because it waits there; None if it waits on the cloud.
    """

    first: int
    on: UUID | None

    @classmethod
    def told_by(cls, details: Any) -> ParkedAt | None:
        """Read it from the details of an event; None if they do not say it."""
        detail = details[0] if isinstance(details, list) and details else None
        if not isinstance(detail, Mapping) or type(detail.get("first")) is not int:
            return None
        on = detail.get("on")
        try:
            return cls(detail["first"], UUID(hex=on) if isinstance(on, str) else None)
        except ValueError:
            return None
