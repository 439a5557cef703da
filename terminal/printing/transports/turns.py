"""One conversation at a time with each printer, also between the programs of this machine, and a pause after each.

A printer serves one connection at a time and needs a moment after it. A file lock keeps the turn, so that the system
gives it back when a program dies; the time of the last farewell is the lock file's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from weakref import WeakKeyDictionary

from terminal.printing.faults import PrinterBusy

IDLE_GAP_S = 0.2
_LOOK_EVERY_S = 0.02
_MODE = 0o600
_PLACES = (Path("/run/lock"), Path("/tmp"), Path("/"))  # noqa: S108 - the same for every program, whatever its session

_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Lock]] = WeakKeyDictionary()


@asynccontextmanager
async def turn(address: str, limit_s: float) -> AsyncIterator[None]:
    """Hold the only conversation with a printer for the block.

    Raises:
        PrinterBusy: another one goes on for longer than `limit_s`.
    """
    locks = _turns.setdefault(asyncio.get_running_loop(), {})
    lock = locks.setdefault(address, asyncio.Lock())
    try:
        async with asyncio.timeout(limit_s) as patience:
            await lock.acquire()
            try:
                descriptor = await _locked(address)
            except BaseException:
                lock.release()
                raise
            patience.reschedule(None)
    except TimeoutError:
        raise PrinterBusy from None
    try:
        yield
    finally:
        if descriptor is not None:
            with contextlib.suppress(OSError):
                os.utime(descriptor)
            os.close(descriptor)
        lock.release()


async def _locked(address: str) -> int | None:
    """The descriptor that holds the turn among programs, after the pause. None: this machine has no place for locks."""
    try:
        descriptor, is_new = _open(address)
    except OSError:
        await asyncio.sleep(IDLE_GAP_S)  # nobody knows when the last one ended
        return None
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(_LOOK_EVERY_S)
        if not is_new:
            since_s = time.time() - os.fstat(descriptor).st_mtime
            await asyncio.sleep(max(0.0, min(IDLE_GAP_S, IDLE_GAP_S - since_s)) if since_s >= 0 else IDLE_GAP_S)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _open(address: str) -> tuple[int, bool]:
    folder = next(place for place in _PLACES if place.is_dir()) / f"comanda-printers-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.lstat().st_uid != os.getuid():
        raise PermissionError(str(folder))
    path = folder / sha256(address.encode()).hexdigest()[:24]
    is_new = not path.exists()
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, _MODE), is_new
