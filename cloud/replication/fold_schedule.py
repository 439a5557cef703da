"""When each organization is folded. Each has its own due time and failures, so that none delays the others.

No clock and no database here. Times are seconds of whatever clock the caller keeps.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from uuid import UUID

from shared.kernel.retries import retry_seconds

FAILING_AFTER = 3
"""One or two failures in a row may be a deadlock, or a database that restarts."""


@dataclass(slots=True)
class _Turn:
    """When an organization is due, and how many times in a row its fold has failed."""

    due: float
    failures: int = 0


class FoldSchedule:
    """The turns of all organizations that have or may have something to fold."""

    def __init__(self) -> None:
        self._turns: dict[UUID, _Turn] = {}

    @property
    def failing(self) -> int:
        """How many organizations have failed several times in a row."""
        return sum(turn.failures >= FAILING_AFTER for turn in self._turns.values())

    @property
    def next_due(self) -> float:
        """When the next turn is due; infinity if none is."""
        return min((turn.due for turn in self._turns.values()), default=inf)

    def ask(self, organization_id: UUID, at: float) -> None:
        """Ask for a turn at that time at the latest. An organization whose fold is failing keeps its due time."""
        turn = self._turns.setdefault(organization_id, _Turn(at))
        if not turn.failures:
            turn.due = min(turn.due, at)

    def due(self, now: float) -> list[UUID]:
        """The organizations whose turn is due, the longest due first."""
        waiting = [(turn.due, organization_id) for organization_id, turn in self._turns.items() if turn.due <= now]
        return [organization_id for _due, organization_id in sorted(waiting)]

    def begin(self, organization_id: UUID) -> None:
        """Note that a turn begins. What is asked from now on asks for the next turn."""
        self._turns[organization_id].due = inf

    def again(self, organization_id: UUID, at: float) -> None:
        """Note that the turn went well and there may be more to fold: the next turn is due at `at`."""
        self._turns[organization_id] = _Turn(at)

    def rest(self, organization_id: UUID) -> None:
        """Note that nothing is left to fold. A turn that was asked for meanwhile stays due."""
        turn = self._turns[organization_id]
        turn.failures = 0
        if turn.due == inf:
            del self._turns[organization_id]

    def failed(self, organization_id: UUID, now: float) -> None:
        """Note that the turn failed. The next one is due later with each failure in a row."""
        turn = self._turns[organization_id]
        turn.failures += 1
        turn.due = now + retry_seconds(turn.failures)
