"""What a bill comes to: pure pricing, exact to the minor unit, whatever the order of the lines.

Discounts come first, then the service charge, then taxes (`shared/taxes/rules.py`). Every amount of the bill is rounded
once and handed to the lines by largest remainder, so that lines and totals always add up. Amounts in minor units, rates
in millionths, quantities in thousandths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from shared.kernel.money import FULL_RATE, divide_half_up, share
from shared.kernel.quantity import MAX_QUANTITY_MILLI, ONE
from shared.taxes.rules import LineTax, Tax, TaxableLine, TaxTotal, apply_taxes


class LinePrice(NamedTuple):
    """What pricing must know of a line. `unit_minor` includes the modifiers."""

    key: UUID
    quantity_milli: int
    unit_minor: int
    taxes: tuple[Tax, ...] = ()


class Discount(NamedTuple):
    """Something taken off: an amount, or a rate of what earlier discounts left.

    Attributes:
        lines: keys of the lines that share it by value. None: all lines of the bill.
    """

    id: UUID
    amount_minor: int = 0
    rate_millionths: int = 0
    lines: frozenset[UUID] | None = None


class ServiceCharge(NamedTuple):
    """What a check adds for service.

    Attributes:
        taxed: whether the lines' taxes are due on it, too. If so, it is a rate of what the lines cost as priced; if
            not, of what they cost without any tax.
    """

    rate_millionths: int
    taxed: bool = True


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


def price_bill(
    lines: Sequence[LinePrice], discounts: Sequence[Discount] = (), service: ServiceCharge | None = None
) -> BillTotal:
    """Price a bill.

    Discounts never take more than there is. Those of lines come before those of the bill, each kind by id: ids tell
    when they were given, so that the order in which a device heard of them changes no cent.
    """
    ordered = sorted(lines, key=lambda line: line.key)
    gross = [gross_of(line.quantity_milli, line.unit_minor) for line in ordered]
    charged = list(gross)
    taken = _take_off(ordered, charged, discounts)
    nothing = [0] * len(ordered)
    taxed_service = _service(service, charged) if service and service.taxed else nothing
    taxed = apply_taxes(
        [
            TaxableLine(amount + part, line.quantity_milli, line.taxes)
            for line, amount, part in zip(ordered, charged, taxed_service, strict=True)
        ]
    )
    untaxed_service = _service(service, taxed.nets) if service and not service.taxed else nothing
    totals = {
        line.key: LineTotal(
            gross[index],
            gross[index] - charged[index],
            taxed_service[index] + untaxed_service[index],
            taxed.nets[index] + untaxed_service[index],
            taxed.sums[index],
            tuple(taken[index]),
            tuple(taxed.taxes[index]),
        )
        for index, line in enumerate(ordered)
    }
    return BillTotal(
        lines=totals,
        taxes=taxed.totals,
        gross_minor=sum(gross),
        discount_minor=sum(gross) - sum(charged),
        service_minor=sum(taxed_service) + sum(untaxed_service),
        net_minor=sum(taxed.nets) + sum(untaxed_service),
        tax_minor=sum(taxed.sums),
    )


def _take_off(
    ordered: Sequence[LinePrice], charged: list[int], discounts: Sequence[Discount]
) -> list[list[DiscountShare]]:
    """Take discounts off `charged`. Returns the shares of each line."""
    taken: list[list[DiscountShare]] = [[] for _ in ordered]
    for discount in sorted(discounts, key=lambda discount: (discount.lines is None, discount.id)):
        keys = discount.lines
        members = [at for at, line in enumerate(ordered) if keys is None or line.key in keys]
        left = [charged[at] for at in members]
        wanted = discount.amount_minor + divide_half_up(sum(left) * discount.rate_millionths, FULL_RATE)
        amount = min(max(0, wanted), sum(left))
        for at, part in zip(members, share(amount, left), strict=True):
            if part:
                charged[at] -= part
                taken[at].append(DiscountShare(discount.id, part))
    return taken


def _service(service: ServiceCharge, amounts: Sequence[int]) -> list[int]:
    """The service charge of each line."""
    return share(divide_half_up(sum(amounts) * service.rate_millionths, FULL_RATE), amounts)
