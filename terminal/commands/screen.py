"""`comanda pos`, `kds` and `pickup`: find the device, show its log-in screen, and open its store behind it."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Literal, cast

from shared.kernel.language import Language, Texts
from terminal.collecting import collect_later
from terminal.commands.practice import practising, remove_leftovers
from terminal.desks.closed import ClosedDesk
from terminal.device import CONFIGURATION, Configuration, DeviceError, DeviceFolder, home
from terminal.opening import Opening
from terminal.theme.ability import is_served
from terminal.wall.display import display_of

LOG_FILE = "screen.log"
DEMO = "demo"
"""Folder of the devices of `comanda demo`."""


def open_screen(asked: argparse.Namespace, texts: Texts) -> int:
    """Show the till or the kitchen display until somebody closes it. Returns the app's exit code, 2 without a terminal.

    Without a terminal it would paint for ever into a file, and take piped digits for a PIN.
    """
    collect_later()
    folder = find_device(home(), asked.device, "kitchen" if asked.command == "kds" else "till")
    if not (sys.stdin.isatty() and sys.stdout.isatty()) and not is_served(os.environ):
        print(texts("cli.needs_a_terminal", command=asked.command), file=sys.stderr)
        return 2
    return asyncio.run(_shown(folder, asked, texts.language))


async def _shown(folder: DeviceFolder, asked: argparse.Namespace, language: Language) -> int:
    """Show the device, or a copy of it to practise on."""
    practice = getattr(asked, "practice", False)
    remove_leftovers()
    async with practising(folder) if practice else nullcontext(folder) as shown:
        with display_of(shown.root, asked.display) if asked.command == "kds" else nullcontext() as display:
            return await show_screen(
                shown,
                asked.command,
                online=not asked.offline,
                light=asked.light,
                language=language,
                display=display,
                practice=practice,
            )


def find_device(home: Path, name: str | None, kind: str) -> DeviceFolder:
    """Find the device to show: the named one, else the only one of that kind, else the only one.

    The demo's devices count only if no other device is enrolled.

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


async def show_screen(
    folder: DeviceFolder,
    start: str,
    *,
    online: bool,
    light: bool,
    language: Language = Language.SPANISH,
    display: Path | None = None,
    practice: bool = False,
) -> int:
    """Show the screen of a device (`pos`, `kds` or `pickup`) until somebody closes it, and open its store meanwhile.

    SIGTERM and a closed terminal end it in order, too. Returns the exit code.

    Args:
        language: of the log-in screen until the store is open, if the folder has none.
        display: the folder of the kitchen display that this program is.
        practice: the folder is a copy to practise on, and the screens say so.

    Raises:
        DomainError, OSError: no device can be shown, or its store was never opened.
    """
    from terminal.app import ComandaApp
    from terminal.comfort.settings import Comforts
    from terminal.guests.view import GuestFile
    from terminal.logs import logging_to
    from terminal.theme.ability import ability_of, outer_terminal
    from terminal.theme.wardrobe import Look

    configuration = folder.configuration()
    with logging_to(folder.root / LOG_FILE):
        desk = ClosedDesk(first_language(folder, configuration, language), configuration.name)
        desk.is_practice = practice
        shown = cast('Literal["pos", "kds", "pickup"]', start)
        is_wall = shown != "pos"  # many look at it, and nobody owns it
        locks_after = 0 if is_wall else configuration.lock_after_seconds
        ability = ability_of(os.environ, outer_terminal(os.environ))
        comforts = Comforts(folder.root)
        guests = None if is_wall or practice or is_served(os.environ) else GuestFile(folder.root)
        if light:
            comforts = comforts.with_look(Look.LIGHT)
        app = ComandaApp(desk, shown, configuration.scanner_prefix, locks_after, ability, comforts, guests)
        opening = Opening(app, desk, folder, online=online, display=display)
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, app.exit)
        device = asyncio.create_task(opening.run(), name="device")
        try:
            await app.run_async()
        finally:
            if guests is not None:
                guests.close()
            device.cancel()
            await asyncio.wait([device])
        if not device.cancelled():
            device.result()
        if opening.error is not None:
            raise opening.error
        return app.return_code or 0


def first_language(folder: DeviceFolder, configuration: Configuration, otherwise: Language) -> Language:
    """Language of the log-in screen until the store is open."""
    for wanted in (configuration.language, folder.last_language()):
        if wanted in set(Language):
            return Language(wanted)
    return otherwise


def _enrolled(home: Path) -> list[DeviceFolder]:
    return [DeviceFolder(path.parent) for path in sorted(home.glob(f"*/{CONFIGURATION}"))]
