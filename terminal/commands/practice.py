"""Practice: a device's folder copied into one that is thrown away, so that nothing of it counts or syncs.

What it prints says at head and foot that it is practice, and no drawer opens. Papers that wait are the till's alone.

A copy holds keys of guests who may be forgotten meanwhile. The kernel frees its lock with the program, however that
ends, and each start of a screen removes the copies that nobody holds.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

from terminal.comfort.settings import COMFORT_FILE
from terminal.device import CONFIGURATION, LANGUAGE, SEALED, DeviceFolder
from terminal.supervision.lock import FolderLock

PREFIX = "comanda-practice-"
_OF_THE_TILL = ("print_job", "drawer_pulse", "print_lease", "kitchen_paper_due")
"""What waits to be printed there, and who prints it."""
_COPIED = (CONFIGURATION, SEALED, LANGUAGE, COMFORT_FILE)


@asynccontextmanager
async def practising(folder: DeviceFolder) -> AsyncIterator[DeviceFolder]:
    """A copy of the folder for the block, also while its till is at work. It is deleted afterwards, whatever was done.

    Raises:
        DeviceError: its secrets cannot be read.
        OSError: there is no room for a copy.
    """
    root, lock = await asyncio.to_thread(_make)
    try:
        copy = DeviceFolder(root / folder.root.name)
        await asyncio.to_thread(_copy, folder, copy)
        yield copy
    finally:
        await asyncio.to_thread(shutil.rmtree, root, ignore_errors=True)
        lock.release()


def remove_leftovers() -> None:
    """Remove the copies of programs that were killed. A copy that cannot be removed is left for the next start."""
    for root in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            lock = FolderLock(root)
            if root.stat().st_uid == os.getuid() and lock.take():
                shutil.rmtree(root, ignore_errors=True)
                lock.release()


def _make() -> tuple[Path, FolderLock]:
    """A folder of our own, and its lock."""
    while True:
        root = Path(tempfile.mkdtemp(prefix=PREFIX))
        with suppress(FileNotFoundError):  # another start took it for a leftover before it was locked
            lock = FolderLock(root)
            if lock.take() and lock.is_held():
                return root, lock


def _copy(folder: DeviceFolder, copy: DeviceFolder) -> None:
    """Copy what a till needs. The database by its own means: as it was at one moment, under the same key."""
    from terminal.store.engines import open_for_write_back, open_reader

    key = folder.secrets(folder.configuration().identity.device_id).database_key
    copy.root.mkdir(mode=0o700)
    for name in _COPIED:
        if (folder.root / name).exists():
            shutil.copy2(folder.root / name, copy.root / name)
    with (
        closing(open_reader(folder.database, key)) as source,
        closing(open_for_write_back(copy.database, key)) as target,
    ):
        source.backup(target)
        for name in _OF_THE_TILL:
            target.execute(f"DELETE FROM {name}")  # noqa: S608 names of our own tables
        target.commit()
