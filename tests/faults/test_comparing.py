"""Digests at the end of a sync: what differs is folded anew here, then in the cloud, and then people are told."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from msgspec.structs import replace
from restaurant import BRANCH, ORGANIZATION

from shared.exceptions.records import ExceptionEvent
from shared.exceptions.rules import EventKind
from shared.kernel.language import Language, Texts
from shared.orders.records import Order, OrderKind
from sync.comparison import comparable
from sync.messages import AnyMessage, Differing, Pull, ScopeDigest, Suffixes, TableDigest
from sync.records import parked, streams
from terminal.clock import SystemClock
from terminal.desks.closed import ROOMS
from terminal.desks.desk import Desk
from terminal.syncing.agent import Agent
from terminal.syncing.comparing import NOTICE_MS
from terminal.syncing.link_state import Cloud, Trouble, worst_of
from tests.faults.till_on_disk import CloudNearby, TillOnDisk


class ComparingCloud:
    """A cloud that sends digests with each answer that brings nothing: the till's own, except of one table.

    Attributes:
        wrong: the table whose rows are others there.
    """

    def __init__(self, cloud: CloudNearby, desk: Desk, wrong: str = "") -> None:
        self.wrong = wrong
        self.asked_to_fold: list[Differing] = []
        self._cloud = cloud
        self._store = desk.store

    async def exchange(self, message: AnyMessage) -> AnyMessage:
        answer = await self._cloud.exchange(message)
        if isinstance(message, Pull):
            self.asked_to_fold += message.differ
        if isinstance(answer, Suffixes) and not answer.frames:
            return replace(answer, digests=[ScopeDigest(BRANCH.bytes, await self._digests())])
        return answer

    async def _digests(self) -> dict[str, TableDigest]:
        tables = self._store.author.tables
        digests = await self._store.look(comparable, ORGANIZATION.bytes, BRANCH.bytes, tables)
        if self.wrong:
            digests[self.wrong] = replace(digests[self.wrong], digest=b"another_")
        return digests


class LaterClock(SystemClock):
    """The system's clock, some time ahead."""

    ahead_ms = 0

    def milliseconds(self) -> int:
        return super().milliseconds() + self.ahead_ms


def agent_of(desk: Desk, cloud: ComparingCloud) -> Agent:
    return Agent(desk.store, cloud, None, lambda: 0.02, None, 0)


async def test_equal_digests_are_no_trouble(till: TillOnDisk, cloud: CloudNearby) -> None:
    async with till.desk() as desk:
        agent = agent_of(desk, ComparingCloud(cloud, desk))
        await agent.pull_once()
        assert agent.link.message == ""


async def test_a_difference_is_folded_here_then_there_and_then_said_until_both_agree(
    till: TillOnDisk, cloud: CloudNearby
) -> None:
    async with till.desk() as desk:
        await desk.open_order(OrderKind.TAKEOUT)
        desk.store.clock = clock = LaterClock()
        there = ComparingCloud(cloud, desk, wrong="orders")
        agent = agent_of(desk, there)
        said = []
        for _pull in range(6):
            await agent.pull_once()
            said.append(agent.link.message)
        assert said == ["SYNC_TABLE_REFOLDED"] * 3 + ["SYNC_DIFFERS"] * 3
        assert agent.link.cloud is Cloud.ONLINE
        assert there.asked_to_fold == [Differing(BRANCH.bytes, "orders")], "once"
        async with desk.store.reading() as connection:
            assert await connection.scalar(sa.select(sa.func.count()).select_from(Order)) == 1
            told = (await connection.execute(sa.select(ExceptionEvent.kind, ExceptionEvent.reason))).all()
        assert told == [(EventKind.DIGESTS_DIFFER, "orders")], "once"
        there.wrong = ""
        clock.ahead_ms = NOTICE_MS
        await agent.pull_once()
        assert agent.link.message == ""


@pytest.mark.parametrize("language", list(Language))
async def test_a_repair_stays_to_be_read_for_a_minute_and_is_explained_in_peoples_words(
    language: Language, till: TillOnDisk, cloud: CloudNearby
) -> None:
    async with till.desk() as desk:
        desk.store.clock = clock = LaterClock()
        there = ComparingCloud(cloud, desk, wrong="orders")
        agent = agent_of(desk, there)
        await agent.pull_once()
        there.wrong = ""
        for ahead_ms, said in (
            (0, "SYNC_TABLE_REFOLDED"),
            (NOTICE_MS - 10_000, "SYNC_TABLE_REFOLDED"),
            (NOTICE_MS, ""),
        ):
            clock.ahead_ms = ahead_ms
            await agent.pull_once()
            assert agent.link.message == said
        texts = Texts(language, ROOMS)
        for code in ("SYNC_TABLE_REFOLDED", "SYNC_DIFFERS"):
            for sentence in (texts(code), texts(f"cloud_trouble.{code}")):
                assert {Language.SPANISH: "egistros", Language.ENGLISH: "ecords"}[language] in sentence
                assert "{" not in sentence


async def test_nothing_is_compared_while_rows_are_not_what_the_vector_says(
    till: TillOnDisk, cloud: CloudNearby
) -> None:
    async with till.desk() as desk:
        agent = agent_of(desk, ComparingCloud(cloud, desk, wrong="orders"))
        await desk.open_order(OrderKind.TAKEOUT)
        own = desk.store.author.branch_stream(BRANCH).id
        transaction = {"organization_id": ORGANIZATION, "stream_id": own, "first_seq": 1, "last_seq": 1}
        unfolded = streams.update().where(streams.c.id == own).values(folded_seq=streams.c.folded_seq - 1)
        folded = streams.update().where(streams.c.id == own).values(folded_seq=streams.c.head_seq)
        for trouble, cure in (
            (parked.insert().values(**transaction, reason="X", params={}, parked_ms=1, program=b""), sa.delete(parked)),
            (unfolded, folded),
        ):
            async with desk.store.transaction() as connection:
                await connection.execute(trouble)
            await agent.pull_once()
            assert agent.link.message == ""
            async with desk.store.transaction() as connection:
                await connection.execute(cure)
        await agent.pull_once()
        assert agent.link.message == "SYNC_TABLE_REFOLDED"


async def test_what_is_sold_while_the_cloud_answers_is_not_compared(till: TillOnDisk, cloud: CloudNearby) -> None:
    async with till.desk() as desk:
        there = ComparingCloud(cloud, desk, wrong="orders")

        class Meanwhile:
            async def exchange(self, message: AnyMessage) -> AnyMessage:
                answer = await there.exchange(message)
                await desk.open_order(OrderKind.TAKEOUT)
                return answer

        agent = Agent(desk.store, Meanwhile(), None, lambda: 0.02, None, 0)
        await agent.pull_once()
        assert agent.link.message == ""


def test_a_trouble_that_asks_for_somebody_is_said_beside_a_cloud_that_is_away() -> None:
    away, differs = Trouble(Cloud.OFFLINE, "CLOUD_UNREACHABLE"), Trouble(Cloud.ONLINE, "SYNC_DIFFERS")
    assert worst_of([away, differs]) == Trouble(Cloud.OFFLINE, "SYNC_DIFFERS")
    assert worst_of([differs, Trouble(Cloud.REFUSED, "CLOUD_FORKED")]).code == "CLOUD_FORKED"
    assert worst_of([]) == Trouble(Cloud.ONLINE)
