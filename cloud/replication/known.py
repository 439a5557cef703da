"""What this process knows of each branch without reading: how far its streams are stored, and who may ask.

It is forgotten at the first hint that concerns it, and read again by the next who wants to know, once for all of them.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from cloud.accounts.identity import EnrolledDevice
from cloud.database.transaction import Database
from cloud.kernel.recent import Recent
from cloud.kernel.unavailable import Unavailable
from cloud.realtime.hub import Hint, Hub, Room
from cloud.replication.device_keys import ActiveIn
from cloud.replication.visible import Visible, visible_in
from sync.change import Vector
from sync.door import Door
from sync.messages import ScopeDigest

LOOK_AGAIN_SECONDS = 3.0
"""So long it is believed at most, for what another process of the server stored or revoked."""
LOOK_AGAIN_LINKED_SECONDS = 120.0
"""The same while hints of other processes come in."""
READ_WITHIN_SECONDS = 5.0
"""A database that does not answer for so long is away for those who wait: their devices have to say so."""
COMPARE_SECONDS = 60.0
"""A device that waits, and whose log grows, compares its tables so often at most. One that does not wait is always
answered."""
COMPARE_THE_SAME_SECONDS = 600.0
"""The same where its log has not grown."""
MOST_BRANCHES = 4_000
"""Branches that are known at a time, of about 40 kB each; a forgotten one is read again."""
MOST_COMPARED = 20_000
"""Devices that are remembered with what they compared last; who is forgotten compares once more."""
T = TypeVar("T")


class Known:
    """One branch, as it was read at one moment.

    Attributes:
        active: the devices that may ask.
    """

    def __init__(self, visible: Sequence[Visible], active: frozenset[UUID], read_at: float) -> None:
        self.visible = visible
        self.active = active
        self.read_at = read_at
        self._reading: dict[Hashable, asyncio.Task[Any]] = {}
        self._digests: Sequence[ScopeDigest] | None = None

    async def once(self, what: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """Read something for all who want it while it is being read."""
        task = self._reading.get(what)
        if task is None:
            task = self._reading[what] = asyncio.ensure_future(_as_coroutine(read))
            task.add_done_callback(lambda _done: self._reading.pop(what, None))
        result: T = await asyncio.shield(task)
        return result

    async def digests(self, read: Callable[[], Awaitable[Sequence[ScopeDigest] | None]]) -> Sequence[ScopeDigest]:
        """The digests of what is stored, read once for all; empty where nothing can be compared.

        Args:
            read: gives None if more was stored meanwhile.
        """
        if self._digests is None:
            self._digests = await self.once(ScopeDigest, read)
        return self._digests or ()


class Compared(NamedTuple):
    """What a device compared last.

    Attributes:
        differs: it named tables that differ, so that it reads the next digests for itself: the cloud may have folded
            these tables anew since others read theirs.
    """

    held: Vector
    at: float
    differs: bool


class KnownBranches:
    """All branches that somebody of this process asks about."""

    def __init__(self, database: Database, hub: Hub, active_in: ActiveIn) -> None:
        self._database = database
        self._hub = hub
        self._active_in = active_in
        self._branches: Recent[Room, Known] = Recent(MOST_BRANCHES)
        self._of: defaultdict[UUID, set[Room]] = defaultdict(set)
        self._reading: dict[Room, asyncio.Task[Known]] = {}
        self._compared: Recent[UUID, Compared] = Recent(MOST_COMPARED)
        hub.also(self._forget)

    @property
    def look_again_seconds(self) -> float:
        """After how long what is known is read again anyway."""
        return LOOK_AGAIN_LINKED_SECONDS if self._hub.is_linked else LOOK_AGAIN_SECONDS

    async def of(self, organization_id: UUID, branch_id: UUID) -> Known:
        """What is known of a branch; read now, if nothing is known or it is too old.

        Raises:
            Unavailable: the database does not answer.
        """
        room, now = Room(organization_id, branch_id), asyncio.get_running_loop().time()
        known = self._branches.get(room)
        if known is not None and now - known.read_at < self.look_again_seconds:
            return known
        task = self._reading.get(room)
        if task is None:
            task = self._reading[room] = asyncio.ensure_future(self._read(room))
            task.add_done_callback(_heed)
        await asyncio.wait([task], timeout=READ_WITHIN_SECONDS)
        if not task.done():
            raise Unavailable
        return task.result()

    def has_compared(self, device: EnrolledDevice, theirs: Vector) -> bool:
        """Whether the device got digests so lately, of what it holds or of something else, that it needs none now."""
        last = self._compared.get(device.device_id)
        if last is None:
            return False
        every = COMPARE_THE_SAME_SECONDS if last.held == theirs else COMPARE_SECONDS
        return asyncio.get_running_loop().time() - last.at < every

    def differs(self, device: EnrolledDevice) -> bool:
        """Whether the device named tables that differ when it compared last."""
        last = self._compared.get(device.device_id)
        return last is not None and last.differs

    def compared(self, device: EnrolledDevice, theirs: Vector, *, differs: bool) -> None:
        """Note that a device got the digests of what it holds."""
        self._compared.put(device.device_id, Compared(theirs, asyncio.get_running_loop().time(), differs))

    async def _read(self, room: Room) -> Known:
        task, read_at = asyncio.current_task(), asyncio.get_running_loop().time()
        try:
            visible, active = await self._database.look(room.organization_id, self._visible_and_active, room)
            known = Known(visible, active, read_at)
            if self._reading.get(room) is task:  # no hint came meanwhile
                self._keep(room, known)
            return known
        finally:
            if self._reading.get(room) is task:
                del self._reading[room]

    def _visible_and_active(self, door: Door, room: Room) -> tuple[list[Visible], frozenset[UUID]]:
        where = room.organization_id, room.scope_id
        return visible_in(door, *where), self._active_in(door, *where)

    def _forget(self, room: Room, _hint: Hint | None) -> None:
        """Forget what a hint may have changed: a branch, or all branches of an organization."""
        if not room.is_organization:
            self._drop(room)
            self._reading.pop(room, None)
            return
        for each in list(self._of.get(room.organization_id, ())):
            self._drop(each)
        for each in [each for each in self._reading if each.organization_id == room.organization_id]:
            del self._reading[each]

    def _keep(self, room: Room, known: Known) -> None:
        forgotten = self._branches.put(room, known)
        self._of[room.organization_id].add(room)
        if forgotten is not None:
            self._drop(forgotten)

    def _drop(self, room: Room) -> None:
        self._branches.forget(room)
        of_organization = self._of.get(room.organization_id)
        if of_organization is not None:
            of_organization.discard(room)
            if not of_organization:
                del self._of[room.organization_id]


async def _as_coroutine(read: Callable[[], Awaitable[T]]) -> T:
    return await read()


def _heed(read: asyncio.Task[Known]) -> None:
    """Take notice of an error that came after whoever waited for it had left."""
    if not read.cancelled():
        read.exception()
