"""A check that is paid in parts: which part is on, and what it comes to. Pure; amounts in minor units.

A plan is of the screen alone. What a part paid is on its receipt, and the rest is owed like any other check: closed in
the middle, the screen loses no money and no receipt, and the rest can be split another way.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from shared.books.views import CheckView
from shared.orders.parting import equal_part


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """The part that is paid now.

    Attributes:
        part_minor: what its receipt will come to, with what came in before.
        left: equal parts that are left, with this one; 1 for an amount.
        of: how many there were; 0 for an amount.
    """

    check_id: UUID
    part_minor: int
    left: int = 1
    of: int = 0

    @property
    def at(self) -> int:
        """Which part it is, from 1 on; 0 for an amount."""
        return self.of - self.left + 1 if self.of else 0

    def due(self, check: CheckView) -> int:
        """What is still to be paid of the part."""
        return check.due_minor if self.is_all_of(check) else max(0, self.part_minor - check.credit_minor)

    def is_all_of(self, check: CheckView) -> bool:
        """Whether the part is all that is owed: the last one, or the check became less."""
        return self.part_minor >= check.bill.total_minor

    def part_of(self, check: CheckView) -> int | None:
        """What `pay` is told of the part; None if it is all that is owed."""
        return None if self.is_all_of(check) else self.part_minor

    def after(self, check: CheckView) -> SplitPlan | None:
        """The part after this one, when this one is paid; None after an amount, or if there is none."""
        return equal_plan(check, self.left - 1, self.of) if self.left > 1 else None

    def anew(self, check: CheckView) -> SplitPlan:
        """The same part of a check that comes to something else now."""
        return equal_plan(check, self.left, self.of) if self.of else self


def equal_plan(check: CheckView, left: int, of: int) -> SplitPlan:
    """The first of so many equal parts that are left of a check."""
    return SplitPlan(check.id, check.credit_minor + equal_part(max(0, check.due_minor), left), left, of)


def amount_plan(check: CheckView, amount_minor: int) -> SplitPlan:
    """So much of what is left."""
    return SplitPlan(check.id, check.credit_minor + amount_minor)
