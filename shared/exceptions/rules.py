"""Kinds of exceptions, their ids, and when one is open."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from shared.kernel.ids import derived_id


class EventKind(StrEnum):
    """Something that happened. Only a note settles it, except that joining ends a table opened twice.

    `OTHER`: what a program reads that does not know the kind, so that a verdict in the same transaction is obeyed.
    """

    WITHOUT_RIGHT = "without_right"
    VOIDED = "voided"
    SUMS_DIFFER = "sums_differ"
    TABLE_OPENED_TWICE = "table_opened_twice"
    STREAM_FORKED = "stream_forked"
    LOG_GAP = "log_gap"
    DIGESTS_DIFFER = "digests_differ"
    CLOCK_WRONG = "clock_wrong"
    QUARANTINED = "quarantined"
    OTHER = "other"


class DifferenceKind(StrEnum):
    """A difference between ledgers, which every replica reads for itself."""

    PAID_TWICE = "paid_twice"
    PAID_THEN_TAKEN_OFF = "paid_then_taken_off"
    TO_GIVE_BACK = "to_give_back"
    SHORT = "short"
    ORDERED_AFTER_PAYING = "ordered_after_paying"
    GIVEN_BACK_YET_LIVE = "given_back_yet_live"
    CHANGED_AFTER_COOKING = "changed_after_cooking"
    COOKED_NOT_CHARGED = "cooked_not_charged"
    REFUNDED_TWICE = "refunded_twice"
    CHANGED_AFTER_PAYING = "changed_after_paying"
    DISCOUNTED_TOO_MUCH = "discounted_too_much"
    CHARGED_TOO_MUCH = "charged_too_much"


NOTED = frozenset(
    {DifferenceKind.COOKED_NOT_CHARGED, DifferenceKind.REFUNDED_TWICE, DifferenceKind.CHANGED_AFTER_PAYING}
)
"""Differences that no action can undo, so that a note settles them. The action that closes the difference settles all
others."""

Kind = EventKind | DifferenceKind


def exception_id(kind: Kind, *cause: UUID | str | int | bytes) -> UUID:
    """The id of an exception, computed from its kind and cause: two replicas that find it find one.

    Args:
        cause: ids, numbers and words that tell it from every other of its kind.
    """
    return derived_id("exception", kind, *cause)


def needs_an_action(kind: Kind) -> bool:
    """Whether only the action that closes the difference settles it, and no note does."""
    return isinstance(kind, DifferenceKind) and kind not in NOTED


def is_open(size: int, settled_up_to: int) -> bool:
    """Whether somebody must look: it was never settled, or has grown since."""
    return size > settled_up_to
