"""What becomes of hints when a carrier breaks: carriers in memory that break when they are told to. No server here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import pytest

from cloud.realtime import link
from cloud.realtime.carriers import CarrierBroke, Wire
from cloud.realtime.hint_texts import Sender, parsed, texts_of
from cloud.realtime.hub import Hint, Hub, Room
from cloud.realtime.link import Link
from tests.cloud.realtime.test_link import everything, until

ROOM = Room(uuid4(), uuid4())
LONG_SECONDS = 3_600.0


@dataclass
class Air:
    """What all carriers of one name share: whoever listens hears whatever is sent."""

    sent: list[str] = field(default_factory=list)
    ears: list[asyncio.Queue[str | None]] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.sent.append(text)
        for ear in self.ears:
            ear.put_nowait(text)

    def hints(self) -> list[tuple[Room, Hint | None]]:
        return [hint for text in self.sent for hint in parsed(text)[1]]


@dataclass
class InMemory:
    """A carrier of one process."""

    name: str
    air: Air
    beat_seconds: float = LONG_SECONDS
    is_probed: bool = True
    is_broken: bool = False
    breaks_at_hints: bool = False
    ear: asyncio.Queue[str | None] | None = None

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Wire]:
        if self.is_broken:
            raise CarrierBroke("no way")
        self.ear = asyncio.Queue()
        self.air.ears.append(self.ear)
        try:
            yield self
        finally:
            self.air.ears.remove(self.ear)

    async def send(self, text: str) -> None:
        if self.is_broken or (self.breaks_at_hints and "\n" in text):
            raise CarrierBroke("lost")
        self.air.say(text)

    async def probe(self) -> None:
        if self.is_broken:
            raise CarrierBroke("no answer")
        assert self.ear is not None
        self.ear.put_nowait("")

    async def texts(self) -> AsyncIterator[str]:
        assert self.ear is not None
        while (text := await self.ear.get()) is not None:
            yield text
        raise CarrierBroke("cut")

    def cut(self) -> None:
        self.is_broken = True
        assert self.ear is not None
        self.ear.put_nowait(None)


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "LONGEST_RETRY_SECONDS", 0.01)


@asynccontextmanager
async def running(*carriers: InMemory, hub: Hub | None = None) -> AsyncIterator[Hub]:
    hub = hub or Hub()
    task = asyncio.create_task(Link(carriers, hub).run())
    try:
        yield hub
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_what_is_told_while_nothing_carries_goes_out_when_something_does() -> None:
    air, hint = Air(), Hint(uuid4(), uuid4(), 7)
    carrier = InMemory("last", air, is_broken=True)
    async with running(carrier) as hub:
        hub.tell(ROOM, hint)
        carrier.is_broken = False
        await until(lambda: (ROOM, hint) in air.hints())


async def test_what_was_in_hand_when_a_carrier_broke_goes_by_the_next() -> None:
    first, last, hint = Air(), Air(), Hint(uuid4(), uuid4(), 7)
    async with running(InMemory("first", first, breaks_at_hints=True), InMemory("last", last)) as hub:
        await until(lambda: len(first.ears) == 1 and hub.is_linked)
        hub.tell(ROOM, hint)
        await until(lambda: (ROOM, hint) in last.hints())


async def test_everybody_looks_when_the_first_carrier_breaks_and_once_more_a_little_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Others may have sent by it alone until they heard that this process has lost it."""
    monkeypatch.setattr(link, "LOOK_ONCE_MORE_SECONDS", 0.05)
    carrier = InMemory("first", Air())
    async with running(carrier, InMemory("last", Air())) as hub:
        await until(lambda: len(carrier.air.ears) == 1 and hub.is_linked)
        with hub.waiting([ROOM], everything) as waiting:
            assert not await waiting.news(0)
            carrier.cut()
            assert await waiting.news(20)
            assert await waiting.news(20)


async def test_both_ways_are_used_while_somebody_does_not_hear_by_the_first_and_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(link, "SILENT_BEATS", 3_600.0)
    first, last = Air(), Air()
    ways = InMemory("first", first, beat_seconds=1.0), InMemory("last", last, beat_seconds=1.0)
    async with running(*ways) as hub:
        await until(lambda: len(first.ears) == 1 and hub.is_linked)
        last.say(next(iter(texts_of(Sender("another", frozenset({"last"})), {}))))
        await asyncio.sleep(0)

        async def told() -> Hint:
            hint = Hint(uuid4(), uuid4(), 7)
            await until(lambda: not last.ears[0].qsize())
            hub.tell(ROOM, hint)
            await until(lambda: (ROOM, hint) in first.hints())
            return hint

        hint = await told()
        await until(lambda: (ROOM, hint) in last.hints())
        monkeypatch.setattr(link, "SILENT_BEATS", 0.0)
        last.say(next(iter(texts_of(Sender("another", frozenset({"last"})), {}))))  # and is gone at once
        before = len(last.hints())
        await told()
        await told()
        assert len(last.hints()) == before


async def test_each_process_beats_itself_by_a_carrier_whose_beats_show_whether_it_answers() -> None:
    air = Air()

    def ways() -> InMemory:
        return InMemory("redis", air, beat_seconds=0.05, is_probed=False)

    def beats(name: str) -> Callable[[], bool]:
        return lambda: sum(parsed(text)[0].name == name for text in air.sent) >= 3

    async with running(ways()), running(ways()):
        await until(lambda: len({parsed(text)[0].name for text in air.sent}) == 2)
        for name in {parsed(text)[0].name for text in air.sent}:
            await until(beats(name))


@pytest.mark.parametrize(
    "text",
    ["", "\n\n", "\ufffd\ufffd", "a\nb c d e", f"a b\n{ROOM} x y z", f"a b\n{ROOM} - - -"],
    ids=["nothing", "lines", "letters", "no room", "no head", "dashes"],
)
async def test_what_nobody_can_read_ends_no_link(text: str) -> None:
    air, hint = Air(), Hint(uuid4(), uuid4(), 7)
    async with running(InMemory("last", air)) as hub:
        await until(lambda: hub.is_linked)
        heard: list[Hint | None] = []
        hub.also(lambda _room, each: heard.append(each))
        air.say(text)
        air.say("\n".join(texts_of(Sender("another", frozenset({"last"})), {(ROOM, hint.stream): hint})))
        await until(lambda: hint in heard)


async def test_when_the_last_way_breaks_everybody_looks_since_the_database_may_be_gone() -> None:
    """Whoever waited on a socket said for half a minute that all is well."""
    hub, last = Hub(), InMemory("postgres", Air())
    running = asyncio.create_task(Link([last], hub).run())
    try:
        await until(lambda: hub.is_linked)
        with hub.waiting([ROOM], lambda _hint: False) as waiting:
            await waiting.news(0.0)
            last.cut()
            assert await waiting.news(60.0)
            assert not hub.is_linked
    finally:
        running.cancel()
        await asyncio.wait([running])


async def test_a_process_does_not_hear_itself() -> None:
    """Whoever waits there was told already, and would look twice."""
    air = Air()
    own, other = Hub(), Hub()
    heard: list[Room] = []
    own.also(lambda room, _hint: heard.append(room))
    links = [Link([InMemory("postgres", air)], hub) for hub in (own, other)]
    running = [asyncio.create_task(each.run()) for each in links]
    first, second = Room(uuid4(), uuid4()), Room(uuid4(), uuid4())
    try:
        await until(lambda: own.is_linked and other.is_linked)
        own.tell(first)
        await until(lambda: first in [room for room, _hint in air.hints()])
        other.tell(second)
        await until(lambda: second in heard)
        assert heard == [first, second]
    finally:
        for task in running:
            task.cancel()
        await asyncio.wait(running)


async def test_of_hints_that_nobody_carries_the_newest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "MOST_KEPT", 3)
    hub, lost = Hub(), InMemory("postgres", Air(), is_broken=True)
    joined = Link([lost], hub)
    rooms = [Room(uuid4(), uuid4()) for _hint in range(5)]
    for room in rooms:
        hub.tell(room)
    lost.is_broken = False
    running = asyncio.create_task(joined.run())
    try:
        await until(lambda: rooms[-1] in [room for room, _hint in lost.air.hints()])
        assert [room for room, _hint in lost.air.hints()] == rooms[2:]
    finally:
        running.cancel()
        await asyncio.wait([running])


async def test_after_a_break_whatever_was_kept_is_read_anew_and_not_believed_for_long() -> None:
    """Whoever read just before the link came back may have read what another process could not tell of."""
    hub, last, looked = Hub(), InMemory("postgres", Air()), []
    hub.afresh(lambda: looked.append(hub.is_linked))
    async with running(last, hub=hub):
        await until(lambda: hub.is_linked)
        assert not hub.is_trusted, "others may still be cut off"
        looked.clear()
        last.cut()
        await until(lambda: looked == [False])
        last.is_broken = False
        await until(lambda: looked == [False, True])
        assert not hub.is_trusted
