"""Whose turn it is to be folded by this process: tenants in turn, and of each tenant its scopes in turn.

So a tenant with a long backlog, in however many branches, holds no other one up for more than a turn. No clock and no
database here.
"""

from __future__ import annotations

from uuid import UUID

from cloud.replication.dues import DueScope


class FoldSchedule:
    """The scopes that are or may be due and that this process has not folded yet."""

    def __init__(self) -> None:
        self._tenants: dict[UUID, dict[DueScope, None]] = {}
        self._in_hand: set[DueScope] = set()
        self._again: set[DueScope] = set()

    @property
    def has_next(self) -> bool:
        """Whether a scope waits for its turn."""
        return bool(self._tenants)

    def offer(self, scope: DueScope) -> None:
        """Ask for a turn of a scope; for another one, if it has a turn just now."""
        if scope in self._in_hand:
            self._again.add(scope)
        else:
            self._tenants.setdefault(scope.organization_id, {}).setdefault(scope)

    def begin(self) -> DueScope | None:
        """The scope whose turn it is; None if none waits. It is in hand until it is put down."""
        tenant = next(iter(self._tenants), None)
        if tenant is None:
            return None
        scopes = self._tenants.pop(tenant)
        scope = next(iter(scopes))
        del scopes[scope]
        if scopes:
            self._tenants[tenant] = scopes  # behind all other tenants
        self._in_hand.add(scope)
        return scope

    def end(self, scope: DueScope, *, again: bool) -> None:
        """Put a scope down. It gets another turn if there is more, or if it was asked for meanwhile."""
        self._in_hand.discard(scope)
        if again or scope in self._again:
            self._again.discard(scope)
            self.offer(scope)
