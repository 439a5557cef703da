"""Compares this device's rows with the cloud's at the end of a sync, and folds the tables that differ anew.

`sync/comparison.py` decides what follows from a difference; this module reads, folds and reports.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from uuid import UUID

from shared.exceptions.commands import note_event
from shared.exceptions.rules import EventKind
from shared.kernel.permissions import SYSTEM
from shared.kernel.work import Work
from sync.anew import TableAnew
from sync.aside import is_behind
from sync.comparison import Comparison, ScopedTable, Step, by_table, comparable
from sync.door import Door
from sync.effects import CompareDigests
from sync.feed import Feed, tell
from sync.heads import unfolded
from sync.log import vector
from sync.merged import MergedTables
from sync.messages import Differing, TableDigest
from sync.tables import program_fingerprint
from sync.waiting import parked_scopes
from terminal.store.store import Committed, Store
from terminal.syncing.link_state import Cloud, Trouble

logger = logging.getLogger(__name__)
NOTICE_MS = 60_000
"""How long people can read of a repair at least, though the tables may agree again within a second."""


class DigestCheck:
    """Compares one store with the cloud whenever both have the same changes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._organization = store.identity.organization_id.bytes
        self._tables = store.author.tables
        self._program = program_fingerprint(self._tables)
        self._comparison = Comparison()
        self._first_told_ms: int | None = None

    @property
    def differ(self) -> Sequence[Differing]:
        """Tables that the next pull asks the cloud to fold anew."""
        return self._comparison.differ

    def trouble(self) -> Trouble | None:
        """Return what the status line says after a pull: records still differ, or were folded anew a moment ago.

        The log names the tables; people are told of records.
        """
        now_ms = self._store.clock.milliseconds()
        differing = next((code for code, steps in _TROUBLES.items() if self._comparison.at(*steps)), "")
        if differing and self._first_told_ms is None:
            self._first_told_ms = now_ms
        if differing:
            return Trouble(Cloud.ONLINE, differing)
        if self._first_told_ms is not None and abs(now_ms - self._first_told_ms) < NOTICE_MS:
            return Trouble(Cloud.ONLINE, "SYNC_TABLE_REFOLDED")
        self._first_told_ms = None
        return None

    def answered(self) -> None:
        """Note that the cloud answered a pull that named `differ`."""
        self._comparison.answered()

    async def compare(self, wanted: CompareDigests) -> None:
        """Compare, and fold anew the tables that differ for the first time."""
        theirs = by_table(wanted.digests)
        ours = await self._store.look(self._read, wanted, {table.scope_id for table in theirs})
        if ours is None:
            return
        alarmed = self._comparison.at(Step.ALARM)
        to_fold = self._comparison.compare(ours, theirs)
        for table in self._comparison.at(Step.ALARM):
            if table not in alarmed:
                logger.error("%s of %s still differs from the cloud after both folded it anew", *_named(table))
                await self._tell_people(table)
        for table in to_fold:
            logger.error("%s of %s differs from the cloud: it is folded anew from the log", *_named(table))
            await self._fold_anew(table)

    async def _tell_people(self, table: ScopedTable) -> None:
        """Write an exception: one a table and day, for as long as it differs."""
        if self._store.premises is not None:
            await self._store.run(SYSTEM, lambda work: _note_difference(work, table))

    def _read(self, door: Door, wanted: CompareDigests, scopes: set[UUID]) -> dict[ScopedTable, TableDigest] | None:
        """Our digests of these scopes; None if our rows do not belong to exactly this vector."""
        if vector(door, self._organization) != wanted.vector or unfolded(door, self._organization):
            return None
        if is_behind(door, self._organization, self._program):
            return None
        parked = parked_scopes(door, self._organization)
        return {
            ScopedTable(scope_id, name): digest
            for scope_id in sorted(scopes)
            if scope_id.bytes not in parked
            for name, digest in comparable(door, self._organization, scope_id.bytes, self._tables).items()
        }

    async def _fold_anew(self, table: ScopedTable) -> None:
        """Fold a table's rows of a scope anew, in small transactions."""
        anew = TableAnew(table.table, table.scope_id.bytes)
        while not anew.is_done:
            changed = await self._store.through(self._step, anew)
            if changed:
                self._store.announce(Committed(frozenset(changed), local=False))

    def _step(self, door: Door, anew: TableAnew) -> Feed:
        feed = anew.step(MergedTables(door, self._organization, self._tables))
        tell(door, feed, self._store.author.listeners)
        return feed


_TROUBLES = {
    "SYNC_DIFFERS": (Step.ALARM,),
    "SYNC_TABLE_REFOLDED": (Step.FOLDED_HERE, Step.ASKING, Step.ASKED),
}


def _named(table: ScopedTable) -> tuple[str, UUID]:
    return table.table, table.scope_id


async def _note_difference(work: Work, table: ScopedTable) -> None:
    device_id, day = work.place.device_id, work.business_date.isoformat()
    await note_event(
        work,
        EventKind.DIGESTS_DIFFER,
        device_id,
        table.scope_id,
        table.table,
        day,
        device_id=device_id,
        reason=table.table,
    )
