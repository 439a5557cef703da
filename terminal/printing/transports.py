"""How bytes reach a printer: a file or folder, and TCP port 9100. Knows no document, no queue and no retry."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from terminal.printing import status
from terminal.printing.faults import (
    Fault,
    PrinterHungUp,
    PrinterMute,
    PrinterNotReady,
    PrinterUnreachable,
    PrinterUnwritable,
)

RAW_PORT = 9100
"""Where network printers take raw bytes."""
_IDLE_GAP_S = 0.2
"""Printers serve one connection at a time and need a moment after each."""
_CLOSE_LIMIT_S = 1.0
"""For the last bytes of a connection that is given up anyway."""
_MODE = 0o640


class Delivery(StrEnum):
    """What is known after a delivery without a fault."""

    SENT = "sent"
    """All bytes were taken; the printer does not say more."""
    CONFIRMED = "confirmed"
    """All bytes were taken, and the printer says that it is well (a file: that it is on the disk)."""


class Transport(Protocol):
    """Takes the bytes of one job to one printer, within a bounded time."""

    async def deliver(self, payload: bytes, job: str) -> Delivery:
        """Send all of `payload`; `job` names it where a name is of use.

        Raises:
            PrinterFault: with `bytes_left` saying whether any of it may be on paper.
        """
        ...


class FileTransport:
    """A file that grows by every job, or, if the path is a folder, one file a job.

    A job is in the file whole or not at all, and on the disk before it counts as delivered.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    async def deliver(self, payload: bytes, job: str) -> Delivery:
        """Append the job, or write its file.

        Raises:
            PrinterUnwritable: nothing of it was kept.
        """
        write = self._write_file if self._path.is_dir() else self._append
        try:
            await asyncio.to_thread(write, payload, job)
        except OSError as error:
            raise PrinterUnwritable from error
        return Delivery.CONFIRMED

    def _append(self, payload: bytes, _job: str) -> None:
        created = not self._path.exists()
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _MODE)
        try:
            before = os.fstat(descriptor).st_size
            try:
                _write_all(descriptor, payload)
            except OSError:
                os.ftruncate(descriptor, before)  # a full disk must not leave half a receipt
                raise
        finally:
            os.close(descriptor)
        if created:
            _sync_folder(self._path.parent)

    def _write_file(self, payload: bytes, job: str) -> None:
        target = self._path / f"{job}.bin"
        draft = target.with_suffix(".part")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _MODE)
        try:
            _write_all(descriptor, payload)
        finally:
            os.close(descriptor)
        draft.replace(target)
        _sync_folder(self._path)


class StatusPolicy(StrEnum):
    """Whether a printer has to answer when asked how it is."""

    WHEN_ANSWERED = "when_answered"
    """Ask; one that never answered prints unconfirmed, one that once did has to go on answering."""
    REQUIRED = "required"
    """Silence is a fault: nothing is sent to a printer that does not answer."""
    NEVER = "never"
    """Do not ask: for printers that take the question for text."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a printer may take, in seconds. No wait is without a limit.

    Attributes:
        confirm_s: for the first answer after a job, which may have to wait behind the bytes of the job.
        farewell_s: for a silent printer to break the connection, if it is going to.
    """

    connect_s: float = 3.0
    write_s: float = 5.0
    status_s: float = 2.0
    confirm_s: float = 5.0
    farewell_s: float = 0.3


class TcpTransport:
    """A network printer: connect, ask, send, ask again, close; one connection a job.

    Args:
        host: name or address.
        port: usually 9100.
        policy: what silence means.
        patience: the limits of every wait.
    """

    def __init__(
        self,
        host: str,
        port: int = RAW_PORT,
        *,
        policy: StatusPolicy = StatusPolicy.WHEN_ANSWERED,
        patience: Patience = Patience(),
    ) -> None:
        self._host = host
        self._port = port
        self._policy = policy
        self._patience = patience
        self._answers: bool | None = None
        self._quiet_until = 0.0

    async def deliver(self, payload: bytes, job: str) -> Delivery:
        """Send a job over a connection of its own.

        Raises:
            PrinterUnreachable: no connection; nothing was sent.
            PrinterNotReady: it says that it cannot print, before (nothing sent) or after the job.
            PrinterMute: it does not answer or does not read.
            PrinterHungUp: it broke the connection.
        """
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._quiet_until - loop.time()))
        line = await self._connect()
        try:
            return await self._converse(line, payload)
        finally:
            await line.close()
            self._quiet_until = loop.time() + _IDLE_GAP_S

    async def _connect(self) -> _Line:
        try:
            async with asyncio.timeout(self._patience.connect_s):
                reader, writer = await asyncio.open_connection(self._host, self._port)
        except OSError as error:  # TimeoutError is one
            self._answers = None  # what stands there tomorrow may be another printer
            raise PrinterUnreachable from error
        return _Line(reader, writer)

    async def _converse(self, line: _Line, payload: bytes) -> Delivery:
        answers = await self._is_ready(line)
        try:
            await line.send(payload, self._patience.write_s)
        except TimeoutError as error:
            raise PrinterMute(bytes_left=True) from error
        except OSError as error:
            raise PrinterHungUp(bytes_left=True) from error
        if answers:
            await self._confirm(line)
            return Delivery.CONFIRMED
        if await line.breaks_within(self._patience.farewell_s):
            raise PrinterHungUp(bytes_left=True)
        return Delivery.SENT

    async def _is_ready(self, line: _Line) -> bool:
        """Whether the printer answers; nothing has been sent to it yet, so every fault is safe to retry."""
        if self._policy is StatusPolicy.NEVER or (
            self._policy is StatusPolicy.WHEN_ANSWERED and self._answers is False
        ):
            return False
        try:
            answer = await line.ask(status.ONLINE, self._patience.status_s)
        except OSError as error:
            raise PrinterUnreachable from error  # busy with another computer; nothing was sent
        if answer is None and (self._policy is StatusPolicy.REQUIRED or self._answers):
            raise PrinterMute
        self._answers = answer is not None
        if answer is not None:
            await self._refuse_trouble(line, answer, bytes_left=False)
        return self._answers

    async def _confirm(self, line: _Line) -> None:
        try:
            answer = await line.ask(status.ONLINE, self._patience.confirm_s)
        except OSError as error:
            raise PrinterHungUp(bytes_left=True) from error
        if answer is None:
            raise PrinterMute(bytes_left=True)
        await self._refuse_trouble(line, answer, bytes_left=True)

    async def _refuse_trouble(self, line: _Line, online_answer: int, *, bytes_left: bool) -> None:
        general = status.trouble(status.ONLINE, online_answer)
        questions = (status.PAPER,) if general is None else (status.COVER_AND_ERRORS, status.PAPER)
        found: Fault | None = None
        for number in questions:
            try:
                answer = await line.ask(number, self._patience.status_s)
            except OSError as error:
                raise PrinterHungUp(bytes_left=bytes_left) from error
            found = found or (None if answer is None else status.trouble(number, answer))
        if found or general:
            raise PrinterNotReady(found or general, bytes_left=bytes_left)


class _Line:
    """An open connection whose every wait has a limit."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        writer.transport.set_write_buffer_limits(high=0)  # so that drain means: the system has taken all of it

    async def send(self, payload: bytes, limit_s: float) -> None:
        async with asyncio.timeout(limit_s):
            self._writer.write(payload)
            await self._writer.drain()

    async def ask(self, number: int, limit_s: float) -> int | None:
        """The answer to one question, or None; bytes that cannot be one are passed over.

        Raises:
            OSError: the connection is gone.
        """
        try:
            async with asyncio.timeout(limit_s):
                self._writer.write(status.question(number))
                await self._writer.drain()
                while received := await self._reader.read(1):
                    if status.is_answer(received[0]):
                        return received[0]
        except TimeoutError:
            return None
        raise ConnectionResetError

    async def breaks_within(self, limit_s: float) -> bool:
        """Whether the other side resets the connection; an orderly end is no break."""
        try:
            async with asyncio.timeout(limit_s):
                while await self._reader.read(64):
                    pass
        except TimeoutError:
            return False
        except OSError:
            return True
        return False

    async def close(self) -> None:
        self._writer.close()
        try:
            async with asyncio.timeout(_CLOSE_LIMIT_S):
                await self._writer.wait_closed()
        except OSError:  # broken, or it does not take what is left
            self._writer.transport.abort()


def _write_all(descriptor: int, payload: bytes) -> None:
    rest = memoryview(payload)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
