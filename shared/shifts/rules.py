"""What a session comes to: sales, money by method, movements, and expected against counted. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from shared.payments.rules import TenderKind


class Purse(NamedTuple):
    """What is counted by itself: cash of one currency (`method_id` None), or one other method."""

    method_id: UUID | None
    currency: str


class Expected(NamedTuple):
    """What should be there.

    Attributes:
        rows: payments, refunds and movements behind it.
    """

    name: str
    rows: int
    amount_minor: int


class MethodSum(NamedTuple):
    """The money of one method in a session: taken, given back, reversed since the method was wrong, and tips.

    Attributes:
        given_currency, given_minor: other money that went into the drawer, worth what was tendered.
        change_minor: cash that was given back for it.
        collected_minor: what people paid of their accounts.
    """

    method_id: UUID | None
    name: str
    kind: TenderKind
    currency: str
    given_currency: str = ""
    payments: int = 0
    amount_minor: int = 0
    refunds: int = 0
    refunds_minor: int = 0
    corrections: int = 0
    corrections_minor: int = 0
    tips: int = 0
    tips_minor: int = 0
    collected: int = 0
    collected_minor: int = 0
    change_minor: int = 0
    given_minor: int = 0

    @property
    def left_minor(self) -> int:
        """What is left of it in the branch's money, less the change that was given for it."""
        came = self.amount_minor + self.tips_minor + self.collected_minor
        return came - self.refunds_minor - self.corrections_minor

    @property
    def rows(self) -> int:
        """Payments, refunds and tips behind it."""
        return self.payments + self.refunds + self.corrections + self.tips + self.collected


class MovementSum(NamedTuple):
    """Cash of one kind of movement; below nothing if it went out."""

    kind: str
    currency: str
    movements: int
    amount_minor: int


class TaxSum(NamedTuple):
    """One tax of the receipts. `name` says its rate."""

    name: str
    rate_millionths: int
    per_unit_minor: int | None
    net_minor: int
    tax_minor: int


class CountedPurse(NamedTuple):
    """Expected against counted. `counted_minor` is None where nobody counted.

    Attributes:
        rows, own_minor: what the session itself took; `expected_minor` is this with what came late of earlier ones.
        rounds: how often the session was counted; from the second on, who counted had seen a difference.
        first_difference_minor: of the first count, to what was expected then; None where it left this out.
    """

    method_id: UUID | None
    currency: str
    name: str
    rows: int
    own_minor: int
    expected_minor: int
    counted_minor: int | None
    rounds: int = 0
    first_difference_minor: int | None = None

    @property
    def difference_minor(self) -> int:
        """Counted less expected: below nothing, money is missing."""
        return 0 if self.counted_minor is None else self.counted_minor - self.expected_minor


class Counts(NamedTuple):
    """The counts of a session.

    Attributes:
        rounds: how often it was counted.
        totals: of the last round, by purse.
        expected: what was expected at the last round, by purse.
        first_differences: counted less expected at the first round, by purse.
    """

    rounds: int
    totals: Mapping[Purse, int]
    expected: Mapping[Purse, int]
    first_differences: Mapping[Purse, int]


NO_COUNTS = Counts(0, {}, {}, {})


class PurseToCount(NamedTuple):
    """What a close counts. `expected_minor` is None for cash: who counts does not know it."""

    method_id: UUID | None
    name: str
    currency: str
    expected_minor: int | None


class Late(NamedTuple):
    """What came of a closed session after its Z: money of one purse, or sales (`is_sales`)."""

    session_id: UUID
    number: str
    is_sales: bool
    method_id: UUID | None
    name: str
    currency: str
    rows: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class SalesSum:
    """The receipts of a session. Amounts in minor units of the branch's currency.

    Attributes:
        checks: as `shared/payments/settled.py` counts them.
        comp_minor: what of the discounts was on the house.
        losses, lost_minor: of how many receipts something was not paid, and how much of what was sold.
    """

    receipts: int = 0
    checks: int = 0
    first_receipt: str = ""
    last_receipt: str = ""
    gross_minor: int = 0
    discount_minor: int = 0
    service_minor: int = 0
    net_minor: int = 0
    tax_minor: int = 0
    total_minor: int = 0
    rounding_minor: int = 0
    comp_minor: int = 0
    losses: int = 0
    lost_minor: int = 0


@dataclass(frozen=True, slots=True)
class SessionReport:
    """A session in figures, as an X says it now and a Z for ever.

    Attributes:
        number: of the Z; empty for an X.
        drawer: name of the drawer, or of the device where the branch has none.
        declared: whether somebody said at the opening what was in the drawer.
        openings: how often the drawer was opened without a sale.
        counted: what is expected, and what was counted of it.
        late: what came of earlier sessions after they were closed. It is part of what is expected.
        head_seq, head_chain: the end of the device's log before the close.
    """

    session_id: UUID
    device_id: UUID
    drawer: str
    device: str
    business_date: date
    opened_at: datetime
    opened_by: str
    currency: str
    declared: bool
    sales: SalesSum
    taxes: tuple[TaxSum, ...]
    methods: tuple[MethodSum, ...]
    movements: tuple[MovementSum, ...]
    openings: int
    counted: tuple[CountedPurse, ...]
    late: tuple[Late, ...] = ()
    number: str = ""
    closed_at: datetime | None = None
    closed_by: str = ""
    reason: str = ""
    head_seq: int = 0
    head_chain: str = ""

    @property
    def refunds(self) -> int:
        """How many refunds; corrections are none."""
        return sum(method.refunds for method in self.methods)

    @property
    def refunded_minor(self) -> int:
        """What was given back to guests."""
        return sum(method.refunds_minor for method in self.methods if method.currency == self.currency)

    @property
    def corrected_minor(self) -> int:
        """What was reversed since its method was wrong."""
        return sum(method.corrections_minor for method in self.methods if method.currency == self.currency)

    @property
    def taken_minor(self) -> int:
        """What all methods come to, less what went back by them; without tips and what was paid of accounts."""
        return sum(
            method.amount_minor - method.refunds_minor - method.corrections_minor
            for method in self.methods
            if method.currency == self.currency
        )

    @property
    def elsewhere_minor(self) -> int:
        """What was taken of bills whose receipts are not of this session, less what its receipts count of others."""
        sales = self.sales
        asked = sales.total_minor + sales.rounding_minor - sales.lost_minor - self.refunded_minor
        return self.taken_minor - asked

    @property
    def difference_minor(self) -> int:
        """What the cash of the branch's currency differs by: below nothing, money is missing."""
        return sum(
            each.difference_minor for each in self.counted if each.method_id is None and each.currency == self.currency
        )

    @property
    def to_count(self) -> tuple[PurseToCount, ...]:
        """What a close counts, without what is expected in cash."""
        return tuple(
            PurseToCount(
                each.method_id, each.name, each.currency, None if each.method_id is None else each.expected_minor
            )
            for each in self.counted
        )

    @property
    def greatest_difference_minor(self) -> int:
        """The greatest difference of all purses, without its sign."""
        return max((abs(each.difference_minor) for each in self.counted), default=0)


def expected(methods: Iterable[MethodSum], movements: Iterable[MovementSum], currency: str) -> dict[Purse, Expected]:
    """What should be there by purse, cash of the branch's currency first; cash of all methods is one purse.

    Change is cash, for whatever it was given. What is put on account is nowhere.
    """
    found: dict[Purse, Expected] = {Purse(None, currency): Expected("", 0, 0)}

    def add(purse: Purse, name: str, rows: int, amount_minor: int) -> None:
        before = found.get(purse, Expected(name, 0, 0))
        found[purse] = Expected(before.name or name, before.rows + rows, before.amount_minor + amount_minor)

    for movement in movements:
        add(Purse(None, movement.currency), "", movement.movements, movement.amount_minor)
    for method in methods:
        cash = Purse(None, method.currency)
        if method.given_currency:
            add(Purse(None, method.given_currency), "", method.rows, method.given_minor)
            add(cash, "", 0, method.tips_minor + method.collected_minor - method.refunds_minor - method.change_minor)
        elif method.kind is TenderKind.CASH:
            add(cash, "", method.rows, method.left_minor)
        elif method.kind is not TenderKind.ACCOUNT:
            tendered = method.left_minor + method.change_minor
            add(Purse(method.method_id, method.currency), method.name, method.rows, tendered)
            add(cash, "", 0, -method.change_minor)
    return found


def compared(due: Mapping[Purse, Expected], late: Iterable[Late], counts: Counts) -> tuple[CountedPurse, ...]:
    """Expected against counted. What was counted though nothing was expected is listed, too.

    Args:
        due: by what the session itself took.
        late: money of closed sessions; it lies in the drawer of now.
    """
    more: defaultdict[Purse, int] = defaultdict(int)
    names: dict[Purse, str] = {}
    for each in late:
        if not each.is_sales:
            purse = Purse(each.method_id, each.currency)
            more[purse] += each.amount_minor
            names[purse] = each.name
    others = sorted((more.keys() | counts.totals.keys()) - due.keys(), key=str)
    found = []
    for purse in (*due, *others):
        own = due.get(purse, Expected(names.get(purse, ""), 0, 0))
        whole = own.amount_minor + more[purse]
        counted = CountedPurse(*purse, own.name, own.rows, own.amount_minor, whole, counts.totals.get(purse))
        first = counts.first_differences.get(purse)
        found.append(counted._replace(rounds=counts.rounds, first_difference_minor=first))
    return tuple(found)


def late_of(
    session_id: UUID,
    number: str,
    now: tuple[Mapping[Purse, Expected], SalesSum],
    then: Sequence[Mapping[str, Any]],
    sold_then: tuple[int, int],
    taken_up: Iterable[Mapping[str, Any]],
    currency: str,
) -> list[Late]:
    """What came of a closed session after its Z, and no later Z has taken up.

    Args:
        now: money and sales of the session as they stand.
        then: the list `counted` of its Z.
        sold_then: receipts and total of its Z.
        taken_up: the entries `late` about it in later Zs.
    """
    known: dict[Purse, tuple[int, int]] = {}
    names: dict[Purse, str] = {}
    receipts, total = sold_then
    for entry in then:
        known[_purse(entry)] = (int(entry["rows"]), int(entry["own_minor"]))
        names[_purse(entry)] = entry["name"]
    for entry in taken_up:
        if entry["is_sales"]:
            receipts, total = receipts + int(entry["rows"]), total + int(entry["amount_minor"])
            continue
        rows, amount = known.get(_purse(entry), (0, 0))
        known[_purse(entry)] = rows + int(entry["rows"]), amount + int(entry["amount_minor"])
        names.setdefault(_purse(entry), entry["name"])
    found = []
    gone = (purse for purse in known if purse not in now[0])  # of which no row is left
    for purse in (*now[0], *gone):
        each = now[0].get(purse, Expected(names.get(purse, ""), 0, 0))
        rows, amount = known.get(purse, (0, 0))
        if (rows, amount) != (each.rows, each.amount_minor):
            more = (each.rows - rows, each.amount_minor - amount)
            found.append(Late(session_id, number, False, purse.method_id, each.name, purse.currency, *more))
    sold = now[1]
    if (receipts, total) != (sold.receipts, sold.total_minor):
        more = (sold.receipts - receipts, sold.total_minor - total)
        found.append(Late(session_id, number, True, None, "", currency, *more))
    return found


def _purse(entry: Mapping[str, Any]) -> Purse:
    return Purse(UUID(entry["method_id"]) if entry["method_id"] else None, str(entry["currency"]))
