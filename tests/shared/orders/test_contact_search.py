"""Orders are found by the phone of their contact, by digests that stay on this replica and are forgotten, too."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from restaurant import BRANCH, CASHIER, MANAGER, ORGANIZATION, Replica

from shared.kernel.sealed import sealed_lookups
from shared.orders.commands import open_order
from shared.orders.contact_search import FoundBy, orders_by
from shared.orders.contacts import ContactView, contact_of, forget, set_contact
from shared.orders.records import OrderKind

PEPPER = bytes(range(32))


async def delivery(till: Replica, phone: str) -> UUID:
    order_id = till.ids.new()
    async with till.work(CASHIER) as work:
        await open_order(work, order_id, OrderKind.DELIVERY)
        await set_contact(work, order_id, "Ana", phone)
    return order_id


async def found(till: Replica, phone: str) -> list[UUID]:
    async with till.connection() as connection:
        return await orders_by(FoundBy.PHONE, phone, connection, ORGANIZATION, BRANCH, PEPPER)


async def digests(till: Replica) -> list[bytes]:
    async with till.connection() as connection:
        return list((await connection.execute(sa.select(sealed_lookups.c.digest))).scalars())


async def test_an_order_is_found_however_the_phone_is_written(till: Replica) -> None:
    first, second = await delivery(till, "987 654 321"), await delivery(till, "+51 987-654-321")
    await delivery(till, "911 111 111")
    assert await found(till, "987654321") == [second, first]
    assert await found(till, "  ") == []


async def test_a_changed_phone_is_found_and_the_old_one_is_not(till: Replica) -> None:
    order_id = await delivery(till, "987654321")
    assert await found(till, "987654321") == [order_id]
    async with till.work(CASHIER) as work:
        await set_contact(work, order_id, "Ana", "922222222")
    assert (await found(till, "987654321"), await found(till, "922222222")) == ([], [order_id])
    async with till.work(CASHIER) as work:
        await set_contact(work, order_id, "Ana")
    assert await found(till, "922222222") == []


async def test_who_is_forgotten_is_not_found_and_leaves_no_digest(till: Replica) -> None:
    order_id, spared = await delivery(till, "987654321"), await delivery(till, "987654321")
    assert len(await found(till, "987654321")) == 2
    async with till.work(MANAGER) as work:
        await forget(work, order_id)
    assert await found(till, "987654321") == [spared]
    assert len(await digests(till)) == 1


async def test_a_search_makes_each_digest_once(till: Replica) -> None:
    for _each in range(3):
        await delivery(till, "987654321")
    await found(till, "1")
    with till.counted() as statements:
        await found(till, "987654321")
    assert len(statements) == 2


async def test_an_order_is_found_by_the_document_of_its_contact_and_by_no_phone_like_it(till: Replica) -> None:
    order_id = await delivery(till, "20123456789")
    async with till.work(CASHIER) as work:
        await set_contact(work, order_id, "Ana", document="20 123 456 789")
        assert (await contact_of(work.session, ORGANIZATION, order_id)) == ContactView("Ana", document="20 123 456 789")
    async with till.connection() as connection:
        by_document = await orders_by(FoundBy.DOCUMENT, "20123456789", connection, ORGANIZATION, BRANCH, PEPPER)
        by_phone = await orders_by(FoundBy.PHONE, "20123456789", connection, ORGANIZATION, BRANCH, PEPPER)
    assert (by_document, by_phone) == ([order_id], [])
