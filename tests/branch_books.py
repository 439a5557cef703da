"""Sales as devices of a branch send them, for tests of what the cloud makes of them: real frames, real log, real fold.

A `Pen` writes one device's stream. What it wrote reaches the log by `send`, and the merged tables by a fold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.ids import derived_id
from shared.kernel.instants import business_date
from shared.kernel.permissions import Role
from shared.kernel.records import Scope
from shared.kernel.work import Work
from shared.orders.records import OrderKind
from shared.payments.records import PaymentMethod
from shared.payments.rules import TenderKind
from shared.records import metadata
from shared.staff.records import StaffMember
from shared.tenancy.records import Branch, Device, DeviceKind
from shared.truth.portions import content_id
from sync.author import cloud_device
from sync.change import Change, Kind, StreamKey, encode, link
from sync.door import through
from sync.log import receive
from sync.messages import Ack, Frame
from sync.tables import specs

SPECS = specs(metadata)
CASH, CARD, YAPE = (UUID(int=number) for number in (0xCA5, 0xCAD, 0x7A9E))
METHODS = {
    CASH: ("Efectivo", TenderKind.CASH),
    CARD: ("Tarjeta", TenderKind.CARD),
    YAPE: ("Yape", TenderKind.WALLET),
}
CASHIER = UUID(int=0xCA5B1E)


@dataclass(frozen=True)
class Dish:
    """What a line sells."""

    name: str
    category: str
    price_minor: int
    item_id: UUID = field(default_factory=uuid4)


LOMO = Dish("Lomo saltado", "Fondos", 3_800)
CEVICHE = Dish("Ceviche", "Entradas", 4_200)
CHICHA = Dish("Chicha morada", "Bebidas", 900)


@dataclass(frozen=True)
class Sale:
    """A receipt: dishes with quantities in thousandths, tenders, and the branch's clock at settlement."""

    at: datetime
    lines: tuple[tuple[Dish, int], ...]
    method_id: UUID = CASH
    method_name: str = ""
    currency: str = "PEN"
    zone: str = "America/Lima"
    cutoff_minutes: int = 240
    rounding_minor: int = 0
    discount_minor: int = 0
    local_hour: int | None = None
    receipt_id: UUID = field(default_factory=uuid4)

    @property
    def business_date(self) -> date:
        return business_date(self.at, self.zone, self.cutoff_minutes)

    @property
    def hour(self) -> int:
        return self.at.astimezone(ZoneInfo(self.zone)).hour if self.local_hour is None else self.local_hour

    def amounts(self) -> list[int]:
        """Of each line, after the discount (which the first line bears)."""
        gross = [dish.price_minor * quantity // 1_000 for dish, quantity in self.lines]
        return [gross[0] - self.discount_minor, *gross[1:]]

    @property
    def total_minor(self) -> int:
        return sum(self.amounts())


def noon(on: date, hour: int = 12, minute: int = 0, zone: str = "America/Lima") -> datetime:
    """An instant by the wall clock of a zone."""
    return datetime.combine(on, time(hour, minute), ZoneInfo(zone)).astimezone(UTC)


@dataclass
class Pen:
    """The writer of one stream: of a device, or (by `of_cloud`) of the cloud in a branch."""

    organization_id: UUID
    branch_id: UUID
    device_id: UUID = field(default_factory=uuid4)
    seq: int = 0
    transaction: int = 0
    stamp: int = 1_000_000

    def __post_init__(self) -> None:
        self.key = StreamKey(self.device_id, 1, Scope.BRANCH, self.branch_id)
        self.letter = f"A{self.device_id.int % 1_000_000}"
        self.chain = self.key.genesis
        self._sent = Frame(self.device_id.bytes, 1, Scope.BRANCH, self.branch_id.bytes, 1, self.chain, [])

    @classmethod
    def of_cloud(cls, organization_id: UUID, branch_id: UUID) -> Pen:
        return cls(organization_id, branch_id, cloud_device(organization_id))

    def sell(self, sale: Sale) -> tuple[int, int]:
        """Write a sale as one transaction; its first and last sequence number."""
        check_id = uuid5(sale.receipt_id, "check")
        amounts = sale.amounts()
        method_name, kind = METHODS[sale.method_id]
        sold = {"currency": sale.currency, "business_date": sale.business_date, "local_hour": sale.hour}
        return self.write(
            [
                ("orders", uuid5(sale.receipt_id, "order"), self._order(sale)),
                (
                    "checks",
                    check_id,
                    {"order_id": uuid5(sale.receipt_id, "order")},
                ),
                (
                    "payments",
                    uuid4(),
                    {
                        **sold,
                        "check_id": check_id,
                        "number": f"{self.letter}-P{self.seq:08d}",
                        "method_id": sale.method_id,
                        "method_name": sale.method_name or method_name,
                        "kind": kind,
                        "amount_minor": sale.total_minor + sale.rounding_minor,
                        "tendered_minor": sale.total_minor + sale.rounding_minor,
                        "taken_at": sale.at,
                    },
                ),
                ("receipts", sale.receipt_id, self.receipt(sale)),
                *(
                    row
                    for at, (dish, quantity) in enumerate(sale.lines)
                    for row in self._sold(sale, dish, quantity, amounts[at], at)
                ),
            ]
        )

    def derive(self, sale: Sale) -> tuple[int, int]:
        """Write the receipt of a sale that another transaction wrote already, perhaps with other content."""
        return self.write([("receipts", sale.receipt_id, self.receipt(sale))])

    def void(self, of: Pen, first: int, last: int) -> None:
        """As the cloud: say that a range of a device's stream never counted."""
        verdict = {
            "stream_id": of.key.id,
            "first_seq": first,
            "last_seq": last,
            "judged_at": datetime(2026, 11, 23, tzinfo=UTC),
        }
        self.write([("sync_verdicts", uuid4(), verdict)])

    def write(self, rows: Sequence[tuple[str, UUID, Mapping[str, Any]]]) -> tuple[int, int]:
        """Write new rows as one transaction; its first and last sequence number."""
        self.transaction += 1
        first = self.seq + 1
        for at, (table, row_id, values) in enumerate(rows):
            self.seq += 1
            self.stamp += 1
            fields = {}
            for name, known in SPECS[table].fields.items():
                value = {"branch_id": self.branch_id, **values}.get(name, known.default())
                fields[name] = known.wire.to_wire(value)
            change = Change(
                self.seq,
                self.stamp,
                self.transaction,
                at == len(rows) - 1,
                1,
                table,
                Kind.CREATE,
                row_id.bytes,
                CASHIER.bytes,
                fields,
            )
            self._sent.bodies.append(encode(change))
        return first, self.seq

    async def send(self, session: AsyncSession, now_ms: int) -> None:
        """Bring what was written since the last time into the cloud's log."""
        frame = self.frame()
        for body in frame.bodies:
            self.chain = link(self.chain, body)
        self._sent = Frame(self.device_id.bytes, 1, Scope.BRANCH, self.branch_id.bytes, self.seq + 1, self.chain, [])
        await push(session, self.organization_id, frame, now_ms)

    def frame(self) -> Frame:
        """What was written and not sent yet."""
        return self._sent

    def _order(self, sale: Sale) -> dict[str, Any]:
        return {
            "number": f"A{self.seq}",
            "kind": OrderKind.TAKEOUT,
            "currency": sale.currency,
            "opened_at": sale.at,
            "business_date": sale.business_date,
        }

    def receipt(self, sale: Sale) -> dict[str, Any]:
        """The values of a sale's receipt."""
        tax = sale.total_minor - sale.total_minor * 100 // 118
        return {
            "check_id": uuid5(sale.receipt_id, "check"),
            "order_id": uuid5(sale.receipt_id, "order"),
            "number": f"{self.letter}-{self.seq:08d}",
            "currency": sale.currency,
            "gross_minor": sale.total_minor + sale.discount_minor,
            "discount_minor": sale.discount_minor,
            "service_minor": 0,
            "net_minor": sale.total_minor - tax,
            "tax_minor": tax,
            "total_minor": sale.total_minor,
            "rounding_minor": sale.rounding_minor,
            "settled_at": sale.at,
            "business_date": sale.business_date,
            "local_hour": sale.hour,
        }

    def _sold(self, sale: Sale, dish: Dish, quantity: int, amount: int, at: int) -> list[tuple[str, UUID, Any]]:
        """A line, what the kitchen was told of it, and the line of the receipt."""
        line_id, check_id = uuid4(), uuid5(sale.receipt_id, "check")
        ordered = {
            "order_id": uuid5(sale.receipt_id, "order"),
            "root_id": line_id,
            "author": self.key.id,
            "check_id": check_id,
            "item_id": dish.item_id,
            "item_name": dish.name,
            "category_name": dish.category,
            "unit_price_minor": amount,
            "quantity_milli": quantity,
            "modifiers": [],
            "notes": "",
            "added_at": sale.at,
        }
        content = content_id(dish.item_id, (), "")
        told = {"root_id": line_id, "content_id": content, "item_name": dish.name, "told_milli": quantity}
        charged = {"check_id": check_id, "root_id": line_id, "order_line_id": line_id}
        return [
            ("order_lines", line_id, ordered),
            ("ticket_lines", derived_id("told", line_id, content), told),
            ("receipt_lines", uuid4(), {**self._line(sale, dish, quantity, amount, at), **charged}),
        ]

    def _line(self, sale: Sale, dish: Dish, quantity: int, amount: int, at: int) -> dict[str, Any]:
        discount = 0 if at else sale.discount_minor
        total_tax = sale.total_minor - sale.total_minor * 100 // 118
        others = [one - one * 100 // 118 for one in sale.amounts()[1:]]
        return {
            "receipt_id": sale.receipt_id,
            "item_id": dish.item_id,
            "item_name": dish.name,
            "category_name": dish.category,
            "quantity_milli": quantity,
            "unit": "",
            "unit_price_minor": amount,
            "gross_minor": amount + discount,
            "discount_minor": discount,
            "service_minor": 0,
            "tax_minor": others[at - 1] if at else total_tax - sum(others),
            "total_minor": amount,
            "currency": sale.currency,
            "business_date": sale.business_date,
            "local_hour": sale.hour,
        }


async def push(session: AsyncSession, organization_id: UUID, frame: Frame, now_ms: int) -> None:
    """Store a frame as the sync endpoint does; a replay changes nothing."""
    answer = await through(await session.connection(), receive, organization_id.bytes, frame, now_ms)
    assert isinstance(answer, Ack), answer


def add_house(work: Work, organization_id: UUID) -> None:
    """The cashier and the payment methods that sales refer to."""
    work.add(StaffMember(organization_id=organization_id, id=CASHIER, name="Rosa", role=Role.CASHIER))
    for position, (method_id, (name, kind)) in enumerate(METHODS.items()):
        work.add(PaymentMethod(organization_id=organization_id, id=method_id, name=name, kind=kind, position=position))


def add_branch(
    work: Work, organization_id: UUID, name: str, zone: str = "America/Lima", cutoff_minutes: int = 240
) -> UUID:
    """A branch; its id."""
    branch = Branch(organization_id=organization_id, id=uuid4(), name=name, zone=zone, cutoff_minutes=cutoff_minutes)
    work.add(branch)
    return branch.id


def add_till(work: Work, organization_id: UUID, branch_id: UUID, name: str, *, revoked: bool = False) -> Pen:
    """An enrolled till, with its pen."""
    pen = Pen(organization_id, branch_id)
    work.add(
        Device(
            organization_id=organization_id,
            id=pen.device_id,
            branch_id=branch_id,
            name=name,
            kind=DeviceKind.TILL,
            letter="A",
            revoked=revoked,
        )
    )
    return pen
