"""How this device is, as its hello tells the cloud: version, backlog, printers, disk. It is no part of the log."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from shared.kernel.command_line import program_version
from sync.heads import unsent
from sync.messages import MAX_CODE_CHARACTERS, MAX_PRINTERS, Health, PrinterReport
from terminal.printing.views import QueueHealth
from terminal.store.store import Store

MEGABYTE = 1_000_000
NOT_KNOWN = -1


async def health_of(store: Store, prints: QueueHealth) -> Health:
    """The health of the device of a store.

    Args:
        prints: the state of its queues.
    """
    identity = store.identity
    waiting = await store.look(unsent, identity.organization_id.bytes, identity.device_id.bytes)
    printers = [
        PrinterReport(printer.printer, printer.open, (printer.fault or "")[:MAX_CODE_CHARACTERS])
        for printer in prints.printers[:MAX_PRINTERS]
    ]
    return Health(
        program=program_version()[:MAX_CODE_CHARACTERS],
        waiting=waiting.changes,
        oldest_ms=waiting.oldest_ms or 0,
        disk_free_mb=await asyncio.to_thread(_free_mb, Path(store.path).parent),
        printers=printers,
    )


def _free_mb(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free // MEGABYTE
    except OSError:
        return NOT_KNOWN
