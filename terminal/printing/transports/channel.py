"""An open line to a printer: a descriptor that never blocks, of a socket, a USB printer, a serial line or a pty.

Every wait has a limit, and closing waits for nothing, so that a task can be cancelled anywhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import socket
import stat
import struct
import termios
from collections.abc import Callable
from typing import Any

_MOST_READ_BYTES = 4_096
_MOST_DRAINED_BYTES = 65_536
"""Read away before a question. A printer that says more talks without end."""
_POLL_S = 0.01
"""Between looks at a descriptor that the system cannot watch, or at what is still in its buffer."""
_SLOWEST_BYTES_PER_S = 500
"""Of a serial line at 4,800 bits a second. A job as a whole gets that much time, and `limit_s` besides."""
_LINGER_NOT = struct.pack("ii", 1, 0)


class Channel:
    """See the module.

    Args:
        descriptor: open and non-blocking. The channel closes it.
        link: the socket behind the descriptor, if it is one.
        readable: whether it can be read at all.

    Attributes:
        taken: bytes that the system took, questions included.
        ended: the other side sends nothing more.
    """

    def __init__(self, descriptor: int, link: socket.socket | None = None, *, readable: bool = True) -> None:
        self.taken = 0
        self.ended = not readable
        self._descriptor = descriptor
        self._link = link
        self._is_terminal = link is None and os.isatty(descriptor)
        self._open = True

    async def write(self, data: bytes, limit_s: float) -> None:
        """Hand over all of `data` and wait until it has left this machine, as far as that can be seen.

        Raises:
            TimeoutError: nothing was taken for `limit_s`.
            OSError: the line is broken.
        """
        clock = asyncio.get_running_loop().time
        rest, since = memoryview(data), clock()
        async with asyncio.timeout(limit_s + len(data) / _SLOWEST_BYTES_PER_S):
            while rest:
                try:
                    taken = os.write(self._descriptor, rest)
                except BlockingIOError:
                    taken = 0
                if taken:
                    self.taken += taken
                    rest, since = rest[taken:], clock()
                else:
                    async with asyncio.timeout_at(since + limit_s):
                        await self._until_ready(writing=True)
            await self._until_left(limit_s)

    async def read(self, limit_s: float) -> bytes:
        """What has arrived, as soon as something has. Nothing means: no more will come.

        Raises:
            TimeoutError: nothing came.
            OSError: the line is broken.
        """
        async with asyncio.timeout(limit_s):
            while not self.ended:
                await asyncio.sleep(0)  # where something always has arrived, others and limits get their turn
                arrived = self._read_now()
                if arrived is not None:
                    return arrived
                await self._until_ready(writing=False)
        return b""

    def read_away(self) -> bytes:
        """What has arrived by now.

        Raises:
            OSError: the line is broken.
        """
        arrived = bytearray()
        while len(arrived) < _MOST_DRAINED_BYTES and not self.ended:
            more = self._read_now()
            if not more:
                break
            arrived += more
        return bytes(arrived)

    @property
    def is_connection(self) -> bool:
        """Whether it is one, which both sides can end. A device is only a line."""
        return self._link is not None

    def waiting(self) -> int:
        """Bytes that the system took and that are still on this machine (a socket: that nobody acknowledged)."""
        try:
            raw = fcntl.ioctl(self._descriptor, termios.TIOCOUTQ, b"\0\0\0\0")
        except OSError:
            return 0
        return int.from_bytes(raw, "little")

    async def is_read_out(self, limit_s: float) -> bool:
        """End this side of a connection, and see whether the other side ends, too: then somebody there reads.

        What arrives meanwhile is dropped.

        Raises:
            OSError: the connection is broken.
        """
        assert self._link is not None
        self._link.shutdown(socket.SHUT_WR)
        try:
            async with asyncio.timeout(limit_s):
                while not self.ended:
                    await self.read(limit_s)
        except TimeoutError:
            return False
        return True

    def broken(self) -> bool:
        """Whether the other side has reset the connection. (An orderly end does not count.)"""
        return self._link is not None and self._link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0

    def close(self, *, abort: bool = False) -> int:
        """Close the line. Returns how many bytes of those that were taken had not left, where they never will now.

        Args:
            abort: what is still on this machine shall not be printed later by itself.
        """
        if not self._open:
            return 0
        self._open = False
        kept_back = 0
        if abort and self._is_terminal:
            kept_back = self.waiting()
            with contextlib.suppress(termios.error):
                termios.tcflush(self._descriptor, termios.TCIOFLUSH)  # else closing waits for a printer that is off
        if self._link is None:
            with contextlib.suppress(OSError):
                os.close(self._descriptor)
            return kept_back
        with contextlib.suppress(OSError):
            if abort:
                self._link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
            else:
                self.read_away()  # unread bytes would make closing a reset, and printers drop their buffer then
            self._link.close()
        return 0

    # -- waiting -----------------------------------------------------------------------------------------------------

    def _read_now(self) -> bytes | None:
        """What has arrived, None if nothing has."""
        try:
            arrived = os.read(self._descriptor, _MOST_READ_BYTES)
        except BlockingIOError:
            return None
        if not arrived:
            self.ended = True
        return arrived

    async def _until_left(self, limit_s: float) -> None:
        """Wait until the system has passed everything on: a device that is closed early loses the end."""
        clock = asyncio.get_running_loop().time
        left, since, pause = self.waiting(), clock(), 0.001
        while left:
            await asyncio.sleep(pause)
            pause = min(2 * pause, _POLL_S)
            now_left = self.waiting()
            if now_left < left:
                left, since = now_left, clock()
            elif clock() - since > limit_s:
                raise TimeoutError
            if self.broken():
                raise ConnectionResetError
        if self._link is None and not self._is_terminal and _is_character_device(self._descriptor):
            async with asyncio.timeout(limit_s):
                await self._until_ready(writing=True)  # a USB printer is ready when its last block has arrived

    async def _until_ready(self, *, writing: bool) -> None:
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()
        watch: Callable[..., Any] = loop.add_writer if writing else loop.add_reader
        ignore = loop.remove_writer if writing else loop.remove_reader
        try:
            watch(self._descriptor, _settle, ready)
        except PermissionError:  # the system cannot watch this kind of device
            await asyncio.sleep(_POLL_S)
            return
        try:
            await ready
        finally:
            ignore(self._descriptor)


def _settle(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


def _is_character_device(descriptor: int) -> bool:
    return stat.S_ISCHR(os.fstat(descriptor).st_mode)
