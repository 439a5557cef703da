"""The branches that a request is about."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from shared.kernel.errors import DomainError


@dataclass(frozen=True, slots=True)
class BranchSeen:
    """A branch that somebody may see."""

    id: UUID
    name: str
    zone: str
    cutoff_minutes: int


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
