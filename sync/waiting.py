"""What is parked: transactions that are stored and not folded, each with its reason, and how they come back.

Most wait for one row. Whoever brings that row finds them by it, however much else waits in vain. All others (a table, a
value or a defect that this program cannot cope with) are tried once by each other program. All of it is asked of the
database in the transaction of the fold, so that a fold that is rolled back has changed nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from sync.causes import CAUSE_UNKNOWN
from sync.door import Door, shape
from sync.fold import WAITING, Objection, missing_row
from sync.log import Transaction, changes_between, transactions_of
from sync.merged import MergedTables
from sync.records import parked

_SHAPE = shape(
    parked,
    (
        "organization_id",
        "stream_id",
        "first_seq",
        "last_seq",
        "reason",
        "params",
        "missing_row",
        "parked_ms",
        "program",
    ),
)
_SAY_ANEW = "(organization_id, stream_id, first_seq) DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in ("last_seq", "reason", "params", "missing_row", "program")
)
_STREAMS_OF_SCOPE = "(SELECT id FROM sync_streams WHERE organization_id = ? AND scope_id = ?)"
_IN_SCOPE = f" AND stream_id IN {_STREAMS_OF_SCOPE}"
_ANY = """
    SELECT EXISTS (SELECT 1 FROM sync_parked WHERE organization_id = ?{scope}),
    EXISTS (SELECT 1 FROM sync_parked WHERE organization_id = ?{scope} AND missing_row IS NULL AND program < ?)
    OR EXISTS (SELECT 1 FROM sync_parked WHERE organization_id = ?{scope} AND missing_row IS NULL AND program > ?),
    EXISTS (SELECT 1 FROM sync_parked WHERE organization_id = ?)
"""
_LATELY = """
    SELECT stream_id, first_seq, last_seq, params FROM sync_parked
    WHERE organization_id = ?{scope} AND missing_row IS NOT NULL AND reason <> ?
    ORDER BY parked_ms DESC, stream_id, first_seq LIMIT ?
"""
_KEYS = "stream_id, first_seq, last_seq"
_UNTRIED = f"""
    SELECT {_KEYS} FROM sync_parked WHERE organization_id = ?{{scope}} AND missing_row IS NULL AND program <> ?
    ORDER BY parked_ms, stream_id, first_seq LIMIT ?
"""
_NAMED = f"SELECT {_KEYS} FROM sync_parked WHERE organization_id = ?{{scope}} AND missing_row {{keys}}"
_PARKED_SCOPES = """
    SELECT DISTINCT s.scope_id FROM sync_parked AS p
    JOIN sync_streams AS s ON s.organization_id = p.organization_id AND s.id = p.stream_id WHERE p.organization_id = ?
"""
_PLACE = shape(parked, ("organization_id", "stream_id", "first_seq"))
_RELEASE_BETWEEN = """
    DELETE FROM sync_parked WHERE organization_id = ? AND stream_id = ? AND first_seq >= ? AND last_seq <= ?
"""
_TRIED_BY = shape(parked, ("organization_id", "stream_id", "first_seq", "missing_row", "program"))
_WAKE = """
    UPDATE sync_parked SET missing_row = NULL, program = ? WHERE organization_id = ? AND missing_row {keys}
    RETURNING first_seq
"""
_WAKE_ELSEWHERE = f"""
    UPDATE sync_parked SET missing_row = NULL, program = ? WHERE organization_id = ?
    AND stream_id NOT IN {_STREAMS_OF_SCOPE} AND missing_row {{keys}} RETURNING first_seq
"""
NOBODY = bytes(16)
"""No program: every program tries what is parked under it."""
UNTRIED_AT_ONCE = 500
"""How many transactions of an older program one fold tries again."""


class ParkingKey(NamedTuple):
    """Where a parked transaction stands in the log."""

    stream: bytes
    first: int
    last: int


class Waiting:
    """What one organization has parked.

    Args:
        program: sixteen bytes that tell this program from every other.
        scope: only what stands in the streams of this scope; by default all.
    """

    def __init__(self, merged: MergedTables, program: bytes, scope: bytes | None = None) -> None:
        self._merged = merged
        self._door: Door = merged.door
        self._organization = merged.organization
        self._program = program
        self._scope = scope
        self._in_scope = "" if scope is None else _IN_SCOPE
        of_organization = (self._door.key(merged.organization),)
        self._at = of_organization if scope is None else (*of_organization, *of_organization, self._door.key(scope))

    def park(self, refused: Sequence[tuple[Transaction, Objection]], now_ms: int) -> None:
        """Park transactions, or update the reason of those that are parked already."""
        if refused:
            rows = {(each.stream, each.first): self._values(each, objection, now_ms) for each, objection in refused}
            self._door.insert(_SHAPE, list(rows.values()), _SAY_ANEW)

    def release(self, transactions: Iterable[Transaction]) -> None:
        """Remove transactions from the parked ones."""
        places = [(self._organization, each.stream, each.first) for each in transactions]
        if places:
            self._door.delete(_PLACE, places)

    def release_between(self, stream: bytes, first: int, last: int) -> None:
        """Remove parked transactions of a range that is void."""
        self._door.run(_RELEASE_BETWEEN, self._door.key(self._organization), self._door.key(stream), first, last)

    def look(self) -> tuple[bool, bool, bool]:
        """Whether anything is parked, whether any of it waits for another program than the one that tried last, and
        whether anything is parked in any scope.
        """
        sql = _ANY.replace("{scope}", self._in_scope)
        at, program = self._at, self._program
        found = self._door.rows(sql, *at, *at, program, *at, program, at[0])[0]
        return bool(found[0]), bool(found[1]), bool(found[2])

    def untried(self) -> list[ParkingKey]:
        """Return parked transactions that this program has not tried."""
        sql = _UNTRIED.replace("{scope}", self._in_scope)
        found = self._door.rows(sql, *self._at, self._program, UNTRIED_AT_ONCE)
        return [ParkingKey(*row) for row in found]

    def mark_untried(self, keys: Sequence[ParkingKey]) -> None:
        """Let the next fold try these, whoever tried them last."""
        self._door.update(_TRIED_BY, 3, [(self._organization, key.stream, key.first, None, NOBODY) for key in keys])

    def named(self, rows: Collection[bytes]) -> list[ParkingKey]:
        """Return what waits for one of these rows, in the order of the log."""
        found = self._door.among(_NAMED.replace("{scope}", self._in_scope), sorted(rows), *self._at)
        return sorted(ParkingKey(*row) for row in found)

    def wake_elsewhere(self, rows: Collection[bytes]) -> bool:
        """Let the next folds of other scopes try what waits for these rows. Returns whether there was anything."""
        if self._scope is None:
            return False
        organization = self._at[0]
        at = (NOBODY, organization, organization, self._door.key(self._scope))
        return bool(self._door.among(_WAKE_ELSEWHERE, sorted(rows), *at))

    def arrived(self) -> list[ParkingKey]:
        """What was parked last for a row that is there: somebody wrote it while the fold did not see it yet."""
        sql = _LATELY.replace("{scope}", self._in_scope)
        waiting: defaultdict[str, dict[bytes, list[ParkingKey]]] = defaultdict(dict)
        for *place, params in self._door.rows(sql, *self._at, CAUSE_UNKNOWN, UNTRIED_AT_ONCE):
            table, row = missing_row(self._door.read_value("document", params))
            waiting[table].setdefault(row, []).append(ParkingKey(*place))
        tables = self._merged.tables
        there = {name: self._merged.branches(tables[name], rows) for name, rows in waiting.items() if name in tables}
        return [key for name, rows in there.items() for row in rows for key in waiting[name][row]]

    def read(self, keys: Sequence[ParkingKey]) -> list[Transaction]:
        """The transactions at these places: one statement for each run of them in a stream."""
        by_stream: defaultdict[bytes, list[ParkingKey]] = defaultdict(list)
        for key in keys:
            by_stream[key.stream].append(key)
        transactions: list[Transaction] = []
        for stream, of_stream in by_stream.items():
            for first, last in _runs(of_stream):
                stored = changes_between(self._door, self._organization, stream, first, last)
                transactions += transactions_of(stream, stored)
        return transactions

    def _values(self, transaction: Transaction, objection: Objection, now_ms: int) -> tuple[object, ...]:
        missing = missing_row(objection.params)[1] if objection.reason in WAITING else None
        return (
            self._organization,
            transaction.stream,
            transaction.first,
            transaction.last,
            objection.reason,
            dict(objection.params),
            missing,
            now_ms,
            self._program,
        )


def parked_count(door: Door, organization: bytes) -> int:
    """How many transactions are parked."""
    return int(door.value("SELECT count(*) FROM sync_parked WHERE organization_id = ?", door.key(organization)))


def parked_scopes(door: Door, organization: bytes) -> set[bytes]:
    """The scopes of which something is parked: their rows are not yet what the log says."""
    return {row[0] for row in door.rows(_PARKED_SCOPES, door.key(organization))}


def wake(door: Door, organization: bytes, rows: Collection[bytes]) -> bool:
    """Mark what waits for these rows for the next fold. This replica wrote them itself, so no fold brings them.

    Returns whether anything waited for them.
    """
    return bool(door.among(_WAKE, sorted(rows), NOBODY, door.key(organization)))


def _runs(keys: Sequence[ParkingKey]) -> list[tuple[int, int]]:
    """Join neighbours of one stream, so that each run takes one statement."""
    runs: list[tuple[int, int]] = []
    for key in sorted(keys):
        if runs and runs[-1][1] + 1 == key.first:
            runs[-1] = (runs[-1][0], key.last)
        else:
            runs.append((key.first, key.last))
    return runs
