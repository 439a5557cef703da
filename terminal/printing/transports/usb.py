"""A printer on USB, found by what it is and not by its number: `lp0` is `lp1` after it was plugged in again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from terminal.printing.faults import PrinterFault, PrinterUnreachable
from terminal.printing.transports.base import USUAL_PATIENCE, Knows, Patience, StatusPolicy
from terminal.printing.transports.channel import Channel
from terminal.printing.transports.device import open_device
from terminal.printing.transports.talking import TalkingTransport

_ID = re.compile(r"[0-9a-f]{4}")


@dataclass(frozen=True, slots=True)
class Roots:
    """Where the system shows its devices."""

    sys: Path = Path("/sys")
    dev: Path = Path("/dev")


THIS_MACHINE = Roots()


@dataclass(frozen=True, slots=True)
class UsbId:
    """What a USB printer is: maker and product in four hexadecimal digits each, and its serial number if it has one.

    Raises:
        ValueError: maker or product is no such number.
    """

    vendor: str
    product: str
    serial: str = ""

    def __post_init__(self) -> None:
        if not (_ID.fullmatch(self.vendor) and _ID.fullmatch(self.product)):
            raise ValueError(f"{self.vendor}:{self.product} is no USB id")

    def __str__(self) -> str:
        return f"usb://{self.vendor}:{self.product}{'/' if self.serial else ''}{self.serial}"


@dataclass(frozen=True, slots=True)
class PluggedIn:
    """A printer that is plugged in now.

    Attributes:
        name: what it calls itself.
        path: its device file until it is unplugged.
    """

    id: UsbId
    name: str
    path: Path


def plugged_in(roots: Roots = THIS_MACHINE) -> list[PluggedIn]:
    """The USB printers of this machine, in the order of their device files."""
    return sorted(_found(roots), key=lambda printer: str(printer.path))


def _found(roots: Roots) -> Iterator[PluggedIn]:
    for device in sorted((roots.sys / "bus/usb/devices").glob("*")):
        vendor, product = _read(device / "idVendor"), _read(device / "idProduct")
        if not (_ID.fullmatch(vendor) and _ID.fullmatch(product)):
            continue
        what = UsbId(vendor, product, _read(device / "serial", lower=False))
        name = " ".join(filter(None, (_read(device / part, lower=False) for part in ("manufacturer", "product"))))
        for node in sorted([*device.glob("*/usbmisc/lp*"), *device.glob("*/usb/lp*")]):
            yield PluggedIn(what, name, roots.dev / _device_name(node))


def _device_name(node: Path) -> str:
    for line in _read(node / "uevent", lower=False).splitlines():
        if line.startswith("DEVNAME="):
            return line.removeprefix("DEVNAME=").removeprefix("/dev/")
    return f"usb/{node.name}"


def _read(path: Path, *, lower: bool = True) -> str:
    try:
        text = path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""  # it has none, or was unplugged just now
    return text.lower() if lower else text


class UsbTransport(TalkingTransport):
    """A USB printer.

    Args:
        what: which one. Without a serial number it is the only one of its kind.
        roots: where the system shows its devices.
        policy: what it means if the printer does not answer.
        patience: limits of all waits.
    """

    gone = PrinterFault.NOT_PLUGGED

    def __init__(
        self,
        what: UsbId,
        roots: Roots = THIS_MACHINE,
        *,
        policy: StatusPolicy = StatusPolicy.WHEN_ANSWERED,
        patience: Patience = USUAL_PATIENCE,
    ) -> None:
        super().__init__(policy, patience)
        self._what = what
        self._roots = roots

    @property
    def address(self) -> str:
        """`usb://vendor:product/serial`."""
        return str(self._what)

    @property
    def _silent_knows(self) -> Knows:
        return Knows.NOTHING

    async def _open(self) -> Channel:
        wanted = self._what
        alike = [
            printer
            for printer in plugged_in(self._roots)
            if (printer.id.vendor, printer.id.product) == (wanted.vendor, wanted.product)
            and wanted.serial in ("", printer.id.serial)
        ]
        if not alike:
            raise PrinterUnreachable(PrinterFault.NOT_PLUGGED)
        if len(alike) > 1:
            raise PrinterUnreachable(PrinterFault.TWO_ALIKE)
        return open_device(alike[0].path)
