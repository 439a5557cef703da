"""The time clock: Ctrl R at the log-in screen with a PIN, and in the menus for who is logged in."""

from __future__ import annotations

from datetime import timedelta

from shared.kernel.language import Language
from shared.staff.records import EntryKind
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.paper_house import NOON, PaperState
from tests.terminal.screens.paper_menu import key
from tests.terminal.screens.till import driven

ROSA, JULIO, CARMEN = "1234\n", "2222\n", "3333\n"
ROSA_ID = key(10, 1234)
LATER = timedelta(hours=4, minutes=5)


JULIO_ID = key(10, 2222)


async def test_somebody_comes_with_four_digits_and_is_not_logged_in_by_it() -> None:
    async with driven() as till:
        assert "Ctrl R" in await till.grid()
        await till.press("ctrl+r")
        assert "PIN para tu asistencia" in await till.grid()
        await till.type(ROSA)
        asked = await till.grid()
        assert "Asistencia · Rosa Quispe" in asked
        assert "Entrar" in asked
        assert "12:41" in asked
        await till.press("enter")
        said = await till.grid()
        assert till.screen_name == "login"
        assert "entrada" in said
        assert till.desk.actor is None
        await till.type(ROSA)
        assert till.screen_name == "floor", "the next PIN logs in again"


async def test_a_pin_typed_before_the_key_is_taken_for_the_hours() -> None:
    async with driven() as till:
        await till.type("1234")
        await till.press("ctrl+r")
        assert till.screen_name == "pick"
        await till.press("escape")
        assert till.desk.hours.entries == {}


async def test_a_day_with_a_break_is_added_up() -> None:
    async with driven(script=ROSA + "<ctrl+r>1") as till:
        assert "entrada 12:41" in await till.grid()
        till.desk.time = NOON + LATER
        await till.press("ctrl+r")
        assert "Dentro desde 12:41. Hoy: 4 h 05." in await till.grid()
        await till.type("1")
        assert "pausa 16:46" in await till.grid()
        till.desk.time = NOON + 2 * LATER
        await till.press("ctrl+r")
        assert "En pausa desde 16:46. Hoy: 4 h 05." in await till.grid()
        await till.type("2")
        kinds = [each.kind for each in till.desk.hours.entries[ROSA_ID]]
        assert kinds == [EntryKind.IN, EntryKind.BREAK, EntryKind.OUT]


async def test_who_forgot_to_leave_is_told_when_they_come_and_a_manager_approves_the_correction() -> None:
    desk = PaperDesk()
    desk.hours.put(ROSA_ID, EntryKind.IN, NOON - timedelta(days=1))
    async with driven(desk, size=(200, 60), script=ROSA + "<ctrl+r>1") as till:
        assert "Falta tu salida del 13/03: Ctrl R para ponerla." in await till.grid()
        await till.press("ctrl+r")
        await till.type("3")
        assert till.screen_name == "form"
        await till.type("2310\nSe olvidó\n")
        assert till.screen_name == "approval"
        assert "Se olvidó" in await till.grid()
        await till.type(CARMEN)
        assert till.desk.approved == ["correct_time: Rosa Quispe, Carmen Flores"]
        assert "Asistencia corregida." in await till.grid()
        await till.press("ctrl+r")
        asked = await till.grid()
        assert "Poner la salida" not in asked
        assert "Dentro desde 12:41" in asked


async def test_at_the_log_in_screen_a_correction_says_where_it_is_made() -> None:
    desk = PaperDesk()
    desk.hours.put(ROSA_ID, EntryKind.IN, NOON - timedelta(days=1))
    async with driven(desk) as till:
        await till.press("ctrl+r")
        await till.type(ROSA)
        await till.type("2")
        assert till.screen_name == "pick"
        assert "Ingresa con tu PIN y pulsa Ctrl R" in await till.grid()


async def test_a_clock_that_is_known_to_be_wrong_is_told() -> None:
    async with driven(PaperDesk(state=PaperState(clock_trouble=True)), script=ROSA + "<ctrl+r>") as till:
        assert "El reloj de este equipo está mal" in await till.grid()


async def test_a_wrong_pin_is_an_attempt_and_escape_asks_for_a_log_in() -> None:
    async with driven() as till:
        await till.press("ctrl+r")
        await till.type("9999\n")
        assert "PIN incorrecto" in await till.grid()
        await till.press("escape")
        assert "Escribe tu PIN" in await till.grid()


async def test_who_goes_away_leaves_no_trap_for_the_next_pin() -> None:
    async with driven() as till:
        await till.press("ctrl+r")
        for _second in range(30):
            till.app._tick()
        await till.type(ROSA)
        assert till.screen_name == "floor"


async def test_it_speaks_english() -> None:
    async with driven(PaperDesk(language=Language.ENGLISH), script=ROSA + "<ctrl+r>") as till:
        asked = await till.grid()
        assert "Time clock · Rosa Quispe" in asked
        assert "Clock in" in asked


async def test_a_manager_sees_who_is_in_and_puts_the_end_that_is_missing() -> None:
    desk = PaperDesk()
    desk.hours.put(ROSA_ID, EntryKind.IN, NOON - timedelta(days=1))
    desk.hours.put(JULIO_ID, EntryKind.IN, NOON - LATER)
    async with driven(desk, size=(120, 36), script=CARMEN + "<f8>") as till:
        await till.type("personal\n")
        listed = await till.grid()
        assert "En el local: 1." in listed
        assert "Dentro desde 08:36 · hoy 4 h 05 · semana 4 h 05" in listed
        assert "Falta su salida del 13/03" in listed
        await till.press("1", "1")
        await till.type("1941\nSe olvidó de marcar\n")
        assert "Asistencia corregida." in await till.grid()
        assert desk.hours.reasons == ["Se olvidó de marcar"]
        await till.press("f8")
        await till.type("personal\n")
        listed = await till.grid()
        assert "Falta su salida" not in listed
        assert "semana 7 h 00" in listed


async def test_who_may_not_correct_hours_is_not_offered_those_of_others() -> None:
    async with driven(script=ROSA + "<f8>") as till:
        assert "Asistencia del personal" not in await till.grid()
