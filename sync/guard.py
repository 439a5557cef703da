"""The one guard of the fold: whatever breaks on a transaction parks that transaction, and the others flow.

A verdict is a transaction like any other: what obeying it takes away is part of its fold.

An error of the database on what our checks let pass is halved down to the one transaction that must park. An error that
says nothing of what was written (the database is away, busy or full) is raised: the same fold is tried again later.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from sync.door import Door
from sync.feed import Feed, joined
from sync.fold import Objection
from sync.log import Transaction

FOLD_FAILED = "FOLD_FAILED"
OF_THE_MOMENT = frozenset({"08", "40", "53", "55", "57", "58", "XX"})
"""Classes of SQLSTATE that say nothing of what was written: connection, rollback by others, resources, locks,
operators, system, damage."""
OF_THE_CONTENT = (sa.exc.IntegrityError, sa.exc.DataError, sa.exc.ProgrammingError, sa.exc.NotSupportedError)
"""What is left where an error has no SQLSTATE: SQLite is locked, full or damaged under the other names."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Folded:
    """Result of folding a batch.

    Attributes:
        feed: the rows that changed.
        accepted: the transactions that were folded.
        objections: those that were not, with why.
    """

    feed: Feed = field(default_factory=dict)
    accepted: list[Transaction] = field(default_factory=list)
    objections: list[tuple[Transaction, Objection]] = field(default_factory=list)

    def join(self, other: Folded) -> Folded:
        """Append the other result to this one. Returns this one."""
        joined(self.feed, other.feed)
        self.accepted += other.accepted
        self.objections += other.objections
        return self


def fold_guarded(
    door: Door,
    transactions: Sequence[Transaction],
    fold: Callable[[Sequence[Transaction]], Folded],
    *,
    is_second_try: bool = False,
) -> Folded:
    """Fold transactions. If something breaks, halve them until only the one that must park is left out.

    Args:
        is_second_try: a transaction that the database refuses now parks.
    """
    if not transactions:
        return Folded()
    try:
        with door.savepoint():
            return fold(transactions)
    except Exception as error:
        if is_of_the_moment(error):
            raise
        if len(transactions) == 1 and not is_second_try and isinstance(error, sa.exc.IntegrityError):
            # Somebody else may have written the same row meanwhile. It is there now, and is merged with.
            return fold_guarded(door, transactions, fold, is_second_try=True)
        if len(transactions) == 1:
            return Folded(objections=[(transactions[0], _failed(transactions[0], error))])
    middle = len(transactions) // 2
    first = fold_guarded(door, transactions[:middle], fold)
    return first.join(fold_guarded(door, transactions[middle:], fold))


def is_of_the_moment(error: Exception) -> bool:
    """Whether an error says that the database is away, busy or full just now, and nothing of what was to be folded."""
    if not isinstance(error, sa.exc.DBAPIError):
        return isinstance(error, (OSError, sa.exc.TimeoutError))
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)
    return state[:2] in OF_THE_MOMENT if state else not isinstance(error, OF_THE_CONTENT)


def _failed(transaction: Transaction, error: Exception) -> Objection:
    cause = getattr(error, "orig", None) or error
    logger.warning("%s/%s cannot be folded", transaction.stream.hex(), transaction.first, exc_info=error)
    return Objection(FOLD_FAILED, {"reason": type(cause).__name__})
