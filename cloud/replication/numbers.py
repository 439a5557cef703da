"""The cloud's own series of numbers in a branch: those of orders that programs place, `API-17`.

A number is taken in the transaction that uses it, so the series has no gaps. After a restore the cloud counts anew
under another letter (`letter_of`): what it gave out after the backup stands on papers already.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cloud.control.commands import FIRST_GENERATION

LETTER = "API"
"""No device of a branch has it: it would be the one after some ten thousand others."""
KEPT_DAYS = 40
"""A series of a day that is over is not asked for again; a clock that is set back may ask for yesterday's."""

_NEXT = sa.text(
    """
    insert into control.number_series as held (organization_id, branch_id, series, value, taken_at)
    values (:organization, :branch, :series, 1, now())
    on conflict (organization_id, branch_id, series) do update set value = held.value + 1, taken_at = now()
    returning value"""
)
_SWEEP = sa.text(
    "delete from control.number_series where organization_id = :organization and branch_id = :branch"
    " and taken_at < now() - make_interval(days => :days)"
)


def letter_of(generation: int) -> str:
    """The first part of numbers that the cloud gives out in a generation."""
    return LETTER if generation == FIRST_GENERATION else f"{LETTER}{generation}"


@dataclass(frozen=True, slots=True)
class CloudNumbers:
    """Implements `shared.kernel.work.Numbers` for a branch, in the tenant's transaction."""

    organization_id: UUID
    branch_id: UUID
    generation: int

    async def next(self, session: AsyncSession, series: str) -> int:
        """The next number of a series, from 1. Whoever asks for the same at once waits for this transaction."""
        of_branch = {"organization": self.organization_id, "branch": self.branch_id}
        connection = await session.connection()
        named = {"series": f"{letter_of(self.generation)}:{series}"}
        value = int((await connection.execute(_NEXT, of_branch | named)).scalar_one())
        if value == 1:
            await connection.execute(_SWEEP, of_branch | {"days": KEPT_DAYS})
        return value


class NoNumbers:
    """The numbers of a unit of work of the whole organization: none."""

    async def next(self, session: AsyncSession, series: str) -> int:
        """Always raise: see the class."""
        msg = f"the cloud has no series {series} outside a branch"
        raise LookupError(msg)
