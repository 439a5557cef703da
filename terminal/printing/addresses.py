"""Printer addresses in a configuration, and the transport of each.

tcp://192.168.1.50:9100                   a network printer
usb://04b8:0e15, usb://04b8:0e15/SERIAL   a USB printer, wherever it is plugged in
serial:///dev/ttyUSB0?baud=19200          a serial line (also parity=even, flow=rtscts)
cups://queue                              a CUPS queue
file:///path, /path                       a file, a folder, or a device file
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from terminal.printing.transports import (
    RAW_PORT,
    CupsTransport,
    FileTransport,
    SerialSettings,
    SerialTransport,
    StatusPolicy,
    TcpTransport,
    Transport,
    UsbTransport,
)
from terminal.printing.transports.serial import USUAL_BAUD, FlowControl, Parity
from terminal.printing.transports.usb import THIS_MACHINE, Roots, UsbId
from terminal.printing.wording import words


class BadPrinterAddress(ValueError):
    """An address that names no printer."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address

    def sentence(self, language: str) -> str:
        """The sentence that says which addresses are allowed."""
        return words(language)("printing.bad_address", address=self.address)


def transport_at(
    address: str, policy: StatusPolicy = StatusPolicy.WHEN_ANSWERED, roots: Roots = THIS_MACHINE
) -> Transport:
    """The transport for an address. Nothing is connected or opened yet.

    Args:
        roots: where the system shows its devices.

    Raises:
        BadPrinterAddress: unknown scheme, no host, a bad port, or anything else that names no printer.
    """
    try:
        return _transport(address, policy, roots)
    except ValueError as error:
        raise BadPrinterAddress(address) from error


def _transport(address: str, policy: StatusPolicy, roots: Roots) -> Transport:
    if not address or not address.isprintable():
        raise ValueError("empty, or with bytes that no address has")
    scheme, separator, rest = address.partition("://")
    if not separator:
        return FileTransport(Path(address), policy=policy)
    if scheme == "file" and rest:
        return FileTransport(Path(rest), policy=policy)
    if scheme == "cups":
        return CupsTransport(rest)
    parts = urlsplit(address)
    if scheme == "tcp":
        return _network(parts, policy)
    if scheme == "usb":
        vendor, _colon, product = parts.netloc.lower().partition(":")
        return UsbTransport(UsbId(vendor, product, unquote(parts.path.strip("/"))), roots, policy=policy)
    if scheme == "serial":
        return _serial_line(parts, policy)
    raise ValueError(f"unknown scheme {scheme}")


def _network(parts: SplitResult, policy: StatusPolicy) -> Transport:
    host, port = parts.hostname, parts.port
    if not host or port == 0 or parts.path.strip("/") or parts.query or "@" in parts.netloc:
        raise ValueError("no host, or more than a host and a port")
    return TcpTransport(host, port or RAW_PORT, policy=policy)


def _serial_line(parts: SplitResult, policy: StatusPolicy) -> Transport:
    if parts.netloc or len(parts.path) < 2:
        raise ValueError("no path of a serial line")
    told = dict(parse_qsl(parts.query, keep_blank_values=True))
    settings = SerialSettings(
        int(told.pop("baud", str(USUAL_BAUD))),
        Parity(told.pop("parity", Parity.NONE)),
        FlowControl(told.pop("flow", FlowControl.NONE)),
    )
    if told:
        raise ValueError(f"unknown: {min(told)}")
    return SerialTransport(Path(parts.path), settings, policy=policy)
