"""Asks people about transactions that wait too long: a day for a row, or at all where no row that arrives can help.

Each is asked about once, by the id of its event. What was asked is remembered by the process, so that a turn without
news costs one statement.
"""

from __future__ import annotations

from uuid import UUID

from cloud.replication.judgements import (
    MOST_DETAILS,
    CloudJudgements,
    Question,
    amount_of,
    readable,
    told_of,
)
from shared.exceptions.rules import EventKind
from shared.kernel.records import Scope
from sync.author import Author
from sync.door import Door
from sync.feed import Feed
from sync.log import Transaction
from sync.merged import MergedTables
from sync.tables import program_fingerprint
from sync.waiting import ParkingKey, Waiting

DAY_MS = 24 * 60 * 60 * 1_000
"""What one device brings, another may still hold back for an evening without network."""
ASKED_AT_ONCE = 100
"""So many transactions are asked about in one turn."""
_LATE = """
    SELECT p.stream_id, p.first_seq, p.last_seq, p.reason, s.scope_id FROM sync_parked AS p
    JOIN sync_streams AS s ON s.organization_id = p.organization_id AND s.id = p.stream_id
    WHERE p.organization_id = ? AND s.scope = ? AND s.device_id <> ? AND (p.missing_row IS NULL OR p.parked_ms <= ?)
    ORDER BY p.parked_ms, p.stream_id, p.first_seq
"""


class Quarantine:
    """Asks about what one organization has parked.

    Args:
        author: the cloud.
    """

    def __init__(self, author: Author, judgements: CloudJudgements) -> None:
        self._author = author
        self._judgements = judgements
        self._asked: set[ParkingKey] = set()

    def step(self, door: Door, now_ms: int) -> Feed:
        """Ask about the next transactions that wait too long. Returns the feed of their events."""
        organization, cloud = (door.key(each) for each in (self._organization, self._author.device_id.bytes))
        rows = door.rows(_LATE, organization, Scope.BRANCH.value, cloud, now_ms - DAY_MS)
        late = {ParkingKey(row[0], row[1], row[2]): (row[3], row[4]) for row in rows}
        self._asked &= late.keys()  # one that was cured and parks again is known by its event
        untold = [key for key in late if key not in self._asked][:ASKED_AT_ONCE]
        if not untold:
            return {}
        merged = MergedTables(door, self._organization, self._author.tables)
        waiting = Waiting(merged, program_fingerprint(self._author.tables))
        asked = []
        for transaction in waiting.read(untold):
            reason, branch = late[ParkingKey(transaction.stream, transaction.first, transaction.last)]
            asked.append((branch, self._question(transaction, reason)))
        feed = self._judgements.ask_once(door, asked)
        self._asked.update(untold)
        return feed

    @property
    def _organization(self) -> bytes:
        return self._author.organization_id.bytes

    def _question(self, transaction: Transaction, reason: str) -> Question:
        details = [
            told_of(self._author.tables, change.table, change.row, readable(change.fields))
            for change in transaction.changes[:MOST_DETAILS]
        ]
        return Question(
            EventKind.QUARANTINED,
            (UUID(bytes=transaction.stream), transaction.first),
            transaction.changes[0].actor,
            transaction.stream,
            reason,
            {"first": transaction.first, "last": transaction.last, "changes": details},
            max((amount_of(each) for each in details), default=0),
        )
