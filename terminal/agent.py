"""What runs whether or not a screen is open: push, pull, print, and noticing what another process commits.

Push and pull are independent loops; neither waits for the other. One agent runs per device folder (a lock file says
so); a second program on the same folder only watches. A failure is told in the status line and tried again, for ever;
each loop's trouble stands until that loop has had a turn that ended well, and people see the worst of them.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.retries import retry_seconds
from shared.records import metadata
from sync.bulk import PlainBulk
from sync.change import StreamKey, Vector
from sync.folder import Folder
from sync.log import read_suffix, receive, vector
from sync.messages import AnyMessage, Frame, signed_bytes
from sync.protocol import (
    Downlink,
    Effect,
    Learned,
    MarkAcked,
    ReadSuffix,
    ReportFork,
    Rest,
    Send,
    Stop,
    Uplink,
)
from sync.protocol import (
    Store as StoreFrames,
)
from sync.records import streams
from sync.tables import specs
from terminal.link import LinkError
from terminal.link_state import AWAY, Cloud, LinkState
from terminal.printing.worker import PrintWorker
from terminal.store.errors import StoreError
from terminal.store.store import Committed, Store

PULL_WAIT_MS = 20_000
"""How long a pull may wait at the cloud for news."""
PUSH_IDLE_SECONDS = 15.0
"""An idle device says hello this often, so that the status line is honest about the link."""
WATCH_SECONDS = 0.3
"""How soon another process's commit shows here."""
FOLD_CHANGES = 500
"""A fold holds the write lock; the cashier's next tap must not wait long for it."""

logger = logging.getLogger(__name__)


class Carrier(Protocol):
    """Brings a message to the cloud and its answer back."""

    async def exchange(self, message: AnyMessage) -> AnyMessage:
        """The answer; raises LinkError if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong in a loop's last turn; code and params as in `LinkState`."""

    cloud: Cloud
    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


class Agent:
    """Keeps one store in touch with the cloud and with its printers.

    Args:
        jitter: a random number in [0, 1) for retries.
        pull_wait_ms: see `PULL_WAIT_MS`; 0 for carriers that cannot wait.
    """

    def __init__(
        self,
        store: Store,
        carrier: Carrier,
        signer: Ed25519PrivateKey | None,
        jitter: Callable[[], float],
        printer: PrintWorker | None = None,
        pull_wait_ms: int = PULL_WAIT_MS,
    ) -> None:
        self.link = LinkState()
        self.on_link: Callable[[LinkState], None] = lambda _state: None
        self._store = store
        self._carrier = carrier
        self._signer = signer
        self._jitter = jitter
        self._printer = printer
        self._specs = specs(metadata)
        self._folder = Folder(
            store.identity.organization_id, self._specs, PlainBulk(), batch_changes=FOLD_CHANGES, seen=store.author.seen
        )
        self._uplink = Uplink()
        self._downlink = Downlink(pull_wait_ms)
        self._news = asyncio.Event()
        self._failures = {"push": 0, "pull": 0}
        self._troubles: dict[str, Trouble] = {}
        self._forks: set[UUID] = set()

    def wake(self) -> None:
        """Something was committed: push it, print it."""
        self._news.set()
        if self._printer is not None:
            self._printer.wake()

    async def run(self) -> None:
        """Run until cancelled."""
        loops = [self._forever("push", self._push, self._news_or_idle), self._forever("pull", self._pull)]
        if self._printer is not None:
            loops.append(self._printer.run())
        async with asyncio.TaskGroup() as group:
            for loop in loops:
                group.create_task(loop)

    # -- one round of each, also for programs that drive the rounds themselves ---------------------------------------

    async def push_once(self) -> None:
        """Push until nothing is left to push."""
        self._forks.clear()
        await self._perform(self._uplink.begin(await self._own()), self._uplink.received)
        if not self._forks:
            self._well("fork")
        self._well("push")

    async def pull_once(self) -> None:
        """Pull until nothing is missing, then fold."""
        async with self._store.reading() as connection:
            held = await vector(connection, self._store.identity.organization_id)
        await self._perform(self._downlink.begin(held), self._downlink.received)
        self._well("pull")

    async def fold_all(self) -> None:
        """Fold what is stored and not folded (after a kill between the two)."""
        while await self._fold_next():
            pass

    async def catch_up(self, patience_seconds: float) -> None:
        """Push everything and fetch what is missing, trying again as the loops do; for programs without the loops.

        Raises:
            LinkError: a final one, or the one after which waiting would come to more than `patience_seconds` in all.
        """
        for name, turn in (("push", self.push_once), ("pull", self._pull)):
            waited = 0.0
            while True:
                try:
                    await turn()
                    break
                except LinkError as error:
                    wait = self._link_failed(name, error)
                    waited += wait
                    if error.final or waited > patience_seconds:
                        raise
                await asyncio.sleep(wait)

    # -- loops -------------------------------------------------------------------------------------------------------

    async def _push(self) -> None:
        self._news.clear()
        await self.push_once()

    async def _news_or_idle(self) -> None:
        with suppress(TimeoutError):
            # Not `wait_for`: when news comes with a cancellation, Python 3.11's forgets the cancellation.
            async with asyncio.timeout(PUSH_IDLE_SECONDS):
                await self._news.wait()

    async def _pull(self) -> None:
        await self.fold_all()
        await self.pull_once()

    async def _forever(
        self, name: str, turn: Callable[[], Awaitable[None]], rest: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        while True:
            try:
                await turn()
            except LinkError as error:
                await asyncio.sleep(self._link_failed(name, error))
            except Exception as error:
                logger.exception("%s failed", name)
                await asyncio.sleep(self._we_failed(name, error))
            else:
                await (rest() if rest else asyncio.sleep(0))

    def _link_failed(self, name: str, error: LinkError) -> float:
        """Tell it, and push in smaller frames if this one was too large; how long to wait before the next try."""
        if name == "push":
            self._uplink.lost(too_large=error.code == "CLOUD_MESSAGE_TOO_LARGE")
        else:
            self._downlink.lost()
        self._trouble(name, Trouble(Cloud.REFUSED if error.final else Cloud.OFFLINE, error.code, error.params))
        return self._failed(name, error.retry_after)

    def _we_failed(self, name: str, error: Exception) -> float:
        """The trouble is on this side: tell it too; how long to wait before the next try."""
        code = "SYNC_NOT_STORED" if isinstance(error, StoreError) else "SYNC_FAILED"
        self._trouble(name, Trouble(Cloud.OFFLINE, code))
        return self._failed(name, None)

    def _failed(self, name: str, retry_after: float | None) -> float:
        self._failures[name] += 1
        return retry_seconds(self._failures[name], jitter=self._jitter(), retry_after=retry_after)

    # -- effects -----------------------------------------------------------------------------------------------------

    async def _perform(self, effects: list[Effect], reply: Callable[[AnyMessage], list[Effect]]) -> None:
        queue = list(effects)
        while queue:
            effect = queue.pop(0)
            match effect:
                case Send():
                    answer = await self._carrier.exchange(effect.message)
                    self._show(self._store.clock.now())
                    queue += reply(answer)
                case ReadSuffix():
                    queue += self._uplink.suffix(await self._suffix(effect))
                case MarkAcked():
                    await self._mark_acked(effect)
                case StoreFrames():
                    queue += self._downlink.stored(await self._store_frames(effect.frames))
                case Learned():
                    self._learned(effect)
                case ReportFork():
                    self._forked(effect)
                case Stop():
                    raise LinkError(effect.code, final=True, **effect.params)
                case Rest():
                    pass

    async def _own(self) -> Vector:
        """Heads of the streams that we write."""
        identity = self._store.identity
        async with self._store.reading() as connection:
            ids = await connection.scalars(
                sa.select(streams.c.id).where(
                    streams.c.organization_id == identity.organization_id,
                    streams.c.device_id == identity.device_id,
                )
            )
            return await vector(connection, identity.organization_id, list(ids))

    async def _suffix(self, wanted: ReadSuffix) -> Frame | None:
        organization_id = self._store.identity.organization_id
        async with self._store.reading() as connection:
            row = (
                await connection.execute(
                    sa.select(streams.c.device_id, streams.c.incarnation, streams.c.scope, streams.c.scope_id).where(
                        streams.c.organization_id == organization_id, streams.c.id == wanted.stream
                    )
                )
            ).one()
            sign = self._sign if self._signer is not None else None
            return await read_suffix(connection, organization_id, StreamKey(*row), wanted.after, wanted.limit, sign)

    def _sign(self, stream: UUID, seq: int, chain: bytes) -> bytes:
        assert self._signer is not None
        return self._signer.sign(signed_bytes(stream, seq, chain))

    async def _mark_acked(self, mark: MarkAcked) -> None:
        async def write(connection: AsyncConnection) -> None:
            await connection.execute(
                streams.update()
                .where(
                    streams.c.organization_id == self._store.identity.organization_id,
                    streams.c.id == mark.stream,
                    streams.c.acked_seq < mark.seq,
                )
                .values(acked_seq=mark.seq)
            )

        await self._store.write(write)
        self._store.announce(Committed(frozenset(), local=False))

    async def _store_frames(self, frames: list[Frame]) -> Vector:
        organization_id, now_ms = self._store.identity.organization_id, self._store.clock.milliseconds()

        async def write(connection: AsyncConnection) -> Vector:
            for frame in frames:
                await receive(connection, PlainBulk(), organization_id, frame, now_ms)
            return await vector(connection, organization_id)

        held = await self._store.write(write)
        await self.fold_all()
        return held

    async def _fold_next(self) -> bool:
        progress = await self._store.write(
            lambda connection: self._folder.fold_next(connection, self._store.clock.milliseconds())
        )
        if progress is None:
            return False
        touched = {table for table, _row in progress.folded.rows | progress.voided_rows}
        if touched:
            self._store.announce(Committed(frozenset(touched), local=False))
        return True

    # -- how things stand --------------------------------------------------------------------------------------------

    def _learned(self, learned: Learned) -> None:
        self._show(self._store.clock.now(), learned.now_ms - self._store.clock.milliseconds(), tell=True)

    def _forked(self, fork: ReportFork) -> None:
        if "fork" not in self._troubles:
            logger.error("stream %s is forked at %s", fork.stream, fork.theirs.seq)
        self._forks.add(fork.stream)
        self._trouble("fork", Trouble(Cloud.REFUSED, "CLOUD_FORKED"))

    def _trouble(self, name: str, trouble: Trouble) -> None:
        self._troubles[name] = trouble
        self._show(self.link.last_contact)

    def _well(self, name: str) -> None:
        """A turn ended well: its trouble is over."""
        self._failures[name] = 0
        if self._troubles.pop(name, None) is not None:
            self._show(self.link.last_contact)

    def _show(self, contact: datetime | None, skew_ms: int | None = None, *, tell: bool = False) -> None:
        """Make the link's state of the worst trouble, and tell it if it is another one (or `tell`)."""
        before = self.link
        worst = max(self._troubles.values(), key=_gravity, default=Trouble(Cloud.ONLINE))
        cloud = Cloud.NEVER if contact is None and worst.cloud is not Cloud.REFUSED else worst.cloud
        skew_ms = before.skew_ms if skew_ms is None else skew_ms
        self.link = LinkState(cloud, worst.code, contact, skew_ms, worst.params)
        if tell or (cloud, worst.code) != (before.cloud, before.message):
            self.on_link(self.link)


def _gravity(trouble: Trouble) -> int:
    return 2 * (trouble.cloud is Cloud.REFUSED) + (trouble.code not in AWAY)


async def watch(store: Store) -> None:
    """Announce what other processes commit to the same file, until cancelled."""
    everything = frozenset(metadata.tables)
    seen = await store.data_version()
    failing = False
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        try:
            now = await store.data_version()
        except DBAPIError as error:
            if not failing:
                logger.warning("other programs' commits cannot be seen: %s", error)
            failing = True
            continue
        failing = False
        if now != seen:
            seen = now
            store.announce(Committed(everything, local=False))


class AgentLock:
    """Held by the one program that syncs and prints for a device folder; the kernel frees it with the process."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "agent.lock"
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Whether we hold it now."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Let another program have it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
