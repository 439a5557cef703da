"""What a hello says beside the log: how far a device has written, for the judge, and what its clock says.

It is kept in rows, seldom enough that a tap costs no more, and for whichever process judges. A question about clocks is
written in the same transaction.
"""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from cloud.accounts.identity import EnrolledDevice
from cloud.database.transaction import Database
from cloud.kernel.recent import Recent
from cloud.realtime.hub import Hub, Room
from cloud.replication import evidence
from cloud.replication.clock_witness import direction_of, hear
from cloud.replication.judgements import CloudJudgements
from cloud.replication.stream_owners import StreamOwners
from cloud.replication.units import CloudUnits
from sync.door import Door
from sync.feed import tell
from sync.messages import Hello, Welcome
from sync.writing import StreamClosed

EVIDENCE_EVERY_MS = 60_000
"""A device says hello at every push; so often what it says is kept, so that a tap costs no more."""
CLOCK_EVERY_MS = 60 * 60 * 1_000
"""The same for a clock that is right, as far as it does not come with the evidence; what is said counts for a day."""
WRONG_CLOCK_EVERY_MS = 60_000
MOST_HEARD = 20_000
"""Devices and streams of which it is remembered when that was; what a forgotten one says is kept once more."""


class Hearing:
    """Keeps what devices say. What it remembers of them only spares writing it again."""

    def __init__(self, database: Database, units: CloudUnits, hub: Hub) -> None:
        self._database = database
        self._units = units
        self._hub = hub
        self._written: Recent[bytes, int] = Recent(MOST_HEARD)
        self._clocks: Recent[UUID, tuple[int, int]] = Recent(MOST_HEARD)

    async def hear(self, device: EnrolledDevice, hello: Hello, welcome: Welcome) -> None:
        """Keep what is new of a hello, and ask people about clocks that are far from ours."""
        now_ms = welcome.now_ms
        own = {mark.stream for mark in welcome.held}
        due = [
            (mark.stream, mark.seq)
            for mark in hello.own
            if mark.stream in own and now_ms - (self._written.get(mark.stream) or 0) >= EVIDENCE_EVERY_MS
        ]
        difference_ms = hello.now_ms - now_ms if hello.now_ms and own else None
        is_clock_due = difference_ms is not None and self._is_due(device.device_id, difference_ms, now_ms)
        if not due and not is_clock_due:
            return
        stream = max(own)

        def keep(door: Door) -> bool:
            if due:
                evidence.keep(door, device.organization_id.bytes, due, now_ms)
            return difference_ms is not None and self._keep_clock(door, device, stream, difference_ms, now_ms)

        try:
            has_asked = await self._database.through(device.organization_id, keep)
        except (StreamClosed, sa.exc.IntegrityError):
            # Another process has begun a generation, or asked the same just now: the device says it again.
            await self._units.generations.look(self._database)
            return
        for mark, _seq in due:
            self._written.put(mark, now_ms)
        if difference_ms is not None:
            self._clocks.put(device.device_id, (direction_of(difference_ms), now_ms))
        if has_asked:
            self._hub.tell(Room(device.organization_id, device.branch_id))

    def _is_due(self, device_id: UUID, difference_ms: int, now_ms: int) -> bool:
        direction = direction_of(difference_ms)
        before, at_ms = self._clocks.get(device_id) or (None, 0)
        every_ms = WRONG_CLOCK_EVERY_MS if direction else CLOCK_EVERY_MS
        return direction != before or abs(now_ms - at_ms) >= every_ms

    def _keep_clock(self, door: Door, device: EnrolledDevice, stream: bytes, difference_ms: int, now_ms: int) -> bool:
        """Keep what a clock says. Returns whether people were asked about it."""
        witness = hear(door, device.organization_id.bytes, device.device_id, difference_ms, now_ms)
        question = witness.question_of_hello(device, stream)
        if question is None:
            return False
        author = self._units.author(device.organization_id)
        judgements = CloudJudgements(author, StreamOwners(device.organization_id.bytes))
        feed = judgements.ask_once(door, [(device.branch_id.bytes, question)])
        tell(door, feed, author.listeners)
        return bool(feed)
