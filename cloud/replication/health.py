"""Keeps how devices say that they are, for their page. Nothing is decided by it, and what is lost is said again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from cloud.accounts.identity import EnrolledDevice
from cloud.database.control_records import DeviceHealth
from cloud.database.transaction import Database
from cloud.kernel.recent import Recent
from shared.kernel.instants import from_microseconds
from shared.kernel.text import clean
from sync.messages import Health, PrinterReport

CHANGED_EVERY_MS = 60_000
"""A device says hello at every push: what has changed is kept so often, so that a tap costs no more."""
SAME_EVERY_MS = 5 * 60_000
"""The same where nothing has changed but the time."""
MOST_KEPT = 20_000
"""Devices of which it is remembered when that was; what a forgotten one says is kept once more."""


class HealthKeeper:
    """Keeps the last health of each device. What it remembers of them only spares writing it again."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: Recent[UUID, tuple[int, object]] = Recent(MOST_KEPT)

    async def keep(self, device: EnrolledDevice, health: Health, said_ms: int, now_ms: int) -> None:
        """Keep what a hello says, unless the same was kept just now.

        Args:
            said_ms: the device's clock; 0 if it does not say.
        """
        state = (health.program, bool(health.waiting), tuple(health.printers))
        at_ms, before = self._kept.get(device.device_id) or (None, None)
        every_ms = SAME_EVERY_MS if before == state else CHANGED_EVERY_MS
        if at_ms is not None and now_ms - at_ms < every_ms:
            return
        self._kept.put(device.device_id, (now_ms, state))
        values = {
            "heard_at": datetime.fromtimestamp(now_ms / 1_000, UTC),
            "program": clean(health.program),
            "waiting": health.waiting,
            "oldest_at": _instant(health.oldest_ms),
            "ahead_ms": said_ms - now_ms if said_ms else None,
            "disk_free_mb": health.disk_free_mb if health.disk_free_mb >= 0 else None,
            "printers": _printers(health.printers),
        }
        keys = {"organization_id": device.organization_id, "device_id": device.device_id}
        statement = insert(DeviceHealth).values(**keys, **values)
        async with self._database.write(device.organization_id) as session:
            await session.execute(
                statement.on_conflict_do_update(index_elements=list(keys), set_=values), execution_options=_NO_RELOAD
            )


_NO_RELOAD = {"synchronize_session": False}


def _instant(milliseconds: int) -> datetime | None:
    """The instant that a device names, if it is one: its clock may say anything."""
    try:
        return from_microseconds(milliseconds * 1_000) if milliseconds else None
    except (OverflowError, ValueError, OSError):
        return None


def _printers(reports: Sequence[PrinterReport]) -> dict[str, list[object]]:
    return {clean(report.name) or "-": [clean(report.fault), report.open] for report in reports}
