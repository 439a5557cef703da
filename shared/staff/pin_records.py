"""PINs that were set in a branch: they hold there at once; the cloud takes them over for the person everywhere."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.kernel.columns import Key, Words
from shared.kernel.declared import RowRule
from shared.kernel.permissions import DeviceKind, Permission
from shared.kernel.records import BranchRecord, ledger, register
from shared.kernel.stamps import is_said_text
from shared.staff.pin_stamps import hashed_of
from shared.staff.pins import is_hashed_pin


class PinChange(BranchRecord):
    """The PIN of somebody as it was set last in a branch. The id follows from branch and person.

    Attributes:
        pin: hint and hash of the PIN, as `staff.pin_hint` and `staff.pin_hash` have them, in one field: of two tills
            that set it at once one PIN holds, and no mixture of two.
        knew: what was known then of the person's PIN (`said_text`): that one is older, whatever clocks say.
    """

    __tablename__ = "pin_changes"
    __writes__ = Permission.SET_PIN
    __devices__ = frozenset({DeviceKind.TILL, DeviceKind.MANAGER, DeviceKind.CLOUD})
    __rules__ = (
        RowRule("its hash is one of a PIN, and costs no more", ("pin",), lambda pin: is_hashed_pin(hashed_of(pin))),
        RowRule("what it knew is when something was said", ("knew",), lambda knew: not knew or is_said_text(knew)),
    )
    __table_args__ = (Index("ix_pin_changes_person_id", "person_id", "organization_id", "branch_id"),)
    person_id: Mapped[UUID] = ledger(Key())
    pin: Mapped[str] = register(Words(210))
    knew: Mapped[str] = register(Words(60), default="")
