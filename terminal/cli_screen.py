"""`comanda pos` and `comanda kds`: find the device, run it, show its screen."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from shared.kernel.language import Texts
from terminal.device import CONFIGURATION, DeviceError, DeviceFolder

LOG_FILE = "screen.log"


def open_screen(asked: argparse.Namespace, texts: Texts) -> int:
    """Show the till or the kitchen display until somebody closes it; the app's exit code."""
    from terminal.composition import home

    folder = find_device(home(), asked.device, "kitchen" if asked.command == "kds" else "till")
    return asyncio.run(_show(folder, asked.command, online=not asked.offline, light=asked.light))


def find_device(home: Path, name: str | None, kind: str) -> DeviceFolder:
    """The folder of the device to show: the named one, else the only one of that kind, else the only one there is.

    Raises:
        DeviceError: DEVICE_NOT_ENROLLED, DEVICE_NOT_NAMED (params: names).
    """
    if name:
        return DeviceFolder(home / name)
    folders = [DeviceFolder(path.parent) for path in sorted(home.glob(f"*/{CONFIGURATION}"))]
    if not folders:
        raise DeviceError("DEVICE_NOT_ENROLLED", path=str(home))
    fitting = [folder for folder in folders if folder.configuration().kind == kind] or folders
    if len(fitting) > 1:
        raise DeviceError("DEVICE_NOT_NAMED", names=", ".join(folder.root.name for folder in fitting))
    return fitting[0]


async def _show(folder: DeviceFolder, start: str, *, online: bool, light: bool) -> int:
    from terminal.app import ComandaApp
    from terminal.composition import running
    from terminal.theme.palette import DARK, LIGHT

    async with running(folder, online=online) as device:
        app = ComandaApp(
            device.desk, "kds" if start == "kds" else "pos", LIGHT if light else DARK, folder.root / LOG_FILE
        )
        await app.run_async()
        return app.return_code or 0
