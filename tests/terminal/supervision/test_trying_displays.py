"""Before opening each display answers with a row of its own; one that is silent is named."""

from __future__ import annotations

from uuid import UUID

import pytest
from restaurant import CASHIER

from shared.kitchen.display_records import DisplayAnswer
from shared.kitchen.displays import AnswerView
from shared.tenancy.queries import DeviceView
from shared.tenancy.records import DeviceKind
from terminal.desks.desk import Desk
from terminal.desks.display import displays_found
from terminal.supervision.before_opening import BeforeOpening, Outcome
from tests.faults.till_on_disk import TillOnDisk
from tests.terminal.screens.real_desk import played, rows
from tests.terminal.screens.till import PlayedApp


async def tried(desk: Desk) -> list[tuple[str, Outcome, str]]:
    """What the list before opening says of displays."""
    opening = BeforeOpening(None, None, None, desk)  # type: ignore[arg-type]
    return [(check.name, check.outcome, check.code) for check in await opening._displays()]


async def test_a_house_without_displays_needs_none(till: TillOnDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("terminal.desks.display.DISPLAY_SECONDS", 0.1)
    async with till.desk() as desk:
        desk.actor = CASHIER
        assert await tried(desk) == [("", Outcome.CANNOT_TELL, "before_opening.no_displays")]


def test_a_silent_display_is_named_before_those_that_answer_and_a_till_is_one_when_it_answers() -> None:
    kitchen, bar, till, waiter = (UUID(int=number) for number in range(1, 5))
    kinds = {kitchen: DeviceKind.KITCHEN, bar: DeviceKind.KITCHEN, till: DeviceKind.TILL, waiter: DeviceKind.WAITER}
    devices = [DeviceView(each, str(each.int), kind) for each, kind in kinds.items()]
    answered = [AnswerView(bar, None, 3), AnswerView(till, UUID(int=9), 0)]
    found = displays_found(devices, answered)
    assert [(each.name, each.answer is not None) for each in found] == [("1", False), ("2", True), ("3", True)]


async def test_a_wall_answers_once_and_says_what_it_shows(till: TillOnDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("terminal.desks.display.DISPLAY_SECONDS", 3)
    async with till.desk() as desk:
        desk.log_out()
        app = PlayedApp(desk, start="kds")  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)) as pilot:
            await played(app, pilot, "<tab>")
            (found,) = await desk.displays.tried()
            assert found.answer == AnswerView(desk.store.identity.device_id, desk.stations[0].id, 0)
            for _ in range(3):
                await played(app, pilot, "")
            assert len(await rows(desk, DisplayAnswer.__table__)) == 1
