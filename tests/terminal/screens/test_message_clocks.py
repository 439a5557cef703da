"""What a display tells the floor is read there, whatever its clock says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from restaurant import CASHIER, COOK

from shared.kernel.permissions import Actor
from terminal.clock import SystemClock
from terminal.snapshots.sources import MESSAGES
from tests.terminal.screens.test_real_kitchen import KITCHEN_DISH, send
from tests.terminal.screens.two_tills import two_tills


@pytest.mark.parametrize("hours", [-72, -24, 3, 30])
async def test_a_message_of_a_display_with_a_wrong_clock_is_for_everybody_after_a_minute(
    founded: Path, tmp_path: Path, hours: int
) -> None:
    off = timedelta(hours=hours)

    class WrongClock(SystemClock):
        def now(self) -> datetime:
            return datetime.now(UTC) + off

        def milliseconds(self) -> int:
            return super().milliseconds() + off // timedelta(milliseconds=1)

    async with two_tills(founded, tmp_path) as house:
        till, display = house.till, house.other
        await send(till, KITCHEN_DISH)
        await house.meet()
        display.store.clock.__class__ = WrongClock
        display.kitchen.take_place()
        await display.messages.tell("ven", display.tickets[0].order_id)
        await house.meet()
        (message,) = till.seen[MESSAGES]
        assert timedelta() <= till.now() - message.sent_at < timedelta(minutes=1)
        till.actor = Actor(COOK.staff_id, "otro", CASHIER.permissions)
        assert till.messages.unread() == ()
        later = till.now() + timedelta(seconds=61)
        till.now = lambda: later  # type: ignore[method-assign]
        assert [each.text for each in till.messages.unread()] == ["ven"]
