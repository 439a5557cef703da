"""Two people write one field in one instant, by clocks that agree: no stamp is the greater, and all must choose alike.

By chance this takes hundreds of schedules; real tills that were set by the same server need only a busy evening.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.orders.commands import change_line
from tests.simulation.device import SimulatedDevice
from tests.simulation.house import WAITRESS, actor

_NEWEST = "SELECT id FROM order_lines WHERE standing % 1000 = 10 ORDER BY id DESC LIMIT 5"


async def duel(devices: list[SimulatedDevice], rnd: random.Random) -> None:
    """Let two devices of one branch change the notes of a line that both know; nothing happens if there is none."""
    first, second = rnd.sample(devices, 2) if len(devices) > 1 else (devices[0], devices[0])
    known = [{row[0] for row in each.eye.execute(_NEWEST)} for each in (first, second)]
    both = sorted(known[0] & known[1])
    if first is second or not both:
        return
    line_id, instant = UUID(bytes=rnd.choice(both)), max(first.clock.now(), second.clock.now()) + timedelta(seconds=1)
    for each in (first, second):
        each.clock.stuck = instant
    await asyncio.gather(*(each.process.spawn(_change(each, line_id)) for each in (first, second)))
    for each in (first, second):
        each.clock.stuck = None


async def _change(device: SimulatedDevice, line_id: UUID) -> None:
    with suppress(DomainError):  # the line was sent, or the till closed, a moment ago
        await device.store.run(actor(WAITRESS), lambda work: change_line(work, line_id, None, f"de {device.name}"))
