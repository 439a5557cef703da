"""The branches that a request is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from cloud.database.transaction import ReadSession
from shared.kernel.columns import Key
from shared.kernel.errors import DomainError
from shared.tenancy.records import Branch


@dataclass(frozen=True, slots=True)
class BranchSeen:
    """A branch that somebody may see."""

    id: UUID
    name: str
    zone: str
    cutoff_minutes: int


async def require_branches(read: ReadSession, organization_id: UUID, branch_ids: Sequence[UUID]) -> None:
    """Refuse ids that are no branches of an organization.

    Raises:
        DomainError: BRANCH_UNKNOWN.
    """
    known = sa.select(Branch.id).where(Branch.organization_id == organization_id, _among(Branch.id, branch_ids))
    if set((await read.scalars(known)).all()) != set(branch_ids):
        raise DomainError("BRANCH_UNKNOWN")


def chosen(seen: list[BranchSeen], branch: UUID | None) -> list[BranchSeen]:
    """All branches, or the one of the request.

    Raises:
        DomainError: BRANCH_UNKNOWN, if it does not exist or the caller may not see it.
    """
    if branch is None:
        return seen
    only = [seen_branch for seen_branch in seen if seen_branch.id == branch]
    if not only:
        raise DomainError("BRANCH_UNKNOWN")
    return only


def _among(column: Any, ids: Sequence[UUID]) -> sa.ColumnElement[bool]:
    """The condition on some ids. It has one parameter for any number of ids, so that the statement is prepared once."""
    among: sa.ColumnElement[bool] = column == sa.any_(sa.literal(list(ids), ARRAY(Key())))
    return among
