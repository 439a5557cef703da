"""Answers pulls: what a device misses, at once or as soon as it is stored.

What waits costs nothing. A pull of a device that holds everything is compared in memory with the heads of its branch
(`Known`), and a hint wakes only whom it concerns; what several then miss is read once and sent to all. News of other
processes come as hints, too, or are found at the latest when the heads are read again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from uuid import UUID

from cloud.accounts.identity import EnrolledDevice
from cloud.database.transaction import Database
from cloud.realtime.hub import Hint, Room
from cloud.replication.device_keys import ActiveIn, KeyOf, WhyNot
from cloud.replication.fold_worker import FoldWorker
from cloud.replication.known import Known, KnownBranches
from cloud.replication.visible import Visible, are_equal, held_of, judged_of, lacks_of, latest_of, visible_in
from shared.kernel.instants import Clock
from shared.records import metadata
from sync.aside import is_behind
from sync.author import cloud_device
from sync.change import StreamKey, Vector
from sync.comparison import comparable
from sync.door import Door
from sync.log import chain_at, missing_frames
from sync.messages import Differing, Frame, Pull, Refused, ScopeDigest, Suffixes, from_marks, to_marks
from sync.signing import Sign
from sync.tables import program_fingerprint, specs
from sync.waiting import parked_scopes

LONGEST_WAIT_MS = 25_000
"""A pull waits so long for news; proxies close a silent request soon after."""


class Pulling:
    """Answers the pulls of all devices.

    Args:
        key_of: where devices' keys are.
        active_in: which devices may still ask.
        why_not: why another one may not.
        sign: signs what the cloud wrote; None: nobody checks it.
    """

    def __init__(
        self,
        database: Database,
        fold_worker: FoldWorker,
        clock: Clock,
        key_of: KeyOf,
        active_in: ActiveIn,
        why_not: WhyNot,
        sign: Sign | None,
    ) -> None:
        self._database = database
        self._fold_worker = fold_worker
        self._clock = clock
        self._key_of = key_of
        self._why_not = why_not
        self._sign = sign
        self._tables = specs(metadata)
        self._program = program_fingerprint(self._tables)
        self._known = KnownBranches(database, fold_worker.hub, active_in)

    async def answer(self, device: EnrolledDevice, message: Pull, longest_ms: int | None = None) -> Suffixes | Refused:
        """Answer at once if the device misses anything or does not wait, else as soon as something is stored.

        Args:
            longest_ms: how long it may wait at most; by default as long as over HTTP.
        """
        theirs = from_marks(message.vector)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + min(message.wait_ms, longest_ms or LONGEST_WAIT_MS) / 1_000
        rooms = (
            Room(device.organization_id, device.branch_id),
            Room(device.organization_id, device.organization_id),
        )

        def lacks(hint: Hint) -> bool:
            at = theirs.get(hint.stream)
            return hint.device_id != device.device_id and hint.seq > (at.seq if at else 0)

        hub, has_waited = self._fold_worker.hub, False
        with hub.waiting(rooms, lacks, is_device=True) as waiting:
            while True:
                is_over = deadline <= loop.time() or hub.is_closing
                answer = await self._look(device, message, theirs, has_waited=has_waited, is_over=is_over)
                if answer is not None:
                    return answer
                has_waited = True
                await waiting.news(min(max(deadline - loop.time(), 0.0), self._known.look_again_seconds))

    async def _look(
        self, device: EnrolledDevice, message: Pull, theirs: Vector, *, has_waited: bool, is_over: bool
    ) -> Suffixes | Refused | None:
        """The answer, or None if the device shall wait (on)."""
        if message.wait_ms:  # a device that stays; one that asks once is read for once
            known = await self._known.of(device.organization_id, device.branch_id)
            if device.device_id in known.active:
                holds_all = _holds_all(known.visible, device, theirs, has_waited=has_waited)
                if holds_all and not is_over:
                    return None
                read = self._compared if holds_all else self._shared
                shared = None if message.differ else await read(known, device, theirs, has_waited)
                if shared is not None:
                    return shared
        answer = await self._database.look(
            device.organization_id, self._suffixes, device, theirs, has_waited=has_waited, is_over=is_over
        )
        if isinstance(answer, Refused):
            return answer
        if not (is_over or answer.frames or (answer.lacks and not message.gives_back)):
            return None
        await self._fold_anew(device, theirs, message.differ, answer.digests)
        if answer.digests:
            self._known.compared(device, theirs, differs=bool(message.differ))
        return answer

    def _plain(
        self, known: Known, device: EnrolledDevice, frames: Sequence[Frame] = (), digests: Sequence[ScopeDigest] = ()
    ) -> Suffixes:
        """An answer from what is known, with what was read for several."""
        own = [stream for stream in known.visible if stream.key.device_id == device.device_id]
        held = to_marks({stream.key.id: stream.head for stream in own})
        now_ms, judged = self._clock.milliseconds(), judged_of(own, device)
        return Suffixes(list(frames), False, now_ms, judged, list(digests), held, latest_of(own), [])

    async def _compared(
        self, known: Known, device: EnrolledDevice, theirs: Vector, _has_waited: bool
    ) -> Suffixes | None:
        """The answer to a device that holds all, with the digests now and then, read once for its branch."""
        if self._known.has_compared(device, theirs) or not are_equal(known.visible, theirs):
            return self._plain(known, device)
        if self._known.differs(device):
            return None

        def read(door: Door) -> list[ScopeDigest] | None:
            if visible_in(door, device.organization_id, device.branch_id) != known.visible:
                return None
            return [] if self._is_behind(door, device) else self._digests(door, device)

        digests = await known.digests(lambda: self._database.look(device.organization_id, read))
        if digests:
            self._known.compared(device, theirs, differs=False)
        return self._plain(known, device, digests=digests)

    async def _shared(self, known: Known, device: EnrolledDevice, theirs: Vector, has_waited: bool) -> Suffixes | None:
        """What a device misses, read once for all of its branch who miss the same; None: no such case."""
        lacking, is_plain = [], True
        for stream in known.visible:
            is_missing = stream.head.seq > held_of(theirs, stream.key)
            if stream.key.device_id == device.device_id:
                is_plain &= has_waited or not is_missing
            elif is_missing:
                lacking.append(stream.key)
            else:
                is_plain &= not stream.head.seq or theirs.get(stream.key.id) == stream.head
        if not lacking or not is_plain or len(theirs) > len(known.visible):
            return None
        wanted = {key.id: theirs[key.id] for key in lacking if key.id in theirs}

        def read(door: Door) -> tuple[list[Frame], bool]:
            if self._other_histories(door, device, known.visible, wanted):
                return [], False
            return self._frames(door, device.organization_id, lacking, wanted)

        starts = tuple((key.id, wanted.get(key.id)) for key in lacking)
        frames, more = await known.once(starts, lambda: self._database.look(device.organization_id, read))
        return None if more or not frames else self._plain(known, device, frames)

    def _frames(
        self, door: Door, organization_id: UUID, keys: Sequence[StreamKey], theirs: Vector
    ) -> tuple[list[Frame], bool]:
        signers = {cloud_device(organization_id): self._sign} if self._sign is not None else {}
        return missing_frames(door, organization_id.bytes, keys, theirs, signers=signers)

    def _suffixes(
        self, door: Door, device: EnrolledDevice, theirs: Vector, *, has_waited: bool, is_over: bool
    ) -> Suffixes | Refused:
        """The frames that a device misses; if there are none and the wait is over, the digests of what it holds."""
        if self._key_of(door, device) is None:
            return Refused(self._why_not(door, device))
        visible = visible_in(door, device.organization_id, device.branch_id)
        frames: list[Frame] = []
        more = False
        digests: list[ScopeDigest] = []
        other = self._other_histories(door, device, visible, theirs)
        lacking = [
            stream.key
            for stream in visible
            if stream.head.seq > held_of(theirs, stream.key) and stream.key.id not in other
        ]
        # The device may push while its own pull waits: what it wrote meanwhile must not come back to it.
        keys = [key for key in lacking if not has_waited or key.device_id != device.device_id]
        if keys:
            frames, more = self._frames(door, device.organization_id, keys, theirs)
        elif is_over and are_equal(visible, theirs) and not self._is_behind(door, device):
            digests = self._digests(door, device)
        own = [stream for stream in visible if stream.key.device_id == device.device_id]
        held = to_marks({stream.key.id: stream.head for stream in own})
        now_ms, judged = self._clock.milliseconds(), judged_of(own, device)
        lacks = lacks_of(visible, device, theirs, other)
        return Suffixes(frames, more, now_ms, judged, digests, held, latest_of(own), lacks)

    def _other_histories(
        self, door: Door, device: EnrolledDevice, visible: Iterable[Visible], theirs: Vector
    ) -> frozenset[UUID]:
        """The streams of the cloud itself of which a device holds another history: this database was put back."""
        organization, cloud = device.organization_id.bytes, cloud_device(device.organization_id)
        other = set()
        for stream in visible:
            at = theirs.get(stream.key.id)
            if at is None or stream.key.device_id != cloud or at.seq > stream.head.seq:
                continue
            is_head = at.seq == stream.head.seq
            ours = stream.head.chain if is_head else chain_at(door, organization, stream.key.id.bytes, at.seq)
            if at.seq and ours != at.chain:
                other.add(stream.key.id)
        return frozenset(other)

    def _is_behind(self, door: Door, device: EnrolledDevice) -> bool:
        return is_behind(door, device.organization_id.bytes, self._program)

    def _digests(self, door: Door, device: EnrolledDevice) -> list[ScopeDigest]:
        """The digests of the scopes of a device in which nothing is parked."""
        organization = device.organization_id.bytes
        parked = parked_scopes(door, organization)
        return [
            ScopeDigest(scope, comparable(door, organization, scope, self._tables))
            for scope in (organization, device.branch_id.bytes)
            if scope not in parked
        ]

    async def _fold_anew(
        self, device: EnrolledDevice, vector: Vector, differ: Sequence[Differing], digests: Sequence[ScopeDigest]
    ) -> None:
        """Ask for the tables that differ though the device has folded them anew, if both hold the same log.

        `digests` are empty if they do not, and name only tables that the device may see.
        """
        shown = {digest.scope_id: digest.tables for digest in digests}
        state = b"".join(stream.bytes + at.chain for stream, at in sorted(vector.items()))
        tables = [
            (UUID(bytes=each.scope_id), each.table) for each in differ if each.table in shown.get(each.scope_id, ())
        ]
        if tables:
            await self._fold_worker.fold_tables_anew(device.organization_id, tables, state)


def _holds_all(visible: Iterable[Visible], device: EnrolledDevice, theirs: Vector, *, has_waited: bool) -> bool:
    """Whether a device holds exactly what is stored here of others, and at least what is stored of its own.

    What it pushed while it waits must not come back to it.
    """
    held = 0
    for stream in visible:
        at = theirs.get(stream.key.id)
        held += at is not None
        if stream.key.device_id == device.device_id:
            if not has_waited and stream.head.seq > (at.seq if at else 0):
                return False
        elif stream.head.seq and at != stream.head:
            return False
    return held == len(theirs)
