"""The tables of the change log, the same on devices and on the cloud, and the verdicts that replicate.

The log has no foreign keys and lives in a metadata of its own: no migration of merged tables touches it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from shared.kernel.columns import Choice, Instant, Key, Listed, Whole, Words
from shared.kernel.permissions import Permission
from shared.kernel.records import NAMING, BranchRecord, Scope, ledger
from shared.kernel.rights import CLOUD_ONLY

log_metadata = sa.MetaData(naming_convention=NAMING)

streams = sa.Table(
    "sync_streams",
    log_metadata,
    sa.Column("organization_id", Key(), primary_key=True),
    sa.Column("id", Key(), primary_key=True),
    sa.Column("device_id", Key(), nullable=False),
    sa.Column("incarnation", sa.Integer, nullable=False),
    sa.Column("scope", Choice(Scope), nullable=False),
    sa.Column("scope_id", Key(), nullable=False),
    sa.Column("head_seq", sa.BigInteger, nullable=False),
    sa.Column("head_chain", sa.LargeBinary(16), nullable=False),
    sa.Column("folded_seq", sa.BigInteger, nullable=False),
    sa.Column("acked_seq", sa.BigInteger, nullable=False),
    sa.Column("judged_seq", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("last_transaction", sa.BigInteger, nullable=False),
    sa.Column("last_stamp", sa.BigInteger, nullable=False),
    sa.Column("closed", sa.BigInteger, nullable=False, server_default="0"),
)
"""One row a stream. Its lock on the cloud is what makes a reader see a prefix and never a gap.

`folded_seq`: how far the merged tables follow; `acked_seq`: how far the cloud has told us that it stored; `judged_seq`:
how far the cloud has told us that it folded;
`last_stamp`: the greatest stamp that this replica gave (own streams only); `closed`: 1 where its author here writes in
another incarnation, and never again in this one.
"""

changes = sa.Table(
    "sync_changes",
    log_metadata,
    sa.Column("organization_id", Key(), primary_key=True),
    sa.Column("stream_id", Key(), primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("row_id", Key(), nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("chain", sa.LargeBinary(16), nullable=False),
    sa.Column("stored_ms", sa.BigInteger, nullable=False),
    sa.Index("ix_sync_changes_row_id", "row_id", "organization_id"),
    sqlite_with_rowid=False,
)
"""The log itself. `stored_ms`: when this replica stored it (milliseconds since 1970), for the age of what waits."""

seals = sa.Table(
    "sync_seals",
    log_metadata,
    sa.Column("organization_id", Key(), primary_key=True),
    sa.Column("stream_id", Key(), primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("signature", sa.LargeBinary(64), nullable=False),
)
"""The author's Ed25519 signature over (stream, seq, chain) at the end of each frame, so that anyone may relay it."""

parked = sa.Table(
    "sync_parked",
    log_metadata,
    sa.Column("organization_id", Key(), primary_key=True),
    sa.Column("stream_id", Key(), primary_key=True),
    sa.Column("first_seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("last_seq", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.String(40), nullable=False),
    sa.Column("params", Listed(), nullable=False),
    sa.Column("missing_row", Key(), nullable=True),
    sa.Column("parked_ms", sa.BigInteger, nullable=False),
    sa.Column("program", sa.LargeBinary(16), nullable=False),
    sa.Index("ix_sync_parked_missing_row", "missing_row", "organization_id"),
)
"""Transactions that are stored but not folded, each alone, with its reason. `missing_row`: the row that cures it;
`program`: who tried last what no row cures. Another program tries again, once."""


set_aside = sa.Table(
    "sync_set_aside",
    log_metadata,
    sa.Column("organization_id", Key(), primary_key=True),
    sa.Column("stream_id", Key(), primary_key=True),
    sa.Column("first_seq", sa.BigInteger, nullable=False),
    sa.Column("program", sa.LargeBinary(16), nullable=False),
    sa.Column("reached_seq", sa.BigInteger, nullable=True),
    sa.Column("left_seq", sa.BigInteger, nullable=True),
)
"""Streams of which folded transactions have parts that `program` does not know, from `first_seq` on. The others: how
far an upgraded program has folded the stream again, and what it does not know either (`sync/aside.py`)."""

hidden_references = sa.Table(
    "sync_hidden_references",
    log_metadata,
    sa.Column("organization_id", Key(), primary_key=True),
    sa.Column("parent_id", Key(), primary_key=True),
    sa.Column("table_name", sa.String(63), primary_key=True),
    sa.Column("row_id", Key(), primary_key=True),
)
"""References that a change names and its row does not show, because another change won. If the parent goes, folding
anew finds those changes by this table; there are few, say one a table that an order left."""

evidence = sa.Table(
    "sync_evidence",
    log_metadata,
    sa.Column("organization_id", Key(), primary_key=True),
    sa.Column("stream_id", Key(), primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("said_ms", sa.BigInteger, nullable=False),
)
"""How far a device had written its stream when it said hello, by the clock of the cloud that heard it. What has a
higher number was written later, whatever its stamp says. Only the cloud keeps it."""

clocks = sa.Table(
    "sync_clocks",
    log_metadata,
    sa.Column("organization_id", Key(), primary_key=True),
    sa.Column("device_id", Key(), primary_key=True),
    sa.Column("difference_ms", sa.BigInteger, nullable=False),
    sa.Column("since_ms", sa.BigInteger, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
)
"""What the clock of each device said in its last hello that was kept: how far it was ahead of the cloud's at `at_ms`,
and since when it has differed in this direction. Only the cloud keeps it."""

anew = sa.Table(
    "sync_anew",
    log_metadata,
    sa.Column("organization_id", Key(), primary_key=True),
    sa.Column("scope_id", Key(), primary_key=True),
    sa.Column("table_name", sa.String(63), primary_key=True),
    sa.Column("state", sa.LargeBinary(16), nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
)
"""Tables that are to be folded anew, or were; `state` tells the log and the program with which. Only the cloud keeps
it."""

counted_by = sa.Table(
    "sync_counted_by",
    log_metadata,
    sa.Column("organization_id", Key(), primary_key=True),
    sa.Column("program", sa.LargeBinary(16), nullable=False),
)
"""Which program counts the sums of an organization. Only the cloud keeps it; a device keeps `last_program`."""

digests = sa.Table(
    "sync_digests",
    log_metadata,
    sa.Column("organization_id", Key(), primary_key=True),
    sa.Column("scope_id", Key(), primary_key=True),
    sa.Column("tables", sa.LargeBinary, nullable=False),
)
"""One row a scope: the additive digest of each of its tables (`sync/digest.py`)."""


class Verdict(BranchRecord):
    """The cloud's word that changes first_seq .. last_seq of a stream are void. It replicates: every replica folds
    the same.

    A range is one transaction or some in a row; ranges of one stream never overlap in part. What the cloud accepts it
    does not write: how far it has judged a stream is how far it has folded it.
    """

    __tablename__ = "sync_verdicts"
    __writes__ = Permission.JUDGE_CHANGES
    __devices__ = CLOUD_ONLY
    __table_args__ = (sa.Index("ix_sync_verdicts_stream_id", "stream_id", "organization_id", "last_seq"),)
    stream_id: Mapped[UUID] = ledger(Key())
    first_seq: Mapped[int] = ledger(Whole())
    last_seq: Mapped[int] = ledger(Whole())
    reason: Mapped[str] = ledger(Words(40), default="")
    params: Mapped[dict[str, Any]] = ledger(Listed(), default=dict)
    judged_at: Mapped[datetime] = ledger(Instant())
