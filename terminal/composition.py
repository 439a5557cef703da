"""The composition of the terminal: builds store, agent and desk for a device folder. It knows all other modules."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.kernel.ids import Uuid7Source
from shared.kernel.language import Language
from shared.printers.settings import PrinterSettings
from terminal.clock import SystemClock
from terminal.courtesy import Courtesy
from terminal.desks.desk import Desk
from terminal.device import COUNTER, Configuration, DeviceError, DeviceFolder
from terminal.gate import Gate
from terminal.identity import Identity
from terminal.papers.print_plan import PrintPlan
from terminal.scale.scale import Scale
from terminal.sealing import Secrets, keyring_works
from terminal.store.store import Store
from terminal.supervision.before_opening import BeforeOpening
from terminal.supervision.configuration_follower import ConfigurationFollower
from terminal.supervision.duties import Duty
from terminal.supervision.lock import FolderLock
from terminal.supervision.office import OfficeOf, PrintAndSync
from terminal.supervision.owner_state import OwnerFile
from terminal.supervision.ownership import Ownership
from terminal.supervision.supervisor import Supervisor
from terminal.syncing.agent import Agent
from terminal.syncing.link import CloudLink, Moves
from terminal.watch import Watch


@dataclass(frozen=True, slots=True)
class Device:
    """A device that is running."""

    configuration: Configuration
    store: Store
    desk: Desk
    ownership: Ownership

    @property
    def agent(self) -> Agent | None:
        """What syncs here now. None while another program of this folder does."""
        office = self.ownership.office
        return office.agent if isinstance(office, PrintAndSync) else None


async def enrol(
    folder: DeviceFolder,
    cloud: str,
    code: str,
    kind: str,
    name: str = "",
    authority: str = "",
    printers: Mapping[str, str | PrinterSettings] | None = None,
    receipt_printer: str = "",
    kitchen_printer: str = "",
    *,
    in_keyring: bool = False,
    moves: Moves | None = None,
) -> Configuration:
    """Enrol this machine: make its keys, trade the pairing code for an identity, and write both down.

    The folder is made and written to first, and a keyring is tried: neither must lose a code that is spent.

    Args:
        in_keyring: keep the keys in the keyring alone.
        moves: what this machine has been so far, if it moves to another branch.

    Raises:
        DeviceError: DEVICE_KEYRING_MISSING; the code is not spent.
        LinkError: the cloud was not reached, or refused.
        OSError: the folder cannot be written; the code is not spent.
    """
    if in_keyring and not keyring_works():
        raise DeviceError("DEVICE_KEYRING_MISSING")
    key = Ed25519PrivateKey.generate()
    link = CloudLink(cloud, authority=authority)
    with folder.reserved() as room:
        try:
            enrolled = await link.enrol(code, kind, name, key, moves)
        finally:
            await link.close()
        configuration = Configuration(
            identity=Identity(enrolled.organization_id, enrolled.branch_id, enrolled.device_id),
            name=enrolled.name,
            kind=enrolled.kind,
            cloud=cloud,
            cloud_key=enrolled.cloud_key,
            authority=authority,
            printers=printers or {},
            receipt_printer=receipt_printer,
            kitchen_printer=kitchen_printer,
        )
        room.unlink()
        secrets = Secrets(key.private_bytes_raw(), os.urandom(32), enrolled.pepper)
        folder.write(configuration, secrets, in_keyring=in_keyring)
    return configuration


@asynccontextmanager
async def running(
    folder: DeviceFolder,
    *,
    online: bool = True,
    sync: bool = True,
    display: Path | None = None,
    courtesy: Courtesy | None = None,
    practice: bool = False,
) -> AsyncIterator[Device]:
    """Open a device and keep it running for the block.

    Args:
        online: print and sync in the background, or wait until the program ends that does it for this folder.
        sync: push and pull. Without it the device only prints.
        display: the folder of the kitchen display that this program is (`terminal/wall/display.py`).
        practice: the folder is a copy to practise on: nothing syncs, and what is printed says so.
        courtesy: that of the log-in screen: who typed a PIN there goes first here, too.

    Raises:
        DeviceError: no device is enrolled here, or its secrets cannot be read.
        StoreError: its database cannot be opened.
    """
    configuration = folder.configuration()
    secrets = await asyncio.to_thread(folder.secrets, configuration.identity.device_id)  # a keyring may be slow
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        store = await Store.open(
            folder.database,
            secrets.database_key,
            configuration.identity,
            clock,
            Uuid7Source(clock, os.urandom),
            courtesy=courtesy,
        )
        stack.push_async_callback(store.close)
        language = Language(configuration.language) if configuration.language in set(Language) else None
        gate, plan = Gate(store, secrets.pepper), print_plan(configuration)
        is_counter = configuration.service == COUNTER
        desk = Desk(store, gate, language, plan, configuration.printer_settings, is_counter=is_counter, display=display)
        desk.is_practice = practice
        desk.scale = Scale(configuration.scale) if configuration.scale is not None else None
        desk.before_opening = BeforeOpening(folder, configuration, secrets.signer, desk)
        stack.push_async_callback(desk.close)
        supervisor = await stack.enter_async_context(Supervisor(clock.now, desk.health.stopped_changed))
        watch, owner = Watch.begin(store), OwnerFile(folder.root)
        before = owner.read()
        if before is not None:
            desk.health.continue_from(before.link)
        await desk.open()
        sync = sync and not practice
        office = OfficeOf(store, desk, configuration, secrets, clock, syncs=sync, practice=practice)
        ownership = Ownership(
            FolderLock(folder.root),
            owner,
            clock,
            office.taken,
            desk.health.owner_changed,
            wants=online,
            syncs=sync,
        )
        office.changed = ownership.changed
        supervisor.keep(Duty.WATCHING, watch.run)
        supervisor.keep(Duty.PAUSES, gate.keep_time)
        supervisor.keep(Duty.OWNING, ownership.run)
        following = ConfigurationFollower(
            folder, configuration, lambda found: desk.use_own(found.printer_settings, print_plan(found)), supervisor
        )
        supervisor.keep(Duty.SETTINGS, following.run)
        await ownership.decided()
        yield Device(configuration, store, desk, ownership)


def print_plan(configuration: Configuration) -> PrintPlan:
    """Which printer prints what."""
    return PrintPlan(
        receipt=configuration.receipt_printer or None,
        default_kitchen=configuration.kitchen_printer or None,
        kitchen={UUID(station): name for station, name in configuration.kitchen_printers.items()},
    )
