"""What a check owes: the portions that no receipt covers, priced with its discounts, service charge and taxes."""

from __future__ import annotations

from collections import defaultdict
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
from shared.payments.records import Payment, Receipt, Refund, WriteOff
from shared.payments.rules import is_discount_share
from shared.taxes.queries import rates_in_force
from shared.truth.family import LINES, RECEIPT_LINES, REFUND_LINES, Family, compare
from shared.truth.reading import Reader, RowsOfFamily, roots_of_check, rows_of_families


@dataclass(frozen=True, slots=True)
class Due:
    """What a check owes.

    Attributes:
        parts: the owed portions by line, priced one by one.
        lines: the rows of these lines.
        bill: what they come to together.
        credit_minor: what came in for the check and no receipt counts.
        counted_minor: what receipts say that is a sale.
        in_hand_minor: what was paid for the check and not given back.
        to_send_milli: portions of these families that the kitchen does not know of.
        adjusted_by: the discounts and service charges in force, as text.
        families: all families of the check.
        rows: their rows.
    """

    parts: dict[UUID, LinePrice]
    lines: dict[UUID, Any]
    bill: BillTotal
    credit_minor: int
    counted_minor: int
    in_hand_minor: int
    to_send_milli: int
    adjusted_by: list[str]
    families: dict[UUID, Family]
    rows: dict[UUID, RowsOfFamily]

    @property
    def receipts(self) -> list[str]:
        """The receipts that are known of these families, as text."""
        return sorted({str(row.receipt_id) for rows in self.rows.values() for row in rows[RECEIPT_LINES].values()})


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
    discounts, service = await adjustments_of(work.session, work.organization_id, [check_id], places_of(rows_of))
    left = discounts_left(discounts.get(check_id, ()), given_of(rows_of.values()), share)
    charges = service.get(check_id, ())
    bill = price_bill(list(parts.values()), left, greatest(charges))
    adjusted_by = [str(row.id) for row in (*(row for row, _lines in discounts.get(check_id, ())), *charges)]
    counted = sum(
        covered.counted_minor
        for root, family in found.items()
        for row_id, covered in family.covered.items()
        if rows_of[root][RECEIPT_LINES][row_id].check_id == check_id
    )
    came_in, in_hand = await _came_in(work, check_id)
    return Due(parts, lines, bill, came_in - counted, counted, in_hand, to_send, adjusted_by, found, rows_of)


Place = tuple[UUID, UUID]
"""The check on which a line is now, and the root of its family."""
Adjustment = tuple[Any, frozenset[UUID] | None]
"""A discount and the lines that share it; None: all of the check."""


def places_of(families: Mapping[UUID, RowsOfFamily]) -> dict[UUID, Place]:
    """Where the lines of some families are."""
    return {row_id: (row.check_id, root) for root, rows in families.items() for row_id, row in rows[LINES].items()}


async def adjustments_of(
    reader: Reader, organization_id: UUID, checks: Iterable[UUID], places: Mapping[UUID, Place]
) -> tuple[dict[UUID, list[Adjustment]], dict[UUID, list[Any]]]:
    """The discounts of some checks that were not lifted, and their service charges; two statements.

    The discount of a line is one of its family: a rate holds for all parts, wherever they are; an amount is shared by
    those that are on the check of the line itself.
    """
    given = {"organization": organization_id, "ids": sorted(checks)}
    discounts: defaultdict[UUID, list[Adjustment]] = defaultdict(list)
    service: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in await reader.execute(_discounts(), {**given, "lines": sorted(places)}):
        if row.line_id is None:
            discounts[row.check_id].append((row, None))
            continue
        for check_id, lines in _shared_by(row, places).items():
            discounts[check_id].append((row, frozenset(lines)))
    for row in await reader.execute(_service_charges(), given):
        service[row.check_id].append(row)
    return discounts, service


def greatest(charges: Sequence[Any]) -> ServiceCharge | None:
    """Of several service charges the greatest rate counts."""
    return ServiceCharge(max(row.rate_millionths for row in charges)) if charges else None


def _shared_by(discount: Any, places: Mapping[UUID, Place]) -> dict[UUID, set[UUID]]:
    """The lines that share the discount of a line, by check."""
    if discount.line_id not in places:
        return {}
    home, root = places[discount.line_id]
    found: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for line_id, (check_id, of) in places.items():
        if of == root and (discount.rate_millionths or check_id == home):
            found[check_id].add(line_id)
    return found


def given_of(families: Iterable[RowsOfFamily]) -> dict[str, int]:
    """What receipts gave of each discount, and what was given back for it later, of the portions that are charged."""
    given: defaultdict[str, int] = defaultdict(int)
    for rows in families:
        refunds = rows[REFUND_LINES].values()
        left = {row_id: row.quantity_milli for row_id, row in rows[RECEIPT_LINES].items()}
        for row in refunds:
            left[row.receipt_line_id] = max(0, left.get(row.receipt_line_id, 0) - row.quantity_milli)
        for row_id, row in rows[RECEIPT_LINES].items():
            for each in filter(is_discount_share, row.discounts):
                given[each["id"]] += each["amount_minor"] * left[row_id] // row.quantity_milli
        for row in refunds:
            kept = min(left[row.receipt_line_id], row.allowed_milli)
            for each in filter(is_discount_share, row.discounts if kept else ()):
                given[each["id"]] += each["amount_minor"] * kept // row.allowed_milli
    return given


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


def discounts_left(discounts: Sequence[Adjustment], given: Mapping[str, int], share: int = 1) -> list[Discount]:
    """What is left of some discounts: a rate stays, an amount is less what receipts gave of it.

    Args:
        given: by the discount's id as text.
        share: the part of an amount that goes with one of so many equal parts of the check.
    """
    return [
        Discount(row.id, max(0, row.amount_minor - given.get(str(row.id), 0)) // share, row.rate_millionths, lines)
        for row, lines in discounts
    ]


async def _came_in(work: Work, check_id: UUID) -> tuple[int, int]:
    """Payments and write-offs less refunds and the cash rounding of receipts, with this unit of work's own; and of it
    what was paid and not given back."""
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
            (lost, sa.case((lost.lifted, 0), else_=lost.amount_minor)),
        )
    ]
    row = (await work.session.execute(sa.select(*amounts))).one()
    came_in, went_out, rounded_back, rounded, written_off = map(int, row)
    return came_in + written_off - went_out + rounded_back - rounded, came_in - went_out
