"""Tables of the control plane about tenants beyond their first row: branches, former short names, what was done."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cloud.database.control_records import WRITTEN, ControlRecord
from shared.kernel.columns import Instant, Key

LONGEST_SLUG_CHARACTERS = 40
LONGEST_REASON_CHARACTERS = 200


class ControlBranch(ControlRecord):
    """What the control plane keeps of a branch. One that is open, under the short name that follows from its name, has
    no row.

    Attributes:
        slug: chosen by somebody; None: it follows from the name.
        closed_at: its devices get no answer since then, and no new ones are enrolled.
        why: the reason that was given for closing it.
    """

    __tablename__ = "branch"
    __table_args__ = (sa.UniqueConstraint("organization_id", "slug"), {"info": WRITTEN})
    organization_id: Mapped[UUID] = mapped_column(Key(), sa.ForeignKey("organization.id"), primary_key=True)
    branch_id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    slug: Mapped[str | None] = mapped_column(sa.String(LONGEST_SLUG_CHARACTERS))
    closed_at: Mapped[datetime | None] = mapped_column(Instant())
    why: Mapped[str] = mapped_column(sa.String(LONGEST_REASON_CHARACTERS), default="")


class FormerSlug(ControlRecord):
    """A short name that an organization had. It leads to that organization until another one takes it."""

    __tablename__ = "former_slug"
    __table_args__ = ({"info": {"grants": "select, insert, update, delete"}},)
    slug: Mapped[str] = mapped_column(sa.String(LONGEST_SLUG_CHARACTERS), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(Key(), sa.ForeignKey("organization.id"), index=True)


class FormerBranchSlug(ControlRecord):
    """A short name that a branch had. It leads to that branch until another one of the organization takes it."""

    __tablename__ = "former_branch_slug"
    __table_args__ = ({"info": {"grants": "select, insert, update, delete"}},)
    organization_id: Mapped[UUID] = mapped_column(Key(), sa.ForeignKey("organization.id"), primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(LONGEST_SLUG_CHARACTERS), primary_key=True)
    branch_id: Mapped[UUID] = mapped_column(Key())


class AuditEvent(ControlRecord):
    """Something that was done in the control plane. Rows are written, and never changed.

    Attributes:
        organization_id: whose affair it was; None: an operator's alone. No foreign key: the receipt of a deletion
            outlives its organization.
        account_id: who did it on a page; None on the command line.
        actor: who did it, as they were called then.
        via: from where: `page`, `command`.
        act: what was done, such as `branch.close`.
        subject_id, subject: of what, and as it was called then.
        reason: as it was given; empty: none was.
        details: before and after, counts.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        sa.Index("ix_audit_event_organization_id", "organization_id", "at"),
        {"info": {"grants": "select, insert"}},
    )
    id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    organization_id: Mapped[UUID | None] = mapped_column(Key())
    at: Mapped[datetime] = mapped_column(Instant())
    account_id: Mapped[UUID | None] = mapped_column(Key())
    actor: Mapped[str] = mapped_column(sa.String(160))
    via: Mapped[str] = mapped_column(sa.String(20))
    act: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[UUID | None] = mapped_column(Key())
    subject: Mapped[str] = mapped_column(sa.String(254))
    reason: Mapped[str] = mapped_column(sa.String(LONGEST_REASON_CHARACTERS), default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
