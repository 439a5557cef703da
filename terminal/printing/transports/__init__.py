"""Transports: they bring bytes to a printer and say what they know of it. They know no document, queue or retry."""

from terminal.printing.transports.base import (
    AboutToSend,
    Delivery,
    Knows,
    Patience,
    Readiness,
    Report,
    StatusPolicy,
    Transport,
    nothing_to_note,
)
from terminal.printing.transports.cups import CupsTransport
from terminal.printing.transports.device import DeviceTransport
from terminal.printing.transports.file import FileTransport
from terminal.printing.transports.refused import RefusedTransport
from terminal.printing.transports.serial import SerialSettings, SerialTransport
from terminal.printing.transports.tcp import TcpTransport
from terminal.printing.transports.usb import UsbTransport

__all__ = (
    "AboutToSend",
    "CupsTransport",
    "Delivery",
    "DeviceTransport",
    "FileTransport",
    "Knows",
    "Patience",
    "Readiness",
    "RefusedTransport",
    "Report",
    "SerialSettings",
    "SerialTransport",
    "StatusPolicy",
    "TcpTransport",
    "Transport",
    "UsbTransport",
    "nothing_to_note",
)
