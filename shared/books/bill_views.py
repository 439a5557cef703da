"""What a check was priced with, as screens show it: discounts, service charges, and the bill that guests asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.orders.rules import BillTotal, Discount, Earlier, LinePrice, ServiceCharge, price_bill
from shared.payments.adjustment_records import DiscountKind, DiscountSource
from shared.payments.bills import Adjustments, PricedCheck


@dataclass(frozen=True, slots=True)
class DiscountView:
    """A discount that is in force on a check.

    Attributes:
        line_id: of the line that it was given on; None for the whole check.
        off_minor: what it takes off what is owed now.
        is_inherited: whether it was given to the check that this one was split off.
    """

    id: UUID
    kind: DiscountKind
    source: DiscountSource
    line_id: UUID | None
    rate_millionths: int
    amount_minor: int
    off_minor: int
    reason: str
    given_by: UUID | None
    is_inherited: bool


@dataclass(frozen=True, slots=True)
class ServiceView:
    """A service charge that is in force on a check. Of several the greatest rate counts."""

    id: UUID
    rule_id: UUID | None
    name: str
    rate_millionths: int
    is_inherited: bool


@dataclass(frozen=True, slots=True)
class PrebillView:
    """The bills of a check that guests asked for: how many, and what the last one said."""

    count: int
    total_minor: int
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class PriceView:
    """What the bill of a check was priced with. See `price_bill`."""

    lines: tuple[LinePrice, ...] = ()
    discounts: tuple[Discount, ...] = ()
    service: ServiceCharge | None = None
    earlier: tuple[Earlier, ...] = ()

    def with_discount(
        self,
        discount_id: UUID,
        *,
        rate_millionths: int = 0,
        amount_minor: int = 0,
        line_ids: frozenset[UUID] | None = None,
    ) -> BillTotal:
        """What the bill would come to with one more discount."""
        more = Discount(discount_id, amount_minor, rate_millionths, line_ids)
        return price_bill(self.lines, [*self.discounts, more], self.service, self.earlier)


def price_view(priced: PricedCheck) -> PriceView:
    """What a check was priced with."""
    return PriceView(tuple(priced.lines), tuple(priced.discounts), priced.service, priced.earlier)


def discount_views(check_id: UUID, priced: PricedCheck, adjustments: Adjustments) -> tuple[DiscountView, ...]:
    """The discounts in force on a check."""
    rows = {row.id: row for row in adjustments.discounts}
    return tuple(_discount(check_id, rows[each.id], priced.bill) for each in priced.discounts)


def service_views(check_id: UUID, priced: PricedCheck, adjustments: Adjustments) -> tuple[ServiceView, ...]:
    """The service charges in force on a check."""
    return tuple(
        ServiceView(row.id, row.rule_id, row.name, row.rate_millionths, row.check_id != check_id)
        for row in adjustments.charges
        if str(row.id) in priced.adjusted_by
    )


def prebill_views(rows: Sequence[Any]) -> dict[UUID, PrebillView]:
    """The bills that guests asked for, by check. Rows in the order of their ids, which tell when."""
    found: dict[UUID, PrebillView] = {}
    for row in rows:
        earlier = found.get(row.check_id)
        found[row.check_id] = PrebillView(1 + (earlier.count if earlier else 0), row.total_minor, row.asked_at)
    return found


def _discount(check_id: UUID, row: Any, bill: BillTotal) -> DiscountView:
    off = sum(share.amount_minor for line in bill.lines.values() for share in line.discounts if share.id == row.id)
    return DiscountView(
        id=row.id,
        kind=row.kind,
        source=row.source,
        line_id=row.line_id,
        rate_millionths=row.rate_millionths,
        amount_minor=row.amount_minor,
        off_minor=off,
        reason=row.reason,
        given_by=row.given_by,
        is_inherited=row.line_id is None and row.check_id != check_id,
    )
