"""One family of lines, compared: ordered against voided, told against wanted, covered against live. Pure.

No status is read here, since every status is said here. `compare` is the whole truth about a family; `is_plain` finds
the families of every day (one line, told as ordered, on at most one receipt), of which sums need no comparison.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from shared.truth.cooking import Cooking, cooking_of
from shared.truth.covering import Covered, charged_of, covering_of
from shared.truth.portions import Id, Stake, content_of, is_held, modifiers_of, portions_of, said, stakes_of

LINES = "order_lines"
VOIDS = "line_voids"
TICKET_LINES = "ticket_lines"
RECEIPT_LINES = "receipt_lines"
REFUND_LINES = "refund_lines"
FAMILY_TABLES = (LINES, VOIDS, TICKET_LINES, RECEIPT_LINES, REFUND_LINES)
"""The tables whose rows belong to a family; each has a `root_id`."""

FamilyRows = Mapping[str, Mapping[Id, Any]]
"""The rows of one family: by table, by id. Every table of `FAMILY_TABLES` is named."""


class Difference(StrEnum):
    """What a person must decide about: two ledgers say different things."""

    PAID_TWICE = "paid_twice"
    PAID_AFTER_ALL = "paid_after_all"
    PAID_THEN_TAKEN_OFF = "paid_then_taken_off"
    TO_GIVE_BACK = "to_give_back"
    SHORT = "short"
    ORDERED_AFTER_PAYING = "ordered_after_paying"
    GIVEN_BACK_YET_LIVE = "given_back_yet_live"
    CHANGED_AFTER_COOKING = "changed_after_cooking"
    COOKED_NOT_CHARGED = "cooked_not_charged"
    REFUNDED_TWICE = "refunded_twice"
    CHANGED_AFTER_PAYING = "changed_after_paying"
    TABLE_OPENED_TWICE = "table_opened_twice"
    PARTY_SEATED_TWICE = "party_seated_twice"
    CHARGED_TOO_MUCH = "charged_too_much"
    CHARGED_TOO_LITTLE = "charged_too_little"
    ACCOUNT_ABOVE_LIMIT = "account_above_limit"
    ACCOUNT_OVERPAID = "account_overpaid"
    OVERSOLD = "oversold"
    TABLE_PROMISED_TWICE = "table_promised_twice"
    DISCOUNTS_ABOVE_LIMIT = "discounts_above_limit"
    REFUNDS_ABOVE_LIMIT = "refunds_above_limit"
    DISCOUNT_LEFT_BEHIND = "discount_left_behind"


BY_NOTE = frozenset(
    {
        Difference.COOKED_NOT_CHARGED,
        Difference.REFUNDED_TWICE,
        Difference.CHANGED_AFTER_PAYING,
        Difference.CHARGED_TOO_MUCH,
        Difference.CHARGED_TOO_LITTLE,
        Difference.ACCOUNT_ABOVE_LIMIT,
        Difference.ACCOUNT_OVERPAID,
        Difference.OVERSOLD,
        Difference.TABLE_PROMISED_TWICE,
        Difference.DISCOUNTS_ABOVE_LIMIT,
        Difference.REFUNDS_ABOVE_LIMIT,
        Difference.DISCOUNT_LEFT_BEHIND,
    }
)
"""What cannot be undone, or may stay as it is: a person explains it. All others end when an action closes the
difference."""


class Part(NamedTuple):
    """A line as it stands.

    Attributes:
        check_id: the check that it is on.
        content: what is cooked for it.
        unit_minor: the price of one, modifiers included.
        live: portions that are there and not voided.
        owed: live portions that no receipt covers.
        over: portions that receipts cover too much.
    """

    check_id: Id
    content: Id
    unit_minor: int
    live: int
    owed: int
    over: int


class Trouble(NamedTuple):
    """A difference of one family: its kind, the row that it is about, what else belongs to the cause, the check."""

    kind: Difference
    subject: Id
    also: int
    check_id: Id


class Family(NamedTuple):
    """A family, compared.

    Attributes:
        root: the id of the root.
        ordered: all portions that were ever ordered.
        parts: by line.
        cooking: by content.
        covered: by receipt line.
        troubles: the size of each difference.
    """

    root: Id
    ordered: int
    parts: dict[Id, Part]
    cooking: dict[Id, Cooking]
    covered: dict[Id, Covered]
    troubles: dict[Trouble, int]

    @property
    def is_told(self) -> bool:
        """Whether the kitchen ever heard of it."""
        return any(each.told for each in self.cooking.values())

    @property
    def is_covered(self) -> bool:
        """Whether a receipt covers any of it."""
        return bool(self.covered)

    @property
    def to_send(self) -> int:
        """Portions that the kitchen does not know of."""
        return sum(each.to_send for each in self.cooking.values())

    @property
    def held(self) -> int:
        """Portions that wait for their course."""
        return sum(each.held for each in self.cooking.values())


def unit_price(line_id: Id, lines: Mapping[Id, Any]) -> int:
    """The price of one of a line in minor units, its modifiers included; never below nothing."""
    price: int = said(line_id, lines, "unit_price_minor") or 0
    return max(0, price + sum(int(each["price_delta_minor"]) for each in modifiers_of(line_id, lines)))


def line_of(family: Family, content: Id) -> Id:
    """The first line of a family that is cooked so: the kitchen is told its names."""
    of_content = [line for line, part in family.parts.items() if part.content == content]
    return min(of_content, key=lambda line: (not family.parts[line].live, line))


def compare(root: Id, rows: FamilyRows) -> Family:
    """Compare all that was said of a family, whoever said it: any rows that can be stored can be compared.

    Args:
        rows: with the root's own.
    """
    lines, voids = rows[LINES], rows[VOIDS].values()
    counted = portions_of(root, lines, voids)
    covering = covering_of(counted.live, rows[RECEIPT_LINES], rows[REFUND_LINES].values())
    parts, wanted = {}, Counter[Id]()
    for line_id, live in counted.live.items():
        gap = covering.gap[line_id]
        content = content_of(line_id, lines)
        unit = unit_price(line_id, lines)
        parts[line_id] = Part(lines[line_id].check_id, content, unit, live, max(0, gap), max(0, -gap))
        wanted[content] += live
    cooking = cooking_of(wanted, rows[TICKET_LINES], voids, is_held=is_held(lines[root]))
    family = Family(root, counted.ordered, parts, cooking, covering.lines, {})
    family.troubles.update(_troubles(family, rows, counted.voided))
    return family


def _troubles(family: Family, rows: FamilyRows, voided: int) -> dict[Trouble, int]:
    found: Counter[Trouble] = Counter()
    receipt_lines = rows[RECEIPT_LINES]
    home = family.parts[family.root].check_id
    paid = sum(row.quantity_milli for row in receipt_lines.values())
    twice = paid > family.ordered and len(receipt_lines) > 1
    why = Difference.PAID_TWICE if twice else Difference.PAID_THEN_TAKEN_OFF
    for row_id, row in receipt_lines.items():
        covered = family.covered[row_id]
        found[Trouble(why, row.check_id, 0, row.check_id)] += covered.spare
        found[Trouble(Difference.REFUNDED_TWICE, row_id, 0, row.check_id)] = covered.refunded - row.quantity_milli
        price = (
            family.parts[row.order_line_id].unit_minor if row.order_line_id in family.parts else row.unit_price_minor
        )
        changed = abs(row.unit_price_minor - price) if covered.counted else 0
        found[Trouble(Difference.CHANGED_AFTER_PAYING, row_id, price, row.check_id)] = changed
    owed = sum(part.owed for part in family.parts.values())
    found[Trouble(Difference.GIVEN_BACK_YET_LIVE, family.root, 0, home)] = owed if paid >= family.ordered else 0
    gone = sum(each.gone for each in family.cooking.values())
    found[Trouble(Difference.COOKED_NOT_CHARGED, family.root, 0, home)] = gone - voided
    left = sum(max(0, each.good - each.wanted) for each in family.cooking.values())
    found[Trouble(Difference.CHANGED_AFTER_COOKING, family.root, 0, home)] = left
    return {trouble: size for trouble, size in found.items() if size > 0}


def stakes_in(rows: FamilyRows) -> dict[Id, Stake]:
    """What the lines of a family that was parted stand for exactly; of others there are none."""
    lines = rows[LINES]
    if len(lines) < 2:
        return {}
    settled: Counter[Id] = Counter()
    for row_id, left in charged_of(rows[RECEIPT_LINES], rows[REFUND_LINES].values()).items():
        row = rows[RECEIPT_LINES][row_id]
        if is_at_another_price(row, lines):
            settled[row.order_line_id] += left
    return stakes_of(lines, rows[VOIDS].values(), settled)


def is_at_another_price(receipt_line: Any, lines: Mapping[Id, Any]) -> bool:
    """Whether what a receipt charged had another price than the line has now."""
    line_id = receipt_line.order_line_id
    return bool(receipt_line.unit_price_minor != unit_price(line_id, lines))
