"""A printer behind a device file: bytes out, and answers in where the device can be read. A device cannot be synced."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import termios
from pathlib import Path

from terminal.printing.faults import PrinterBusy, PrinterError, PrinterFault, PrinterUnreachable
from terminal.printing.transports.base import USUAL_PATIENCE, Knows, Patience, StatusPolicy
from terminal.printing.transports.channel import Channel
from terminal.printing.transports.talking import TalkingTransport

LineAttributes = list[int | list[bytes | int]]
"""How a serial line is set, as `termios` takes it."""

_FLAGS = os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
DEVICES = Path("/dev")
_NEVER_PRINTERS = frozenset((1, 5, 10, 13))
"""Numbers of Linux for memory, the own terminal, watchdogs and keyboards made by programs, and keyboards."""
_CONSOLES, _FIRST_LINE = 4, 64
"""Screens of the machine and, from 64 on, its serial lines."""
_FAULTS = {
    errno.EACCES: PrinterFault.NO_ACCESS,
    errno.EPERM: PrinterFault.NO_ACCESS,
    errno.EBUSY: PrinterFault.BUSY,
}


class DeviceTransport(TalkingTransport):
    """A device file, say `/dev/usb/lp0`.

    Args:
        path: of the device.
        settings: of a serial line, see `open_device`.
        policy: what it means if the printer does not answer.
        patience: limits of all waits.
        only_nodes: open nothing but a device of this machine's printers, see `open_device`.
    """

    gone = PrinterFault.NOT_PLUGGED

    def __init__(
        self,
        path: Path,
        settings: LineAttributes | None = None,
        *,
        policy: StatusPolicy = StatusPolicy.WHEN_ANSWERED,
        patience: Patience = USUAL_PATIENCE,
        only_nodes: bool = False,
    ) -> None:
        super().__init__(policy, patience)
        self._path = path
        self._settings = settings
        self._only_nodes = only_nodes

    @property
    def address(self) -> str:
        """The path of the device."""
        return str(self._path)

    @property
    def _silent_knows(self) -> Knows:
        return Knows.NOTHING

    async def _open(self) -> Channel:
        return open_device(self._path, self._settings, only_nodes=self._only_nodes)


def open_device(path: Path, settings: LineAttributes | None = None, *, only_nodes: bool = False) -> Channel:
    """Open a device without waiting for anything.

    Args:
        settings: of a serial line, as `termios` takes them. None: those that it has, without changing bytes.
        only_nodes: for a path that another device wrote. What is no character device below /dev, or one that is never
            a printer (memory, consoles, keyboards), is not even opened.

    Raises:
        PrinterError: it is not there, may not be used, or is used by somebody else. Nothing was sent.
    """
    try:
        descriptor, readable = _opened(_printer_node(path) if only_nodes else path)
        try:
            _set_up(descriptor, settings)
        except BaseException:
            os.close(descriptor)
            raise
    except (OSError, termios.error) as error:
        raise _fault_of(error) from error
    return Channel(descriptor, readable=readable)


def _printer_node(path: Path) -> Path:
    """The device that a path means, without links.

    Raises:
        PrinterUnreachable: it is no device that can be a printer.
        OSError: it is not there.
    """
    node = path.resolve(strict=True)
    found = node.stat()
    number = os.major(found.st_rdev)
    is_console = number == _CONSOLES and os.minor(found.st_rdev) < _FIRST_LINE
    can_print = stat.S_ISCHR(found.st_mode) and number not in _NEVER_PRINTERS and not is_console
    if not can_print or not node.is_relative_to(DEVICES):
        raise PrinterUnreachable(PrinterFault.NO_DEVICE)
    return node


def _opened(path: Path) -> tuple[int, bool]:
    if stat.S_ISFIFO(path.stat().st_mode):
        return os.open(path, os.O_WRONLY | _FLAGS), False
    try:
        return os.open(path, os.O_RDWR | _FLAGS), True
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EINVAL, errno.EROFS):
            raise
    return os.open(path, os.O_WRONLY | _FLAGS), False


def _set_up(descriptor: int, settings: LineAttributes | None) -> None:
    """Let a serial line change no byte, and forget what it said to somebody else."""
    if not stat.S_ISCHR(os.fstat(descriptor).st_mode):
        if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            raise OSError(errno.ENXIO, "no device")
        return
    if not os.isatty(descriptor):
        if settings is not None:
            raise OSError(errno.ENXIO, "no serial line")
        return
    termios.tcsetattr(descriptor, termios.TCSANOW, settings or _unchanging(termios.tcgetattr(descriptor)))
    with contextlib.suppress(termios.error):
        termios.tcflush(descriptor, termios.TCIFLUSH)


def _unchanging(attributes: LineAttributes) -> LineAttributes:
    _input, _output, control, _local, speed_in, speed_out, signs = attributes
    assert isinstance(control, int)
    assert isinstance(signs, list)
    signs[termios.VMIN], signs[termios.VTIME] = 1, 0  # so that "nothing yet" is told from "unplugged"
    control = control & ~(termios.CSIZE | termios.PARENB | termios.HUPCL) | termios.CS8 | termios.CREAD | termios.CLOCAL
    return [termios.IGNBRK | termios.IGNPAR, 0, control, 0, speed_in, speed_out, signs]


def _fault_of(error: Exception) -> PrinterError:
    number = error.args[0] if error.args else None
    fault = _FAULTS.get(number, PrinterFault.NOT_PLUGGED) if isinstance(number, int) else PrinterFault.NOT_PLUGGED
    return PrinterBusy() if fault is PrinterFault.BUSY else PrinterUnreachable(fault)
