"""Who may judge: verdicts count only in a stream of the cloud's own, whoever relayed it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from sync.author import cloud_device
from sync.fold import Objection, Transaction
from sync.records import Verdict, streams
from sync.rows import Rows
from sync.tables import TableSpec

NOT_THE_CLOUD = "NOT_THE_CLOUD"


class OnlyTheCloudJudges:
    """Implements `sync.fold.Judge` for a device: it objects to nothing but the verdicts of other devices."""

    def __init__(self, organization_id: UUID) -> None:
        self._organization_id = organization_id
        self._clouds: frozenset[UUID] = frozenset()

    async def prepare(self, connection: AsyncConnection, transactions: Sequence[Transaction]) -> None:
        """Learn the cloud's streams, if any of these transactions judges: at most one statement."""
        if not any(_judges(transaction) for transaction in transactions):
            return
        found = await connection.scalars(
            sa.select(streams.c.id).where(
                streams.c.organization_id == self._organization_id,
                streams.c.device_id == cloud_device(self._organization_id),
            )
        )
        self._clouds = frozenset(found)

    def objection(self, transaction: Transaction, specs: Mapping[str, TableSpec], rows: Rows) -> Objection | None:
        """A verdict of somebody else parks: the cloud will void it."""
        if transaction.stream_id not in self._clouds and _judges(transaction):
            return Objection(NOT_THE_CLOUD, {"table": Verdict.__tablename__})
        return None


def _judges(transaction: Transaction) -> bool:
    return any(change.table == Verdict.__tablename__ for change in transaction.changes)
