"""The device's store: its database, the one writer, and the listeners that hear of commits.

A command runs in a task that the store owns. Callers wait for it behind a shield, so that a screen that closes cancels
nothing. Changes that arrive by sync take the same lock. After any error the connection is thrown away.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from sqlalchemy import MetaData
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from shared.kernel.errors import DomainError
from shared.kernel.ids import IdSource
from shared.kernel.permissions import Actor
from shared.kernel.work import BranchContext, Work
from shared.records import metadata
from shared.tenancy.queries import Premises, premises
from sync.author import Author
from sync.bypass import guard
from sync.change import Position
from sync.declared import derivations_of, listeners_of
from sync.door import Door, in_transaction, through
from sync.history import reauthor
from sync.log import chain_at, newest_stamp
from sync.tables import specs
from sync.unit import Unit, unit_of_work
from sync.writing import CommittedUnit, StreamClosed
from terminal.clock import DeviceClock
from terminal.courtesy import Courtesy
from terminal.identity import Identity
from terminal.printing.told import PaperFollows
from terminal.store.arrivals import KitchenArrivals
from terminal.store.counters import DeviceNumbers
from terminal.store.engines import BUSY_SECONDS, Engines, open_engines, open_for_write_back, open_reader
from terminal.store.errors import StoreError, translate
from terminal.store.heard import KitchenHeard
from terminal.store.history import History
from terminal.store.journal import JournalReader
from terminal.store.schema import upgrade
from terminal.store.write_back import WriteBack

P = ParamSpec("P")
T = TypeVar("T")
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Committed:
    """Names of the tables that a commit changed, and whether a command of this program did it (`local`)."""

    tables: frozenset[str]
    local: bool


class Store:
    """See the module. Made by `open`, closed by `close`.

    Args:
        records: the declared records of this program.
        journal: tells the commits of other programs; None where there are none.
        courtesy: of the program; None: one of its own.
        open_beside: opens a connection for `WriteBack`; None where the database writes its log back itself.
    """

    def __init__(
        self,
        path: Path,
        engines: Engines,
        identity: Identity,
        clock: DeviceClock,
        ids: IdSource,
        records: MetaData = metadata,
        journal: JournalReader | None = None,
        open_beside: Callable[[], Any] | None = None,
        courtesy: Courtesy | None = None,
    ) -> None:
        self.path = path
        self.journal = journal
        self.identity = identity
        self.clock = clock
        self.ids = ids
        self.courtesy = courtesy or Courtesy()
        self.branch_context = BranchContext(identity.organization_id, identity.branch_id, identity.device_id)
        self.premises: Premises | None = None
        self._engines = engines
        self._writer, self._reader = engines.writer, engines.reader
        organization_id, tables = identity.organization_id, specs(records)
        self._author = Author(
            organization_id,
            identity.device_id,
            1,
            False,
            clock,
            records,
            (
                *listeners_of(organization_id, tables),
                PaperFollows(),
                KitchenArrivals(clock, identity),
                KitchenHeard(clock, identity),
            ),
            derivations_of(organization_id, tables),
        )
        for engine in engines:
            guard(engine.sync_engine, records)
        self.history = History(path, identity)
        self._numbers = DeviceNumbers()
        self._lock = asyncio.Lock()
        self._running: set[asyncio.Task[object]] = set()
        self._listeners: list[Callable[[Committed], None]] = []
        self._write_back = WriteBack(open_beside, self.courtesy) if open_beside is not None else None

    @classmethod
    async def open(
        cls,
        path: Path,
        key: bytes,
        identity: Identity,
        clock: DeviceClock,
        ids: IdSource,
        busy_seconds: float = BUSY_SECONDS,
        courtesy: Courtesy | None = None,
    ) -> Store:
        """Open the database, create it if it is missing, and upgrade it to this program's schema.

        Args:
            busy_seconds: how long a commit waits for another process of this device.
            courtesy: see the class.

        Raises:
            StoreError: see there.
        """
        program = int.from_bytes(os.urandom(7))
        engines = open_engines(path, key, busy_seconds, program)
        try:
            await upgrade(engines.writer)
            journal = JournalReader(lambda: open_reader(path, key), program)
            beside = partial(open_for_write_back, path, key)
            store = cls(path, engines, identity, clock, ids, metadata, journal, beside, courtesy)
            await store.begin()
        except BaseException as error:
            await engines.dispose()
            known = translate(error, str(path))
            if known is not None and not isinstance(error, StoreError):
                raise known from error
            raise
        return store

    async def begin(self) -> None:
        """Find the incarnation in which this device writes, and read the premises. Nothing is written before."""
        mark = self.history.read_mark()
        await self._continue(self.history.begin, mark, self.clock.milliseconds())
        await self.read_premises()

    async def cut(self, named: int, why: Mapping[str, Any]) -> None:
        """Begin a new incarnation of this device, because its history was cut.

        Args:
            named: the greatest incarnation that anybody names.
            why: what people are told.
        """
        await self._continue(self.history.cut, named, why, self.clock.milliseconds())
        self.announce(Committed(frozenset(), local=False))

    async def move_history(self, stream: UUID, after: int) -> int:
        """Write our changes of a stream after a position again in the present one. Returns how many."""
        into = self._author.branch_stream(self.identity.branch_id)
        moved: list[int] = []

        def move(door: Door) -> None:
            organization, now_ms = self.identity.organization_id.bytes, self.clock.milliseconds()
            moved.append(reauthor(door, organization, stream, after, into, now_ms))

        await self._continue(move)
        return moved[-1]

    async def close(self) -> None:
        """Wait for running commands, then close the database."""
        if self._running:
            await asyncio.gather(*self._running, return_exceptions=True)
        async with self._lock:
            if self._write_back is not None:
                await self._write_back.close()
            await self._engines.dispose()
        if self.journal is not None:
            self.journal.close()

    async def _continue(self, step: Callable[Concatenate[Door, P], None], *args: P.args, **kwargs: P.kwargs) -> None:
        """Take a step of the history in a transaction, and write on in the incarnation that it finds or begins.

        What is written then is stamped after what is folded, also by a program that has just started.
        """

        def stepped(door: Door) -> Position:
            step(door, *args, **kwargs)
            newest = newest_stamp(door, self.identity.organization_id.bytes)
            self._author.seen.observe(newest, self.clock.milliseconds())
            return self.history.head(door)

        async def owned() -> None:
            async with self._lock:
                with self._translated():
                    head = await in_transaction(self._writer, stepped)
                incarnation = self.history.incarnation
                self.history.mark(head, sync=True)
                self._author = replace(self._author, incarnation=incarnation)
                self._numbers = DeviceNumbers(incarnation)
                self.use_premises(self.premises)

        await self._owned(owned())

    @property
    def author(self) -> Author:
        """The identity under which this device writes."""
        return self._author

    def subscribe(self, listener: Callable[[Committed], None]) -> Callable[[], None]:
        """Call `listener` after every commit. Returns a function that unsubscribes."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def run(self, actor: Actor, command: Callable[[Work], Awaitable[T]]) -> T:
        """Run a command as one unit of work. It runs to its end even if the caller is cancelled.

        Raises:
            DomainError: the command refused.
            StoreError: the database failed. Nothing was stored, except perhaps what `unclear` names.
        """
        try:
            return await self._owned(self._run(actor, command))
        except StreamClosed:
            # Another program of this device has found that the history was cut.
            await self.begin()
            return await self._owned(self._run(actor, command))

    @asynccontextmanager
    async def work(self, actor: Actor) -> AsyncIterator[Work]:
        """A unit of work in the caller's own task. Screens use `run`."""
        unit: Unit | None = None
        async with self._lock:
            session = AsyncSession(self._writer, expire_on_commit=False)
            try:
                async with unit_of_work(
                    session, self._author, actor, self.branch_context, self.ids, self._numbers
                ) as unit:
                    yield unit.work
            except DomainError:
                raise
            except BaseException as error:
                await session.invalidate()
                if not isinstance(error, DBAPIError) or not await self._was_stored(unit, error):
                    raise
            finally:
                await session.close()
        self._count_commit()
        if unit is not None and unit.attempted is not None:
            self.history.committed(unit.attempted)
            self.announce(Committed(unit.attempted.tables, local=True))

    async def holds(self, written: CommittedUnit) -> bool:
        """Whether the log holds what a unit of work wrote.

        Raises:
            StoreError: it cannot be read.
        """
        async with self.reading() as connection:
            organization = self.identity.organization_id.bytes
            for stream_id, seq, chain in written.ends:
                if await through(connection, chain_at, organization, stream_id.bytes, seq) != chain:
                    return False
        return bool(written.ends)

    async def _was_stored(self, unit: Unit | None, error: DBAPIError) -> bool:
        """Whether a commit that raised happened all the same. Raises a StoreError if it did not."""
        attempted = unit.attempted if unit is not None else None
        known = translate(error, str(self.path))
        try:
            if attempted is not None and await self.holds(attempted):
                logger.warning("a commit raised and happened all the same: %s", error)
                return True
        except StoreError as blind:
            known = known or blind
            known.unclear = attempted
        if known is not None:
            raise known from error
        return False

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A writing transaction without a unit of work, for the fold and for local tables."""
        async with self._lock:
            with self._translated():
                async with self._writer.begin() as connection:
                    try:
                        yield connection
                    except BaseException:
                        await connection.rollback()
                        raise
        self._count_commit()

    async def write(self, block: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Run a block in a `transaction`. It runs to its end even if the caller is cancelled."""

        async def owned() -> T:
            async with self.transaction() as connection:
                return await block(connection)

        return await self._owned(owned())

    async def through(self, core: Callable[Concatenate[Door, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function of the core in a writing transaction, to its end even if the caller is cancelled."""

        return await self._owned(self._in_turn(self._writer, core, *args, **kwargs))

    async def take_in(self, core: Callable[Concatenate[Door, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for what the cloud holds, too: a power cut may take it back, and it is asked for again."""
        return await self._owned(self._in_turn(self._engines.received, core, *args, **kwargs))

    async def _in_turn(
        self, engine: AsyncEngine, core: Callable[Concatenate[Door, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        async with self._lock:
            with self._translated():
                found = await in_transaction(engine, core, *args, **kwargs)
        self._count_commit()
        return found

    def _count_commit(self) -> None:
        if self._write_back is not None:
            self._write_back.committed()

    async def look(self, core: Callable[Concatenate[Door, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function of the core that only reads. It sees one state of the database."""
        with self._translated():
            return await in_transaction(self._reader, core, *args, **kwargs)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Raise a StoreError in place of an error of the driver."""
        try:
            yield
        except DBAPIError as error:
            known = translate(error, str(self.path))
            if known:
                raise known from error
            raise

    @asynccontextmanager
    async def reading(self, *, briefly: bool = False) -> AsyncIterator[AsyncConnection]:
        """A reading connection that sees one state of the database.

        Args:
            briefly: for a few rows that are found by their keys: read in this thread, since trips to another one
                would take longer than the reading.
        """
        engine = self._engines.near if briefly else self._reader
        with self._translated():
            async with engine.connect() as connection:
                await connection.begin()  # what the core reads through its door begins no transaction by itself
                yield connection

    def announce(self, committed: Committed) -> None:
        """Call every listener, even after one of them failed."""
        for listener in tuple(self._listeners):
            try:
                listener(committed)
            except Exception:
                logger.exception("a listener failed")

    async def read_premises(self) -> Premises | None:
        """Read the premises (organization, branch, letter). None until the first contact with the cloud."""
        async with self.reading() as connection:
            found = await premises(
                connection, self.identity.organization_id, self.identity.branch_id, self.identity.device_id
            )
        self.use_premises(found)
        return found

    def use_premises(self, found: Premises | None) -> None:
        """Use these premises for all commands from now on."""
        self.premises = found
        if found is not None:
            self._author = replace(self._author, kind=found.device_kind)
            self.branch_context = replace(
                self.branch_context,
                letter=series_letter(found.letter, self.history.incarnation),
                zone=found.zone,
                cutoff_minutes=found.cutoff_minutes,
                currency=found.currency,
                language=found.language,
            )

    async def _run(self, actor: Actor, command: Callable[[Work], Awaitable[T]]) -> T:
        async with self.work(actor) as work:
            return await command(work)

    async def _owned(self, coroutine: Awaitable[T]) -> T:
        task: asyncio.Task[T] = asyncio.ensure_future(coroutine)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)


def series_letter(letter: str, incarnation: int) -> str:
    """What begins the numbers of a device that people read: `A`, and after a cut of its history `A2`."""
    return letter if incarnation == 1 else f"{letter}{incarnation}"
