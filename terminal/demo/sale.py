"""The sale of the check: what is ordered, and its right amounts, computed from the plan. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from shared.countries.currencies import currency
from shared.kernel.money import CashRounding, round_cash
from terminal.demo.plan import Plan, PlannedItem

DISH_CODE, DISH_COUNT = "lom", 2
NOTE = "para compartir"
NOTES_OF = 50
"""The guest pays with notes of fifty, so that there is change."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """A dish with quantity, chosen modifiers (names with their extra prices) and note."""

    item: PlannedItem
    count: int
    answers: tuple[tuple[str, int], ...] = ()
    note: str = ""

    @property
    def typed(self) -> str:
        """The text that a cashier types for it."""
        return f"{self.count}*{self.item.code}" if self.count > 1 else self.item.code

    @property
    def total_minor(self) -> int:
        """Amount, tax included."""
        return self.count * (self.item.price_minor + sum(extra for _name, extra in self.answers))


@dataclass(frozen=True, slots=True)
class Sale:
    """An order of one table and its payment in cash."""

    branch: str
    table: str
    ordered: tuple[Ordered, ...]
    total_minor: int
    rounding_minor: int
    given_minor: int
    typed_money: str

    @property
    def change_minor(self) -> int:
        """Change for the guest."""
        return self.given_minor - self.total_minor - self.rounding_minor


def planned_sale(plan: Plan) -> Sale:
    """Two of a dish with a note and a choice from each modifier group, and one of a dish of another station.

    A required group gets its last modifier, any other the first with an extra price: both are rarely the defaults.
    """
    branch = plan.device("till").branch
    dish = plan.item(DISH_CODE)
    drink = next(item for item in plan.items if item.station not in ("", dish.station) and not item.questions)
    answers = []
    for question in dish.questions:
        priced = [answer for answer in question.answers if answer[1]]
        answers.append(question.answers[-1] if question.minimum or not priced else priced[0])
    ordered = (Ordered(dish, DISH_COUNT, tuple(answers), NOTE), Ordered(drink, 1))
    total = sum(line.total_minor for line in ordered)
    step, way = plan.cash[branch]
    to_pay = round_cash(total, step, CashRounding(way))
    note = NOTES_OF * 10 ** currency(plan.currency).exponent
    notes = to_pay // note + 1
    return Sale(
        branch=branch,
        table=plan.tables[branch][0],
        ordered=ordered,
        total_minor=total,
        rounding_minor=to_pay - total,
        given_minor=notes * note,
        typed_money=str(notes * NOTES_OF),
    )
