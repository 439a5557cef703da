"""Tables that are folded anew from the log, because a device that holds the same log has other rows.

Each is folded anew once for each state of the log: if the rows still differ, folding again would not help, and the
device's alarm stays.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sync.anew import TableAnew
from sync.author import Author
from sync.door import Door
from sync.feed import Listener, tell
from sync.merged import MergedTables

logger = logging.getLogger(__name__)


class _Asked(NamedTuple):
    organization_id: UUID
    scope_id: UUID
    table: str


class TablesAnew:
    """The tables that are being folded anew, and those that were. Kept in memory: the next program may fold better."""

    def __init__(self) -> None:
        self._done: dict[_Asked, bytes] = {}
        self._under_way: dict[_Asked, TableAnew] = {}

    def ask(self, organization_id: UUID, scope_id: UUID, table: str, vector: bytes) -> bool:
        """Schedule a table; False if it was folded anew in this state of the log already."""
        asked = _Asked(organization_id, scope_id, table)
        if self._done.get(asked) == vector:
            return False
        self._done[asked] = vector
        self._under_way[asked] = TableAnew(table, scope_id.bytes)
        logger.warning("folding %s of %s anew: a device has other rows", table, scope_id)
        return True

    def step(self, door: Door, author: Author, listeners: Sequence[Listener]) -> bool:
        """Fold the next rows of an organization's tables anew; False if there is nothing to do."""
        asked = next(iter(self._of(author.organization_id)), None)
        if asked is None:
            return False
        anew = self._under_way[asked]
        feed = anew.step(MergedTables(door, author.organization_id.bytes, author.tables))
        tell(door, feed, listeners)
        if feed:
            logger.error("%s of %s was not as the log says: %d rows changed", asked.table, asked.scope_id, len(feed))
        if anew.is_done:
            del self._under_way[asked]
        return True

    def is_busy_with(self, organization_id: UUID) -> bool:
        """Whether a table of this organization is being folded anew."""
        return bool(self._of(organization_id))

    def begin_again(self, organization_id: UUID) -> None:
        """Begin again with the tables of this organization, since the last step was rolled back."""
        for asked in self._of(organization_id):
            self._under_way[asked] = TableAnew(asked.table, asked.scope_id.bytes)

    def _of(self, organization_id: UUID) -> list[_Asked]:
        # A copy, because requests add tables while the fold's thread reads.
        return [asked for asked in list(self._under_way) if asked.organization_id == organization_id]
