"""What a check owes: the portions that no receipt covers, priced with its discounts, service charge and taxes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.columns import Key
from shared.kernel.errors import DomainError
from shared.kernel.work import Work
from shared.orders.parting import part_of_bill
from shared.orders.rules import BillTotal, LinePrice
from shared.payments import adjustment_records
from shared.payments.bills import Adjustments, places_of, price_group, root_of
from shared.payments.records import Check, Payment, Receipt, WriteOff
from shared.payments.refund_records import Refund
from shared.taxes.queries import rates_in_force
from shared.truth.family import LINES, RECEIPT_LINES, Family, compare
from shared.truth.reading import Reader, RowsOfFamily, roots_of_checks, rows_of_families

MOST_SHARES = 100
"""Into so many equal parts a check is divided at most."""


@dataclass(frozen=True, slots=True)
class Due:
    """What a check owes.

    Attributes:
        parts: the owed portions by line, priced one by one. Of a part of the check, those that it is of.
        lines: the rows of these lines.
        bill: what they come to together.
        whole_minor: what all of the check comes to, if `bill` is of a part.
        credit_minor: what came in for the check and no receipt counts.
        counted_minor: what receipts say that is a sale.
        in_hand_minor: what was paid for the check and not given back.
        to_send_milli: portions of these families that the kitchen does not know of, and is to know.
        held_milli: those that wait for their course.
        adjusted_by: the discounts and service charges in force, as text.
        families: all families of the check.
        rows: their rows.
    """

    parts: dict[UUID, LinePrice]
    lines: dict[UUID, Any]
    bill: BillTotal
    whole_minor: int
    credit_minor: int
    counted_minor: int
    in_hand_minor: int
    to_send_milli: int
    held_milli: int
    adjusted_by: list[str]
    families: dict[UUID, Family]
    rows: dict[UUID, RowsOfFamily]

    @property
    def receipts(self) -> list[str]:
        """The receipts that are known of these families, as text."""
        return sorted({str(row.receipt_id) for rows in self.rows.values() for row in rows[RECEIPT_LINES].values()})


async def due_of_check(work: Work, check_id: UUID) -> Due:
    """What a check owes, as it stands in this unit of work."""
    checks = await split_of(work, check_id)
    ids = {check.id for check in checks}
    rows_of = await rows_of_families(work.session, work.organization_id, await roots_of_checks(work, ids))
    found = {root: compare(root, rows) for root, rows in rows_of.items()}
    taxes = await rates_in_force(work.session, work.organization_id, work.local_date)
    owed: defaultdict[UUID, list[LinePrice]] = defaultdict(list)
    lines, to_send, held = {}, 0, 0
    for root, family in found.items():
        for line_id, part in family.parts.items():
            if part.check_id not in ids or not part.owed:
                continue
            line = rows_of[root][LINES][line_id]
            of_line = taxes.get(line.tax_category_id, ())
            owed[part.check_id].append(LinePrice(line_id, part.owed, part.unit_minor, of_line, root))
            if part.check_id == check_id:
                lines[line_id] = line
                to_send += family.to_send
                held += family.held
    adjustments = await adjustments_of(work.session, work.organization_id, ids, places_of(rows_of))
    priced = price_group(checks, owed, adjustments, rows_of)[check_id]
    counted = sum(
        covered.counted_minor
        for root, family in found.items()
        for row_id, covered in family.covered.items()
        if rows_of[root][RECEIPT_LINES][row_id].check_id == check_id
    )
    came_in, in_hand = await _came_in(work, check_id)
    return Due(
        parts={line.key: line for line in owed[check_id]},
        lines=lines,
        bill=priced.bill,
        whole_minor=priced.bill.total_minor,
        credit_minor=came_in - counted,
        counted_minor=counted,
        in_hand_minor=in_hand,
        to_send_milli=to_send,
        held_milli=held,
        adjusted_by=priced.adjusted_by,
        families=found,
        rows=rows_of,
    )


def part_of_due(due: Due, amount_minor: int) -> Due:
    """So much of what a check owes.

    Raises:
        DomainError: SHARE_NOT_SENSIBLE (params: most), if it cannot be parted so.
    """
    keep = 2 + sum(len(rows[RECEIPT_LINES]) for rows in due.rows.values())
    found = part_of_bill(list(due.parts.values()), due.bill, amount_minor, keep)
    if found is None:
        raise DomainError("SHARE_NOT_SENSIBLE", most=MOST_SHARES)
    parts, bill = found
    return replace(due, parts={part.key: part for part in parts}, bill=bill)


async def split_of(work: Work, check_id: UUID) -> list[Any]:
    """The checks of the split that a check belongs to, in the order of their ids: itself at least.

    Raises:
        NotFound: this replica has no such check.
    """
    check = await work.get(Check, check_id)
    await work.session.flush()
    given = {"organization": work.organization_id, "root": root_of(check)}
    return list((await work.session.execute(_split(), given)).all())


@cache
def _split() -> sa.Select[Any]:
    """Built once: building it takes longer than running it."""
    of = Check.__table__.c
    root = sa.bindparam("root", type_=Key())
    return (
        sa.select(of.id, of.split_of_id, of.inherits)
        .where(of.organization_id == sa.bindparam("organization"), sa.or_(of.id == root, of.split_of_id == root))
        .order_by(of.id)
    )


async def adjustments_of(
    reader: Reader, organization_id: UUID, checks: Iterable[UUID], lines: Iterable[UUID]
) -> Adjustments:
    """The discounts of some checks and lines that were not lifted, and their service charges; two statements."""
    given = {"organization": organization_id, "ids": sorted(checks)}
    discounts = (await reader.execute(_discounts(), {**given, "lines": sorted(lines)})).all()
    return Adjustments(discounts, (await reader.execute(_service_charges(), given)).all())


@cache
def _discounts() -> sa.Select[Any]:
    """Those of some checks and lines. Built once: building it takes longer than running it."""
    of = adjustment_records.Discount.__table__.c
    among = sa.or_(of.check_id.in_(_listed("ids")), of.line_id.in_(_listed("lines")))
    return _in_force(of).where(among)


@cache
def _service_charges() -> sa.Select[Any]:
    of = adjustment_records.ServiceCharge.__table__.c
    return _in_force(of).where(of.check_id.in_(_listed("ids")))


def _in_force(of: Any) -> sa.Select[Any]:
    """Rows of the organization that were not lifted."""
    return sa.select(*of).where(of.organization_id == sa.bindparam("organization"), ~of.lifted).order_by(of.id)


def _listed(name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(name, expanding=True, type_=Key())


async def _came_in(work: Work, check_id: UUID) -> tuple[int, int]:
    """Payments and write-offs less refunds and cash rounding, with this unit of work's own; and of it what was paid and
    not given back."""
    await work.session.flush()
    paid, refunds, receipts, lost = (kind.__table__.c for kind in (Payment, Refund, Receipt, WriteOff))
    amounts = [
        sa.select(sa.func.coalesce(sa.func.sum(amount), 0))
        .where(columns.organization_id == work.organization_id, columns.check_id == check_id)
        .scalar_subquery()
        for columns, amount in (
            (paid, paid.amount_minor),
            (refunds, refunds.paid_minor),
            (refunds, refunds.rounding_minor),
            (receipts, receipts.rounding_minor),
            (paid, paid.rounding_minor),
            (lost, sa.case((lost.lifted, 0), else_=lost.amount_minor)),
        )
    ]
    row = (await work.session.execute(sa.select(*amounts))).one()
    came_in, went_out, rounded_back, rounded, rounded_too, written_off = map(int, row)
    return came_in + written_off - went_out + rounded_back - rounded - rounded_too, came_in - went_out
