"""What taxes amounts contain and bear: pure, exact to the minor unit.

Each tax is rounded once for a bill, and its cents are handed to the lines by largest remainder, so that lines and taxes
always add up. Amounts in minor units, rates in millionths, quantities in thousandths.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from math import lcm
from typing import NamedTuple
from uuid import UUID

from shared.kernel.money import FULL_RATE, PER_CENT, divide_half_up, share
from shared.kernel.quantity import ONE


class Tax(NamedTuple):
    """One tax: a rate, or an amount for each unit (a bag, a bottle).

    Attributes:
        included: whether prices contain it. Else the bill adds it.
    """

    name: str
    rate_millionths: int = 0
    included: bool = True
    per_unit_minor: int = 0


class DatedRate(NamedTuple):
    """A tax of a category, and the first and last day on which it is due (None: no bound)."""

    tax_category_id: UUID
    tax: Tax
    valid_from: date | None = None
    valid_until: date | None = None


CategoryTaxes = Mapping[UUID | None, tuple[Tax, ...]]
"""The taxes that each tax category means. A category that is not in it bears none."""


class TaxableLine(NamedTuple):
    """An amount with its taxes. The amount contains the included ones. Quantity is for taxes by the unit."""

    amount_minor: int
    quantity_milli: int
    taxes: tuple[Tax, ...]


class LineTax(NamedTuple):
    """One tax of one line."""

    tax: Tax
    tax_minor: int


class TaxTotal(NamedTuple):
    """One tax of a bill. `net_minor` is what its lines cost without any tax."""

    tax: Tax
    net_minor: int
    tax_minor: int


class TaxedLines(NamedTuple):
    """What taxes make of lines: the net amount and the taxes of each line, in their order, and each tax in all."""

    nets: list[int]
    taxes: list[list[LineTax]]
    totals: tuple[TaxTotal, ...]


def in_force(rates: Sequence[DatedRate], day: date) -> CategoryTaxes:
    """The taxes of each category on a day: of each name the rate that began last, of two such the later in `rates`."""
    newest: dict[tuple[UUID, str], DatedRate] = {}
    for rate in rates:
        began, ends = rate.valid_from or date.min, rate.valid_until or date.max
        if not began <= day <= ends:
            continue
        earlier = newest.get((rate.tax_category_id, rate.tax.name))
        if earlier is None or (earlier.valid_from or date.min) <= began:
            newest[rate.tax_category_id, rate.tax.name] = rate
    found: dict[UUID | None, tuple[Tax, ...]] = {}
    for rate in newest.values():
        found[rate.tax_category_id] = (*found.get(rate.tax_category_id, ()), rate.tax)
    return found


def apply_taxes(lines: Sequence[TaxableLine]) -> TaxedLines:
    """Compute each tax of these lines. Lines whose remainders are equal get cents in the given order.

    Taxes by the unit are taken out of an amount before included rates are. Added rates are of what is left then: no tax
    is taxed.
    """
    members: dict[Tax, list[int]] = defaultdict(list)
    for index, line in enumerate(lines):
        for tax in line.taxes:
            members[tax].append(index)
    ordered = sorted(members)
    nets = [line.amount_minor for line in lines]
    taxes: list[list[LineTax]] = [[] for _ in lines]
    amounts: dict[Tax, int] = {}

    def hand_out(tax: Tax, parts: Sequence[int]) -> None:
        amounts[tax] = sum(parts)
        for index, part in zip(members[tax], parts, strict=True):
            taxes[index].append(LineTax(tax, part))
            if tax.included:
                nets[index] -= part

    for tax in (tax for tax in ordered if tax.per_unit_minor):
        exact = [lines[index].quantity_milli * tax.per_unit_minor for index in members[tax]]
        parts = share(divide_half_up(sum(exact), ONE), exact)
        hand_out(tax, _within(parts, [nets[index] for index in members[tax]]) if tax.included else parts)
    rates = [tax for tax in ordered if not tax.per_unit_minor]
    bases = list(nets)
    contained = [FULL_RATE + sum(each.rate_millionths for each in line.taxes if each.included) for line in lines]
    for tax in (tax for tax in rates if tax.included):
        hand_out(tax, _within(_contained(tax, members[tax], bases, contained), [nets[at] for at in members[tax]]))
    for tax in (tax for tax in rates if not tax.included):
        of = [nets[index] for index in members[tax]]
        hand_out(tax, share(divide_half_up(sum(of) * tax.rate_millionths, FULL_RATE), of))
    totals = tuple(TaxTotal(tax, sum(nets[index] for index in members[tax]), amounts[tax]) for tax in ordered)
    return TaxedLines(nets, taxes, totals)


def tax_label(name: str, rate_millionths: int, per_unit_minor: int) -> str:
    """A tax as people read it: its name, and its rate with as many decimals as it needs (`IGV 18 %`, `Tax 8.875 %`)."""
    if per_unit_minor:
        return name
    whole, part = divmod(rate_millionths, PER_CENT)
    return f"{name} {whole}" + (f".{part:04d}".rstrip("0") if part else "") + " %"


def tax_within(amount_minor: int, rate_millionths: int) -> int:
    """The tax that an amount contains. What is left without it rounds half up."""
    return amount_minor - divide_half_up(amount_minor * FULL_RATE, FULL_RATE + rate_millionths)


def _contained(tax: Tax, members: Sequence[int], bases: Sequence[int], contained: Sequence[int]) -> list[int]:
    """An included tax of each member: base x rate / (100 % + all its included rates), rounded once for all of them.

    Lines may contain other taxes beside this one, so that their fractions have several denominators.
    """
    denominator = lcm(*{contained[index] for index in members})
    base = sum(bases[index] for index in members)
    exact = [bases[index] * tax.rate_millionths * (denominator // contained[index]) for index in members]
    return share(base - divide_half_up(base * denominator - sum(exact), denominator), exact)


def _within(parts: list[int], limits: Sequence[int]) -> list[int]:
    """The same parts, none above its limit. What is cut goes to the first parts that have room, or nowhere."""
    cut = 0
    for index, limit in enumerate(limits):
        if parts[index] > limit:
            cut += parts[index] - limit
            parts[index] = limit
    if cut:
        for index, limit in enumerate(limits):
            more = min(cut, limit - parts[index])
            parts[index] += more
            cut -= more
    return parts
