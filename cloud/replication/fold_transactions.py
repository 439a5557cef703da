"""The transactions of the fold: synchronous, in their own thread, by one server at a time for each organization."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol, TypeVar
from uuid import UUID

from cloud.database.transaction import Database, in_thread
from sync.door import Door

T = TypeVar("T")
_FOLD_LOCK = 0x666F6C64
"""An arbitrary number ("fold"), first half of the advisory lock of an organization."""
_TAKE_TURN = "SELECT pg_try_advisory_xact_lock(?::int, ?::int)"


class FoldedElsewhere(Exception):
    """Another server folds this organization just now."""


class FoldTransactions(Protocol):
    """Where a fold runs, and how the servers of one database agree on who folds an organization."""

    async def run(self, organization_id: UUID, fold: Callable[[Door], T]) -> T:
        """Run a function of the core in one transaction of that tenant, committed when it returns.

        Raises:
            FoldedElsewhere: another server is folding this organization.
        """
        ...


class PostgresFolds:
    """Implements `FoldTransactions`: the server that folds holds an advisory lock to the end of the transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._thread = ThreadPoolExecutor(1, "fold")

    async def run(self, organization_id: UUID, fold: Callable[[Door], T]) -> T:
        """Run the function in the fold's thread."""
        return await in_thread(self._thread, partial(self._fold, organization_id, fold))

    def _fold(self, organization_id: UUID, fold: Callable[[Door], T]) -> T:
        return self._database.fold(organization_id, lambda door: _in_turn(door, organization_id, fold))


def _in_turn(door: Door, organization_id: UUID, fold: Callable[[Door], T]) -> T:
    if not take_turn(door, organization_id):
        raise FoldedElsewhere
    # A foreign key that fails must fail inside the fold's savepoint, and not at the commit.
    door.run("SET CONSTRAINTS ALL IMMEDIATE")
    return fold(door)


def take_turn(door: Door, organization_id: UUID) -> bool:
    """Lock the fold of this organization to the end of the transaction; False if another server holds the lock."""
    return bool(door.value(_TAKE_TURN, _FOLD_LOCK, _half(organization_id)))


def _half(organization_id: UUID) -> int:
    """Thirty-one bits of an id, for the second half of an advisory lock."""
    return organization_id.int & 0x7FFF_FFFF
