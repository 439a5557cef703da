"""Digests at the end of a sync: what differs is folded anew here, then in the cloud, and then people are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa
from msgspec.structs import replace
from restaurant import BRANCH, ORGANIZATION
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.orders.records import OrderKind
from sync.messages import AnyMessage, Differing, Pull, ScopeDigest, Suffixes, TableDigest
from sync.records import parked, streams
from terminal.agent import Agent
from terminal.desk import Desk
from terminal.link_state import Cloud, Trouble, worst_of
from tests.faults.till_on_disk import CloudNearby, TillOnDisk

COLUMNS = b"columns1"
GOOD, BAD = TableDigest(COLUMNS, b"digest_1"), TableDigest(COLUMNS, b"digest_2")


@dataclass
class Rows:
    """Implements `Comparer` with digests that are set by hand.

    Attributes:
        cured_by_folding: what is folded anew here is right afterwards.
    """

    tables: dict[str, TableDigest] = field(default_factory=lambda: {"orders": GOOD})
    cured_by_folding: bool = False
    folded: list[tuple[UUID, str]] = field(default_factory=list)

    async def read(self, _connection: AsyncConnection, scope_id: UUID) -> Mapping[str, TableDigest]:
        return self.tables if scope_id == BRANCH else {}

    async def fold_anew(self, scope_id: UUID, table: str) -> None:
        self.folded.append((scope_id, table))
        if self.cured_by_folding:
            self.tables[table] = GOOD


class ComparingCloud:
    """A cloud that sends its digests with each answer that brings nothing."""

    def __init__(self, cloud: CloudNearby) -> None:
        self.tables = {"orders": GOOD}
        self.asked_to_fold: list[Differing] = []
        self._cloud = cloud

    async def exchange(self, message: AnyMessage) -> AnyMessage:
        answer = await self._cloud.exchange(message)
        if isinstance(message, Pull):
            self.asked_to_fold += message.differ
        if isinstance(answer, Suffixes) and not answer.frames:
            scopes = [ScopeDigest(BRANCH.bytes, self.tables), ScopeDigest(ORGANIZATION.bytes, {})]
            return replace(answer, digests=scopes)
        return answer


def agent_of(desk: Desk, cloud: ComparingCloud, rows: Rows) -> Agent:
    return Agent(desk.store, cloud, None, lambda: 0.02, None, 0, rows)


async def test_equal_digests_are_no_trouble(till: TillOnDisk, cloud: CloudNearby) -> None:
    async with till.desk() as desk:
        rows = Rows()
        agent = agent_of(desk, ComparingCloud(cloud), rows)
        await agent.pull_once()
        assert (rows.folded, agent.link.message) == ([], "")


async def test_a_fault_of_this_device_is_cured_by_folding_anew(till: TillOnDisk, cloud: CloudNearby) -> None:
    async with till.desk() as desk:
        rows, there = Rows({"orders": BAD}, cured_by_folding=True), ComparingCloud(cloud)
        agent = agent_of(desk, there, rows)
        await agent.pull_once()
        assert rows.folded == [(BRANCH, "orders")]
        assert (agent.link.cloud, agent.link.message) == (Cloud.ONLINE, "SYNC_TABLE_REFOLDED")
        assert agent.link.params == {"table": "orders"}
        await agent.pull_once()
        assert (agent.link.message, there.asked_to_fold) == ("", [])


async def test_a_fault_of_the_cloud_is_folded_there_and_else_said_until_both_agree(
    till: TillOnDisk, cloud: CloudNearby
) -> None:
    async with till.desk() as desk:
        rows, there = Rows(), ComparingCloud(cloud)
        there.tables = {"orders": BAD}
        agent = agent_of(desk, there, rows)
        said = []
        for _pull in range(6):
            await agent.pull_once()
            said.append(agent.link.message)
        assert said == ["SYNC_TABLE_REFOLDED"] * 3 + ["SYNC_DIFFERS"] * 3
        assert rows.folded == [(BRANCH, "orders")], "once"
        assert there.asked_to_fold == [Differing(BRANCH.bytes, "orders")], "once"
        there.tables = {"orders": GOOD}
        await agent.pull_once()
        assert agent.link.message == ""


async def test_nothing_is_compared_while_rows_are_not_what_the_vector_says(
    till: TillOnDisk, cloud: CloudNearby
) -> None:
    async with till.desk() as desk:
        rows, there = Rows({"orders": BAD}), ComparingCloud(cloud)
        agent = agent_of(desk, there, rows)
        await desk.open_order(OrderKind.TAKEOUT)
        own = desk.store.author.branch_stream(BRANCH).id
        transaction = {"organization_id": ORGANIZATION, "stream_id": own, "first_seq": 1, "last_seq": 1}
        unfolded = streams.update().where(streams.c.id == own).values(folded_seq=streams.c.folded_seq - 1)
        folded = streams.update().where(streams.c.id == own).values(folded_seq=streams.c.head_seq)
        for trouble, cure in (
            (parked.insert().values(**transaction, reason="X", params={}, parked_ms=1), sa.delete(parked)),
            (unfolded, folded),
        ):
            async with desk.store.transaction() as connection:
                await connection.execute(trouble)
            await agent.pull_once()
            assert rows.folded == []
            async with desk.store.transaction() as connection:
                await connection.execute(cure)
        await agent.pull_once()
        assert rows.folded == [(BRANCH, "orders")]


async def test_what_is_sold_while_the_cloud_answers_is_not_compared(till: TillOnDisk, cloud: CloudNearby) -> None:
    async with till.desk() as desk:
        rows, there = Rows({"orders": BAD}), ComparingCloud(cloud)

        class Meanwhile:
            async def exchange(self, message: AnyMessage) -> AnyMessage:
                answer = await there.exchange(message)
                await desk.open_order(OrderKind.TAKEOUT)
                return answer

        await Agent(desk.store, Meanwhile(), None, lambda: 0.02, None, 0, rows).pull_once()
        assert rows.folded == []


def test_a_trouble_that_asks_for_somebody_is_said_beside_a_cloud_that_is_away() -> None:
    away, differs = Trouble(Cloud.OFFLINE, "CLOUD_UNREACHABLE"), Trouble(Cloud.ONLINE, "SYNC_DIFFERS")
    assert worst_of([away, differs]) == Trouble(Cloud.OFFLINE, "SYNC_DIFFERS")
    assert worst_of([differs, Trouble(Cloud.REFUSED, "CLOUD_FORKED")]).code == "CLOUD_FORKED"
    assert worst_of([]) == Trouble(Cloud.ONLINE)
