"""Approvals: somebody who may lends their right, by their PIN, for one command of somebody who may not.

The actor of every change stays who presses the keys. The command runs once more with the approver (`Work.approver`),
`require` passes where either of the two may, and the session hook writes an `Approval` for each row that took the
approver's right. The cloud's judge accepts the approver's right for the actor's under these conditions, and else asks
people about an act without the right, naming both:

- the approval stands in the transaction of the change, names its table, row and right, and an amount that is not less;
- it names the author of the change as who asked, and somebody else as the approver;
- the approver held the right at the stamp of the change, in that branch, within the limit of their role.

A transaction is folded once, so an approval serves once. Nobody can see afterwards that a PIN was typed: who takes a
device apart and writes its log with their own program can name any approver, as they can name any actor. What bounds
it is that the log is signed by that device, that each approval counts in the reports of whom it names, and that
nothing that was written after the device was revoked is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Actor, Permission
from shared.kernel.work import Work
from shared.staff.queries import actor_now
from shared.staff.records import Approval


@dataclass(frozen=True, slots=True)
class Approving:
    """Somebody who approves, with the rights that they have now."""

    person: Actor

    def may(self, permission: Permission, amount_minor: int = 0) -> bool:
        """Whether they have the permission, for this amount if it is limited."""
        return self.person.may(permission, amount_minor)

    def approve(self, work: Work, permission: Permission, amount_minor: int, table: str, row: UUID) -> Approval:
        """The row that says so, for one row of the command."""
        assert self.person.staff_id is not None, "the system approves nothing"
        assert work.actor.staff_id is not None, "the system needs no approval"
        return Approval(
            organization_id=work.organization_id,
            branch_id=work.branch_id,
            id=work.ids.new(),
            permission=permission.value,
            amount_minor=amount_minor,
            approver_id=self.person.staff_id,
            asker_id=work.actor.staff_id,
            of_table=table,
            of_row_id=row,
            approved_at=work.now,
        )


async def let_approve(work: Work, approver_id: UUID, shown: Mapping[str, int] | None = None) -> None:
    """Let somebody approve this unit of work, with the rights that they have now.

    Args:
        shown: rights, each with the greatest amount that they were shown. What needs more is lacking. None: all.

    Raises:
        DomainError: APPROVE_YOURSELF, APPROVER_NOT_HERE (they do not work here any more).
    """
    if approver_id == work.actor.staff_id:
        raise DomainError("APPROVE_YOURSELF")
    now = await actor_now(work.session, work.organization_id, work.branch_id, approver_id)
    if now is None:
        raise DomainError("APPROVER_NOT_HERE")
    work.approver, work.shown = Approving(now), shown
