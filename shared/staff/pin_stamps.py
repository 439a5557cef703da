"""Which PIN of a person is the newest: the one of the organization, or one that was set in a branch."""

from __future__ import annotations

from typing import Any, NamedTuple

from shared.kernel.stamps import Said, holds_over, said_of, written_at
from shared.staff.pins import HashedPin
from shared.staff.rules import WORK_EVERYWHERE


class SetPin(NamedTuple):
    """The PIN that was set in a branch.

    Attributes:
        said: when.
        knew: what was known then of the person's PIN.
    """

    pin: HashedPin
    said: Said
    knew: str

    def holds_over(self, person_said: Said) -> bool:
        """Whether it holds over the PIN that the person has in `staff`."""
        return holds_over(self.said, self.knew, person_said)


def pin_in_force(row: Any) -> HashedPin:
    """The newer one of a person's PIN and the one that was set in the branch.

    Args:
        row: `role`, `pin_hash`, `pin_hint`, `pin_said` and `stamps` of the person; `branch_pin`, `branch_stamps` and
            `knew` of the other.
    """
    if row.branch_pin is not None and row.role not in WORK_EVERYWHERE:
        here = set_in_branch(row.branch_pin, row.branch_stamps, row.knew)
        if here.holds_over(pin_said(row.pin_said, row.stamps)):
            return here.pin
    return HashedPin(row.pin_hash, row.pin_hint)


def set_in_branch(pin: str, stamps: bytes, knew: str) -> SetPin:
    """Read a row of `pin_changes`."""
    return SetPin(hashed_of(pin), written_at(stamps, "pin"), knew)


def hashed_of(pin: str) -> HashedPin:
    """What a row of `pin_changes` has of a PIN: its hint, a blank, its hash."""
    hint, _, encoded = pin.partition(" ")
    return HashedPin(encoded, hint)


def pin_said(taken_over: str, stamps: bytes) -> Said:
    """When a person's PIN was said: in a branch, if it was taken over from there, else by the organization."""
    return said_of(taken_over) if taken_over else written_at(stamps, "pin_hash")
