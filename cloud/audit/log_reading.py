"""The change log as an audit, the newest first: transactions with who, when, from where, and what each row was before.

`before` is what the log says: of the earlier changes to a row the one with the greatest stamp that names the field.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa

from cloud.audit.values import fields_of, said
from cloud.database.transaction import ReadSession
from sync.change import Kind, RawChange, decode_raw
from sync.records import changes, streams

AT_ONCE = 500
MOST_LOOKED_AT = 10_000
"""Changes that one page looks at for what its filter asks for; the next page goes on there."""
MOST_OF_HISTORY = 4_000
UNKNOWN_BEFORE = "?"
History = Mapping[bytes, Sequence[tuple[tuple[int, bytes], dict[str, Any]]]]
"""By row: the field stamp of each change and its fields."""


@dataclass(frozen=True, slots=True)
class FieldSaid:
    """A field of a row: what it said before, in words, and what it says."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RowSaid:
    """A row that a transaction created or edited."""

    table: str
    row_id: UUID
    is_new: bool
    fields: tuple[FieldSaid, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A transaction of the log.

    Attributes:
        stamp_ms: when it was written, by the clock of who wrote it; `stored_ms`: when the cloud heard of it.
        actor: id of the person, the station or the program; None: the system.
        device_id: who wrote it; `branch_id`: None for the organization's own rows.
    """

    stamp_ms: int
    stored_ms: int
    actor: UUID | None
    device_id: UUID
    branch_id: UUID | None
    stream_id: UUID
    first_seq: int
    rows: tuple[RowSaid, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter of the log.

    Attributes:
        before_ms: stored before this; `since_ms`: and not before this.
        scopes: ids of branches, and of the organization for its own rows; None: all.
        actor, table: None and empty: any.
        currency: in which amounts are told.
    """

    before_ms: int
    since_ms: int = 0
    scopes: Collection[UUID] | None = None
    actor: UUID | None = None
    table: str = ""
    currency: str = ""

    def takes(self, change: RawChange) -> bool:
        """Whether a change is one of those that are asked for."""
        of_actor = self.actor is None or change.actor == self.actor.bytes
        return of_actor and self.table in ("", change.table)


@dataclass(frozen=True, slots=True)
class _Stored:
    stream_id: UUID
    device_id: UUID
    branch_id: UUID | None
    stored_ms: int
    change: RawChange

    @property
    def transaction(self) -> tuple[UUID, int]:
        return self.stream_id, self.change.transaction


async def written_before(
    read: ReadSession, organization_id: UUID, wanted: Wanted, limit: int
) -> tuple[list[Written], int | None]:
    """So many transactions at least, the newest first, if there are.

    Returns:
        them, and the `before_ms` with which the next part begins; None: there is no more.
    """
    found: list[_Stored] = []
    before: int | None = wanted.before_ms
    looked = 0
    while before is not None and looked < MOST_LOOKED_AT and len({each.transaction for each in found}) < limit:
        part, before = await _part(read, organization_id, wanted, before)
        looked += len(part)
        found += [each for each in part if wanted.takes(each.change)]
    earlier = await _history(read, organization_id, {each.change.row for each in found})
    grouped: dict[tuple[UUID, int], list[_Stored]] = {}
    for each in found:
        grouped.setdefault(each.transaction, []).append(each)
    return [_written(group, earlier, wanted.currency) for group in grouped.values()], before


async def _part(
    read: ReadSession, organization_id: UUID, wanted: Wanted, before_ms: int
) -> tuple[list[_Stored], int | None]:
    """Some changes, whole milliseconds of them, and where the next begin."""
    rows = (await read.execute(_newest(wanted), _given(organization_id, wanted, before_ms))).all()
    more = len(rows) == AT_ONCE
    if more:
        last = rows[-1].stored_ms
        whole = [row for row in rows if row.stored_ms > last]
        if not whole:  # more in one millisecond than are read at once: all of it
            given = _given(organization_id, wanted, last + 1) | {"since": last}
            whole = list((await read.execute(_newest(wanted, all_of_it=True), given)).all())
        rows = whole
    return [_stored(row) for row in rows], rows[-1].stored_ms if more else None


def _given(organization_id: UUID, wanted: Wanted, before_ms: int) -> dict[str, Any]:
    scopes = sorted(wanted.scopes or ())
    return {"organization": organization_id, "before": before_ms, "since": wanted.since_ms, "scopes": scopes}


def _newest(wanted: Wanted, *, all_of_it: bool = False) -> sa.Select[Any]:
    query = (
        sa.select(changes.c.stream_id, streams.c.device_id, streams.c.scope_id, changes.c.stored_ms, changes.c.body)
        .join(streams, _SAME_STREAM)
        .where(
            changes.c.organization_id == sa.bindparam("organization"),
            changes.c.stored_ms < sa.bindparam("before"),
            changes.c.stored_ms >= sa.bindparam("since"),
        )
        .order_by(changes.c.stored_ms.desc(), changes.c.stream_id, changes.c.seq.desc())
    )
    if wanted.scopes is not None:
        query = query.where(streams.c.scope_id.in_(sa.bindparam("scopes", expanding=True)))
    return query if all_of_it else query.limit(AT_ONCE)


_SAME_STREAM = sa.and_(streams.c.organization_id == changes.c.organization_id, streams.c.id == changes.c.stream_id)


def _stored(row: Any) -> _Stored:
    branch = row.scope_id
    return _Stored(row.stream_id, row.device_id, branch, row.stored_ms, decode_raw(bytes(row.body)))


async def _history(read: ReadSession, organization_id: UUID, rows: Collection[bytes]) -> History:
    """All that was ever said of some rows, by row: the field stamp and the fields. Very long histories are left out."""
    found: defaultdict[bytes, list[tuple[tuple[int, bytes], dict[str, Any]]]] = defaultdict(list)
    if not rows:
        return found
    query = (
        sa.select(changes.c.stream_id, changes.c.body)
        .where(changes.c.organization_id == organization_id, changes.c.row_id.in_([UUID(bytes=row) for row in rows]))
        .limit(MOST_OF_HISTORY + 1)
    )
    stored = (await read.execute(query)).all()
    if len(stored) > MOST_OF_HISTORY:
        return found
    for row in stored:
        try:
            change = decode_raw(bytes(row.body))
        except msgspec.DecodeError:
            continue
        found[change.row].append((change.stamp_in(row.stream_id.bytes), fields_of(change)))
    return found


def _written(group: Sequence[_Stored], earlier: History, currency: str) -> Written:
    first = min(group, key=lambda each: each.change.seq)
    actor = first.change.actor
    return Written(
        stamp_ms=first.change.stamp >> 16,
        stored_ms=first.stored_ms,
        actor=UUID(bytes=actor) if actor is not None else None,
        device_id=first.device_id,
        branch_id=first.branch_id,
        stream_id=first.stream_id,
        first_seq=first.change.seq,
        rows=tuple(_row(each, earlier, currency) for each in sorted(group, key=lambda each: each.change.seq)),
    )


def _row(each: _Stored, earlier: History, currency: str) -> RowSaid:
    change = each.change
    own, is_new = change.stamp_in(each.stream_id.bytes), change.kind == Kind.CREATE
    history = [one for one in earlier.get(change.row, ()) if one[0] < own]
    fields = []
    for name, after in fields_of(change).items():
        if is_new:
            before = ""
        elif change.row not in earlier:
            before = UNKNOWN_BEFORE
        else:
            before = said(change.table, name, _last(name, history), currency)
        fields.append(FieldSaid(name, before, said(change.table, name, after, currency)))
    shown = (field for field in fields if not is_new or field.after)
    return RowSaid(change.table, UUID(bytes=change.row), is_new, tuple(shown))


def _last(field: str, history: Iterable[tuple[tuple[int, bytes], dict[str, Any]]]) -> Any:
    naming = [one for one in history if field in one[1]]
    return max(naming, key=lambda one: one[0])[1][field] if naming else None
