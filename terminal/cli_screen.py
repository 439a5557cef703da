"""`comanda pos` and `comanda kds`: find the device, run it, show its screen."""

from __future__ import annotations

import argparse
import asyncio
import signal
from contextlib import AsyncExitStack
from pathlib import Path

from shared.kernel.language import Texts
from terminal.device import CONFIGURATION, DeviceError, DeviceFolder, home

LOG_FILE = "screen.log"
DEMO = "demo"
"""The folder of the devices that `comanda demo` enrols."""


def open_screen(asked: argparse.Namespace, texts: Texts) -> int:
    """Show the till or the kitchen display until somebody closes it; the app's exit code."""
    folder = find_device(home(), asked.device, "kitchen" if asked.command == "kds" else "till")
    return asyncio.run(show_screen(folder, asked.command, online=not asked.offline, light=asked.light))


def find_device(home: Path, name: str | None, kind: str) -> DeviceFolder:
    """The folder of the device to show: the named one, else the only one of that kind, else the only one there is.

    The demo's devices are looked at only where no other device is enrolled.

    Raises:
        DeviceError: DEVICE_NOT_ENROLLED, DEVICE_NOT_NAMED (params: names).
    """
    if name:
        return DeviceFolder(home / name)
    folders = _enrolled(home) or _enrolled(home / DEMO)
    if not folders:
        raise DeviceError("DEVICE_NOT_ENROLLED", path=str(home))
    fitting = [folder for folder in folders if folder.configuration().kind == kind] or folders
    if len(fitting) > 1:
        raise DeviceError("DEVICE_NOT_NAMED", names=", ".join(str(folder.root.relative_to(home)) for folder in fitting))
    return fitting[0]


async def show_screen(folder: DeviceFolder, start: str, *, online: bool, light: bool) -> int:
    """Run a device and show its screen (`pos` or `kds`) until somebody closes it; the app's exit code.

    A supervisor's SIGTERM and a terminal that is closed end it in order, too.
    """
    from terminal.app import ComandaApp
    from terminal.composition import running
    from terminal.logs import logging_to
    from terminal.theme.palette import DARK, LIGHT

    async with AsyncExitStack() as stack:
        if folder.enrolled:
            stack.enter_context(logging_to(folder.root / LOG_FILE))
        device = await stack.enter_async_context(running(folder, online=online))
        app = ComandaApp(device.desk, "kds" if start == "kds" else "pos", LIGHT if light else DARK)
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, app.exit)
        await app.run_async()
        return app.return_code or 0


def _enrolled(home: Path) -> list[DeviceFolder]:
    return [DeviceFolder(path.parent) for path in sorted(home.glob(f"*/{CONFIGURATION}"))]
