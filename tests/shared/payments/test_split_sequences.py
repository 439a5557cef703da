"""Checks that are split, discounted, charged for service and paid in any order: to split or pay moves no cent.

Held is every amount: gross, each discount, service, net, each tax. What is paid is added to what is owed.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from shared.kernel.quantity import FINE, ONE, cut_of
from shared.orders.parting import part_of_bill
from shared.orders.rules import BillTotal, LinePrice, LineTotal
from shared.payments.bills import Adjustments, PricedCheck, price_group
from shared.taxes.rules import Tax
from shared.truth.family import LINES, RECEIPT_LINES, REFUND_LINES, VOIDS, stakes_in

SEEDS = int(os.environ.get("COMANDA_SPLITS", "40"))
STEPS = 14
ROOT = UUID(int=1)
AMOUNTS = ("gross_minor", "discount_minor", "service_minor", "net_minor", "tax_minor", "total_minor")
TAXES = (
    (),
    (Tax("IGV", 180_000),),
    (Tax("IGV", 100_000),),
    (Tax("Sales tax", 100_000, included=False),),
    (Tax("Bag", included=False, per_unit_minor=50), Tax("IGV", 180_000)),
    (Tax("Deposit", per_unit_minor=25), Tax("IGV", 180_000)),
    (Tax("IGV", 160_000), Tax("IPM", 20_000)),
    (Tax("State", 88_750, included=False), Tax("City", 5_000, included=False)),
)


class Table:
    """An order of several dishes, and all that can be done to its bill."""

    def __init__(self, rnd: Random) -> None:
        self.rnd = rnd
        self.last = 10
        self.checks = [SimpleNamespace(id=ROOT, split_of_id=None, inherits=[])]
        self.lines: dict[UUID, Any] = {}
        self.units: dict[UUID, int] = {}
        self.taxes: dict[UUID, tuple[Tax, ...]] = {}
        self.sold: dict[UUID, dict[UUID, Any]] = {}
        self.discounts: list[Any] = []
        self.charges: list[Any] = []
        self.paid: Counter[Any] = Counter()
        taxes = rnd.choice((TAXES, TAXES, [rnd.choice(TAXES)]))
        for _dish in range(rnd.randint(1, 5)):
            key = self._id()
            portions = rnd.choice((350, ONE, 2 * ONE, 3 * ONE))
            self.lines[key] = self._line(key, None, ROOT, portions)
            self.lines[key].quantity_milli = portions
            self._price(key, rnd.choice((1, 333, 600, 1_999, 3_890, 4_250)))
            self.taxes[key] = rnd.choice(taxes)
            self.sold[key] = {}

    def _price(self, key: UUID, unit_minor: int) -> None:
        self.units[key] = self.lines[key].unit_price_minor = unit_minor

    def _id(self) -> UUID:
        """One that tells nothing of when it was made, as ids that follow from others."""
        self.last += 1
        return UUID(int=self.last * 7_919 % 104_729)

    def _line(self, root: UUID, part_of: UUID | None, check: UUID, milli: int) -> Any:
        added_at = datetime(2026, 11, 30, tzinfo=UTC) + timedelta(seconds=self.last)
        said = {
            "unit_price_minor": None,
            "modifiers": None,
            "quantity_milli": 0,
            "more_milli": 0,
            "taken_milli": 0,
            "taken_fine": 0,
        }
        return SimpleNamespace(root=root, part_of_id=part_of, check_id=check, milli=milli, added_at=added_at, **said)

    def priced(self) -> dict[UUID, PricedCheck]:
        """What each check owes."""
        owed: dict[UUID, list[LinePrice]] = {check.id: [] for check in self.checks}
        for key, line in self.lines.items():
            if line.milli:
                price = self.units[line.root], self.taxes[line.root], line.root
                owed[line.check_id].append(LinePrice(key, line.milli, *price))
        standing = [[row for row in of if not row.lifted] for of in (self.discounts, self.charges)]
        return price_group(self.checks, owed, Adjustments(*standing), {root: self._rows(root) for root in self.sold})

    def _rows(self, root: UUID) -> Any:
        lines = {key: line for key, line in self.lines.items() if line.root == root}
        return {LINES: lines, VOIDS: {}, RECEIPT_LINES: self.sold[root], REFUND_LINES: {}}

    def comes_to(self) -> Counter[Any]:
        """All amounts of what is owed and was paid."""
        return Counter({key: amount for key, amount in (self.paid + self.owed()).items() if amount})

    def owed(self) -> Counter[Any]:
        return amounts_of(priced.bill for priced in self.priced().values())

    def some(self) -> tuple[Any, dict[UUID, Any]]:
        """A check, and the lines on which something is owed there."""
        check = self.rnd.choice(self.checks)
        return check, {key: line for key, line in self.lines.items() if line.check_id == check.id and line.milli}

    def split(self) -> bool:
        check, there = self.some()
        if not there:
            return False
        inherits = [str(row.id) for row in (*self.discounts, *self.charges) if self._is_whole(row, check)]
        new = SimpleNamespace(id=self._id(), split_of_id=ROOT, inherits=[*check.inherits, *inherits])
        self.checks.append(new)
        for key in self.rnd.sample(sorted(there), self.rnd.randint(1, len(there))):
            line, among = there[key], self.rnd.choice((1, 2, 3, 3, 4, 6, 7))
            portions = line.milli // among
            if among == 1:
                line.check_id = new.id
            elif portions:
                self.lines[self._id()] = self._cut(key, line, new.id, portions)
        return True

    def _cut(self, key: UUID, line: Any, check: UUID, portions: int) -> Any:
        """As `split_line` writes it."""
        stake = stakes_in(self._rows(line.root)).get(key)
        exact = cut_of(portions, line.milli, line.milli * stake.scale if stake else None)
        part = self._line(line.root, key, check, portions)
        part.taken_milli, part.taken_fine = portions, round((exact - portions) * FINE)
        line.milli -= portions
        return part

    @staticmethod
    def _is_whole(row: Any, check: Any) -> bool:
        return row.check_id == check.id and not row.lifted and getattr(row, "line_id", None) is None

    def pay(self) -> bool:
        """One check is paid."""
        check, there = self.some()
        priced = self.priced()[check.id]
        return self._charge(check, priced, {key: line.milli for key, line in there.items()}, priced.bill)

    def pay_part(self) -> bool:
        """An amount of one check is paid."""
        check, there = self.some()
        priced = self.priced()[check.id]
        lines = [LinePrice(key, line.milli, self.units[line.root]) for key, line in there.items()]
        amount = priced.bill.total_minor // self.rnd.choice((2, 3, 5))
        found = part_of_bill(lines, priced.bill, amount, 2 + sum(map(len, self.sold.values())))
        return found is not None and self._charge(
            check, priced, {line.key: line.quantity_milli for line in found[0]}, found[1]
        )

    def _charge(self, check: Any, priced: PricedCheck, portions: dict[UUID, int], bill: BillTotal) -> bool:
        for key, milli in portions.items():
            line = self.lines[key]
            line.milli -= milli
            row = receipt_line(check.id, line, key, milli, self.units[line.root], priced, bill.lines[key])
            self.sold[line.root][self._id()] = row
        self.paid += amounts_of([bill])
        return bool(portions)

    def discount(self) -> bool:
        """One of a check or a line."""
        check, there = self.some()
        line = self.rnd.choice([None, None, *there])
        amount, most = {"amount": self.rnd.randint(1, 5_000)}, {"rate": 100_000, "most": 300}
        what = self.rnd.choice((amount, amount, most, {"rate": 125_000}, {"rate": 333_333}, {"rate": 1_000_000}))
        self.discounts.append(
            SimpleNamespace(
                id=self._id(),
                check_id=check.id,
                line_id=line,
                root_id=None if line is None else self.lines[line].root,
                amount_minor=what.get("amount", 0),
                rate_millionths=what.get("rate", 0),
                most_minor=what.get("most"),
                lifted=False,
            )
        )
        return True

    def reprice(self) -> bool:
        """What is still owed of a dish costs something else."""
        self._price(self.rnd.choice(sorted(self.units)), self.rnd.choice((333, 1_036, 3_483, 4_250)))
        return True

    def service(self) -> bool:
        check, _there = self.some()
        rate, taxed = self.rnd.choice((100_000, 130_000)), self.rnd.random() < 0.5
        row = SimpleNamespace(id=self._id(), check_id=check.id, rate_millionths=rate, taxed=taxed, lifted=False)
        self.charges.append(row)
        return True

    def lift(self) -> bool:
        """A discount or service charge, of all checks or of one that inherited it."""
        standing = [row for row in (*self.discounts, *self.charges) if not row.lifted]
        if not standing:
            return False
        row = self.rnd.choice(standing)
        heirs = [check for check in self.checks if str(row.id) in check.inherits]
        if heirs and self.rnd.random() < 0.6:
            self.rnd.choice(heirs).inherits.remove(str(row.id))
        else:
            row.lifted = True
        return True


def amounts_of(bills: Iterable[BillTotal]) -> Counter[Any]:
    """Each amount of some bills in all."""
    found = Counter[Any]()
    for bill in bills:
        for name in AMOUNTS:
            assert getattr(bill, name) == sum(getattr(line, name) for line in bill.lines.values())
            assert getattr(bill, name) >= 0
            found[name] += getattr(bill, name)
        for tax in bill.taxes:
            found[tax.tax] += tax.tax_minor
        for line in bill.lines.values():
            assert line.tax_minor == sum(each.tax_minor for each in line.taxes)
            found.update({each.id: each.amount_minor for each in line.discounts})
    return found


def receipt_line(
    check: UUID, line: Any, key: UUID, milli: int, unit: int, priced: PricedCheck, total: LineTotal
) -> Any:
    """As paying writes it."""
    return SimpleNamespace(
        check_id=check,
        root_id=line.root,
        order_line_id=key,
        quantity_milli=milli,
        unit_price_minor=unit,
        adjusted_by=priced.adjusted_by,
        discounts=[{"id": str(each.id), "amount_minor": each.amount_minor} for each in total.discounts],
        taxes=[{**each.tax._asdict(), "tax_minor": each.tax_minor} for each in total.taxes],
        **{name: getattr(total, name) for name in AMOUNTS},
    )


@pytest.mark.parametrize("seed", range(SEEDS))
def test_to_split_or_pay_moves_no_cent(seed: int) -> None:
    """And none of another check, unless something was given or lifted since a receipt."""
    rnd = Random(seed)
    table, changed = Table(rnd), False
    for _step in range(STEPS):
        before, bills = table.comes_to(), {key: priced.bill for key, priced in table.priced().items()}
        deed = rnd.choice((table.split, table.split, table.pay, table.discount, table.service, table.lift))
        done = deed()
        if deed not in (table.split, table.pay):
            changed = changed or bool(table.paid)
        elif done:
            assert table.comes_to() == before, deed.__name__
            after = {key: priced.bill for key, priced in table.priced().items()}
            moved = [key for key, bill in bills.items() if after[key] != bill]
            assert changed or len(moved) <= 1, "no other check than the one that was split or paid"
    while table.owed()["total_minor"]:
        before = table.comes_to()
        table.pay()
        assert table.comes_to() == before


@pytest.mark.parametrize("seed", range(SEEDS))
def test_to_pay_amounts_of_parts_moves_no_cent(seed: int) -> None:
    rnd = Random(seed)
    table = Table(rnd)
    for _step in range(STEPS):
        before = table.comes_to()
        beside = (table.discount, table.service, table.reprice)
        deed = rnd.choice((table.split, table.pay, table.pay_part, table.pay_part, *beside))
        if deed() and deed not in beside:
            assert table.comes_to() == before, deed.__name__
    while table.owed()["total_minor"]:
        before = table.comes_to()
        table.pay()
        assert table.comes_to() == before
