"""The branches of people who have more than a token names, as they were some seconds ago at most."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select

from cloud.database.control_records import Account
from cloud.database.transaction import Database
from cloud.kernel.recent import Recent

KEPT_SECONDS = 10.0
MOST_KEPT = 1_000


class OwnBranches:
    """Looks up the branches of accounts.

    Args:
        seconds: a clock that only goes forward.
    """

    def __init__(self, database: Database, seconds: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._seconds = seconds
        self._kept: Recent[UUID, tuple[float, frozenset[UUID]]] = Recent(MOST_KEPT)

    async def of(self, account_id: UUID) -> frozenset[UUID]:
        """The branches of an account; none if it is gone or closed."""
        kept, now = self._kept.get(account_id), self._seconds()
        if kept is not None and now < kept[0] + KEPT_SECONDS:
            return kept[1]
        query = select(Account.branches).where(Account.id == account_id, Account.active)
        async with self._database.control() as session:
            found = frozenset(await session.scalar(query) or ())
        self._kept.put(account_id, (now, found))
        return found
