"""What one turn of the fold does, in one transaction: synchronous, for one scope whose fold lock is held.

A turn of a branch folds its streams, tries again what it has parked, and asks people about what waits too long. A turn
of the organization's own scope folds what devices gave back of the cloud's own streams, and does what concerns all
branches or is rare: tables, digests and sums that are made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple
from uuid import UUID

from cloud.kernel.recent import Recent
from cloud.realtime.hub import Hint
from cloud.replication.dues import Dues, DueScope, whole
from cloud.replication.judge import CloudJudge
from cloud.replication.judgements import EVENTS, CloudJudgements
from cloud.replication.own_history import TakenBack, take_back
from cloud.replication.quarantine import Quarantine
from cloud.replication.stream_owners import StreamOwners
from cloud.replication.sums_anew import SumsAnew
from cloud.replication.tables_anew import TablesAnew
from cloud.replication.units import CloudUnits
from cloud.replication.voiding import Asked, Voiding
from shared.kernel.instants import Clock
from shared.kernel.records import Scope
from shared.records import metadata
from sync.author import Author, cloud_device
from sync.change import StreamKey
from sync.declared import declared_sums
from sync.door import Door
from sync.feed import Feed, Listener, joined, tell
from sync.folder import Folder
from sync.messages import Frame
from sync.recount import counting_program
from sync.tables import program_fingerprint, specs
from sync.verdicts import VERDICTS

LOOK_FOR_ARRIVED_MS = 10_000
"""So long after something has parked it is looked whether its row is there: another transaction may have written it at
that moment."""
MOST_KEEPERS = 2_000
"""Scopes that this process remembers something of; of another one it is read again."""
_OWN_HEADS = """
    SELECT incarnation, scope, scope_id, head_seq FROM sync_streams WHERE organization_id = ? AND device_id = ?
"""
_OF_THE_CLOUD = frozenset({EVENTS, VERDICTS})
"""Tables of which a fold may have written rows itself, in the cloud's own stream."""
_OF_SCOPE = " AND scope_id = ?"
_LEFT = """
    SELECT DISTINCT scope_id FROM sync_streams AS s WHERE organization_id = ? AND (folded_seq < head_seq OR EXISTS (
        SELECT 1 FROM sync_parked AS p WHERE p.organization_id = s.organization_id AND p.stream_id = s.id
        AND p.missing_row IS NULL AND p.program <> ?))
"""


class Did(Enum):
    """Result of one turn."""

    ALL = 1
    """Nothing is left."""
    SOME = 2
    """There is more, or somebody asked meanwhile."""
    NOTHING = 3
    """Nobody asks now: another worker has done it, or it has failed and is tried later."""
    BUSY = 4
    """Another worker is folding this scope."""


class Turned(NamedTuple):
    """What a turn did.

    Attributes:
        written: how far the cloud itself has written its streams, if it may have.
        changed: whether rows changed by it.
    """

    did: Did
    written: Sequence[tuple[UUID, Hint]] = ()
    changed: bool = False


@dataclass(slots=True)
class _Keeper:
    """What this process remembers of a scope from turn to turn.

    Attributes:
        everything: folds what concerns all scopes of the organization; only for its own scope, as `sums`.
    """

    author: Author
    judgements: CloudJudgements
    folder: Folder
    quarantine: Quarantine
    everything: Folder
    sums: SumsAnew


class FoldTurns:
    """The turns of all scopes, as this process takes them.

    Args:
        listeners: the listeners of a fold's feed.
    """

    def __init__(
        self, units: CloudUnits, clock: Clock, dues: Dues, listeners: Callable[[Author], Sequence[Listener]]
    ) -> None:
        self._units = units
        self._clock = clock
        self._dues = dues
        self._listeners = listeners
        self._anew = TablesAnew()
        self._keepers: Recent[DueScope, _Keeper] = Recent(MOST_KEEPERS)
        self.program = counting_program(specs(metadata), declared_sums())

    def forget(self, scope: DueScope) -> None:
        """Forget what is remembered of a scope: what the last turn did was rolled back."""
        self._keepers.forget(scope)
        self._anew.begin_again(scope.organization_id)

    def take(self, door: Door, scope: DueScope, *, unasked: bool = False) -> Turned:
        """Take a turn of a scope.

        Args:
            unasked: also if nobody asks for it.
        """
        taken = self._dues.taken(door, scope)
        if not unasked and (taken is None or taken.is_paused):
            return Turned(Did.NOTHING)
        keeper, now_ms = self._keeper(scope), self._clock.milliseconds()
        turn = self._turn_of_whole if scope.is_whole else self._turn_of_branch
        is_left, later_ms, feed = turn(door, keeper, now_ms)
        changed = any(feed.values())
        written = _own_heads(door, scope) if _OF_THE_CLOUD & feed.keys() or (scope.is_whole and is_left) else []
        if is_left:
            if taken is not None and taken.failures:
                self._dues.went_on(door, scope)
            return Turned(Did.SOME, written, changed)
        later_seconds = None if later_ms is None else later_ms / 1_000
        if taken is None:
            if later_seconds is not None:
                self._dues.ask(door, scope, later_seconds)
            return Turned(Did.ALL, written, changed)
        is_settled = self._dues.settle(door, scope, taken, later_seconds)
        return Turned(Did.ALL if is_settled else Did.SOME, written, changed)

    def void(self, door: Door, organization_id: UUID, asked: Asked) -> None:
        """Void edits of a wrong clock, see `voiding.py`. What came right by it is seen in the next turn."""
        keeper = self._keeper(whole(organization_id))
        owners, listeners = StreamOwners(organization_id.bytes), self._listeners(keeper.author)
        voiding = Voiding(keeper.author, owners, keeper.everything, keeper.judgements, listeners, self._units.ids)
        voiding.void_edits(door, asked)
        self._dues.ask(door, whole(organization_id))

    def take_back(
        self, door: Door, organization_id: UUID, branch: UUID, frame: Frame, chains: Sequence[bytes]
    ) -> TakenBack:
        """Store what the cloud itself wrote and lost, see `own_history.py`, and ask for its fold."""
        author = self._units.author(organization_id)
        taken = take_back(door, author, self._units.generations, branch, frame, chains)
        self._dues.ask(door, whole(organization_id))
        self._dues.ask(door, DueScope(organization_id, frame.key.scope_id))
        return taken

    def _turn_of_branch(self, door: Door, keeper: _Keeper, now_ms: int) -> tuple[bool, int | None, Feed]:
        folder = keeper.folder
        progress = folder.fold_next(door, now_ms)
        feed: Feed = {} if progress is None else progress.feed
        if folder.has_woken:
            self._dues.ask(door, whole(keeper.author.organization_id))
        if progress is not None and not progress.is_last:
            return True, None, feed
        if not folder.has_parked:
            return False, None, feed
        if progress is None and folder.look_for_arrived(door, now_ms):
            return True, None, feed
        asked = keeper.quarantine.step(door, now_ms)
        tell(door, asked.feed, self._listeners(keeper.author))
        has_parked_now = progress is not None and any(not why.voids for _each, why in progress.objections)
        next_ms = LOOK_FOR_ARRIVED_MS if has_parked_now else asked.next_ms
        return asked.is_left, next_ms, joined(feed, asked.feed)

    def _turn_of_whole(self, door: Door, keeper: _Keeper, now_ms: int) -> tuple[bool, int | None, Feed]:
        author, listeners = keeper.author, self._listeners(keeper.author)
        keeper.sums.begin(door)
        progress = keeper.folder.fold_next(door, now_ms)
        if progress is not None:
            return True, None, progress.feed
        if (
            self._anew.step(door, author, listeners)
            or keeper.everything.fold_again(door, now_ms)
            or keeper.sums.step(door)
        ):
            return True, None, {}
        asked = keeper.quarantine.step(door, now_ms)
        tell(door, asked.feed, listeners)
        if not asked.feed:
            for scope_id in self._left(door, author):
                self._dues.ask(door, DueScope(author.organization_id, scope_id))
            self._dues.folded_by(door, author.organization_id, self.program)
        return bool(asked.feed), None, asked.feed

    def _left(self, door: Door, author: Author) -> list[UUID]:
        """The branches in which something waits for a turn: stored, or parked and not tried by this program."""
        organization_id = author.organization_id
        rows = door.rows(_LEFT, door.key(organization_id.bytes), program_fingerprint(author.tables))
        return [scope_id for (key,) in rows if (scope_id := UUID(bytes=key)) != organization_id]

    def _keeper(self, scope: DueScope) -> _Keeper:
        author = self._units.author(scope.organization_id)
        keeper = self._keepers.get(scope)
        if keeper is None or keeper.author is not author:
            owners = StreamOwners(scope.organization_id.bytes)
            judgements = CloudJudgements(author, owners)
            judge = CloudJudge(scope.organization_id, owners, self._clock)
            of_scope = None if scope.is_whole else scope.scope_id.bytes

            def folder(only: bytes | None) -> Folder:
                tables, listeners = author.tables, self._listeners(author)
                return Folder(scope.organization_id, tables, judge, listeners, judgements=judgements, scope=only)

            keeper = _Keeper(
                author,
                judgements,
                folder(scope.scope_id.bytes),
                Quarantine(author, judgements, of_scope),
                folder(None),
                SumsAnew(author),
            )
            self._keepers.put(scope, keeper)
        return keeper


def _own_heads(door: Door, scope: DueScope) -> list[tuple[UUID, Hint]]:
    """How far the cloud has written its streams of a branch, or all of the organization's, with their scopes."""
    cloud = cloud_device(scope.organization_id)
    at = (door.key(scope.organization_id.bytes), door.key(cloud.bytes))
    rows = (
        door.rows(_OWN_HEADS, *at)
        if scope.is_whole
        else door.rows(_OWN_HEADS + _OF_SCOPE, *at, door.key(scope.scope_id.bytes))
    )
    keys = [(StreamKey(cloud, row[0], Scope(row[1]), UUID(bytes=row[2])), row[3]) for row in rows]
    return [(key.scope_id, Hint(key.id, cloud, head)) for key, head in keys]
