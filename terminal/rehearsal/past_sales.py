"""Past sales as plain values: the tickets of each branch with their lines, as in the file.

Amounts are integer minor units of `PastSales.currency`, quantities integer thousandths. No file is read here.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from shared.kernel.language import Language, Texts
from shared.kernel.quantity import ONE
from shared.orders.rules import gross_of
from terminal.rehearsal.errors import TEXTS_ROOM

MOST_CHOICES = 60
"""Modifiers of a line. Only a mapping that takes a column of prose for modifiers gives more."""
MOST_LINES = 1_000
"""Lines of a ticket. Only a mapping that takes a constant column for the ticket number gives more."""


@dataclass(frozen=True, slots=True)
class PastLine:
    """One line of a ticket. `row` is the line of the file on which it starts; the header is line 1."""

    file: str
    row: int
    item: str
    item_name: str
    category: str
    quantity_milli: int
    unit_price_minor: int
    amount_minor: int
    modifiers: tuple[str, ...]

    @property
    def till_unit_minor(self) -> int:
        """Unit price at which a till rings it up: the file's, or a higher one if more than that was charged."""
        unit = self.unit_price_minor
        if gross_of(self.quantity_milli, unit) < self.amount_minor:
            unit = -(-self.amount_minor * ONE // self.quantity_milli)
        return unit

    @property
    def till_amount_minor(self) -> int:
        """Amount of quantity and `till_unit_minor` on a till: never less than was charged."""
        return gross_of(self.quantity_milli, self.till_unit_minor)

    @property
    def till_discount_minor(self) -> int:
        """Discount on the till, so that the line has the amount that was charged."""
        return self.till_amount_minor - self.amount_minor


@dataclass(frozen=True, slots=True)
class PastTicket:
    """One sale. `key` is unique in the file, and the same whenever the same file is read.

    `opened_at` is the earliest time of its lines: local, without zone. `business_date` is its day by the hour at which
    a business day starts; if the file has no time it is the date in the file.
    """

    key: str
    branch: str
    business_date: date
    opened_at: datetime
    number: str
    lines: tuple[PastLine, ...]

    @property
    def total_minor(self) -> int:
        """Sum of all lines, as charged."""
        return sum(line.amount_minor for line in self.lines)


@dataclass(frozen=True, slots=True)
class PastItem:
    """An item of the item list, or of the sales if there is no list.

    `price_minor` is the list price if there is one, else the most frequent unit price.
    """

    key: str
    name: str
    category: str
    price_minor: int


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """One row that could not be read: file and line, the reason, and its text (shortened).

    `branch` is empty and `amount_minor` None if they could not be read either.
    """

    file: str
    line: int
    reason_code: str
    params: Mapping[str, str | int]
    text: str
    branch: str = ""
    amount_minor: int | None = None

    def sentence(self, language: Language = Language.SPANISH) -> str:
        """Say in one sentence what is wrong with the row."""
        return Texts(language, (TEXTS_ROOM,))(f"row.{self.reason_code}", **self.params)


@dataclass(frozen=True, slots=True)
class BranchFigures:
    """Figures of one branch in the file."""

    branch: str
    tickets: int
    lines: int
    quantity_milli: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class RejectedFigures:
    """Rejected rows of one branch on all days, and the sum of their amounts that could be read."""

    rows: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class PastSales:
    """All sales that could be read, and the rows that could not.

    `tickets` are grouped by branch in the order of `branches`, and within a branch ordered by date and time.
    `cut_off` is the hour at which a business day starts. `left_out` counts the rows
    that the mapping leaves out on purpose; `item_list_file` is empty if no item list was found.
    """

    currency: str
    time_zone: str
    cut_off: time
    branches: tuple[str, ...]
    tickets: tuple[PastTicket, ...]
    items: tuple[PastItem, ...]
    rejected: tuple[RejectedRow, ...]
    files: tuple[str, ...]
    left_out: int
    item_list_file: str

    @property
    def total_minor(self) -> int:
        """Sum of all branches, as charged."""
        return sum(ticket.total_minor for ticket in self.tickets)

    @property
    def dates(self) -> tuple[date, ...]:
        """Business dates with sales, in order, each once."""
        return tuple(sorted({ticket.business_date for ticket in self.tickets}))

    def tickets_of(self, branch: str) -> Iterator[PastTicket]:
        """Yield the tickets of one branch, ordered by date and time."""
        return (ticket for ticket in self.tickets if ticket.branch == branch)

    def figures(self) -> tuple[BranchFigures, ...]:
        """Return the figures of each branch, in the order of `branches`."""
        by_branch = itertools.groupby(self.tickets, key=lambda ticket: ticket.branch)
        return tuple(_figures(branch, list(tickets)) for branch, tickets in by_branch)

    def rejected_of(self, branch: str) -> RejectedFigures:
        """Count the rejected rows of a branch, and sum the amounts that could be read."""
        rows = [row for row in self.rejected if row.branch == branch]
        return RejectedFigures(len(rows), sum(row.amount_minor or 0 for row in rows))

    def first_days(self, days: int) -> PastSales:
        """Return only the sales of the first `days` distinct dates (of all branches together).

        Branches without sales on those dates are left out; items and rejected rows stay.
        """
        if days < 1:
            raise ValueError("days must be at least 1")
        kept = frozenset(self.dates[:days])
        tickets = tuple(ticket for ticket in self.tickets if ticket.business_date in kept)
        open_branches = {ticket.branch for ticket in tickets}
        branches = tuple(branch for branch in self.branches if branch in open_branches)
        return dataclasses.replace(self, tickets=tickets, branches=branches)


def _figures(branch: str, tickets: Sequence[PastTicket]) -> BranchFigures:
    lines = [line for ticket in tickets for line in ticket.lines]
    quantity = sum(line.quantity_milli for line in lines)
    return BranchFigures(branch, len(tickets), len(lines), quantity, sum(line.amount_minor for line in lines))
