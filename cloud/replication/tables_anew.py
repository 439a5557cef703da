"""Tables that are folded anew from the log, because a device that holds the same log has other rows.

Each is folded anew once for each state of the log and each program: if the rows still differ, folding again would not
help, and the device's alarm stays. Who hears the device asks, in a row; a worker folds, in steps.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sync.anew import TableAnew
from sync.author import Author
from sync.door import Door, shape
from sync.feed import Listener, tell
from sync.merged import MergedTables
from sync.records import anew

_SHAPE = shape(anew, ("organization_id", "scope_id", "table_name", "state", "done"))
_ASK = """
    (organization_id, scope_id, table_name) DO UPDATE SET state = excluded.state, done = 0
    WHERE sync_anew.state <> excluded.state
"""
_NEXT = """
    SELECT scope_id, table_name, state FROM sync_anew WHERE organization_id = ? AND done = 0
    ORDER BY scope_id, table_name LIMIT 1
"""
_DONE = """
    UPDATE sync_anew SET done = 1 WHERE organization_id = ? AND scope_id = ? AND table_name = ? AND state = ?
"""
logger = logging.getLogger(__name__)


class _Asked(NamedTuple):
    organization_id: UUID
    scope_id: UUID
    table: str
    state: bytes


def ask(door: Door, organization_id: UUID, tables: Sequence[tuple[UUID, str]], log: bytes, program: bytes) -> bool:
    """Ask for tables (scope, name) to be folded anew; False if all of them were, in this state of the log.

    Args:
        log: tells this state of the log from every other.
        program: tells this program from every other: the next one may fold better.
    """
    state = hashlib.blake2b(log + program, digest_size=16).digest()
    door.insert(_SHAPE, [(organization_id.bytes, scope.bytes, name, state, 0) for scope, name in sorted(tables)], _ASK)
    return door.value(_NEXT, door.key(organization_id.bytes)) is not None


class TablesAnew:
    """The steps that this process has taken with the tables of all organizations; another one begins anew."""

    def __init__(self) -> None:
        self._under_way: dict[_Asked, TableAnew] = {}

    def step(self, door: Door, author: Author, listeners: Sequence[Listener]) -> bool:
        """Fold the next rows of an organization's tables anew; False if there is nothing to do."""
        found = door.rows(_NEXT, door.key(author.organization_id.bytes))
        if not found:
            return False
        ((scope_id, table, state),) = found
        asked = _Asked(author.organization_id, UUID(bytes=scope_id), table, bytes(state))
        at = (door.key(author.organization_id.bytes), door.key(scope_id))
        if table not in author.tables:  # a newer program asked, which folds it when its turn comes
            door.run(_DONE, *at, table, state)
            return True
        anew = self._under_way.get(asked)
        if anew is None:
            self.begin_again(author.organization_id)  # those of an earlier state of the log
            anew = self._under_way[asked] = TableAnew(table, scope_id)
            logger.warning("folding %s of %s anew: a device has other rows", table, asked.scope_id)
        feed = anew.step(MergedTables(door, author.organization_id.bytes, author.tables))
        tell(door, feed, listeners)
        if feed:
            logger.error("%s of %s was not as the log says: %d rows changed", table, asked.scope_id, len(feed))
        if anew.is_done:
            self._under_way.pop(asked)
            door.run(_DONE, *at, table, state)
        return True

    def begin_again(self, organization_id: UUID) -> None:
        """Begin again with the tables of this organization, since the last step was rolled back."""
        for asked in [asked for asked in self._under_way if asked.organization_id == organization_id]:
            del self._under_way[asked]
