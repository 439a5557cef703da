"""A trouble that stands is said as long as it stands: what goes well beside it hides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from shared.orders.records import OrderKind
from sync.messages import AnyMessage, Forked, Mark, Pull, Push, Refused
from terminal.agent import Agent
from terminal.desk import Desk
from terminal.link import LinkError
from terminal.link_state import Cloud
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
