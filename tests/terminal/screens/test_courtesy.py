"""The background lets a press go first until it is painted, and goes on afterwards."""

from __future__ import annotations

import asyncio

import pytest

from tests.terminal.screens.till import DrivenTill, driven


async def goes_on(till: DrivenTill) -> bool:
    """Whether the background would go on, after every part of the app had its turns."""
    going = asyncio.create_task(till.desk.courtesy.after_people())
    await till.pilot.pause()
    is_done = going.done()
    going.cancel()
    return is_done


async def test_the_background_waits_for_a_press_and_its_repaint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("terminal.courtesy.LONGEST_COURTESY_SECONDS", 3_600.0)
    async with driven(script="1234\n7\n") as till:
        await till.settled()
        assert await goes_on(till)
        till.desk.gate.clear()
        till.press_ahead(*"lom\n")
        await till.until_asked("open_order")
        assert not await goes_on(till)
        assert till.desk.courtesy.is_somebody_here
        till.desk.gate.set()
        await till.settled()
        assert await goes_on(till)


async def test_a_tap_beside_everything_does_not_hold_the_background_back() -> None:
    async with driven(script="1234\n") as till:
        await till.pilot.click(offset=(0, 0))
        await till.settled()
        assert await goes_on(till)
