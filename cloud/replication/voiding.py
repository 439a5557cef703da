"""Voiding edits that a wrong clock stamped, because a manager says so. What somebody sold or paid is never voided.

The verdict is written and its rows are folded anew in one transaction; devices obey the verdict when it reaches them.
"""

from __future__ import annotations

from collections.abc import Sequence

from cloud.replication.judgements import CloudJudgements
from shared.kernel.errors import DomainError
from sync.author import Author
from sync.change import Kind
from sync.door import Door
from sync.feed import Listener, tell
from sync.fold import Objection
from sync.folder import Folder
from sync.log import Transaction, changes_between, transactions_of
from sync.verdicts import voided_ranges
from sync.waiting import ParkingKey

CLOCK_WAS_WRONG = "CLOCK_WAS_WRONG"
"""The reason of these verdicts."""


def void_edits(
    door: Door,
    author: Author,
    folder: Folder,
    judgements: CloudJudgements,
    listeners: Sequence[Listener],
    keys: Sequence[ParkingKey],
    now_ms: int,
) -> list[ParkingKey]:
    """Void those of these transactions that only edit. Returns which were voided now.

    Raises:
        DomainError: NOTHING_TO_VOID.
    """
    voided = [each for key in keys if (each := _edits_at(door, author.organization_id.bytes, key)) is not None]
    if not voided:
        raise DomainError("NOTHING_TO_VOID")
    why = Objection(CLOCK_WAS_WRONG, voids=True)
    tell(door, judgements.write(door, [(each, why) for each in voided]), listeners)
    found = [ParkingKey(each.stream, each.first, each.last) for each in voided]
    folder.undo(door, found, now_ms)
    return found


def _edits_at(door: Door, organization: bytes, key: ParkingKey) -> Transaction | None:
    """The transaction at this place, if it only edits and is not void."""
    found = transactions_of(key.stream, changes_between(door, organization, *key))
    if len(found) != 1 or voided_ranges(door, organization, *key):
        return None
    return found[0] if all(change.kind == Kind.EDIT for change in found[0].changes) else None
