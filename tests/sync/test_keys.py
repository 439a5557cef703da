"""Which keys a frame needs, and that folding anew forgets as folding did."""

from __future__ import annotations

from uuid import UUID, uuid4

import msgspec
import pytest
from restaurant import BRANCH, CASHIER, MANAGER, ORGANIZATION, TILL, Replica

from shared.kernel.records import Scope
from shared.kernel.sealed import SECRET_BYTES
from shared.orders.commands import open_order
from shared.orders.contacts import ContactView, contact_of, forget, set_contact
from shared.orders.records import OrderKind
from shared.records import metadata
from sync.anew import TableAnew
from sync.change import Change, Kind, encode
from sync.door import Door
from sync.feed import tell
from sync.keys import held, names_in, store
from sync.merged import MergedTables
from sync.messages import MAX_KEYS, BadMessage, Frame, Keys, SubjectKey, dump, load
from sync.tables import specs

SPECS = specs(metadata)
SEALED = b"k" * 16 + b"t" * 20


def frame_of(*bodies: bytes) -> Frame:
    return Frame(TILL.bytes, 1, Scope.BRANCH, BRANCH.bytes, 1, bytes(16), list(bodies))


def body(table: str, **fields: object) -> bytes:
    return encode(Change(1, 1, 1, True, 1, table, Kind.EDIT, uuid4().bytes, None, fields))


def test_an_edit_needs_the_key_that_its_text_names() -> None:
    assert names_in(SPECS, [frame_of(body("order_contacts", phone=SEALED, name=None))]) == {b"k" * 16}


def test_what_has_no_sealed_text_needs_no_key() -> None:
    harmless = [
        body("orders", notes="order_contacts"),
        body("order_contacts", phone=None),
        body("order_contacts", phone=7, name=b"short", unknown=SEALED),
        body("a_table_of_tomorrow", order_contacts=SEALED),
        b"order_contacts, but no change",
        msgspec.msgpack.encode(["order_contacts"] * 10),
    ]
    assert names_in(SPECS, [frame_of(*harmless)]) == set()


async def test_a_key_counts_only_for_the_person_that_its_name_was_made_with(till: Replica) -> None:
    """Whoever sends a known secret as somebody else's does not get it around a forgetting."""
    order_id = await a_delivery(till)
    (key,) = await till.core(held, ORGANIZATION.bytes, await names(till))
    async with till.work(MANAGER) as work:
        await forget(work, order_id)
    disguised = SubjectKey(key.scope_id, uuid4().bytes, key.secret)
    assert await till.core(store, ORGANIZATION.bytes, [disguised]) == 1
    assert await till.core(held, ORGANIZATION.bytes, await names(till)) == []


async def test_many_keys_of_one_message_are_stored_and_none_twice(till: Replica) -> None:
    keys = [SubjectKey(BRANCH.bytes, uuid4().bytes, bytes([at]) * SECRET_BYTES) for at in range(5)]
    assert await till.core(store, ORGANIZATION.bytes, [*keys, *keys]) == 10
    assert await till.core(store, ORGANIZATION.bytes, []) == 0


async def test_folding_anew_forgets_who_was_forgotten_and_spares_the_others(till: Replica) -> None:
    gone, spared = await a_delivery(till), await a_delivery(till)
    keys = await till.core(held, ORGANIZATION.bytes, await names(till))
    async with till.work(MANAGER) as work:
        await forget(work, gone)
    before = await till.digests()
    # The disk lost the row and what followed from it; the log still has it.
    async with till.connection() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        await raw.execute("DELETE FROM forgotten")
        await raw.execute("DELETE FROM sealed_subjects")
    assert await till.core(store, ORGANIZATION.bytes, keys) == 2
    for table in ("order_contacts", "forgotten"):
        await till.core(fold_anew, till, table)
    assert await seen(till, gone) == ContactView(forgotten=True)
    assert await seen(till, spared) == ContactView("Ana")
    assert await till.core(store, ORGANIZATION.bytes, keys) == 1
    assert await till.digests() == before


def fold_anew(door: Door, till: Replica, table: str) -> None:
    anew = TableAnew(table, BRANCH.bytes)
    merged = MergedTables(door, ORGANIZATION.bytes, SPECS)
    while not anew.is_done:
        tell(door, anew.step(merged), till.author.listeners)


async def a_delivery(till: Replica) -> UUID:
    order_id = till.ids.new()
    async with till.work(CASHIER) as work:
        await open_order(work, order_id, OrderKind.DELIVERY)
        await set_contact(work, order_id, "Ana")
    return order_id


async def names(till: Replica) -> set[bytes]:
    """The names of all keys that the log needs."""
    return names_in(SPECS, [frame_of(*[encode(change) for change in await till.log()])])


async def seen(till: Replica, order_id: UUID) -> ContactView | None:
    async with till.connection() as connection:
        return await contact_of(connection, ORGANIZATION, order_id)


@pytest.mark.parametrize(
    "keys",
    [
        [SubjectKey(BRANCH.bytes, bytes(16), bytes(SECRET_BYTES))] * (MAX_KEYS + 1),
        [SubjectKey(BRANCH.bytes, bytes(16), bytes(SECRET_BYTES - 1))],
        [SubjectKey(BRANCH.bytes, b"short", bytes(SECRET_BYTES))],
    ],
    ids=["too many", "a short secret", "no id"],
)
def test_keys_beyond_their_limits_are_no_message(keys: list[SubjectKey]) -> None:
    with pytest.raises(BadMessage):
        load(dump(Keys(keys)))


def test_no_log_line_shows_a_secret() -> None:
    assert "5a5a5a" not in repr(Keys([SubjectKey(BRANCH.bytes, bytes(16), b"Z" * SECRET_BYTES)]))
    assert "ZZZ" not in repr(Keys([SubjectKey(BRANCH.bytes, bytes(16), b"Z" * SECRET_BYTES)]))
