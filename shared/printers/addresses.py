"""Addresses of printers: the one reading of them, for what may be said and for what is served. Pure.

tcp://192.168.1.50:9100                   a network printer
usb://04b8:0e15, usb://04b8:0e15/SERIAL   a USB printer, wherever it is plugged in
serial:///dev/ttyUSB0?baud=19200          a serial line (also parity=even, flow=rtscts)
cups://queue                              a CUPS queue
/dev/usb/lp0                              a device file
/path, file:///path                       a file or a folder: only in the `device.toml` of its own machine
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qsl, unquote, urlsplit

from shared.printers.rules import MOST_ADDRESS_CHARACTERS, TransportKind

RAW_PORT = 9100
"""TCP port at which network printers take raw bytes."""
BAUDS = (1_200, 2_400, 4_800, 9_600, 19_200, 38_400, 57_600, 115_200)
USUAL_BAUD = 19_200
_HOST = re.compile(r"[\w.-]+")
_USB = re.compile(r"([0-9a-f]{4}:[0-9a-f]{4})(?:/([^/]+))?", re.IGNORECASE)
_QUEUE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,126}")
_DEVICES = "/dev/"
_NO_DEVICES = frozenset(("fd", "mqueue", "shm"))
"""Folders of /dev that hold files."""


class Parity(StrEnum):
    """The parity bit of each character on a serial line."""

    NONE = "none"
    EVEN = "even"
    ODD = "odd"


class FlowControl(StrEnum):
    """How a printer on a serial line asks to wait."""

    NONE = "none"
    HARDWARE = "rtscts"
    SOFTWARE = "xonxoff"


@dataclass(frozen=True, slots=True)
class Address:
    """What an address says.

    Attributes:
        place: host, path, CUPS queue, or maker and product of a USB printer (`04b8:0e15`).
        serial: number of a USB printer; empty: the only one of its kind.
        baud: of a serial line, as parity and flow.
    """

    kind: TransportKind
    place: str
    port: int = RAW_PORT
    serial: str = ""
    baud: int = USUAL_BAUD
    parity: Parity = Parity.NONE
    flow: FlowControl = FlowControl.NONE

    @property
    def may_be_of_a_branch(self) -> bool:
        """Whether the rows of a branch may name it: other devices write them, so they name no files."""
        return self.kind not in (TransportKind.FILE, TransportKind.SERIAL) or _is_device(self.place)


def address_of(text: str) -> Address | None:
    """What an address says; None if it is none."""
    if not text or len(text) > MOST_ADDRESS_CHARACTERS or not text.isprintable():
        return None
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = TransportKind.FILE, text
    try:
        match scheme:
            case TransportKind.TCP:
                return _network(text)
            case TransportKind.USB:
                found = _USB.fullmatch(rest)
                return found and Address(TransportKind.USB, found[1].lower(), serial=unquote(found[2] or ""))
            case TransportKind.SERIAL:
                return _serial_line(text)
            case TransportKind.CUPS:
                return Address(TransportKind.CUPS, rest) if _QUEUE.fullmatch(rest) else None
            case TransportKind.FILE:
                return Address(TransportKind.FILE, rest) if rest.startswith("/") and rest.strip("/") else None
    except ValueError:  # a port, a speed or a word that there is not
        return None
    return None


def transport_kind(address: str) -> TransportKind | None:
    """How an address is reached; None if it is none."""
    found = address_of(address)
    return None if found is None else found.kind


def may_be_of_a_branch(address: str) -> bool:
    """Whether it is an address that the rows of a branch may name."""
    found = address_of(address)
    return found is not None and found.may_be_of_a_branch


def _network(text: str) -> Address | None:
    parts = urlsplit(text)
    host = parts.hostname or ""
    is_more = parts.path not in ("", "/") or any(sign in text for sign in "?#@")
    if is_more or not host or parts.port == 0:
        return None
    if parts.netloc.startswith("["):
        ipaddress.IPv6Address(host)
    elif _HOST.fullmatch(host) is None:
        return None
    else:
        host.encode("idna")  # a name that nobody can look up raises
    return Address(TransportKind.TCP, host, port=parts.port or RAW_PORT)


def _serial_line(text: str) -> Address | None:
    parts = urlsplit(text)
    if parts.netloc or "#" in text or len(parts.path) < 2:
        return None
    pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True) if parts.query else []
    said = dict(pairs)
    if len(said) < len(pairs) or said.keys() - {"baud", "parity", "flow"}:
        return None
    speeds = {str(baud): baud for baud in BAUDS}
    baud = speeds.get(said.get("baud", str(USUAL_BAUD)))
    if baud is None:
        return None
    parity, flow = Parity(said.get("parity", Parity.NONE)), FlowControl(said.get("flow", FlowControl.NONE))
    return Address(TransportKind.SERIAL, parts.path, baud=baud, parity=parity, flow=flow)


def _is_device(path: str) -> bool:
    parts = path.removeprefix(_DEVICES).split("/")
    return path.startswith(_DEVICES) and parts[0] not in _NO_DEVICES and not {"", ".", ".."} & set(parts)
