"""What a till accepts of guests by itself, over its encrypted store; and the papers of what another device accepted."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from guests_at_tables import DIRECT, at_branch
from replicas import BRANCH, CLOUD, NOON, HandClock, Replica, open_replica

from shared.floor.records import DiningTable
from shared.guests.accepting import accept_by_itself
from shared.guests.proposing import Proposal, Wish, propose, write_link
from shared.kernel.permissions import SYSTEM, Actor
from shared.menu.records import Item
from shared.orders.commands import open_order
from shared.orders.placing import PlacedLine
from shared.orders.records import OrderKind, OrderLine
from terminal.desks.desk import Desk
from terminal.printing.documents import KitchenDocument, PaperKind, decode
from terminal.printing.records import print_job
from terminal.supervision.guest_duty import BY_PHONE, GuestDuty
from terminal.syncing.agent import Agent
from tests.faults.till_on_disk import CloudNearby, TillOnDisk
from tests.terminal.screens.real_desk import rows


@dataclass
class Branch:
    """A till and its cloud, with a party at table 1 whose phone is admitted."""

    desk: Desk
    cloud: Replica
    order_id: UUID
    phone_id: UUID

    async def orders(self) -> UUID:
        """The phone orders a ceviche."""
        key = self.cloud.ids.new()
        async with at_branch(self.cloud, Actor.guest(self.phone_id)) as work:
            table = await work.session.scalar(sa.select(DiningTable.id).where(DiningTable.name == "1"))
            dish = await work.session.scalar(sa.select(Item.id).where(Item.code == "cev"))
            assert table is not None
            assert dish is not None
            proposal = Proposal(table, self.phone_id, self.order_id, is_admitted=True)
            await propose(work, key, proposal, [Wish(work.ids.new(), PlacedLine(dish))], DIRECT)
        return key

    async def hears(self) -> None:
        """The till hears what the cloud holds."""
        agent = Agent(self.desk.store, CloudNearby(self.cloud), None, lambda: 0.5, None, 0)
        await agent.pull_once()
        await agent.fold_all()
        await self.desk.open()

    async def papers(self) -> list[str]:
        """The dishes on the papers of the kitchen that wait."""
        jobs = [row for row in await rows(self.desk, print_job) if row.kind == PaperKind.KITCHEN]
        documents = [decode(PaperKind.KITCHEN, row.payload) for row in jobs]
        return [str(line.name) for each in documents if isinstance(each, KitchenDocument) for line in each.lines]


@pytest.fixture
async def branch(founded: Path, till: TillOnDisk, tmp_path: Path) -> AsyncIterator[Branch]:
    shutil.copy(founded / "cloud.db", tmp_path / "cloud.db")
    cloud = open_replica(tmp_path / "cloud.db", CLOUD, None, "", HandClock(NOON))
    order_id, phone_id = uuid4(), uuid4()
    async with at_branch(cloud, SYSTEM) as work:
        table = await work.session.scalar(sa.select(DiningTable.id).where(DiningTable.name == "1"))
        await open_order(work, order_id, OrderKind.DINE_IN, table)
    async with at_branch(cloud, SYSTEM) as work:
        await write_link(work, order_id, phone_id)
    async with till.desk(HandClock(NOON)) as desk:
        assert desk.store.identity.branch_id == BRANCH
        yield Branch(desk, cloud, order_id, phone_id)
    await cloud.close()


async def test_a_till_takes_an_admitted_phones_order_by_itself_and_prints_it_once(branch: Branch) -> None:
    await branch.orders()
    await branch.hears()
    duty = GuestDuty(branch.desk.store, branch.desk, lambda: None)
    assert (await duty.take(), await duty.take()) == (1, 0)
    assert await branch.papers() == ["Ceviche"]
    assert await duty.print_what_others_took() == 0
    (line,) = await rows(branch.desk, OrderLine.__table__)
    assert (line.order_id, line.item_name) == (branch.order_id, "Ceviche")


async def test_what_another_device_took_by_itself_is_printed_by_the_first_till_once(branch: Branch) -> None:
    key = await branch.orders()
    async with at_branch(branch.cloud, Actor.accepting(key, BY_PHONE)) as work:
        assert (await accept_by_itself(work, key, work.now)).sent is not None
    await branch.hears()
    duty = GuestDuty(branch.desk.store, branch.desk, lambda: None)
    assert await duty.take() == 0
    assert (await duty.print_what_others_took(), await duty.print_what_others_took()) == (1, 0)
    assert await branch.papers() == ["Ceviche"]
