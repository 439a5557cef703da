"""Who approves, by PIN, what the person who is logged in may not do. No Textual."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Actor, Permission
from shared.staff.queries import actor_now

if TYPE_CHECKING:
    from terminal.desks.commanding import CommandDesk
    from terminal.gate import Gate


class ApprovalDesk:
    """See the module. Made by the desk.

    Attributes:
        approver_id: who approves the commands that run now; None for nobody.
        shown: what they were shown: rights, each with its amount.
    """

    def __init__(self, desk: CommandDesk, gate: Gate) -> None:
        self._desk = desk
        self._gate = gate
        self.approver_id: UUID | None = None
        self.shown: dict[str, int] = {}

    async def approver(self, pin: str, acts: Sequence[tuple[str, int]]) -> Actor:
        """Find who has this PIN, and may approve all of these acts. A wrong PIN counts as it does at the log-in.

        Args:
            acts: rights, each with the amount that it is needed for.

        Raises:
            DomainError: see `Gate.check`; APPROVE_YOURSELF, APPROVER_NOT_HERE, APPROVER_MAY_NOT (params: name,
                permission: the first that they lack, in words), APPROVER_ABOVE_LIMIT (params: name, limit: in words).
        """
        desk, found = self._desk, await self._gate.check(pin)
        if desk.actor is None or found.id == desk.actor.staff_id:
            raise DomainError("APPROVE_YOURSELF")
        identity = desk.store.identity
        async with desk.store.reading(briefly=True) as connection:
            person = await actor_now(connection, identity.organization_id, identity.branch_id, found.id)
        if person is None:
            raise DomainError("APPROVER_NOT_HERE")
        for right, amount_minor in acts:
            permission = Permission(right)
            if not person.may(permission):
                words = desk.texts(f"exceptions.right.{right}")
                raise DomainError("APPROVER_MAY_NOT", name=person.name, permission=words)
            if not person.may(permission, amount_minor):
                limit = desk.money(person.limits[permission])
                raise DomainError("APPROVER_ABOVE_LIMIT", name=person.name, limit=limit)
        return person

    @contextmanager
    def approved_by(self, person: Actor, acts: Sequence[tuple[str, int]]) -> Iterator[None]:
        """Let somebody approve the commands that the block runs, and no others, as far as they were shown what.

        Args:
            acts: see `approver`.
        """
        self.approver_id = person.staff_id
        self.shown = {right: abs(amount_minor) for right, amount_minor in acts}
        try:
            yield
        finally:
            self.approver_id = None
