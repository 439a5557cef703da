"""A trouble that stands is said as long as it stands: what goes well beside it hides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from msgspec.structs import replace
from restaurant import BRANCH, TILL

from shared.kernel.records import SCHEMA_EPOCH
from shared.orders.records import Order, OrderKind
from sync.messages import AnyMessage, Forked, Hello, Judged, Mark, Pull, Push, Refused, Suffixes, Welcome
from sync.records import streams
from terminal.desks.desk import Desk
from terminal.syncing.agent import Agent
from terminal.syncing.link import LinkError
from terminal.syncing.link_state import Cloud
from tests.faults.till_on_disk import CloudNearby, TillOnDisk
from tests.faults.until import until

TURNS = 5
Answer = Callable[[AnyMessage], AnyMessage | None]


class Troubled:
    """A way to the cloud on which some messages get another answer (`answer` gives it, or None)."""

    def __init__(self, cloud: CloudNearby, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[type] = []
        self._cloud = cloud

    async def exchange(self, message: AnyMessage) -> AnyMessage:
        self.asked.append(type(message))
        await asyncio.sleep(0.001)  # a loop that never waits would leave no turn to the others
        return self.answer(message) or await self._cloud.exchange(message)

    async def after_more(self, kind: type) -> None:
        """Wait for some more messages of a kind."""
        seen = self.asked.count(kind)
        await until(lambda: self.asked.count(kind) >= seen + TURNS, f"{kind.__name__} goes on")


@asynccontextmanager
async def syncing(desk: Desk, way: Troubled) -> AsyncIterator[Agent]:
    agent = Agent(desk.store, way, None, lambda: 0.02, None, 0)
    agent.on_link, desk.wake_agent = desk.link_changed, agent.wake
    running = asyncio.create_task(agent.run())
    try:
        yield agent
    finally:
        running.cancel()
        await asyncio.wait([running])


@dataclass(frozen=True)
class Way:
    """A carrier made of one function."""

    exchange: Callable[[AnyMessage], Awaitable[AnyMessage]]


def only(kind: type, answer: Callable[[], AnyMessage]) -> Answer:
    return lambda message: answer() if isinstance(message, kind) else None


def broken() -> AnyMessage:
    raise ZeroDivisionError("a fault of this program")


def unreachable() -> AnyMessage:
    raise LinkError("CLOUD_UNREACHABLE", url="https://cloud.example")


@pytest.mark.parametrize(
    ("answer", "code", "state"),
    [
        (only(Push, lambda: Refused("FRAME_NOT_SIGNED")), "FRAME_NOT_SIGNED", Cloud.REFUSED),
        (only(Push, lambda: Refused("DEVICE_REVOKED")), "DEVICE_REVOKED", Cloud.REFUSED),
        (only(Push, broken), "SYNC_FAILED", Cloud.OFFLINE),
        (only(Push, unreachable), "CLOUD_UNREACHABLE", Cloud.OFFLINE),
    ],
)
async def test_a_push_that_fails_is_not_hidden_by_pulls_that_go_well(
    answer: Answer,
    code: str,
    state: Cloud,
    till: TillOnDisk,
    cloud: CloudNearby,
) -> None:
    async with till.desk() as desk:
        await desk.open_order(OrderKind.TAKEOUT)
        way = Troubled(cloud, answer)
        async with syncing(desk, way) as agent:
            await until(lambda: agent.link.message == code, "it is said")
            told = []
            agent.on_link = lambda link: told.append(link.message)
            await way.after_more(Pull)
            await way.after_more(Push)
            assert set(told) <= {code}
            assert (agent.link.cloud, agent.link.message) == (state, code)
            assert agent.link.last_contact is not None
            way.answer = lambda _message: None
            await until(lambda: agent.link.cloud is Cloud.ONLINE, "it is over")
            assert agent.link.message == ""


async def test_the_worse_of_two_troubles_is_said(till: TillOnDisk, cloud: CloudNearby) -> None:
    def answer(message: AnyMessage) -> AnyMessage | None:
        return unreachable() if isinstance(message, Pull) else Refused("STREAM_OF_ANOTHER_DEVICE")

    async with till.desk() as desk:
        way = Troubled(cloud, answer)
        async with syncing(desk, way) as agent:
            await until(lambda: agent.link.message == "STREAM_OF_ANOTHER_DEVICE", "it is said")
            await way.after_more(Pull)
            assert agent.link.message == "STREAM_OF_ANOTHER_DEVICE"


async def test_a_fork_is_said_until_it_is_cured(till: TillOnDisk, cloud: CloudNearby) -> None:
    def forked(message: AnyMessage) -> AnyMessage | None:
        if isinstance(message, Push):
            return Forked(Mark(message.frame.key.id.bytes, 0, b"x" * 16))
        return None

    async with till.desk() as desk:
        await desk.open_order(OrderKind.TAKEOUT)
        way = Troubled(cloud, forked)
        async with syncing(desk, way) as agent:
            await until(lambda: agent.link.message == "CLOUD_FORKED", "it is said")
            for _handshake in range(TURNS):
                agent.wake()
                await way.after_more(Pull)
                assert (agent.link.cloud, agent.link.message) == (Cloud.REFUSED, "CLOUD_FORKED")
            await until(lambda: desk.state.cloud_message == "CLOUD_FORKED", "people see it")
            assert desk.state.pending > 0


async def test_our_own_stream_that_comes_longer_is_a_strangers_and_a_new_series_begins(
    till: TillOnDisk, cloud: CloudNearby, another_till: Callable[[Path], TillOnDisk], tmp_path: Path
) -> None:
    """A till that was restored from an older copy: the cloud has what it sold since."""
    async with another_till(tmp_path / "before").desk() as desk:
        await desk.open_order(OrderKind.TAKEOUT)
        await Agent(desk.store, cloud, None, lambda: 0.02, None, 0).push_once()
    async with till.desk() as desk:
        agent = Agent(desk.store, cloud, None, lambda: 0.02, None, 0)
        await agent.pull_once()
        assert (agent.link.cloud, agent.link.message) == (Cloud.ONLINE, "")
        await desk.open_order(OrderKind.TAKEOUT)
        async with desk.store.reading() as connection:
            assert set(await connection.scalars(sa.select(Order.number))) == {"A-1", "A2-1"}
    async with till.store() as store:
        assert store.history.incarnation == 2, "the next program knows it, too"


async def test_what_is_sent_while_a_pull_waits_comes_back_as_no_fork(till: TillOnDisk, cloud: CloudNearby) -> None:
    async with till.desk() as desk:
        asked: list[Pull] = []

        async def exchange(message: AnyMessage) -> AnyMessage:
            if isinstance(message, Pull) and not asked:
                asked.append(message)
                await desk.open_order(OrderKind.TAKEOUT)
                await agent.push_once()
            return await cloud.exchange(message)

        agent = Agent(desk.store, Way(exchange), None, lambda: 0.02, None, 0)
        await agent.pull_once()
        answer = await cloud.exchange(asked[0])
        assert isinstance(answer, Suffixes)
        assert {frame.device for frame in answer.frames} == {TILL.bytes}
        assert (agent.link.cloud, agent.link.message) == (Cloud.ONLINE, "")


async def test_how_far_the_cloud_has_folded_is_noted_and_never_goes_back(till: TillOnDisk, cloud: CloudNearby) -> None:
    judged: list[Judged] = []

    async def exchange(message: AnyMessage) -> AnyMessage:
        answer = await cloud.exchange(message)
        return replace(answer, judged=judged) if isinstance(answer, Welcome | Suffixes) else answer

    async with till.desk() as desk:
        await desk.open_order(OrderKind.TAKEOUT)
        agent = Agent(desk.store, Way(exchange), None, lambda: 0.02, None, 0)

        async def marks() -> tuple[int, int]:
            async with desk.store.reading() as connection:
                row = (await connection.execute(sa.select(streams).where(streams.c.device_id == TILL))).one()
            return row.acked_seq, row.judged_seq

        stream = desk.store.author.branch_stream(BRANCH).id.bytes
        judged = [Judged(stream, 1)]
        await agent.pull_once()
        assert await marks() == (0, 0), "nothing is folded that was not acknowledged"
        await agent.push_once()
        sent, _judged = await marks()
        assert sent > 1
        await agent.push_once()
        assert await marks() == (sent, 1)
        judged = [Judged(stream, sent)]
        await agent.pull_once()
        assert await marks() == (sent, sent)
        judged = [Judged(stream, 0)]
        await agent.push_once()
        await agent.pull_once()
        assert await marks() == (sent, sent)


async def test_an_older_device_is_told_to_update_and_goes_on(till: TillOnDisk, cloud: CloudNearby) -> None:
    def newer(message: AnyMessage) -> AnyMessage | None:
        return Welcome(bytes(16), [], 0, epoch=SCHEMA_EPOCH + 1) if isinstance(message, Hello) else None

    async with till.desk() as desk:
        way = Troubled(cloud, newer)
        async with syncing(desk, way) as agent:
            await until(lambda: agent.link.message == "PROGRAM_OLDER", "it is said")
            assert agent.link.cloud is Cloud.ONLINE
            way.answer = lambda _message: None
            agent.wake()
            await until(lambda: agent.link.message == "", "it is over once the cloud has no newer program")
