"""What must hold in a till's database after anything: reads the real store and says in words what does not.

Also the reader of what a till acknowledged, which is what the database is held against.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from restaurant import BRANCH, open_replica
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.drawers.records import OpeningResult
from shared.kernel.ids import derived_id
from shared.kernel.records import Scope
from shared.kitchen.records import KitchenEvent, KitchenTicket, TicketLine
from shared.orders.records import Order, OrderLine
from shared.payments.records import Payment, Receipt, ReceiptLine
from shared.records import metadata
from shared.truth.balances import CheckState, state_of
from shared.truth.records import check_balances
from sync.change import Kind, StreamKey, decode, link
from sync.declared import listeners_of
from sync.digest import read, recount
from sync.door import Door, through
from sync.folder import Folder
from sync.log import missing_frames, receive, stream_keys
from sync.merged import MergedTables
from sync.records import changes, parked, streams
from sync.tables import specs
from terminal.printing.documents import PaperKind
from terminal.printing.records import print_job
from terminal.store.counters import counters
from terminal.store.store import Store
from tests.faults.till_on_disk import IDENTITY, TillOnDisk

SAID_BY_ITSELF = {OpeningResult.__tablename__, KitchenEvent.__tablename__}
"""What the program writes without a step: what became of a pulse, and that the paper of a ticket came out."""


@dataclass
class Acknowledged:
    """Everything that a till said was done, over all of its lives."""

    steps: int = 0
    lives: int = 0
    """Each life may have committed one step more than it could say."""
    orders: set[UUID] = field(default_factory=set)
    lines: dict[UUID, UUID] = field(default_factory=dict)
    sent: set[UUID] = field(default_factory=set)
    """Lines that were added before their order was sent."""
    paid: dict[UUID, tuple[str, int]] = field(default_factory=dict)

    def hear(self, step: str, order: str, *more: Any) -> None:
        """One line of what a till says."""
        self.steps += 1
        order_id = UUID(order)
        if step == "opened":
            self.orders.add(order_id)
        elif step == "added":
            self.lines[UUID(more[0])] = order_id
        else:
            self.sent |= {line for line, of in self.lines.items() if of == order_id}
            if step == "paid":
                self.paid[order_id] = (more[0], more[1])


async def violations(till: TillOnDisk, said: Acknowledged, *, deep: bool = True) -> list[str]:
    """Open the till's database and say what is wrong with it; `deep` also folds the whole log anew."""
    async with till.store() as store, store.reading() as connection:
        found = await _log(connection, said)
        found += await _sales(connection, said)
        found += await _receipts(connection)
        found += await _print_jobs(connection)
        found += await _file(connection)
        if deep:
            found += await unlike_its_log(store)
    return found


async def _log(connection: AsyncConnection, said: Acknowledged) -> list[str]:
    found = []
    key = StreamKey(IDENTITY.device_id, 1, Scope.BRANCH, BRANCH)
    head = (await connection.execute(sa.select(streams).where(streams.c.id == key.id))).first()
    rows = await _all(connection, sa.select(changes).where(changes.c.stream_id == key.id).order_by(changes.c.seq))
    chain, transaction, born = key.genesis, 0, Counter[bytes]()
    ended, told = True, 0
    for at, row in enumerate(rows, start=1):
        change = decode(bytes(row.body))
        chain = link(chain, bytes(row.body))
        if (row.seq, change.seq) != (at, at):
            found.append(f"the log has {row.seq} where {at} belongs")
        if bytes(row.chain) != chain:
            found.append(f"the chain breaks at {at}")
        transaction += ended
        if change.transaction != transaction:
            found.append(f"change {at} is of transaction {change.transaction}, not {transaction}")
        ended = change.last
        born[change.row] += change.kind == Kind.CREATE
        told += change.last and change.table in SAID_BY_ITSELF
    if not ended:
        found.append("the last transaction has no end")
    found += [f"row {row.hex()} was created {count} times" for row, count in born.items() if count > 1]
    if head is None:
        return found if not said.steps else [*found, "there is no stream"]
    if (head.head_seq, bytes(head.head_chain), head.last_transaction) != (len(rows), chain, transaction):
        found.append(f"the head says {head.head_seq} of {len(rows)}")
    if not said.steps <= transaction - told <= said.steps + said.lives:
        found.append(f"{said.steps} steps were acknowledged in {said.lives} lives, {transaction - told} are in the log")
    return found


async def _sales(connection: AsyncConnection, said: Acknowledged) -> list[str]:
    orders = {row.id: row for row in await _all(connection, sa.select(Order.__table__))}
    lines = {row.id: row for row in await _all(connection, sa.select(OrderLine.__table__))}
    receipts = {row.order_id: row for row in await _all(connection, sa.select(Receipt.__table__))}
    told = Counter[UUID]()
    for row in await _all(connection, sa.select(TicketLine.__table__)):
        told[row.root_id] += row.told_milli
    found = [f"order {each} was opened and is not there" for each in said.orders - orders.keys()]
    for line, order in said.lines.items():
        if line not in lines or lines[line].order_id != order:
            found.append(f"line {line} was added and is not there")
        elif line in said.sent and line not in told:
            found.append(f"line {line} was sent and is not")
    for line_id, portions in told.items():
        ordered = lines[line_id].quantity_milli + lines[line_id].more_milli
        if portions != ordered:
            found.append(f"of line {line_id} the kitchen was told {portions}, not {ordered}")
    for order_id, (number, total) in said.paid.items():
        receipt = receipts.get(order_id)
        if receipt is None or (receipt.number, receipt.total_minor) != (number, total):
            found.append(f"order {order_id} was paid with receipt {number}, which is not there")
    return found


async def _receipts(connection: AsyncConnection) -> list[str]:
    """Receipts are gapless, and each has all of its rows."""
    found = []
    checks = {row.check_id: row for row in await _all(connection, sa.select(check_balances))}
    receipts = await _all(connection, sa.select(Receipt.__table__))
    lines, paid, ordered = Counter[UUID](), Counter[UUID](), Counter[UUID]()
    totals = Counter[UUID]()
    for row in await _all(connection, sa.select(ReceiptLine.__table__)):
        lines[row.receipt_id] += 1
        totals[row.receipt_id] += row.total_minor
    for row in await _all(connection, sa.select(Payment.__table__)):
        paid[row.check_id] += row.amount_minor
    for row in await _all(connection, sa.select(OrderLine.__table__)):
        ordered[row.order_id] += 1
    numbers = sorted(row.number for row in receipts)
    if numbers != [f"A-{at:08d}" for at in range(1, len(numbers) + 1)]:
        found.append(f"receipt numbers are not gapless: {numbers}")
    counted = await connection.scalar(sa.select(counters.c.value).where(counters.c.series == "receipt"))
    if (counted or 0) != len(numbers):
        found.append(f"the series stands at {counted} after {len(numbers)} receipts")
    if sum(paid.values()) != sum(row.total_minor + row.rounding_minor for row in receipts):
        found.append("payments and receipts differ")
    for row in receipts:
        whole = (
            row.check_id in checks
            and state_of(checks[row.check_id]) is CheckState.SETTLED
            and lines[row.id] == ordered[row.order_id]
            and totals[row.id] == row.total_minor
            and paid[row.check_id] == row.total_minor + row.rounding_minor
        )
        if not whole:
            found.append(f"receipt {row.number} is not whole")
    return found


async def _print_jobs(connection: AsyncConnection) -> list[str]:
    """One job for each receipt and each ticket, and no other."""
    jobs = Counter((row.kind, bytes(row.reference)) for row in await _all(connection, sa.select(print_job)))
    receipts = await _all(connection, sa.select(Receipt.__table__.c.id))
    tickets = await _all(connection, sa.select(KitchenTicket.__table__.c.id))
    wanted = Counter((str(PaperKind.RECEIPT), row.id.bytes) for row in receipts)
    wanted += Counter((str(PaperKind.KITCHEN), row.id.bytes) for row in tickets)
    wrong = (jobs - wanted) + (wanted - jobs)
    return [f"{kind} {reference.hex()} has {jobs[kind, reference]} print jobs" for kind, reference in wrong]


async def _file(connection: AsyncConnection) -> list[str]:
    said = await connection.scalar(sa.text("PRAGMA integrity_check"))
    torn = (await connection.execute(sa.text("PRAGMA cipher_integrity_check"))).all()
    loose = (await connection.execute(sa.text("PRAGMA foreign_key_check"))).all()
    found = [f"integrity_check says {said}"] if said != "ok" else []
    found += [f"cipher_integrity_check says {row[0]}" for row in torn]
    return found + [f"a reference of {row[0]} leads nowhere" for row in loose]


async def unlike_its_log(store: Store) -> list[str]:
    """Tables whose rows are not what a fold of the whole log from nothing makes of it."""
    organization, branch = store.identity.organization_id.bytes, store.identity.branch_id.bytes
    async with store.reading() as connection:
        here = await through(connection, digests, organization, branch)
        waiting = await connection.scalar(sa.select(sa.func.count()).select_from(parked))
    there = await digests_of_the_log(store)
    found = [
        f"{table} is not what its log says"
        for table in sorted(here.keys() | there.keys())
        if here.get(table) != there.get(table)
    ]
    return [*found, f"{waiting} transactions are parked"] if waiting else found


async def digests_of_the_log(store: Store) -> dict[str, int]:
    """What the rows are if the whole log that a store holds is folded from nothing."""
    organization, branch = store.identity.organization_id.bytes, store.identity.branch_id.bytes
    async with store.reading() as connection:
        keys = sorted(
            await through(connection, stream_keys, organization),
            key=lambda key: (key.scope is not Scope.ORGANIZATION, key.id),
        )
        frames, _more = await through(connection, missing_frames, organization, keys, {}, budget=10**9)
    tables = specs(metadata)
    folder = Folder(store.identity.organization_id, tables, None, listeners_of(store.identity.organization_id, tables))
    with tempfile.TemporaryDirectory() as path:
        fresh = open_replica(Path(path) / "fresh.db", derived_id("fresh"))
        try:
            async with fresh.connection() as connection:
                for frame in frames:
                    await through(connection, receive, organization, frame, 0)
                while await through(connection, folder.fold_next, 0):
                    pass
                return await through(connection, digests, organization, branch)
        finally:
            await fresh.close()


def digests(door: Door, organization: bytes, branch: bytes) -> dict[str, int]:
    """Of all tables of an organization and one branch, as the feed keeps them: the same as counted from the rows."""
    merged = MergedTables(door, organization, specs(metadata))
    found: dict[str, int] = {}
    for scope, scope_id in ((Scope.ORGANIZATION, organization), (Scope.BRANCH, branch)):
        kept = read(door, organization, scope_id)
        assert kept == recount(merged, scope, scope_id), "the digests are not those of the rows"
        found |= kept
    return found


async def _all(connection: AsyncConnection, query: sa.Select[Any]) -> Sequence[Any]:
    return (await connection.execute(query)).all()
