"""The log: the only module that reads it, cuts it into transactions, and appends to it.

All functions run inside the caller's transaction, on its door. Numbering and chaining our own changes is
`sync/writing.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any, NamedTuple
from uuid import UUID

from shared.kernel.records import Scope
from sync.assessing import Fork, Fresh, Gap, Replay, assess
from sync.change import Position, RawChange, StreamKey, Vector, decode_raw, decode_stored, links
from sync.door import Door, shape
from sync.messages import MAX_PULL_CHANGES, Ack, AnyMessage, Behind, Forked, Frame, Mark, Refused
from sync.records import changes, seals, streams
from sync.signing import Sign

MOST_PULLED_CHANGES = 8 * MAX_PULL_CHANGES
"""Of one answer: several small frames, so that a device far away does not wait for each."""
SUFFIX_BYTES = 4 * 1024 * 1024
"""Plain bytes of one answer: about 256 KiB on the wire for real sales, and far below the receiver's limit."""
REACH = 256
"""How far around a change its transaction is looked for at first; few units of work write more."""

_STREAM = "organization_id = ? AND id = ?"
_CHANGES = "FROM sync_changes WHERE organization_id = ? AND stream_id = ?"
_HEADS = "SELECT id, head_seq, head_chain FROM sync_streams WHERE organization_id = ? AND head_seq > 0"
_HEADS_OF = f"{_HEADS} AND id {{keys}}"
_KEYS = "SELECT device_id, incarnation, scope, scope_id FROM sync_streams WHERE organization_id = ?"
_LOCKED_HEAD = f"SELECT head_seq, head_chain FROM sync_streams WHERE {_STREAM}"
_MOVE_HEAD = f"UPDATE sync_streams SET head_seq = ?, head_chain = ?, last_transaction = ? WHERE {_STREAM}"
_LAST_STAMP = "SELECT coalesce(max(last_stamp), 0) FROM sync_streams WHERE organization_id = ? AND device_id = ?"
_ENDS = """
    SELECT c.body, s.device_id FROM sync_streams s
    JOIN sync_changes c ON c.organization_id = s.organization_id AND c.stream_id = s.id AND c.seq = s.folded_seq
    WHERE s.organization_id = ?
"""
_AFTER = f"SELECT body, chain {_CHANGES} AND seq > ? ORDER BY seq LIMIT ?"
_BODIES_AFTER = f"SELECT body {_CHANGES} AND seq > ? ORDER BY seq LIMIT ?"
_UNFOLDED_BODIES = """
    SELECT c.stream_id, c.body FROM sync_streams AS s
    JOIN sync_changes AS c ON c.organization_id = s.organization_id AND c.stream_id = s.id AND c.seq > s.folded_seq
    WHERE s.organization_id = ? AND s.id {keys} ORDER BY c.stream_id, c.seq
"""
_BETWEEN = f"SELECT body {_CHANGES} AND seq BETWEEN ? AND ? ORDER BY seq"
_SEALS = "SELECT seq, signature FROM sync_seals WHERE organization_id = ? AND stream_id = ? AND seq > ?"
_CHAIN_AT = f"SELECT chain {_CHANGES} AND seq = ?"
_CHAINS_BETWEEN = f"SELECT chain {_CHANGES} AND seq BETWEEN ? AND ? ORDER BY seq"
_EFFECTIVE = """
    SELECT c.stream_id, c.seq, c.body FROM sync_changes AS c
    JOIN sync_streams AS s ON s.organization_id = c.organization_id AND s.id = c.stream_id
    WHERE NOT (c.organization_id <> ?) AND c.seq <= s.folded_seq
    AND coalesce((
        SELECT v.first_seq FROM sync_verdicts AS v WHERE v.organization_id = c.organization_id
        AND v.stream_id = c.stream_id AND v.last_seq >= c.seq ORDER BY v.last_seq, v.first_seq LIMIT 1
    ), c.seq + 1) > c.seq
    AND NOT EXISTS (
        SELECT 1 FROM sync_parked AS p WHERE p.organization_id = c.organization_id AND p.stream_id = c.stream_id
        AND p.last_seq >= c.seq AND p.first_seq = (
            SELECT max(q.first_seq) FROM sync_parked AS q WHERE q.organization_id = c.organization_id
            AND q.stream_id = c.stream_id AND q.first_seq <= c.seq))
    AND c.row_id {keys}
"""
"""SQLite would look an organization up by the primary key, and read its whole log, if it read `=` there."""
HEAD_COLUMNS = (
    "organization_id",
    "id",
    "device_id",
    "incarnation",
    "scope",
    "scope_id",
    "head_seq",
    "head_chain",
    "folded_seq",
    "acked_seq",
    "judged_seq",
    "last_transaction",
    "last_stamp",
)
STREAM_SHAPE = shape(streams, HEAD_COLUMNS)
CHANGE_SHAPE = shape(changes, ("organization_id", "stream_id", "seq", "row_id", "body", "chain", "stored_ms"))
SEAL_SHAPE = shape(seals, ("organization_id", "stream_id", "seq", "signature"))


class Transaction(NamedTuple):
    """The changes of one unit of work, as they stand in one stream."""

    stream: bytes
    changes: Sequence[RawChange]

    @property
    def first(self) -> int:
        """Sequence number of its first change."""
        return self.changes[0].seq

    @property
    def last(self) -> int:
        """Sequence number of its last change."""
        return self.changes[-1].seq


def transactions_of(stream: bytes, stored: Iterable[RawChange]) -> list[Transaction]:
    """Cut a run of changes into its whole transactions; an unfinished tail is left out."""
    whole: list[Transaction] = []
    begun: list[RawChange] = []
    for change in stored:
        begun.append(change)
        if change.last:
            whole.append(Transaction(stream, begun))
            begun = []
    return whole


# -- reading -----------------------------------------------------------------------------------------------------------


def vector(door: Door, organization: bytes, only: Collection[UUID] | None = None) -> Vector:
    """How much of each stream (or of the streams in `only`) this replica holds."""
    if only is None:
        found = door.rows(_HEADS, door.key(organization))
    else:
        found = door.among(_HEADS_OF, sorted(each.bytes for each in only), door.key(organization))
    return {UUID(bytes=row[0]): Position(row[1], row[2]) for row in found}


def newest_stamp(door: Door, organization: bytes) -> int:
    """The greatest stamp of the changes with which the folded streams end; 0 if nothing is folded."""
    return max((decode_raw(row[0]).stamp for row in door.rows(_ENDS, door.key(organization))), default=0)


def newest_stamps(door: Door, organization: bytes) -> dict[UUID, int]:
    """The stamp of the last change that is folded of each device."""
    found: dict[UUID, int] = {}
    for body, device in door.rows(_ENDS, door.key(organization)):
        stamp, key = decode_raw(body).stamp, UUID(bytes=bytes(device))
        found[key] = max(stamp, found.get(key, 0))
    return found


def stream_keys(door: Door, organization: bytes) -> list[StreamKey]:
    """All streams of which something is held."""
    found = door.rows(_KEYS, door.key(organization))
    return [StreamKey(UUID(bytes=row[0]), row[1], Scope(row[2]), UUID(bytes=row[3])) for row in found]


def read_suffix(
    door: Door,
    organization: bytes,
    key: StreamKey,
    after: int,
    limit: int = MAX_PULL_CHANGES,
    sign: Sign | None = None,
    most_bytes: int | None = None,
) -> Frame | None:
    """The next whole transactions of a stream after a position, as a frame; None if there is nothing.

    Args:
        limit, most_bytes: aim for at most so much (by default `SUFFIX_BYTES`); neither one transaction nor what its
            author sealed as one is cut, however long it is.
        sign: seals the frame with the author's key (stream, last seq, last chain); absent when relaying. Then the frame
            ends at a seal of its author and bears that, if there is one.
    """
    most_bytes = SUFFIX_BYTES if most_bytes is None else most_bytes
    seals_after = {} if sign else _seals_after(door, organization, key.id.bytes, after, limit)
    if seals_after:
        held = _up_to_a_seal(door, organization, key.id.bytes, after, limit, most_bytes, seals_after)
    else:
        held = _whole_transactions(door, organization, key.id.bytes, after, limit, most_bytes)
    previous = key.genesis if after == 0 else chain_at(door, organization, key.id.bytes, after)
    if not held or previous is None:
        return None
    bodies = [row[0] for row in held]
    signature = sign(key.id, after + len(bodies), held[-1][1]) if sign else seals_after.get(after + len(bodies), b"")
    return Frame(
        device=key.device_id.bytes,
        incarnation=key.incarnation,
        scope=key.scope,
        scope_id=key.scope_id.bytes,
        first=after + 1,
        previous=previous,
        bodies=bodies,
        signature=signature,
    )


def missing_frames(
    door: Door,
    organization: bytes,
    keys: Iterable[StreamKey],
    theirs: Vector,
    budget: int = MOST_PULLED_CHANGES,
    frame_changes: int = MAX_PULL_CHANGES,
    signers: Mapping[UUID, Sign] = {},
) -> tuple[list[Frame], bool]:
    """What a peer with the vector `theirs` misses of the streams `keys`, in their order, and whether there is more.

    At most `budget` changes and `SUFFIX_BYTES`, or else one transaction alone, so that the peer takes the answer.
    The heads are read first, so that a stream that nobody has grown costs no further statement.

    Args:
        signers: who signs, by device, what is read of its streams; other frames bear the seals of their authors.
    """
    keys, room = list(keys), SUFFIX_BYTES
    heads = vector(door, organization, [key.id for key in keys])
    frames: list[Frame] = []
    for key in keys:
        head, held = heads.get(key.id), theirs.get(key.id)
        after = held.seq if held else 0
        while head and after < head.seq:
            if budget <= 0 or room <= 0:
                return frames, True
            sign = signers.get(key.device_id)
            frame = read_suffix(door, organization, key, after, min(budget, frame_changes), sign, room)
            if frame is None:
                break
            if frames and (frame.size > room or len(frame.bodies) > budget):
                return frames, True
            frames.append(frame)
            after = frame.last
            budget -= len(frame.bodies)
            room -= frame.size
    return frames, False


def transactions_after(door: Door, organization: bytes, stream: bytes, after: int, limit: int) -> list[Transaction]:
    """Whole transactions after a position: at most `limit` changes, or the first transaction alone."""
    while True:
        bodies = [row[0] for row in door.rows(_BODIES_AFTER, door.key(organization), door.key(stream), after, limit)]
        whole = transactions_of(stream, decode_stored(bodies))
        if whole or len(bodies) < limit:
            return whole
        limit *= 2


def unfolded_transactions(door: Door, organization: bytes, streams: Sequence[bytes]) -> dict[bytes, list[Transaction]]:
    """All that is stored and not folded of these streams, with one statement."""
    bodies: defaultdict[bytes, list[bytes]] = defaultdict(list)
    for stream, body in door.among(_UNFOLDED_BODIES, streams, door.key(organization)):
        bodies[stream].append(body)
    return {stream: transactions_of(stream, decode_stored(of_stream)) for stream, of_stream in bodies.items()}


def changes_between(door: Door, organization: bytes, stream: bytes, first: int, last: int) -> list[RawChange]:
    """The changes from one position to another."""
    found = door.rows(_BETWEEN, door.key(organization), door.key(stream), first, last)
    return decode_stored([row[0] for row in found])


def transactions_around(door: Door, organization: bytes, stream: bytes, seq: int) -> list[Transaction]:
    """Return the transaction that the change at `seq` belongs to, and its neighbours that were read with it."""
    reach = REACH
    while True:
        around = changes_between(door, organization, stream, seq - reach, seq + reach)
        # What comes before the first end within reach may begin before it; only the log's own beginning does not.
        begin = next((at + 1 for at, each in enumerate(around) if each.last), len(around))
        begin = 0 if around[0].seq > seq - reach else begin
        whole = transactions_of(stream, around[begin:])
        if any(each.first <= seq <= each.last for each in whole):
            return whole
        reach *= 4


def effective_changes(
    door: Door, organization: bytes, rows: Collection[tuple[str, bytes]]
) -> dict[tuple[str, bytes], list[tuple[bytes, RawChange]]]:
    """By row (table, id): its folded changes with their streams, neither void nor parked, in stream order."""
    effective: defaultdict[tuple[str, bytes], list[tuple[bytes, int, RawChange]]] = defaultdict(list)
    ids = sorted({row for _table, row in rows})
    for stream, seq, body in door.among(_EFFECTIVE, ids, door.key(organization)):
        change = decode_raw(body)
        effective[change.table, change.row].append((stream, seq, change))
    return {
        row: [(stream, change) for stream, _seq, change in sorted(effective[row], key=lambda each: each[:2])]
        for row in rows
        if row in effective
    }


def chain_at(door: Door, organization: bytes, stream: bytes, seq: int) -> bytes | None:
    """The chain value of a change, if it is held."""
    found: bytes | None = door.value(_CHAIN_AT, door.key(organization), door.key(stream), seq)
    return found


def _seals_after(door: Door, organization: bytes, stream: bytes, after: int, limit: int) -> dict[int, bytes]:
    """The next signatures of a stream's author, by the position that they end at."""
    found = door.rows(f"{_SEALS} ORDER BY seq LIMIT ?", *_at(door, organization, stream), after, limit)
    return {row[0]: row[1] for row in found}


def _up_to_a_seal(
    door: Door, organization: bytes, stream: bytes, after: int, limit: int, most_bytes: int, seals_after: Iterable[int]
) -> list[tuple[bytes, bytes]]:
    """Return (body, chain value) of the changes up to the last seal within the limits, or up to the next one."""
    ends = sorted(seals_after)
    last = max((end for end in ends if end <= after + limit), default=ends[0])
    rows: list[Any] = door.rows(_AFTER, door.key(organization), door.key(stream), after, last - after)
    while True:
        earlier = [end for end in ends if end < last]
        if sum(len(row[0]) for row in rows) <= most_bytes or not earlier:
            return rows
        last = earlier[-1]
        rows = rows[: last - after]


def _whole_transactions(
    door: Door, organization: bytes, stream: bytes, after: int, limit: int, most_bytes: int
) -> list[tuple[bytes, bytes]]:
    """Return (body, chain value) of the changes of whole transactions."""
    wanted = limit
    while True:
        rows: Any = door.rows(_AFTER, door.key(organization), door.key(stream), after, limit)
        count, size = len(rows), 0
        for index, row in enumerate(rows):
            size += len(row[0])
            if size > most_bytes and index:
                count = index
                break
        end = count if limit == wanted else 0
        while end and not decode_raw(rows[end - 1][0]).last:
            end -= 1
        if end or not rows:
            return list(rows[:end])
        # The first transaction alone is longer than the limit: take it whole, and nothing with it.
        first = next((index for index, row in enumerate(rows) if decode_raw(row[0]).last), None)
        if first is not None:
            return list(rows[: first + 1])
        if len(rows) < limit:
            return []
        limit *= 2


# -- appending what is received ----------------------------------------------------------------------------------------


def receive(
    door: Door, organization: bytes, frame: Frame, now_ms: int, chains: Sequence[bytes] | None = None
) -> AnyMessage:
    """Append a frame to the log and say how much is held now. The caller commits before it sends the answer.

    Locks the stream's head row, so that concurrent pushes of one stream queue up and readers see a prefix. A replay is
    answered with an acknowledgement and changes nothing.

    Args:
        chains: the chain values of the frame, if the caller has computed them.
    """
    key = frame.key
    stream = key.id.bytes
    head = _locked_head(door, organization, stream)
    position = head or Position(0, key.genesis)
    outcome = assess(frame, position, chains)
    if head is None and isinstance(outcome, Fresh):
        # Of two first pushes at once the second waits here, and then finds the first one's head.
        begin_stream(door, organization, key)
        position = _locked_head(door, organization, stream) or position
        outcome = assess(frame, position, chains) if position.seq else outcome
    here = Mark(stream, position.seq, position.chain)
    if isinstance(outcome, Refused):
        return outcome
    if isinstance(outcome, Gap):
        return Behind(here)
    if isinstance(outcome, Fork):
        return Forked(here, _common(door, organization, stream, frame))
    if isinstance(outcome, Replay):
        stored = chain_at(door, organization, stream, outcome.seq)
        same = stored == outcome.chain
        return Ack(here) if same else Forked(here, _common(door, organization, stream, frame))
    _append(door, organization, stream, outcome, now_ms)
    last = Position(frame.last, outcome.chains[-1])
    if frame.signature:
        door.insert(SEAL_SHAPE, [(organization, stream, last.seq, frame.signature)])
    return Ack(Mark(stream, last.seq, last.chain))


def _common(door: Door, organization: bytes, stream: bytes, frame: Frame) -> int | None:
    """The last position at which a frame says what the log says; None if they differ before the frame begins."""
    before = frame.key.genesis if frame.first == 1 else chain_at(door, organization, stream, frame.first - 1)
    if before != frame.previous:
        return None
    ours = [row[0] for row in door.rows(_CHAINS_BETWEEN, *_at(door, organization, stream), frame.first, frame.last)]
    pairs = zip(links(frame.previous, frame.bodies), ours, strict=False)
    return frame.first - 1 + sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _at(door: Door, organization: bytes, stream: bytes) -> tuple[Any, Any]:
    return door.key(organization), door.key(stream)


def _locked_head(door: Door, organization: bytes, stream: bytes) -> Position | None:
    rows = door.rows(_LOCKED_HEAD + door.for_update, door.key(organization), door.key(stream))
    return Position(*rows[0]) if rows else None


def begin_stream(door: Door, organization: bytes, key: StreamKey, last_stamp: int = 0) -> None:
    """Insert the head of a stream of which nothing is held, unless somebody else just did."""
    identity = (key.device_id.bytes, key.incarnation, str(key.scope), key.scope_id.bytes)
    door.insert(
        STREAM_SHAPE,
        [(organization, key.id.bytes, *identity, 0, key.genesis, 0, 0, 0, 0, last_stamp)],
        conflict="DO NOTHING",
    )


def begin_own_stream(door: Door, organization: bytes, key: StreamKey) -> None:
    """Insert the head of a stream of this device, which stamps on from its other streams."""
    last_stamp = door.value(_LAST_STAMP, door.key(organization), door.key(key.device_id.bytes))
    begin_stream(door, organization, key, last_stamp)


def _append(door: Door, organization: bytes, stream: bytes, fresh: Fresh, now_ms: int) -> None:
    last = fresh.changes[-1]
    assert last.seq == fresh.changes[0].seq + len(fresh.changes) - 1, "a stream has no gaps"
    door.run(_MOVE_HEAD, last.seq, fresh.chains[-1], last.transaction, door.key(organization), door.key(stream))
    door.insert(
        CHANGE_SHAPE,
        [
            (organization, stream, change.seq, change.row, body, chain, now_ms)
            for change, body, chain in zip(fresh.changes, fresh.bodies, fresh.chains, strict=True)
        ],
    )
