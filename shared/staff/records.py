"""Staff and their assignments to branches."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Mapped

from shared.kernel.columns import Choice, Flag, Key, Words
from shared.kernel.permissions import Permission, Role
from shared.kernel.records import Record, belongs_to, ledger, register


class StaffMember(Record):
    """Somebody who logs in at devices with a PIN.

    `pin_hash` is argon2id over the PIN keyed with the organization's pepper; `pin_hint` is one keyed byte of it, so
    that only a few hashes need to be compared (see `shared/staff/pins.py`).
    """

    __tablename__ = "staff"
    __writes__ = Permission.EDIT_STAFF
    name: Mapped[str] = register(Words(120))
    role: Mapped[Role] = register(Choice(Role))
    pin_hash: Mapped[str] = register(Words(200), default="")
    pin_hint: Mapped[str] = register(Words(2), default="")
    active: Mapped[bool] = register(Flag(), default=True)


class Assignment(Record):
    """Somebody works in a branch."""

    __tablename__ = "staff_assignments"
    __writes__ = Permission.EDIT_STAFF
    __table_args__ = (belongs_to("staff_id", "staff"), belongs_to("branch_id", "branches"))
    staff_id: Mapped[UUID] = ledger(Key())
    branch_id: Mapped[UUID] = ledger(Key())
    active: Mapped[bool] = register(Flag(), default=True)
