from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.paper_house import PREMISES, PaperState
from tests.terminal.screens.till import driven


async def test_a_wrong_pin_says_how_many_tries_are_left_and_shows_no_digit() -> None:
    async with driven() as till:
        await till.type("98765\n")
        screen = await till.grid()
        assert "PIN incorrecto. Intentos antes de" in screen
        assert "98765" not in screen
        await till.type("1234\n")
        assert till.screen_name == "floor"


async def test_a_locked_device_counts_the_seconds_down() -> None:
    async with driven(script="0000\n") as till:
        assert "Espera 30 s" in await till.grid()
        till.desk.time += timedelta(seconds=12)
        till.app.screen.tick()
        assert "Espera 18 s" in await till.grid()
        till.desk.time += timedelta(seconds=30)
        till.app.screen.tick()
        assert "Espera" not in await till.grid()


async def test_fingers_log_in_too() -> None:
    async with driven() as till:
        pad = till.app.screen.pad.query_one("KeyPad")
        for offset in ((3, 2), (15, 2), (27, 2), (3, 7), (27, 17)):
            await till.pilot.click(pad, offset=offset)
        await till.settled()
        assert till.screen_name == "floor"


async def test_a_new_device_waits_for_the_cloud_and_goes_on_when_it_came() -> None:
    state = PaperState(cloud="never", last_contact=None)
    async with driven(PaperDesk(premises=None, state=state)) as till:
        assert "Esperando el primer" in await till.grid()
        await till.type("1234\n")
        assert till.screen_name == "login"
        till.desk.premises = replace(PREMISES, branch_name="Barranco")
        till.desk.publish("place")
        await till.settled()
        assert "Barranco" in await till.grid()
        await till.type("1234\n")
        assert till.screen_name == "floor"


async def test_a_cook_arrives_at_the_wall_and_a_kitchen_display_takes_everybody_there() -> None:
    async with driven(script="4444\n") as till:
        assert till.screen_name == "kitchen"
    async with driven(start="kds", script="3333\n") as till:
        assert till.screen_name == "kitchen"


async def test_the_program_closes_on_the_second_press_only() -> None:
    async with driven() as till:
        await till.press("f10", "1", "f10")
        assert till.app.is_running
        assert "F10 / Ctrl L otra vez" in await till.grid()
        till.press_ahead("f10")
        await till.settled()
        assert till.app._exit


async def test_ctrl_q_does_not_close_the_program() -> None:
    async with driven(script="1234\n") as till:
        await till.press("ctrl+q", "ctrl+q", "ctrl+q")
        assert not till.app._exit


async def test_ctrl_c_twice_closes_the_program_even_while_a_command_hangs() -> None:
    async with driven(script="1234\n7\n") as till:
        till.desk.gate.clear()
        till.press_ahead(*"lom\n", "ctrl+c", "ctrl+c")
        await till.pilot.pause()
        await till.pilot.pause()
        assert till.app._exit


async def test_one_digit_and_enter_is_no_attempt_and_says_how_long_a_pin_is() -> None:
    async with driven(script="1\n") as till:
        assert "de 4 a 8 dígitos" in await till.grid()
        assert till.desk.asked == []
        await till.type("1234\n")
        assert till.screen_name == "floor"


async def test_a_pause_of_before_the_start_is_said_at_once_in_minutes() -> None:
    desk = PaperDesk()
    desk.paused_until = desk.time + timedelta(minutes=14, seconds=5)
    async with driven(desk) as till:
        assert "14 min" in await till.grid()


async def test_on_a_wall_that_is_read_from_two_metres_the_pad_is_whole() -> None:
    async with driven(size=(49, 14)) as till:
        screen = await till.grid()
        assert "Escribe tu PIN" in screen
        rows = [row.split() for row in screen.splitlines()]
        for keys in (["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"]):
            assert any(row[: len(keys)] == keys for row in rows), keys
