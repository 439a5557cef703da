"""Voiding edits that a wrong clock stamped, because a manager says so. What somebody sold or paid is never voided.

Events are believed in little: one must be that of a device's stream in its own
branch, and of the places that it names only those count at which the log has a whole transaction with a stamp far ahead
of when it came. Verdicts, rows that are folded anew, and the manager's notes are one transaction; devices obey the
verdict when it reaches them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from cloud.replication.clock_witness import AHEAD_MS
from cloud.replication.judgements import EVENTS, CloudJudgements
from cloud.replication.stream_owners import StreamOwners
from shared.exceptions.records import Settlement
from shared.exceptions.rules import EventKind, exception_id
from shared.kernel.errors import DomainError
from shared.kernel.ids import IdSource
from shared.kernel.instants import from_microseconds
from shared.kernel.permissions import Actor
from shared.kernel.records import Scope
from shared.kernel.stamps import COUNTER_BITS
from sync.author import Author
from sync.change import Kind
from sync.door import Door
from sync.feed import Listener, tell
from sync.fold import Objection
from sync.folder import Folder
from sync.log import Transaction, changes_between, transactions_of
from sync.merged import MergedTables
from sync.messages import MAX_TRANSACTION_CHANGES
from sync.tables import Values
from sync.verdicts import voided_ranges
from sync.writing import OwnWriting, values_of, wire_fields

CLOCK_WAS_WRONG = "CLOCK_WAS_WRONG"
"""The reason of these verdicts."""
LAST_SEQ = (1 << 62) - 1
SETTLEMENTS = Settlement.__tablename__
_STORED_AT = "SELECT stored_ms FROM sync_changes WHERE organization_id = ? AND stream_id = ? AND seq = ?"


class Asked(NamedTuple):
    """What a manager asks for.

    Attributes:
        exception: the event of the wrong clock.
        branches: those that the manager may see.
        note: cleaned, not empty.
    """

    exception: UUID
    branches: Collection[UUID]
    actor: Actor
    note: str


class Voiding:
    """Voids for one organization, in a transaction that the caller commits.

    Args:
        author: the cloud.
    """

    def __init__(
        self,
        author: Author,
        owners: StreamOwners,
        folder: Folder,
        judgements: CloudJudgements,
        listeners: Sequence[Listener],
        ids: IdSource,
    ) -> None:
        self._author = author
        self._owners = owners
        self._folder = folder
        self._judgements = judgements
        self._listeners = listeners
        self._ids = ids

    def void_edits(self, door: Door, asked: Asked) -> None:
        """Void the transactions of an event that only edit, and settle it and the events about them.

        Raises:
            DomainError: NOTHING_TO_VOID. Nothing was written.
        """
        event = self._event(door, asked)
        voided = self._edits_of(door, event) if event is not None else []
        if event is None or not voided:
            raise DomainError("NOTHING_TO_VOID")
        why = Objection(CLOCK_WAS_WRONG, voids=True)
        tell(door, self._judgements.write(door, [(each, why) for each in voided]), self._listeners)
        ranges = [(each.stream, each.first, each.last) for each in voided]
        self._folder.undo(door, ranges, self._author.clock.milliseconds())
        about = [exception_id(EventKind.VOIDED, UUID(bytes=each.stream), each.first) for each in voided]
        self._settle(door, asked, UUID(bytes=event.branch_id), [*about, asked.exception])

    # -- what is voided ----------------------------------------------------------------------------------------------

    def _event(self, door: Door, asked: Asked) -> Values | None:
        """The event, if it is that of a device's stream in one of these branches, and the event's own."""
        found = self._merged(door).load(self._author.tables[EVENTS], [asked.exception.bytes])
        held = found.get(asked.exception.bytes)
        if held is None or held.values.stream_id is None or held.values.kind != EventKind.CLOCK_WRONG:
            return None
        event, stream = held.values, held.values.stream_id
        owner = self._owners.of(door, [stream]).get(stream)
        is_own = (
            owner is not None
            and owner.scope is Scope.BRANCH
            and owner.scope_id == event.branch_id
            and owner.device != self._author.device_id.bytes
            and UUID(bytes=event.branch_id) in asked.branches
        )
        return event if is_own else None

    def _edits_of(self, door: Door, event: Values) -> list[Transaction]:
        """What a clock stamped wrongly at the places that the event names, only edits, and is not void."""
        at = (self._transaction_at(door, event.stream_id, *place) for place in _places(event.details))
        return [
            each
            for each in at
            if each is not None
            and all(change.kind == Kind.EDIT for change in each.changes)
            and self._is_ahead(door, each)
            and not voided_ranges(door, self._author.organization_id.bytes, each.stream, each.first, each.last)
        ]

    def _transaction_at(self, door: Door, stream: bytes, first: int, last: int) -> Transaction | None:
        """The transaction that begins and ends there; None if none does."""
        # The change before it tells whether a transaction begins here.
        read = changes_between(door, self._author.organization_id.bytes, stream, first - 1, last)
        if first > 1 and not (read and read[0].seq == first - 1 and read[0].last):
            return None
        whole = transactions_of(stream, [change for change in read if change.seq >= first])
        return whole[0] if len(whole) == 1 and whole[0].last == last else None

    def _is_ahead(self, door: Door, transaction: Transaction) -> bool:
        """Whether its stamp is far ahead of when it came here."""
        keys = (door.key(self._author.organization_id.bytes), door.key(transaction.stream))
        ((stored_ms,),) = door.rows(_STORED_AT, *keys, transaction.last)
        latest = (int(stored_ms) + AHEAD_MS) << COUNTER_BITS
        return transaction.changes[-1].stamp > latest

    # -- notes -------------------------------------------------------------------------------------------------------

    def _settle(self, door: Door, asked: Asked, branch: UUID, exceptions: Sequence[UUID]) -> None:
        """Settle events of a branch up to their sizes now."""
        events, table = self._author.tables[EVENTS], self._author.tables[SETTLEMENTS]
        held = self._merged(door).load(events, [each.bytes for each in exceptions])
        created = []
        for exception in exceptions:
            fields = {
                "branch_id": branch,
                "exception_id": exception,
                "up_to": held[exception.bytes].values.size,
                "event_at": from_microseconds(held[exception.bytes].values.happened_at),
                "note": asked.note,
                "settled_at": self._author.clock.now(),
                "settled_by": asked.actor.staff_id,
                "settled_by_name": asked.actor.name,
            }
            given = {name: value for name, value in wire_fields(table, fields).items() if value is not None}
            created.append((table, self._ids.new().bytes, values_of(table, given), given))
        tell(door, OwnWriting(door, self._author, asked.actor).write(created), self._listeners)

    def _merged(self, door: Door) -> MergedTables:
        return MergedTables(door, self._author.organization_id.bytes, self._author.tables)


def _places(details: Iterable[Any]) -> list[tuple[int, int]]:
    """The places (first and last sequence number) that details name, each once."""
    named = [(each.get("first"), each.get("last")) for each in details if isinstance(each, dict)]
    return sorted(
        {
            (first, last)
            for first, last in named
            if type(first) is int
            and type(last) is int
            and 1 <= first <= last <= LAST_SEQ
            and last - first < MAX_TRANSACTION_CHANGES
        }
    )
