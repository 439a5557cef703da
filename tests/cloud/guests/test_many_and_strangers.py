"""What strangers with a photo of a card, and an evening with many guests, may not do to those who sit at a table."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from cloud.guests.ordering import MOST_WRONG_WORDS
from shared.floor.commands import add_table
from shared.floor.records import Space
from shared.guests.accepting import go_to
from shared.guests.proposing import call
from shared.guests.queries import MOST_SHOWN, open_requests
from shared.guests.records import Asks, GuestOrder, RequestKind
from shared.kernel.permissions import SYSTEM
from shared.kernel.work import Work
from shared.orders.records import Order
from shared.orders.seating import move_order
from tests.cloud.conftest import SetClock
from tests.cloud.guests.conftest import Branch, NewPhone, Phone


async def admitted(branch: Branch, phone: NewPhone, clock: SetClock) -> Phone:
    """A phone whose first order staff accepted; the minute of it has passed."""
    lucia = phone()
    await lucia.put("Lomo")
    await lucia.order("Lucía")
    await branch.accept()
    clock.advance(timedelta(minutes=2))
    return lucia


async def order_of(work: Work) -> UUID:
    """The table's order of the first guest."""
    found: UUID | None = await work.session.scalar(sa.select(GuestOrder.order_id))
    assert found is not None
    return found


async def codes_of_orders(who: Phone, rounds: int) -> list[int]:
    said = []
    for _round in range(rounds):
        await who.put("Chicha")
        said.append((await who.order()).status_code)
    return said


async def test_a_party_that_moved_orders_no_faster_by_its_old_card(
    branch: Branch, phone: NewPhone, clock: SetClock
) -> None:
    await branch.takes(direct=True, orders_a_minute=2)
    lucia = await admitted(branch, phone, clock)
    async with branch.parts.units.work(branch.shop.tenant.organization_id, SYSTEM) as work:
        space = await work.session.scalar(sa.select(Space.id))
        assert space is not None
        other = await add_table(work, branch.shop.tenant.branch_id, space, "77")
    async with branch.work() as work:
        await move_order(work, await order_of(work), other.id)
    assert await codes_of_orders(lucia, 3) == [303, 303, 409]


async def test_strangers_with_a_photo_of_the_card_stop_nobody_who_sits_there(
    branch: Branch, phone: NewPhone, clock: SetClock
) -> None:
    await branch.takes(direct=True, orders_a_minute=2)
    lucia, stranger = await admitted(branch, phone, clock), phone()
    assert await codes_of_orders(stranger, 3) == [303, 303, 409]
    assert await codes_of_orders(lucia, 3) == [303, 303, 409]


async def test_a_guest_who_calls_late_in_a_busy_evening_is_heard(branch: Branch, clock: SetClock) -> None:
    tenant, shop = branch.shop.tenant, branch.shop
    async with branch.work() as work:
        for _each in range(MOST_SHOWN):
            asked = await call(work, uuid4(), RequestKind.WAITER, shop.table, uuid4(), None)
            await work.session.flush()
            await go_to(work, asked.id)
            await work.session.flush()
    clock.advance(timedelta(minutes=1))
    async with branch.work() as work:
        last = await call(work, uuid4(), RequestKind.WAITER, shop.table, uuid4(), None)
    async with branch.parts.database.read(tenant.organization_id) as read:
        found = await open_requests(read, tenant.organization_id, tenant.branch_id, clock.now())
    assert [each.id for each in found] == [last.id]


async def test_orders_that_were_taken_back_hide_none_that_waits(
    branch: Branch, phone: NewPhone, clock: SetClock
) -> None:
    lucia = await admitted(branch, phone, clock)
    now = clock.now()
    async with branch.work() as work:
        same: dict[str, Any] = {"organization_id": work.organization_id, "branch_id": work.branch_id}
        same |= {"order_id": await order_of(work)}
        same |= {"table_id": branch.shop.table, "table_name": "1", "asks": Asks.FIRST, "deadline_at": now}
        for _each in range(MOST_SHOWN):
            work.add(GuestOrder(**same, id=uuid4(), subject_id=uuid4(), placed_at=now, withdrawn=True))
    clock.advance(timedelta(minutes=1))
    assert await codes_of_orders(lucia, 1) == [303]
    assert [each.asks for each in await branch.waiting() if not each.is_withdrawn] == [Asks.HOUSE]


async def test_a_wrong_word_is_tried_a_few_times(branch: Branch, phone: NewPhone, clock: SetClock) -> None:
    lucia, guesser, nora = await admitted(branch, phone, clock), phone(), phone()
    word = (await lucia.table()).partition('class="word">')[2].partition("<")[0]
    for _try in range(MOST_WRONG_WORDS):
        assert (await guesser.post("/admit", word="AAAAA")).status_code == 409
    assert (await guesser.post("/admit", word=word)).status_code == 409
    assert (await nora.post("/admit", word=word)).status_code == 303, "it stops nobody else"


async def test_what_a_table_orders_before_staff_accept_is_one_order(branch: Branch, phone: NewPhone) -> None:
    lucia, nora = phone(), phone()
    for who, dish in ((lucia, "Lomo"), (nora, "Chicha"), (lucia, "Chicha")):
        await who.put(dish)
        await who.order()
    await branch.accept()
    async with branch.parts.database.read(branch.shop.tenant.organization_id) as read:
        assert len((await read.scalars(sa.select(Order.id))).all()) == 1
    for who in (lucia, nora):
        page = await who.table()
        assert (page.count("Lomo"), page.count("Chicha")) == (1, 2), "each sees what the table ordered"


async def test_a_stranger_who_was_refused_shares_nothing_with_who_sits_there(branch: Branch, phone: NewPhone) -> None:
    stranger, lucia = phone(), phone()
    await stranger.put("Chicha")
    await stranger.order("Mallory")
    await branch.refuse("No")
    await lucia.put("Lomo")
    await lucia.order("Lucía")
    await branch.accept()
    assert "Lucía" not in await stranger.table()
    assert "No" in await stranger.table()


@pytest.mark.parametrize("word", ["ÑANDÚ", "😀😀", "\u202e", "\x00"])
async def test_a_word_of_any_signs_is_only_wrong(branch: Branch, phone: NewPhone, clock: SetClock, word: str) -> None:
    await admitted(branch, phone, clock)
    assert (await phone().post("/admit", word=word)).status_code == 409


@pytest.mark.parametrize("code", ["%00", "AB%00CDE", "%ff%fe", "%ED%A0%80"])
async def test_a_code_of_any_signs_is_only_unknown(branch: Branch, client: Any, code: str) -> None:
    for path in (f"/g/{branch.door}/{code}", f"/g/{branch.door}/{code}/state", f"/g/{code}/{branch.code}"):
        assert (await client.get(path, headers={"accept": "text/html"})).status_code in (400, 404), path


async def test_new_guests_do_not_order_for_a_party_that_moved_with_an_order_that_waits(
    branch: Branch, phone: NewPhone, clock: SetClock
) -> None:
    lucia, nora = await admitted(branch, phone, clock), phone()
    await lucia.put("Chicha")
    await lucia.order()
    async with branch.parts.units.work(branch.shop.tenant.organization_id, SYSTEM) as work:
        space = await work.session.scalar(sa.select(Space.id))
        assert space is not None
        other = await add_table(work, branch.shop.tenant.branch_id, space, "77")
    async with branch.work() as work:
        await move_order(work, await order_of(work), other.id)
    await nora.put("Lomo")
    await nora.order()
    ours, theirs = await branch.waiting()
    assert ours.order_id != theirs.order_id
