"""Hand-made logs for the tests of `sync/`: changes of whole transactions, with bodies, chains and frames.

Below, what a log may say of the restaurant's rows, and how it arrives at a replica.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from restaurant import BRANCH, CLOUD, Replica

from shared.floor.records import Space
from shared.kernel.ids import derived_id
from shared.kernel.records import Scope
from sync.change import Change, Origin, Position, StreamKey, encode, link
from sync.messages import Frame


@dataclass
class Written:
    """One stream as its author wrote it."""

    key: StreamKey
    bodies: list[bytes] = field(default_factory=list)
    chains: list[bytes] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, device_id: UUID, sizes: Sequence[int]) -> Written:
        """A stream of transactions of these sizes, about nothing in particular."""
        written = cls(StreamKey(device_id, 1, Scope.BRANCH, BRANCH))
        for size in sizes:
            written.commit([("things", 1, UUID(int=number), {"n": number}) for number in range(size)])
        return written

    @property
    def head(self) -> Position:
        return Position(len(self.bodies), self.chains[-1] if self.chains else self.key.genesis)

    def commit(
        self,
        rows: Sequence[tuple[str, int, UUID, dict[str, Any]]],
        stamp: int = 1,
        actor: UUID | None = None,
        origin: tuple[UUID, int] | None = None,
    ) -> tuple[int, int]:
        """Append one transaction of (table, kind, row, fields); its first and last sequence number.

        Args:
            origin: the stream and the position at which its first change stood before it was re-authored.
        """
        first = len(self.bodies) + 1
        for index, (table, kind, row, fields) in enumerate(rows, start=1):
            self.append(
                encode(
                    Change(
                        seq=len(self.bodies) + 1,
                        stamp=stamp,
                        transaction=len(self.ends) + 1,
                        last=index == len(rows),
                        epoch=1,
                        table=table,
                        kind=kind,
                        row=row.bytes,
                        actor=actor.bytes if actor else None,
                        fields=fields,
                        origin=Origin(origin[0].bytes, origin[1] + index - 1) if origin else None,
                    )
                )
            )
        self.ends.append(len(self.bodies))
        return first, len(self.bodies)

    def append(self, body: bytes) -> None:
        self.chains.append(link(self.chains[-1] if self.chains else self.key.genesis, body))
        self.bodies.append(body)

    def between(self, after: int, last: int) -> Frame:
        """The frame of everything after one position up to another."""
        return self.carrying(self.bodies[after:last], after)

    def carrying(self, bodies: list[bytes], after: int = 0) -> Frame:
        return Frame(
            self.key.device_id.bytes,
            self.key.incarnation,
            self.key.scope,
            self.key.scope_id.bytes,
            after + 1,
            self.chains[after - 1] if after else self.key.genesis,
            bodies,
        )

    def frame(self, after: int, limit: int) -> Frame | None:
        """Whole transactions after a position, at most `limit` changes if that is possible."""
        later = [end for end in self.ends if end > after]
        if not later:
            return None
        return self.between(after, max((end for end in later if end - after <= limit), default=later[0]))

    def rewritten(self, at: int) -> Written:
        """The same stream with another change at a position (counted from 0), and the same ones after it."""
        other = Written(self.key, ends=list(self.ends))
        for index, body in enumerate(self.bodies):
            other.append(body if index != at else body[:-1] + bytes([body[-1] ^ 1]))
        return other


CREATE, EDIT = 0, 1
TAB = derived_id("check", "tab")
Row = tuple[str, int, UUID, dict[str, Any]]


def space(row_id: UUID, **fields: Any) -> Row:
    return "spaces", CREATE, row_id, {"branch_id": BRANCH.bytes, "name": "s", "position": 0, "active": True, **fields}


def dining_table(row_id: UUID, in_space: UUID, **fields: Any) -> Row:
    values = {"branch_id": BRANCH.bytes, "space_id": in_space.bytes, "name": "t", "seats": 4, "position": 0}
    return "dining_tables", CREATE, row_id, {**values, "active": True, **fields}


def order(row_id: UUID, **fields: Any) -> Row:
    values = {"branch_id": BRANCH.bytes, "number": "A-1", "kind": "takeout", "table_name": "", "guests": 0, "notes": ""}
    more = {"currency": "PEN", "opened_at": 1_795_000_000_000_000, "server_name": "", "business_date": "2026-11-23"}
    return "orders", CREATE, row_id, {**values, **more, **fields}


def line(row_id: UUID, order_id: UUID, **fields: Any) -> Row:
    """A line that is its own root, on a check that is always there (`tab`)."""
    values = {"branch_id": BRANCH.bytes, "order_id": order_id.bytes, "item_id": order_id.bytes, "item_name": "Pan"}
    of = {"root_id": row_id.bytes, "author": BRANCH.bytes, "check_id": TAB.bytes}
    more = {"category_name": "", "unit": "", **of}
    rest = {"unit_price_minor": 100, "quantity_milli": 1_000, "modifiers": [], "notes": ""}
    return (
        "order_lines",
        CREATE,
        row_id,
        {**values, **more, **rest, "added_at": 1_795_000_000_000_000, **fields},
    )


def receipt(row_id: UUID, check_id: UUID, order_id: UUID, total_minor: int, hour: int, **fields: Any) -> Row:
    values = {"branch_id": BRANCH.bytes, "check_id": check_id.bytes, "order_id": order_id.bytes, "number": "A-00000001"}
    amounts = {"gross_minor": total_minor, "discount_minor": 0, "service_minor": 0, "tax_minor": 0}
    rest = {
        "net_minor": total_minor,
        "currency": "PEN",
        "settled_at": 1_795_000_000_000_000,
        "business_date": "2026-11-23",
        "local_hour": hour,
    }
    return "receipts", CREATE, row_id, {**values, **amounts, **rest, "total_minor": total_minor, **fields}


def receipt_line(row_id: UUID, receipt_id: UUID, line_id: UUID, total_minor: int, **fields: Any) -> Row:
    """A portion of a line that is its own root, on the check of its order."""
    values = {"branch_id": BRANCH.bytes, "receipt_id": receipt_id.bytes, "check_id": receipt_id.bytes}
    of = {"root_id": line_id.bytes, "order_line_id": line_id.bytes, "item_id": line_id.bytes, "item_name": "Pan"}
    amounts = {"unit_price_minor": 100, "gross_minor": total_minor, "discount_minor": 0, "tax_minor": 0}
    rest = {"quantity_milli": 1_000, "total_minor": total_minor, "currency": "PEN", "local_hour": 12}
    more = {"business_date": "2026-11-23"}
    return "receipt_lines", CREATE, row_id, {**values, **of, **amounts, **rest, **more, **fields}


def refund(row_id: UUID, check_id: UUID, rounding_minor: int, **fields: Any) -> Row:
    values = {"branch_id": BRANCH.bytes, "check_id": check_id.bytes, "number": "A-R00000001", "currency": "PEN"}
    amounts = {"paid_minor": 100, "rounding_minor": rounding_minor, "total_minor": 100}
    rest = {"refunded_at": 1_795_000_000_000_000, "business_date": "2026-11-23", "local_hour": 13}
    return "refunds", CREATE, row_id, {**values, **amounts, **rest, **fields}


def day_close(row_id: UUID, day: str, *last_numbers: str, **fields: Any) -> Row:
    values = {"branch_id": BRANCH.bytes, "business_date": day, "closed_at": 1_795_500_000_000_000}
    return "day_closes", CREATE, row_id, {**values, "last_numbers": list(last_numbers), **fields}


def edit(table: str, row_id: UUID, **fields: Any) -> Row:
    return table, EDIT, row_id, fields


def verdict(row_id: UUID, stream_id: UUID, first: int, last: int) -> Row:
    values = {"branch_id": BRANCH.bytes, "stream_id": stream_id.bytes, "first_seq": first, "last_seq": last}
    rest = {"reason": "WRONG", "params": {}, "judged_at": 1_795_000_000_000_000}
    return "sync_verdicts", CREATE, row_id, {**values, **rest}


def tab() -> Written:
    """A check that lines are on which say nothing else, and its order."""
    opened = derived_id("order", "tab")
    return device(
        "tab", [order(opened), ("checks", CREATE, TAB, {"branch_id": BRANCH.bytes, "order_id": opened.bytes})]
    )


# -- arrival ----------------------------------------------------------------------------------------------------------


def device(name: str, *transactions: Sequence[Row], stamp: int = 1) -> Written:
    written = Written.of(derived_id("device", name), [])
    for number, rows in enumerate(transactions):
        written.commit(rows, stamp + number)
    return written


def judging(*ranges: tuple[Written, int, int]) -> Written:
    """The cloud's stream with these verdicts."""
    cloud = Written(StreamKey(CLOUD, 2, Scope.BRANCH, BRANCH))
    for written, first, last in ranges:
        cloud.commit([verdict(derived_id("v", written.key.id, first), written.key.id, first, last)])
    return cloud


async def arrive(replica: Replica, *streams: Written) -> None:
    for written in streams:
        await replica.receive(written.between(0, len(written.bodies)))
        await replica.fold()


async def reasons(replica: Replica) -> list[tuple[int, int, str]]:
    return [(row.first_seq, row.last_seq, row.reason) for row in await replica.parked()]


async def space_names(replica: Replica) -> set[str]:
    return {row.name for row in await replica.rows(Space)} - {"Salón"}
