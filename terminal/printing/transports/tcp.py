"""A network printer: TCP, usually port 9100. Each job has its own connection."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

from shared.printers.addresses import RAW_PORT
from terminal.printing.faults import PrinterUnreachable
from terminal.printing.transports.base import USUAL_PATIENCE, Knows, Patience, StatusPolicy
from terminal.printing.transports.channel import Channel
from terminal.printing.transports.limits import within
from terminal.printing.transports.talking import TalkingTransport


class TcpTransport(TalkingTransport):
    """A network printer.

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
        patience: Patience = USUAL_PATIENCE,
    ) -> None:
        super().__init__(policy, patience)
        self._host = host
        self._port = port

    @property
    def address(self) -> str:
        """`tcp://host:port`."""
        return f"tcp://{self._host}:{self._port}"

    @property
    def _silent_knows(self) -> Knows:
        return Knows.TAKEN

    async def _open(self) -> Channel:
        try:
            async with asyncio.timeout(self._patience.connect_s):
                return await self._connect()
        except OSError as error:  # TimeoutError is one
            raise PrinterUnreachable from error

    async def _connect(self) -> Channel:
        loop = asyncio.get_running_loop()
        family, target = await self._target()
        link = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        try:
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.sock_connect(link, target)
        except BaseException:
            link.close()
            raise
        return Channel(link.fileno(), link)

    async def _target(self) -> tuple[int, tuple[str, int]]:
        try:
            number = ipaddress.ip_address(self._host)
        except ValueError:
            return await within(self._patience.connect_s, self._look_up)
        return socket.AF_INET6 if number.version == 6 else socket.AF_INET, (self._host, self._port)

    def _look_up(self) -> tuple[int, tuple[str, int]]:
        family, _kind, _protocol, _name, target = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)[0]
        return family, (str(target[0]), int(target[1]))
