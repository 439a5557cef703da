"""A part of a bill: so much money of it, with as many portions of each line as that buys. Pure.

What is left is priced as the rest of the whole (`whole.py`), so that the parts of a bill add up to it.
Amounts in minor units, quantities in thousandths.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from shared.kernel.money import share
from shared.orders.rules import BillTotal, LinePrice, LineTotal
from shared.taxes.rules import Tax, TaxTotal


def equal_part(due_minor: int, parts: int) -> int:
    """One of so many equal parts of an amount, rounded up: the later ones are a cent less, if any differs."""
    return -(-due_minor // parts)


def part_of_bill(
    lines: Sequence[LinePrice], bill: BillTotal, amount_minor: int, keep_milli: int
) -> tuple[list[LinePrice], BillTotal] | None:
    """So much of a bill, or None if it cannot be parted so.

    Args:
        lines: what the bill is of.
        amount_minor: what the part comes to, above nothing and less than the bill.
        keep_milli: portions of each line that stay at least, so that none is forgotten among roundings.
    """
    whole = bill.total_minor
    if not 0 < amount_minor < whole:
        return None
    taken = {
        line.key: min(line.quantity_milli * amount_minor // whole, line.quantity_milli - keep_milli) for line in lines
    }
    parts = [line._replace(quantity_milli=taken[line.key]) for line in lines if taken[line.key] > 0]
    totals = [bill.lines[part.key].total_minor for part in parts]
    if sum(totals) <= amount_minor:
        return None
    amounts = share(amount_minor, totals)
    quantities = {line.key: line.quantity_milli for line in lines}
    found = {
        part.key: _part_of_line(bill.lines[part.key], amount, part.quantity_milli, quantities[part.key])
        for part, amount in zip(parts, amounts, strict=True)
    }
    return parts, _sum(found)


def _part_of_line(whole: LineTotal, amount_minor: int, portions: int, of_portions: int) -> LineTotal:
    """A part of a line that costs this; of a line that costs nothing, its portions say how much of it.

    Each amount is a share of the line's, rounded down, and then raised until they come to what the part costs: none
    goes beyond what the line has, so that what is left has nothing below zero.
    """
    part, of = (amount_minor, whole.total_minor) if whole.total_minor else (portions, of_portions)
    off = [each.amount_minor * part // of for each in whole.discounts]
    taxes = [each.tax_minor * part // of for each in whole.taxes]
    service, gross = whole.service_minor * part // of, whole.gross_minor * part // of
    added = [at for at, each in enumerate(whole.taxes) if not each.tax.included]
    lacks = amount_minor - (gross - sum(off) + service + sum(taxes[at] for at in added))
    _raise(off, [each.amount_minor for each in whole.discounts], range(len(off)), -lacks)
    lacks = max(0, lacks)
    more = min(lacks, whole.service_minor - service)
    lacks -= more
    lacks -= _raise(taxes, [each.tax_minor for each in whole.taxes], added, lacks)
    service, gross, discount = service + more, gross + lacks, sum(off)
    included = [at for at, each in enumerate(whole.taxes) if each.tax.included]
    net = whole.gross_minor - whole.discount_minor - sum(whole.taxes[at].tax_minor for at in included)
    above = gross - discount - sum(taxes[at] for at in included) - net
    _raise(
        taxes,
        [each.tax_minor for each in whole.taxes],
        included,
        max(above, above + service - whole.service_minor),
    )
    return LineTotal(
        gross_minor=gross,
        discount_minor=discount,
        service_minor=service,
        net_minor=amount_minor - sum(taxes),
        tax_minor=sum(taxes),
        discounts=tuple(each._replace(amount_minor=part) for each, part in zip(whole.discounts, off, strict=True)),
        taxes=tuple(each._replace(tax_minor=part) for each, part in zip(whole.taxes, taxes, strict=True)),
    )


def _raise(amounts: list[int], most: Sequence[int], which: Iterable[int], by: int) -> int:
    """Raise some amounts, one after the other and none above its most, by so much in all. Returns what was added."""
    added = 0
    for at in which:
        more = max(0, min(by - added, most[at] - amounts[at]))
        amounts[at] += more
        added += more
    return added


def _sum(lines: dict[UUID, LineTotal]) -> BillTotal:
    nets: defaultdict[Tax, int] = defaultdict(int)
    taxes: defaultdict[Tax, int] = defaultdict(int)
    for line in lines.values():
        for tax, amount in line.taxes:
            nets[tax] += line.net_minor
            taxes[tax] += amount
    return BillTotal(
        lines=lines,
        taxes=tuple(TaxTotal(tax, nets[tax], taxes[tax]) for tax in sorted(taxes)),
        gross_minor=sum(line.gross_minor for line in lines.values()),
        discount_minor=sum(line.discount_minor for line in lines.values()),
        service_minor=sum(line.service_minor for line in lines.values()),
        net_minor=sum(line.net_minor for line in lines.values()),
        tax_minor=sum(line.tax_minor for line in lines.values()),
    )
