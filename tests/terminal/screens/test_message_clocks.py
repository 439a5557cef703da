"""What a display tells the floor is read there, whatever its clock says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from restaurant import CASHIER, COOK

from shared.kernel.permissions import Actor
from shared.safety.commands import add_point
from shared.safety.records import PointKind
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


@pytest.mark.parametrize("hours", [-72, 24])
async def test_an_entry_of_the_food_log_typed_on_a_wrong_clock_silences_no_reminder(
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
        await till.store.run(
            Actor(None, "founding", frozenset({"edit_branch"})),
            lambda work: add_point(work, "Refri", PointKind.FRIDGE, high_milli=5_000, every_minutes=60),
        )
        await house.meet()
        ((point, _since),) = till.safety_due()
        display.store.clock.__class__ = WrongClock
        await display.safety.log(COOK, point, "4")
        await house.meet()
        assert till.safety_due() == ()
        assert [each.value_milli for each in await till.safety.of_day()] == [4_000] * (hours > 0)
        later = till.now() + timedelta(minutes=61)
        till.now = lambda: later  # type: ignore[method-assign]
        ((_point, since),) = till.safety_due()
        assert timedelta() <= later - since < timedelta(minutes=2)
