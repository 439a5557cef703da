"""Asks people about transactions that wait too long: a day for a row, or at all where no row that arrives can help.

Each is one exception, by the id of its event, whoever has parked it: devices ask about what waits a day on them alone
(`terminal/syncing/parked_events.py`). Who asked says when it came right.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple
from uuid import UUID

from cloud.replication.judgements import (
    EVENTS,
    MOST_DETAILS,
    CloudJudgements,
    Question,
    amount_of,
    readable,
    told_of,
)
from shared.exceptions.rules import EventKind, ParkedAt, exception_id
from shared.kernel.permissions import SYSTEM
from shared.kernel.records import Scope
from sync.author import Author
from sync.door import Door
from sync.feed import Feed, joined
from sync.log import Transaction
from sync.merged import MergedTables
from sync.tables import program_fingerprint
from sync.waiting import NOBODY, ParkingKey, Waiting
from sync.writing import OwnWriting

DAY_MS = 24 * 60 * 60 * 1_000
"""What one device brings, another may still hold back for an evening without network."""
ASKED_AT_ONCE = 100
"""So many transactions are asked about in one turn."""
_LATE = """
    SELECT p.stream_id, p.first_seq, p.last_seq, p.reason, s.scope_id FROM sync_parked AS p
    JOIN sync_streams AS s ON s.organization_id = p.organization_id AND s.id = p.stream_id
    WHERE p.organization_id = ? AND s.scope = ? AND s.device_id <> ?
    AND (p.parked_ms <= ? OR (p.missing_row IS NULL AND p.program <> ?))
"""
_EARLIEST = """
    SELECT min(p.parked_ms) FROM sync_parked AS p
    JOIN sync_streams AS s ON s.organization_id = p.organization_id AND s.id = p.stream_id
    WHERE p.organization_id = ? AND s.scope = ? AND s.device_id <> ? AND p.missing_row IS NOT NULL AND p.parked_ms > ?
"""
_IN_SCOPE = " AND s.scope_id = ?"
_IN_ORDER = " ORDER BY p.parked_ms, p.stream_id, p.first_seq"
_PARKED = "SELECT stream_id, first_seq FROM sync_parked WHERE organization_id = ?"
_OPEN = "SELECT id FROM exceptions WHERE organization_id = ? AND kind = ? AND size > came_right"
_IN_BRANCH = " AND branch_id = ?"
_ENDED = "SELECT id FROM exceptions WHERE organization_id = ? AND came_right >= size AND id {keys}"


class Quarantined(NamedTuple):
    """What a step did.

    Attributes:
        feed: of the events that were written.
        is_left: whether there is more to ask about now.
        next_ms: after how long there may be more; None: only what is parked from now on.
    """

    feed: Feed
    is_left: bool
    next_ms: int | None


class Quarantine:
    """Asks about what one organization has parked. Take a step whenever something was parked until now.

    Args:
        author: the cloud.
        branch: only what a branch has parked; by default all.
    """

    def __init__(self, author: Author, judgements: CloudJudgements, branch: bytes | None = None) -> None:
        self._author = author
        self._judgements = judgements
        self._branch = branch
        self._asked: set[ParkingKey] = set()

    def step(self, door: Door, now_ms: int) -> Quarantined:
        """End what came right, and ask about the next transactions that wait too long."""
        organization, cloud = (door.key(each) for each in (self._organization, self._author.device_id.bytes))
        branch = () if self._branch is None else (door.key(self._branch),)
        in_scope, at = _IN_SCOPE if branch else "", (organization, Scope.BRANCH.value, cloud, now_ms - DAY_MS)
        rows = door.rows(_LATE + in_scope + _IN_ORDER, *at, NOBODY, *branch)
        late = {ParkingKey(row[0], row[1], row[2]): (row[3], row[4]) for row in rows}
        merged = MergedTables(door, self._organization, self._author.tables)
        feed = joined(self._end(door, merged), self._ask(door, merged, late))
        earliest = door.value(_EARLIEST + in_scope, *at, *branch)
        next_ms = None if earliest is None else int(earliest) + DAY_MS - now_ms
        return Quarantined(feed, not self._asked.issuperset(late), next_ms)

    def _end(self, door: Door, merged: MergedTables) -> Feed:
        """Say of what the cloud asked about and has not parked any more that it came right."""
        organization, table = door.key(self._organization), merged.tables[EVENTS]
        branch = () if self._branch is None else (door.key(self._branch),)
        sql = _OPEN + (_IN_BRANCH if branch else "")
        ids = [row[0] for row in door.rows(sql, organization, EventKind.QUARANTINED.value, *branch)]
        held = merged.load(table, ids)
        places = {key: at for key in ids if (at := ParkedAt.told_by(held[key].values.details)) and at.on is None}
        if not places:
            return {}
        parked = {(row[0], row[1]) for row in door.rows(_PARKED, organization)}
        ended = [key for key, at in places.items() if (held[key].values.stream_id, at.first) not in parked]
        edits = [(table, key, held[key], {"came_right": held[key].values.size}) for key in ended]
        return OwnWriting(door, self._author, SYSTEM).write([], edits) if edits else {}

    def _ask(self, door: Door, merged: MergedTables, late: Mapping[ParkingKey, tuple[str, bytes]]) -> Feed:
        self._asked &= late.keys()
        ids = {_event_of(key): key for key in late}
        ended = {ids[row[0]] for row in door.among(_ENDED, sorted(ids), door.key(self._organization))}
        self._asked -= ended
        untold = [key for key in late if key not in self._asked][:ASKED_AT_ONCE]
        if not untold:
            return {}
        waiting = Waiting(merged, program_fingerprint(self._author.tables))
        asked = []
        for transaction in waiting.read(untold):
            reason, branch = late[ParkingKey(transaction.stream, transaction.first, transaction.last)]
            asked.append((branch, self._question(transaction, reason)))
        feed = self._judgements.ask_once(door, asked)
        again = {_event_of(key) for key in untold if key in ended}
        joined(feed, self._ask_again(door, merged, again, [question for _branch, question in asked]))
        self._asked.update(untold)
        return feed

    def _ask_again(self, door: Door, merged: MergedTables, events: Collection[bytes], asked: list[Question]) -> Feed:
        """Open events again that came right: what they are about waits again, or has waited here all the time."""
        table = merged.tables[EVENTS]
        held = merged.load(table, events)
        edits = [
            (
                table,
                question.key,
                held[question.key],
                {"size": held[question.key].values.came_right + 1, "details": [dict(question.detail)]},
            )
            for question in asked
            if question.key in held
        ]
        return OwnWriting(door, self._author, SYSTEM).write([], edits) if edits else {}

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


def _event_of(key: ParkingKey) -> bytes:
    return exception_id(EventKind.QUARANTINED, UUID(bytes=key.stream), key.first).bytes
