"""The lock that lets one program of a device folder run its agent."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class AgentLock:
    """Lock of the one program that syncs and prints for a device folder. The kernel frees it with the process."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "agent.lock"
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Take the lock. Returns False if another program has it."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Free the lock."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
