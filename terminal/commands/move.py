"""`comanda move CODE`: this device sends what waits, then enrols itself anew in another branch.

The order is: everything sent, then the code, then the new folder in the place of the old one. If anything fails before
the code is taken the device goes on where it is. The old folder is kept beside the new one.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
from dataclasses import replace
from pathlib import Path

from shared.kernel.errors import DomainError
from shared.kernel.language import Texts
from sync.heads import unsent
from terminal.commands.screen import find_device
from terminal.composition import Device, enrol, running
from terminal.device import LANGUAGE, SEALED, Configuration, DeviceFolder, home
from terminal.input.key_map import KEY_MAP_FILE
from terminal.syncing.link import LinkError, Moves
from terminal.syncing.link_state import Cloud

SENDS_WITHIN_SECONDS = 120.0
"""Longer than a day's sales take; a device without a network is told after that."""
LOOK_EVERY_SECONDS = 0.2
_KEPT = (LANGUAGE, KEY_MAP_FILE)
"""Files of the folder that go along: what people chose, and nothing of the branch."""


def move_device(asked: argparse.Namespace, texts: Texts) -> int:
    """Move the device of a folder.

    Raises:
        DomainError: MOVE_OTHER_PROGRAM, MOVE_NOT_SENT (params: count), and those of `running`: nothing has changed.
        LinkError: the cloud refused the code, or was not reached.
    """
    folder = find_device(home(), asked.device, "till")
    made, kept = asyncio.run(_move(folder, asked.code))
    print(texts("cli.moved", name=made.name, path=folder.root, kept=kept))
    return 0


async def _move(folder: DeviceFolder, code: str) -> tuple[Configuration, Path]:
    before = folder.configuration()
    device_id = before.identity.device_id
    fresh = DeviceFolder(folder.root.with_name(f"{folder.root.name}.moving"))
    async with running(folder) as device:
        await _send_all(device)
        made = await enrol(
            fresh,
            before.cloud,
            code,
            before.kind,
            before.name,
            before.authority,
            before.printers,
            before.receipt_printer,
            before.kitchen_printer,
            in_keyring=not (folder.root / SEALED).exists(),
            moves=Moves(device_id, folder.secrets(device_id).signer),
        )
    fresh.rewrite(
        replace(before, identity=made.identity, name=made.name, cloud_key=made.cloud_key, kitchen_printers={})
    )
    for name in _KEPT:
        if (folder.root / name).exists():
            shutil.copy2(folder.root / name, fresh.root / name)
    kept = folder.root.with_name(f"{folder.root.name}.{str(device_id)[-8:]}")
    os.replace(folder.root, kept)
    os.replace(fresh.root, folder.root)
    return made, kept


async def _send_all(device: Device) -> None:
    """Wait until the cloud has all that this device wrote."""
    identity, count = device.store.identity, 0
    ids = (identity.organization_id.bytes, identity.device_id.bytes)
    try:
        async with asyncio.timeout(SENDS_WITHIN_SECONDS):
            while True:
                if device.agent is None:
                    raise DomainError("MOVE_OTHER_PROGRAM")
                if device.agent.link.cloud is Cloud.REFUSED:
                    raise LinkError(device.agent.link.message, final=True)
                count = (await device.store.look(unsent, *ids)).changes
                if count == 0 and device.agent.link.cloud is Cloud.ONLINE:
                    return
                await asyncio.sleep(LOOK_EVERY_SECONDS)
    except TimeoutError:
        raise DomainError("MOVE_NOT_SENT", count=count) from None
