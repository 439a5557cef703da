"""A device's backlog for benchmarks: real sales of a real till, repeated with new ids until there are enough."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from uuid import UUID

import msgspec
import sqlalchemy as sa

from shared.kernel.ids import derived_id
from shared.kernel.numbers import DIGITS, is_number, place_of, series_of
from shared.kernel.permissions import Actor
from shared.kitchen.records import TicketLine
from shared.kitchen.sending import send_order
from shared.menu.rules import MenuItem, default_modifiers
from shared.orders import commands as orders
from shared.orders.records import OrderKind
from shared.payments.commands import pay
from shared.payments.queries import MethodView
from shared.payments.records import Check
from shared.payments.rules import Tender
from sync.change import Change, decode, encode, link
from sync.records import changes, streams
from terminal.store.store import Store


async def sell(store: Store, actor: Actor, items: Sequence[MenuItem], method: MethodView) -> None:
    """One takeout sale as the till makes it: open, a line for each item, send, pay in cash."""
    order_id = store.ids.new()
    await store.run(actor, lambda work: orders.open_order(work, order_id, OrderKind.TAKEOUT))
    for item in items:
        line_id = store.ids.new()
        await store.run(
            actor,
            lambda work, i=item, k=line_id: orders.add_line(work, order_id, k, i.id, default_modifiers(i), 1_000),
        )
    await store.run(actor, lambda work: send_order(work, order_id))
    tender = Tender(method.id, method.name, method.kind, 100_000)
    await store.run(actor, lambda work: pay(work, orders.first_check_id(order_id), store.ids.new(), [tender]))


async def multiply(store: Store, wanted: int) -> int:
    """Append copies of the stream's sales, with ids and numbers of their own, until it holds at least `wanted` changes.

    Returns:
        How many changes the stream holds.
    """
    identity = store.identity
    key = store.author.branch_stream(identity.branch_id)
    # In one transaction: somebody may still be writing.
    async with store.transaction() as connection:
        bodies = await connection.scalars(
            sa.select(changes.c.body).where(changes.c.stream_id == key.id).order_by(changes.c.seq)
        )
        template = [decode(bytes(body)) for body in bodies]
        chain = bytes((await connection.scalars(sa.select(streams.c.head_chain).where(streams.c.id == key.id))).one())
        born = sorted({change.row for change in template if change.kind == 0})
        numbers = (number for change in template for number in filter(is_number, change.fields.values()))
        given = max(map(place_of, numbers), default=0)
        seq, transaction = template[-1].seq, template[-1].transaction
        base_transaction, rows = transaction, []
        for copy in itertools.count(1):
            if seq >= wanted:
                break
            fresh = {row: store.ids.new().bytes for row in born}
            fresh |= _derived(template, fresh)
            for change in template:
                seq += 1
                again = _again(change, fresh, seq, transaction + change.transaction, copy, given)
                body = encode(again)
                chain = link(chain, body)
                rows.append(
                    {
                        "organization_id": identity.organization_id,
                        "stream_id": key.id,
                        "seq": seq,
                        "row_id": UUID(bytes=again.row),
                        "body": body,
                        "chain": chain,
                        "stored_ms": 0,
                    }
                )
            transaction += base_transaction
        await connection.execute(changes.insert(), rows)
        await connection.execute(
            streams.update()
            .where(streams.c.id == key.id)
            .values(head_seq=seq, head_chain=chain, folded_seq=seq, last_transaction=transaction)
        )
        return seq


def _derived(template: Sequence[Change], fresh: dict[bytes, bytes]) -> dict[bytes, bytes]:
    """The ids that follow from other rows, of copies of these."""
    ids = {}
    for change in template:
        if change.kind == 0 and change.table == Check.__tablename__:
            ids[change.row] = orders.first_check_id(UUID(bytes=fresh[change.fields["order_id"]])).bytes
        elif change.kind == 0 and change.table == TicketLine.__tablename__:
            told = fresh[change.fields["root_id"]], change.fields["content_id"]
            ids[change.row] = derived_id("told", *(UUID(bytes=each) for each in told)).bytes
    return ids


def _again(change: Change, fresh: dict[bytes, bytes], seq: int, transaction: int, copy: int, given: int) -> Change:
    fields = dict(change.fields)
    for name, value in fields.items():
        if isinstance(value, bytes):
            fields[name] = fresh.get(value, value)
        elif is_number(value):
            fields[name] = f"{series_of(value)}{place_of(value) + copy * given:0{DIGITS}d}"
    return msgspec.structs.replace(
        change,
        seq=seq,
        transaction=transaction,
        row=fresh[change.row],
        fields=fields,
        stamp=change.stamp + (copy << 24),
    )
