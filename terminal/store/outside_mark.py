"""The mark outside the database: on which machine and in which file the history stands, and how far it had come.

A database that is put back from a backup, or copied, does not fit its mark. The mark is written after each commit and
not synced, so it may lag behind, but it is never ahead. A copy that took its mark along onto the same file cannot be
told from the original here; the others find it.
"""

from __future__ import annotations

import json
import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from sync.change import Position

MARK_BYTES = 256
"""One write of less than a sector, so that a power cut leaves the old mark or the new one."""
MACHINE_IDS = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
logger = logging.getLogger(__name__)


class Mark(NamedTuple):
    """Where a history stands, and how far it has come in its present incarnation."""

    inode: int
    machine: str
    incarnation: int
    head: Position


def machine_id() -> str:
    """What tells this machine from others; empty if nothing does."""
    for path in MACHINE_IDS:
        with suppress(OSError):
            return path.read_text().strip()
    return ""


class OutsideMark:
    """The mark of one database.

    Args:
        database: its file; the mark stands beside it.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self.path = database.with_suffix(".mark")
        self._machine = machine_id()
        self._inode: int | None = None

    def read(self) -> Mark | None:
        """Read the mark. None if there is none that can be read."""
        try:
            said = json.loads(self.path.read_bytes())
            return Mark(
                said["inode"], said["machine"], said["incarnation"], Position(said["seq"], bytes.fromhex(said["chain"]))
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def now(self, incarnation: int, head: Position) -> Mark:
        """The mark that fits the database as it is here and now."""
        if self._inode is None:
            self._inode = self._database.stat().st_ino
        return Mark(self._inode, self._machine, incarnation, head)

    def write(self, mark: Mark, *, sync: bool = False) -> None:
        """Write the mark in place. A disk that does not take it costs no sale.

        Args:
            sync: survive a power cut; for a mark that says more than how far the history has come.
        """
        inode, machine, incarnation, (seq, chain) = mark
        said = {"inode": inode, "machine": machine, "incarnation": incarnation, "seq": seq, "chain": chain.hex()}
        content = json.dumps(said).encode().ljust(MARK_BYTES)
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.pwrite(descriptor, content, 0)
                if sync:
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError:
            logger.warning("the mark %s cannot be written", self.path, exc_info=True)
