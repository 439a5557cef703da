"""Reading orders for screens: a fixed number of statements for any number of orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from shared.books.views import CheckView, LineView, OrderView
from shared.kernel.columns import Key
from shared.orders.records import Order, OrderLine
from shared.orders.rules import BillTotal, LinePrice, price_bill
from shared.payments.pricing import adjustments_of, discounts_left
from shared.payments.records import Check
from shared.taxes.rules import CategoryTaxes
from shared.truth.balances import NO_SUMS, CheckSums, credit_of, is_work, state_of
from shared.truth.cooking import Cooking
from shared.truth.family import LINES, RECEIPT_LINES, VOIDS, Family, compare
from shared.truth.portions import modifiers_of, said
from shared.truth.reading import Reader, RowsOfFamily, rows_of_families, sums_of_checks
from shared.truth.records import check_balances, is_busy


async def open_orders(reader: Reader, organization_id: UUID, branch_id: UUID, taxes: CategoryTaxes) -> list[OrderView]:
    """All orders of a branch about which something is to be done, oldest first.

    Args:
        taxes: the taxes of each category on the civil date in the branch: they price what is owed.
    """
    given = {"organization": organization_id, "branch": branch_id}
    found = await reader.execute(_statements().busy, given)
    return await _views(reader, organization_id, sorted(found.scalars()), taxes)


async def order_view(reader: Reader, organization_id: UUID, order_id: UUID, taxes: CategoryTaxes) -> OrderView | None:
    """One order, open or not."""
    views = await _views(reader, organization_id, [order_id], taxes)
    return views[0] if views else None


async def _views(reader: Reader, organization_id: UUID, ids: Sequence[UUID], taxes: CategoryTaxes) -> list[OrderView]:
    if not ids:
        return []
    statements, given = _statements(), {"organization": organization_id, "ids": list(ids)}
    rows = (await reader.execute(statements.orders, given)).all()
    checks_of: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for check in await reader.execute(statements.checks, given):
        checks_of[check.order_id].append(check.id)
    order_of = {check_id: order_id for order_id, found in checks_of.items() for check_id in found}
    roots = (await reader.execute(statements.roots, {**given, "checks": list(order_of)})).scalars()
    families = await rows_of_families(reader, organization_id, roots)
    sums = await sums_of_checks(reader, organization_id, order_of)
    discounts, service = await adjustments_of(reader, organization_id, order_of)
    found = _Families(families, taxes)
    bills = {
        check_id: price_bill(
            found.owed[check_id],
            discounts_left(discounts.get(check_id, ()), found.receipt_lines[check_id]),
            service.get(check_id),
        )
        for check_id in order_of
    }
    lines = found.lines(bills, order_of)
    return [
        _view(row, [_check_view(check_id, sums, bills) for check_id in checks_of[row.id]], lines[row.id], sums)
        for row in sorted(rows, key=lambda row: row.id)
        if checks_of[row.id]
    ]


class _Families:
    """Some families, compared, with what is owed of them by check."""

    def __init__(self, families: Mapping[UUID, RowsOfFamily], taxes: CategoryTaxes) -> None:
        self.owed: defaultdict[UUID, list[LinePrice]] = defaultdict(list)
        self.receipt_lines: defaultdict[UUID, list[Any]] = defaultdict(list)
        self._found: list[tuple[Family, RowsOfFamily]] = []
        for root, rows in families.items():
            family = compare(root, rows)
            self._found.append((family, rows))
            for line_id, part in family.parts.items():
                if part.owed:
                    of_line = taxes.get(rows[LINES][line_id].tax_category_id, ())
                    self.owed[part.check_id].append(LinePrice(line_id, part.owed, part.unit_minor, of_line))
            for row in rows[RECEIPT_LINES].values():
                self.receipt_lines[row.check_id].append(row)

    def lines(self, bills: Mapping[UUID, BillTotal], order_of: Mapping[UUID, UUID]) -> dict[UUID, list[LineView]]:
        """The lines by order: a line is shown with its check."""
        found: defaultdict[UUID, list[LineView]] = defaultdict(list)
        for family, rows in self._found:
            ordered_for = rows[LINES][family.root].order_id
            for line in _lines(family, rows, bills):
                found[order_of.get(line.check_id, ordered_for)].append(line)
        return found


def _check_view(check_id: UUID, sums: Mapping[UUID, CheckSums], bills: Mapping[UUID, BillTotal]) -> CheckView:
    of = sums.get(check_id, NO_SUMS)
    return CheckView(check_id, state_of(of), bills[check_id], credit_of(of), of.receipts)


def _view(
    row: Any, checks: Sequence[CheckView], lines: Iterable[LineView], sums: Mapping[UUID, CheckSums]
) -> OrderView:
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
        is_free=not any(is_work(sums.get(check.id, NO_SUMS)) for check in checks),
        lines=tuple(sorted(lines, key=lambda line: line.id)),
        checks=tuple(checks),
    )


def _lines(family: Family, rows: RowsOfFamily, bills: Mapping[UUID, BillTotal]) -> Iterable[LineView]:
    """The lines of a family; those that were removed before anybody heard of them are not shown.

    Where several parts are cooked alike, what is unsent belongs to the last of them, what is made to the first.
    """
    of = rows[LINES]
    left = {content: [each.to_send, _ready(each), each.served] for content, each in family.cooking.items()}
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


def _ready(cooking: Cooking) -> int:
    """Wanted portions that can be served: made ones, and told ones that no station makes."""
    return cooking.wanted - cooking.to_send - cooking.to_make


class _Statements(NamedTuple):
    busy: sa.Select[Any]
    orders: sa.Select[Any]
    checks: sa.Select[Any]
    roots: sa.Select[Any]


@cache
def _statements() -> _Statements:
    """Built once: building one takes longer than running it."""
    organization: sa.BindParameter[UUID] = sa.bindparam("organization")
    ids: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True, type_=Key())
    of_checks: sa.BindParameter[Any] = sa.bindparam("checks", expanding=True, type_=Key())
    orders, checks, lines, busy = Order.__table__, Check.__table__, OrderLine.__table__, check_balances.c
    same = sa.and_(checks.c.organization_id == busy.organization_id, checks.c.id == busy.check_id)
    return _Statements(
        busy=sa.select(checks.c.order_id)
        .join_from(check_balances, checks, same)
        .where(busy.organization_id == organization, busy.branch_id == sa.bindparam("branch"), is_busy(busy))
        .distinct(),
        orders=sa.select(orders).where(orders.c.organization_id == organization, orders.c.id.in_(ids)),
        checks=sa.select(checks.c.id, checks.c.order_id)
        .where(checks.c.organization_id == organization, checks.c.order_id.in_(ids))
        .order_by(checks.c.id),
        roots=sa.select(lines.c.root_id)
        .where(
            lines.c.organization_id == organization,
            sa.or_(lines.c.order_id.in_(ids), lines.c.check_id.in_(of_checks)),
        )
        .distinct(),
    )
