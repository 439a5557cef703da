"""Changes that no program of this version writes: what a newer version, or a damaged one, might leave in a log.

They are written into a device's own stream as they would arrive, with a right chain, and folded there like everywhere
else. Each replica must set aside what it does not know, park what it cannot read, and go on. Beside them what every
program reads and none may count: a row of another branch, another row under a known id, a row that breaks its own rule,
a dish that a till puts on the menu. And a good one that no device of this version writes: a derived row once more.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.columns import (
    Choice,
    Day,
    Flag,
    Hour,
    Instant,
    Key,
    Listed,
    Number,
    Whole,
    Wired,
    Words,
)
from shared.kernel.errors import DomainError
from shared.kernel.records import Scope
from shared.kernel.sealed import Sealed
from shared.kernel.totals import NewestKey, OnceTrue, Tally, Total
from shared.menu.records import Item
from shared.orders.commands import add_line, first_check_id
from shared.orders.records import Order
from shared.payments.records import Check
from shared.records import metadata
from sync.change import Change, Kind, Position, StreamKey, decode, encode, link
from sync.door import through
from sync.folder import Folder
from sync.records import Verdict, changes, streams
from sync.tables import FieldSpec, TableSpec, specs
from terminal.store.errors import StoreError
from tests.simulation.conditions import is_of_the_disk
from tests.simulation.device import SimulatedDevice
from tests.simulation.house import CASHIER, COOK, MANAGER, actor
from tests.simulation.places import BRANCH, ORGANIZATION, OTHER_BRANCH

FUTURE_TABLE = "rows_of_tomorrow"
EPOCH_OF_NOBODY = 99
"""The epoch of all that is written here."""
MARK = "\u2620"
"""Stands in every bad change, so that the books know it again."""
WRONG: tuple[Any, ...] = (True, 7, -7, 2.5, MARK, b"x", b"y" * 16, b"z" * 17, [MARK], {MARK: 1}, (1 << 63) - 1)
TAKES: dict[type[Wired], tuple[type, ...]] = {
    Key: (bytes,),
    Instant: (int,),
    Day: (str,),
    Words: (str,),
    Whole: (int,),
    Hour: (int,),
    Number: (str,),
    Flag: (bool,),
    Listed: (list, dict),
    Choice: (str,),
    Total: (int,),
    Tally: (int,),
    OnceTrue: (bool,),
    NewestKey: (bytes,),
    Sealed: (bytes,),
}
"""What a column's wire values are made of; everything else in it is wrong, whatever the column itself says."""

FUZZED = 0.6
"""Of all poison: there are some hundred fields, and each may be wrong in ten ways."""
SPECS = specs(metadata)
assert FUTURE_TABLE not in SPECS, "no program of this version knows it"
_HOSTILE_ORDER = """
    SELECT o.id, c.id FROM orders o JOIN checks c ON c.order_id = o.id WHERE o.guests < 0 ORDER BY o.id DESC LIMIT 1
"""
_BREAD = "SELECT id FROM items WHERE code = 'pan'"
_LAST_OF_STREAMS = """
    SELECT s.id, s.head_seq FROM sync_streams s WHERE s.head_seq > 0 AND s.scope = 'branch' ORDER BY s.id
"""

Draft = tuple[str, Kind, UUID, dict[str, Any]]
Drafted = Callable[[AsyncConnection, SimulatedDevice, random.Random], Awaitable[list[Draft]]]


async def write_poison(device: SimulatedDevice, rnd: random.Random) -> None:
    """Append one bad transaction to the device's own stream."""
    await _append(device, rnd, _drafts)


async def derive_again(device: SimulatedDevice, rnd: random.Random) -> None:
    """Append the creation of a check that exists, as by a program that derives it once more from the same order."""
    await _append(device, rnd, _derived)


async def write_hostile(device: SimulatedDevice, rnd: random.Random) -> None:
    """Append a well-formed change that no honest program writes, as the owner of a stolen device would."""
    await _append(device, rnd, _hostile)
    await _serve(device)


async def _serve(device: SimulatedDevice) -> None:
    """Somebody honest takes an order at what the hostile change made, before the cloud has judged it."""
    order, item = device.eye.execute(_HOSTILE_ORDER).fetchone(), device.eye.execute(_BREAD).fetchone()
    if order is None or item is None:
        return
    order_id, check_id, item_id = (UUID(bytes=key) for key in (*order, *item))
    try:
        await device.store.run(
            actor(MANAGER),
            lambda work: add_line(work, order_id, work.ids.new(), item_id, [], check_id=check_id),
        )
    except DomainError as error:
        if isinstance(error, StoreError) and not is_of_the_disk(error):
            raise


async def _append(device: SimulatedDevice, rnd: random.Random, drafted: Drafted) -> None:
    organization = ORGANIZATION

    async def write(connection: AsyncConnection) -> None:
        key = _stream(device)
        row = (
            await connection.execute(
                sa.select(streams).where(streams.c.organization_id == organization, streams.c.id == key.id)
            )
        ).first()
        if row is None or row.folded_seq != row.head_seq:
            return
        drafts = await drafted(connection, device, rnd)
        if not drafts:
            return
        actor = rnd.choice((CASHIER, COOK, MANAGER)).bytes
        head = Position(row.head_seq, bytes(row.head_chain))
        for index, (table, kind, row_id, fields) in enumerate(drafts, start=1):
            change = Change(
                seq=head.seq + 1,
                stamp=row.last_stamp + 1,
                transaction=row.last_transaction + 1,
                last=index == len(drafts),
                epoch=EPOCH_OF_NOBODY,
                table=table,
                kind=int(kind),
                row=row_id.bytes,
                actor=actor,
                fields=fields,
            )
            body = encode(change)
            head = Position(change.seq, link(head.chain, body))
            values = {"organization_id": organization, "stream_id": key.id, "row_id": row_id, "stored_ms": 0}
            await connection.execute(changes.insert(), {**values, "seq": head.seq, "body": body, "chain": head.chain})
        await connection.execute(
            streams.update()
            .where(streams.c.organization_id == organization, streams.c.id == key.id)
            .values(
                head_seq=head.seq,
                head_chain=head.chain,
                last_transaction=row.last_transaction + 1,
                last_stamp=row.last_stamp + 1,
            )
        )
        folder = Folder(organization, specs(device.records), None, device.store.author.listeners)
        while await through(connection, folder.fold_next, device.clock.milliseconds()):
            pass

    try:
        await device.store.write(write)
    except StoreError as error:
        if not is_of_the_disk(error):
            raise


def _stream(device: SimulatedDevice) -> StreamKey:
    return StreamKey(device.enrolment.device_id, 1, Scope.BRANCH, device.enrolment.branch_id)


async def _derived(connection: AsyncConnection, _device: SimulatedDevice, rnd: random.Random) -> list[Draft]:
    # As the log created it: a program derives an open check, never one that was paid since.
    spec = SPECS[Check.__tablename__]
    newest = sa.select(spec.table.c.id).order_by(spec.table.c.id.desc()).limit(4)
    rows = (await connection.execute(newest)).scalars().all()
    if not rows:
        return []
    row: UUID = rnd.choice(rows)
    told = await connection.execute(sa.select(changes.c.body).where(changes.c.row_id == row))
    created = [change.fields for change in map(decode, told.scalars()) if change.kind == Kind.CREATE]
    return [(spec.name, Kind.CREATE, row, created[0])] if created else []


async def _hostile(connection: AsyncConnection, device: SimulatedDevice, rnd: random.Random) -> list[Draft]:
    spec, dish = SPECS[Order.__tablename__], SPECS[Item.__tablename__]
    # Not one that was made here: once it is void its id is free again, and a row of that id may be a good one.
    honest = sa.select(spec.table).where(spec.table.c.server_name != MARK)
    order = (await connection.execute(honest.order_by(spec.table.c.id.desc()).limit(1))).first()
    item = (await connection.execute(sa.select(dish.table).limit(1))).first()
    if order is None or item is None:
        return []
    if rnd.random() < 0.2:
        return await _forged_verdict(connection, device, rnd)
    new, marked = device.store.ids.new(), _wire(spec, order) | {"server_name": MARK}
    abroad = OTHER_BRANCH if device.enrolment.branch_id == BRANCH else BRANCH
    check = {"branch_id": device.enrolment.branch_id.bytes, "order_id": new.bytes}
    return rnd.choice(
        (
            [(spec.name, Kind.CREATE, new, marked | {"branch_id": abroad.bytes})],
            [(spec.name, Kind.CREATE, order.id, marked | {"number": "Z-9999"})],
            [(spec.name, Kind.EDIT, order.id, {"remark": MARK, "guests": -1})],
            # An order that people see until it is void, and do something to.
            [
                (spec.name, Kind.CREATE, new, marked | {"guests": -1, "has_left": False}),
                (Check.__tablename__, Kind.CREATE, first_check_id(new), check),
            ],
            [(dish.name, Kind.CREATE, new, _wire(dish, item) | {"code": MARK})],
            [(dish.name, Kind.EDIT, item.id, {"code": MARK, "price_minor": 1})],
        )
    )


async def _forged_verdict(connection: AsyncConnection, device: SimulatedDevice, rnd: random.Random) -> list[Draft]:
    """The word that the newest transaction of some stream is void, by a device that is not the cloud."""
    stream, head = rnd.choice((await connection.execute(sa.text(_LAST_OF_STREAMS))).all())
    told = sa.select(changes.c.seq, changes.c.body).where(changes.c.stream_id == UUID(bytes=stream))
    found = {row.seq: decode(row.body) for row in await connection.execute(told)}
    first = min(seq for seq, change in found.items() if change.transaction == found[head].transaction)
    fields = {
        "branch_id": device.enrolment.branch_id.bytes,
        "stream_id": stream,
        "first_seq": first,
        "last_seq": head,
        "reason": MARK,
        "params": {},
        "judged_at": 0,
    }
    return [(Verdict.__tablename__, Kind.CREATE, device.store.ids.new(), fields)]


async def _drafts(connection: AsyncConnection, device: SimulatedDevice, rnd: random.Random) -> list[Draft]:
    line = (await connection.execute(sa.text("SELECT id FROM order_lines ORDER BY id DESC LIMIT 1"))).first()
    future: Draft = (FUTURE_TABLE, Kind.CREATE, device.store.ids.new(), {"guests": 4, "name": MARK})
    if line is None:
        return [future]
    line_id = UUID(bytes=bytes(line[0]))
    if rnd.random() < FUZZED:
        return [await _mistyped(connection, device, rnd)]
    bad: Draft = ("order_lines", Kind.EDIT, line_id, {"notes": MARK * 300})
    newer: Draft = ("order_lines", Kind.EDIT, line_id, {"notes": "de otra versión", "colour": 5})
    where = {"branch_id": device.enrolment.branch_id.bytes, "stream_id": _stream(device).id.bytes}
    judged = {"reason": MARK, "params": {}, "judged_at": 0}
    forged = {**where, "first_seq": 1, "last_seq": 1, **judged}
    return rnd.choice(
        (
            [future],
            [future, newer],
            [newer, future],
            [bad, future],
            [("order_lines", Kind.EDIT, line_id, {"quantity_milli": MARK, "more_milli": 9_000})],
            [("order_lines", Kind.EDIT, line_id, {"more_milli": -1, "notes": MARK})],
            [(FUTURE_TABLE, Kind.EDIT, device.store.ids.new(), {"name": MARK}), bad],
            [(Verdict.__tablename__, Kind.CREATE, device.store.ids.new(), forged)],
        )
    )


async def _mistyped(connection: AsyncConnection, device: SimulatedDevice, rnd: random.Random) -> Draft:
    """A row of the branch once more, or an edit of it, with a value of another type in one field (keys included)."""
    written = [spec for spec in SPECS.values() if spec.scope is Scope.BRANCH]
    spec, row = rnd.choice(written), None
    for spec in rnd.sample(written, len(written)):
        row = (await connection.execute(sa.select(spec.table).order_by(spec.table.c.id.desc()).limit(1))).first()
        if row is not None:
            break
    assert row is not None, "there is an order line at least"
    name = rnd.choice(sorted(spec.fields))
    bad = {name: _wrong(spec.fields[name], rnd), "poison": MARK}
    if rnd.random() < 0.5:
        return spec.name, Kind.EDIT, row.id, bad
    return spec.name, Kind.CREATE, device.store.ids.new(), _wire(spec, row) | bad


def _wrong(field: FieldSpec, rnd: random.Random) -> Any:
    takes = TAKES[type(field.wire)]
    wrong = [value for value in WRONG if type(value) not in takes]
    return rnd.choice(wrong if field.nullable else [*wrong, None])


def _wire(spec: TableSpec, row: Any) -> dict[str, Any]:
    return {name: known.wire.to_wire(getattr(row, name)) for name, known in spec.fields.items()}
