"""What screens show of orders: plain values, priced."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.columns import standing_below
from shared.orders.records import LineStatus, Order, OrderKind, OrderLine, OrderStatus
from shared.orders.rules import BillTotal, Discount, LinePrice, price_bill, unit_with_modifiers
from shared.payments.records import Check, CheckStatus, Payment
from shared.taxes.rules import CategoryTaxes

CHARGED = frozenset({LineStatus.OPEN, LineStatus.SENT, LineStatus.SERVED})


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of an order. `unit_minor` includes modifiers; `total_minor` is what is charged, its discounts taken off.

    Both are without a tax that is added to the bill.
    """

    id: UUID
    item_id: UUID
    item_name: str
    category_name: str
    quantity_milli: int
    unit_minor: int
    total_minor: int
    discount_minor: int
    modifiers: tuple[tuple[str, int], ...]
    modifier_ids: tuple[UUID, ...]
    notes: str
    status: LineStatus


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order with its lines and what it comes to."""

    id: UUID
    check_id: UUID
    number: str
    kind: OrderKind
    table_id: UUID | None
    table_name: str
    guests: int
    notes: str
    currency: str
    server_name: str
    opened_at: datetime
    status: OrderStatus
    settled: bool
    lines: tuple[LineView, ...]
    bill: BillTotal
    paid_minor: int

    @property
    def due_minor(self) -> int:
        """What is still to be paid, before cash rounding."""
        return 0 if self.settled else self.bill.total_minor - self.paid_minor

    @property
    def unsent(self) -> int:
        """How many lines wait to be sent."""
        return sum(line.status is LineStatus.OPEN for line in self.lines)

    @property
    def unserved(self) -> int:
        """How many lines were sent and are not on the table yet."""
        return sum(line.status is LineStatus.SENT for line in self.lines)

    @property
    def served(self) -> bool:
        """Whether all that is charged is on the table."""
        charged = [line.status for line in self.lines if line.status in CHARGED]
        return bool(charged) and set(charged) == {LineStatus.SERVED}


def line_price(line: Any, taxes: CategoryTaxes) -> LinePrice:
    """What pricing must know of an order line (record or row)."""
    return LinePrice(
        key=line.id,
        quantity_milli=line.quantity_milli,
        unit_minor=unit_minor(line),
        taxes=taxes.get(line.tax_category_id, ()),
    )


def unit_minor(line: Any) -> int:
    """The price of one of an order line (record or row), its modifiers included."""
    return unit_with_modifiers(line.unit_price_minor, [each["price_delta_minor"] for each in line.modifiers])


def discounts_of(check: Any, lines: Sequence[Any]) -> list[Discount]:
    """What was taken off a check and its lines (records or rows)."""
    of_lines = [Discount(line.id, line.discount_minor, lines=frozenset({line.id})) for line in lines]
    return [each for each in (*of_lines, Discount(check.id, check.discount_minor)) if each.amount_minor]


async def open_orders(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID, taxes: CategoryTaxes
) -> list[OrderView]:
    """All orders of a branch that are neither paid nor cancelled, oldest first; four statements.

    Args:
        taxes: those in force today, which the bills are priced with.
    """
    found = await reader.execute(_statements().open, {"organization": organization_id, "branch": branch_id})
    # Sorted here: asked to sort by id, SQLite reads every order of the tenant in that order instead of the open ones.
    return await _views(reader, organization_id, sorted(found, key=lambda row: row.id), taxes)


async def order_view(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, order_id: UUID, taxes: CategoryTaxes
) -> OrderView | None:
    """One order, whatever its status. `taxes` are those in force today."""
    found = await reader.execute(_statements().one, {"organization": organization_id, "order": order_id})
    views = await _views(reader, organization_id, found.all(), taxes)
    return views[0] if views else None


class _Statements(NamedTuple):
    open: sa.Select[*tuple[Any, ...]]
    one: sa.Select[*tuple[Any, ...]]
    lines: sa.Select[*tuple[Any, ...]]
    checks: sa.Select[*tuple[Any, ...]]
    paid: sa.Select[*tuple[Any, ...]]


@cache
def _statements() -> _Statements:
    """Built once: building one takes longer than running it."""
    orders, lines, checks, payments = (kind.__table__ for kind in (Order, OrderLine, Check, Payment))
    organization: sa.BindParameter[UUID] = sa.bindparam("organization")
    ids: sa.BindParameter[list[UUID]] = sa.bindparam("ids", expanding=True)
    one = sa.select(orders).where(orders.c.organization_id == organization)
    return _Statements(
        open=one.where(
            orders.c.branch_id == sa.bindparam("branch"), standing_below(orders.c.standing, OrderStatus.CANCELLED)
        ),
        one=one.where(orders.c.id == sa.bindparam("order")),
        lines=sa.select(lines)
        .where(lines.c.organization_id == organization, lines.c.order_id.in_(ids))
        .order_by(lines.c.order_id, lines.c.id),
        checks=sa.select(checks).where(checks.c.organization_id == organization, checks.c.order_id.in_(ids)),
        paid=sa.select(payments.c.check_id, sa.func.sum(payments.c.amount_minor))
        .where(payments.c.organization_id == organization, payments.c.check_id.in_(ids))
        .group_by(payments.c.check_id),
    )


async def _views(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, rows: Sequence[Any], taxes: CategoryTaxes
) -> list[OrderView]:
    if not rows:
        return []
    of_these = {"organization": organization_id, "ids": [row.id for row in rows]}
    of_order: dict[UUID, list[Any]] = defaultdict(list)
    for line in await reader.execute(_statements().lines, of_these):
        of_order[line.order_id].append(line)
    check_of = {row.order_id: row for row in await reader.execute(_statements().checks, of_these)}
    of_checks = {"organization": organization_id, "ids": [row.id for row in check_of.values()]}
    paid: dict[UUID, int] = {
        check_id: int(amount) for check_id, amount in await reader.execute(_statements().paid, of_checks)
    }
    return [_view(row, of_order[row.id], check_of[row.id], paid, taxes) for row in rows if row.id in check_of]


def _view(row: Any, lines: Sequence[Any], check: Any, paid: dict[UUID, int], taxes: CategoryTaxes) -> OrderView:
    charged = [line for line in lines if line.standing.status in CHARGED]
    bill = price_bill([line_price(line, taxes) for line in charged], discounts_of(check, charged))
    return OrderView(
        id=row.id,
        check_id=check.id,
        number=row.number,
        kind=row.kind,
        table_id=row.table_id,
        table_name=row.table_name,
        guests=row.guests,
        notes=row.notes,
        currency=row.currency,
        server_name=row.server_name,
        opened_at=row.opened_at,
        status=row.standing.status,
        settled=check.standing.status is CheckStatus.SETTLED,
        lines=tuple(_line(line, bill) for line in lines),
        bill=bill,
        paid_minor=paid.get(check.id, 0),
    )


def _line(line: Any, bill: BillTotal) -> LineView:
    total = bill.lines.get(line.id)
    return LineView(
        id=line.id,
        item_id=line.item_id,
        item_name=line.item_name,
        category_name=line.category_name,
        quantity_milli=line.quantity_milli,
        unit_minor=unit_minor(line),
        total_minor=total.gross_minor - total.discount_minor if total else 0,
        discount_minor=total.discount_minor if total else 0,
        modifiers=tuple((each["name"], each["price_delta_minor"]) for each in line.modifiers),
        modifier_ids=tuple(UUID(each["id"]) for each in line.modifiers),
        notes=line.notes,
        status=line.standing.status,
    )
