"""How the duties of a device fare, as its screens show it: in this program, and in the one that prints and syncs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from terminal.supervision.duties import Stopped, as_people_know_them
from terminal.syncing.link_state import LinkState


@dataclass(frozen=True, slots=True)
class Shown:
    """What people are shown of who prints and syncs.

    Attributes:
        is_ours: whether this program does.
        pid: the process that does; None if nobody is known to.
        since: since when it does.
    """

    is_ours: bool
    link: LinkState
    stopped: tuple[Stopped, ...] = ()
    pid: int | None = None
    since: datetime | None = None


class DutyHealth:
    """See the module.

    Args:
        changed: called whenever something of it has changed.

    Attributes:
        owner: who prints and syncs, and how that fares.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self.owner = Shown(False, LinkState())
        self._changed = changed
        self._stopped_here: tuple[Stopped, ...] = ()

    @property
    def stopped(self) -> tuple[Stopped, ...]:
        """What does not work, by the names that people know, the worst first."""
        return as_people_know_them((*self.owner.stopped, *self._stopped_here))

    def continue_from(self, link: LinkState) -> None:
        """Begin with what an earlier program knew of the cloud, before the first reading."""
        self.owner = Shown(False, link.as_last_known())

    def link_changed(self, link: LinkState) -> None:
        """Take the news of the link from an agent that runs alone."""
        self.owner_changed(replace(self.owner, link=link))

    def owner_changed(self, shown: Shown) -> None:
        """Take the news of who prints and syncs for this folder, and how that fares."""
        self.owner = shown
        self._changed()

    def stopped_changed(self, stopped: tuple[Stopped, ...]) -> None:
        """Take the news of which duties of this program do not work."""
        self._stopped_here = stopped
        self._changed()
