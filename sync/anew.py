"""Folding one table of a scope anew from the log, after its digest differed from the cloud's.

In small steps, each in a transaction of its own, so that the next tap waits for one step only. Every row is looked at,
whether the log, the table or both have it; one that is as the log says changes nothing. At the end the digest and the
sums are counted anew, too: what was damaged past the feed is in neither.
"""

from __future__ import annotations

from collections.abc import Callable

from sync.change import Kind
from sync.declared import declared_sums
from sync.digest import keep_counted, lock, row_digest
from sync.feed import Feed
from sync.heads import reached
from sync.log import changes_between, stream_keys
from sync.merged import MergedTables
from sync.recount import Recount, adding_where
from sync.refold import rebuild

ROWS_A_STEP = 100
CHANGES_A_STEP = 1_000
"""Sizes of a step: short enough for the next tap."""
COUNTS_IN_STEPS = 3
"""How often a count begins again because something was written meanwhile. Then it counts in one transaction."""
_NO_ROW = bytes(16)


class TableAnew:
    """The steps for one table of a scope. The caller tells the feed what a step returns."""

    def __init__(self, table: str, scope_id: bytes, rows_a_step: int = ROWS_A_STEP) -> None:
        self._table = table
        self._scope = scope_id
        self._rows_a_step = rows_a_step
        self._last_row = _NO_ROW
        self._streams: list[bytes] = []
        self._seq = 0
        self._total = 0
        self._counted_at: object = None
        self._counts = 0
        self._recount = Recount(())
        self._next: Callable[[MergedTables], Feed] | None = self._fold_rows

    @classmethod
    def counting(cls, table: str, scope_id: bytes) -> TableAnew:
        """The steps that only count the digest and the sums anew."""
        anew = cls(table, scope_id)
        anew._next = anew._count
        return anew

    @property
    def is_done(self) -> bool:
        """Whether no step is left."""
        return self._next is None

    def step(self, merged: MergedTables) -> Feed:
        """Take the next step. Returns the rows that changed."""
        assert self._next is not None, "all steps are taken"
        return self._next(merged)

    def _fold_rows(self, merged: MergedTables) -> Feed:
        """Fold anew the next rows that the table has."""
        rows = merged.rows_after(merged.tables[self._table], self._scope, self._last_row, self._rows_a_step)
        if rows:
            self._last_row = rows[-1]
            return rebuild(merged, {(self._table, row) for row in rows})
        keys = stream_keys(merged.door, merged.organization)
        self._streams = sorted(key.id.bytes for key in keys if key.scope_id.bytes == self._scope)
        self._next = self._fold_log
        return {}

    def _fold_log(self, merged: MergedTables) -> Feed:
        """Fold anew the rows that only the next part of the log has."""
        if not self._streams:
            self._next = self._count
            return {}
        first, last = self._seq + 1, self._seq + CHANGES_A_STEP
        stored = changes_between(merged.door, merged.organization, self._streams[0], first, last)
        self._seq = last
        if not stored:
            self._streams.pop(0)
            self._seq = 0
        rows = {change.row for change in stored if change.table == self._table and change.kind == Kind.CREATE}
        missing = rows - merged.branches(merged.tables[self._table], rows).keys() if rows else rows
        return rebuild(merged, {(self._table, row) for row in missing}) if missing else {}

    def _count(self, merged: MergedTables) -> Feed:
        """Count the digest of the next rows; from the beginning, if anything was written since the last step.

        Whoever commits after the lock adds to what is kept here; whoever committed before it has moved the heads.
        """
        lock(merged.door, merged.organization, self._scope)
        now = reached(merged.door, merged.organization)
        if now != self._counted_at:
            self._last_row, self._total, self._counted_at = _NO_ROW, 0, now
            self._counts += 1
        while self._count_rows(merged):
            if self._counts <= COUNTS_IN_STEPS:
                return {}
        keep_counted(merged.door, merged.organization, self._scope, merged.tables[self._table], self._total)
        # Only where one writes at a time: beside other writers a recount of sums would lose what they add.
        self._next = None if merged.door.for_update else self._count_sums
        self._counted_at, self._counts = None, 0
        return {}

    def _count_sums(self, merged: MergedTables) -> Feed:
        """Count the next rows and families of the sums to which this table adds; begin again like the digest."""
        now = reached(merged.door, merged.organization)
        if now != self._counted_at:
            self._recount, self._counted_at = Recount(adding_where(declared_sums(), self._table)), now
            self._counts += 1
        while self._recount.step(merged.door):
            if self._counts <= COUNTS_IN_STEPS:
                return {}
        self._recount.keep(merged.door)
        self._next = None
        return {}

    def _count_rows(self, merged: MergedTables) -> bool:
        table = merged.tables[self._table]
        ids = merged.rows_after(table, self._scope, self._last_row, self._rows_a_step)
        rows = merged.load(table, ids, locks=False)
        if rows:
            self._last_row = max(rows)
            self._total += sum(row_digest(row, held.values) for row, held in rows.items())
        return bool(rows)
