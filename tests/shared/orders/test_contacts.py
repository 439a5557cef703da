"""Whom an order is for, on three replicas: a till, a kitchen display and the cloud. Forgetting is obeyed by all."""

from __future__ import annotations

import itertools
import sqlite3
from uuid import UUID

import pytest
from restaurant import (
    BRANCH,
    CASHIER,
    CLOUD,
    MANAGER,
    ORGANIZATION,
    SERVER,
    TILL,
    WAITER,
    Replica,
    Village,
    open_replica,
)

from shared.kernel.errors import DomainError
from shared.orders.commands import open_order
from shared.orders.contacts import (
    ContactView,
    Forgotten,
    OrderContact,
    contact_of,
    forget,
    newest_contacts,
    set_contact,
)
from shared.orders.records import OrderKind
from sync.door import through
from sync.keys import held, names_in, store
from sync.log import read_suffix, stream_keys
from sync.messages import Frame, SubjectKey

NAME, PHONE, ADDRESS = "María Quispe Ñahui", "987 654 321", "Jr. Ancash 1234, Breña"
KNOWN = ContactView(NAME, PHONE, ADDRESS)
GONE = ContactView(forgotten=True)


async def a_delivery(till: Replica) -> UUID:
    order_id = till.ids.new()
    async with till.work(CASHIER) as work:
        await open_order(work, order_id, OrderKind.DELIVERY)
        await set_contact(work, order_id, NAME, PHONE, ADDRESS)
    return order_id


async def seen(replica: Replica, order_id: UUID) -> ContactView | None:
    async with replica.connection() as connection:
        return await contact_of(connection, ORGANIZATION, order_id)


async def frames_of(replica: Replica) -> list[Frame]:
    """All that a device of the branch has written, a transaction a frame."""
    async with replica.connection() as connection:
        keys = [
            key
            for key in await through(connection, stream_keys, ORGANIZATION.bytes)
            if key.device_id == replica.device_id
        ]
        frames: list[Frame] = []
        for key in keys:
            after = 0
            while frame := await through(connection, read_suffix, ORGANIZATION.bytes, key, after, 1):
                frames.append(frame)
                after = frame.last
    return frames


async def keys_of(replica: Replica, frames: list[Frame]) -> list[SubjectKey]:
    return await replica.core(held, ORGANIZATION.bytes, names_in(replica.specs, frames))


async def test_three_replicas_read_a_contact_and_then_nobody(village: Village, till: Replica) -> None:
    kitchen, cloud = village.replica(WAITER, "B"), village.replica(CLOUD)
    order_id = await a_delivery(till)
    for replica in (cloud, kitchen):
        await replica.pull(till)
    assert [await seen(each, order_id) for each in (till, kitchen, cloud)] == [KNOWN] * 3
    async with till.work(MANAGER) as work:
        await forget(work, order_id)
    assert await seen(till, order_id) == GONE
    for replica in (cloud, kitchen):
        await replica.pull(till)
    assert [await seen(each, order_id) for each in (kitchen, cloud)] == [GONE] * 2
    assert await till.digests() == await kitchen.digests()
    async with kitchen.connection() as connection:
        assert await newest_contacts(connection, ORGANIZATION, BRANCH) == {order_id: GONE}


@pytest.mark.parametrize("order", list(itertools.permutations(("key", "row", "forget"))), ids="-".join)
async def test_in_whatever_order_key_row_and_forget_arrive(
    village: Village, till: Replica, order: tuple[str, ...]
) -> None:
    """The forgetting comes from another device, so that it may come before the row."""
    desk, kitchen = village.replica(WAITER, "B"), village.replica(CLOUD)
    order_id = await a_delivery(till)
    async with desk.work(MANAGER) as work:
        await forget(work, order_id)
    rows, forgetting = await frames_of(till), await frames_of(desk)
    keys = await keys_of(till, rows)
    assert len(keys) == 1
    for what in order:
        if what == "key":
            await kitchen.core(store, ORGANIZATION.bytes, keys)
        else:
            await kitchen.receive(*(rows if what == "row" else forgetting))
            await kitchen.fold()
    assert await seen(kitchen, order_id) == GONE
    assert await keys_of(kitchen, rows) == []
    # An old peer, or a restored backup, brings the key once more: after a restart, too.
    again = village.again(kitchen)
    assert await again.core(store, ORGANIZATION.bytes, keys) == 0
    assert await keys_of(again, rows) == []
    assert await seen(again, order_id) == GONE


async def test_a_restored_backup_obeys_as_soon_as_it_has_caught_up(village: Village, till: Replica, tmp_path) -> None:
    cloud, desk = village.replica(CLOUD), village.replica(WAITER, "B")
    order_id = await a_delivery(till)
    await cloud.pull(till)
    backup = tmp_path / "backup.db"
    source, copy = sqlite3.connect(till.path), sqlite3.connect(backup)
    source.backup(copy)
    source.close()
    copy.close()
    async with desk.work(MANAGER) as work:
        await forget(work, order_id)
    await cloud.pull(desk)
    restored = village.opened(open_replica(backup, TILL, BRANCH, "A", village.clock))
    assert await seen(restored, order_id) == KNOWN, "a backup is as it was, until it hears"
    await restored.pull(cloud)
    assert await seen(restored, order_id) == GONE


async def test_nothing_that_is_stored_or_sent_holds_the_plain_text(village: Village, till: Replica) -> None:
    order_id = await a_delivery(till)
    frames = await frames_of(till)
    wanted = [text.encode() for text in (NAME, PHONE, ADDRESS)]
    assert not [text for text in wanted for frame in frames for body in frame.bodies if text in body]
    raw = till.path.read_bytes()
    assert not [text for text in wanted if text in raw]
    assert NAME not in repr(await seen(till, order_id))
    keys = await keys_of(till, frames)
    assert keys[0].secret not in b"".join(body for frame in frames for body in frame.bodies)
    assert str(keys[0].secret) not in repr(keys)


async def test_two_devices_that_note_one_contact_at_once_read_the_same(village: Village, till: Replica) -> None:
    """Both made a key: the one whose text stands is needed, and forgetting deletes both."""
    other, cloud = village.replica(WAITER, "B"), village.replica(CLOUD)
    order_id = till.ids.new()
    async with till.work(CASHIER) as work:
        await open_order(work, order_id, OrderKind.TAKEOUT)
    await other.pull(till)
    village.clock.pass_time(seconds=1)
    async with till.work(CASHIER) as work:
        await set_contact(work, order_id, "Ana", "911")
    village.clock.pass_time(seconds=1)
    async with other.work(SERVER) as work:
        await set_contact(work, order_id, "Rosa")
    await cloud.pull(till)
    await cloud.pull(other)
    await till.pull(cloud)
    await other.pull(cloud)
    assert [await seen(each, order_id) for each in (till, other, cloud)] == [ContactView("Rosa")] * 3
    village.clock.pass_time(seconds=1)
    async with till.work(CASHIER) as work:
        await set_contact(work, order_id, "Rosa", "922")
    await cloud.pull(till)
    assert await seen(cloud, order_id) == ContactView("Rosa", "922")
    async with cloud.unit(MANAGER) as work:
        work.place = till.place
        await forget(work, order_id)
    assert await keys_of(cloud, [*await frames_of(till), *await frames_of(other)]) == []


async def test_noting_the_same_again_changes_nothing(till: Replica) -> None:
    order_id = await a_delivery(till)
    before = await till.log()
    async with till.work(CASHIER) as work:
        await set_contact(work, order_id, f"  {NAME} ", PHONE, ADDRESS)
    assert await till.log() == before


async def test_who_is_forgotten_is_noted_no_more(till: Replica) -> None:
    order_id = await a_delivery(till)
    async with till.work(MANAGER) as work:
        await forget(work, order_id)
    for command, code in ((set_contact, "PERSON_FORGOTTEN"), (forget, "ALREADY_FORGOTTEN")):
        with pytest.raises(DomainError) as refused:
            async with till.work(MANAGER) as work:
                await command(work, order_id)  # type: ignore[operator]
        assert refused.value.code == code


async def test_forgetting_takes_its_right(till: Replica) -> None:
    order_id = await a_delivery(till)
    with pytest.raises(DomainError, match="NOT_PERMITTED"):
        async with till.work(CASHIER) as work:
            await forget(work, order_id)
    assert await seen(till, order_id) == KNOWN


async def test_a_text_cannot_be_moved_to_another_row_or_field(till: Replica) -> None:
    """A device that copies somebody's ciphertext elsewhere does not make it readable there."""
    order_id, other = await a_delivery(till), till.ids.new()
    row = await till.row(OrderContact, (await till.rows(OrderContact))[0].id)
    async with till.work(CASHIER) as work:
        await open_order(work, other, OrderKind.DELIVERY)
        contact = await set_contact(work, other, "x", "1")
        contact.name = row.name
    async with till.work(CASHIER) as work:
        contact = await work.get(OrderContact, row.id)
        contact.phone = row.name
    assert await seen(till, other) == ContactView(phone="1", unreadable=True)
    assert await seen(till, order_id) == ContactView(NAME, address=ADDRESS, unreadable=True)


async def test_a_void_forgetting_forgets_nobody(village: Village, till: Replica) -> None:
    """Say of another branch: a replica that had obeyed it takes the keys again."""
    order_id = await a_delivery(till)
    keys = await keys_of(till, await frames_of(till))
    async with till.work(MANAGER) as work:
        gone = await forget(work, order_id)
    listener = next(each for each in till.author.listeners if type(each).__name__ == "Forgetting")
    table = till.specs[Forgotten.__tablename__]
    values = table.values(branch_id=BRANCH.bytes, subject_id=order_id.bytes, forgotten_at=0)
    void = {table.name: [(gone.id.bytes, values, None)]}

    def stands(door) -> None:
        listener.write(door, void)

    await till.core(stands)
    assert await till.core(store, ORGANIZATION.bytes, keys) == 0, "the row still says so"

    def goes(door) -> None:
        door.run(f'DELETE FROM "{table.name}"')
        listener.write(door, void)

    await till.core(goes)
    assert await till.core(store, ORGANIZATION.bytes, keys) == 1
    assert await seen(till, order_id) == KNOWN


async def test_an_order_without_contact_costs_no_statement(village: Village, till: Replica) -> None:
    async def statements(kind: OrderKind) -> list[str]:
        with till.counted() as run:
            async with till.work(CASHIER) as work:
                await open_order(work, work.ids.new(), kind)
        return [each for each in run if "sealed" in each or "contact" in each or "forgotten" in each]

    assert await statements(OrderKind.DELIVERY) == []
    with till.counted() as run:
        async with till.connection() as connection:
            assert await contact_of(connection, ORGANIZATION, till.ids.new()) is None
    assert len(run) == 1


async def test_a_plain_text_is_refused_and_not_repeated(till: Replica) -> None:
    order_id = await a_delivery(till)

    async def mistaken() -> None:
        async with till.work(CASHIER) as work:
            contact = await set_contact(work, order_id)
            contact.name = NAME  # type: ignore[assignment]  # the mistake

    with pytest.raises(TypeError) as refused:
        await mistaken()
    assert NAME not in f"{refused.value!r}{refused.value.__cause__!r}"
