"""Printer addresses in a configuration: `tcp://192.168.1.50:9100`, or the path of a file or folder."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from terminal.printing.transports import RAW_PORT, FileTransport, StatusPolicy, TcpTransport, Transport
from terminal.printing.wording import words


class BadPrinterAddress(ValueError):
    """An address that names neither a network printer nor a file."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address

    def sentence(self, language: str) -> str:
        """The sentence that says which addresses are allowed."""
        return words(language)("printing.bad_address", address=self.address)


def transport_at(address: str, policy: StatusPolicy = StatusPolicy.WHEN_ANSWERED) -> Transport:
    """The transport for an address. Nothing is connected or opened yet.

    Raises:
        BadPrinterAddress: unknown scheme, no host, or a bad port.
    """
    scheme, separator, rest = address.partition("://")
    if not separator:
        if not address:
            raise BadPrinterAddress(address)
        return FileTransport(Path(address))
    if scheme == "file" and rest:
        return FileTransport(Path(rest))
    if scheme != "tcp":
        raise BadPrinterAddress(address)
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadPrinterAddress(address) from error
    if not host or port == 0:
        raise BadPrinterAddress(address)
    return TcpTransport(host, port or RAW_PORT, policy=policy)
