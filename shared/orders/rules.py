"""What lines cost: pure pricing and tax, exact to the minor unit, whatever the order of the lines.

A tax is rounded once for each rate of a bill and its cents are handed to the lines by largest remainder, so that lines,
taxes and totals always add up. Amounts in minor units, rates in basis points, quantities in thousandths.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.kernel.money import FULL_RATE, divide_half_up, share
from shared.kernel.quantity import MAX_QUANTITY_MILLI, ONE


@dataclass(frozen=True, slots=True)
class LinePrice:
    """What pricing must know of a line. `unit_minor` includes the modifiers."""

    key: UUID
    quantity_milli: int
    unit_minor: int
    discount_minor: int = 0
    tax_name: str = ""
    tax_rate_basis_points: int = 0
    tax_included: bool = True


@dataclass(frozen=True, slots=True)
class LineTotal:
    """What one line comes to: gross - discount = charged; net + tax = total."""

    gross_minor: int
    discount_minor: int
    net_minor: int
    tax_minor: int

    @property
    def total_minor(self) -> int:
        """What the guest pays for the line."""
        return self.net_minor + self.tax_minor


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """One tax of a bill."""

    name: str
    rate_basis_points: int
    included: bool
    net_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class BillTotal:
    """What a bill comes to."""

    lines: dict[UUID, LineTotal]
    taxes: tuple[TaxTotal, ...]
    gross_minor: int
    discount_minor: int
    net_minor: int
    tax_minor: int

    @property
    def total_minor(self) -> int:
        """What the guests pay, before cash rounding."""
        return self.net_minor + self.tax_minor


def unit_with_modifiers(unit_price_minor: int, price_deltas_minor: Sequence[int]) -> int:
    """The price of one, its modifiers included; never below nothing."""
    return max(0, unit_price_minor + sum(price_deltas_minor))


def gross_of(quantity_milli: int, unit_minor: int) -> int:
    """Quantity times unit price, rounded half up to the minor unit."""
    return divide_half_up(quantity_milli * unit_minor, ONE)


def quantity_is_sensible(quantity_milli: int) -> bool:
    """Whether somebody can have meant this quantity."""
    return 0 < quantity_milli <= MAX_QUANTITY_MILLI


def price_bill(lines: Sequence[LinePrice], bill_discount_minor: int = 0) -> BillTotal:
    """Price a bill. Discounts never take more than there is; the bill's own is shared by what the lines cost."""
    ordered = sorted(lines, key=lambda line: line.key)
    gross = [gross_of(line.quantity_milli, line.unit_minor) for line in ordered]
    own = [min(max(0, line.discount_minor), amount) for line, amount in zip(ordered, gross, strict=True)]
    left = [amount - discount for amount, discount in zip(gross, own, strict=True)]
    bill_discount = min(max(0, bill_discount_minor), sum(left))
    shared = share(bill_discount, left) if bill_discount else [0] * len(left)
    charged = [amount - part for amount, part in zip(left, shared, strict=True)]
    tax, taxes = _taxes(ordered, charged)
    totals = {}
    for index, line in enumerate(ordered):
        net = charged[index] - (tax[index] if line.tax_included else 0)
        totals[line.key] = LineTotal(gross[index], own[index] + shared[index], net, tax[index])
    return BillTotal(
        lines=totals,
        taxes=taxes,
        gross_minor=sum(gross),
        discount_minor=sum(own) + bill_discount,
        net_minor=sum(total.net_minor for total in totals.values()),
        tax_minor=sum(tax),
    )


def _taxes(ordered: list[LinePrice], charged: list[int]) -> tuple[list[int], tuple[TaxTotal, ...]]:
    """Tax of each line, and of each rate: rounded once a rate, shared among its lines."""
    groups: dict[tuple[str, int, bool], list[int]] = defaultdict(list)
    for index, line in enumerate(ordered):
        groups[line.tax_name, line.tax_rate_basis_points, line.tax_included].append(index)
    tax = [0] * len(ordered)
    taxes = []
    for (name, rate, included), members in sorted(groups.items()):
        base = sum(charged[index] for index in members)
        amount = tax_within(base, rate) if included else divide_half_up(base * rate, FULL_RATE)
        for index, part in zip(members, share(amount, [charged[index] for index in members]), strict=True):
            tax[index] = part
        net = base - amount if included else base
        if rate or name:
            taxes.append(TaxTotal(name, rate, included, net, amount))
    return tax, tuple(taxes)


def tax_within(amount_minor: int, rate_basis_points: int) -> int:
    """The tax that an amount contains."""
    return amount_minor - divide_half_up(amount_minor * FULL_RATE, FULL_RATE + rate_basis_points)
