"""The transport of each printer address (`shared/printers/addresses.py` says what addresses there are)."""

from __future__ import annotations

from pathlib import Path

from shared.printers.addresses import Address, address_of
from shared.printers.rules import TransportKind
from terminal.printing.transports import (
    CupsTransport,
    DeviceTransport,
    FileTransport,
    SerialSettings,
    SerialTransport,
    StatusPolicy,
    TcpTransport,
    Transport,
    UsbTransport,
)
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
    address: str,
    policy: StatusPolicy = StatusPolicy.WHEN_ANSWERED,
    roots: Roots = THIS_MACHINE,
    *,
    of_branch: bool = False,
) -> Transport:
    """The transport for an address. Nothing is connected or opened yet.

    Args:
        roots: where the system shows its devices.
        of_branch: another device may have written it: it names no file, and opens nothing but devices of printers.

    Raises:
        BadPrinterAddress: it names no printer, or a file where that is not allowed.
    """
    found = address_of(address)
    if found is None or (of_branch and not found.may_be_of_a_branch):
        raise BadPrinterAddress(address)
    return _transport(found, policy, roots, of_branch=of_branch)


def _transport(found: Address, policy: StatusPolicy, roots: Roots, *, of_branch: bool) -> Transport:
    match found.kind:
        case TransportKind.TCP:
            return TcpTransport(found.place, found.port, policy=policy)
        case TransportKind.USB:
            vendor, _colon, product = found.place.partition(":")
            return UsbTransport(UsbId(vendor, product, found.serial), roots, policy=policy)
        case TransportKind.SERIAL:
            settings = SerialSettings(found.baud, found.parity, found.flow)
            return SerialTransport(Path(found.place), settings, policy=policy, only_nodes=of_branch)
        case TransportKind.CUPS:
            return CupsTransport(found.place)
        case _ if of_branch:
            return DeviceTransport(Path(found.place), policy=policy, only_nodes=True)
        case _:
            return FileTransport(Path(found.place), policy=policy)
