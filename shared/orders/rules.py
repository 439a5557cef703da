"""What a bill comes to: pure pricing, exact to the minor unit, whatever the order of the lines.

Discounts come first, then the service charge, then taxes (`shared/taxes/rules.py`). Every amount of the bill is rounded
once and handed to the lines by largest remainder, so that lines and totals always add up. Amounts in minor units, rates
in millionths, quantities in thousandths.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any, NamedTuple
from uuid import UUID

from shared.kernel.money import FULL_RATE, divide_half_up, share
from shared.kernel.quantity import MAX_QUANTITY_MILLI, ONE, cut_of
from shared.taxes.rules import NO_TAXES, LineTax, Tax, TaxableLine, TaxTotal, apply_taxes


class LinePrice(NamedTuple):
    """What pricing must know of a line.

    Attributes:
        unit_minor: includes the modifiers.
        family: the root of a line that was split. Parts of one family at one price are rounded together.
        whole_milli: portions of its family at its price, on whatever bill; 0: those that are priced with it.
        split_milli: those of them on the checks of its split, as `whole_milli`.
    """

    key: UUID
    quantity_milli: int
    unit_minor: int
    taxes: tuple[Tax, ...] = ()
    family: UUID | None = None
    whole_milli: int = 0
    split_milli: int = 0


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


class Earlier(NamedTuple):
    """Portions that another bill of the same split has charged or will charge.

    A bill that comes after it is priced as the rest of one bill over both, so that the parts of a split add up to what
    the whole was, to the minor unit.

    Attributes:
        total: what they cost there.
        discounts: what each discount that they share took off them there, by its id as text.
        service: the service charge there.
        of_line: the discounts among these that are of this line alone, and hold for no other of its bill.
    """

    line: LinePrice
    total: LineTotal
    discounts: Mapping[str, int]
    service: ServiceCharge | None
    of_line: frozenset[str] = frozenset()


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
    lines: Sequence[LinePrice],
    discounts: Sequence[Discount] = (),
    service: ServiceCharge | None = None,
    earlier: Sequence[Earlier] = (),
) -> BillTotal:
    """Price a bill.

    Discounts never take more than there is. Those of lines come before those of the bill, each kind by id: ids tell
    when they were given, so that the order in which a device heard of them changes no cent.

    Args:
        earlier: portions of the same split that stand on other bills: amounts are what they leave of the whole.
    """
    ordered = sorted(lines, key=lambda line: (line.family or line.key, line.key))
    gross = _gross(ordered, earlier)
    charged = list(gross)
    taken = _take_off(ordered, charged, discounts, earlier)
    nothing = [0] * len(ordered)
    taxed_service = _service(service, charged, earlier) if service and service.taxed else nothing
    taxed = apply_taxes(
        [
            TaxableLine(amount + part, line.quantity_milli, line.taxes)
            for line, amount, part in zip(ordered, charged, taxed_service, strict=True)
        ],
        _rest_of_taxes(ordered, discounts, taken, service, earlier),
    )
    untaxed_service = _service(service, taxed.nets, earlier) if service and not service.taxed else nothing
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


def _gross(ordered: Sequence[LinePrice], earlier: Sequence[Earlier]) -> list[int]:
    """What each line costs as priced. Parts of one family at one price share what their portions cost together."""
    groups: dict[tuple[UUID, int], list[int]] = {}
    for at, line in enumerate(ordered):
        groups.setdefault((line.family or line.key, line.unit_minor), []).append(at)
    before: dict[tuple[UUID, int], list[Earlier]] = {}
    for each in earlier:
        before.setdefault((each.line.family or each.line.key, each.line.unit_minor), []).append(each)
    found = [0] * len(ordered)
    for key, members in groups.items():
        others, mine = before.get(key, []), [ordered[at] for at in members]
        worth = _worth_together([*(each.line for each in others), *mine], key[1])
        rest = max(0, worth - sum(each.total.gross_minor for each in others))
        for at, part in zip(members, share(rest, _weights(mine)), strict=True):
            found[at] = part
    return found


def _worth_together(parts: Sequence[LinePrice], unit_minor: int) -> int:
    """What parts of one family cost together. A third of a dish costs a third, though it is written as 0.333 of it;
    all of its parts on one split cost what they would as one, into whatever they are cut."""
    whole, portions = max(part.whole_milli for part in parts), sum(part.quantity_milli for part in parts)
    of_split = max(portions, *(part.split_milli for part in parts))
    if portions >= whole:
        return gross_of(portions, unit_minor)
    exact = cut_of(of_split, whole) if of_split < whole else Fraction(whole)
    if portions < of_split:
        exact = min(exact, sum((cut_of(part.quantity_milli, whole) for part in parts), Fraction()))
    return divide_half_up(exact.numerator * unit_minor, exact.denominator * ONE)


def _weights(parts: Sequence[LinePrice]) -> list[int]:
    """By what several parts on one bill share what they cost: two thirds that are written as 333 and 334 are alike."""
    if len(parts) == 1:
        return [parts[0].quantity_milli]
    whole = max(part.whole_milli for part in parts) or sum(part.quantity_milli for part in parts)
    exact = [cut_of(part.quantity_milli, whole) for part in parts]
    scale = lcm(*(each.denominator for each in exact))
    return [int(each * scale) for each in exact]


def _take_off(
    ordered: Sequence[LinePrice], charged: list[int], discounts: Sequence[Discount], earlier: Sequence[Earlier]
) -> list[list[DiscountShare]]:
    """Take discounts off `charged`. Returns the shares of each line."""
    taken: list[list[DiscountShare]] = [[] for _ in ordered]
    known = {str(discount.id) for discount in discounts} if earlier else set()
    before = [
        each.total.gross_minor - sum(part for key, part in each.discounts.items() if key not in known)
        for each in earlier
    ]
    for discount in sorted(discounts, key=lambda discount: (discount.lines is None, discount.id)):
        keys = discount.lines
        members = [at for at, line in enumerate(ordered) if keys is None or line.key in keys]
        left = [charged[at] for at in members]
        base = given = 0
        for at, each in enumerate(earlier):
            part = each.discounts.get(str(discount.id))
            if part is not None:
                base, given, before[at] = base + before[at], given + part, before[at] - part
        of_rate = divide_half_up((base + sum(left)) * discount.rate_millionths, FULL_RATE) - given
        if discount.most_minor is not None:
            of_rate = min(of_rate, discount.most_minor)
        wanted = discount.amount_minor + (of_rate if discount.rate_millionths else 0)
        amount = min(max(0, wanted), sum(left))
        for at, part in zip(members, share(amount, left), strict=True):
            if part:
                charged[at] -= part
                taken[at].append(DiscountShare(discount.id, part))
    return taken


def _service(service: ServiceCharge, amounts: Sequence[int], earlier: Sequence[Earlier] = ()) -> list[int]:
    """The service charge of each line."""
    base = given = 0
    for each in earlier:
        if each.service == service:
            whole = each.total
            base += whole.gross_minor - whole.discount_minor if service.taxed else whole.net_minor - whole.service_minor
            given += whole.service_minor
    due = divide_half_up((base + sum(amounts)) * service.rate_millionths, FULL_RATE) - given
    return share(max(0, due), amounts)


def _rest_of_taxes(
    ordered: Sequence[LinePrice],
    discounts: Sequence[Discount],
    taken: Sequence[Sequence[DiscountShare]],
    service: ServiceCharge | None,
    earlier: Sequence[Earlier],
) -> Mapping[Tax, int]:
    """What earlier bills of the same conditions left of each tax of one bill over all. Nothing where no line is shared.

    That bill is priced anew, each family as one line: how cents fell on the lines of its parts changes no tax.
    """
    families = {line.family or line.key for line in ordered}
    if not earlier and len(families) == len(ordered):
        return NO_TAXES
    taxes = {line.family or line.key: frozenset(line.taxes) for line in ordered}
    alike = [each for each in earlier if _is_alike(each, discounts, service, taxes)]
    merged: dict[tuple[UUID, int], LinePrice] = {}
    for line in (*ordered, *(each.line for each in alike)):
        at = line.family or line.key, line.unit_minor
        before = merged[at].quantity_milli if at in merged else 0
        of = max(line.whole_milli, merged[at].whole_milli if at in merged else 0)
        merged[at] = LinePrice(at[0], before + line.quantity_milli, at[1], tuple(sorted(line.taxes)), at[0], of)
    # Two prices of one family are two lines: each gets a key of its own, in their order.
    keyed = [merged[at]._replace(key=UUID(int=place), family=None) for place, at in enumerate(sorted(merged), start=1)]
    family_of = {line.key: at[0] for line, at in zip(keyed, sorted(merged), strict=True)}
    over_all = [_over_all(each, ordered, taken, alike, family_of) for each in discounts]
    whole = price_bill(keyed, [*over_all, *_of_others(discounts, alike, family_of)], service)
    given: dict[Tax, int] = {}
    for each in alike:
        for tax, amount in each.total.taxes:
            given[tax] = given.get(tax, 0) + amount
    return {tax: max(0, amount - given.get(tax, 0)) for tax, _net, amount in whole.taxes}


def _is_alike(
    earlier: Earlier,
    discounts: Sequence[Discount],
    service: ServiceCharge | None,
    taxes: Mapping[UUID, frozenset[Tax]],
) -> bool:
    """Whether portions were priced as this bill is: with its discounts, besides those of their own line, its service
    charge and its taxes."""
    family = earlier.line.family or earlier.line.key
    ids = {str(each.id) for each in discounts}
    of_all = {str(each.id) for each in discounts if each.lines is None}
    return (
        of_all <= earlier.discounts.keys() <= ids | earlier.of_line
        and earlier.service == service
        and frozenset(earlier.line.taxes) == taxes.get(family, frozenset(earlier.line.taxes))
    )


def _of_others(
    discounts: Sequence[Discount], alike: Sequence[Earlier], family_of: Mapping[UUID, UUID]
) -> list[Discount]:
    """Discounts of lines that are on other bills alone: what they took off there."""
    known = {str(each.id) for each in discounts}
    given: dict[tuple[UUID, UUID], int] = {}
    for each in alike:
        for key in each.of_line - known:
            at = UUID(key), each.line.family or each.line.key
            given[at] = given.get(at, 0) + each.discounts[key]
    return [
        Discount(key, amount, lines=frozenset(line for line, of in family_of.items() if of == family))
        for (key, family), amount in given.items()
    ]


def _over_all(
    discount: Discount,
    ordered: Sequence[LinePrice],
    taken: Sequence[Sequence[DiscountShare]],
    alike: Sequence[Earlier],
    family_of: Mapping[UUID, UUID],
) -> Discount:
    """A discount as one bill over all would have it: what is given of an amount here and was given there.

    A rate that has a most is an amount, too; and so is an amount of which nothing is left for this bill.
    """
    lines = None
    if discount.lines is not None:
        families = {line.family or line.key for line in ordered if line.key in discount.lines}
        families |= {each.line.family or each.line.key for each in alike if str(discount.id) in each.discounts}
        lines = frozenset(key for key, family in family_of.items() if family in families)
    if discount.rate_millionths and discount.most_minor is None:
        return discount._replace(lines=lines)
    amount = sum(share.amount_minor for of in taken for share in of if share.id == discount.id)
    amount += sum(each.discounts.get(str(discount.id), 0) for each in alike)
    return Discount(discount.id, amount, lines=lines)
