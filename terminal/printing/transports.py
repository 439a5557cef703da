"""Transports: they bring bytes to a printer, by a file or folder or by TCP. They know no document, queue or retry."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from terminal.printing import status
from terminal.printing.faults import (
    PrinterFault,
    PrinterHungUp,
    PrinterMute,
    PrinterNotReady,
    PrinterUnreachable,
    PrinterUnwritable,
)

RAW_PORT = 9100
"""TCP port at which network printers take raw bytes."""
_IDLE_GAP_S = 0.2
"""Pause between two connections: printers serve one at a time and need a moment after each."""
_CLOSE_LIMIT_S = 1.0
"""Longest wait for a connection to close."""
_MODE = 0o640


class Delivery(StrEnum):
    """Result of a delivery without a fault."""

    SENT = "sent"
    """The printer took all bytes, and gives no status."""
    CONFIRMED = "confirmed"
    """The printer took all bytes and says that it is ready. (A file: the bytes are on the disk.)"""


AboutToSend = Callable[[], Awaitable[None]]
"""Called when the printer is reached and ready, right before the first byte of a job. What it raises ends the job, and
nothing was sent: the queue notes there that bytes leave from now on."""


async def nothing_to_note() -> None:
    """For those who note nothing before the first byte."""


class Transport(Protocol):
    """Brings the bytes of a job to one printer, within a limited time."""

    async def deliver(self, payload: bytes, job: str, about_to_send: AboutToSend = nothing_to_note) -> Delivery:
        """Send all of `payload`. `job` is its name, where the transport needs one.

        Raises:
            PrinterError: `bytes_left` says whether any of it may be on paper.
        """
        ...


class FileTransport:
    """Appends every job to a file, or, if the path is a folder, writes one file for each job.

    A job is in the file as a whole or not at all, and on the disk before it counts as delivered.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    async def deliver(self, payload: bytes, job: str, about_to_send: AboutToSend = nothing_to_note) -> Delivery:
        """Append the job, or write its file.

        Raises:
            PrinterUnwritable: nothing of the job was kept.
        """
        await about_to_send()
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
    """Whether a printer must answer status queries."""

    WHEN_ANSWERED = "when_answered"
    """Query. A printer that never answered prints unconfirmed; one that answered once must always answer."""
    REQUIRED = "required"
    """No answer is a fault: nothing is sent to a printer that does not answer."""
    NEVER = "never"
    """Do not query: for printers that print the query as text."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Longest waits for a printer, in seconds.

    Attributes:
        confirm_s: for the first answer after a job, since the printer may read the job's bytes first.
        farewell_s: time for a printer without status to break the connection.
    """

    connect_s: float = 3.0
    write_s: float = 5.0
    status_s: float = 2.0
    confirm_s: float = 5.0
    farewell_s: float = 0.3


class TcpTransport:
    """A network printer: connect, query, send, query again, close. Each job has its own connection.

    Args:
        host: name or address.
        port: usually 9100.
        policy: what it means if the printer does not answer.
        patience: limits of all waits.
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

    async def deliver(self, payload: bytes, job: str, about_to_send: AboutToSend = nothing_to_note) -> Delivery:
        """Send a job over its own connection.

        Raises:
            PrinterUnreachable: no connection, so nothing was sent.
            PrinterNotReady: the printer says that it cannot print, before the job (nothing was sent) or after it.
            PrinterMute: the printer does not answer or does not read.
            PrinterHungUp: the printer broke the connection.
        """
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._quiet_until - loop.time()))
        line = await self._connect()
        try:
            return await self._converse(line, payload, about_to_send)
        finally:
            await line.close()
            self._quiet_until = loop.time() + _IDLE_GAP_S

    async def _connect(self) -> _Line:
        try:
            async with asyncio.timeout(self._patience.connect_s):
                reader, writer = await asyncio.open_connection(self._host, self._port)
        except OSError as error:  # TimeoutError is one
            self._answers = None  # tomorrow another printer may have this address
            raise PrinterUnreachable from error
        return _Line(reader, writer)

    async def _converse(self, line: _Line, payload: bytes, about_to_send: AboutToSend) -> Delivery:
        answers = await self._is_ready(line)
        await about_to_send()
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
        """Whether the printer answers. Nothing was sent to it yet, so every fault is safe to retry."""
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
            await self._raise_fault(line, answer, bytes_left=False)
        return self._answers

    async def _confirm(self, line: _Line) -> None:
        try:
            answer = await line.ask(status.ONLINE, self._patience.confirm_s)
        except OSError as error:
            raise PrinterHungUp(bytes_left=True) from error
        if answer is None:
            raise PrinterMute(bytes_left=True)
        await self._raise_fault(line, answer, bytes_left=True)

    async def _raise_fault(self, line: _Line, online_answer: int, *, bytes_left: bool) -> None:
        general = status.fault_of(status.ONLINE, online_answer)
        queries = (status.PAPER,) if general is None else (status.COVER_AND_ERRORS, status.PAPER)
        found: PrinterFault | None = None
        for number in queries:
            try:
                answer = await line.ask(number, self._patience.status_s)
            except OSError as error:
                raise PrinterHungUp(bytes_left=bytes_left) from error
            found = found or (None if answer is None else status.fault_of(number, answer))
        if found or general:
            raise PrinterNotReady(found or general, bytes_left=bytes_left)


class _Line:
    """An open connection. Every wait has a limit."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        writer.transport.set_write_buffer_limits(high=0)  # so that drain means: the system has taken all of it

    async def send(self, payload: bytes, limit_s: float) -> None:
        async with asyncio.timeout(limit_s):
            self._writer.write(payload)
            await self._writer.drain()

    async def ask(self, number: int, limit_s: float) -> int | None:
        """The answer to one query, or None. Bytes that cannot be an answer are skipped.

        Raises:
            OSError: the connection is gone.
        """
        try:
            async with asyncio.timeout(limit_s):
                self._writer.write(status.query(number))
                await self._writer.drain()
                while received := await self._reader.read(1):
                    if status.is_answer(received[0]):
                        return received[0]
        except TimeoutError:
            return None
        raise ConnectionResetError

    async def breaks_within(self, limit_s: float) -> bool:
        """Whether the other side resets the connection. An orderly end does not count."""
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
