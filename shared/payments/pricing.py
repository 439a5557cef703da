"""What a check owes: the portions that no receipt covers, priced with its discounts, service charge and taxes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.columns import Key
from shared.kernel.work import Work
from shared.orders.rules import BillTotal, Discount, LinePrice, ServiceCharge, price_bill
from shared.payments import records
from shared.payments.records import Payment, Receipt, Refund
from shared.taxes.queries import rates_in_force
from shared.truth.family import LINES, RECEIPT_LINES, Family, compare
from shared.truth.reading import Reader, RowsOfFamily, roots_of_check, rows_of_families


@dataclass(frozen=True, slots=True)
class Due:
    """What a check owes.

    Attributes:
        parts: the owed portions by line, priced one by one.
        lines: the rows of these lines.
        bill: what they come to together.
        credit_minor: what came in for the check and no receipt counts.
        to_send_milli: portions of these families that the kitchen does not know of.
        families: all families of the check.
        rows: their rows.
    """

    parts: dict[UUID, LinePrice]
    lines: dict[UUID, Any]
    bill: BillTotal
    credit_minor: int
    to_send_milli: int
    families: dict[UUID, Family]
    rows: dict[UUID, RowsOfFamily]


async def due_of_check(work: Work, check_id: UUID, share: int = 1) -> Due:
    """What a check owes, or one of `share` equal parts of it, as it stands in this unit of work."""
    rows_of = await rows_of_families(work.session, work.organization_id, await roots_of_check(work, check_id))
    found = {root: compare(root, rows) for root, rows in rows_of.items()}
    taxes = await rates_in_force(work.session, work.organization_id, work.local_date)
    parts, lines, to_send = {}, {}, 0
    for root, family in found.items():
        for line_id, part in family.parts.items():
            if part.check_id != check_id or not part.owed or part.owed < share:
                continue
            line = lines[line_id] = rows_of[root][LINES][line_id]
            of_line = taxes.get(line.tax_category_id, ())
            parts[line_id] = LinePrice(line_id, part.owed // share, part.unit_minor, of_line)
            to_send += family.to_send
    receipt_lines = [row for rows in rows_of.values() for row in rows[RECEIPT_LINES].values()]
    discounts, service = await adjustments_of(
        work.session, work.organization_id, [check_id], dict.fromkeys(parts, check_id)
    )
    bill = price_bill(
        list(parts.values()), discounts_left(discounts.get(check_id, ()), receipt_lines, share), service.get(check_id)
    )
    counted = sum(
        covered.counted_minor
        for root, family in found.items()
        for row_id, covered in family.covered.items()
        if rows_of[root][RECEIPT_LINES][row_id].check_id == check_id
    )
    credit = await _came_in(work, check_id) - counted
    return Due(parts, lines, bill, credit, to_send, found, rows_of)


async def adjustments_of(
    reader: Reader, organization_id: UUID, checks: Iterable[UUID], lines: Mapping[UUID, UUID]
) -> tuple[dict[UUID, list[Any]], dict[UUID, ServiceCharge]]:
    """The discounts of some checks that were not lifted, and their service charges; two statements.

    Args:
        lines: the check on which each of their lines is now. The discount of a line follows it to another check.
    """
    given = {"organization": organization_id, "ids": sorted(checks)}
    discounts: dict[UUID, list[Any]] = {}
    service: dict[UUID, ServiceCharge] = {}
    for row in await reader.execute(_discounts(), {**given, "lines": sorted(lines)}):
        discounts.setdefault(lines.get(row.line_id, row.check_id), []).append(row)
    for row in await reader.execute(_service_charges(), given):
        if row.check_id not in service or service[row.check_id].rate_millionths < row.rate_millionths:
            service[row.check_id] = ServiceCharge(row.rate_millionths)
    return discounts, service


@cache
def _discounts() -> sa.Select[Any]:
    """Those of some checks and lines. Built once: building it takes longer than running it."""
    of = records.Discount.__table__.c
    among = sa.or_(of.check_id.in_(_listed("ids")), of.line_id.in_(_listed("lines")))
    return _in_force(of).where(among)


@cache
def _service_charges() -> sa.Select[Any]:
    of = records.ServiceCharge.__table__.c
    return _in_force(of).where(of.check_id.in_(_listed("ids")))


def _in_force(of: Any) -> sa.Select[Any]:
    """Rows of the organization that were not lifted."""
    return sa.select(*of).where(of.organization_id == sa.bindparam("organization"), ~of.lifted).order_by(of.id)


def _listed(name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(name, expanding=True, type_=Key())


def discounts_left(discounts: Sequence[Any], receipt_lines: Iterable[Any], share: int = 1) -> list[Discount]:
    """What is left of some discounts: a rate stays, an amount is less what receipts gave of it.

    Args:
        share: the part of an amount that goes with one of so many equal parts of the check.
    """
    given: dict[str, int] = {}
    for row in receipt_lines:
        for each in row.discounts:
            given[each["id"]] = given.get(each["id"], 0) + each["amount_minor"]
    return [
        Discount(
            row.id,
            max(0, row.amount_minor - given.get(str(row.id), 0)) // share,
            row.rate_millionths,
            frozenset({row.line_id}) if row.line_id else None,
        )
        for row in discounts
    ]


async def _came_in(work: Work, check_id: UUID) -> int:
    """Payments less refunds less the cash rounding of receipts, with this unit of work's own."""
    await work.session.flush()
    paid, refunds, receipts = (kind.__table__.c for kind in (Payment, Refund, Receipt))
    amounts = [
        sa.select(sa.func.coalesce(sa.func.sum(amount), 0))
        .where(columns.organization_id == work.organization_id, columns.check_id == check_id)
        .scalar_subquery()
        for columns, amount in (
            (paid, paid.amount_minor),
            (refunds, refunds.paid_minor - refunds.rounding_minor),
            (receipts, receipts.rounding_minor),
        )
    ]
    came_in, went_out, rounded = (await work.session.execute(sa.select(*amounts))).one()
    return int(came_in) - int(went_out) - int(rounded)
