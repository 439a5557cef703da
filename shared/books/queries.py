"""Reading orders for screens: a fixed number of statements for any number of orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.books.views import CheckView, LineView, OrderView
from shared.kernel.columns import Key
from shared.orders.records import Order, OrderLine
from shared.orders.rules import BillTotal, LinePrice, price_bill
from shared.payments.pricing import adjustments_of, discounts_left
from shared.payments.records import Check
from shared.taxes.rules import CategoryTaxes
from shared.truth.balances import NO_SUMS, CheckSums, credit_of, state_of
from shared.truth.family import LINES, RECEIPT_LINES, VOIDS, Family, compare
from shared.truth.portions import modifiers_of, said
from shared.truth.reading import Reader, RowsOfFamily, rows_of_families, sums_of_checks
from shared.truth.records import check_balances, is_busy


async def open_orders(reader: Reader, organization_id: UUID, branch_id: UUID, taxes: CategoryTaxes) -> list[OrderView]:
    """All orders of a branch about which something is to be done, oldest first.

    Args:
        taxes: the rates in force today, which price what is owed.
    """
    checks, busy = Check.__table__, check_balances.c
    found = await reader.execute(
        sa.select(checks.c.order_id)
        .join_from(
            check_balances,
            checks,
            sa.and_(checks.c.organization_id == busy.organization_id, checks.c.id == busy.check_id),
        )
        .where(busy.organization_id == organization_id, busy.branch_id == branch_id, is_busy(busy))
        .distinct()
    )
    return await _views(reader, organization_id, sorted(found.scalars()), taxes)


async def order_view(reader: Reader, organization_id: UUID, order_id: UUID, taxes: CategoryTaxes) -> OrderView | None:
    """One order, open or not."""
    views = await _views(reader, organization_id, [order_id], taxes)
    return views[0] if views else None


async def _views(reader: Reader, organization_id: UUID, ids: Sequence[UUID], taxes: CategoryTaxes) -> list[OrderView]:
    if not ids:
        return []
    orders, checks = Order.__table__, Check.__table__
    given = {"organization": organization_id, "ids": list(ids)}
    rows = (await reader.execute(_of(orders, orders.c.id), given)).all()
    checks_of: defaultdict[UUID, list[Any]] = defaultdict(list)
    for check in await reader.execute(_of(checks, checks.c.order_id).order_by(checks.c.id), given):
        checks_of[check.order_id].append(check)
    order_of_check = {check.id: order_id for order_id, found in checks_of.items() for check in found}
    roots = await _roots(reader, organization_id, ids, list(order_of_check))
    families = await rows_of_families(reader, organization_id, roots)
    sums = await sums_of_checks(reader, organization_id, order_of_check)
    discounts, service = await adjustments_of(reader, organization_id, order_of_check)
    parts = _Parts(families, taxes)
    bills = {
        check_id: price_bill(
            parts.owed[check_id],
            discounts_left(discounts.get(check_id, ()), parts.receipt_lines[check_id]),
            service.get(check_id),
        )
        for check_id in order_of_check
    }
    return [
        _view(row, checks_of[row.id], parts, bills, sums, order_of_check)
        for row in sorted(rows, key=lambda row: row.id)
        if checks_of[row.id]
    ]


class _Parts:
    """The lines of some families with what is owed of them, by check."""

    def __init__(self, families: Mapping[UUID, RowsOfFamily], taxes: CategoryTaxes) -> None:
        self.owed: defaultdict[UUID, list[LinePrice]] = defaultdict(list)
        self.receipt_lines: defaultdict[UUID, list[Any]] = defaultdict(list)
        self.found: list[tuple[Family, RowsOfFamily]] = []
        for root, rows in families.items():
            family = compare(root, rows)
            self.found.append((family, rows))
            for line_id, part in family.parts.items():
                if part.owed:
                    of_line = taxes.get(rows[LINES][line_id].tax_category_id, ())
                    self.owed[part.check_id].append(LinePrice(line_id, part.owed, part.unit_minor, of_line))
            for row in rows[RECEIPT_LINES].values():
                self.receipt_lines[row.check_id].append(row)


def _view(
    row: Any,
    checks: Sequence[Any],
    parts: _Parts,
    bills: Mapping[UUID, BillTotal],
    sums: Mapping[UUID, CheckSums],
    order_of_check: Mapping[UUID, UUID],
) -> OrderView:
    lines = [
        view
        for family, rows in parts.found
        for view in _lines(family, rows, bills)
        if order_of_check.get(view.check_id, rows[LINES][family.root].order_id) == row.id
    ]
    views = []
    for check in checks:
        of = sums.get(check.id, NO_SUMS)
        views.append(CheckView(check.id, state_of(of), bills[check.id], credit_of(of), of.receipts))
    of_checks = [sums.get(check.id, NO_SUMS) for check in checks]
    busy = any(credit_of(of) or of.owed_milli or of.spare_milli or of.to_send_milli for of in of_checks)
    return OrderView(
        id=row.id,
        number=row.number,
        kind=row.kind,
        table_id=row.table_id,
        table_name=row.table_name,
        guests=row.guests,
        notes=row.notes,
        currency=row.currency,
        server_name=row.server_name,
        opened_at=row.opened_at,
        has_left=row.has_left,
        is_free=not busy and (row.has_left or any(of.receipts for of in of_checks)),
        lines=tuple(sorted(lines, key=lambda line: line.id)),
        checks=tuple(views),
    )


def _lines(family: Family, rows: RowsOfFamily, bills: Mapping[UUID, BillTotal]) -> Iterable[LineView]:
    """The lines of a family; those that were removed before anybody heard of them are not shown.

    Where several parts are cooked alike, what is unsent belongs to the last of them, what is made to the first.
    """
    of = rows[LINES]
    left = {content: [each.to_send, each.good, each.served] for content, each in family.cooking.items()}
    voided: defaultdict[UUID, int] = defaultdict(int)
    for void in rows[VOIDS].values():
        voided[void.line_id] += 0 if void.lifted else void.quantity_milli
    to_send = {}
    for line_id in sorted(family.parts, reverse=True):
        part = family.parts[line_id]
        to_send[line_id] = min(part.live, left[part.content][0])
        left[part.content][0] -= to_send[line_id]
    for line_id in sorted(family.parts):
        part, line = family.parts[line_id], of[line_id]
        rest, told = left[part.content], part.live - to_send[line_id]
        made, served = min(told, rest[1]), min(told, rest[2])
        rest[1], rest[2] = rest[1] - made, rest[2] - served
        cooking = family.cooking[part.content]
        if not part.live and not voided[line_id] and not cooking.withdraw:
            continue
        bill = bills.get(part.check_id)
        total = bill.lines.get(line_id) if bill else None
        modifiers = modifiers_of(line_id, of)
        yield LineView(
            id=line_id,
            root_id=family.root,
            check_id=part.check_id,
            item_id=line.item_id,
            item_name=line.item_name,
            category_name=line.category_name,
            quantity_milli=part.live,
            owed_milli=part.owed,
            voided_milli=voided[line_id],
            to_send_milli=to_send[line_id],
            made_milli=made,
            served_milli=served,
            withdrawn_milli=sum(each.withdraw for each in family.cooking.values()) if line_id == family.root else 0,
            unit_minor=part.unit_minor,
            total_minor=total.gross_minor - total.discount_minor if total else 0,
            discount_minor=total.discount_minor if total else 0,
            modifiers=tuple((each["name"], each["price_delta_minor"]) for each in modifiers),
            modifier_ids=tuple(filter(None, map(_uuid, modifiers))),
            notes=said(line_id, of, "notes") or "",
            is_told=family.is_told,
        )


def _uuid(modifier: Mapping[str, Any]) -> UUID | None:
    """The id of a modifier, unless a hostile device wrote something else there."""
    try:
        return UUID(modifier["id"])
    except ValueError:
        return None


async def _roots(reader: Reader, organization_id: UUID, orders: Sequence[UUID], checks: Sequence[UUID]) -> list[UUID]:
    """The roots of what was ordered in some orders, and of what stands on their checks."""
    of = OrderLine.__table__.c
    found = await reader.execute(
        sa.select(of.root_id)
        .where(of.organization_id == organization_id, sa.or_(of.order_id.in_(orders), of.check_id.in_(checks)))
        .distinct()
    )
    return list(found.scalars())


def _of(table: Any, column: sa.ColumnElement[Any]) -> sa.Select[Any]:
    return sa.select(table).where(
        table.c.organization_id == sa.bindparam("organization"),
        column.in_(sa.bindparam("ids", expanding=True, type_=Key())),
    )
