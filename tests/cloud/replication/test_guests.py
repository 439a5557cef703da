"""What devices write for guests: exactly what the cloud proposed takes no right, people are asked about all else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from evening import Hands
from guests_at_tables import Phone, accepted, taken
from restaurant import CLOUD, MANAGER, SERVER, TILL, Village

from shared.exceptions.records import ExceptionEvent
from shared.guests.records import Asks, GuestOrder, GuestOrderLine
from shared.guests.settings import TakesOrders
from shared.kernel.permissions import SYSTEM, Actor
from shared.kitchen.sending import send_order
from shared.menu.records import Item
from shared.orders.commands import add_line
from shared.orders.records import OrderLine
from shared.orders.seating import move_order
from sync.records import Verdict
from tests.cloud.replication.test_approved_sequences import employ, judges, template

__all__ = ["template"]


class Court:
    """A till, and a cloud that judges what it folds."""

    def __init__(self, village: Village) -> None:
        self.village = village
        self.cloud, self.till = village.replica(CLOUD), Hands(village, village.replica(TILL))
        self.phone = Phone(self.cloud, village.house, "1", uuid4(), "Lucía")

    async def seat(self) -> UUID:
        await employ(self.cloud)
        judges(self.cloud)
        self.phone.wants("chi")
        key = await self.phone.order()
        await self.till.replica.pull(self.cloud)
        await accepted(self.till, key, MANAGER)
        await self.cloud.pull(self.till.replica)
        session = await self.phone.session()
        assert session is not None
        return session.order_id

    async def orders(self, takes: TakesOrders | None = None) -> UUID:
        self.phone.wants("lom", 2, "jugoso", "huevo")
        key = await (self.phone.order(takes) if takes else self.phone.order())
        await self.till.replica.pull(self.cloud)
        return key

    async def asked(self) -> set[tuple[UUID | None, str]]:
        await self.cloud.pull(self.till.replica)
        async with self.cloud.connection() as connection:
            assert (await connection.execute(sa.select(Verdict.__table__))).all() == []
        return {(each.person_id, each.reason) for each in await self.cloud.rows(ExceptionEvent)}


@pytest.fixture
async def court(template: tuple, tmp_path) -> AsyncIterator[Court]:  # type: ignore[type-arg,no-untyped-def]
    village = Village(template[0], tmp_path, template[1])
    yield Court(village)
    await village.close()


async def test_what_the_cloud_proposed_takes_no_right_whoever_accepts(court: Court) -> None:
    await court.seat()
    await taken(court.till, await court.orders())
    await accepted(court.till, await court.orders(TakesOrders()), SERVER)
    assert await court.asked() == set()
    lines = await court.cloud.rows(OrderLine)
    assert [line.quantity_milli for line in lines] == [1_000, 2_000, 2_000]


async def test_an_old_price_of_a_proposal_is_no_price_of_who_accepts(court: Court) -> None:
    await court.seat()
    key = await court.orders(TakesOrders())
    async with court.cloud.work(SYSTEM) as work:
        (await work.get(Item, court.village.house.items["lom"])).price_minor = 5_000
    await accepted(court.till, key, SERVER)
    assert await court.asked() == set()
    lines = await court.cloud.rows(OrderLine)
    assert [line.unit_price_minor for line in lines] == [1_200, 3_890]


async def test_a_line_that_says_more_than_the_guest_ordered_is_asked_about(court: Court) -> None:
    await court.seat()
    key = await court.orders()
    actor = Actor.accepting(key)
    async with court.till.replica.work(actor) as work:
        proposed = await work.session.scalar(sa.select(GuestOrderLine).where(GuestOrderLine.guest_order_id == key))
        assert proposed is not None
        line = await add_line(
            work,
            (await work.get(GuestOrder, key)).order_id,
            proposed.id,
            proposed.item_id,
            [court.village.house.modifiers["jugoso"]],
            9_000,
        )
        line.guest_order_id = key
    assert await court.asked() == {(key, "not_as_the_guest_ordered")}


async def test_in_the_name_of_a_guest_nothing_else_is_written(court: Court) -> None:
    order_id = await court.seat()
    key = await court.orders()
    await taken(court.till, key)
    async with court.till.replica.work(Actor.accepting(key)) as work:
        await add_line(work, order_id, work.ids.new(), court.village.house.items["chi"])
    async with court.till.replica.work(Actor.accepting(key)) as work:
        await send_order(work, order_id)
    assert {right for _who, right in await court.asked()} == {"take_order", "send_order"}
    (line, *_others) = await court.cloud.rows(OrderLine)
    async with court.till.replica.work(Actor.accepting(key)) as work:
        (await work.get(OrderLine, line.id)).notes = "doble"
    async with court.till.replica.work(Actor.accepting(key)) as work:
        await move_order(work, order_id, court.village.house.tables["2"])
    await court.asked()
    events = {each.reason: each.size for each in await court.cloud.rows(ExceptionEvent)}
    assert events["take_order"] == 3  # a line, a note and a move


async def test_an_invented_guests_order_and_one_that_people_must_see_give_nobody_a_right(court: Court) -> None:
    await court.seat()
    asks = await court.orders(TakesOrders())
    assert (await court.cloud.row(GuestOrder, asks)).asks == Asks.HOUSE
    invented = uuid4()
    for key in (asks, invented):
        async with court.till.replica.work(Actor.accepting(key)) as work:
            order_id = (await work.get(GuestOrder, asks)).order_id
            line = await add_line(work, order_id, work.ids.new(), court.village.house.items["chi"])
            line.guest_order_id = key
    asked = await court.asked()
    assert {who for who, _what in asked} == {asks, invented}
    assert {what for _who, what in asked} == {"take_order", "not_as_the_guest_ordered"}
