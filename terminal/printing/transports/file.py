"""A path that stands for a printer: a regular file, a folder, or a device file, as it is found at each job."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from terminal.printing.faults import PrinterFault, PrinterUnwritable
from terminal.printing.signals import DrawerSignal
from terminal.printing.transports.base import (
    USUAL_PATIENCE,
    AboutToSend,
    Delivery,
    Knows,
    Patience,
    Readiness,
    Report,
    StatusPolicy,
    nothing_to_note,
)
from terminal.printing.transports.device import DEVICES, DeviceTransport
from terminal.printing.transports.limits import within

_MODE = 0o640
_DISK_LIMIT_S = 30.0


class FileTransport:
    """Appends every job to a file, or, if the path is a folder, writes one file for each job.

    A job is in the file as a whole or not at all, and on the disk before it counts as delivered. A path that
    is a device is served by a `DeviceTransport`.
    """

    def __init__(
        self,
        path: Path,
        *,
        policy: StatusPolicy = StatusPolicy.WHEN_ANSWERED,
        patience: Patience = USUAL_PATIENCE,
    ) -> None:
        self._path = path
        self._device = DeviceTransport(path, policy=policy, patience=patience)

    @property
    def knows(self) -> Knows:
        """A file keeps its bytes; a device says what it says."""
        return self._device.knows if self._is_device() else Knows.KEPT

    async def deliver(self, payload: bytes, job: str, about_to_send: AboutToSend = nothing_to_note) -> Delivery:
        """Append the job, or write its file.

        Raises:
            PrinterUnwritable: `bytes_left` is set if half of the job may be in the file.
            PrinterError: as of a `DeviceTransport`, if the path is a device.
        """
        if self._is_device():
            return await self._device.deliver(payload, job, about_to_send)
        await about_to_send()
        write = _write_file if self._path.is_dir() else _append
        try:
            await within(_DISK_LIMIT_S, lambda: write(self._path, payload, job))
        except TimeoutError as error:
            raise PrinterUnwritable(bytes_left=True) from error  # the disk hangs, and may still write
        except OSError as error:
            raise PrinterUnwritable from error
        return Delivery.CONFIRMED

    async def open_drawer(
        self, signal: DrawerSignal, job: str, about_to_send: AboutToSend = nothing_to_note, *, limit_s: float
    ) -> Delivery:
        """Give the pulse to a device, or keep it as any job.

        Raises:
            PrinterError: as of `deliver`.
        """
        if self._is_device():
            return await self._device.open_drawer(signal, job, about_to_send, limit_s=limit_s)
        return await self.deliver(signal.in_order, job, about_to_send)

    async def probe(self) -> Report:
        """Whether the file or folder can be written."""
        if self._is_device():
            return await self._device.probe()
        place = self._path if self._path.exists() else self._path.parent
        if place.exists() and os.access(place, os.W_OK):
            return Report(Readiness.READY)
        return Report(Readiness.FAULT, PrinterFault.UNWRITABLE)

    def _is_device(self) -> bool:
        try:
            mode = self._path.stat().st_mode
        except OSError:
            return self._path.is_relative_to(DEVICES)  # unplugged: a file in its place would swallow papers
        return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)


def _append(path: Path, payload: bytes, _job: str) -> None:
    created = not path.exists()
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _MODE)
    try:
        before = os.fstat(descriptor).st_size
        try:
            _write_all(descriptor, payload)
        except OSError as error:
            try:
                os.ftruncate(descriptor, before)  # a full disk must not leave half a receipt
            except OSError:
                raise PrinterUnwritable(bytes_left=True) from error
            raise
    finally:
        os.close(descriptor)
    if created:
        _sync_folder(path.parent)


def _write_file(folder: Path, payload: bytes, job: str) -> None:
    target = folder / f"{job}.bin"
    draft = target.with_suffix(".part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _MODE)
    try:
        _write_all(descriptor, payload)
    finally:
        os.close(descriptor)
    draft.replace(target)
    _sync_folder(folder)


def _write_all(descriptor: int, payload: bytes) -> None:
    rest = memoryview(payload)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    """Sync a folder where that is possible. The job is in its file already, so a failure is none of the job's."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
