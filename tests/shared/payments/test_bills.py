"""The checks of a split, priced as rows say: whatever was taken off or added, they add up to what the check was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from random import Random
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from shared.kernel.quantity import FINE, ONE, cut_of
from shared.orders.rules import BillTotal, LinePrice, sum_bills
from shared.payments.bills import Adjustments, PricedCheck, price_group
from shared.taxes.rules import Tax
from shared.truth.family import FAMILY_TABLES, LINES, RECEIPT_LINES

WHOLE, PART, THIRD = UUID(int=50), UUID(int=7), UUID(int=90)
"""A check, and two that were split off it: one of an id before it, one after it."""
TAXES = ((), (Tax("IGV", 180_000),), (Tax("Sales tax", 100_000, included=False),))


class Bill:
    """A check with its lines, discounts and service charges, split or not."""

    def __init__(self, *lines: tuple[int, int], taxes: Sequence[tuple[Tax, ...]] = ((),)) -> None:
        self.quantities = {UUID(int=1_000 + at): quantity for at, (quantity, _unit) in enumerate(lines)}
        self.units = dict(zip(self.quantities, (unit for _quantity, unit in lines), strict=True))
        self.taxes = {key: taxes[at % len(taxes)] for at, key in enumerate(self.units)}
        self.elsewhere: Mapping[int, int] = {}
        self.discounts: list[Any] = []
        self.charges: list[Any] = []

    def move(self, line: int, portions: int) -> None:
        """So many portions of a line stand on another table."""
        self.elsewhere = {**self.elsewhere, line: portions}

    def discount(
        self, line: int | None = None, *, amount: int = 0, rate: int = 0, most: int | None = None, comes: int = 0
    ) -> None:
        """One of a line or of the check. `comes`: its place among those that have one; else it is the last."""
        line_id = None if line is None else UUID(int=1_000 + line)
        key = UUID(int=100 * comes + len(self.discounts) + 1)
        more = {"amount_minor": amount, "rate_millionths": rate, "most_minor": most}
        self.discounts.append(SimpleNamespace(id=key, check_id=WHOLE, line_id=line_id, root_id=line_id, **more))

    def service(self, rate: int, *, taxed: bool) -> None:
        """A service charge."""
        row = SimpleNamespace(id=UUID(int=5_000), check_id=WHOLE, rate_millionths=rate, taxed=taxed)
        self.charges.append(row)

    def comes_to(self, *splits: tuple[UUID, Mapping[int, int | None]], paid: UUID | None = None) -> dict[UUID, int]:
        """What each check comes to in all. See `bills`."""
        return {key: bill.total_minor for key, bill in self.bills(*splits, paid=paid).items()}

    def bills(self, *splits: tuple[UUID, Mapping[int, int | None]], paid: UUID | None = None) -> dict[UUID, BillTotal]:
        """The bill of each check once so many thousandths of lines stand on others; 0: all of it was taken off.

        Args:
            paid: the check that was paid before the others are priced again.
        """
        adjusted = [str(row.id) for row in (*self.discounts, *self.charges) if getattr(row, "line_id", None) is None]
        checks = [SimpleNamespace(id=WHOLE, split_of_id=None, inherits=[])]
        left = dict(self.quantities)
        owed: dict[UUID, list[LinePrice]] = {WHOLE: []}
        rows: dict[UUID, Any] = {key: {name: {} for name in FAMILY_TABLES} for key in left}

        exact: dict[UUID, Fraction] = {}

        def cut(check: UUID, key: UUID, root: UUID, quantity: int, of_milli: int) -> None:
            """As `split_line` writes it."""
            taken = cut_of(quantity, of_milli, exact[root])
            exact[root] -= taken
            fine = round((taken - quantity) * FINE)
            said = {"quantity_milli": 0, "more_milli": 0, "taken_milli": quantity, "taken_fine": fine}
            rows[root][LINES][key] = SimpleNamespace(
                check_id=check, part_of_id=root, added_at=None, unit_price_minor=None, modifiers=None, **said
            )

        def put(check: UUID, key: UUID, root: UUID, quantity: int) -> None:
            if quantity:
                owed[check].append(LinePrice(key, quantity, self.units[root], self.taxes[root], root))

        for root, quantity in self.quantities.items():
            elsewhere = self.elsewhere.get(root.int - 1_000, 0)
            exact[root] = Fraction(quantity + elsewhere)
            said = {"quantity_milli": quantity + elsewhere, "more_milli": 0, "taken_milli": 0, "taken_fine": 0}
            rows[root][LINES][root] = SimpleNamespace(
                check_id=WHOLE,
                part_of_id=None,
                added_at=None,
                unit_price_minor=self.units[root],
                modifiers=None,
                **said,
            )
            if elsewhere:
                cut(UUID(int=77), UUID(int=20_000 + root.int), root, elsewhere, quantity + elsewhere)
        for place, (check, portions) in enumerate(splits, start=1):
            checks.append(SimpleNamespace(id=check, split_of_id=WHOLE, inherits=adjusted))
            owed[check] = []
            for at, quantity in portions.items():
                if quantity is None:
                    continue
                root, key = UUID(int=1_000 + at), UUID(int=10_000 * place + at)
                cut(check, key, root, quantity, left[root])
                left[root] -= quantity
                put(check, key, root, quantity)
        for root, quantity in left.items():
            put(WHOLE, root, root, quantity)
        checks.sort(key=lambda check: check.id)
        adjustments = Adjustments(self.discounts, self.charges)
        found = price_group(checks, owed, adjustments, rows)
        if paid is not None:
            charged = found[paid]
            for line in owed[paid]:
                receipt_line = _receipt_line(paid, line, charged)
                rows[receipt_line.root_id][RECEIPT_LINES][UUID(int=90_000 + line.key.int)] = receipt_line
            found = {**price_group(checks, {**owed, paid: []}, adjustments, rows), paid: charged}
        return {key: priced.bill for key, priced in found.items()}


def _receipt_line(check: UUID, line: LinePrice, charged: PricedCheck) -> Any:
    total = charged.bill.lines[line.key]
    amounts = ("gross_minor", "discount_minor", "service_minor", "tax_minor", "total_minor")
    return SimpleNamespace(
        check_id=check,
        root_id=line.family,
        order_line_id=line.key,
        quantity_milli=line.quantity_milli,
        unit_price_minor=line.unit_minor,
        adjusted_by=charged.adjusted_by,
        discounts=[{"id": str(each.id), "amount_minor": each.amount_minor} for each in total.discounts],
        taxes=[{**each.tax._asdict(), "tax_minor": each.tax_minor} for each in total.taxes],
        **{name: getattr(total, name) for name in amounts},
    )


@pytest.mark.parametrize("other", [PART, THIRD])
def test_an_amount_is_not_given_to_a_part_that_is_on_the_house(other: UUID) -> None:
    bill = Bill((1_000, 4_250), (1_000, 4_250))
    bill.discount(amount=801)
    bill.discount(1, rate=1_000_000)
    assert bill.comes_to() == {WHOLE: 3_449}
    assert bill.comes_to((other, {1: 166})) == {WHOLE: 3_449, other: 0}


def test_an_amount_of_which_a_part_gets_nothing_leaves_its_taxes_alone() -> None:
    bill = Bill((2_000, 3_890), (2_000, 4_250), taxes=TAXES[2:])
    bill.discount(1, amount=741)
    found = bill.comes_to((THIRD, {0: 1_000, 1: 0}))  # one portion stood there and was taken off
    assert sum(found.values()) == bill.comes_to()[WHOLE]
    assert found[THIRD] == 3_890 + 389


def test_a_line_with_a_discount_of_its_own_counts_in_the_taxes_of_what_was_split_off() -> None:
    bill = Bill((1_000, 333), (116, 333), (1_333, 1_200), taxes=(TAXES[2], TAXES[2], TAXES[1]))
    bill.discount(rate=125_000)
    bill.discount(rate=125_000)
    bill.discount(2, rate=333_333)
    assert sum(bill.comes_to((THIRD, {0: 333})).values()) == bill.comes_to()[WHOLE]


def test_a_line_without_tax_takes_no_cent_of_a_discount_from_one_that_bears_an_added_tax() -> None:
    bill = Bill((350, 3_890), (ONE, 1_999), taxes=(TAXES[2], TAXES[1]))
    bill.discount(rate=100_000, most=500)
    bill.discount(amount=1_346)
    bill.service(130_000, taxed=False)
    assert sum(bill.comes_to((PART, {1: 250})).values()) == bill.comes_to()[WHOLE]


def test_a_share_of_portions_that_stand_on_two_tables_leaves_the_rest_what_it_was() -> None:
    bill = Bill((2_000, 4_250))
    bill.move(0, 1_000)
    assert bill.comes_to() == {WHOLE: 8_500}
    assert sum(bill.comes_to((PART, {0: 166}), (THIRD, {0: 334})).values()) == 8_500


@pytest.mark.parametrize("part", [PART, THIRD])
def test_the_most_of_a_rate_is_shared_by_what_is_on_each_part(part: UUID) -> None:
    bill = Bill((ONE, 6_000), (ONE, 2_000))
    bill.discount(rate=500_000, most=1_000)
    assert bill.comes_to() == {WHOLE: 7_000}
    assert bill.comes_to((part, {1: ONE})) == {WHOLE: 5_250, part: 1_750}


def test_a_rate_below_its_most_is_a_rate_on_each_part() -> None:
    bill = Bill((ONE, 6_000), (ONE, 2_000))
    bill.discount(rate=100_000, most=1_000)
    assert bill.comes_to((PART, {1: ONE})) == {WHOLE: 5_400, PART: 1_800}


@pytest.mark.parametrize("paid", [PART, WHOLE, THIRD])
def test_what_a_receipt_took_off_later_leaves_the_discounts_before_it_alone(paid: UUID) -> None:
    bill = Bill((2 * ONE, 100_000))
    bill.discount(0, rate=100_000, most=19_000)
    bill.discount(rate=500_000)
    found = bill.comes_to((PART, {0: 500}), (THIRD, {0: 500}), paid=paid)
    assert found == {PART: 22_625, THIRD: 22_625, WHOLE: 45_250}


@pytest.mark.parametrize("seed", range(100))
def test_whatever_is_given_a_split_adds_up(seed: int) -> None:
    rnd = Random(seed)
    quantities = [rnd.choice((350, ONE, 2 * ONE, 3 * ONE)) for _line in range(rnd.randint(1, 4))]
    bill = Bill(
        *((each, rnd.choice((600, 1_999, 3_890, 4_250))) for each in quantities),
        taxes=[rnd.choice(TAXES) for _line in quantities],
    )
    for _given in range(rnd.randint(0, 4)):
        amount, most = {"amount": rnd.randint(1, 9_000)}, {"rate": 100_000, "most": 500}
        what = rnd.choice((amount, amount, most, {"rate": 333_333}, {"rate": 1_000_000}))
        bill.discount(rnd.choice((None, rnd.randrange(len(quantities)))), comes=rnd.randint(0, 5), **what)
    if rnd.random() < 0.3:
        bill.move(rnd.randrange(len(quantities)), rnd.choice((333, 500, ONE)))
    if rnd.random() < 0.5:
        bill.service(130_000, taxed=rnd.random() < 0.5)
    nothing = rnd.choice((0, None))
    one, two = (
        {at: rnd.choice((each // 2, each // 3, each // 4, nothing)) for at, each in enumerate(quantities)}
        for _part in (1, 2)
    )
    (whole,) = map(amounts, bill.bills().values())
    for splits in ([(PART, one)], [(THIRD, one)], [(PART, one), (THIRD, two)]):
        found = bill.bills(*splits)
        assert amounts(sum_bills(list(found.values()))) == whole, splits
        assert min(each.total_minor for each in found.values()) >= 0
        for paid in found:
            assert bill.bills(*splits, paid=paid) == found, "who pays changes no bill"


def amounts(bill: BillTotal) -> dict[Any, int]:
    """What a bill comes to, with each tax."""
    names = ("gross_minor", "discount_minor", "service_minor", "net_minor", "tax_minor", "total_minor")
    return {name: getattr(bill, name) for name in names} | {each.tax: each.tax_minor for each in bill.taxes}
