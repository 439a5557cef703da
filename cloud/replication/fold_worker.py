"""The fold worker keeps the merged tables up with the log: it folds and judges what is due, woken by hints.

Storing and folding are separate transactions, and separate processes where web processes and workers run apart: a push
is acknowledged as soon as it is stored, with a row that asks for its fold (`dues.py`). Any number of workers may run; a
lock a branch lets one of them fold it at a time. Killed at any moment, another one goes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa

from cloud.database.away import in_a_line, is_away
from cloud.database.transaction import Database
from cloud.kernel.recent import Recent
from cloud.realtime.hub import Audience, Hint, Hub, Room
from cloud.replication import tables_anew
from cloud.replication.dues import Dues, DueScope, whole
from cloud.replication.fold_schedule import FoldSchedule
from cloud.replication.fold_transactions import FOLD_THREADS, FoldedElsewhere, FoldTransactions, PostgresFolds
from cloud.replication.fold_turns import Did, FoldTurns, Turned
from cloud.replication.generations import Generations
from cloud.replication.own_history import TakenBack
from cloud.replication.units import CloudUnits
from cloud.replication.voiding import Asked
from shared.kernel.errors import DomainError
from shared.kernel.instants import Clock
from shared.kernel.retries import retry_seconds
from sync.author import Author, cloud_device
from sync.door import Door, LocksCrossed
from sync.feed import Listener
from sync.messages import AnyMessage, Frame
from sync.writing import StreamClosed

BUSY_SECONDS = 0.25
"""After so long a scope that another worker is folding gets its next turn."""
TRIES = 20
"""Five seconds and more: a manager or a device waits for the answer meanwhile."""
LOOK_SECONDS = 5.0
"""So often all workers together look for what is due, for hints that were lost."""
MOST_AT_A_LOOK = 200
BETWEEN_SECONDS = 0.25
"""So far apart are turns of a branch that hints ask for: a busy one folds several sales in a turn, which costs less and
leaves the processor to those who wait for pages. A sale that comes alone waits for nothing."""
GATHER_SECONDS = 0.02
"""So long hints that say nothing are gathered before a look."""
HEARD_SECONDS = 30.0
"""A scope of which a hint came so lately has its fold asked for by what that hint told of."""
MOST_HEARD = 20_000
TOGETHER_SECONDS = 0.05
"""So long branches of which something was folded are gathered: a message to all processes tells of them."""
FAILED_LOOKS = 3
"""After so many in a row the fold is said to fail."""

_SCOPES = "SELECT DISTINCT scope_id FROM sync_streams WHERE organization_id = ?"
logger = logging.getLogger(__name__)
T = TypeVar("T")


class FoldHealth(StrEnum):
    """State of the fold worker."""

    IDLE = "idle"
    WELL = "well"
    FAILING = "failing"
    STOPPED = "stopped"


def listeners_of_author(author: Author) -> Sequence[Listener]:
    """The listeners of an author's feed."""
    return author.listeners


class FoldWorker:
    """Folds the streams of all organizations. A process that does not run it asks others through it.

    Args:
        transactions: where a fold runs; by default in threads, on PostgreSQL.
        listeners: the listeners of a fold's feed; by default those of the cloud's own writing.
        hub: tells those who wait, and workers, of what is stored and written.
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
        self.units = units
        self._database = database
        self._transactions = transactions or PostgresFolds(database)
        self._turns = FoldTurns(units, clock, units.dues, listeners)
        self._schedule = FoldSchedule()
        self._heard: Recent[DueScope, float] = Recent(MOST_HEARD)
        self._looks_failed = 0
        self._failing = 0
        self._is_more_due = False
        self._folded: dict[Room, None] = {}
        self._begun: Recent[DueScope, float] = Recent(MOST_HEARD)
        self._soon: set[DueScope] = set()
        self._running: bool | None = None
        self._bell, self._look_bell = asyncio.Event(), asyncio.Event()
        self.hub.also(self._hear)

    @property
    def dues(self) -> Dues:
        """What workers have to do."""
        return self.units.dues

    @property
    def generations(self) -> Generations:
        """In which generation the cloud writes."""
        return self.units.generations

    @property
    def health(self) -> FoldHealth:
        """Whether it runs, and whether a scope, or the look for all of them, has failed several times in a row."""
        if self._running is None:
            return FoldHealth.IDLE
        if not self._running:
            return FoldHealth.STOPPED
        failing = self._failing or self._looks_failed >= FAILED_LOOKS
        return FoldHealth.FAILING if failing else FoldHealth.WELL

    # -- what others ask for -----------------------------------------------------------------------------------------

    def tell(self, organization_id: UUID) -> None:
        """Wake whoever waits for news of this organization."""
        self.hub.tell_organization(organization_id)

    def wake(self, organization_id: UUID, scope_id: UUID | None = None, hint: Hint | None = None) -> None:
        """Tell workers and those who wait what was stored (all, without a scope). Its fold is asked for by a row."""
        if scope_id is None:
            self.tell(organization_id)
        else:
            self.hub.tell(Room(organization_id, scope_id), hint)

    async def fold_tables_anew(self, organization_id: UUID, tables: Sequence[tuple[UUID, str]], log: bytes) -> None:
        """Have tables (scope, name) folded anew from the log, once for each state of the log.

        Args:
            log: tells this state of the log from every other.
        """

        def ask(door: Door) -> bool:
            is_asked = tables_anew.ask(door, organization_id, tables, log, self._turns.program)
            if is_asked:
                self.dues.ask(door, whole(organization_id))
            return is_asked

        if await self._database.through(organization_id, ask):
            self.tell(organization_id)

    async def void_edits(self, organization_id: UUID, asked: Asked) -> None:
        """Void edits of a wrong clock and settle the events about them, see `voiding.py`.

        Raises:
            DomainError: NOTHING_TO_VOID.
            FoldedElsewhere: others folded this organization all the time.
        """
        await self._alone(organization_id, lambda door: self._turns.void(door, organization_id, asked))
        self.tell(organization_id)

    async def take_back(self, organization_id: UUID, branch: UUID, frame: Frame, chains: Sequence[bytes]) -> AnyMessage:
        """Store what the cloud itself wrote and lost, see `own_history.py`.

        Raises:
            FoldedElsewhere: others folded this organization all the time.
        """

        def core(door: Door) -> TakenBack:
            return self._turns.take_back(door, organization_id, branch, frame, chains)

        taken = await self._alone(organization_id, core)
        if taken.begun is not None:
            self.generations.heard(taken.begun)
        self.wake(organization_id)
        return taken.answer

    async def _alone(self, organization_id: UUID, core: Callable[[Door], T]) -> T:
        """Run a function of the core while nobody folds anything of this organization.

        Raises:
            FoldedElsewhere: others folded it all the time.
        """
        for _try in range(TRIES):
            try:
                return await self._transactions.run(whole(organization_id), core)
            except (FoldedElsewhere, LocksCrossed):
                self._turns.forget(whole(organization_id))
                await asyncio.sleep(BUSY_SECONDS)
            except DomainError:
                raise
            except Exception:
                self._turns.forget(whole(organization_id))
                raise
        raise FoldedElsewhere

    # -- folding -----------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Fold for ever: what earlier processes left, and what is pushed. Tenants take turns."""
        self._running = True
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._look_for_ever())
                for _lane in range(FOLD_THREADS):
                    group.create_task(self._fold_for_ever())
        finally:
            self._running = False

    async def fold_all(self, organization_id: UUID) -> None:
        """Fold all that is stored of an organization, unless another worker folds it: its branches, then the whole."""

        def scopes(door: Door) -> list[DueScope]:
            found = door.rows(_SCOPES, door.key(organization_id.bytes))
            branches = {UUID(bytes=key) for (key,) in found} - {organization_id}
            return [DueScope(organization_id, each) for each in sorted(branches)] + [whole(organization_id)]

        left: Sequence[DueScope] = await self._database.look(organization_id, scopes)
        busy = set()
        while left:
            for scope in left:
                if not await self.fold(scope):
                    busy.add(scope)
            due = (await self.dues.look(MOST_AT_A_LOOK)).due
            left = [each for each in due if each.organization_id == organization_id and each not in busy]

    async def fold(self, scope: DueScope) -> bool:
        """Fold all that is stored of a scope, also if nobody asks for it; False if another worker is folding it."""
        did = Did.SOME
        while did is Did.SOME:
            did = await self._turn(scope, unasked=True)
        return did is not Did.BUSY

    def _hear(self, room: Room, hint: Hint | None) -> None:
        """Offer a turn of what this process or another one has stored. What the cloud itself wrote is folded."""
        is_folded = hint is not None and hint.device_id == cloud_device(room.organization_id)
        if not self._running or is_folded or room.part:
            return
        if hint is None:
            self._look_bell.set()  # nobody knows what there is
        else:
            scope = DueScope(room.organization_id, room.scope_id)
            self._heard.put(scope, asyncio.get_running_loop().time())
            self._offer_soon(scope)

    def _offer_soon(self, scope: DueScope) -> None:
        """Offer a turn, a little later if the scope had one just now: that one folds all that comes until then."""
        begun_at, loop = self._begun.get(scope), asyncio.get_running_loop()
        if begun_at is None or loop.time() - begun_at >= BETWEEN_SECONDS:
            self._offer(scope)
        elif scope not in self._soon:
            self._soon.add(scope)
            loop.call_at(begun_at + BETWEEN_SECONDS, self._offer_now, scope)

    def _offer_now(self, scope: DueScope) -> None:
        self._soon.discard(scope)
        self._offer(scope)

    def _offer(self, scope: DueScope) -> None:
        self._schedule.offer(scope)
        self._bell.set()

    def _tell_if_nobody_did(self, scope: DueScope) -> None:
        """Let those who wait look, if a row asks for a fold and no hint came: who stored something may have died."""
        if scope.is_whole:
            return  # no device writes there
        now, heard_at = asyncio.get_running_loop().time(), self._heard.get(scope)
        if heard_at is None or now - heard_at > HEARD_SECONDS:
            self._heard.put(scope, now)
            self.hub.tell(Room(scope.organization_id, scope.scope_id))

    async def _look_for_ever(self) -> None:
        """Offer what is due: now and then, and at the time at which the next scope becomes due."""
        is_asked = False
        while True:
            await asyncio.sleep(GATHER_SECONDS)
            self._look_bell.clear()
            try:
                if not is_asked:
                    await self.dues.ask_all(self._turns.program)
                    is_asked = True
                looked = await self.dues.look(MOST_AT_A_LOOK)
            except Exception as error:
                self._looks_failed += 1
                if is_away(error):
                    log = logger.warning if self._looks_failed == 1 else logger.debug
                    log("nothing is folded while the database is away: %s", in_a_line(error))
                else:
                    logger.exception("what is due cannot be read")
                seconds = retry_seconds(self._looks_failed)
            else:
                self._looks_failed, self._failing = 0, looked.failing
                self._is_more_due = len(looked.due) == MOST_AT_A_LOOK
                for scope in looked.due:
                    self._tell_if_nobody_did(scope)
                    self._offer(scope)
                seconds = LOOK_SECONDS * max(1, looked.workers)
                if looked.next_seconds is not None:
                    seconds = min(seconds, max(looked.next_seconds, 0.0))
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._look_bell.wait()

    async def _fold_for_ever(self) -> None:
        while True:
            scope = self._schedule.begin()
            if scope is None:
                if self._is_more_due:
                    self._look_bell.set()
                self._bell.clear()
                await self._bell.wait()
                continue
            again = False
            self._begun.put(scope, asyncio.get_running_loop().time())
            try:
                again = await self._take_turn(scope)
            finally:
                self._schedule.end(scope, again=again)
                if self._schedule.has_next:
                    self._bell.set()

    async def _take_turn(self, scope: DueScope) -> bool:
        """Take a turn of a scope; whether there is more. What fails is tried later, by whichever worker."""
        try:
            did = await self._turn(scope)
        except StreamClosed:
            # Another process has begun a generation.
            self._turns.forget(scope)
            with suppress(sa.exc.SQLAlchemyError, OSError):
                await self.generations.look(self._database)
            return True
        except Exception as error:
            self._turns.forget(scope)  # it remembers what was rolled back
            if _is_of_others(error):
                logger.info("a turn of %s met another transaction: %s", scope.scope_id, error)
                self._later(scope)
                return False
            if is_away(error):
                logger.warning("a turn of %s was cut off, since the database is away", scope.scope_id)
                self._look_bell.set()
                return False
            logger.exception("folding %s of %s failed", scope.scope_id, scope.organization_id)
            with suppress(sa.exc.SQLAlchemyError, OSError):
                await self.dues.failed(scope)
            self._look_bell.set()
            return False
        if did is Did.BUSY:
            self._later(scope)
        return did is Did.SOME

    def _later(self, scope: DueScope) -> None:
        asyncio.get_running_loop().call_later(BUSY_SECONDS, self._offer, scope)

    async def _turn(self, scope: DueScope, *, unasked: bool = False) -> Did:
        """Take a turn. Devices that wait are told what the cloud itself wrote in it, managers that rows changed."""

        def turn(door: Door) -> Turned:
            return self._turns.take(door, scope, unasked=unasked)

        try:
            turned = await self._transactions.run(scope, turn)
        except FoldedElsewhere:
            return Did.BUSY
        for scope_id, hint in turned.written:
            self.hub.tell(Room(scope.organization_id, scope_id), hint)
        if turned.changed and not scope.is_whole:
            self._tell_managers(Room.of_role(scope.organization_id, scope.scope_id, Audience.MANAGERS))
        return turned.did

    def _tell_managers(self, room: Room) -> None:
        """Tell those of some branches together that something of theirs is folded."""
        if not self._folded:
            asyncio.get_running_loop().call_later(TOGETHER_SECONDS, self._tell_folded)
        self._folded[room] = None

    def _tell_folded(self) -> None:
        rooms, self._folded = self._folded, {}
        for room in rooms:
            self.hub.tell(room)


def _is_of_others(error: Exception) -> bool:
    """Whether a transaction gave way to another one, or the database rolled it back for one: after a deadlock."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    return isinstance(error, LocksCrossed) or state.startswith("40")
