"""The approvals of a batch, found by the row that each names. What they are worth: `shared/staff/approving.py`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

from shared.kernel.rights import Act
from shared.staff.records import Approval
from sync.fold import Batch, Creation, Edit

APPROVALS = Approval.__tablename__


class Approved(NamedTuple):
    """What one approval says."""

    permission: str
    amount_minor: int
    approver: bytes
    asker: bytes

    def covers(self, actor: bytes | None, act: Act) -> bool:
        """Whether it is about this act of this person, approved by somebody else."""
        return (
            self.asker == actor
            and self.approver != actor
            and self.permission in act.any_of
            and self.amount_minor >= act.amount
        )

    def lent(self, act: Act) -> Act:
        """The act with the right that it names, and no other."""
        return Act(frozenset(each for each in act.any_of if each == self.permission), act.amount)


class Approvals:
    """See the module.

    Args:
        judged: positions in the batch of the transactions that are judged.
    """

    def __init__(self, batch: Batch, judged: Collection[int]) -> None:
        self._by_row: defaultdict[tuple[int, str, bytes], list[Approved]] = defaultdict(list)
        for each in batch.creations.get(APPROVALS, ()):
            if each.at in judged:
                said = each.values
                approved = Approved(said.permission, said.amount_minor, said.approver_id, said.asker_id)
                self._by_row[each.at, said.of_table, said.of_row_id].append(approved)

    @property
    def people(self) -> set[bytes]:
        """Everybody who is named as an approver."""
        return {each.approver for some in self._by_row.values() for each in some}

    def of(self, table: str, change: Creation | Edit) -> Sequence[Approved]:
        """The approvals of this row, in the transaction of the change."""
        return self._by_row.get((change.at, table, change.row), ())
