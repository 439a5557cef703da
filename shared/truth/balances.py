"""What the sums of a check mean. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from shared.truth.family import Difference


class CheckSums(Protocol):
    """The sums of a check: a row of `check_balances`, or `NO_SUMS`. `settled` stands at the first check of an order."""

    opened: int
    has_left: int
    settled: int

    receipts: int
    live_milli: int
    owed_milli: int
    late_milli: int
    spare_milli: int
    to_send_milli: int
    held_milli: int
    in_minor: int
    refunded_minor: int
    counted_minor: int
    lost_minor: int


class _NoSums:
    """Stands for a check without any row behind it."""

    def __getattr__(self, _name: str) -> int:
        return 0


NO_SUMS: CheckSums = _NoSums()
"""The sums of a check that nothing is known of."""


class CheckState(StrEnum):
    """A check in a word."""

    EMPTY = "empty"
    OPEN = "open"
    OWED = "owed"
    SHORT = "short"
    SETTLED = "settled"
    TO_GIVE_BACK = "to_give_back"


def credit_of(sums: CheckSums) -> int:
    """What came in for a check and no receipt counts: a part payment, or money to give back. Below nothing: missing."""
    return sums.in_minor - sums.refunded_minor - sums.counted_minor


def is_work(sums: CheckSums) -> bool:
    """Whether something is to be done about a check: `is_busy` (`shared/truth/records.py`) of one row."""
    begun = sums.opened and not sums.has_left and not sums.settled
    return bool(
        sums.owed_milli or sums.spare_milli or sums.to_send_milli or sums.held_milli or credit_of(sums) or begun
    )


def state_of(sums: CheckSums) -> CheckState:
    """A check in a word."""
    if sums.owed_milli:
        return CheckState.OWED if sums.receipts else CheckState.OPEN
    credit = credit_of(sums)
    if credit < 0:
        return CheckState.SHORT  # also of a receipt that is one too many: no money is there to give back
    if credit > 0 or sums.spare_milli:
        return CheckState.TO_GIVE_BACK
    return CheckState.SETTLED if sums.receipts else CheckState.EMPTY


def troubles_of(sums: CheckSums) -> dict[Difference, int]:
    """What a person must decide about the money of a check, with the size of each."""
    credit = credit_of(sums)
    found = {
        Difference.TO_GIVE_BACK: credit if not (sums.owed_milli or sums.spare_milli) else 0,
        Difference.SHORT: -credit if not sums.owed_milli else 0,
        Difference.ORDERED_AFTER_PAYING: sums.late_milli if sums.receipts else 0,
    }
    return {kind: size for kind, size in found.items() if size > 0}
