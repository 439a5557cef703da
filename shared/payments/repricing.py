"""What receipts charged against what discounts and service charges say now: a ledger against a ledger. Pure.

Discounts and charges are facts that a receipt is priced with. Given, added or lifted on one device while another takes
the money, they and the receipt say different things. Who wrote each row tells what they knew: a receipt line names what
it was priced with (`adjusted_by`), a discount the receipts that its author knew (`seen`), and so does who lifts one
(`lifted_after`). What was done knowing a receipt leaves it as it is; all else is compared with it.

Limit: what is compared is one check, the one that a discount names. The discount of a line holds for the parts of its
family on other checks, too, where it is priced as long as they are owed; but if one of them was paid on another check
while the discount was given or lifted, nobody is told. To say to the cent what it would have cost takes all of that
other receipt, with its own discounts and service charge, and so the rows of two checks.

Rows are wire rows or rows of a statement; amounts in minor units, quantities in thousandths.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from shared.kernel.money import FULL_RATE
from shared.orders.rules import BillTotal, Discount, LinePrice, LineTotal, greatest_service
from shared.orders.whole import price_bill
from shared.payments.counting import as_text
from shared.payments.rules import is_discount_share, is_tax
from shared.taxes.rules import Tax

Id = Any
"""A UUID or its sixteen bytes; all ids of one check are of one kind."""
Rows = Mapping[Id, Any]
_Line = tuple[Id, Any, int]
"""A receipt line: its id, its row, and the portions of it that were not refunded."""


class LineChange(NamedTuple):
    """What a receipt line charges otherwise than it should.

    Attributes:
        portions: those that were not refunded.
        charged: what they cost with what the receipt was priced with.
        should: what they cost with what is in force.
        allowed_minor: what was given back of it already.
    """

    portions: int
    charged: LineTotal
    should: LineTotal
    allowed_minor: int

    @property
    def too_much_minor(self) -> int:
        """What is charged too much; below nothing: too little."""
        return self.charged.total_minor - self.should.total_minor - self.allowed_minor


def changes_of(
    receipt_lines: Rows, refund_lines: Iterable[Any], discounts: Rows, charges: Rows
) -> dict[Id, LineChange]:
    """The lines of a check's receipts that discounts and charges say something else of, by receipt line.

    Args:
        discounts, charges: all of the check, also those that were lifted.
    """
    back, allowed = _taken_back(refund_lines)
    lines: defaultdict[Id, list[_Line]] = defaultdict(list)
    for row_id, row in sorted(receipt_lines.items()):
        left = row.quantity_milli - back[row_id]
        if left > 0:
            lines[row.receipt_id].append((row_id, row, left))
    amounts = _Amounts(discounts, lines.values())
    found = {}
    for receipt_id, of in sorted(lines.items()):
        receipt = _Receipt(as_text(receipt_id), of)
        touched = receipt.is_touched(discounts) or receipt.is_touched(charges)
        if not (touched or amounts.are_exceeded or any(key in allowed for key, *_ in of)):
            continue
        charged, should = receipt.as_it_is(discounts, charges), receipt.as_it_should_be(discounts, charges, amounts)
        for row_id, _row, left in of:
            less = sum(total * min(left, portions) // portions for total, portions in allowed.get(row_id, ()))
            found[row_id] = LineChange(left, charged.lines[row_id], should.lines[row_id], less)
    return found


def too_much_of(changes: Mapping[Id, LineChange], refund_lines: Iterable[Any]) -> int:
    """What a check's receipts charge too much in all; below nothing: too little.

    Refunds share amounts out in whole cents: a cent for each, of a line that was lowered before, is no difference.
    """
    total = sum(each.too_much_minor for each in changes.values())
    shared = sum(
        1
        for row in refund_lines
        if row.quantity_milli and row.receipt_line_id in changes and changes[row.receipt_line_id].allowed_minor
    )
    return total if abs(total) > shared else 0


class _Receipt:
    """The lines of one receipt on one check."""

    def __init__(self, key: str, lines: Sequence[_Line]) -> None:
        self._key = key
        self._lines = lines
        self._known = {each for _id, row, _left in lines for each in row.adjusted_by}
        self._prices = [LinePrice(row_id, left, row.unit_price_minor, _taxes(row)) for row_id, row, left in lines]

    def is_touched(self, adjustments: Rows) -> bool:
        """Whether any was given or lifted by somebody who did not know this receipt, nor it them."""
        return any(self._is_new(key, row) or self._is_lost(key, row) for key, row in adjustments.items())

    def as_it_is(self, discounts: Rows, charges: Rows) -> BillTotal:
        """The bill with what it was priced with."""
        known = [self._given(key, row) for key, row in discounts.items() if as_text(key) in self._known]
        service = greatest_service(row for key, row in charges.items() if as_text(key) in self._known)
        return price_bill(self._prices, known, service)

    def as_it_should_be(self, discounts: Rows, charges: Rows, amounts: _Amounts) -> BillTotal:
        """The bill with what is in force. Of each amount it takes what earlier receipts left."""
        found = []
        for key, row in discounts.items():
            if as_text(key) in self._known:
                if not self._is_lost(key, row):
                    found.append(amounts.known(self._given(key, row)))
            elif self._is_new(key, row):
                found.append(self._to_give(key, row, amounts.rest[key]))
        service = greatest_service(
            row
            for key, row in charges.items()
            if self._is_new(key, row) or (as_text(key) in self._known and not self._is_lost(key, row))
        )
        bill = price_bill(self._prices, found, service)
        for line in bill.lines.values():
            for each in line.discounts:
                if as_text(each.id) not in self._known:
                    amounts.rest[each.id] -= each.amount_minor
        return bill

    def _is_new(self, key: Id, row: Any) -> bool:
        return not row.lifted and as_text(key) not in self._known and self._key not in row.seen

    def _is_lost(self, key: Id, row: Any) -> bool:
        return bool(row.lifted) and as_text(key) in self._known and self._key not in (row.lifted_after or ())

    def _given(self, key: Id, row: Any) -> Discount:
        """A discount that it was priced with: its rate, or what it gave of an amount, or of a rate that has a most."""
        if _most(row) is None:
            return Discount(key, 0, row.rate_millionths, self._members(row))
        gave = sum(_gave(line, left, as_text(key)) for _id, line, left in self._lines)
        return Discount(key, gave, 0, self._members(row))

    def _to_give(self, key: Id, row: Any, rest: int) -> Discount:
        """A discount that it was not priced with: its rate, or what is left of what it may take."""
        if row.rate_millionths:
            return Discount(key, 0, row.rate_millionths, self._members(row), None if _most(row) is None else rest)
        return Discount(key, rest, 0, self._members(row))

    def _members(self, discount: Any) -> frozenset[Any] | None:
        """The lines that share a discount. That of a line is one of its family."""
        if discount.line_id is None:
            return None
        return frozenset(row_id for row_id, row, _left in self._lines if row.root_id == discount.root_id)


def _taken_back(refund_lines: Iterable[Any]) -> tuple[Counter[Id], dict[Id, list[tuple[int, int]]]]:
    """By receipt line: the portions that refunds took back; what was given back of the price, of how many portions."""
    back: Counter[Id] = Counter()
    allowed: defaultdict[Id, list[tuple[int, int]]] = defaultdict(list)
    for row in refund_lines:
        back[row.receipt_line_id] += row.quantity_milli
        if row.allowed_milli > 0:
            allowed[row.receipt_line_id].append((row.total_minor, row.allowed_milli))
    return back, allowed


class _Amounts:
    """The amounts of discounts that are shared by the receipts of a check, in the order of their ids.

    What a rate may take at most is such an amount.

    Attributes:
        rest: what receipts that were priced with an amount left of it.
        are_exceeded: whether they gave more than there is: two of them at once.
    """

    def __init__(self, discounts: Rows, receipts: Iterable[Sequence[_Line]]) -> None:
        lines = [(row, left) for of in receipts for _id, row, left in of]
        mosts = ((key, _most(row)) for key, row in discounts.items())
        self._most = {key: most for key, most in mosts if most is not None}
        given = {key: sum(_gave(line, left, as_text(key)) for line, left in lines) for key in self._most}
        self.rest = Counter({key: max(0, most - given[key]) for key, most in self._most.items()})
        self.are_exceeded = any(given[key] > most for key, most in self._most.items())

    def known(self, discount: Discount) -> Discount:
        """A discount that a receipt was priced with: of an amount no more than there is."""
        if discount.id not in self._most:
            return discount
        kept = min(discount.amount_minor, self._most[discount.id])
        self._most[discount.id] -= kept
        return discount._replace(amount_minor=kept)


def _most(discount: Any) -> int | None:
    """What a discount takes at most; None if its rate has no limit."""
    most: int | None = discount.amount_minor or discount.most_minor
    return most


def _gave(line: Any, left: int, discount: str) -> int:
    """What a discount took off the portions of a receipt line that were not refunded."""
    shares = filter(is_discount_share, line.discounts)
    gave: int = sum(each["amount_minor"] for each in shares if each["id"] == discount)
    return gave * left // int(line.quantity_milli)


def taxes_of(line: Any) -> list[tuple[Tax, int]]:
    """The taxes that a receipt line bears with their amounts, as far as they are some."""
    found: dict[Tax, int] = {}
    for said in filter(is_tax, line.taxes):
        rate, unit = said.get("rate_millionths", 0), said.get("per_unit_minor", 0)
        if type(rate) is type(unit) is int and 0 <= rate <= FULL_RATE and unit >= 0:
            tax = Tax(said["name"], rate, said["included"], unit)
            found[tax] = found.get(tax, 0) + said["tax_minor"]
    return list(found.items())


def _taxes(line: Any) -> tuple[Tax, ...]:
    return tuple(tax for tax, _amount in taxes_of(line))
