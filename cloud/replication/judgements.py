"""What the cloud's judge found, written in the cloud's own stream of that branch: verdicts, and events for people.

An event stands in the place of each voided transaction: a series of numbers is gapless with it. What people are asked
about folded transactions is one event for each cause, which counts up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from cloud.replication.stream_owners import Owner, StreamOwners
from shared.exceptions.records import ExceptionEvent
from shared.exceptions.rules import EventKind, exception_id
from shared.kernel.money import MAX_MINOR
from shared.kernel.permissions import SYSTEM
from shared.kernel.records import Scope
from shared.kernel.text import clean
from sync.author import Author
from sync.door import Door
from sync.feed import Feed, joined
from sync.fold import UNREADABLE, Objection
from sync.log import Transaction
from sync.merge import Row
from sync.merged import MergedTables
from sync.tables import TableSpec, Values
from sync.verdicts import VERDICTS, verdict_id
from sync.writing import OwnWriting, values_of, wire_fields

VERDICTS_A_UNIT = 1_000
"""A unit of work is sent whole; so many verdicts with their events are far below the limit of its size."""
MOST_DETAILS = 20
"""How many changes an event tells of. It counts all of them."""
EVENTS = ExceptionEvent.__tablename__
MINOR = "_minor"
"""How names of amounts end."""


class Question(NamedTuple):
    """What people are asked about. Questions with the same kind and cause are one event.

    Attributes:
        cause: what tells it from every other of its kind.
        reason: the right that was lacking, or what else is wrong.
        detail: what the change tells of itself.
        amount: about how much money (minor units).
        size: how often it happened.
    """

    kind: EventKind
    cause: tuple[UUID | str | int, ...]
    person: bytes | None
    stream: bytes
    reason: str
    detail: Mapping[str, Any]
    amount: int = 0
    size: int = 1

    @property
    def key(self) -> bytes:
        """The id of its event, if no device has taken it (`CloudJudgements`)."""
        return self.key_after(0)

    def key_after(self, taken: int) -> bytes:
        """The id of its event, when a device has taken so many others."""
        return exception_id(self.kind, *self.cause, *(["taken", taken] if taken else ())).bytes


class CloudJudgements:
    """Implements `sync.fold.JudgementWriter` for one organization.

    Args:
        author: the cloud.
    """

    def __init__(self, author: Author, owners: StreamOwners) -> None:
        self._author = author
        self._owners = owners

    def write(
        self,
        door: Door,
        voided: Sequence[tuple[Transaction, Objection]],
        asked: Sequence[tuple[Transaction, Question]] = (),
    ) -> Feed:
        """Write verdicts on voided transactions of devices' branch streams, and all events. Returns their feed."""
        streams = {transaction.stream for transaction, _why in (*voided, *asked)}
        owners = self._owners.of(door, streams)
        verdicts: defaultdict[bytes, list[tuple[Transaction, Objection]]] = defaultdict(list)
        questions: defaultdict[bytes, list[Question]] = defaultdict(list)
        for transaction, objection in voided:
            owner = owners[transaction.stream]
            if self._is_of_a_branch(owner):
                verdicts[owner.scope_id].append((transaction, objection))
        for transaction, question in asked:
            owner = owners[transaction.stream]
            if self._is_of_a_branch(owner):
                questions[owner.scope_id].append(question)
        feed: Feed = {}
        for branch in sorted({*verdicts, *questions}):
            joined(feed, self._write_branch(door, branch, verdicts[branch], questions[branch]))
        return feed

    def ask_once(self, door: Door, asked: Sequence[tuple[bytes, Question]]) -> Feed:
        """Write the events of questions, each with its branch, unless they are there already. Returns their feed."""
        merged = MergedTables(door, self._author.organization_id.bytes, self._author.tables)
        held = merged.load(merged.tables[EVENTS], [question.key for _branch, question in asked])
        known = {key for _branch, each in asked if (key := _free(merged, merged.tables[EVENTS], held, each)) in held}
        self._owners.of(door, {question.stream for _branch, question in asked})
        by_branch: defaultdict[bytes, list[Question]] = defaultdict(list)
        for branch, question in asked:
            if _free(merged, merged.tables[EVENTS], held, question) not in known:
                by_branch[branch].append(question)
        feed: Feed = {}
        for branch, questions in sorted(by_branch.items()):
            joined(feed, self._write_branch(door, branch, (), questions))
        return feed

    def _is_of_a_branch(self, owner: Owner) -> bool:
        return owner.scope is Scope.BRANCH and owner.device != self._author.device_id.bytes

    def _write_branch(
        self,
        door: Door,
        branch: bytes,
        voided: Sequence[tuple[Transaction, Objection]],
        questions: Sequence[Question],
    ) -> Feed:
        feed: Feed = {}
        for begin in range(0, max(len(voided), 1), VERDICTS_A_UNIT):
            some = voided[begin : begin + VERDICTS_A_UNIT]
            asked = [*map(self._about_void, some), *(questions if begin == 0 else ())]
            created = [self._verdict(branch, *void) for void in some]
            edited: list[Any] = []
            self._events(door, branch, asked, created, edited)
            joined(feed, OwnWriting(door, self._author, SYSTEM).write(created, edited))
        return feed

    # -- events ------------------------------------------------------------------------------------------------------

    def _events(
        self, door: Door, branch: bytes, questions: Sequence[Question], created: list[Any], edited: list[Any]
    ) -> None:
        """Add the events of these questions to what is created, or let those that exist grow."""
        by_key: defaultdict[bytes, list[Question]] = defaultdict(list)
        for question in questions:
            by_key[question.key].append(question)
        table = self._author.tables[EVENTS]
        merged = MergedTables(door, self._author.organization_id.bytes, self._author.tables)
        held = merged.load(table, by_key.keys())
        by_event = {_free(merged, table, held, some[0]): some for some in by_key.values()}
        for row, some in by_event.items():
            size, amount = sum(each.size for each in some), sum(each.amount for each in some)
            details = [dict(each.detail) for each in some]
            there = held.get(row)
            if there is None:
                created.append(self._event(branch, row, some[0], size, amount, details[:MOST_DETAILS]))
                continue
            values = there.values
            room = MOST_DETAILS - len(values.details)
            fields: dict[str, Any] = {
                "size": min(values.size + size, MAX_MINOR),
                "amount_minor": min(values.amount_minor + amount, MAX_MINOR),
            }
            if room > 0:
                fields["details"] = [*values.details, *details[:room]]
            edited.append((table, row, there, fields))

    def _event(
        self, branch: bytes, row: bytes, first: Question, size: int, amount: int, details: list[dict[str, Any]]
    ) -> tuple[TableSpec, bytes, Values, Mapping[str, Any]]:
        table = self._author.tables[EVENTS]
        owner = self._owners.known(first.stream)
        fields = {
            "branch_id": UUID(bytes=branch),
            "kind": first.kind,
            "person_id": UUID(bytes=first.person) if first.person else None,
            "device_id": UUID(bytes=owner.device) if owner else None,
            "stream_id": UUID(bytes=first.stream),
            "reason": first.reason,
            "happened_at": self._author.clock.now(),
            "size": size,
            "amount_minor": min(amount, MAX_MINOR),
            "details": details,
        }
        given = {name: value for name, value in wire_fields(table, fields).items() if value is not None}
        return table, row, values_of(table, given), given

    # -- verdicts ----------------------------------------------------------------------------------------------------

    def _about_void(self, void: tuple[Transaction, Objection]) -> Question:
        """What stands in the place of a voided transaction."""
        transaction, objection = void
        details = [
            told_of(self._author.tables, change.table, change.row, readable(change.fields))
            for change in transaction.changes[:MOST_DETAILS]
        ]
        return Question(
            EventKind.VOIDED,
            (UUID(bytes=transaction.stream), transaction.first),
            transaction.changes[0].actor,
            transaction.stream,
            objection.reason,
            {"first": transaction.first, "last": transaction.last, "changes": details, **objection.params},
            max((amount_of(each) for each in details), default=0),
        )

    def _verdict(self, branch: bytes, transaction: Transaction, objection: Objection) -> Any:
        table = self._author.tables[VERDICTS]
        fields = {
            "branch_id": UUID(bytes=branch),
            "stream_id": UUID(bytes=transaction.stream),
            "first_seq": transaction.first,
            "last_seq": transaction.last,
            "reason": objection.reason,
            "params": dict(objection.params),
            "judged_at": self._author.clock.now(),
        }
        given = wire_fields(table, fields)
        values: Values = values_of(table, given)
        return table, verdict_id(transaction.stream, transaction.first, transaction.last).bytes, values, given


def _free(merged: MergedTables, table: TableSpec, held: dict[bytes, Row], question: Question) -> bytes:
    """The id of the event of a question. Passes over ids under which devices have written something else.

    Args:
        held: the rows under the first ids; rows under later ones are added.
    """
    taken, key = 0, question.key
    while key in held and held[key].values.kind != question.kind:
        taken += 1
        key = question.key_after(taken)
        held.update(merged.load(table, [key]))
    return key


def readable(fields: msgspec.Raw) -> Mapping[str, Any]:
    """The fields of a change that is perhaps no change of ours; nothing if they cannot be read."""
    try:
        found = msgspec.msgpack.decode(fields)
    except UNREADABLE:
        return {}
    return found if isinstance(found, dict) else {}


def told_of(tables: Mapping[str, TableSpec], name: str, row: bytes, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What a change tells people of its row: the fields that its record declares, as far as they can be shown."""
    table = tables.get(name)
    told = table.rights.told if table is not None else ()
    shown = {field: _shown(fields[field]) for field in told if fields.get(field) is not None}
    return {"table": clean(name), "row": row.hex(), **shown}


def amount_of(detail: Mapping[str, Any]) -> int:
    """The first amount that a change tells of, without its sign; 0 if it tells of none."""
    amounts = (value for name, value in detail.items() if name.endswith(MINOR) and type(value) is int)
    return min(abs(next(amounts, 0)), MAX_MINOR)


def _shown(value: Any) -> Any:
    if type(value) is str:
        return clean(value)
    return value if type(value) in (int, bool) and abs(value) <= MAX_MINOR else "?"
