"""The composition of the terminal: builds store, agent and desk for a device folder. It knows all other modules."""

from __future__ import annotations

import asyncio
import logging
import os
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.kernel.ids import Uuid7Source
from shared.kernel.language import Language
from shared.orders.contacts import contact_of
from shared.printers.settings import PrinterSettings
from terminal.agent import Agent
from terminal.agent_lock import AgentLock
from terminal.clock import SystemClock
from terminal.desk import Desk
from terminal.device import COUNTER, Configuration, DeviceFolder
from terminal.gate import Gate
from terminal.identity import Identity
from terminal.kitchen_papers import PaperFollower
from terminal.link import CloudLink
from terminal.print_plan import PrintPlan
from terminal.printing.printers import Printer, PrinterBook
from terminal.printing.worker import PrintWorker
from terminal.scale.scale import Scale
from terminal.sealing import Secrets
from terminal.sources import PRINTERS
from terminal.store.store import Store
from terminal.watch import Watch

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Device:
    """A device that is running.

    Attributes:
        agent: None if another program runs the agent of this folder.
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
    printers: Mapping[str, str | PrinterSettings] | None = None,
    receipt_printer: str = "",
    kitchen_printer: str = "",
) -> Configuration:
    """Enrol this machine: make its keys, trade the pairing code for an identity, and write both down.

    The folder is made and written to first: a full disk must not lose a code that is spent.

    Raises:
        LinkError: the cloud was not reached, or refused.
        OSError: the folder cannot be written; the code is not spent.
    """
    key = Ed25519PrivateKey.generate()
    link = CloudLink(cloud, authority=authority)
    with folder.reserved() as room:
        try:
            enrolled = await link.enrol(code, kind, name, key)
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
        folder.write(configuration, Secrets(key.private_bytes_raw(), os.urandom(32), enrolled.pepper))
    return configuration


@asynccontextmanager
async def running(folder: DeviceFolder, *, online: bool = True, sync: bool = True) -> AsyncIterator[Device]:
    """Open a device and keep it running for the block.

    Args:
        online: print and sync in the background, unless another program does it for this folder.
        sync: push and pull. Without it the device only prints.

    Raises:
        DeviceError: no device is enrolled here, or its secrets cannot be read.
        StoreError: its database cannot be opened.
    """
    configuration = folder.configuration()
    secrets = await asyncio.to_thread(folder.secrets, configuration.identity.device_id)  # a keyring may be slow
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        store = await Store.open(
            folder.database, secrets.database_key, configuration.identity, clock, Uuid7Source(clock, os.urandom)
        )
        stack.push_async_callback(store.close)
        language = Language(configuration.language) if configuration.language in set(Language) else None
        gate, plan = Gate(store, secrets.pepper), print_plan(configuration)
        is_counter = configuration.service == COUNTER
        desk = Desk(store, gate, language, plan, configuration.printer_settings, is_counter=is_counter)
        desk.scale = Scale(configuration.scale) if configuration.scale is not None else None
        stack.push_async_callback(desk.close)
        await stack.enter_async_context(_background((await Watch.begin(store)).run(), "watch"))
        await desk.open()
        await stack.enter_async_context(_background(gate.keep_time(), "pauses"))
        lock = AgentLock(folder.root)
        agent: Agent | None = None
        if online and lock.take():
            stack.callback(lock.release)
            link = CloudLink(
                configuration.cloud, configuration.identity.device_id, secrets.signer, configuration.authority
            )
            stack.push_async_callback(link.close)
            printer = PrintWorker(
                store,
                {},
                clock,
                on_change=desk.prints_changed,
                contact_of=lambda reader, order: contact_of(reader, configuration.identity.organization_id, order),
            )
            stack.callback(desk.subscribe(_following(desk, printer)))
            agent = Agent(
                store, link, secrets.signer, random.random, printer, cloud_key=configuration.cloud_key or None
            )
            agent.on_link = desk.link_changed
            papers = PaperFollower(store, desk.print_context, printer.wake)
            await stack.enter_async_context(_background(papers.run(), "papers of changes"))
            desk.wake_agent = agent.wake
            await stack.enter_async_context(_background(agent.run() if sync else printer.run(), "agent"))
        yield Device(configuration, store, desk, agent)


@asynccontextmanager
async def _background(coroutine: Coroutine[Any, Any, None], name: str) -> AsyncIterator[None]:
    """Run a task for the block. Its error is logged, since nobody waits for it."""
    task = asyncio.create_task(coroutine, name=name)
    task.add_done_callback(_note_end)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def _note_end(task: asyncio.Task[None]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        logger.error("%s ended", task.get_name(), exc_info=error)


def print_plan(configuration: Configuration) -> PrintPlan:
    """Which printer prints what."""
    return PrintPlan(
        receipt=configuration.receipt_printer or None,
        default_kitchen=configuration.kitchen_printer or None,
        kitchen={UUID(station): name for station, name in configuration.kitchen_printers.items()},
    )


def printers(configuration: Configuration) -> dict[str, Printer]:
    """The printers in a device's configuration, by name."""
    return PrinterBook().of(configuration.printer_settings)


def _following(desk: Desk, worker: PrintWorker) -> Callable[[frozenset[str]], None]:
    """Let the worker serve the printers that this device drives, now and whenever their rows change."""
    book = PrinterBook()

    def follow(names: frozenset[str]) -> None:
        if PRINTERS.name in names:
            worker.use(book.of(desk.setup.driven))

    follow(frozenset({PRINTERS.name}))
    return follow
