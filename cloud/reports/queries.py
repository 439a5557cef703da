"""The queries of a report: the branches that somebody may see, and the sums of their sales. See also `freshness.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from cloud.accounts.branches import BranchSeen
from cloud.database.transaction import ReadSession
from cloud.reports.period import Period
from shared.sales import queries as sales
from shared.sales.queries import By, Group, Span, Total
from shared.sales.rules import hour_of_day


async def totals(read: ReadSession, organization_id: UUID, branches: Sequence[UUID], period: Period) -> list[Total]:
    """All sales, with one row per currency."""
    return await sales.totals(read, Span(organization_id, tuple(branches), period.first, period.last))


async def sales_by(
    read: ReadSession, organization_id: UUID, branches: Sequence[BranchSeen], period: Period, by: By
) -> list[Group]:
    """The groups of one kind, at most `MOST_GROUPS` + 1 of them (the last one shows that there are more).

    Days come in their order, hours in the order of the business day, all others by their amount, the highest first.
    """
    span = Span(organization_id, tuple(branch.id for branch in branches), period.first, period.last)
    groups = await sales.sales_by(read, span, by)
    if by is By.BRANCH:
        names = {str(branch.id): branch.name for branch in branches}
        return [replace(group, name=names.get(group.key, "")) for group in groups]
    if by is By.HOUR:
        begins = day_begins(branches)
        return sorted(groups, key=lambda group: hour_of_day(int(group.key), begins))
    return groups


def day_begins(branches: Sequence[BranchSeen]) -> int:
    """How many minutes after midnight the business day of the first branch begins."""
    return min((branch.cutoff_minutes for branch in branches), default=0)
