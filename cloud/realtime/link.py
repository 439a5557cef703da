"""Hints between the processes of the server, by the carriers that there are.

A process hears by all carriers and sends by the first that works; so all go on when the first one dies, and use it
again when it is back. While some process cannot hear by the first, all send by the next one, too. Losing hints is
allowed: after a break everybody looks again, and while there is no link those who wait look again every few seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

from cloud.realtime.carriers import Carrier, CarrierBroke, Wire
from cloud.realtime.hint_texts import Gathered, Sender, add, parsed, texts_of
from cloud.realtime.hub import Hint, Hub, Room
from shared.kernel.retries import retry_seconds

GATHER_SECONDS = 0.01
SILENT_BEATS = 3
"""Whoever hears nothing for so many beats of a carrier is not connected by it."""
LOOK_ONCE_MORE_SECONDS = 1.0
"""After this process has lost a carrier: until then others may have sent by it alone."""
LONGEST_RETRY_SECONDS = 5.0
MOST_KEPT = 10_000
"""Hints that wait for the first carrier to work again, of about 300 bytes each. Without one others look anyway."""

FIRST_RETRY_SECONDS = 0.1
"""What this process has to tell waits only so long when its connection was cut."""
DOUBTED_SECONDS = 2 * LONGEST_RETRY_SECONDS
"""After a break: what cut this process off may have cut off others, who tell what they have to when they are back."""

logger = logging.getLogger(__name__)


class Link:
    """Joins the hub of this process with those of the others.

    Args:
        carriers: the preferred one first; the last one is what all processes can fall back to.
    """

    def __init__(self, carriers: Sequence[Carrier], hub: Hub) -> None:
        self._hub = hub
        self._name = os.urandom(6).hex()
        self._lanes = [_Lane(carrier, self) for carrier in carriers]
        self._deaf: dict[str, tuple[frozenset[str], float]] = {}
        self._kept: Gathered = {}
        hub.beyond(self._gather)

    async def run(self) -> None:
        """Keep the link up until cancelled; whatever ends a carrier, it begins again."""
        try:
            async with asyncio.TaskGroup() as group:
                for lane in self._lanes:
                    group.create_task(lane.run())
        finally:
            self._hub.is_linked = False

    @property
    def sender(self) -> Sender:
        """This process, as others know it."""
        return Sender(self._name, frozenset(lane.carrier.name for lane in self._lanes if lane.is_up))

    @property
    def is_deaf(self) -> bool:
        """Whether it does not hear by all carriers, so that others have to be told again and again."""
        return not all(lane.is_up for lane in self._lanes)

    def came(self, lane: _Lane) -> None:
        """A carrier works: tell the others, and let everybody look if hints may have been lost without it."""
        self._say_who_this_is()
        if lane is self._lanes[-1]:
            self._hub.doubt(DOUBTED_SECONDS)
            self._hub.is_linked = True
            self._hub.hear_anything()
        kept, self._kept = self._kept, {}
        self.pass_on(kept)

    def went(self, lane: _Lane) -> None:
        """A carrier broke: tell the others to use the next one, and let everybody look: others may have used it.

        When the last one broke it was perhaps the database that went: whoever looks then finds out, and is told.
        """
        self._say_who_this_is()
        self._hub.doubt(DOUBTED_SECONDS)
        if lane is self._lanes[-1]:
            self._hub.is_linked = False
        else:
            asyncio.get_running_loop().call_later(LOOK_ONCE_MORE_SECONDS, self._hub.hear_anything)
        self._hub.hear_anything()

    def heard(self, text: str) -> None:
        """Take what a process sent."""
        sender, hints = parsed(text)
        if sender.name == self._name:
            return
        lacks = frozenset(lane.carrier.name for lane in self._lanes) - sender.hears
        self._deaf.pop(sender.name, None)
        if lacks:
            lasts = SILENT_BEATS * max(lane.carrier.beat_seconds for lane in self._lanes)
            self._deaf[sender.name] = lacks, asyncio.get_running_loop().time() + lasts
        for room, hint in hints:
            self._hub.hear(room, hint)

    def pass_on(self, gathered: Gathered) -> None:
        """Send by another way what could not be sent."""
        for (room, _stream), hint in gathered.items():
            self._gather(room, hint)

    def _gather(self, room: Room, hint: Hint | None) -> None:
        ways = list(self._ways())
        for lane in ways:
            lane.gather(room, hint)
        if not ways:
            add(self._kept, room, hint)
            if len(self._kept) > MOST_KEPT:
                del self._kept[next(iter(self._kept))]

    def _say_who_this_is(self) -> None:
        for lane in self._lanes:
            lane.beat_soon()

    def _ways(self) -> Iterator[_Lane]:
        """The first way that works, and those after it as long as somebody does not hear by those before."""
        now = asyncio.get_running_loop().time()
        self._deaf = {name: (lacks, until) for name, (lacks, until) in self._deaf.items() if until > now}
        reached: set[str] = set()
        for lane in self._lanes:
            if lane.is_up and (not reached or any(reached <= lacks for lacks, _until in self._deaf.values())):
                reached.add(lane.carrier.name)
                yield lane


@asynccontextmanager
async def telling(carriers: Sequence[Carrier], hub: Hub) -> AsyncIterator[None]:
    """For a command that ends: tell the processes of the server, by all carriers, what the block told this hub.

    A carrier that does not work is left out: those who wait look again by themselves after some time.
    """
    gathered: Gathered = {}
    hub.beyond(lambda room, hint: add(gathered, room, hint))
    yield
    if not gathered:
        return
    texts = list(texts_of(Sender(os.urandom(6).hex(), frozenset(each.name for each in carriers)), gathered))
    for carrier in carriers:
        try:
            async with carrier.connected() as wire:
                for text in texts:
                    await wire.send(text)
        except CarrierBroke as error:
            logger.debug("nobody was told by %s: %s", carrier.name, error)


class _Lane:
    """One carrier of a link.

    Attributes:
        is_up: whether it carries, as far as this process can tell.
    """

    def __init__(self, carrier: Carrier, link: Link) -> None:
        self.carrier = carrier
        self.is_up = False
        self._link = link
        self._gathered: Gathered = {}
        self._in_hand: Gathered = {}
        self._bell = asyncio.Event()
        self._must_beat = False
        self._heard_at = 0.0

    async def run(self) -> None:
        """Keep it up until cancelled."""
        failures = 0
        while True:
            try:
                async with self.carrier.connected() as wire:
                    self._heard_at = asyncio.get_running_loop().time()
                    self.is_up = True
                    if failures:
                        logger.info("hints come and go by %s again", self.carrier.name)
                    self._link.came(self)
                    async with asyncio.TaskGroup() as group:
                        group.create_task(self._listen(wire))
                        group.create_task(self._send(wire))
                        group.create_task(self._watch())
            except* CarrierBroke as errors:
                failures = 1 if self.is_up else failures + 1
                retry = FIRST_RETRY_SECONDS if self.is_up else retry_seconds(failures)
                log = logger.warning if failures == 1 else logger.debug
                log("no hints come and go by %s: %s", self.carrier.name, " ".join(str(errors.exceptions[0]).split()))
            finally:
                self._break()
            await asyncio.sleep(min(retry, LONGEST_RETRY_SECONDS))

    def gather(self, room: Room, hint: Hint | None) -> None:
        """Send a hint soon."""
        add(self._gathered, room, hint)
        self._bell.set()

    def beat_soon(self) -> None:
        """Send who this is, even without hints."""
        self._must_beat = True
        self._bell.set()

    def _break(self) -> None:
        was_up, self.is_up = self.is_up, False
        unsent, self._in_hand, self._gathered = self._in_hand | self._gathered, {}, {}
        if was_up:
            self._link.went(self)
        self._link.pass_on(unsent)

    async def _listen(self, wire: Wire) -> None:
        async for text in wire.texts():
            self._heard_at = asyncio.get_running_loop().time()
            if text:
                self._link.heard(text)

    async def _send(self, wire: Wire) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.carrier.beat_seconds):
                    await self._bell.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._bell.clear()
            if not self._gathered and not self._must_speak():
                await wire.probe()
                continue
            self._must_beat = False
            self._in_hand, self._gathered = self._gathered, {}
            for text in texts_of(self._link.sender, self._in_hand):
                await wire.send(text)
            self._in_hand = {}

    def _must_speak(self) -> bool:
        """Whether this process must say something although there is no news."""
        return self._must_beat or not self.carrier.is_probed or self._link.is_deaf

    async def _watch(self) -> None:
        """End the connection if nothing comes in any more: it may be gone without a word."""
        loop, beat = asyncio.get_running_loop(), self.carrier.beat_seconds
        while True:
            asked_at = loop.time()
            await asyncio.sleep(beat)
            was_late = loop.time() - asked_at > 2 * beat  # this process stood still: what came is not read yet
            silent = loop.time() - self._heard_at
            if silent > SILENT_BEATS * beat and not was_late:
                msg = f"nothing heard for {silent:.1f} s"
                raise CarrierBroke(msg)
