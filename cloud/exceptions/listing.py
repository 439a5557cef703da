"""The list of exceptions that page and API share: of some branches, of one kind, part by part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from cloud.accounts.branches import BranchSeen
from cloud.database.transaction import ReadSession
from shared.books.exception_views import OpenException
from shared.books.inbox import open_exceptions
from shared.books.telling import KINDS
from shared.exceptions.rules import Kind
from shared.kernel.errors import DomainError


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the list.

    Attributes:
        shown: the newest first.
        total: how many there are in all parts.
        next: what to ask for the next part with; empty if there is none.
        counts: how many there are of each kind, whatever kind was asked for.
    """

    shown: Sequence[OpenException]
    total: int
    next: str
    counts: dict[Kind, int]


def kind_of(text: str) -> Kind | None:
    """The kind of a request; None for an empty text.

    Raises:
        DomainError: EXCEPTION_KIND_UNKNOWN.
    """
    if not text:
        return None
    kind = next((each for each in KINDS if each == text), None)
    if kind is None:
        raise DomainError("EXCEPTION_KIND_UNKNOWN")
    return kind


async def list_exceptions(
    read: ReadSession,
    organization_id: UUID,
    branches: Sequence[BranchSeen],
    kind: Kind | None,
    *,
    most: int,
    after: str = "",
) -> Part:
    """A part of what waits for a person in some branches.

    Args:
        after: `next` of the part before; empty for the first part.

    Raises:
        DomainError: CURSOR_WRONG.
    """
    everything = await open_exceptions(read, organization_id, *(branch.id for branch in branches))
    counts: dict[Kind, int] = {}
    for each in everything:
        counts[each.kind] = counts.get(each.kind, 0) + 1
    wanted = [each for each in everything if kind is None or each.kind == kind]
    from_here = [each for each in wanted if not after or _place(each) > _parsed(after)]
    shown = from_here[:most]
    return Part(shown, len(wanted), _cursor(shown[-1]) if len(from_here) > most else "", counts)


def _place(each: OpenException) -> tuple[int, UUID]:
    return -int(each.happened_at.timestamp() * 1_000_000), each.id


def _cursor(each: OpenException) -> str:
    at, key = _place(each)
    return f"{-at}_{key}"


def _parsed(after: str) -> tuple[int, UUID]:
    at, _, key = after.partition("_")
    try:
        return -int(at), UUID(key)
    except ValueError:
        raise DomainError("CURSOR_WRONG") from None
