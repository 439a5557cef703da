"""What this process knows of each branch without reading: how far its streams are stored, and who may ask.

It is forgotten at the first hint that concerns it, and read again by the next who wants to know, once for all of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from cloud.accounts.identity import EnrolledDevice
from cloud.database.transaction import Database
from cloud.realtime.hub import Hint, Hub, Room
from cloud.replication.visible import Visible, visible_in
from sync.change import Vector

LOOK_AGAIN_SECONDS = 3.0
"""So long it is believed at most, for what another process of the server stored or revoked."""
LOOK_AGAIN_LINKED_SECONDS = 30.0
"""The same while hints of other processes come in."""
ACTIVE_LINKED_SECONDS = 600.0
"""So long a device that may ask is believed to, while hints come in: a revocation is one."""
COMPARE_SECONDS = 60.0
"""A device that waits, and whose log grows, compares its tables so often at most. One that does not wait is always
answered."""
COMPARE_THE_SAME_SECONDS = 600.0
"""The same where its log has not grown."""
MOST_COMPARED = 20_000
"""Devices that are remembered with what they compared last; who is forgotten compares once more."""
T = TypeVar("T")


class Known:
    """One branch, as it was read at one moment."""

    def __init__(self, visible: Sequence[Visible], read_at: float) -> None:
        self.visible = visible
        self.read_at = read_at
        self._reading: dict[Hashable, asyncio.Task[Any]] = {}

    async def once(self, what: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """Read something for all who want it while it is being read."""
        task = self._reading.get(what)
        if task is None:
            task = self._reading[what] = asyncio.ensure_future(_as_coroutine(read))
            task.add_done_callback(lambda _done: self._reading.pop(what, None))
        result: T = await asyncio.shield(task)
        return result


class KnownBranches:
    """All branches that somebody of this process asks about."""

    def __init__(self, database: Database, hub: Hub) -> None:
        self._database = database
        self._hub = hub
        self._branches: dict[Room, Known] = {}
        self._reading: dict[Room, asyncio.Task[Known]] = {}
        self._active: dict[UUID, dict[UUID, float]] = {}
        self._told: dict[UUID, int] = {}
        self._compared: dict[UUID, tuple[Vector, float]] = {}
        hub.also(self._forget)

    @property
    def look_again_seconds(self) -> float:
        """After how long what is known is read again anyway."""
        return LOOK_AGAIN_LINKED_SECONDS if self._hub.is_linked else LOOK_AGAIN_SECONDS

    async def of(self, organization_id: UUID, branch_id: UUID) -> Known:
        """What is known of a branch; read now, if nothing is known or it is too old."""
        room, now = Room(organization_id, branch_id), asyncio.get_running_loop().time()
        known = self._branches.get(room)
        if known is not None and now - known.read_at < self.look_again_seconds:
            return known
        task = self._reading.get(room)
        if task is None:
            task = self._reading[room] = asyncio.ensure_future(self._read(room))
        return await asyncio.shield(task)

    def is_active(self, device: EnrolledDevice) -> bool:
        """Whether it was seen lately that the device may ask."""
        at = self._active.get(device.organization_id, {}).get(device.device_id)
        lasts = ACTIVE_LINKED_SECONDS if self._hub.is_linked else LOOK_AGAIN_SECONDS
        return at is not None and asyncio.get_running_loop().time() - at < lasts

    def told(self, organization_id: UUID) -> int:
        """How many hints of an organization's own room came so far. Take it before reading whether a device may ask."""
        return self._told.get(organization_id, 0)

    def seen(self, device: EnrolledDevice, told: int) -> None:
        """Note that a device may ask: its key was read, and no hint came since `told` that may have revoked it."""
        if told != self.told(device.organization_id):
            return
        active = self._active.setdefault(device.organization_id, {})
        active[device.device_id] = asyncio.get_running_loop().time()

    def has_compared(self, device: EnrolledDevice, theirs: Vector) -> bool:
        """Whether the device got digests so lately, of what it holds or of something else, that it needs none now."""
        held, at = self._compared.get(device.device_id, ({}, -COMPARE_THE_SAME_SECONDS))
        every = COMPARE_THE_SAME_SECONDS if held == theirs else COMPARE_SECONDS
        return asyncio.get_running_loop().time() - at < every

    def compared(self, device: EnrolledDevice, theirs: Vector) -> None:
        """Note that a device got the digests of what it holds."""
        self._compared.pop(device.device_id, None)
        self._compared[device.device_id] = (theirs, asyncio.get_running_loop().time())
        if len(self._compared) > MOST_COMPARED:
            del self._compared[next(iter(self._compared))]

    async def _read(self, room: Room) -> Known:
        task, read_at = asyncio.current_task(), asyncio.get_running_loop().time()
        try:
            visible = await self._database.look(room.organization_id, visible_in, *room)
            known = Known(visible, read_at)
            if self._reading.get(room) is task:  # no hint came meanwhile
                self._branches[room] = known
            return known
        finally:
            if self._reading.get(room) is task:
                del self._reading[room]

    def _forget(self, room: Room, _hint: Hint | None) -> None:
        """Forget what a hint may have changed: a branch, or all that is known of an organization."""
        if room.scope_id != room.organization_id:
            self._branches.pop(room, None)
            self._reading.pop(room, None)
            return
        self._active.pop(room.organization_id, None)
        self._told[room.organization_id] = self.told(room.organization_id) + 1
        for known in (self._branches, self._reading):
            for each in [each for each in known if each.organization_id == room.organization_id]:
                del known[each]


async def _as_coroutine(read: Callable[[], Awaitable[T]]) -> T:
    return await read()
