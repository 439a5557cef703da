"""A printer behind CUPS: the program `lp` gets the bytes as they are.

It knows what the spooler took, never what was printed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence

from terminal.printing.faults import PrinterError, PrinterFault, PrinterSpoolerFailed
from terminal.printing.signals import DrawerSignal
from terminal.printing.transports.base import (
    USUAL_PATIENCE,
    AboutToSend,
    Delivery,
    Knows,
    Patience,
    Readiness,
    Report,
    nothing_to_note,
)

_QUEUE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,126}")
_MOST_SAID_BYTES = 4_096
_REAP_S = 1.0
_REQUEST = re.compile(rb"request id is (\S+)")
_LOOK_EVERY_S = 0.2
"""Whether a pulse still waits in the spooler."""
_CANCEL_S = 1.0
"""Kept back of a pulse's time, to cancel it."""
_UNKNOWN_QUEUE = ("does not exist", "unknown destination", "no such", "invalid destination", "not found")


class CupsTransport:
    """A CUPS queue.

    Args:
        queue: its name.
        patience: limits of all waits.

    Raises:
        ValueError: no queue can have this name.
    """

    def __init__(self, queue: str, *, patience: Patience = USUAL_PATIENCE) -> None:
        if not _QUEUE.fullmatch(queue):
            raise ValueError(f"{queue!r} is no name of a CUPS queue")
        self._queue = queue
        self._patience = patience

    @property
    def knows(self) -> Knows:
        """The spooler took it."""
        return Knows.TAKEN

    async def deliver(self, payload: bytes, job: str, about_to_send: AboutToSend = nothing_to_note) -> Delivery:
        """Give the job to the spooler.

        Raises:
            PrinterSpoolerFailed: it did not take the job, or (bytes_left) nobody knows, since it hung.
        """
        await about_to_send()
        await self._spool(payload, job)
        return Delivery.SENT

    async def open_drawer(
        self, signal: DrawerSignal, job: str, about_to_send: AboutToSend = nothing_to_note, *, limit_s: float
    ) -> Delivery:
        """Give the pulse to a spooler that says that its queue works, and take back what it has not passed on in time.

        Raises:
            PrinterSpoolerFailed: the queue stands still (nothing was sent), or (bytes_left) the pulse waited too long:
                it was cancelled, and may have left just before.
        """
        until, is_sending = asyncio.get_running_loop().time() + max(0.0, limit_s - _CANCEL_S), False
        try:
            async with asyncio.timeout_at(until):
                report = await self.probe()
                if report.fault is not None:
                    raise PrinterSpoolerFailed(report.fault)
                await about_to_send()
                is_sending = True
                request = _REQUEST.search(await self._spool(signal.unasked, job))
        except TimeoutError as error:
            raise PrinterSpoolerFailed(bytes_left=is_sending) from error
        if request is not None and not await self._has_passed_on(request[1].decode(), until):
            raise PrinterSpoolerFailed(bytes_left=True)
        return Delivery.SENT

    async def _spool(self, payload: bytes, job: str) -> bytes:
        """What `lp` says of a job that the spooler took."""
        code, said = await self._run(("lp", "-d", self._queue, "-o", "raw", "-t", job), payload)
        if code != 0:
            raise _failed(said)
        return said

    async def _has_passed_on(self, request: str, until: float) -> bool:
        """Whether the spooler has passed a job on by then. If not, the job is cancelled. Without its programs: yes."""
        clock = asyncio.get_running_loop().time
        waits = True
        try:
            while waits and clock() < until:
                await asyncio.sleep(_LOOK_EVERY_S)
                async with asyncio.timeout_at(until):
                    code, said = await self._run(("lpstat", "-o", self._queue), b"")
                waits = code != 0 or request.encode() in said.split()
        except TimeoutError:
            waits = True
        except PrinterError as error:
            waits = error.fault is not PrinterFault.NO_SPOOLER
        finally:
            if waits:
                with contextlib.suppress(PrinterError):
                    await asyncio.shield(self._run(("cancel", request), b""))
        return not waits

    async def probe(self) -> Report:
        """What the spooler says of the queue."""
        try:
            code, said = await self._run(("lpstat", "-p", self._queue), b"")
        except PrinterError as error:
            only_lp = error.fault is PrinterFault.NO_SPOOLER and shutil.which("lp") is not None
            return Report(Readiness.CANNOT_TELL) if only_lp else Report(Readiness.FAULT, error.fault)
        if code != 0:
            return Report(Readiness.FAULT, _failed(said).fault)
        if b"disabled" in said:
            return Report(Readiness.FAULT, PrinterFault.SPOOLER)
        return Report(Readiness.CANNOT_TELL)

    async def _run(self, command: Sequence[str], payload: bytes) -> tuple[int, bytes]:
        """Exit code of a program, and what it said.

        Raises:
            PrinterSpoolerFailed: it is missing, or hung and was killed.
        """
        environment = {**os.environ, "LC_ALL": "C"}
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=PIPE if payload else DEVNULL, stdout=PIPE, stderr=asyncio.subprocess.STDOUT,
                env=environment, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise PrinterSpoolerFailed(PrinterFault.NO_SPOOLER) from error
        try:
            async with asyncio.timeout(self._patience.connect_s + self._patience.write_s):
                said, _fed = await asyncio.gather(_heard(process), _fed_to(process, payload))
                return await process.wait(), said
        except TimeoutError as error:
            raise PrinterSpoolerFailed(bytes_left=bool(payload)) from error
        finally:
            await _end(process)


async def _fed_to(process: Process, payload: bytes) -> None:
    if process.stdin is None:
        return
    with contextlib.suppress(ConnectionError):  # it ended without reading: its exit code says why
        process.stdin.write(payload)
        await process.stdin.drain()
    process.stdin.close()


async def _heard(process: Process) -> bytes:
    """The first bytes of what a program says. The rest is read and dropped, so that it can end."""
    assert process.stdout is not None
    said = b""
    while more := await process.stdout.read(_MOST_SAID_BYTES):
        said += more[: _MOST_SAID_BYTES - len(said)]
    return said


async def _end(process: Process) -> None:
    """Kill a program that still runs, with all that it started, and collect it."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_REAP_S):
                await process.wait()
    if process.stdin is not None:
        process.stdin.close()


def _failed(said: bytes) -> PrinterError:
    words = said.decode("utf-8", "replace").lower()
    unknown = any(part in words for part in _UNKNOWN_QUEUE)
    return PrinterSpoolerFailed(PrinterFault.NO_QUEUE if unknown else PrinterFault.SPOOLER)
