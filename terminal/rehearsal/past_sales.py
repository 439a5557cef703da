"""Past sales as plain values: tickets of branches with their lines, as somebody's file tells them.

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
from terminal.rehearsal.problems import TEXTS_ROOM

MOST_CHOICES = 60
"""A line never chose more modifiers than this; a mapping that takes a column of prose for choices does."""
MOST_LINES = 1_000
"""A ticket never had more lines than this; a mapping that takes a constant column for the ticket number has."""


@dataclass(frozen=True, slots=True)
class PastLine:
    """One line of a ticket. `row` is the line of the file on which it starts, the header being line 1."""

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
        """The price of one at which a till rings it up: the file's, or a higher one if more than that was charged."""
        unit = self.unit_price_minor
        if gross_of(self.quantity_milli, unit) < self.amount_minor:
            unit = -(-self.amount_minor * ONE // self.quantity_milli)
        return unit

    @property
    def till_amount_minor(self) -> int:
        """What a till makes of quantity and `till_unit_minor`: never less than was charged."""
        return gross_of(self.quantity_milli, self.till_unit_minor)

    @property
    def till_discount_minor(self) -> int:
        """What a till takes off, so that the line comes to what was charged."""
        return self.till_amount_minor - self.amount_minor


@dataclass(frozen=True, slots=True)
class PastTicket:
    """One sale. `key` is unique in the file, and the same whenever the same file is read.

    `opened_at` is the earliest time of its lines: local, without zone. `business_date` is the day to which it counts,
    by the hour at which a day starts; where the file has no time it is the date in the file.
    """

    key: str
    branch: str
    business_date: date
    opened_at: datetime
    number: str
    lines: tuple[PastLine, ...]

    @property
    def total_minor(self) -> int:
        """What was charged for all lines."""
        return sum(line.amount_minor for line in self.lines)


@dataclass(frozen=True, slots=True)
class PastItem:
    """One thing that was sold or could have been: from the item list, or from the sales where there is no list.

    `price_minor` is the list price if there is one, else the unit price that occurs most often.
    """

    key: str
    name: str
    category: str
    price_minor: int


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """One row that could not be read: where it stands, why, and its text (shortened).

    `branch` is empty and `amount_minor` None where that could not be read either.
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
    """What the file says about one branch."""

    branch: str
    tickets: int
    lines: int
    quantity_milli: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class RejectedFigures:
    """Rejected rows of one branch, of all days, and the sum of the amounts in them that could be read."""

    rows: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class PastSales:
    """All that could be read, and what could not.

    `tickets` are grouped by branch in the order of `branches`, and within a branch ordered by date and time.
    `cut_off` is the hour at which a business day starts, for whoever sets up the branches. `left_out` counts the rows
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
        """What was charged in all branches."""
        return sum(ticket.total_minor for ticket in self.tickets)

    @property
    def dates(self) -> tuple[date, ...]:
        """The distinct business dates on which anything was sold, in order."""
        return tuple(sorted({ticket.business_date for ticket in self.tickets}))

    def tickets_of(self, branch: str) -> Iterator[PastTicket]:
        """Yield the tickets of one branch, ordered by date and time."""
        return (ticket for ticket in self.tickets if ticket.branch == branch)

    def figures(self) -> tuple[BranchFigures, ...]:
        """Return what the file says about each branch, in the order of `branches`."""
        by_branch = itertools.groupby(self.tickets, key=lambda ticket: ticket.branch)
        return tuple(_figures(branch, list(tickets)) for branch, tickets in by_branch)

    def rejected_of(self, branch: str) -> RejectedFigures:
        """Return how many rows of a branch were rejected, and the money of those whose amount could be read."""
        rows = [row for row in self.rejected if row.branch == branch]
        return RejectedFigures(len(rows), sum(row.amount_minor or 0 for row in rows))

    def first_days(self, days: int) -> PastSales:
        """Return only the sales of the first `days` distinct dates (of all branches together).

        Branches without any sale on those dates are left away; items and rejected rows stay.
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
