"""Tables of the control plane, in the schema `control`: organizations, accounts, pairings, devices' keys, throttles.

They have no row-level security, since they are read to find out who the tenant is (see `policies.EXEMPT`); after that
the rest is read in a transaction of that tenant. Nothing here is replicated to devices.
"""

from __future__ import annotations

import os
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.kernel.columns import Choice, Instant, Key
from shared.kernel.permissions import Role
from shared.kernel.records import NAMING
from shared.tenancy.records import DeviceKind

metadata = sa.MetaData(schema="control", naming_convention=NAMING)
WRITTEN = {"grants": "select, insert, update"}
"""Rows of the control plane are closed, never deleted."""


class ControlRecord(DeclarativeBase):
    """Base of the control plane's rows."""

    metadata = metadata


class ControlOrganization(ControlRecord):
    """A tenant, and the short name under which people find it.

    `pin_pepper` keys the hashes of its staff's PINs; devices get it at enrolment and keep it outside their database.
    `folded_by`: the program that has looked at all of its log and sums; another one does it again.
    """

    __tablename__ = "organization"
    __table_args__ = ({"info": WRITTEN},)
    id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    pin_pepper: Mapped[bytes] = mapped_column(sa.LargeBinary(32), default=lambda: os.urandom(32))
    folded_by: Mapped[bytes | None] = mapped_column(sa.LargeBinary(16))
    created_at: Mapped[datetime] = mapped_column(Instant())


class Generation(ControlRecord):
    """A life of this cloud: a new one begins when its database comes back from a backup. The first has no row.

    Devices may hold what the cloud wrote after the backup, and the restored cloud does not: it must not write on under
    the same identity, or there would be two histories of one stream.
    """

    __tablename__ = "generation"
    __table_args__ = ({"info": {"grants": "select, insert"}},)
    number: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    begun_at: Mapped[datetime] = mapped_column(Instant())


class Account(ControlRecord):
    """Somebody who logs in to the cloud.

    `email` is kept as `accounts.passwords.normal_email` gives it. A super admin belongs to no organization. `branches`
    are those of a manager; an organization admin has all of them and lists none.
    """

    __tablename__ = "account"
    __table_args__ = (
        sa.CheckConstraint("(role = 'super_admin') = (organization_id is null)", name="tenant_by_role"),
        {"info": WRITTEN},
    )
    id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    role: Mapped[Role] = mapped_column(Choice(Role))
    organization_id: Mapped[UUID | None] = mapped_column(Key(), sa.ForeignKey("organization.id"), index=True)
    branches: Mapped[list[UUID]] = mapped_column(ARRAY(sa.Uuid()), default=list)
    active: Mapped[bool] = mapped_column(sa.Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(Instant())


class Pairing(ControlRecord):
    """A pairing code that a manager asked for: one device may use it once, for ten minutes.

    `attempts` counts enrolments that knew the code and failed all the same. One that nobody used is deleted later.
    """

    __tablename__ = "pairing"
    __table_args__ = ({"info": {"grants": "select, insert, update, delete"}},)
    id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), unique=True)
    organization_id: Mapped[UUID] = mapped_column(Key(), sa.ForeignKey("organization.id"), index=True)
    branch_id: Mapped[UUID] = mapped_column(Key())
    device_kind: Mapped[DeviceKind] = mapped_column(Choice(DeviceKind))
    name: Mapped[str] = mapped_column(sa.String(120))
    created_by: Mapped[UUID | None] = mapped_column(Key())
    created_at: Mapped[datetime] = mapped_column(Instant())
    expires_at: Mapped[datetime] = mapped_column(Instant())
    used_at: Mapped[datetime | None] = mapped_column(Instant())
    attempts: Mapped[int] = mapped_column(sa.Integer, default=0)


class DeviceKey(ControlRecord):
    """A device that was enrolled, and its public key.

    `proved_at` is the instant of the newest challenge that it answered; an older challenge is a replay.
    """

    __tablename__ = "device"
    __table_args__ = (sa.Index("ix_device_branch", "organization_id", "branch_id"), {"info": WRITTEN})
    id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(Key(), sa.ForeignKey("organization.id"))
    branch_id: Mapped[UUID] = mapped_column(Key())
    pairing_id: Mapped[UUID] = mapped_column(Key(), sa.ForeignKey("pairing.id"), unique=True)
    public_key: Mapped[bytes] = mapped_column(sa.LargeBinary(32), unique=True)
    kind: Mapped[DeviceKind] = mapped_column(Choice(DeviceKind))
    name: Mapped[str] = mapped_column(sa.String(120))
    enrolled_at: Mapped[datetime] = mapped_column(Instant())
    proved_at: Mapped[datetime | None] = mapped_column(Instant())
    revoked_at: Mapped[datetime | None] = mapped_column(Instant())


class Throttle(ControlRecord):
    """The use of an allowance: the instant at which it is whole again (GCRA). See `kernel/throttle.py`."""

    __tablename__ = "throttle"
    __table_args__ = ({"info": {"grants": "select, insert, update, delete"}},)
    key: Mapped[bytes] = mapped_column(sa.LargeBinary(32), primary_key=True)
    whole_at: Mapped[datetime] = mapped_column(Instant(), index=True)


class ServerProcess(ControlRecord):
    """A process of the server that runs, or ran until lately: seen at `beat_at`, believed to run until `until`.

    Both are by the clock of the database.

    `fold` is the state of its fold (`replication.fold_worker.FoldHealth`); a web process that folds nothing has `idle`.
    """

    __tablename__ = "process"
    __table_args__ = ({"info": {"grants": "select, insert, update, delete"}},)
    id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    place: Mapped[str] = mapped_column(sa.String(120))
    fold: Mapped[str] = mapped_column(sa.String(20))
    begun_at: Mapped[datetime] = mapped_column(Instant())
    beat_at: Mapped[datetime] = mapped_column(Instant())
    until: Mapped[datetime] = mapped_column(Instant())


class Due(ControlRecord):
    """A scope of a tenant (a branch, or the organization's own) in which a worker has something to do, and from when.

    `asked` is the transaction that asked last: who has done the work removes the row only if nobody asked meanwhile.
    `failures`: in a row, of whichever workers; each moves `due_at` further away.
    """

    __tablename__ = "due"
    __table_args__ = ({"info": {"grants": "select, insert, update, delete"}},)
    organization_id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    scope_id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(Instant(), index=True)
    asked: Mapped[int] = mapped_column(sa.BigInteger)
    failures: Mapped[int] = mapped_column(sa.Integer, default=0)


class PageToken(ControlRecord):
    """What a page opens its live socket with, once: it is deleted when it is used, in whatever process that is.

    It says what the person of the page was allowed when it was given. `token_hash` is SHA-256.
    """

    __tablename__ = "page_token"
    __table_args__ = ({"info": {"grants": "select, insert, delete"}},)
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(Key())
    role: Mapped[Role] = mapped_column(Choice(Role))
    organization_id: Mapped[UUID] = mapped_column(Key())
    branches: Mapped[list[UUID]] = mapped_column(ARRAY(sa.Uuid()), default=list)
    ends_at: Mapped[datetime] = mapped_column(Instant(), index=True)
