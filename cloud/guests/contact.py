"""Whether a branch is in contact: a device of it waits for news in some process of the server.

A process knows its own waiting devices. Where a guest asks in another one, that one gives a hint, and whichever process
has devices of the branch notes it every few seconds, as long as guests ask. So nothing is written for branches of which
no guest asks.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from cloud.database.guest_records import GuestContact
from cloud.database.transaction import Database, ReadSession
from cloud.kernel.recent import Recent
from cloud.realtime.hub import Audience, Hint, Hub, Room
from shared.kernel.instants import Clock

NOTED_EVERY_SECONDS = 3.0
GOOD_FOR = timedelta(seconds=9)
ASKED_FOR_SECONDS = 60.0
"""So long a process goes on noting after it was asked."""
ASK_AGAIN_SECONDS = 20.0
MOST_BRANCHES = 10_000


class Contacts:
    """Knows which branches hear."""

    def __init__(self, database: Database, hub: Hub, clock: Clock) -> None:
        self._database = database
        self._hub = hub
        self._clock = clock
        self._asked_elsewhere: Recent[tuple[UUID, UUID], float] = Recent(MOST_BRANCHES)
        self._wanted: dict[tuple[UUID, UUID], float] = {}
        self._news = asyncio.Event()
        hub.also(self._heard)

    async def is_heard(self, read: ReadSession, organization_id: UUID, branch_id: UUID) -> bool:
        """Whether a device of the branch is in contact, with this process or another one."""
        if self._hub.has_devices(organization_id, branch_id):
            return True
        now, key = asyncio.get_running_loop().time(), (organization_id, branch_id)
        asked = self._asked_elsewhere.get(key)
        if asked is None or now - asked >= ASK_AGAIN_SECONDS:
            self._asked_elsewhere.put(key, now)
            self._hub.tell(Room.of_role(organization_id, branch_id, Audience.WAITERS))
        noted = await read.get(GuestContact, (organization_id, branch_id))
        return noted is not None and noted.heard_at > self._clock.now() - GOOD_FOR

    async def run(self) -> None:
        """Note the branches that are asked about and have devices here, until cancelled."""
        while True:
            await self._news.wait()
            now = asyncio.get_running_loop().time()
            self._wanted = {key: until for key, until in self._wanted.items() if until > now}
            if not self._wanted:
                self._news.clear()
                continue
            for organization_id, branch_id in [key for key in self._wanted if self._hub.has_devices(*key)]:
                await self._note(organization_id, branch_id)
            await asyncio.sleep(NOTED_EVERY_SECONDS)

    async def _note(self, organization_id: UUID, branch_id: UUID) -> None:
        heard_at = self._clock.now()
        said = insert(GuestContact).values(organization_id=organization_id, branch_id=branch_id, heard_at=heard_at)
        key = ["organization_id", "branch_id"]
        async with self._database.write(organization_id) as session:
            await session.execute(said.on_conflict_do_update(index_elements=key, set_={"heard_at": heard_at}))

    def _heard(self, room: Room, _hint: Hint | None) -> None:
        if room.part == f"role:{Audience.WAITERS}" and len(self._wanted) < MOST_BRANCHES:
            until = asyncio.get_running_loop().time() + ASKED_FOR_SECONDS
            self._wanted[room.organization_id, room.scope_id] = until
            self._news.set()
