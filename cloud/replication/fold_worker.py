"""The fold worker keeps the merged tables up with the log: one task that folds and judges, woken by every push.

Storing and folding are separate transactions: a push is acknowledged as soon as it is stored. Killed between the two,
the fold goes on at the next start. Several servers may run; a lock per organization lets one of them fold at a time.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import Enum, StrEnum
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa

from cloud.database.control_records import ControlOrganization
from cloud.database.transaction import Database
from cloud.realtime.hub import Hint, Hub, Room
from cloud.replication.clock_witness import ClockWitness
from cloud.replication.fold_schedule import FAILING_AFTER, FoldSchedule
from cloud.replication.fold_transactions import FoldedElsewhere, FoldTransactions, PostgresFolds
from cloud.replication.generations import Generations
from cloud.replication.judge import CloudJudge
from cloud.replication.judgements import CloudJudgements, Question
from cloud.replication.own_history import TakenBack, take_back
from cloud.replication.quarantine import Quarantine
from cloud.replication.stream_owners import StreamOwners
from cloud.replication.sums_anew import SumsAnew
from cloud.replication.tables_anew import TablesAnew
from cloud.replication.units import CloudUnits
from cloud.replication.voiding import Asked, Voiding
from shared.kernel.errors import DomainError
from shared.kernel.instants import Clock
from shared.kernel.records import Scope
from shared.kernel.retries import retry_seconds
from sync.author import Author, cloud_device
from sync.change import StreamKey
from sync.door import Door
from sync.feed import Listener, joined, tell
from sync.folder import Folder
from sync.messages import AnyMessage, Frame
from sync.writing import StreamClosed

BUSY_SECONDS = 0.25
"""After so long an organization that another server is folding gets its next turn."""
TRIES = 20
"""Five seconds: a manager or a device waits for the answer meanwhile."""
SWEEP_SECONDS = 30.0
"""How often every organization gets a turn anyway: the server that stored a push may have died before its fold."""

_OWN_HEADS = """
    SELECT incarnation, scope, scope_id, head_seq FROM sync_streams WHERE organization_id = ? AND device_id = ?
"""
logger = logging.getLogger(__name__)
T = TypeVar("T")


class FoldHealth(StrEnum):
    """State of the fold worker."""

    IDLE = "idle"
    WELL = "well"
    FAILING = "failing"
    STOPPED = "stopped"


class _Did(Enum):
    """Result of one fold turn."""

    FOLDED_SOME = 1
    FOLDED_ALL = 2
    NOTHING_LEFT = 3
    BUSY = 4


def listeners_of_author(author: Author) -> Sequence[Listener]:
    """The listeners of an author's feed."""
    return author.listeners


class FoldWorker:
    """Folds the streams of all organizations.

    Args:
        transactions: where a fold runs; by default in a thread, on PostgreSQL.
        listeners: the listeners of a fold's feed; by default those of the cloud's own writing.
        hub: tells those who wait of what is stored and written.
    """

    def __init__(
        self,
        database: Database,
        units: CloudUnits,
        clock: Clock,
        transactions: FoldTransactions | None = None,
        listeners: Callable[[Author], Sequence[Listener]] = listeners_of_author,
        hub: Hub | None = None,
    ) -> None:
        self.hub = Hub() if hub is None else hub
        self._database = database
        self._units = units
        self._clock = clock
        self._transactions = transactions or PostgresFolds(database)
        self._listeners = listeners
        self._folders: dict[UUID, tuple[Author, Folder]] = {}
        self._quarantines: dict[UUID, Quarantine] = {}
        self._sums: dict[UUID, SumsAnew] = {}
        self._judgements: dict[UUID, CloudJudgements] = {}
        self._questions: defaultdict[UUID, dict[bytes, tuple[bytes, Question]]] = defaultdict(dict)
        self.clocks: defaultdict[UUID, ClockWitness] = defaultdict(ClockWitness)
        self._anew = TablesAnew()
        self._schedule = FoldSchedule()
        self._sweeps_failed = 0
        self._sweep_at = 0.0
        self._running: bool | None = None
        self._bell = asyncio.Event()
        self._written: dict[UUID, dict[UUID, int]] = {}
        self.hub.also(self._hear)

    @property
    def generations(self) -> Generations:
        """In which generation the cloud writes."""
        return self._units.generations

    @property
    def health(self) -> FoldHealth:
        """Whether it runs, and whether it has failed several times in a row."""
        if self._running is None:
            return FoldHealth.IDLE
        if not self._running:
            return FoldHealth.STOPPED
        failing = self._schedule.failing or self._sweeps_failed >= FAILING_AFTER
        return FoldHealth.FAILING if failing else FoldHealth.WELL

    def wake(self, organization_id: UUID, scope_id: UUID | None = None, hint: Hint | None = None) -> None:
        """Tell workers and those who wait what was stored (all, without a scope)."""
        if scope_id is None:
            self.tell(organization_id)
        else:
            self.hub.tell(Room(organization_id, scope_id), hint)

    def _hear(self, room: Room, hint: Hint | None) -> None:
        """Schedule a fold of what this process or another one has stored. What the cloud itself wrote is folded."""
        is_folded = hint is not None and hint.device_id == cloud_device(room.organization_id)
        if self._running and not is_folded and not room.part:
            self._schedule.ask(room.organization_id, asyncio.get_running_loop().time())
            self._bell.set()

    def fold_table_anew(self, organization_id: UUID, scope_id: UUID, table: str, vector: bytes) -> None:
        """Schedule a table of a scope to be folded anew from the log, once for each state of the log.

        Args:
            vector: tells this state of the log from every other.
        """
        if self._anew.ask(organization_id, scope_id, table, vector):
            self.wake(organization_id)

    def ask_once(self, organization_id: UUID, branch_id: UUID, question: Question) -> None:
        """Ask people something soon, unless they were asked before. Lost with the process: ask it again then."""
        self._questions[organization_id][question.key] = (branch_id.bytes, question)
        self.wake(organization_id)

    async def void_edits(self, organization_id: UUID, asked: Asked) -> None:
        """Void edits of a wrong clock and settle the events about them, see `voiding.py`.

        Raises:
            DomainError: NOTHING_TO_VOID.
            FoldedElsewhere: another server folded this organization all the time.
        """
        await self._in_turn(organization_id, lambda door: self._void(organization_id, door, asked))
        self.tell(organization_id)

    async def take_back(self, organization_id: UUID, branch: UUID, frame: Frame, chains: Sequence[bytes]) -> AnyMessage:
        """Store what the cloud itself wrote and lost, see `own_history.py`.

        Raises:
            FoldedElsewhere: another server folded this organization all the time.
        """

        def core(door: Door) -> TakenBack:
            author = self._units.author(organization_id)
            return take_back(door, author, self.generations, branch, frame, chains)

        taken = await self._in_turn(organization_id, core)
        if taken.begun is not None:
            self.generations.heard(taken.begun)
        self.wake(organization_id)
        return taken.answer

    async def _in_turn(self, organization_id: UUID, core: Callable[[Door], T]) -> T:
        """Run a function of the core while nobody folds this organization.

        Raises:
            FoldedElsewhere: another server folded it all the time.
        """
        for _try in range(TRIES):
            try:
                return await self._transactions.run(organization_id, core)
            except FoldedElsewhere:
                await asyncio.sleep(BUSY_SECONDS)
            except DomainError:
                raise
            except Exception:
                self._folders.pop(organization_id, None)  # it remembers what was rolled back
                raise
        raise FoldedElsewhere

    def tell(self, organization_id: UUID) -> None:
        """Wake whoever waits for news of this organization."""
        self.hub.tell_organization(organization_id)

    async def run(self) -> None:
        """Fold for ever: first what an earlier process left, then what is pushed. Organizations take turns."""
        loop = asyncio.get_running_loop()
        self._running, self._sweep_at = True, loop.time()
        spread_seconds = 0.0
        try:
            while True:
                self._bell.clear()
                if loop.time() >= self._sweep_at:
                    await self._sweep(loop.time(), spread_seconds)
                    spread_seconds = SWEEP_SECONDS
                for organization_id in self._schedule.due(loop.time()):
                    await self._take_turn(organization_id)
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(min(self._schedule.next_due, self._sweep_at)):
                        await self._bell.wait()
        finally:
            self._running = False

    async def fold_all(self, organization_id: UUID) -> None:
        """Fold all changes that are stored and not folded, batch by batch, unless another server is folding them."""
        did = _Did.FOLDED_SOME
        while did is _Did.FOLDED_SOME:
            did = await self._fold_next(organization_id)

    async def _sweep(self, now: float, spread_seconds: float) -> None:
        """Schedule a turn for every organization, spread over so many seconds."""
        try:
            organizations = await self._organizations()
        except Exception:
            logger.exception("the organizations cannot be read")
            self._sweeps_failed += 1
            self._sweep_at = now + retry_seconds(self._sweeps_failed)
            return
        self._sweeps_failed = 0
        self._sweep_at = now + SWEEP_SECONDS
        for at, organization_id in enumerate(organizations):
            self._schedule.ask(organization_id, now + spread_seconds * at / len(organizations))

    async def _take_turn(self, organization_id: UUID) -> None:
        loop = asyncio.get_running_loop()
        self._schedule.begin(organization_id)
        try:
            did = await self._fold_next(organization_id)
        except StreamClosed:
            # Another server has begun a generation.
            self._folders.pop(organization_id, None)
            self._anew.begin_again(organization_id)
            self._schedule.failed(organization_id, loop.time())
            await self.generations.look(self._database)
            return
        except Exception:
            logger.exception("folding %s failed", organization_id)
            # Both remember what this turn did, but it was rolled back.
            self._folders.pop(organization_id, None)
            self._anew.begin_again(organization_id)
            self._schedule.failed(organization_id, loop.time())
            return
        match did:
            case _Did.FOLDED_SOME:
                self._schedule.again(organization_id, loop.time())
            case _Did.FOLDED_ALL:
                self._schedule.rest(organization_id)
            case _Did.BUSY:
                self._schedule.again(organization_id, loop.time() + BUSY_SECONDS)
            case _Did.NOTHING_LEFT:
                self._schedule.rest(organization_id)

    async def _fold_next(self, organization_id: UUID) -> _Did:
        """Fold a turn, and tell those who wait what the cloud itself wrote in it; what devices wrote they know."""
        try:
            did, written = await self._transactions.run(organization_id, lambda door: self._turn(organization_id, door))
        except FoldedElsewhere:
            return _Did.BUSY
        before = self._written.get(organization_id, {})
        self._written[organization_id] = before | {hint.stream: hint.seq for _scope, hint in written}
        for scope_id, hint in written:
            if hint.seq > before.get(hint.stream, 0):
                self.hub.tell(Room(organization_id, scope_id), hint)
        return did

    def _turn(self, organization_id: UUID, door: Door) -> tuple[_Did, list[tuple[UUID, Hint]]]:
        did = self._fold(organization_id, door)
        return did, [] if did is _Did.NOTHING_LEFT else _own_heads(door, organization_id)

    def _fold(self, organization_id: UUID, door: Door) -> _Did:
        """Fold the next changes of the log; if all are folded, the next rows that are folded anew or again."""
        author, now_ms = self._units.author(organization_id), self._clock.milliseconds()
        folder = self._folder(author)
        self._sums[organization_id].begin(door)
        progress = folder.fold_next(door, now_ms)
        if progress is None:
            is_busy = (
                self._anew.step(door, author, self._listeners(author))
                or folder.fold_again(door, now_ms)
                or self._sums[organization_id].step(door)
                or self._ask_people(author, door, now_ms)
            )
            return _Did.FOLDED_SOME if is_busy else _Did.NOTHING_LEFT
        is_all = progress.is_last and not self._anew.is_busy_with(organization_id)
        return _Did.FOLDED_ALL if is_all else _Did.FOLDED_SOME

    def _void(self, organization_id: UUID, door: Door, asked: Asked) -> None:
        author = self._units.author(organization_id)
        folder, judgements = self._folder(author), self._judgements[organization_id]
        owners = StreamOwners(organization_id.bytes)
        Voiding(author, owners, folder, judgements, self._listeners(author), self._units.ids).void_edits(door, asked)

    def _ask_people(self, author: Author, door: Door, now_ms: int) -> bool:
        """Ask about what waits too long, and what `ask_once` brought. Returns whether there was anything to ask."""
        asked = self._questions.pop(author.organization_id, {})
        feed = self._quarantines[author.organization_id].step(door, now_ms)
        if asked:
            joined(feed, self._judgements[author.organization_id].ask_once(door, list(asked.values())))
        tell(door, feed, self._listeners(author))
        return bool(feed)

    def _folder(self, author: Author) -> Folder:
        organization_id = author.organization_id
        known, folder = self._folders.get(organization_id, (None, None))
        if folder is None or known is not author:
            owners = StreamOwners(organization_id.bytes)
            judgements = self._judgements[organization_id] = CloudJudgements(author, owners)
            self._quarantines[organization_id] = Quarantine(author, judgements)
            self._sums[organization_id] = SumsAnew(author)
            folder = Folder(
                organization_id,
                author.tables,
                CloudJudge(organization_id, owners, self._clock, self.clocks[organization_id]),
                self._listeners(author),
                judgements=judgements,
            )
            self._folders[organization_id] = author, folder
        return folder

    async def _organizations(self) -> Sequence[UUID]:
        async with self._database.control() as session:
            return (await session.scalars(sa.select(ControlOrganization.id))).all()


def _own_heads(door: Door, organization_id: UUID) -> list[tuple[UUID, Hint]]:
    """How far the cloud has written each of its streams, with their scopes."""
    cloud = cloud_device(organization_id)
    rows = door.rows(_OWN_HEADS, door.key(organization_id.bytes), door.key(cloud.bytes))
    keys = [(StreamKey(cloud, row[0], Scope(row[1]), UUID(bytes=row[2])), row[3]) for row in rows]
    return [(key.scope_id, Hint(key.id, cloud, head)) for key, head in keys]
