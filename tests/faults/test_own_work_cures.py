"""What another device wrote about a row, and what waits for it, shows as soon as this device has written the row."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from restaurant import ORGANIZATION, SERVER
from streams import device, edit

from shared.orders.commands import open_order
from shared.orders.records import Order, OrderKind
from sync.messages import AnyMessage, Pull, Suffixes, Welcome
from sync.waiting import parked_count
from terminal.syncing.agent import Agent
from tests.faults.till_on_disk import TillOnDisk

ORDER = UUID(int=4_242)


class CloudWithoutNews:
    """A carrier to a cloud that has nothing to say."""

    async def exchange(self, message: AnyMessage) -> AnyMessage:
        return Suffixes([], False, 0) if isinstance(message, Pull) else Welcome(bytes(16), [], 0)


async def test_a_parked_edit_is_folded_after_the_tills_own_command(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        agent = Agent(desk.store, CloudWithoutNews(), None, lambda: 0.02, None, 0)
        foreign = device("foreign", [edit("orders", ORDER, notes="sin sal")], stamp=1 << 61)
        await agent._store_frames([foreign.between(0, 1)])
        assert await desk.store.look(parked_count, ORGANIZATION.bytes) == 1
        await desk.store.run(SERVER, lambda work: open_order(work, ORDER, OrderKind.TAKEOUT))
        agent.wake()
        await agent.fold_all()
        assert await desk.store.look(parked_count, ORGANIZATION.bytes) == 0
        async with desk.store.reading() as connection:
            assert await connection.scalar(sa.select(Order.notes).where(Order.id == ORDER)) == "sin sal"
