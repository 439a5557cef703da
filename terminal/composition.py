"""The one module that knows everything of the terminal: it builds store, agent and desk for a device folder."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.kernel.ids import Uuid7Source
from shared.kernel.language import Language
from terminal.agent import Agent, AgentLock, watch
from terminal.clock import SystemClock
from terminal.desk import Desk
from terminal.device import Configuration, DeviceFolder, Secrets
from terminal.gate import Gate
from terminal.link import CloudLink
from terminal.papers import PrintPlan
from terminal.printing.addresses import transport_at
from terminal.printing.printers import Printer, PrinterProfile
from terminal.printing.worker import PrintWorker
from terminal.store.store import Identity, Store


@dataclass(frozen=True, slots=True)
class Device:
    """A device that is running.

    Attributes:
        agent: None where another program runs the agent of this folder.
    """

    configuration: Configuration
    store: Store
    desk: Desk
    agent: Agent | None


async def enrol(
    folder: DeviceFolder,
    cloud: str,
    code: str,
    kind: str,
    name: str = "",
    authority: str = "",
    printers: Mapping[str, str] | None = None,
    receipt_printer: str = "",
    kitchen_printer: str = "",
) -> Configuration:
    """Let this machine in: make its keys, trade the pairing code for an identity, keep both.

    Raises:
        LinkError: the cloud was not reached or said no.
    """
    key = Ed25519PrivateKey.generate()
    link = CloudLink(cloud, authority=authority)
    try:
        said = await link.enrol(code, kind, name, key)
    finally:
        await link.close()
    configuration = Configuration(
        identity=Identity(said.organization_id, said.branch_id, said.device_id),
        name=said.name,
        kind=said.kind,
        cloud=cloud,
        authority=authority,
        printers=printers or {},
        receipt_printer=receipt_printer,
        kitchen_printer=kitchen_printer,
    )
    folder.write(configuration, Secrets(key.private_bytes_raw(), os.urandom(32), said.pepper))
    return configuration


@asynccontextmanager
async def running(folder: DeviceFolder, *, online: bool = True, sync: bool = True) -> AsyncIterator[Device]:
    """Open a device and keep it running for the block.

    Args:
        online: print and sync in the background, unless another program does it for this folder.
        sync: push and pull; without it the device only prints.

    Raises:
        DeviceError: no device is enrolled here, or its secrets cannot be read.
        StoreError: its database cannot be opened.
    """
    configuration = folder.configuration()
    secrets = folder.secrets(configuration.identity.device_id)
    clock = SystemClock()
    store = await Store.open(
        folder.database, secrets.database_key, configuration.identity, clock, Uuid7Source(clock, os.urandom)
    )
    language = Language(configuration.language) if configuration.language in set(Language) else None
    desk = Desk(store, Gate(store, secrets.pepper), language, print_plan(configuration), tuple(configuration.printers))
    link = CloudLink(configuration.cloud, configuration.identity.device_id, secrets.signer, configuration.authority)
    lock = AgentLock(folder.root)
    agent: Agent | None = None
    tasks = [asyncio.create_task(watch(store), name="watch")]
    try:
        await desk.open()
        if online and lock.take():
            printer = PrintWorker(store, printers(configuration), clock, on_change=desk.prints_changed)
            agent = Agent(store, link, secrets.signer, random.random, printer)
            agent.on_link = desk.link_changed
            desk.wake_agent = agent.wake
            tasks.append(asyncio.create_task(agent.run() if sync else printer.run(), name="agent"))
        yield Device(configuration, store, desk, agent)
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await desk.close()
        await store.close()
        await link.close()
        lock.release()


def print_plan(configuration: Configuration) -> PrintPlan:
    """Which printer prints what."""
    return PrintPlan(
        receipt=configuration.receipt_printer or None,
        default_kitchen=configuration.kitchen_printer or None,
        kitchen={UUID(station): name for station, name in configuration.kitchen_printers.items()},
    )


def printers(configuration: Configuration) -> dict[str, Printer]:
    """The printers of a device by name.

    Raises:
        BadPrinterAddress: an address that is neither a file nor tcp://host:port.
    """
    return {name: Printer(PrinterProfile(), transport_at(address)) for name, address in configuration.printers.items()}


def home() -> Path:
    """Where devices are kept: COMANDA_HOME, or `.comanda` in the user's home."""
    return Path(os.environ.get("COMANDA_HOME", "") or Path.home() / ".comanda")
