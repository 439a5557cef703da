"""Random logs for the tests of convergence: three devices, the cloud's verdicts, and what else may go wrong.

They create, edit and relate a few rows, so that they meet: several creations of one row, references that another
change overwrites, transactions that hold each other up, fields that an older writer does not name, tables that an older
program does not know, checks that two devices derive, days that are closed before all their receipts have come. Voids
cover one transaction or two.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from uuid import UUID

from replicas import BRANCH, CLOUD, ORGANIZATION, OTHER_BRANCH
from streams import (
    Row,
    Written,
    day_close,
    device,
    dining_table,
    edit,
    line,
    order,
    receipt,
    receipt_line,
    refund,
    space,
    tab,
    verdict,
)

from shared.kernel.ids import derived_id
from shared.kernel.records import Scope
from sync.change import StreamKey

TABLES = (
    "spaces",
    "dining_tables",
    "orders",
    "order_lines",
    "checks",
    "receipts",
    "receipt_lines",
    "refunds",
    "day_closes",
    "exceptions",
)
"""What the random logs write, parents first."""
OMITTED = frozenset({"position", "active", "seats", "guests", "more_milli", "table_name"})
"""Fields with a default, that an older writer does not name."""
ROWS = 3
CLOSING = 1_795_500_000_000_000
STAMPS = (1, 2, 3, 5, 5, 9)
"""Few, so that writes tie."""


def row_id(table: str, number: int) -> UUID:
    return derived_id("row", table, number)


def check(number: int, salt: int) -> Row:
    """A check, as each device derives it; salt: the order that a defect made it of."""
    values = {"branch_id": BRANCH.bytes, "order_id": row_id("orders", (number + salt) % ROWS).bytes}
    return "checks", 0, row_id("checks", number), values


def event(number: int, salt: int) -> Row:
    """An event of which each device counts by itself how often it happened."""
    values = {
        "branch_id": BRANCH.bytes,
        "kind": "clock_wrong",
        "happened_at": 0,
        "size": salt,
        "details": [{"a": salt}],
    }
    return "exceptions", 0, row_id("exceptions", number), values


@dataclass
class Maker:
    """Makes random changes."""

    random: Random

    def row(self) -> Row:
        table = self.random.choice(TABLES)
        made = self._created(table) if self.random.random() < 0.55 else self._edited(table)
        if self.random.random() < 0.3:
            name, kind, row, fields = made
            kept = {field: value for field, value in fields.items() if kind or field not in OMITTED}
            made = name, kind, row, kept
        return made

    def transaction(self) -> list[Row]:
        rows = [self.row() for _each in range(self.random.choice((1, 1, 2, 3)))]
        if self.random.random() < 0.03:
            rows.append(("wishes_of_a_newer_program", 0, UUID(int=1), {"x": 1}))
        if self.random.random() < 0.03:
            rows.append(space(UUID(int=2), name=5))
        return rows

    def basis(self) -> list[Row]:
        """Creations of most rows, parents first, so that what follows has something to hang on."""
        made = [self._created(table) for table in TABLES for _each in range(ROWS)]
        return [row for row in made if self.random.random() < 0.8]

    def held_up(self) -> tuple[list[Row], list[Row], list[Row]]:
        """Two transactions of which each needs a row that the other creates, and the one that lets them begin."""
        order_, line_ = self.random.randrange(ROWS), self.random.randrange(ROWS)
        key = [order(row_id("orders", order_), notes="key")]
        one = [line(row_id("order_lines", line_), row_id("orders", order_)), space(row_id("spaces", order_))]
        other = [order(row_id("orders", order_)), edit("order_lines", row_id("order_lines", line_), notes="held up")]
        return key, one, other

    def _some(self, table: str) -> UUID:
        return row_id(table, self.random.randrange(ROWS))

    def _created(self, table: str) -> Row:
        salt, number = self.random.randrange(3), self.random.randrange(ROWS)
        key = row_id(table, number)
        made: dict[str, Callable[[], Row]] = {
            "spaces": lambda: space(key, name="abc"[salt], position=salt, branch_id=self._branch().bytes),
            "dining_tables": lambda: dining_table(key, self._some("spaces"), name="abc"[salt], seats=salt),
            "orders": lambda: order(key, notes="abc"[salt], guests=salt, table_id=self._table()),
            "order_lines": lambda: line(key, self._some("orders"), notes="abc"[salt], modifiers=[{"n": bool(salt)}]),
            "checks": lambda: check(number, salt),
            "exceptions": lambda: event(number, salt),
            "receipts": lambda: self._receipt(key, salt, number),
            "receipt_lines": lambda: receipt_line(
                key, self._some("receipts"), self._some("order_lines"), 100 * salt, business_date=self._day()
            ),
            "refunds": lambda: refund(
                key, self._some("checks"), salt, number=self._number("A-R"), business_date=self._day()
            ),
            "day_closes": lambda: self._close(key),
        }
        return made[table]()

    def _edited(self, table: str) -> Row:
        salt, key = self.random.randrange(3), self._some(table)
        choices: dict[str, list[dict[str, object]]] = {
            "spaces": [{"name": "xyz"[salt]}, {"position": salt, "active": bool(salt)}],
            "dining_tables": [{"space_id": self._some("spaces").bytes}, {"seats": salt, "name": "xyz"[salt]}],
            "orders": [{"has_left": bool(salt)}, {"table_id": self._table()}, {"notes": "xyz"[salt]}],
            "order_lines": [
                {"modifiers": [{"b": 1, "a": salt}]},
                {"modifiers": [1]},
                {"more_milli": 1_000 * salt},
                {"quantity_milli": 500 * salt, "check_id": self._some("checks").bytes},
            ],
            "checks": [{"order_id": self._some("orders").bytes}],
            "exceptions": [{"size": 2 + salt}, {"amount_minor": 100 * salt}, {"details": [{"n": salt}]}],
            "receipts": [{"order_id": self._some("orders").bytes}],
            "receipt_lines": [{"total_minor": 1}],
            "refunds": [{"reason": "again"}],
            "day_closes": [{"last_numbers": []}],
        }
        return edit(table, key, **self.random.choice(choices[table]))

    def _receipt(self, key: UUID, salt: int, hour: int) -> Row:
        numbered = {"number": self._number(self.random.choice(("A-", "B-", "B2-"))), "business_date": self._day()}
        return receipt(key, self._some("checks"), self._some("orders"), 100 * salt, hour, **numbered)

    def _close(self, key: UUID) -> Row:
        numbers = (self._number("A-"), self._number("B-"), "A-R00000002")
        more = {"missed_numbers": [self._number("A-")], "closed_at": CLOSING + self.random.randrange(3)}
        return day_close(key, self._day(), *numbers, **more)

    def _number(self, series: str) -> str:
        return f"{series}{self.random.randint(1, 4):08}"

    def _day(self) -> str:
        return f"2026-11-{self.random.randint(21, 24)}"

    def _table(self) -> bytes | None:
        return self._some("dining_tables").bytes if self.random.random() < 0.5 else None

    def _branch(self) -> UUID:
        return OTHER_BRANCH if self.random.random() < 0.05 else BRANCH


def random_log(random: Random) -> tuple[list[Written], Written]:
    """The streams of the devices and of the founding, and the cloud's with its verdicts (perhaps none)."""
    maker = Maker(random)
    written = [device(f"random {number} {random.random()}") for number in range(3)]
    for stream in random.sample(written, 2):
        for row in maker.basis():
            stream.commit([row], random.choice(STAMPS))
    for stream in written:
        for _each in range(random.randint(1, 6)):
            stream.commit(maker.transaction(), random.choice(STAMPS))
    if random.random() < 0.4:
        for stream, rows in zip(random.sample(written, 3), maker.held_up(), strict=True):
            stream.commit(rows, random.choice(STAMPS))
    cloud = Written(StreamKey(CLOUD, 2, Scope.BRANCH, BRANCH))
    for _each in range(random.randint(0, 4)):
        cloud.commit([_verdict(random.choice(written), random) for _one in range(random.choice((1, 1, 2)))])
    return [founding(), tab(), *written], cloud


def founding() -> Written:
    """The organization's stream: its branches."""
    written = Written(StreamKey(CLOUD, 1, Scope.ORGANIZATION, ORGANIZATION))
    for branch_id in (BRANCH, OTHER_BRANCH):
        written.commit([("branches", 0, branch_id, {"name": "Centro", "zone": "America/Lima"})])
    return written


def _verdict(written: Written, random: Random) -> Row:
    """On one transaction, or on two that stand together in every log: ranges never overlap in part."""
    begins = [1, *(end + 1 for end in written.ends[:-1])]
    at = random.randrange(len(begins))
    pair = at // 4 * 4 if at % 4 < 2 else at
    first, last = begins[pair], written.ends[min(pair + (at % 4 < 2), len(begins) - 1)]
    stream_id = written.key.id
    return verdict(derived_id("verdict", stream_id, first, last), stream_id, first, last)


def arrivals(streams: Sequence[Written], random: Random) -> list[tuple[Written, int, int]]:
    """Pieces of whole transactions, each stream's in its order, the streams interleaved."""
    pieces = []
    for stream in streams:
        ends = [0, *(end for end in stream.ends[:-1] if random.random() < 0.6), stream.ends[-1]]
        pieces.append([(stream, begin, end) for begin, end in itertools.pairwise(ends)])
    turns = [index for index, some in enumerate(pieces) for _piece in some]
    random.shuffle(turns)
    waiting = [iter(some) for some in pieces]
    return [next(waiting[index]) for index in turns]
