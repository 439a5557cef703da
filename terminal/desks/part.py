"""What the desk's parts share: how they run a command, and what they read and print with. No Textual."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Any, Protocol, TypeVar
from uuid import UUID

from shared.kernel.permissions import Actor
from shared.kernel.work import Work
from terminal.desks.pending_commands import PendingCommand
from terminal.papers.tasks import PrintContext
from terminal.snapshots.keeping import Snapshots
from terminal.snapshots.sources import Source

T = TypeVar("T")


class Run(Protocol):
    """Run a command for the person who is logged in, as `Desk` does."""

    async def __call__(
        self,
        order_id: UUID | None,
        command: Callable[[Work], Awaitable[T]],
        pending: PendingCommand | None = None,
        *,
        also: Collection[Source[Any]] = (),
        by: Actor | None = None,
    ) -> T:
        """Run it."""
        ...


class DeskPart:
    """A part of the desk whose commands also read what screens show, and print.

    Args:
        desk: the snapshots that it reads from.
        pending: makes the id of a request before its command starts; see `terminal/desks/pending_commands.py`.
        printing: how this device prints.
    """

    def __init__(
        self,
        desk: Snapshots,
        run: Run,
        pending: Callable[..., PendingCommand],
        printing: Callable[[], PrintContext | None],
    ) -> None:
        self._desk = desk
        self._run = run
        self._pending = pending
        self._printing = printing
