"""What taxes amounts contain and bear: pure, exact to the minor unit.

Each tax is rounded once for a bill, and its cents are handed to the lines by largest remainder, so that lines and taxes
always add up. Amounts in minor units, rates in millionths, quantities in thousandths.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from math import lcm
from operator import gt
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
    """What taxes make of lines: the net amount, the sum of taxes and each tax of every line, and each tax in all."""

    nets: list[int]
    sums: list[int]
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


def order_of_taxes(tax: Tax) -> tuple[bool, bool, Tax]:
    """Sort key: taxes by the unit come first, then included rates; added rates come last."""
    return not tax.per_unit_minor, not tax.included, tax


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
    done = TaxedLines([line.amount_minor for line in lines], [0] * len(lines), [[] for _ in lines], ())
    amounts: dict[Tax, int] = {}
    for tax in ordered:
        if tax.per_unit_minor:
            due, exact = _by_the_unit(tax, [lines[at].quantity_milli for at in members[tax]])
            amounts[tax] = _hand_out(done, tax, members[tax], share(due, exact))
    bases, whole = list(done.nets), {taxes: _contained_rate(taxes) for taxes in {line.taxes for line in lines}}
    for tax in ordered:
        if tax.included and not tax.per_unit_minor:
            of = [(bases[at], whole[lines[at].taxes]) for at in members[tax]]
            due, exact = _contained(tax, of)
            amounts[tax] = _hand_out(done, tax, members[tax], share(due, exact))
    for tax in ordered:
        if not (tax.included or tax.per_unit_minor):
            of_nets = [done.nets[at] for at in members[tax]]
            due = divide_half_up(sum(of_nets) * tax.rate_millionths, FULL_RATE)
            amounts[tax] = _hand_out(done, tax, members[tax], share(due, of_nets))
    totals = (TaxTotal(tax, sum(done.nets[at] for at in members[tax]), amounts[tax]) for tax in ordered)
    return done._replace(totals=tuple(totals))


def tax_label(name: str, rate_millionths: int, per_unit_minor: int) -> str:
    """A tax as people read it: its name, and its rate with as many decimals as it needs (`IGV 18 %`, `Tax 8.875 %`)."""
    if per_unit_minor:
        return name
    whole, part = divmod(rate_millionths, PER_CENT)
    return f"{name} {whole}" + (f".{part:04d}".rstrip("0") if part else "") + " %"


def tax_within(amount_minor: int, rate_millionths: int) -> int:
    """The tax that an amount contains. What is left without it rounds half up."""
    return amount_minor - divide_half_up(amount_minor * FULL_RATE, FULL_RATE + rate_millionths)


def _by_the_unit(tax: Tax, quantities_milli: Sequence[int]) -> tuple[int, list[int]]:
    """What is due of a tax by the unit, and by what each line shares it."""
    exact = [quantity * tax.per_unit_minor for quantity in quantities_milli]
    return divide_half_up(sum(exact), ONE), exact


def _contained_rate(taxes: Sequence[Tax]) -> int:
    """A price in millionths of what it is without the taxes that it contains."""
    return FULL_RATE + sum(tax.rate_millionths for tax in taxes if tax.included)


def _contained(tax: Tax, of: Sequence[tuple[int, int]]) -> tuple[int, list[int]]:
    """The part of an included tax in amounts with their `_contained_rate`: amount x rate / contained, rounded once.

    Lines may contain other taxes beside this one, so that their fractions have several denominators.
    """
    denominator = lcm(*{contained for _amount, contained in of})
    whole = sum(amount for amount, _contained in of)
    exact = [amount * tax.rate_millionths * (denominator // contained) for amount, contained in of]
    return whole - divide_half_up(whole * denominator - sum(exact), denominator), exact


def _hand_out(done: TaxedLines, tax: Tax, members: Sequence[int], parts: list[int]) -> int:
    """Note the part of a tax that each member bears, and return all of it. An included one lowers the net amounts."""
    if tax.included:
        parts = _within(parts, [done.nets[at] for at in members])
    for at, part in zip(members, parts, strict=True):
        done.taxes[at].append(LineTax(tax, part))
        done.sums[at] += part
        if tax.included:
            done.nets[at] -= part
    return sum(parts)


def _within(parts: list[int], limits: Sequence[int]) -> list[int]:
    """The same parts, none above its limit. What is cut goes to the first parts that have room, or nowhere."""
    if not any(map(gt, parts, limits)):
        return parts
    within = list(map(min, parts, limits))
    cut = sum(parts) - sum(within)
    for index, limit in enumerate(limits):
        more = min(cut, limit - within[index])
        within[index] += more
        cut -= more
    return within
