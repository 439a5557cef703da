"""Practice: a device's folder copied into one that is thrown away, so that nothing of it counts, syncs or prints."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from terminal.comfort.settings import COMFORT_FILE
from terminal.device import CONFIGURATION, LANGUAGE, SEALED, DeviceFolder

_COPIED = (CONFIGURATION, SEALED, LANGUAGE, COMFORT_FILE)


@asynccontextmanager
async def practising(folder: DeviceFolder) -> AsyncIterator[DeviceFolder]:
    """A copy of the folder for the block, also while its till is at work. It is deleted afterwards, whatever was done.

    Raises:
        DeviceError: its secrets cannot be read.
        OSError: there is no room for a copy.
    """
    root = Path(tempfile.mkdtemp(prefix="comanda-practice-"))
    try:
        copy = DeviceFolder(root / folder.root.name)
        await asyncio.to_thread(_copy, folder, copy)
        yield copy
    finally:
        await asyncio.to_thread(shutil.rmtree, root, ignore_errors=True)


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
