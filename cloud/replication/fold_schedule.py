"""The schedule of the folds. Each organization has its own due time and failures, so that none delays the others.

No clock and no database here. Times are seconds of whatever clock the caller keeps.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from uuid import UUID

from shared.kernel.retries import retry_seconds

FAILING_AFTER = 3
"""A first failure or two may be a deadlock, or a server that restarts."""


@dataclass(slots=True)
class _Turn:
    """When an organization is due, and how often it failed since it last went well."""

    due: float
    failures: int = 0


class FoldSchedule:
    """The turns of all organizations that have something to fold, or may have."""

    def __init__(self) -> None:
        self._turns: dict[UUID, _Turn] = {}

    @property
    def failing(self) -> int:
        """How many organizations have failed several times in a row."""
        return sum(turn.failures >= FAILING_AFTER for turn in self._turns.values())

    @property
    def next_due(self) -> float:
        """When the next turn is due; infinity if nobody asked for one."""
        return min((turn.due for turn in self._turns.values()), default=inf)

    def ask(self, organization_id: UUID, at: float) -> None:
        """Ask for a turn at that time at the latest. One that is failing keeps the time that it was given."""
        turn = self._turns.setdefault(organization_id, _Turn(at))
        if not turn.failures:
            turn.due = min(turn.due, at)

    def due(self, now: float) -> list[UUID]:
        """Whose turn it is, the longest due first."""
        waiting = [(turn.due, organization_id) for organization_id, turn in self._turns.items() if turn.due <= now]
        return [organization_id for _due, organization_id in sorted(waiting)]

    def begin(self, organization_id: UUID) -> None:
        """A turn begins; who asks from now on asks for another one."""
        self._turns[organization_id].due = inf

    def again(self, organization_id: UUID, at: float) -> None:
        """It went well, and there may be more."""
        self._turns[organization_id] = _Turn(at)

    def rest(self, organization_id: UUID) -> None:
        """Nothing was left; whoever asked meanwhile has a turn all the same."""
        turn = self._turns[organization_id]
        turn.failures = 0
        if turn.due == inf:
            del self._turns[organization_id]

    def failed(self, organization_id: UUID, now: float) -> None:
        """It failed: its next turn comes later each time."""
        turn = self._turns[organization_id]
        turn.failures += 1
        turn.due = now + retry_seconds(turn.failures)
