"""Comparing this device's rows with the cloud's at the end of a sync, and folding anew the tables that differ.

What follows from a difference is decided in `sync/comparison.py`; this module reads, folds and tells.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from sync.comparison import Comparison, ScopedTable, Step, by_table
from sync.log import vector
from sync.messages import Differing, TableDigest
from sync.protocol import CompareDigests
from sync.records import parked, streams
from terminal.link_state import Cloud, Trouble
from terminal.store.store import Store

logger = logging.getLogger(__name__)


class Comparer(Protocol):
    """Knows what the merged rows add up to, and how a table is folded anew from the log."""

    async def read(self, connection: AsyncConnection, scope_id: UUID) -> Mapping[str, TableDigest]:
        """Return the digests of a scope's tables, by name."""
        ...

    async def fold_anew(self, scope_id: UUID, table: str) -> None:
        """Fold a table's rows of a scope anew, in transactions of its own."""
        ...


class DigestCheck:
    """Compares one store with the cloud, whenever both hold the same; never without a comparer."""

    def __init__(self, store: Store, comparer: Comparer | None) -> None:
        self._store = store
        self._comparer = comparer
        self._comparison = Comparison()

    @property
    def differ(self) -> Sequence[Differing]:
        """What the next pull asks the cloud to fold anew."""
        return self._comparison.differ

    @property
    def trouble(self) -> Trouble | None:
        """What people should know: a table that still differs, else one that was folded anew and not yet compared."""
        for code, steps in _TROUBLES.items():
            if tables := self._comparison.at(*steps):
                return Trouble(Cloud.ONLINE, code, {"table": tables[0].table})
        return None

    def answered(self) -> None:
        """The cloud has answered a pull that named `differ`."""
        self._comparison.answered()

    async def compare(self, wanted: CompareDigests) -> None:
        """Compare, and fold anew what differs for the first time."""
        comparer, theirs = self._comparer, by_table(wanted.digests)
        if comparer is None:
            return
        ours = await self._read(comparer, wanted, {table.scope_id for table in theirs})
        if ours is None:
            return
        alarmed = self._comparison.at(Step.ALARM)
        to_fold = self._comparison.compare(ours, theirs)
        for table in self._comparison.at(Step.ALARM):
            if table not in alarmed:
                logger.error("%s of %s still differs from the cloud after both folded it anew", *_named(table))
        for table in to_fold:
            logger.error("%s of %s differs from the cloud: it is folded anew from the log", *_named(table))
            await comparer.fold_anew(table.scope_id, table.table)

    async def _read(
        self, comparer: Comparer, wanted: CompareDigests, scopes: set[UUID]
    ) -> dict[ScopedTable, TableDigest] | None:
        """Our digests of these scopes; None if our rows are not exactly what the vector says."""
        organization_id = self._store.identity.organization_id
        async with self._store.reading() as connection:
            if await vector(connection, organization_id) != wanted.vector:
                return None
            if await connection.scalar(_UNFOLDED, {"organization_id": organization_id}):
                return None
            troubled = await connection.scalars(_PARKED_SCOPES, {"organization_id": organization_id})
            return {
                ScopedTable(scope_id, name): digest
                for scope_id in sorted(scopes.difference(troubled))
                for name, digest in (await comparer.read(connection, scope_id)).items()
            }


_TROUBLES = {
    "SYNC_DIFFERS": (Step.ALARM,),
    "SYNC_TABLE_REFOLDED": (Step.FOLDED_HERE, Step.ASKING, Step.ASKED),
}
_HERE = streams.c.organization_id == sa.bindparam("organization_id")
_UNFOLDED = sa.select(sa.func.count()).where(_HERE, streams.c.folded_seq < streams.c.head_seq)
_PARKED_SCOPES = (
    sa.select(streams.c.scope_id)
    .distinct()
    .join(parked, sa.and_(parked.c.organization_id == streams.c.organization_id, parked.c.stream_id == streams.c.id))
    .where(_HERE)
)


def _named(table: ScopedTable) -> tuple[str, UUID]:
    return table.table, table.scope_id
