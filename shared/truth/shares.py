"""What a family adds to the sums: of its checks, its tickets, the sales of a day, and the differences. Pure.

Runs on wire rows, for each family that a transaction or a batch touched. The families of every day take a short cut:
one line, told as ordered or not at all, on no receipt or on one that covers it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from shared.kernel.money import MAX_MINOR
from shared.truth.family import (
    LINES,
    RECEIPT_LINES,
    REFUND_LINES,
    TICKET_LINES,
    Family,
    FamilyRows,
    compare,
    unit_price,
)
from shared.truth.plain import ordered_plainly
from shared.truth.portions import Id

Share = tuple[str, tuple[Any, ...], tuple[int, ...]]
"""Table of sums, key without the organization, amounts (the count of facts first)."""

CHECKS = "check_balances"
TICKETS = "ticket_balances"
DIFFERENCES = "differences"
SALES = "sales_by_hour"
ITEMS = "sales_by_item"


def shares_of(rows: FamilyRows) -> Iterator[Share]:
    """The shares of one family."""
    lines = rows[LINES]
    root = next(iter(lines.values())).root_id if lines else None
    if root not in lines:
        return  # a hostile line that names another's part as its root
    plain = _plain(rows)
    if plain is not None:
        yield from plain
        return
    family = compare(root, rows)
    yield from _of_checks(family, rows)
    yield from _of_tickets(family, rows)
    yield from _of_sales(family, rows)
    yield from _of_differences(family, rows)


def _check(
    branch: Id,
    check: Id,
    live: int = 0,
    owed: int = 0,
    late: int = 0,
    spare: int = 0,
    to_send: int = 0,
    held: int = 0,
    counted_minor: int = 0,
) -> Share:
    return CHECKS, (branch, check), (1, 0, 0, 0, 0, live, owed, late, spare, to_send, held, 0, 0, counted_minor, 0)


def _plain(rows: FamilyRows) -> list[Share] | None:
    """The shares of a family of every day; None if it is none. Says what `compare` says of it (a test holds it so)."""
    plain, receipts = ordered_plainly(rows), rows[RECEIPT_LINES]
    if plain is None or len(receipts) > 1:
        return None
    line, want = plain.line, plain.portions
    to_send, held = plain.to_send, plain.held
    shares: list[Share] = []
    if plain.told is not None and plain.told.station_id is not None and plain.told.ticket_id is not None:
        shares.append((TICKETS, (line.branch_id, plain.told.ticket_id), (1, plain.to_make, 0)))
    if not receipts:
        return [
            *shares,
            _check(line.branch_id, line.check_id, live=want, owed=want, late=want, to_send=to_send, held=held),
        ]
    receipt = next(iter(receipts.values()))
    covers = receipt.order_line_id == plain.line_id and receipt.quantity_milli == want
    if not covers or receipt.unit_price_minor != unit_price(plain.line_id, rows[LINES]):
        return None
    if receipt.check_id == line.check_id:
        counted = receipt.total_minor
        shares.append(_check(line.branch_id, line.check_id, want, to_send=to_send, held=held, counted_minor=counted))
    else:
        shares.append(_check(line.branch_id, line.check_id, want, to_send=to_send, held=held))
        shares.append(_check(line.branch_id, receipt.check_id, counted_minor=receipt.total_minor))
    shares.extend(_sale(receipt, 1, [receipt.quantity_milli, *_amounts(receipt)]))
    return shares


def _of_checks(family: Family, rows: FamilyRows) -> Iterator[Share]:
    """What a family adds to each check that one of its lines or receipts names."""
    sums: defaultdict[Id, list[int]] = defaultdict(lambda: [0] * 7)
    for part in family.parts.values():
        of = sums[part.check_id]
        of[0] += part.live
        of[1] += part.owed
        of[2] += part.owed if part.owed == part.live and not family.is_covered else 0
    home = sums[family.parts[family.root].check_id]
    home[4] += family.to_send
    home[5] += family.held
    for row_id, covered in family.covered.items():
        of = sums[rows[RECEIPT_LINES][row_id].check_id]
        of[3] += covered.spare
        of[6] += covered.counted_minor
    branch = rows[LINES][family.root].branch_id
    for check_id, amounts in sums.items():
        yield _check(branch, check_id, *amounts)


def _of_tickets(family: Family, rows: FamilyRows) -> Iterator[Share]:
    branch = rows[LINES][family.root].branch_id
    for cooking in (station for each in family.cooking.values() for station in each.at_stations):
        if cooking.ticket_line is None:
            continue
        ticket_id = rows[TICKET_LINES][cooking.ticket_line].ticket_id
        if ticket_id is not None:
            yield TICKETS, (branch, ticket_id), (1, cooking.to_make, cooking.withdraw)


def _of_sales(family: Family, rows: FamilyRows) -> Iterator[Share]:
    """What receipts sold, on their day, and what refunds took back of it, on theirs."""
    receipts = rows[RECEIPT_LINES]
    rest = {row_id: [receipt.quantity_milli, *_amounts(receipt)] for row_id, receipt in receipts.items()}
    taken = {row_id: [0] * len(amounts) for row_id, amounts in rest.items()}
    for _row_id, refund in sorted(rows[REFUND_LINES].items()):
        of = refund.receipt_line_id
        if of not in rest:
            continue
        asked = [refund.quantity_milli, *_amounts(refund)]
        credited = [min(amount, left) for amount, left in zip(asked, rest[of], strict=True)]
        rest[of] = [left - amount for amount, left in zip(credited, rest[of], strict=True)]
        if not refund.quantity_milli:  # the price was lowered
            taken[of] = [gone + amount for gone, amount in zip(taken[of], credited, strict=True)]
            yield from _sale(receipts[of], 0, [-amount for amount in credited], refund)
        elif refund.voided_milli > 0:  # else it was never a sale
            back = _part_of(credited, refund.voided_milli, refund.quantity_milli)
            taken[of] = [gone + amount for gone, amount in zip(taken[of], back, strict=True)]
            yield from _sale(receipts[of], 0, [-amount for amount in back], refund)
    for row_id, receipt in receipts.items():
        covered, left = family.covered[row_id], rest[row_id][0]
        stands = _part_of(rest[row_id], covered.counted, left) if left > 0 else [0] * len(rest[row_id])
        sold = [now + gone for now, gone in zip(stands, taken[row_id], strict=True)]
        if any(sold) or covered.counted:
            yield from _sale(receipt, 1, sold)


def _part_of(amounts: list[int], part: int, whole: int) -> list[int]:
    """So much of a quantity and its amounts, rounded down; the gross amount such that they still add up."""
    quantity, gross, discount, service, tax, total = amounts
    added = (total - gross + discount - service) * part // whole
    quantity, discount, service, tax, total = (
        each * part // whole for each in (quantity, discount, service, tax, total)
    )
    return [quantity, total + discount - service - added, discount, service, tax, total]


def _amounts(row: Any) -> list[int]:
    return [row.gross_minor, row.discount_minor, row.service_minor, row.tax_minor, row.total_minor]


def _of_differences(family: Family, rows: FamilyRows) -> Iterator[Share]:
    branch = rows[LINES][family.root].branch_id
    for (kind, subject, also, check_id), size in family.troubles.items():
        yield DIFFERENCES, (branch, str(kind), subject, also, check_id), (1, storable(size))


def storable(size: int) -> int:
    """A size as a difference keeps it: hostile rows multiply to more than a column holds."""
    return max(-MAX_MINOR, min(size, MAX_MINOR))


def _sale(item: Any, lines: int, sold: list[int], at: Any = None) -> Iterator[Share]:
    """A sale of an item, or (below nothing) what was taken back; on the day of `at`, or of the receipt line itself."""
    day = at or item
    quantity, gross, discount, service, tax, total = sold
    when = (item.branch_id, day.business_date, day.local_hour)
    refunded = 0 if at is None else -total
    yield SALES, (*when, item.currency), (1, 0, total, tax, discount, service, 0, refunded, 0, 0)
    what = (item.item_id, item.item_name, item.category_name, item.currency)
    yield ITEMS, (*when, *what), (1, lines, quantity, gross, discount, service, tax, total)
