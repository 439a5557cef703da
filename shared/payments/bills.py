"""What the checks of one split owe: priced together, so that they add up to what the check was before. Pure.

A check that was never split is a split of one. Receipts come first, then the checks in the order of their ids: each
owes what those before it left of the whole. Discounts and service charges hold for the check that they were given to,
and for those that were split off it later and inherit them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from shared.kernel.money import share
from shared.orders.rules import (
    BillTotal,
    Discount,
    Earlier,
    LinePrice,
    LineTotal,
    ServiceCharge,
    greatest_service,
    price_bill,
)
from shared.payments.repricing import taxes_of
from shared.payments.rules import is_discount_share
from shared.taxes.rules import LineTax
from shared.truth.family import LINES, RECEIPT_LINES, REFUND_LINES
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
        lines, discounts, service, earlier: what it was priced with.
        adjusted_by: the discounts and service charges in force on it, as text.
    """

    bill: BillTotal
    lines: Sequence[LinePrice]
    discounts: list[Discount]
    service: ServiceCharge | None
    earlier: tuple[Earlier, ...]
    adjusted_by: list[str]


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
    receipts = _receipts_of(ids, adjustments, families)
    owed = _of_split(checks, owed, receipts)
    given = _given_to(checks, owed, adjustments.discounts, families, receipts)
    charged = {check.id: _charged_to(check, ids, adjustments.charges) for check in checks}
    return _one_after_another(checks, owed, given, charged, receipts)


def _of_split(
    checks: Sequence[Any], owed: Mapping[UUID, Sequence[LinePrice]], receipts: Sequence[Earlier]
) -> dict[UUID, list[LinePrice]]:
    """The owed portions, with how many of their family at their price are on the checks of this split."""
    found = {check.id: list(owed.get(check.id, ())) for check in checks}
    on_split: Counter[tuple[UUID, int]] = Counter()
    for line in (*(each.line for each in receipts), *(line for lines in found.values() for line in lines)):
        on_split[line.family or line.key, line.unit_minor] += line.quantity_milli
    return {
        key: [line._replace(split_milli=on_split[line.family or line.key, line.unit_minor]) for line in lines]
        for key, lines in found.items()
    }


def _one_after_another(
    checks: Sequence[Any],
    owed: Mapping[UUID, Sequence[LinePrice]],
    given: Mapping[UUID, Sequence[Discount]],
    charged: Mapping[UUID, Sequence[Any]],
    receipts: Sequence[Earlier],
) -> dict[UUID, PricedCheck]:
    """What each check owes with these discounts and service charges, as the rest of what those before it left."""
    found: dict[UUID, PricedCheck] = {}
    before = list(receipts)
    for check in checks:
        rows = charged.get(check.id, ())
        service = greatest_service(rows)
        discounts = list(given.get(check.id, ()))
        lines = owed.get(check.id, ())
        bill = price_bill(lines, discounts, service, before)
        adjusted_by = [str(row.id) for row in (*discounts, *rows)]
        found[check.id] = PricedCheck(bill, lines, discounts, service, tuple(before), adjusted_by)
        before += [_to_come(line, bill.lines[line.key], discounts, service) for line in lines]
    return found


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


def _holds_for(row: Any, check: Any, ids: set[UUID]) -> bool:
    """Whether a discount or service charge of a whole check holds for a check of its split."""
    return row.check_id == check.id or (row.check_id in ids and str(row.id) in (check.inherits or ()))


def _charged_to(check: Any, ids: set[UUID], charges: Sequence[Any]) -> list[Any]:
    return [row for row in charges if _holds_for(row, check, ids)]


def _given_to(
    checks: Sequence[Any],
    owed: Mapping[UUID, Sequence[LinePrice]],
    rows: Sequence[Any],
    families: Mapping[UUID, RowsOfFamily],
    receipts: Sequence[Earlier],
) -> dict[UUID, list[Discount]]:
    """The discounts of each check, in the order of their ids.

    What receipts left of an amount is shared by the checks that it holds for: by what the discounts before it leave of
    them, so that no check gets more than it can take off. The most of a rate is such an amount where the rate comes to
    more.

    The discount of a line is one of its family: a rate holds for all parts, wherever they are; an amount, or a rate
    that has a most, for those on the checks of one split with the line itself.
    """
    if not rows:
        return {}
    found: defaultdict[UUID, list[Discount]] = defaultdict(list)
    ids, places, given = {check.id for check in checks}, places_of(families), given_of(families.values())

    def price(so_far: Mapping[UUID, Sequence[Discount]]) -> Mapping[UUID, PricedCheck]:
        known = {each.id for of in so_far.values() for each in of}
        later = {str(row.id) for row in rows if row.id not in known}
        return _one_after_another(checks, owed, so_far, {}, [_without(each, later) for each in receipts])

    for row in sorted(rows, key=lambda row: (row.line_id is None, row.id)):
        members: dict[UUID, frozenset[UUID] | None] = {}
        for check in checks:
            if row.line_id is None:
                if _holds_for(row, check, ids):
                    members[check.id] = None
            elif row.line_id in places and (_is_everywhere(row) or places[row.line_id][0] in ids):
                root = places[row.line_id][1]
                of_family = frozenset(key for key, place in places.items() if place == (check.id, root))
                if of_family:
                    members[check.id] = of_family
        gave = given.get(str(row.id), 0)
        left = max(0, row.amount_minor - gave)
        most = max(0, row.most_minor - gave) if row.most_minor is not None and row.rate_millionths else None
        parts = {check_id: Discount(row.id, left, row.rate_millionths, of, most) for check_id, of in members.items()}
        if len(parts) > 1 and (left or most is not None):
            parts = _shared(parts, price, found)
        for check_id, part in parts.items():
            found[check_id].append(part)
    return {check_id: sorted(discounts, key=lambda each: each.id) for check_id, discounts in found.items()}


def _shared(
    parts: Mapping[UUID, Discount],
    price: Callable[[Mapping[UUID, Sequence[Discount]]], Mapping[UUID, PricedCheck]],
    before: Mapping[UUID, Sequence[Discount]],
) -> dict[UUID, Discount]:
    """An amount, or a rate that has a most, that holds for several checks: what of it is given to each.

    Args:
        price: what the checks owe with some discounts alone, also for what receipts charged.
        before: the discounts that come before it.
    """
    amount = next(iter(parts.values())).amount_minor
    most = next(iter(parts.values())).most_minor
    if most is not None:
        free = {check_id: part._replace(most_minor=None) for check_id, part in parts.items()}
        priced = price({**before, **{key: [*before.get(key, ()), part] for key, part in free.items()}})
        if sum(_taken_by(part.id, priced[check_id].bill) for check_id, part in free.items()) <= most:
            return dict(parts)
        amount = most
    so_far = price(before)
    weights = [_left_on(so_far[check_id].bill, part.lines) for check_id, part in parts.items()]
    return {
        check_id: Discount(part.id, given, lines=part.lines)
        for (check_id, part), given in zip(parts.items(), share(amount, weights), strict=True)
    }


def _without(earlier: Earlier, discounts: set[str]) -> Earlier:
    """Portions as they were before some discounts were taken off."""
    left = {key: part for key, part in earlier.discounts.items() if key not in discounts}
    return earlier._replace(discounts=left, of_line=earlier.of_line - discounts)


def _taken_by(discount_id: UUID, bill: BillTotal) -> int:
    return sum(each.amount_minor for line in bill.lines.values() for each in line.discounts if each.id == discount_id)


def _is_everywhere(row: Any) -> bool:
    return bool(row.rate_millionths) and row.most_minor is None


def _left_on(bill: BillTotal, members: frozenset[UUID] | None) -> int:
    """What discounts left of some lines of a bill (None: of all)."""
    return sum(
        line.gross_minor - line.discount_minor for key, line in bill.lines.items() if members is None or key in members
    )


def _to_come(
    line: LinePrice, total: LineTotal, discounts: Sequence[Discount], service: ServiceCharge | None
) -> Earlier:
    """Portions that a sibling will charge."""
    shares = {str(each.id): 0 for each in discounts if each.lines is None or line.key in each.lines}
    shares |= {str(each.id): each.amount_minor for each in total.discounts}
    of_line = frozenset(str(each.id) for each in discounts if each.lines is not None and line.key in each.lines)
    return Earlier(line, total, shares, service, of_line)


def _receipts_of(ids: set[UUID], adjustments: Adjustments, families: Mapping[UUID, RowsOfFamily]) -> list[Earlier]:
    """What receipts charged of portions that were not refunded."""
    charges = {str(row.id): row for row in adjustments.charges}
    roots = {str(row.id): row.root_id if row.line_id is not None else None for row in adjustments.discounts}
    found = []
    for root, rows in families.items():
        for row_id, row in rows[RECEIPT_LINES].items():
            if row.check_id in ids:
                refunds = [each for each in rows[REFUND_LINES].values() if each.receipt_line_id == row_id]
                charged = _charged(root, row_id, row, refunds, charges, roots)
                if charged is not None:
                    found.append(charged)
    return found


def _charged(
    root: UUID,
    row_id: UUID,
    row: Any,
    refunds: Sequence[Any],
    charges: Mapping[str, Any],
    roots: Mapping[str, UUID | None],
) -> Earlier | None:
    left = row.quantity_milli - sum(each.quantity_milli for each in refunds)
    if left <= 0:
        return None
    gone: Counter[str] = Counter()
    for each in refunds:
        for name in ("gross_minor", "discount_minor", "service_minor", "tax_minor", "total_minor"):
            gone[name] += getattr(each, name)
    amounts = {name: max(0, getattr(row, name) - gone[name]) for name in ("gross_minor", "service_minor", "tax_minor")}
    discount = row.discount_minor - gone["discount_minor"]
    shares = {str(key): 0 for key in row.adjusted_by if str(key) in roots and roots[key] in (None, root)}
    for each in filter(is_discount_share, row.discounts):
        part = each["amount_minor"] * left // row.quantity_milli
        shares[each["id"]] = shares.get(each["id"], 0) + part
    taxes = tuple(LineTax(tax, amount * left // row.quantity_milli) for tax, amount in taxes_of(row))
    net = row.total_minor - row.tax_minor - gone["total_minor"] + gone["tax_minor"]
    total = LineTotal(amounts["gross_minor"], discount, amounts["service_minor"], net, amounts["tax_minor"], (), taxes)
    line = LinePrice(row_id, left, row.unit_price_minor, tuple(tax for tax, _amount in taxes), root)
    adjusted_by = (charges[str(key)] for key in row.adjusted_by if str(key) in charges)
    of_line = frozenset(key for key in shares if roots.get(key) == root)
    return Earlier(line, total, shares, greatest_service(adjusted_by), of_line)
