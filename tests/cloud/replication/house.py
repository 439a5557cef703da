"""A restaurant with two branches at the cloud, and hands that write what honest tills write and what none would.

What a hand wrote reaches the cloud's log by `House.send`, and the merged tables by `House.fold`, that is, by the
server's own fold worker.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from branch_books import CASH, CASHIER, CHICHA, LOMO, METHODS, SPECS, Pen, Sale, add_branch, add_house, add_till, noon

from cloud.parts import Parts
from cloud.replication.dues import DueScope
from cloud.replication.fold_worker import FoldWorker
from shared.kernel.permissions import SYSTEM, Permission, Rights, Role
from shared.kernel.records import Scope
from shared.kernel.stamps import COUNTER_BITS
from shared.orders.records import OrderKind
from shared.sales.records import sales_by_hour, sales_by_item, takings_by_method
from shared.staff.commands import assignment_id
from shared.staff.records import Assignment, StaffMember
from shared.staff.role_commands import limit_role, say_rights
from shared.staff.rules import RoleKey
from sync.author import cloud_device
from sync.change import Change, Kind, Origin, decode, encode, link
from sync.digest import read, recount
from sync.door import Door, through
from sync.feed import Listener
from sync.merged import MergedTables
from sync.messages import Frame
from sync.records import Verdict, changes, parked, streams

TODAY = date(2026, 11, 23)
SUMS = (sales_by_hour, sales_by_item, takings_by_method)
OWN, OTHER = "Centro", "Playa"
Said = tuple[str, Kind, UUID, dict[str, Any]]
"""A change as a device says it: table, kind, row, wire values."""
Answer = tuple[int, int, str]
"""A verdict: first and last sequence number that are void, reason."""


def lunch(receipt_id: UUID | None = None, **given: Any) -> Sale:
    """An honest sale."""
    return Sale(noon(TODAY, 13), ((LOMO, 2_000), (CHICHA, 1_000)), receipt_id=receipt_id or uuid4(), **given)


def created(table: str, row_id: UUID, **values: Any) -> Said:
    """A creation with Python values, which says all that a till would say."""
    known = SPECS[table].fields
    return (
        table,
        Kind.CREATE,
        row_id,
        {name: each.wire.to_wire(values.get(name, each.default())) for name, each in known.items()},
    )


def edited(table: str, row_id: UUID, **values: Any) -> Said:
    """An edit with Python values."""
    known = SPECS[table].fields
    return table, Kind.EDIT, row_id, {name: known[name].wire.to_wire(value) for name, value in values.items()}


def order(row_id: UUID, branch_id: UUID, **given: Any) -> Said:
    """An order of one branch."""
    values = {"number": "A1", "kind": OrderKind.TAKEOUT, "currency": "PEN", "opened_at": noon(TODAY)}
    return created("orders", row_id, branch_id=branch_id, business_date=TODAY, **{**values, **given})


def check(row_id: UUID, order_id: UUID, branch_id: UUID, **given: Any) -> Said:
    """The check of an order."""
    return created("checks", row_id, branch_id=branch_id, order_id=order_id, **given)


def payment(check_id: UUID, branch_id: UUID, **given: Any) -> Said:
    """Ten soles in cash on a check."""
    name, kind = METHODS[CASH]
    how = {
        "method_id": CASH,
        "method_name": name,
        "kind": kind,
        "currency": "PEN",
        "taken_at": noon(TODAY),
        "number": "A-P00000001",
    }
    much = {"amount_minor": 1_000, "tendered_minor": 1_000, "business_date": TODAY, "local_hour": 12}
    return created("payments", uuid4(), branch_id=branch_id, check_id=check_id, **{**how, **much, **given})


def tip(check_id: UUID, branch_id: UUID, row_id: UUID, **given: Any) -> Said:
    """What a guest gave in cash beside a check."""
    name, kind = METHODS[CASH]
    how = {"method_id": CASH, "method_name": name, "kind": kind, "currency": "PEN", "taken_at": noon(TODAY)}
    when = {"business_date": TODAY, "local_hour": 12}
    return created("tips", row_id, branch_id=branch_id, check_id=check_id, **how, **when, **given)


def verdict_of(hand: Hand, first: int, last: int, row_id: UUID | None = None) -> Said:
    """A verdict that voids a range of a stream, as only the cloud may write it."""
    said = {"stream_id": hand.key.id, "first_seq": first, "last_seq": last}
    judged_at = datetime(2026, 11, 23, tzinfo=UTC)
    return created("sync_verdicts", row_id or uuid4(), branch_id=hand.branch_id, judged_at=judged_at, **said)


class Hand(Pen):
    """The pen of a device that can also be made to write what no honest device writes."""

    def say(
        self,
        *said: Said,
        actor: UUID | None = CASHIER,
        stamp: int | None = None,
        origin: UUID | None = None,
    ) -> tuple[int, int]:
        """Write these changes as one transaction; its first and last sequence number.

        Args:
            origin: the stream in which they say that they stood first.
        """
        first, self.transaction = self.seq + 1, self.transaction + 1
        for at, (table, kind, row_id, fields) in enumerate(said, start=1):
            self.seq += 1
            self.stamp += 1
            change = Change(
                self.seq,
                self.stamp if stamp is None else stamp,
                self.transaction,
                at == len(said),
                1,
                table,
                kind,
                row_id.bytes,
                actor.bytes if actor else None,
                fields,
                Origin(origin.bytes, at) if origin else None,
            )
            self._sent.bodies.append(encode(change))
        return first, self.seq

    def take(self) -> Frame:
        """What was written since the last time, unsigned, for a test that brings it to the cloud by itself."""
        frame = self.frame()
        self.chain = end_of(frame)
        self._sent = Frame(self.device_id.bytes, 1, Scope.BRANCH, self.branch_id.bytes, self.seq + 1, self.chain, [])
        return frame


def end_of(frame: Frame) -> bytes:
    """The chain value after a frame."""
    return reduce(link, frame.bodies, frame.previous)


@dataclass
class House:
    """A tenant with branches and a hand in each."""

    parts: Parts
    organization_id: UUID
    hands: dict[str, Hand] = field(default_factory=dict)

    @property
    def own(self) -> Hand:
        """The hand that the tests look at."""
        return self.hands[OWN]

    @property
    def other(self) -> Hand:
        """The hand of another branch."""
        return self.hands[OTHER]

    async def open(self, name: str, branch_id: UUID | None = None) -> Hand:
        """A branch (or another device of one that exists) with a hand."""
        async with self.parts.units.work(self.organization_id, SYSTEM) as work:
            branch_id = branch_id or add_branch(work, self.organization_id, name)
            if branch_id not in {hand.branch_id for hand in self.hands.values()}:
                work.add(self._assignment(CASHIER, branch_id))
            till = add_till(work, self.organization_id, branch_id, f"Caja {name}")
        self.hands[name] = Hand(self.organization_id, branch_id, till.device_id)
        return self.hands[name]

    async def hire(self, role: Role, staff_id: UUID | None = None, *branch_ids: UUID) -> UUID:
        """Take somebody on, as the cloud does it. Without a branch they work in the own one."""
        staff_id = staff_id or uuid4()
        async with self.parts.units.work(self.organization_id, SYSTEM) as work:
            work.add(StaffMember(organization_id=self.organization_id, id=staff_id, name=role.value, role=role))
            for branch_id in branch_ids or (self.own.branch_id,):
                work.add(self._assignment(staff_id, branch_id))
        return staff_id

    async def dismiss(self, staff_id: UUID) -> int:
        """Dismiss somebody; the clock's reading (milliseconds) of that moment."""
        async with self.parts.units.work(self.organization_id, SYSTEM) as work:
            (await work.get(StaffMember, staff_id)).active = False
        return self.parts.clock.milliseconds()

    async def limit(self, role: Role, permission: Permission, amount_minor: int) -> None:
        """Limit a right of a role. What the hands say from now on is later, as if they had heard of it."""
        async with self.parts.units.work(self.organization_id, SYSTEM) as work:
            await limit_role(work, role, permission, amount_minor)
        self.let_hear()

    def let_hear(self) -> None:
        """Move the clocks of all hands past what the cloud has written, as a pull does."""
        later = (self.parts.clock.milliseconds() + 1) << COUNTER_BITS
        for hand in self.hands.values():
            hand.stamp = max(hand.stamp, later)

    def _assignment(self, staff_id: UUID, branch_id: UUID) -> Assignment:
        key = assignment_id(staff_id, branch_id)
        return Assignment(organization_id=self.organization_id, id=key, staff_id=staff_id, branch_id=branch_id)

    async def promote(self, staff_id: UUID, role: Role, own_role_id: UUID | None = None) -> int:
        """Give somebody another role; the first stamp after that."""
        async with self.parts.units.work(self.organization_id, SYSTEM) as work:
            member = await work.get(StaffMember, staff_id)
            member.role, member.own_role_id = role, own_role_id
        return self.tick()

    async def say_rights(self, role: RoleKey, rights: Rights) -> int:
        """Say all that a role may do; the first stamp after that."""
        async with self.parts.units.work(self.organization_id, SYSTEM) as work:
            await say_rights(work, role, rights)
        return self.tick()

    def tick(self) -> int:
        """Let the cloud's clock go on by a moment; the first stamp that is later than all it has written."""
        self.parts.clock.advance(timedelta(milliseconds=10))
        return (self.parts.clock.milliseconds() - 5) << COUNTER_BITS

    async def send(self, *hands: Hand) -> None:
        """Bring what was written to the cloud's log; by default of all hands."""
        async with self.parts.database.write(self.organization_id) as session:
            for hand in hands or self.hands.values():
                if hand.frame().bodies:
                    await hand.send(session, self.parts.clock.milliseconds())
                    await through(await session.connection(), self._ask, hand.branch_id)

    def _ask(self, door: Door, branch_id: UUID) -> None:
        """Ask for the fold of what was stored, as the server does."""
        self.parts.units.dues.ask(door, DueScope(self.organization_id, branch_id))

    async def fold(self) -> None:
        """Send, and fold all that is stored."""
        await self.send()
        await self.parts.fold_worker.fold_all(self.organization_id)

    async def verdicts(self, hand: Hand) -> list[Answer]:
        """What the cloud says is void of a hand's stream, in the order of its parts."""
        table = Verdict.__table__
        query = sa.select(table.c.first_seq, table.c.last_seq, table.c.reason)
        rows = await self._all(query.where(table.c.stream_id == hand.key.id).order_by(table.c.first_seq))
        return [(row.first_seq, row.last_seq, row.reason) for row in rows]

    async def judged(self, hand: Hand) -> int:
        """How far the cloud has judged and folded a hand's stream."""
        rows = await self._all(sa.select(streams.c.folded_seq).where(streams.c.id == hand.key.id))
        return int(rows[0][0]) if rows else 0

    async def told(self, hand: Hand) -> list[Answer]:
        """The same as a device of the hand's branch learns it: from the cloud's stream in that branch, in its order."""
        query = (
            sa.select(changes.c.body)
            .join(streams, streams.c.id == changes.c.stream_id)
            .where(streams.c.device_id == cloud_device(self.organization_id), streams.c.scope_id == hand.branch_id)
            .order_by(changes.c.seq)
        )
        said = [decode(bytes(row.body)).fields for row in await self._all(query)]
        return [
            (each["first_seq"], each["last_seq"], each["reason"])
            for each in said
            if "first_seq" in each and each["stream_id"] == hand.key.id.bytes
        ]

    async def events(self) -> list[tuple[str, UUID | None, str, int]]:
        """What people are asked: kind, person, reason, size; without what stands in the place of voided changes."""
        rows = await self.rows("exceptions")
        asked = [(str(row.kind), row.person_id, row.reason, row.size) for row in rows if row.kind != "voided"]
        return sorted(asked, key=str)

    async def parked(self) -> list[tuple[int, int, str, dict[str, Any]]]:
        """What waits: first and last sequence number, reason, parameters."""
        columns = (parked.c.first_seq, parked.c.last_seq, parked.c.reason, parked.c.params)
        rows = await self._all(sa.select(*columns).order_by(parked.c.stream_id, parked.c.first_seq))
        return [(row.first_seq, row.last_seq, row.reason, row.params) for row in rows]

    async def rows(self, table: str) -> list[Any]:
        """All rows of a merged table."""
        return await self._all(sa.select(SPECS[table].table).order_by(SPECS[table].table.c.id))

    async def books(self) -> dict[str, list[Any]]:
        """All merged rows and all sums, except the verdicts and what stands in the place of what they void."""
        judged = ("sync_verdicts", "exceptions")
        tables = [spec.table for name, spec in SPECS.items() if name not in judged] + list(SUMS)
        async with self.parts.database.read(self.organization_id) as session:
            return {
                table.name: [tuple(row) for row in await session.execute(sa.select(table).order_by(*table.primary_key))]
                for table in tables
            }

    async def takings(self) -> int:
        """What the sum says that came in."""
        async with self.parts.database.read(self.organization_id) as session:
            return int(await session.scalar(sa.select(sa.func.sum(takings_by_method.c.amount_minor))) or 0)

    async def digests(self) -> dict[UUID, dict[str, int]]:
        """The digests of the organization and of each branch, as the feed keeps them: the same as counted anew."""

        def kept(door: Door, scope_id: UUID) -> dict[str, int]:
            merged = MergedTables(door, self.organization_id.bytes, SPECS)
            scope = Scope.ORGANIZATION if scope_id == self.organization_id else Scope.BRANCH
            found = read(door, self.organization_id.bytes, scope_id.bytes)
            assert found == recount(merged, scope, scope_id.bytes)
            return found

        scopes = {self.organization_id, *(hand.branch_id for hand in self.hands.values())}
        # Counting anew locks what it reads.
        through = self.parts.database.through
        return {scope_id: await through(self.organization_id, kept, scope_id) for scope_id in scopes}

    def fold_worker(self, *listeners: Listener) -> FoldWorker:
        """Another server's fold worker on the same database, with listeners behind those of the server."""
        parts = self.parts
        return FoldWorker(
            parts.database, parts.units, parts.clock, listeners=lambda author: (*author.listeners, *listeners)
        )

    async def _all(self, query: sa.Select[Any]) -> list[Any]:
        async with self.parts.database.read(self.organization_id) as session:
            return list(await session.execute(query))


async def open_house(parts: Parts, tenant: Any) -> House:
    """A tenant with the branches Centro and Playa, a cashier and ways to pay."""
    house = House(parts, tenant.organization_id)
    async with parts.units.work(house.organization_id, SYSTEM) as work:
        add_house(work, house.organization_id)
    await house.open(OWN, tenant.branch_id)
    await house.open(OTHER)
    return house
