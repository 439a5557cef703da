"""Tables of the control plane, in the schema `control`: organizations, accounts, pairings, devices' keys, throttles.

They have no row-level security, since they are read to find out who the tenant is (see `policies.EXEMPT`); after that
the rest is read in a transaction of that tenant. Nothing here is replicated to devices.
"""

from __future__ import annotations

import os
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.kernel.columns import Choice, Instant, Key
from shared.kernel.records import NAMING
from shared.tenancy.records import DeviceKind

metadata = sa.MetaData(schema="control", naming_convention=NAMING)
WRITTEN = {"grants": "select, insert, update"}
"""Rows of the control plane are closed, never deleted."""


class ControlRecord(DeclarativeBase):
    """Base of the control plane's rows."""

    metadata = metadata


class Tier(StrEnum):
    """What an organization pays for. It limits what is new, never what stands (`control/plans.py`)."""

    FREE = "free"
    STARTER = "starter"
    PRO = "pro"
    ENTERPRISE = "enterprise"


class ControlOrganization(ControlRecord):
    """A tenant, and the short name under which people find it.

    `pin_pepper` keys the hashes of its staff's PINs; devices get it at enrolment and keep it outside their database.
    `folded_by`: the program that has looked at all of its log and sums; another one does it again.
    `suspended_at`: pages and API answer with the reason, devices sell and sync on. `closed_at`: nobody gets an answer,
    devices keep what they sell. `why`: the reason of either, which its people read. `delete_after`: from when on the
    database's owner may delete it; None unless somebody asked for that.
    `admins_need_code_from`: from when on its administrators need a second factor; None: they need none.
    """

    __tablename__ = "organization"
    __table_args__ = ({"info": WRITTEN},)
    id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    pin_pepper: Mapped[bytes] = mapped_column(sa.LargeBinary(32), default=lambda: os.urandom(32))
    folded_by: Mapped[bytes | None] = mapped_column(sa.LargeBinary(16))
    created_at: Mapped[datetime] = mapped_column(Instant())
    tier: Mapped[Tier] = mapped_column(Choice(Tier), default=Tier.ENTERPRISE)
    admins_need_code_from: Mapped[datetime | None] = mapped_column(Instant())
    suspended_at: Mapped[datetime | None] = mapped_column(Instant())
    closed_at: Mapped[datetime | None] = mapped_column(Instant())
    why: Mapped[str] = mapped_column(sa.String(200), default="")
    delete_after: Mapped[datetime | None] = mapped_column(Instant())


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
    """Somebody who logs in to the cloud, in as many organizations as they have memberships.

    Attributes:
        email: as `accounts.passwords.normal_email` gives it; unique in the world.
        is_operator: a super admin, who belongs to no organization.
        language: of pages and mails; empty: as the browser says.
        totp_sealed: the secret of their one-time codes, sealed under the server's secret; None without a second factor.
        totp_step: the newest time step of which a code was taken; no code is taken twice.
        version: raised by all that must end what was given out before: another password or second factor, closing.
    """

    __tablename__ = "account"
    __table_args__ = ({"info": WRITTEN},)
    id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    is_operator: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    language: Mapped[str] = mapped_column(sa.String(2), default="")
    totp_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary(120))
    totp_step: Mapped[int | None] = mapped_column(sa.BigInteger)
    version: Mapped[int] = mapped_column(sa.Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(Instant())
    closed_at: Mapped[datetime | None] = mapped_column(Instant())


class Membership(ControlRecord):
    """An account works in an organization, as a member of its staff. Role and branches stand there, and nowhere else.

    Attributes:
        version: raised when it is closed or opened again.
        reopened_at: what was given out before that stays dead.
    """

    __tablename__ = "membership"
    __table_args__ = (
        sa.UniqueConstraint("organization_id", "staff_id"),
        {"info": WRITTEN},
    )
    organization_id: Mapped[UUID] = mapped_column(Key(), sa.ForeignKey("organization.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(Key(), sa.ForeignKey("account.id"), primary_key=True, index=True)
    staff_id: Mapped[UUID] = mapped_column(Key())
    version: Mapped[int] = mapped_column(sa.Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(Instant())
    closed_at: Mapped[datetime | None] = mapped_column(Instant())
    reopened_at: Mapped[datetime | None] = mapped_column(Instant())


class LogInSession(ControlRecord):
    """A browser in which somebody is logged in. See `accounts/sessions.py`.

    Attributes:
        token_hash: SHA-256 of the cookie.
        account_version: as it was; another one ends the session.
        organization_id: the one that the person has chosen.
        proved_at: when they last gave a password or a code.
        awaits_code: the password was right, the second factor is still missing.
        address, browser: from where, for the person's own list.
    """

    __tablename__ = "log_in_session"
    __table_args__ = ({"info": {"grants": "select, insert, update, delete"}},)
    id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), unique=True)
    account_id: Mapped[UUID] = mapped_column(Key(), sa.ForeignKey("account.id"), index=True)
    account_version: Mapped[int] = mapped_column(sa.Integer)
    organization_id: Mapped[UUID | None] = mapped_column(Key(), sa.ForeignKey("organization.id"))
    made_at: Mapped[datetime] = mapped_column(Instant())
    seen_at: Mapped[datetime] = mapped_column(Instant(), index=True)
    proved_at: Mapped[datetime] = mapped_column(Instant())
    awaits_code: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    address: Mapped[str] = mapped_column(sa.String(60))
    browser: Mapped[str] = mapped_column(sa.String(200))
    ended_at: Mapped[datetime | None] = mapped_column(Instant())


class Visit(ControlRecord):
    """A super admin in a tenant, for a reason and an hour. See `accounts/visits.py`.

    Attributes:
        ended_at: when they left before its end.
    """

    __tablename__ = "visit"
    __table_args__ = (sa.Index("ix_visit_account_id", "account_id", "ends_at"), {"info": WRITTEN})
    id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(Key(), sa.ForeignKey("account.id"))
    organization_id: Mapped[UUID] = mapped_column(Key(), sa.ForeignKey("organization.id"), index=True)
    reason: Mapped[str] = mapped_column(sa.String(200))
    began_at: Mapped[datetime] = mapped_column(Instant())
    ends_at: Mapped[datetime] = mapped_column(Instant())
    ended_at: Mapped[datetime | None] = mapped_column(Instant())


class RefusedLogIn(ControlRecord):
    """How often log-ins of an account were refused since that was noted last. See `accounts/refusals.py`.

    Attributes:
        account_id: 0: nobody has the e-mail address that was given.
        act: as the audit names it.
        first_at, last_at: of those tries; `via`, `place`: of the last of them.
        noted_at: None: never yet.
    """

    __tablename__ = "refused_log_in"
    __table_args__ = ({"info": {"grants": "select, insert, update, delete"}},)
    account_id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    act: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    tries: Mapped[int] = mapped_column(sa.BigInteger)
    first_at: Mapped[datetime] = mapped_column(Instant())
    last_at: Mapped[datetime] = mapped_column(Instant())
    via: Mapped[str] = mapped_column(sa.String(20))
    place: Mapped[str] = mapped_column(sa.String(60))
    noted_at: Mapped[datetime | None] = mapped_column(Instant())


class RefreshFamily(ControlRecord):
    """A program that is logged in: its refresh tokens, of which each is used once. See `accounts/refreshing.py`.

    Attributes:
        token_hash: SHA-256 of the newest token; `previous_hash` of the one before it, for an answer that was lost.
        account_version, membership_version: as they were; another one ends the family.
    """

    __tablename__ = "refresh_family"
    __table_args__ = ({"info": {"grants": "select, insert, update, delete"}},)
    id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    previous_hash: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32))
    account_id: Mapped[UUID] = mapped_column(Key(), sa.ForeignKey("account.id"), index=True)
    organization_id: Mapped[UUID | None] = mapped_column(Key(), sa.ForeignKey("organization.id"))
    account_version: Mapped[int] = mapped_column(sa.Integer)
    membership_version: Mapped[int] = mapped_column(sa.Integer)
    made_at: Mapped[datetime] = mapped_column(Instant())
    turned_at: Mapped[datetime] = mapped_column(Instant(), index=True)
    address: Mapped[str] = mapped_column(sa.String(60))
    program: Mapped[str] = mapped_column(sa.String(200))
    ended_at: Mapped[datetime | None] = mapped_column(Instant())


class ApiKey(ControlRecord):
    """A key by which a program of others calls the API as itself. See `accounts/api_keys.py`.

    Attributes:
        token_hash: SHA-256 of the key; the key itself is stored nowhere.
        prefix: its first characters, by which people know it.
        account_id: who made it; it may never do more than they may now.
        scopes: `accounts/scopes.py`.
        branches: None: those of its maker.
        used_at: to a quarter of an hour.
    """

    __tablename__ = "api_key"
    __table_args__ = (sa.Index("ix_api_key_organization_id", "organization_id", "id"), {"info": WRITTEN})
    id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), unique=True)
    prefix: Mapped[str] = mapped_column(sa.String(24))
    organization_id: Mapped[UUID] = mapped_column(Key(), sa.ForeignKey("organization.id"))
    account_id: Mapped[UUID] = mapped_column(Key(), sa.ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(sa.String(120))
    scopes: Mapped[list[str]] = mapped_column(JSONB)
    branches: Mapped[list[str] | None] = mapped_column(JSONB(none_as_null=True))
    made_at: Mapped[datetime] = mapped_column(Instant())
    ends_at: Mapped[datetime | None] = mapped_column(Instant())
    used_at: Mapped[datetime | None] = mapped_column(Instant())
    revoked_at: Mapped[datetime | None] = mapped_column(Instant())


class RecoveryCode(ControlRecord):
    """A code for once, in place of a one-time code of a telephone that is lost."""

    __tablename__ = "recovery_code"
    __table_args__ = ({"info": {"grants": "select, insert, update, delete"}},)
    account_id: Mapped[UUID] = mapped_column(Key(), sa.ForeignKey("account.id"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), primary_key=True)
    used_at: Mapped[datetime | None] = mapped_column(Instant())


class LinkKind(StrEnum):
    """What a mailed link is for."""

    RESET = "reset"
    INVITATION = "invitation"


class MailedLink(ControlRecord):
    """A link for once, by mail or from an operator: another password, or an invitation to an organization.

    Attributes:
        token_hash: SHA-256 of what stands in the link; None until it is sent.
        account_id, account_version: whose password; None of an invitation.
        organization_id, staff_id: as which member of which staff; None of a reset.
        made_by: the account of who invited; None: the person, or an operator.
    """

    __tablename__ = "mailed_link"
    __table_args__ = ({"info": {"grants": "select, insert, update, delete"}},)
    id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    token_hash: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32), unique=True)
    kind: Mapped[LinkKind] = mapped_column(Choice(LinkKind))
    email: Mapped[str] = mapped_column(sa.String(254), index=True)
    account_id: Mapped[UUID | None] = mapped_column(Key(), sa.ForeignKey("account.id"))
    account_version: Mapped[int | None] = mapped_column(sa.Integer)
    organization_id: Mapped[UUID | None] = mapped_column(Key(), sa.ForeignKey("organization.id"), index=True)
    staff_id: Mapped[UUID | None] = mapped_column(Key(), index=True)
    made_by: Mapped[UUID | None] = mapped_column(Key())
    made_at: Mapped[datetime] = mapped_column(Instant())
    ends_at: Mapped[datetime] = mapped_column(Instant(), index=True)
    used_at: Mapped[datetime | None] = mapped_column(Instant())


class Pairing(ControlRecord):
    """A pairing code that a manager asked for: one device may use it once, for ten minutes.

    `attempts` counts enrolments that knew the code and failed all the same. One that nobody used is deleted later.
    `moves_id`: the device that moves here from another branch, and is revoked by the enrolment; None: a new one.
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
    moves_id: Mapped[UUID | None] = mapped_column(Key())


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


class DeviceHealth(ControlRecord):
    """How a device was when it was last heard (`sync.messages.Health`), for people alone.

    Attributes:
        heard_at: by our clock.
        ahead_ms: its clock minus ours; None if it did not say.
        oldest_at: when the oldest change that is not sent was written, by its own clock.
        disk_free_mb: None if it is not known.
        printers: the code of the fault (empty: none) and the number of open jobs, by the name of each printer with any.
    """

    __tablename__ = "device_health"
    __table_args__ = ({"info": {"grants": "select, insert, update"}},)
    organization_id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    device_id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    heard_at: Mapped[datetime] = mapped_column(Instant())
    program: Mapped[str] = mapped_column(sa.String(40))
    waiting: Mapped[int] = mapped_column(sa.BigInteger)
    oldest_at: Mapped[datetime | None] = mapped_column(Instant())
    ahead_ms: Mapped[int | None] = mapped_column(sa.BigInteger)
    disk_free_mb: Mapped[int | None] = mapped_column(sa.BigInteger)
    printers: Mapped[dict[str, list[Any]]] = mapped_column(JSONB)


class Throttle(ControlRecord):
    """The use of an allowance: the instant at which it is whole again (GCRA). See `kernel/throttle.py`."""

    __tablename__ = "throttle"
    __table_args__ = ({"info": {"grants": "select, insert, update, delete"}},)
    key: Mapped[bytes] = mapped_column(sa.LargeBinary(32), primary_key=True)
    whole_at: Mapped[datetime] = mapped_column(Instant(), index=True)


class RateLimit(ControlRecord):
    """How far a caller has used a limit of requests: when all of it has grown back (GCRA). See `accounts/limits.py`.

    Attributes:
        whole_us: microseconds since 1970.
        granted: of the last lease.
    """

    __tablename__ = "rate_limit"
    __table_args__ = ({"info": {"grants": "select, insert, update, delete"}},)
    key: Mapped[bytes] = mapped_column(sa.LargeBinary(32), primary_key=True)
    whole_us: Mapped[int] = mapped_column(sa.BigInteger, index=True)
    granted: Mapped[int] = mapped_column(sa.Integer)


class NumberSeries(ControlRecord):
    """The last number of one of the cloud's own series in a branch. See `replication/numbers.py`."""

    __tablename__ = "number_series"
    __table_args__ = ({"info": {"grants": "select, insert, update, delete"}},)
    organization_id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    branch_id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    series: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    value: Mapped[int] = mapped_column(sa.BigInteger)
    taken_at: Mapped[datetime] = mapped_column(Instant())


class IdempotencyKey(ControlRecord):
    """A request that came with an `Idempotency-Key`, so that it is done once. See `edge/idempotency.py`.

    Attributes:
        caller_id: the key or account that sent it.
        key_hash: SHA-256 of what the caller called it.
        body_hash: of the request: the same key with another one is a mistake of the caller.
        status, answer: what was answered; None while it runs, and for what is kept for ever.
        ends_at: None: it is kept for ever, because an order was made or money moved.
    """

    __tablename__ = "idempotency_key"
    __table_args__ = ({"info": {"grants": "select, insert, update, delete"}},)
    organization_id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    caller_id: Mapped[UUID] = mapped_column(Key(), primary_key=True)
    key_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), primary_key=True)
    body_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    made_at: Mapped[datetime] = mapped_column(Instant())
    ends_at: Mapped[datetime | None] = mapped_column(Instant(), index=True)
    status: Mapped[int | None] = mapped_column(sa.Integer)
    answer: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    headers: Mapped[list[list[str]] | None] = mapped_column(JSONB(none_as_null=True))


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

    `token_hash` is SHA-256; `session_hash` that of the cookie of the page.
    """

    __tablename__ = "page_token"
    __table_args__ = ({"info": {"grants": "select, insert, delete"}},)
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(Key(), index=True)
    organization_id: Mapped[UUID] = mapped_column(Key())
    session_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    ends_at: Mapped[datetime] = mapped_column(Instant(), index=True)
