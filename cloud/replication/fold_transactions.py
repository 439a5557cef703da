"""The transactions of the fold: synchronous, in threads of their own; one worker at a time for each branch.

A turn of a branch shares its organization with those of other branches. A turn of the organization's own scope, and
whatever else concerns several branches, has the organization to itself: it waits for the turns that are under way, and
no other one begins meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol, TypeVar
from uuid import UUID

import sqlalchemy as sa

from cloud.database.transaction import Database, in_thread
from cloud.replication.dues import DueScope
from sync.door import Door

T = TypeVar("T")
FOLD_THREADS = 2
"""So many turns of a process are under way at a time: while the database works for one, the other computes."""
PATIENCE_MS = 2_000
"""So long whoever wants an organization waits for the turns of its branches."""
_ORGANIZATION_LOCK = 0x666F6C64
"""An arbitrary number ("fold"), first half of the advisory lock of an organization."""
_BRANCH_LOCK = 0x666F6C65
_TAKE_BRANCH = "SELECT pg_try_advisory_xact_lock_shared(?::int, ?::int) AND pg_try_advisory_xact_lock(?::int, ?::int)"
_TAKE_ORGANIZATION = "SELECT pg_advisory_xact_lock(?::int, ?::int)"
_WAIT_AT_MOST = "SELECT set_config('lock_timeout', ?::text, true)"


class FoldedElsewhere(Exception):
    """Another worker folds this scope just now."""


class FoldTransactions(Protocol):
    """Where a fold runs, and how the workers of one database agree on who folds a scope."""

    async def run(self, scope: DueScope, fold: Callable[[Door], T]) -> T:
        """Run a function of the core in one transaction of that tenant, committed when it returns.

        Raises:
            FoldedElsewhere: another worker is folding this scope.
        """
        ...


class PostgresFolds:
    """Implements `FoldTransactions`: the worker that folds holds advisory locks to the end of the transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._threads = ThreadPoolExecutor(FOLD_THREADS, "fold")

    async def run(self, scope: DueScope, fold: Callable[[Door], T]) -> T:
        """Run the function in a thread of the fold."""
        return await in_thread(self._threads, partial(self._fold, scope, fold))

    def _fold(self, scope: DueScope, fold: Callable[[Door], T]) -> T:
        return self._database.fold(scope.organization_id, lambda door: _in_turn(door, scope, fold))


def _in_turn(door: Door, scope: DueScope, fold: Callable[[Door], T]) -> T:
    if not take_turn(door, scope):
        raise FoldedElsewhere
    # A foreign key that fails must fail inside the fold's savepoint, and not at the commit.
    door.run("SET CONSTRAINTS ALL IMMEDIATE")
    return fold(door)


def take_turn(door: Door, scope: DueScope) -> bool:
    """Lock the fold of a scope to the end of the transaction; False if another worker holds the lock."""
    organization = (_ORGANIZATION_LOCK, _half(scope.organization_id))
    if not scope.is_whole:
        return bool(door.value(_TAKE_BRANCH, *organization, _BRANCH_LOCK, _half(scope.scope_id)))
    # Whoever waits for the whole lets no further branch begin; so nobody keeps it from its turn.
    door.value(_WAIT_AT_MOST, str(PATIENCE_MS))
    try:
        with door.savepoint():
            door.value(_TAKE_ORGANIZATION, *organization)
    except sa.exc.OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != "55P03":
            raise
        return False
    door.value(_WAIT_AT_MOST, "0")
    return True


def _half(identifier: UUID) -> int:
    """Thirty-one bits of an id, for the second half of an advisory lock."""
    return identifier.int & 0x7FFF_FFFF
