"""What the checks of one split owe: priced as one bill, so that they add up to what the check was before. Pure.

A check that was never split is a split of one. Discounts and service charges hold for the check that they were given
to, and for those that were split off it later and inherit them. How it is priced: `shared/orders/whole.py`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

from shared.orders.rules import BillTotal, Discount, LinePrice, ServiceCharge, greatest_service
from shared.orders.whole import NOTHING, OTHER_SERVICE, Charged, Gone, Part, WholeBill, is_on
from shared.payments.repricing import taxes_of
from shared.payments.rules import is_discount_share
from shared.taxes.rules import Tax
from shared.truth.family import LINES, RECEIPT_LINES, REFUND_LINES, is_at_another_price, stakes_in, unit_price
from shared.truth.reading import RowsOfFamily

Place = tuple[UUID, UUID]
"""The check on which a line is now, and the root of its family."""


class Adjustments(NamedTuple):
    """The discounts and service charges in force on some checks, in the order of their ids."""

    discounts: Sequence[Any] = ()
    charges: Sequence[Any] = ()


class PricedCheck(NamedTuple):
    """What a check owes.

    Attributes:
        discounts: the ids of those in force on it, in their order.
        adjusted_by: these and the service charges in force on it, as text.
        whole: the bill of all checks of its split.
    """

    bill: BillTotal
    discounts: list[UUID]
    adjusted_by: list[str]
    whole: WholeBill


def root_of(check: Any) -> UUID:
    """The check that all checks of a split were split off."""
    root: UUID = check.split_of_id or check.id
    return root


def groups_of(checks: Iterable[Any]) -> list[list[Any]]:
    """Checks by split, each in the order of their ids."""
    found: defaultdict[UUID, list[Any]] = defaultdict(list)
    for check in sorted(checks, key=lambda check: check.id):
        found[root_of(check)].append(check)
    return list(found.values())


def places_of(families: Mapping[UUID, RowsOfFamily]) -> dict[UUID, Place]:
    """Where the lines of some families are."""
    return {row_id: (row.check_id, root) for root, rows in families.items() for row_id, row in rows[LINES].items()}


def price_group(
    checks: Sequence[Any],
    owed: Mapping[UUID, Sequence[LinePrice]],
    adjustments: Adjustments,
    families: Mapping[UUID, RowsOfFamily],
) -> dict[UUID, PricedCheck]:
    """What each check of a split owes.

    Args:
        checks: all of them, in the order of their ids.
        owed: the owed portions by check.
        families: their rows; those of other checks beside them do no harm.
    """
    ids = {check.id for check in checks}
    discounts = _discounts(checks, adjustments.discounts, families)
    stakes = _Stakes(families)
    parts = _receipts_of(ids, adjustments, families, stakes)
    charges = {check.id: [row for row in adjustments.charges if _holds_for(row, check, ids)] for check in checks}
    for check in checks:
        service, on = greatest_service(charges[check.id]), discounts[check.id]
        for line in owed.get(check.id, ()):
            shared = frozenset(each.id for each in on if is_on(each, line.key))
            cut = _cut(line.key, line.family, families)
            parts.append(Part(check.id, line, shared, service, line.key, *cut, None, stakes.weight(line, line.key)))
    all_discounts = {each.id: each for on in discounts.values() for each in on}
    whole = WholeBill(tuple(parts), tuple(all_discounts.values()), stakes.gone(ids))
    bills = whole.priced()
    found = {}
    for check in checks:
        given = [each.id for each in discounts[check.id]]
        adjusted_by = [*map(str, given), *(str(row.id) for row in charges[check.id])]
        found[check.id] = PricedCheck(bills.get(check.id, NOTHING), given, adjusted_by, whole)
    return found


def _cut(
    line_id: UUID, root: UUID | None, families: Mapping[UUID, RowsOfFamily]
) -> tuple[UUID | None, datetime | None]:
    """The line that a line was cut off, and when."""
    rows = families.get(root) if root is not None else None
    row = rows[LINES].get(line_id) if rows is not None else None
    return (row.part_of_id, row.added_at) if row is not None else (None, None)


def given_of(families: Iterable[RowsOfFamily]) -> dict[str, int]:
    """What receipts gave of each discount, and what was given back for it later, of the portions that are charged."""
    given: defaultdict[str, int] = defaultdict(int)
    for rows in families:
        refunds = rows[REFUND_LINES].values()
        left = {row_id: row.quantity_milli for row_id, row in rows[RECEIPT_LINES].items()}
        for row in refunds:
            left[row.receipt_line_id] = max(0, left.get(row.receipt_line_id, 0) - row.quantity_milli)
        for row_id, row in rows[RECEIPT_LINES].items():
            for each in filter(is_discount_share, row.discounts):
                given[each["id"]] += each["amount_minor"] * left[row_id] // row.quantity_milli
        for row in refunds:
            kept = min(left[row.receipt_line_id], row.allowed_milli)
            for each in filter(is_discount_share, row.discounts if kept else ()):
                given[each["id"]] += each["amount_minor"] * kept // row.allowed_milli
    return given


def _holds_for(row: Any, check: Any, ids: Collection[UUID]) -> bool:
    """Whether a discount or service charge of a whole check holds for a check of its split."""
    return row.check_id == check.id or (row.check_id in ids and str(row.id) in (check.inherits or ()))


def _discounts(
    checks: Sequence[Any], rows: Sequence[Any], families: Mapping[UUID, RowsOfFamily]
) -> dict[UUID, list[Discount]]:
    """The discounts of each check, in the order of their ids.

    The discount of a line is one of its family: a rate holds for all parts, wherever they are; an amount, or a rate
    that has a most, for those on the checks of one split with the line itself.
    """
    found: dict[UUID, list[Discount]] = {check.id: [] for check in checks}
    if not rows:
        return found
    places, given = places_of(families), given_of(families.values())
    for row in sorted(rows, key=lambda row: row.id):
        gave = given.get(str(row.id), 0)
        most = max(0, row.most_minor - gave) if row.most_minor is not None and row.rate_millionths else None
        discount = Discount(row.id, max(0, row.amount_minor - gave), row.rate_millionths, None, most)
        if row.line_id is None:
            for check in checks:
                if _holds_for(row, check, found.keys()):
                    found[check.id].append(discount)
        elif row.line_id in places and (_is_everywhere(row) or places[row.line_id][0] in found):
            root = places[row.line_id][1]
            of_family = {key: check for key, (check, of) in places.items() if of == root}
            discount = discount._replace(lines=frozenset(of_family))
            for check in checks:
                if check.id in of_family.values():
                    found[check.id].append(discount)
    return found


def _is_everywhere(row: Any) -> bool:
    return bool(row.rate_millionths) and row.most_minor is None


class _Stakes:
    """What the lines of some families stand for exactly, those that were never parted left out."""

    def __init__(self, families: Mapping[UUID, RowsOfFamily]) -> None:
        self._families = families
        self._of = {
            root: found for root, rows in families.items() if root in rows[LINES] and (found := stakes_in(rows))
        }

    def weight(self, line: LinePrice, line_id: UUID) -> Fraction | None:
        """The thousandths that so many of an order line stand for; None: as many."""
        stake = self._of[line.family].get(line_id) if line.family in self._of else None
        return line.quantity_milli * stake.scale if stake is not None else None

    def gone(self, checks: Collection[UUID]) -> tuple[Gone, ...]:
        """What was taken off lines on some checks; each lies behind what is left of its line, as if it were cut off."""
        found = []
        for root, stakes in self._of.items():
            if not any(stake.gone for stake in stakes.values()):
                continue
            lines = self._families[root][LINES]
            for line_id, stake in stakes.items():
                row = lines[line_id]
                if row.check_id in checks:
                    of = row.check_id, root, unit_price(line_id, lines)
                    removed = sum((each.exact for each in stake.gone if each.id is None), Fraction(0))
                    found.append(Gone(*of, line_id, removed, row.part_of_id, row.added_at))
                    voided = (each for each in stake.gone if each.id is not None)
                    found += [Gone(*of, each.id, each.exact, line_id, each.at) for each in voided]
        return tuple(found)


def _receipts_of(
    ids: set[UUID], adjustments: Adjustments, families: Mapping[UUID, RowsOfFamily], stakes: _Stakes
) -> list[Part]:
    """What receipts charged of portions that were not refunded."""
    found = []
    for root, rows in families.items():
        for row_id, row in rows[RECEIPT_LINES].items():
            if row.check_id in ids:
                refunds = [each for each in rows[REFUND_LINES].values() if each.receipt_line_id == row_id]
                left = row.quantity_milli - sum(each.quantity_milli for each in refunds)
                if left > 0:
                    line = LinePrice(row_id, left, row.unit_price_minor, _taxes_on(row), root)
                    charged = _charged(root, row, left, refunds, adjustments)
                    service = _served(row, charged, adjustments)
                    line_id, cut = row.order_line_id, _cut(row.order_line_id, root, families)
                    of_line = row.check_id, line, frozenset[UUID](), service, line_id
                    weight = stakes.weight(line, line_id)
                    if weight is not None and is_at_another_price(row, rows[LINES]):
                        weight = Fraction(left)
                    found.append(Part(*of_line, *cut, charged, weight, left < row.quantity_milli))
    return found


def _taxes_on(row: Any) -> tuple[Tax, ...]:
    return tuple(tax for tax, _amount in taxes_of(row))


def _charged(root: UUID, row: Any, left: int, refunds: Sequence[Any], adjustments: Adjustments) -> Charged:
    """What a receipt line charged, less what refunds took back of it."""
    gone: Counter[str] = Counter()
    taxes = Counter(dict(taxes_of(row)))
    for each in refunds:
        gone.update({name: getattr(each, name) for name in ("gross_minor", "discount_minor", "service_minor")})
        taxes.subtract(dict(taxes_of(each)))
    roots = {str(each.id): each.root_id if each.line_id is not None else root for each in adjustments.discounts}
    ids = {str(each.id): each.id for each in adjustments.discounts}
    discounts: Counter[Any] = Counter({ids[key]: 0 for key in map(str, row.adjusted_by) if roots.get(key) == root})
    for each in filter(is_discount_share, row.discounts):
        discounts[ids.get(each["id"], each["id"])] += each["amount_minor"] * left // row.quantity_milli
    return Charged(
        max(0, row.gross_minor - gone["gross_minor"]),
        row.discount_minor - gone["discount_minor"],
        max(0, row.service_minor - gone["service_minor"]),
        {tax: max(0, amount) for tax, amount in taxes.items()},
        discounts,
    )


def _served(row: Any, charged: Charged, adjustments: Adjustments) -> ServiceCharge | None:
    """The service charge with which a receipt line was priced."""
    known = greatest_service(each for each in adjustments.charges if str(each.id) in row.adjusted_by)
    return known if known is not None or not charged.service_minor else OTHER_SERVICE
