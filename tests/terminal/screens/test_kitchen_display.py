"""The wall as a display of its own: it needs no PIN, no key leaves it, it sounds, and says when it hears nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.kernel.permissions import DeviceKind
from shared.kernel.quantity import ONE
from shared.kitchen.ticket_views import TicketState
from shared.orders.records import OrderKind
from terminal.input.strokes import FUNCTION_KEYS
from terminal.screens.kitchen.ear import Ear
from terminal.wall import sounds
from terminal.wall.settings import WallSettings, read_settings, write_settings
from terminal.wall.sounds import Sound
from tests.terminal.screens.kitchen_desks import one_taken_back, two_tickets
from tests.terminal.screens.paper_desk import PaperDesk, busy_desk
from tests.terminal.screens.paper_house import NOON, PREMISES, PaperState
from tests.terminal.screens.till import DrivenTill, PlayedApp, driven


async def test_who_serves_too_goes_on_to_the_floor() -> None:
    async with driven(busy_desk(), script="3333\n") as till:
        await till.press("f6")
        assert till.screen_name == "kitchen"
        await till.press("f2")
        assert till.screen_name == "floor"


async def test_a_cook_does_not() -> None:
    async with driven(busy_desk(), script="4444\n") as till:
        await till.press("f2")
        assert till.screen_name == "kitchen"
        assert "No tienes permiso" in await till.grid()


async def test_a_display_starts_on_its_wall_without_a_pin() -> None:
    async with driven(two_tickets(), "kds") as till:
        assert till.screen_name == "kitchen"
        assert till.desk.actor.staff_id is None
        assert till.desk.actor.station_id is not None


async def test_no_single_key_leaves_the_wall_of_a_display() -> None:
    keys = [*FUNCTION_KEYS, "escape", "ctrl+l", "tab", "ctrl+e", "ctrl+r", "ctrl+t", "q"]
    async with driven(two_tickets(), "kds") as till:
        for key in keys:
            await till.press(key, "escape")
            assert till.screen_name == "kitchen", key
            for _ in range(4):
                till.app._tick()


async def test_the_same_key_twice_leads_to_the_pin_and_escape_or_time_back_to_the_wall() -> None:
    async with driven(two_tickets(), "kds", script="<ctrl+l>") as till:
        assert "otra vez sale" in await till.grid()
        await till.press("ctrl+l")
        assert till.screen_name == "login"
        await till.press("escape")
        assert till.screen_name == "kitchen"
        await till.press("ctrl+l", "ctrl+l")
        for _ in range(61):
            till.app._tick()
        await till.settled()
        assert till.screen_name == "kitchen"


async def test_somebody_who_logs_in_at_a_display_leaves_it_on_its_wall() -> None:
    async with driven(two_tickets(), "kds", script="<ctrl+l>") as till:
        await till.press("ctrl+l")
        await till.type("3333\n")
        assert till.desk.actor.staff_id is not None
        await till.press("ctrl+l")
        assert till.screen_name == "kitchen"
        assert till.desk.actor.station_id is not None


async def test_a_new_ticket_a_change_and_what_is_taken_back_sound_different_and_a_burst_sounds_once() -> None:
    desk = two_tickets()
    ear = Ear()
    assert ear.hear(desk.tickets, desk.time) is None
    desk.order(OrderKind.DINE_IN, 5, "lom", "sent")
    assert ear.hear(desk.tickets, desk.time) is Sound.NEW
    desk.order(OrderKind.DINE_IN, 6, "lom", "sent")
    assert ear.hear(desk.tickets, desk.time + timedelta(seconds=4)) is None
    first, *others = desk.tickets
    line = replace(first.lines[0], quantity_milli=ONE, to_make_milli=ONE, withdrawn_milli=ONE)
    taken = (replace(first, state=TicketState.CHANGED, lines=(line,)), *others)
    assert ear.hear(taken, desk.time + timedelta(seconds=5)) is Sound.WITHDRAWN
    rushed = (replace(taken[0], rushed=True), *others)
    assert ear.hear(rushed, desk.time + timedelta(seconds=6)) is Sound.RUSH
    assert ear.hear(rushed, desk.time + timedelta(seconds=30)) is None


AWAY = PaperState(cloud="offline", last_contact=NOON - timedelta(minutes=4))


async def test_a_wall_that_hears_from_nobody_says_since_when_across_its_top() -> None:
    alone = replace(PREMISES, device_kind=DeviceKind.KITCHEN)
    async with driven(PaperDesk(state=AWAY, premises=alone), "kds", (73, 21)) as till:
        assert "SIN NOTICIAS DESDE 12:37" in (await till.grid()).splitlines()[1]
    here = PaperState(cloud="offline", last_contact=NOON - timedelta(seconds=30))
    async with driven(PaperDesk(state=here, premises=alone), "kds", (73, 21)) as till:
        assert "SIN NOTICIAS" not in await till.grid()


async def test_a_wall_on_the_folder_of_a_till_says_that_only_others_are_not_heard() -> None:
    async with driven(PaperDesk(state=AWAY), "kds", (73, 21)) as till:
        assert "SIN NUBE DESDE 12:37" in await till.grid()


async def test_a_clock_that_went_back_hides_no_silence() -> None:
    ahead = PaperState(cloud="offline", last_contact=NOON + timedelta(hours=2))
    async with driven(PaperDesk(state=ahead), "kds", (73, 21)) as till:
        assert "SIN NUBE" not in await till.grid()
        for _ in range(60):
            till.app.screen.tick()
        assert "SIN NUBE" in await till.grid()


async def test_a_dialog_that_is_left_open_does_not_cover_the_wall_for_good() -> None:
    async with driven(two_tickets(), "kds", script="<f8>") as till:
        assert till.screen_name == "pick"
        for _ in range(60):
            till.app._tick()
        await till.settled()
        assert till.screen_name == "kitchen"


# Sounds and blinking


@pytest.fixture
def rings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each time that the bell of a terminal without a player rings."""
    heard: list[int] = []
    monkeypatch.setattr(sounds, "player", lambda: ())
    monkeypatch.setattr(PlayedApp, "bell", lambda _app: heard.append(1))
    return heard


async def _news(till: DrivenTill) -> None:
    till.desk.time += timedelta(minutes=1)
    till.desk.order(OrderKind.DINE_IN, 5, "lom", "sent")
    await till.settled()


async def _seconds(till: DrivenTill, count: int) -> None:
    for _ in range(count):
        till.app.screen.tick()
    await till.settled()


async def test_a_sound_comes_once_and_where_it_is_wished_again_until_somebody_touches_the_display(rings) -> None:
    async with driven(two_tickets(), "kds") as till:
        await _news(till)
        await _seconds(till, 40)
        assert len(rings) == 1
        await till.press("s", "2")
        assert till.desk.kitchen.settings.repeats
        rings.clear()
        await _news(till)
        await _seconds(till, 31)
        assert len(rings) == 3
        await till.press("9")
        await _seconds(till, 40)
        assert len(rings) == 3
        await _news(till)
        await till.pilot.click(till.app.screen.wall, offset=(3, 1))
        await _seconds(till, 40)
        assert len(rings) == 4


async def test_a_display_can_be_silent(rings) -> None:
    async with driven(two_tickets(), "kds", script="s1") as till:
        assert "Sonidos: no" in await till.grid()
        await _news(till)
        assert rings == []


async def test_late_cards_blink_where_it_is_wished_and_no_others() -> None:
    desk = PaperDesk()
    desk.order(OrderKind.DINE_IN, 7, "lom", "sent", ago=20)
    desk.order(OrderKind.DINE_IN, 8, "cau", "sent", ago=1)
    async with driven(desk, "kds", (73, 21)) as till:
        wall = till.app.screen.wall

        def heads() -> list[object]:
            return [wall._head_ink(card, wall._tone(card.ticket)) for card in wall._cards()]

        still = heads()
        await _a_second_on(till)
        assert heads() == still
        await till.press("s", "3")
        first = heads()
        await _a_second_on(till)
        second = heads()
        assert first[0] != second[0]
        assert first[1] == second[1]


async def _a_second_on(till: DrivenTill) -> None:
    till.desk.time += timedelta(seconds=1)
    till.app.screen.tick()
    await till.settled()


def test_what_a_display_is_set_to_survives_a_restart_and_a_broken_file_changes_nothing(tmp_path: Path) -> None:
    assert read_settings(tmp_path) == WallSettings()
    write_settings(tmp_path, WallSettings(sounds=False, repeats=True, blinks=True))
    assert read_settings(tmp_path) == WallSettings(sounds=False, repeats=True, blinks=True)
    (tmp_path / "wall.toml").write_text("blinks = 7\nrepeats = true\n")
    assert read_settings(tmp_path) == WallSettings(repeats=True)
    (tmp_path / "wall.toml").write_bytes(b"\xff\x00 = ")
    assert read_settings(tmp_path) == WallSettings()


async def test_the_menu_of_a_station_is_reached_by_a_number_pad_and_has_nothing_of_people() -> None:
    async with driven(two_tickets(), "kds", script=".") as till:
        screen = await till.grid()
        assert "Urgente" in screen
        assert "horas" not in screen.lower()


def test_more_of_a_dish_that_stands_sounds_as_changed() -> None:
    desk, ear = two_tickets(), Ear()
    first, *others = desk.tickets
    assert ear.hear(desk.tickets, desk.time) is None
    more = replace(first.lines[0], quantity_milli=first.lines[0].quantity_milli + ONE)
    asked = replace(first, lines=(more, *first.lines[1:]))
    assert ear.hear((asked, *others), desk.time) is Sound.CHANGED
    assert ear.hear((first, *others), desk.time) is None


def test_what_was_done_and_comes_back_changed_sounds_as_withdrawn() -> None:
    desk, ear = one_taken_back(), Ear()
    changed, other = desk.tickets[0], desk.tickets[1:]
    assert ear.hear(other, desk.time) is None
    assert ear.hear((changed, *other), desk.time) is Sound.WITHDRAWN
