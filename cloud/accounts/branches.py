"""The branches that a request is about, and how people name one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from cloud.control.slugs import slug_of
from shared.kernel.errors import DomainError
from shared.kernel.text import search_key

SHORTEST_PREFIX_CHARACTERS = 4
"""Of an id: a shorter one is a typing mistake rather than a choice."""


@dataclass(frozen=True, slots=True)
class BranchSeen:
    """A branch that somebody may see.

    Attributes:
        chosen_slug: the short name that somebody chose; empty: none.
        former_slugs: short names that it had.
    """

    id: UUID
    name: str
    zone: str
    cutoff_minutes: int
    chosen_slug: str = ""
    former_slugs: tuple[str, ...] = ()
    is_closed: bool = False

    @property
    def slug(self) -> str:
        """Its short name in addresses. Two branches of one name share it; then their ids tell them apart."""
        return self.chosen_slug or slug_of(self.name)


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


def branch_called(seen: Sequence[BranchSeen], text: str) -> BranchSeen | None:
    """The branch that a text names: by its id, its slug or name, the beginning of its id, or a slug that it had.

    None for an empty text.

    Raises:
        DomainError: BRANCH_UNKNOWN, if it names none of them, or several.
    """
    if not text:
        return None
    wanted, name = text.lower(), search_key(text)
    by_slug = [branch for branch in seen if branch.chosen_slug == wanted]
    by_name = [branch for branch in seen if branch.slug == wanted or search_key(branch.name) == name]
    by_former = [branch for branch in seen if wanted in branch.former_slugs]
    prefix = wanted if len(wanted) >= SHORTEST_PREFIX_CHARACTERS else "-"
    by_id = [branch for branch in seen if str(branch.id).startswith(prefix)]
    for found in ([branch for branch in seen if str(branch.id) == wanted], by_slug, by_name, by_id, by_former):
        if len(found) == 1:
            return found[0]
    raise DomainError("BRANCH_UNKNOWN")


def called(seen: Sequence[BranchSeen], branch: BranchSeen | None) -> str:
    """The text that names a branch in an address: its slug where that is enough, else its id. Empty for all."""
    if branch is None:
        return ""
    alone = sum(other.slug == branch.slug for other in seen) == 1
    return branch.slug if alone and branch.slug else str(branch.id)


def found_by(seen: Sequence[BranchSeen], words: str) -> list[BranchSeen]:
    """The branches that a search finds: each of its words begins a word of the name, or the id. In their order."""
    wanted = search_key(words).replace("-", " ").split()
    return [branch for branch in seen if all(_has(branch, word) for word in wanted)]


def _has(branch: BranchSeen, word: str) -> bool:
    parts = (*search_key(branch.name).split(), *branch.slug.split("-"), str(branch.id))
    return any(part.startswith(word) for part in parts)
