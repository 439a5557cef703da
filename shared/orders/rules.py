"""What a bill is priced with and what it comes to: plain values. How it is priced: `whole.py`.

Amounts in minor units, rates in millionths, quantities in thousandths.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from shared.kernel.money import divide_half_up
from shared.kernel.quantity import MAX_QUANTITY_MILLI, ONE
from shared.taxes.rules import LineTax, Tax, TaxTotal


class LinePrice(NamedTuple):
    """What pricing must know of a line.

    Attributes:
        unit_minor: includes the modifiers.
        family: the root of a line that was split. Parts of one family at one price are priced as one line.
    """

    key: UUID
    quantity_milli: int
    unit_minor: int
    taxes: tuple[Tax, ...] = ()
    family: UUID | None = None


class Discount(NamedTuple):
    """Something taken off: an amount, or a rate of what earlier discounts left.

    Attributes:
        lines: keys of the lines that share it by value. None: all lines of the bill.
        most_minor: the most that a rate takes off this bill. None: as much as it comes to.
    """

    id: UUID
    amount_minor: int = 0
    rate_millionths: int = 0
    lines: frozenset[UUID] | None = None
    most_minor: int | None = None


class ServiceCharge(NamedTuple):
    """What a check adds for service.

    Attributes:
        taxed: whether the lines' taxes are due on it, too. If so, it is a rate of what the lines cost as priced; if
            not, of what they cost without any tax.
    """

    rate_millionths: int
    taxed: bool = True


def greatest_service(charges: Iterable[Any]) -> ServiceCharge | None:
    """The one service charge that counts of several rows: the greatest rate, taxed rather than not."""
    return max((ServiceCharge(row.rate_millionths, row.taxed) for row in charges), default=None)


class DiscountShare(NamedTuple):
    """What one discount took off one line."""

    id: UUID
    amount_minor: int


class LineTotal(NamedTuple):
    """What one line comes to: gross - discount + service + added taxes = net + tax = total."""

    gross_minor: int
    discount_minor: int
    service_minor: int
    net_minor: int
    tax_minor: int
    discounts: tuple[DiscountShare, ...] = ()
    taxes: tuple[LineTax, ...] = ()

    @property
    def total_minor(self) -> int:
        """What the guest pays for the line."""
        return self.net_minor + self.tax_minor


@dataclass(frozen=True, slots=True)
class BillTotal:
    """What a bill comes to. Amounts add up as those of a line do."""

    lines: dict[UUID, LineTotal]
    taxes: tuple[TaxTotal, ...]
    gross_minor: int
    discount_minor: int
    service_minor: int
    net_minor: int
    tax_minor: int

    @property
    def total_minor(self) -> int:
        """What the guests pay, before cash rounding."""
        return self.net_minor + self.tax_minor


def number_order(number: str) -> tuple[str, int, str]:
    """Sort key of an order's number: `A-9` before `A-10`."""
    letters, _mark, count = number.rpartition("-")
    return letters, int(count) if count.isascii() and count.isdigit() else 0, count


def sum_bills(bills: Sequence[BillTotal]) -> BillTotal:
    """What several bills of one order come to together. Each tax is one sum."""
    lines: dict[UUID, LineTotal] = {}
    taxes: dict[Tax, TaxTotal] = {}
    for bill in bills:
        lines |= bill.lines
        for tax, net_minor, tax_minor in bill.taxes:
            before = taxes.get(tax, TaxTotal(tax, 0, 0))
            taxes[tax] = TaxTotal(tax, before.net_minor + net_minor, before.tax_minor + tax_minor)
    return BillTotal(
        lines=lines,
        taxes=tuple(taxes.values()),
        gross_minor=sum(bill.gross_minor for bill in bills),
        discount_minor=sum(bill.discount_minor for bill in bills),
        service_minor=sum(bill.service_minor for bill in bills),
        net_minor=sum(bill.net_minor for bill in bills),
        tax_minor=sum(bill.tax_minor for bill in bills),
    )


def unit_with_modifiers(unit_price_minor: int, price_deltas_minor: Sequence[int]) -> int:
    """The price of one, its modifiers included; never below nothing."""
    return max(0, unit_price_minor + sum(price_deltas_minor))


def gross_of(quantity_milli: int, unit_minor: int) -> int:
    """Quantity times unit price, rounded half up to the minor unit."""
    return divide_half_up(quantity_milli * unit_minor, ONE)


def quantity_is_sensible(quantity_milli: int) -> bool:
    """Whether somebody can have meant this quantity."""
    return 0 < quantity_milli <= MAX_QUANTITY_MILLI


def end_of(order_id: UUID, joined_to: Mapping[UUID, UUID | None]) -> UUID:
    """The order that has the bill of a party: followed from order to order to the last.

    Two devices may join parties in a ring; then the smallest id of the ring has it, on every replica alike.

    Args:
        joined_to: with whose party each order sits together; None, or missing: by itself.
    """
    seen: list[UUID] = []
    at: UUID | None = order_id
    while at is not None and at not in seen:
        seen.append(at)
        at = joined_to.get(at)
    return seen[-1] if at is None else min(seen[seen.index(at) :])
