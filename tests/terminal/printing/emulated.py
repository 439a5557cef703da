"""An emulated printer behind each kind of transport, for tests."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from shared.kernel.language import Language, Texts
from terminal.printing.emulator.machine import Machine, Misbehaviour
from terminal.printing.emulator.ports import Emulator
from terminal.printing.emulator.tray import Tray
from terminal.printing.signals import DrawerSignal
from terminal.printing.transports import (
    FileTransport,
    Patience,
    SerialTransport,
    StatusPolicy,
    TcpTransport,
    Transport,
)

TEXTS = Texts(Language.SPANISH, ("terminal", "terminal.printing"))
JOB = b"\x1b@hola\n" + b"una linea\n" * 20 + b"\x1dV\x00"
SIGNAL = DrawerSignal(b"\x1bp\x00\x32\xfa", b"\x10\x14\x01\x00\x02")
OLD_SIGNAL = DrawerSignal(SIGNAL.in_order, None)
"""Of a printer that does not know the real-time command."""
PATIENCE = Patience(connect_s=10.0, write_s=10.0, status_s=10.0, confirm_s=10.0, farewell_s=0.1)
"""With printers that answer: a busy machine may take its time."""
BRIEF = Patience(connect_s=2.0, write_s=0.4, status_s=0.6, confirm_s=0.8, farewell_s=0.1)
"""With printers that say nothing."""
_SILENT = ("mute", "dead", "half-close", "garbage", "reset")
KINDS = ("tcp", "device", "serial")


@dataclass
class House:
    """An emulated printer, and the transport to it."""

    emulator: Emulator
    transport: Transport
    shown: list[str]

    def misbehave(self, trouble: str) -> None:
        self.emulator.machine.misbehaviour = Misbehaviour.read(trouble)

    @property
    def printed(self) -> int:
        return self.shown.count("hola")

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not holds():  # noqa: ASYNC110 a printer rings no bell
                await asyncio.sleep(0.005)


@asynccontextmanager
async def house(
    kind: str,
    trouble: str = "ok",
    policy: StatusPolicy = StatusPolicy.WHEN_ANSWERED,
    patience: Patience | None = None,
    *,
    is_silent: bool = False,
) -> AsyncIterator[House]:
    """
    Args:
        is_silent: it never answers, whatever its trouble.
    """
    patience = patience or (BRIEF if is_silent or trouble.partition(":")[0] in _SILENT else PATIENCE)
    shown: list[str] = []
    machine = Machine(48, Misbehaviour.read(trouble), is_silent=is_silent)
    emulator = Emulator(machine, Tray(48, TEXTS, None, shown.append))
    async with AsyncExitStack() as stack:
        transport: Transport
        if kind == "tcp":
            port = await stack.enter_async_context(emulator.listening(0))
            transport = TcpTransport("127.0.0.1", port, policy=policy, patience=patience)
        else:
            path = Path(await stack.enter_async_context(emulator.on_a_terminal()))
            transport = (
                FileTransport(path, policy=policy, patience=patience)
                if kind == "device"
                else SerialTransport(path, policy=policy, patience=patience)
            )
        yield House(emulator, transport, shown)


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))
