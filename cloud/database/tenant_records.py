"""Tables of the control plane about tenants beyond their first row: branches, former short names."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
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
