"""Differences between ledgers, as people are asked about them: of families, and of the money of checks."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa

from shared.exceptions.rules import exception_id
from shared.truth.balances import troubles_of
from shared.truth.family import BY_NOTE, Difference
from shared.truth.reading import Reader
from shared.truth.records import check_balances, differences, is_busy


class OpenDifference(NamedTuple):
    """A difference that is there.

    Attributes:
        id: follows from kind and cause.
        subject_id: the root, receipt line or check that it is about.
        size: portions in thousandths; minor units where it is about money.
    """

    id: UUID
    kind: Difference
    subject_id: UUID
    check_id: UUID
    size: int

    @property
    def ends_by_note(self) -> bool:
        """Whether a note settles it, since it cannot be undone. Others end by an action."""
        return self.kind in BY_NOTE


async def open_differences(reader: Reader, organization_id: UUID, branch_id: UUID) -> list[OpenDifference]:
    """All differences of a branch, settled or not; two statements, which read no history."""
    found = []
    rows = await reader.execute(
        sa.select(differences).where(
            differences.c.organization_id == organization_id, differences.c.branch_id == branch_id
        )
    )
    for row in rows:
        kind = Difference(row.kind)
        key = exception_id(kind, row.subject_id, row.also)
        found.append(OpenDifference(key, kind, row.subject_id, row.check_id, int(row.size)))
    sums = check_balances.c
    busy = await reader.execute(
        sa.select(check_balances).where(
            sums.organization_id == organization_id, sums.branch_id == branch_id, is_busy(sums)
        )
    )
    for row in busy:
        for kind, size in troubles_of(row).items():
            key = exception_id(kind, row.check_id, 0)
            found.append(OpenDifference(key, kind, row.check_id, row.check_id, size))
    return sorted(found)
