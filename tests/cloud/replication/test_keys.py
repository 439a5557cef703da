"""The cloud's part of sealed fields, on PostgreSQL: whose keys it takes and gives, how it stores and forgets them."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import msgspec
import sqlalchemy as sa
from httpx import AsyncClient

from cloud.parts import Parts
from shared.kernel.permissions import Actor, Role
from shared.kernel.sealed import SECRET_BYTES, WrappedWith, sealed_keys
from shared.orders.contacts import contact_of, forget, set_contact
from sync.door import through
from sync.keys import name_of, store
from sync.messages import MESSAGE_UNKNOWN, Ack, AskKeys, Keys, KeysStored, Refused, SubjectKey, load
from tests.cloud.replication.house import CASHIER, House, created, order
from tests.cloud.replication.tills import Till, enrol

BOSS = Actor.in_role(CASHIER, "boss", Role.BRANCH_MANAGER)


def a_key(till: Till, subject: UUID, of: int = 7) -> SubjectKey:
    return SubjectKey(till.hand.branch_id.bytes, subject.bytes, bytes([of]) * SECRET_BYTES)


async def stored_secrets(house: House) -> list[bytes]:
    async with house.parts.database.read(house.organization_id) as session:
        return [bytes(each) for each in await session.scalars(sa.select(sealed_keys.c.secret))]


async def test_a_key_is_stored_once_and_given_to_its_branch_alone(
    client: AsyncClient, till: Till, house: House
) -> None:
    other = await enrol(client, house, house.other.branch_id, "Caja 2")
    key = a_key(till, uuid4())
    name = name_of(house.organization_id.bytes, key)
    for _again in range(2):
        assert await till.ask(Keys([key])) == KeysStored()
    assert await till.ask(AskKeys([name, bytes(16)])) == Keys([key])
    assert await other.ask(AskKeys([name])) == Keys([])
    assert await other.ask(Keys([key])) == Refused("KEY_OF_ANOTHER_BRANCH")


async def test_a_dump_of_the_database_holds_no_secret(till: Till, house: House) -> None:
    key = a_key(till, uuid4())
    await till.ask(Keys([key]))
    (stored,) = await stored_secrets(house)
    assert key.secret not in stored
    assert key.secret[:16] not in stored


async def test_a_key_that_was_wrapped_with_another_secret_is_healed_by_the_next_push(till: Till, house: House) -> None:
    key, organization = a_key(till, uuid4()), house.organization_id
    name = name_of(organization.bytes, key)
    await house.parts.database.through(organization, store, organization.bytes, [key], WrappedWith(b"an earlier one"))
    assert await till.ask(AskKeys([name])) == Keys([])
    await till.ask(Keys([key]))
    assert await till.ask(AskKeys([name])) == Keys([key])


async def test_who_is_forgotten_is_forgotten_here_and_their_key_is_taken_no_more(till: Till, house: House) -> None:
    subject, spared = uuid4(), uuid4()
    keys = [a_key(till, subject, 1), a_key(till, subject, 2), a_key(till, spared, 3)]
    names = [name_of(house.organization_id.bytes, key) for key in keys]
    await till.ask(Keys(keys))
    at = {"branch_id": till.hand.branch_id, "forgotten_at": house.parts.clock.now()}
    manager = await house.hire(Role.BRANCH_MANAGER)
    till.hand.say(created("forgotten", uuid4(), subject_id=subject, **at), actor=manager)
    assert isinstance(await till.push(), Ack)
    await house.parts.fold_worker.fold_all(house.organization_id)
    for _even_if_it_comes_again in range(2):
        assert await till.ask(AskKeys(names)) == Keys(keys[2:])
        assert await till.ask(Keys(keys)) == KeysStored()


async def test_another_branch_forgets_nobody_of_ours(client: AsyncClient, till: Till, house: House) -> None:
    other = await enrol(client, house, house.other.branch_id, "Caja 2")
    subject, manager = uuid4(), await house.hire(Role.BRANCH_MANAGER)
    await till.ask(Keys([a_key(till, subject)]))
    at = {"branch_id": other.hand.branch_id, "forgotten_at": house.parts.clock.now()}
    other.hand.say(created("forgotten", uuid4(), subject_id=subject, **at), actor=manager)
    await other.push()
    await house.parts.fold_worker.fold_all(house.organization_id)
    assert len(await stored_secrets(house)) == 1


async def test_a_command_at_the_cloud_seals_and_reads_with_the_wrapped_key(
    till: Till, house: House, parts: Parts
) -> None:
    order_id = uuid4()
    till.hand.say(order(order_id, till.hand.branch_id))
    await till.push()
    await parts.fold_worker.fold_all(house.organization_id)
    async with parts.units.work(house.organization_id, BOSS, till.hand.branch_id) as work:
        await set_contact(work, order_id, "Ana", "911")
    async with parts.units.work(house.organization_id, BOSS, till.hand.branch_id) as work:
        await set_contact(work, order_id, "Ana María", "911")
    async with parts.database.read(house.organization_id) as session:
        seen = await contact_of(session, house.organization_id, order_id, parts.wrapping)
    assert seen is not None
    assert seen.texts == ("Ana María", "911")
    assert len(await stored_secrets(house)) == 1
    async with parts.units.work(house.organization_id, BOSS, till.hand.branch_id) as work:
        await forget(work, order_id)
    assert await stored_secrets(house) == []


async def test_a_command_seals_anew_where_the_key_was_wrapped_with_a_lost_secret(
    till: Till, house: House, parts: Parts
) -> None:
    order_id, organization = uuid4(), house.organization_id
    till.hand.say(order(order_id, till.hand.branch_id))
    await till.push()
    await parts.fold_worker.fold_all(organization)
    lost = WrappedWith(b"a lost one")
    await parts.database.through(organization, store, organization.bytes, [a_key(till, order_id)], lost)
    async with parts.units.work(organization, BOSS, till.hand.branch_id) as work:
        await set_contact(work, order_id, "Ana")
    async with parts.database.read(organization) as session:
        seen = await contact_of(session, organization, order_id, parts.wrapping)
        assert seen is not None
        assert seen.texts == ("Ana",)
        blind = await contact_of(session, organization, order_id, lost)
        assert blind is not None
        assert blind.unreadable


async def test_a_message_of_a_later_kind_is_refused_by_its_code(till: Till) -> None:
    answer = await till.post(b"\x00" + msgspec.msgpack.encode({"t": "psalms", "verses": [1]}))
    assert answer.status_code == 200
    assert load(answer.content) == Refused(MESSAGE_UNKNOWN)


async def test_a_key_that_comes_while_its_person_is_forgotten_does_not_stay(till: Till, house: House) -> None:
    """One transaction stores the key, another forgets: the second waits for the first and then deletes."""
    database, organization = house.parts.database, house.organization_id
    subject = uuid4()
    manager = await house.hire(Role.BRANCH_MANAGER)
    at = {"branch_id": till.hand.branch_id, "forgotten_at": house.parts.clock.now()}
    till.hand.say(created("forgotten", uuid4(), subject_id=subject, **at), actor=manager)
    await till.push()
    async with database.write(organization) as session:
        connection = await session.connection()
        await through(connection, store, organization.bytes, [a_key(till, subject)])
        folding = asyncio.create_task(house.parts.fold_worker.fold_all(organization))
        await asyncio.sleep(0.3)
        assert not folding.done()
    await folding
    assert await stored_secrets(house) == []
