"""What a check was priced with, as screens show it: discounts, service charges, and the bill that guests asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.kernel.ids import derived_id
from shared.kernel.quantity import cut_of
from shared.orders.rules import BillTotal, Discount, LinePrice
from shared.orders.whole import NOTHING, Part, WholeBill
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


NEW_CHECK = UUID(int=0)
"""Stands for a check that is not there yet, and for what would be cut off for it."""


@dataclass(frozen=True, slots=True)
class PriceView:
    """What the bill of a check was priced with: the whole bill that it is a part of."""

    check_id: UUID = NEW_CHECK
    whole: WholeBill = field(default_factory=WholeBill)

    @property
    def lines(self) -> tuple[LinePrice, ...]:
        """What the check owes."""
        return tuple(part.line for part in self.whole.parts if self._is_owed_here(part))

    def with_discount(
        self,
        discount_id: UUID,
        *,
        rate_millionths: int = 0,
        amount_minor: int = 0,
        line_id: UUID | None = None,
    ) -> BillTotal:
        """What the bill would come to with one more discount, of the check or of a line."""
        family = next((line.family for line in self.lines if line.key == line_id), None)
        parts = [
            part._replace(discounts=part.discounts | {discount_id})
            if part.charged is None
            and (self._is_owed_here(part) if line_id is None else line_id == part.line_id or part.line.family == family)
            else part
            for part in self.whole.parts
        ]
        of = None if line_id is None else frozenset({line_id})
        more = Discount(discount_id, amount_minor, rate_millionths, of)
        return WholeBill(tuple(parts), (*self.whole.discounts, more), self.whole.gone).of(self.check_id)

    def with_split(self, portions: Mapping[UUID, int]) -> tuple[BillTotal, BillTotal]:
        """What a new check would come to, to which so many portions of lines go; and what would stay."""
        parts: list[Part] = []
        for part in self.whole.parts:
            taken = portions.get(part.line.key, 0) if self._is_owed_here(part) else 0
            if 0 < taken < part.line.quantity_milli:
                parts += _cut_in_two(part, taken)
            else:
                parts.append(part._replace(bill=NEW_CHECK) if taken else part)
        bills = WholeBill(tuple(parts), self.whole.discounts, self.whole.gone).priced()
        return bills.get(NEW_CHECK, NOTHING), bills.get(self.check_id, NOTHING)

    def _is_owed_here(self, part: Part) -> bool:
        return part.bill == self.check_id and part.charged is None


def _cut_in_two(part: Part, taken_milli: int) -> tuple[Part, Part]:
    """What stays of a part, and what would go on a new check."""
    quantity, exact = part.line.quantity_milli, cut_of(taken_milli, part.line.quantity_milli, part.exact)
    key = derived_id("part", NEW_CHECK, part.line_id)
    line = part.line._replace(key=key, quantity_milli=taken_milli)
    new = part._replace(
        bill=NEW_CHECK, line=line, line_id=key, part_of=part.line_id, added_at=None, weight=exact, is_lessened=False
    )
    rest = part.line._replace(quantity_milli=quantity - taken_milli)
    return part._replace(line=rest, weight=part.exact - exact), new


def discount_views(check_id: UUID, priced: PricedCheck, adjustments: Adjustments) -> tuple[DiscountView, ...]:
    """The discounts in force on a check."""
    rows = {row.id: row for row in adjustments.discounts}
    return tuple(_discount(check_id, rows[each], priced.bill) for each in priced.discounts)


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
