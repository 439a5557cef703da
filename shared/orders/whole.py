"""What a bill comes to, also one that was split: pure pricing, exact to the minor unit, in whatever order lines come.

The checks of a split are one bill. It is priced once, as if it had never been split: discounts come first, then the
service charge, then taxes (`shared/taxes/rules.py`). Each amount is rounded once for the whole and handed to its lines
by largest remainder; each line hands its own to its parts, wherever they are, along the order in which they were cut
(`cuts.py`, `sharing.py`). What a receipt charged stays as it is, and the others share what it leaves. So the parts add
up to the whole in every amount and every tax, and to split or pay one of them changes none of the others (but for a
cent, where a receipt took an amount, or something was given or lifted after it).

What a dish costs is no one else's either when a share of it is voided or refunded: it keeps its place (`Gone`). Yet
discounts, service and taxes that are added are rounded once for the whole: to void, refund or add something on one
check may pass a cent of these to another check of its split, and a bill that its guests hold already says a cent more
or less. The sums are right each time, and the till shows that a bill was asked for and what it said.

Amounts in minor units, rates in millionths, quantities in thousandths.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from operator import add
from typing import Any, NamedTuple

from shared.kernel.money import FULL_RATE, divide_half_up, share_in_order
from shared.kernel.quantity import ONE
from shared.orders.cuts import Cut, laid_out
from shared.orders.rules import BillTotal, Discount, DiscountShare, LinePrice, LineTotal, ServiceCharge, gross_of
from shared.orders.sharing import Group, Lines
from shared.taxes.rules import LineTax, Tax, TaxableLine, TaxTotal, apply_taxes, order_of_taxes

Id = Any
"""A UUID or its sixteen bytes; all ids of one bill are of one kind."""


OTHER_SERVICE = ServiceCharge(-1)
"""Of what a receipt charged with a service charge that is not known any more: nothing that is owed bears it."""


class Charged(NamedTuple):
    """What a receipt charged for a part.

    Attributes:
        discounts: what each discount that was in force took off it, by id.
    """

    gross_minor: int
    discount_minor: int
    service_minor: int
    taxes: Mapping[Tax, int]
    discounts: Mapping[Id, int]


class Part(NamedTuple):
    """Portions of a line on one bill.

    Attributes:
        line: its key is that of the row that says so: an order line, or the line of a receipt.
        weight: the thousandths that it stands for exactly; None: those that it has.
        discounts: those that are in force on it.
        line_id: of the order line.
        part_of: the order line that it was cut off.
        added_at: when it was; None: it is not written yet.
        charged: None: it is owed.
        is_lessened: some of what was charged was given back.
    """

    bill: Id
    line: LinePrice
    discounts: frozenset[Id]
    service: ServiceCharge | None
    line_id: Id
    part_of: Id | None = None
    added_at: datetime | None = None
    charged: Charged | None = None
    weight: Fraction | None = None
    is_lessened: bool = False

    @property
    def exact(self) -> Fraction:
        """The thousandths that it stands for."""
        return Fraction(self.line.quantity_milli) if self.weight is None else self.weight

    @property
    def place(self) -> tuple[Any, ...]:
        """Sort key: the order in which parts were cut; of one line what receipts charged comes first."""
        since = self.added_at is None, self.added_at or datetime.min  # noqa: DTZ901 one that stands for none
        return *since, self.bill, self.line_id, self.charged is None, self.line.key


class Gone(NamedTuple):
    """What was voided of a line that was parted, or refunded: nobody owes it, and the others cost what they cost.

    Attributes:
        line_id: of the void, which lies behind what is left of its line; or of the line itself, which keeps its place.
        exact: the thousandths that it stood for.
    """

    bill: Id
    family: Id
    unit_minor: int
    line_id: Id
    exact: Fraction
    part_of: Id | None = None
    added_at: datetime | None = None

    @property
    def place(self) -> tuple[Any, ...]:
        """Sort key: behind all that is left of its line."""
        since = self.added_at is None, self.added_at or datetime.min  # noqa: DTZ901 one that stands for none
        return *since, self.bill, self.line_id, len(self), self.line_id


@dataclass(frozen=True, slots=True)
class WholeBill:
    """All parts of a bill that was split, or not, and the discounts on any of them.

    Attributes:
        discounts: of an amount, and of the most of a rate, what receipts left of it.
        gone: of lines that were parted.
    """

    parts: tuple[Part, ...] = ()
    discounts: tuple[Discount, ...] = ()
    gone: tuple[Gone, ...] = ()

    def priced(self) -> dict[Id, BillTotal]:
        """What each bill owes."""
        totals = _price(self.parts, self.discounts, self.gone)
        found: defaultdict[Id, list[Part]] = defaultdict(list)
        for part in self.parts:
            if part.charged is None:
                found[part.bill].append(part)
        return {bill: _bill(parts, totals) for bill, parts in found.items()}

    def of(self, bill: Id) -> BillTotal:
        """What one bill owes."""
        return self.priced().get(bill, NOTHING)


NOTHING = BillTotal({}, (), 0, 0, 0, 0, 0)
"""What a bill without lines comes to."""


def price_bill(
    lines: Sequence[LinePrice], discounts: Sequence[Discount] = (), service: ServiceCharge | None = None
) -> BillTotal:
    """Price a bill that was not split.

    Discounts never take more than there is. Those of lines come before those of the bill, each kind by id: ids tell
    when they were given, so that the order in which a device heard of them changes no cent.
    """
    return unsplit(None, lines, discounts, service).of(None)


def unsplit(
    bill: Id, lines: Iterable[LinePrice], discounts: Sequence[Discount] = (), service: ServiceCharge | None = None
) -> WholeBill:
    """A bill that is a whole by itself."""
    parts = [
        Part(bill, line, frozenset(each.id for each in discounts if is_on(each, line.key)), service, line.key)
        for line in lines
    ]
    return WholeBill(tuple(parts), tuple(discounts))


def is_on(discount: Discount, line_id: Id) -> bool:
    """Whether a line of its bill shares a discount."""
    return discount.lines is None or line_id in discount.lines


def _bill(parts: Sequence[Part], totals: Mapping[Id, LineTotal]) -> BillTotal:
    lines = {part.line.key: totals[part.line.key] for part in parts}
    nets: defaultdict[Tax, int] = defaultdict(int)
    taxes: defaultdict[Tax, int] = defaultdict(int)
    for part in parts:
        total = lines[part.line.key]
        beside = total.service_minor if part.service is not None and not part.service.taxed else 0
        for tax, amount in total.taxes:
            nets[tax] += total.net_minor - beside
            taxes[tax] += amount
    of = lines.values()
    return BillTotal(
        lines=lines,
        taxes=tuple(TaxTotal(tax, nets[tax], taxes[tax]) for tax in sorted(taxes)),
        gross_minor=sum([each.gross_minor for each in of]),
        discount_minor=sum([each.discount_minor for each in of]),
        service_minor=sum([each.service_minor for each in of]),
        net_minor=sum([each.net_minor for each in of]),
        tax_minor=sum([each.tax_minor for each in of]),
    )


def _price(parts: Iterable[Part], discounts: Iterable[Discount], gone: Iterable[Gone]) -> dict[Id, LineTotal]:
    """What each owed part comes to, by the key of its line."""
    ordered, lines, layouts = _lines_of(parts, gone)
    gross = _gross(ordered, lines, layouts)
    taken, left = _take_off(ordered, lines, gross, discounts)
    service = _serve(ordered, lines, left, taxed=True)
    nets, taxes = list(map(add, left, service)), [list[LineTax]() for _ in ordered]
    for of_service in _by_service(ordered, lines):
        _tax(ordered, of_service, nets, taxes)
    untaxed = _serve(ordered, lines, nets, taxed=False)
    found = {}
    for at, part in enumerate(ordered):
        if part.charged is None:
            found[part.line.key] = LineTotal(
                gross_minor=gross[at],
                discount_minor=gross[at] - left[at],
                service_minor=service[at] + untaxed[at],
                net_minor=nets[at] + untaxed[at],
                tax_minor=sum([each.tax_minor for each in taxes[at]]),
                discounts=tuple(taken[at]),
                taxes=tuple(taxes[at]),
            )
    return found


class _Layout(NamedTuple):
    """A line in its order.

    Attributes:
        places: of each part, None for what is gone.
        weights: of each.
        worth_minor: what all of it costs. A third of a dish costs a third.
    """

    places: Sequence[int | None]
    weights: Sequence[int]
    worth_minor: int


def _lines_of(parts: Iterable[Part], gone: Iterable[Gone]) -> tuple[list[Part], Lines, list[_Layout]]:
    """The parts in their order, line by line, and how each line is laid out."""
    by_line: defaultdict[tuple[Id, int], list[Part]] = defaultdict(list)
    for part in parts:
        by_line[part.line.family or part.line.key, part.line.unit_minor].append(part)
    gone_of: defaultdict[tuple[Id, int], list[Gone]] = defaultdict(list)
    for each in gone:
        gone_of[each.family, each.unit_minor].append(each)
    ordered: list[Part] = []
    layouts: list[_Layout] = []
    groups: list[Group] = []
    for key, of in sorted(by_line.items()):
        groups.append(list(range(len(ordered), len(ordered) + len(of))))
        if len(of) == 1 and of[0].weight is None:
            quantity = of[0].line.quantity_milli
            layouts.append(_Layout([len(ordered)], [quantity], gross_of(quantity, key[1])))
            ordered += of
        else:
            layouts.append(_lay_out(of, gone_of[key], ordered))
    plain = len(groups) == len(ordered) and all(part.charged is None for part in ordered)
    return ordered, Lines([part.line_id for part in ordered], groups, plain), layouts


def _lay_out(of: Sequence[Part], gone: Sequence[Gone], ordered: list[Part]) -> _Layout:
    """Lay out the parts of a line, and add them to the others in their order."""
    together: list[Part | Gone] = sorted((*of, *gone), key=lambda each: each.place)
    cuts = [Cut(each.line_id, each.part_of, each.exact) for each in together]
    places: list[int | None] = []
    weights = []
    for at, weight in laid_out(cuts):
        each = together[at]
        places.append(len(ordered) if isinstance(each, Part) else None)
        weights.append(weight)
        if isinstance(each, Part):
            ordered.append(each)
    exact = sum((cut.weight for cut in cuts), Fraction(0)) * of[0].line.unit_minor
    return _Layout(places, weights, divide_half_up(exact.numerator, exact.denominator * ONE))


def _gross(ordered: Sequence[Part], lines: Lines, layouts: Sequence[_Layout]) -> list[int]:
    """What each part costs as priced: what lies between its ends in its line, what is gone of that included."""
    given = [None if part.charged is None else part.charged.gross_minor for part in ordered]
    ruled, weights = [0] * len(ordered), [0] * len(ordered)
    for layout in layouts:
        shares = share_in_order(layout.worth_minor, layout.weights)
        for at, weight, share in zip(layout.places, layout.weights, shares, strict=True):
            if at is not None:
                ruled[at], weights[at] = share, weight
        _let_gone_make_up(ordered, layout, ruled, given)
    found = lines.ruled(ruled, weights, given)
    return [found[at] for at in range(len(ordered))]


def _let_gone_make_up(ordered: Sequence[Part], layout: _Layout, ruled: list[int], given: Sequence[int | None]) -> None:
    """Let a receipt of which a share was given back differ by a cent: nobody else makes up for that."""
    parts = [at for at in layout.places if at is not None]
    owed = {ordered[at].line_id for at in parts if given[at] is None}
    for at in parts:
        charged = given[at]
        if charged is not None and ordered[at].is_lessened and ordered[at].line_id not in owed:
            ruled[at] = charged


def _take_off(
    ordered: Sequence[Part], lines: Lines, gross: Sequence[int], discounts: Iterable[Discount]
) -> tuple[list[list[DiscountShare]], list[int]]:
    """What each discount takes off each part, and what is left of it."""
    ranked = sorted(discounts, key=lambda each: (each.lines is None, each.id))
    taken: list[list[DiscountShare]] = [[] for _ in ordered]
    if lines.plain and not ranked:
        return taken, list(gross)
    left = _without_others(ordered, gross, {each.id for each in ranked})
    for discount in ranked:
        given = [None if part.charged is None else part.charged.discounts.get(discount.id, 0) for part in ordered]
        members = [at for at, part in enumerate(ordered) if discount.id in _given_on(part)]
        amount = _comes_to(discount, sum(left[at] for at in members), sum(given[at] or 0 for at in members))
        for at, off in lines.among(members).hand_out(amount, left, given).items():
            left[at] = max(0, left[at] - off)
            if off and given[at] is None:
                taken[at].append(DiscountShare(discount.id, off))
    for at, part in enumerate(ordered):
        if part.charged is not None:
            left[at] = max(0, part.charged.gross_minor - part.charged.discount_minor)
    return taken, left


def _given_on(part: Part) -> Collection[Id]:
    """The discounts that are, or were, in force on a part."""
    return part.discounts if part.charged is None else part.charged.discounts


def _without_others(ordered: Sequence[Part], gross: Sequence[int], known: Collection[Id]) -> list[int]:
    """What parts cost less what discounts took off them that are not known any more."""
    left = list(gross)
    for at, part in enumerate(ordered):
        if part.charged is not None:
            others = sum(amount for key, amount in part.charged.discounts.items() if key not in known)
            left[at] = max(0, left[at] - others)
    return left


def _comes_to(discount: Discount, base: int, given: int) -> int:
    """What a discount takes off in all, what receipts gave of it included."""
    if not discount.rate_millionths:
        return min(max(0, discount.amount_minor + given), base)
    wanted = divide_half_up(base * discount.rate_millionths, FULL_RATE)
    if discount.most_minor is not None:
        wanted = min(wanted, discount.most_minor + given)
    return min(max(0, wanted + discount.amount_minor), base)


def _serve(ordered: Sequence[Part], lines: Lines, amounts: Sequence[int], *, taxed: bool) -> list[int]:
    """The service charge of each part, if it is taxed, or if it is of amounts without tax."""
    found = [0] * len(ordered)
    for each in dict.fromkeys(part.service for part in ordered):
        if each is not None and each.taxed == taxed:
            given = [None if part.charged is None else part.charged.service_minor for part in ordered]
            members = [at for at, part in enumerate(ordered) if part.service == each]
            due = divide_half_up(sum(amounts[at] for at in members) * each.rate_millionths, FULL_RATE)
            for at, part in lines.among(members).hand_out(due, amounts, given, within=False).items():
                found[at] = part
    return found


def _by_service(ordered: Sequence[Part], lines: Lines) -> list[Lines]:
    """The parts apart by their service charge: each such whole is taxed by itself."""
    charges = dict.fromkeys(part.service for part in ordered)
    if len(charges) == 1:
        return [lines]
    return [lines.among([at for at, part in enumerate(ordered) if part.service == each]) for each in charges]


def _tax(ordered: Sequence[Part], lines: Lines, nets: list[int], taxes: list[list[LineTax]]) -> None:
    """Note the taxes of parts, and take the included ones out of their amounts."""
    alike = [of for group in lines.groups for of in _alike_in_tax(ordered, group)]
    quantities = [part.line.quantity_milli for part in ordered]
    taxed = apply_taxes(
        [
            TaxableLine(sum(nets[at] for at in of), sum(quantities[at] for at in of), ordered[of[0]].line.taxes)
            for of in alike
        ]
    )
    if lines.plain:
        for (at,), net, said in zip(alike, taxed.nets, taxed.taxes, strict=True):
            nets[at], taxes[at] = net, said
        return
    shares: defaultdict[Tax, tuple[list[Group], list[int]]] = defaultdict(lambda: ([], []))
    for of, said in zip(alike, taxed.taxes, strict=True):
        for tax, amount in said:
            shares[tax][0].append(of)
            shares[tax][1].append(amount)
    for tax in sorted(shares, key=order_of_taxes):
        members, amounts = shares[tax]
        given = [None if part.charged is None else part.charged.taxes.get(tax, 0) for part in ordered]
        weights = quantities if tax.per_unit_minor and not tax.included else nets
        parts = lines._replace(groups=members).to_parts(amounts, weights, given, within=tax.included)
        for at, part in parts.items():
            taxes[at].append(LineTax(tax, part))
            if tax.included:
                nets[at] = max(0, nets[at] - part)


def _alike_in_tax(ordered: Sequence[Part], of: Group) -> list[Group]:
    """The parts of a line that bear the same taxes: rates may have changed since a receipt charged some."""
    if len(of) == 1:
        return [of]
    found: defaultdict[tuple[Tax, ...], Group] = defaultdict(list)
    for at in of:
        found[tuple(sorted(ordered[at].line.taxes))].append(at)
    return list(found.values())
