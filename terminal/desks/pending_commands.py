"""Commands whose commit failed with an unknown result: a failed commit is no "no" (DESIGN 3).

The store looks into its log after a failed commit. Where even the log cannot be read, the command stays pending: when
somebody asks for the same thing again, it is looked up first, and run again, with the same id, only if it was not
stored. So a second press does nothing twice.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any
from uuid import UUID

from sync.writing import CommittedUnit
from terminal.store.errors import StoreError
from terminal.store.store import Store


class PendingCommand:
    """One request of a person.

    Attributes:
        id: of the row that the command creates, the same at every attempt.
        result: what the command returned before its commit.
        unclear: what the commit wrote, while nobody knows whether it happened.
        reading: number of the last reading that had begun when it failed. No reading up to it can show what was stored.
    """

    def __init__(self, request: tuple[Hashable, ...], key: UUID) -> None:
        self.request = request
        self.id = key
        self.result: Any = None
        self.unclear: CommittedUnit | None = None
        self.reading = 0


class PendingCommands:
    """The commands that failed, and of which nobody could read whether they were stored."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pending: dict[tuple[Hashable, ...], PendingCommand] = {}

    def of(self, *request: Hashable) -> PendingCommand:
        """Take the pending command of this request, or a new one. Give it back with `failed`, or it is forgotten."""
        return self._pending.pop(request, None) or PendingCommand(request, self._store.ids.new())

    def failed(self, command: PendingCommand, error: StoreError, reading: int) -> None:
        """Keep a command until somebody makes the same request again.

        Args:
            reading: see `PendingCommand`.
        """
        command.reading = reading
        command.unclear = error.unclear or command.unclear
        self._pending[command.request] = command

    async def happened(self, command: PendingCommand) -> bool:
        """Whether an earlier attempt of this command was stored after all.

        Raises:
            StoreError: it still cannot be read.
        """
        return command.unclear is not None and await self._store.holds(command.unclear)

    def forget(self, reading: int, order_id: UUID | None = None) -> None:
        """Forget pending commands (those of an order, if one is given). The next request gets a new id.

        Args:
            reading: number of the reading that people see now. What failed after it began is kept.
        """
        self._pending = {
            request: command
            for request, command in self._pending.items()
            if command.reading >= reading
            or (order_id is not None and order_id != command.id and order_id not in request)
        }
