"""How bytes reach the emulated printer: a TCP port on loopback, or a pseudo terminal that stands for USB and serial."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import socket
import struct
import tty
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from terminal.printing.emulator.machine import Machine, Trouble
from terminal.printing.emulator.tray import Tray

LOOPBACK = "127.0.0.1"
_CHUNK_BYTES = 4_096
_SLOW_STEPS_A_SECOND = 10
_LOOK_EVERY_S = 0.05
_PAUSE_S = 1.0
"""Without a byte on a pseudo terminal: the job has ended."""
_RESET = struct.pack("ii", 1, 0)


class Emulator:
    """A machine with its tray, and what both kinds of port do with them."""

    def __init__(self, machine: Machine, tray: Tray) -> None:
        self.machine = machine
        self.tray = tray
        self._one_at_a_time = asyncio.Lock()

    def work(self, raw: bytes) -> bytes:
        """Take bytes. Returns what the printer says."""
        self.machine.feed(raw)
        return self.settle()

    def settle(self) -> bytes:
        """Let out what the machine did by itself, say when its trouble has ended. Returns what it says."""
        self.tray.take(self.machine.done())
        return self.machine.answers()

    def pause(self) -> None:
        """The sender has gone."""
        self.machine.pause()
        self.tray.take(self.machine.done())
        self.tray.tear_off()

    # -- TCP ---------------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def listening(self, port: int) -> AsyncIterator[int]:
        """Print what comes to a port of this machine. Gives the port.

        Raises:
            OSError: the port is taken.
        """
        listener = socket.socket()
        talks: set[asyncio.Task[None]] = set()
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _CHUNK_BYTES)
            listener.bind((LOOPBACK, port))
            listener.listen(8)
            listener.setblocking(False)
            accepting = asyncio.create_task(self._accept(listener, talks), name="emulator")
            try:
                yield int(listener.getsockname()[1])
            finally:
                tasks = [accepting, *talks]
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            listener.close()

    async def _accept(self, listener: socket.socket, talks: set[asyncio.Task[None]]) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                link, _peer = await loop.sock_accept(listener)
            except OSError:  # the sender has gone before it was accepted
                continue
            talk = asyncio.create_task(self._serve(link), name="emulated conversation")
            talks.add(talk)
            talk.add_done_callback(talks.discard)

    async def _serve(self, link: socket.socket) -> None:
        link.setblocking(False)
        with link, contextlib.suppress(OSError):
            async with self._one_at_a_time:
                if self.machine.misbehaviour.trouble is Trouble.HALF_CLOSE:
                    link.shutdown(socket.SHUT_WR)
                try:
                    await self._converse(link)
                finally:
                    self.pause()

    async def _converse(self, link: socket.socket) -> None:
        begun = self.machine.received
        while True:
            while not self.machine.reads:
                await self._tell(link, self.settle())
                await asyncio.sleep(_LOOK_EVERY_S)
            size = await self._pace(begun)
            try:
                raw = link.recv(size)
            except BlockingIOError:
                await _readable(link, _LOOK_EVERY_S)
                await self._tell(link, self.settle())  # what it pushes, or prints after its trouble ended
                continue
            if not raw:
                return
            await self._tell(link, self.work(raw))
            bad = self.machine.misbehaviour
            if bad.trouble is Trouble.RESET and self.machine.received - begun >= bad.amount:
                link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                return

    async def _tell(self, link: socket.socket, said: bytes) -> None:
        if said:
            await asyncio.get_running_loop().sock_sendall(link, said)

    async def _pace(self, begun: int) -> int:
        """How many bytes to read now."""
        bad = self.machine.misbehaviour
        if bad.trouble is Trouble.RESET:
            return max(1, min(_CHUNK_BYTES, bad.amount - (self.machine.received - begun)))
        if bad.trouble is not Trouble.SLOW:
            return _CHUNK_BYTES
        await asyncio.sleep(1 / _SLOW_STEPS_A_SECOND)
        return max(1, bad.amount // _SLOW_STEPS_A_SECOND)

    # -- pseudo terminal ---------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def on_a_terminal(self) -> AsyncIterator[str]:
        """Print what comes to a pseudo terminal. Gives its path."""
        ours, theirs = pty.openpty()
        try:
            tty.setraw(theirs)
            os.set_blocking(ours, False)
            reading = asyncio.create_task(self._read_terminal(ours), name="emulator")
            try:
                yield os.ttyname(theirs)
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)
        finally:
            os.close(ours)
            os.close(theirs)

    async def _read_terminal(self, ours: int) -> None:
        clock = asyncio.get_running_loop().time
        begun, last, printing = self.machine.received, clock(), False
        while True:
            size = await self._pace(begun) if self.machine.reads else 0
            raw = b""
            if size:
                with contextlib.suppress(BlockingIOError):
                    raw = os.read(ours, size)
            said = self.work(raw) if raw else self.settle()
            if said:
                with contextlib.suppress(BlockingIOError):
                    os.write(ours, said)
            if raw:
                last, printing = clock(), True
            elif printing and clock() - last > _PAUSE_S:
                self.pause()
                begun, printing = self.machine.received, False
            if not raw:
                await asyncio.sleep(0.005)


async def _readable(link: socket.socket, limit_s: float) -> None:
    """Wait until something can be read, at most `limit_s`. (A receive with a limit could lose what it received.)"""
    loop = asyncio.get_running_loop()
    arrived = asyncio.Event()
    loop.add_reader(link, arrived.set)
    try:
        async with asyncio.timeout(limit_s):
            await arrived.wait()
    except TimeoutError:
        return
    finally:
        loop.remove_reader(link)
