"""Staff, their assignments to branches, roles and their rights, hours of work, what people prefer, and approvals."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.kernel.columns import Choice, Day, Flag, Instant, Key, Whole, Words
from shared.kernel.declared import OwnRows, not_negative
from shared.kernel.permissions import Permission, Role
from shared.kernel.records import BranchRecord, Record, belongs_to, ledger, register
from shared.kernel.rights import CLOUD_ONLY


class StaffMember(Record):
    """Somebody who logs in at devices with a PIN.

    `pin_hash` is argon2id over the PIN keyed with the organization's pepper; `pin_hint` is one keyed byte of it, so
    that only a few hashes need to be compared (see `shared/staff/pins.py`). `pin_said` is the stamp of the PIN that was
    set in a branch and taken over from there (`pin_stamps.py`); empty: the organization set it. Who sets the PIN writes
    all three.

    `own_role_id`: a role of the organization's own (`OwnRole`); then `role` is the job on which it builds.
    """

    __tablename__ = "staff"
    __writes__ = Permission.EDIT_STAFF
    name: Mapped[str] = register(Words(120))
    role: Mapped[Role] = register(Choice(Role, fallback=Role.KITCHEN))
    own_role_id: Mapped[UUID | None] = register(Key(), nullable=True)
    pin_hash: Mapped[str] = register(Words(200), default="")
    pin_hint: Mapped[str] = register(Words(2), default="")
    pin_said: Mapped[str] = register(Words(60), default="")
    active: Mapped[bool] = register(Flag(), default=True)


class Assignment(Record):
    """Somebody works in a branch."""

    __tablename__ = "staff_assignments"
    __writes__ = Permission.EDIT_STAFF
    __table_args__ = (
        belongs_to("staff_id", "staff"),
        belongs_to("branch_id", "branches"),
        Index("ix_staff_assignments_staff_id", "staff_id", "organization_id"),
    )
    staff_id: Mapped[UUID] = ledger(Key())
    branch_id: Mapped[UUID] = ledger(Key())
    active: Mapped[bool] = register(Flag(), default=True)


class OwnRole(Record):
    """A role of the organization's own: a name, and the job on which it builds.

    Who has it does that job at the screens, with the rights of `role_rights`. A right of which these say nothing, one
    of a later version say, is as it is for the job.
    """

    __tablename__ = "own_roles"
    __writes__ = Permission.EDIT_STAFF
    __devices__ = CLOUD_ONLY
    name: Mapped[str] = register(Words(60))
    job: Mapped[Role] = ledger(Choice(Role, fallback=Role.KITCHEN))
    active: Mapped[bool] = register(Flag(), default=True)


class RoleRight(Record):
    """What the organization says of a right of a role. The id follows from both. No row: as the program has it.

    Attributes:
        job: the role, or the job on which one of the organization's own builds.
        own_role_id: the role of the organization's own; None: it is the program's.
        is_given: whether the role has the right.
        is_limited, limit_minor: up to which amount (minor units of the organization's currency), if it is limited.
    """

    __tablename__ = "role_rights"
    __writes__ = Permission.EDIT_STAFF
    __devices__ = CLOUD_ONLY
    __rules__ = not_negative("limit_minor")
    job: Mapped[Role] = ledger(Choice(Role))
    own_role_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    permission: Mapped[Permission] = ledger(Choice(Permission))
    is_given: Mapped[bool] = register(Flag())
    is_limited: Mapped[bool] = register(Flag(), default=False)
    limit_minor: Mapped[int] = register(Whole(), default=0)


class EntryKind(StrEnum):
    """What somebody noted of their hours."""

    IN = "in"
    OUT = "out"
    BREAK = "break"
    BACK = "back"


class TimeEntry(BranchRecord):
    """Somebody came, left, began a break or came back. Each notes their own; corrections take a right.

    A correction names the entry that it corrects: of the same kind it stands in its place with another time; of
    another kind it ends what that entry began (who forgot to note that they left). `shared/staff/hours.py` adds up.

    Attributes:
        at: when it was, as the device's clock said, or as the correction says.
        typed_at: when it was noted.
        reason: why it was corrected; empty for what people note themselves.
    """

    __tablename__ = "time_entries"
    __writes__ = Permission.EDIT_HOURS
    __own__ = OwnRows("person_id", unless="corrects_id")
    __table_args__ = (Index("ix_time_entries_person_id", "person_id", "organization_id", "branch_id", "at"),)
    __told__ = ("kind",)
    person_id: Mapped[UUID] = ledger(Key())
    kind: Mapped[EntryKind] = ledger(Choice(EntryKind, fallback=EntryKind.OUT))
    at: Mapped[datetime] = ledger(Instant())
    typed_at: Mapped[datetime] = ledger(Instant())
    business_date: Mapped[date] = ledger(Day())
    corrects_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    reason: Mapped[str] = ledger(Words(120), default="")


class PersonSettings(BranchRecord):
    """What somebody prefers at the screens of a branch. The id follows from branch and person.

    Attributes:
        language: of the screens; empty for the house's.
    """

    __tablename__ = "person_settings"
    __writes__ = Permission.EDIT_STAFF
    __own__ = OwnRows("person_id")
    __table_args__ = (Index("ix_person_settings_person_id", "person_id", "organization_id"),)
    person_id: Mapped[UUID] = ledger(Key())
    language: Mapped[str] = register(Words(2), default="")


class Approval(BranchRecord):
    """Somebody with a right approved, by their PIN, one row that somebody without it wrote.

    It is written in the transaction of that row, by the session hook, one for each row and right. There, and nowhere
    else, hook and judge take the approver's right for the actor's (`shared/staff/approving.py`). It is no foreign key:
    an approval for a row that never was approves nothing, and harms nothing.

    Attributes:
        permission: the right, by name; a later version may have more of them.
        amount_minor: up to which amount (minor units) it was approved.
        of_table, of_row_id: the row.
    """

    __tablename__ = "approvals"
    __writes__ = Permission.TAKE_ORDER
    __system__ = True
    __table_args__ = (Index("ix_approvals_of_row_id", "of_row_id", "organization_id"),)
    __told__ = ("permission", "amount_minor")
    permission: Mapped[str] = ledger(Words(40))
    amount_minor: Mapped[int] = ledger(Whole(), default=0)
    approver_id: Mapped[UUID] = ledger(Key())
    asker_id: Mapped[UUID] = ledger(Key())
    of_table: Mapped[str] = ledger(Words(64))
    of_row_id: Mapped[UUID] = ledger(Key())
    approved_at: Mapped[datetime] = ledger(Instant())
