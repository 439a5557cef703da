"""Counts the sums of an organization anew, once, after a program that adds up other things.

In steps between folds, each in a transaction of its own, from the beginning if anything was written since the last one.
Nobody else folds meanwhile; whoever writes in the cloud itself waits for the locks of the cloud's streams.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from shared.kernel.sums import Declared
from sync.author import Author
from sync.declared import declared_sums
from sync.door import Door, shape
from sync.heads import reached
from sync.records import counted_by
from sync.recount import Recount, counting_program

COUNTS_IN_STEPS = 3
"""How often a count begins again because something was written meanwhile. Then it counts in one transaction."""
_COUNTED_BY = "SELECT program FROM sync_counted_by WHERE organization_id = ?"
_KEPT = shape(counted_by, ("organization_id", "program"))
_LOCK_OWN = "SELECT id FROM sync_streams WHERE organization_id = ? AND device_id = ? ORDER BY id"
logger = logging.getLogger(__name__)


class SumsAnew:
    """Counts for one organization. Lost with the process: the next one begins again.

    Args:
        author: the cloud.
        declared: gives what this program adds up.
    """

    def __init__(self, author: Author, declared: Callable[[], Iterable[Declared]] = declared_sums) -> None:
        self._author = author
        self._declared = list(declared())
        self._program = counting_program(author.tables, self._declared)
        self._recount: Recount | None = None
        self._counted_at: object = None
        self._counts = 0
        self._is_due: bool | None = None

    def begin(self, door: Door) -> None:
        """Learn in the first turn of this process who has kept the sums until now. Later it costs nothing."""
        if self._is_due is not None:
            return
        before = door.value(_COUNTED_BY, door.key(self._author.organization_id.bytes))
        if before is None:
            self._keep_program(door)  # a new organization: nobody has counted anything
        self._is_due = before is not None and bytes(before) != self._program

    def step(self, door: Door) -> bool:
        """Count the next part. Returns whether there was one."""
        if not self._is_due:
            return False
        organization = self._author.organization_id.bytes
        door.rows(_LOCK_OWN + door.for_update, door.key(organization), door.key(self._author.device_id.bytes))
        now = reached(door, organization)
        if self._recount is None or now != self._counted_at:
            self._recount, self._counted_at = Recount(self._declared), now
            self._counts += 1
        while self._recount.step(door):
            if self._counts <= COUNTS_IN_STEPS:
                return True
        self._recount.keep(door)
        self._keep_program(door)
        self._is_due, self._recount = False, None
        logger.warning("the sums of %s were counted anew: another program kept them", self._author.organization_id)
        return True

    def _keep_program(self, door: Door) -> None:
        row = (self._author.organization_id.bytes, self._program)
        door.insert(_KEPT, [row], "(organization_id) DO UPDATE SET program = excluded.program")
