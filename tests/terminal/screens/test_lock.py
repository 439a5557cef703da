"""The lock: one key from anywhere, or time without a key. Each person comes back to their own place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.kernel.language import Language
from shared.kernel.permissions import DeviceKind
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.paper_house import PREMISES
from tests.terminal.screens.till import DrivenTill, driven

ROSA, JULIO, CARMEN, WILDER = "1234\n", "2222\n", "3333\n", "4444\n"
AFTER_SECONDS = 180
SLOW_SECONDS = 60
"""What a slow machine may add to the seconds of a test."""


def wait(till: DrivenTill, seconds: int) -> None:
    """Let so many seconds pass without a key."""
    for _ in range(seconds):
        till.app._tick()


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ("", "floor"),
        ("7\n", "order"),
        ("7\nlom\n", "order"),
        ("7\nlom\n<f5><f9>", "payment"),
        ("7\nlom\n<f5><f9>\n", "paid"),
        ("<ctrl+e>", "exceptions"),
    ],
)
@pytest.mark.parametrize("key", ["f10", "ctrl+l"])
async def test_one_key_locks_from_anywhere_and_five_keys_lead_back(keys: str, place: str, key: str) -> None:
    async with driven(script=ROSA + keys) as till:
        assert till.screen_name == place
        assert "Ctrl L Bloquear" in await till.grid()
        await till.press(key)
        assert till.screen_name == "login"
        assert till.desk.actor is None
        await till.type(ROSA)
        assert till.screen_name == place


async def test_the_lock_works_in_the_dialog_of_options_and_keeps_what_is_chosen() -> None:
    async with driven(script=ROSA + "7\nparrilla\n") as till:
        assert till.screen_name == "options"
        before = await till.grid()
        await till.press("f10")
        assert till.screen_name == "login"
        await till.type(ROSA)
        assert till.screen_name == "options"
        assert await till.grid() == before


async def test_the_help_is_closed_by_the_lock_and_its_screen_comes_back() -> None:
    async with driven(script=ROSA + "7\n<f1>") as till:
        await till.press("f10", "f1", "f1")
        await till.type(ROSA)
        assert till.screen_name == "order"


async def test_another_person_gets_their_own_place_and_nothing_of_the_first_is_lost() -> None:
    async with driven(script=ROSA + "7\nlom\n<f5><f9>20\n") as till:
        noted = till.app.screen._paying
        assert noted.noted
        await till.press("f10")
        assert "Lo que dejó a medias" in await till.grid()
        await till.type(JULIO)
        assert till.screen_name == "floor"
        await till.type("8\n2*inca")
        assert till.screen_name == "order"
        await till.press("f10")
        await till.type(ROSA)
        assert till.screen_name == "payment"
        assert till.app.screen._paying == noted
        await till.press("f10")
        await till.type(JULIO)
        assert till.app.screen.line.text == "2*inca"


async def test_what_others_did_meanwhile_is_seen_on_the_way_back() -> None:
    async with driven(script=ROSA + "7\nlom\n<f5>") as till:
        await till.press("f10")
        await till.type(CARMEN + "7\n")
        await till.press("f7")
        await till.press("f7", "f9", "enter", "enter", "f10")
        await till.type(ROSA)
        assert till.screen_name == "floor"
        assert "se cobró: recibo A-00000001" in await till.grid()


async def test_people_who_left_nothing_share_their_screens() -> None:
    async with driven(script=ROSA + "<f10>" + JULIO + "<f10>" + CARMEN) as till:
        floor = till.app.screen
        await till.press("f10")
        await till.type(ROSA)
        assert till.app.screen is floor


async def test_keys_that_nobody_presses_lock_the_till_and_the_draft_stays() -> None:
    async with driven(script=ROSA + "7\n2*inca", lock_after_seconds=AFTER_SECONDS) as till:
        wait(till, AFTER_SECONDS - SLOW_SECONDS)
        await till.settled()
        assert till.screen_name == "order"
        await till.press("x", "backspace")
        wait(till, AFTER_SECONDS - SLOW_SECONDS)
        await till.settled()
        assert till.screen_name == "order"
        wait(till, SLOW_SECONDS)
        await till.settled()
        assert till.screen_name == "login"
        assert till.desk.actor is None
        await till.type(ROSA)
        assert till.app.screen.line.text == "2*inca"


async def test_nothing_locks_by_itself_where_the_device_says_never() -> None:
    async with driven(start="kds", script=WILDER) as till:
        wait(till, 10 * AFTER_SECONDS)
        await till.settled()
        assert till.screen_name == "kitchen"


async def test_a_lock_waits_for_the_command_that_runs() -> None:
    async with driven(script=ROSA + "7\nlom\n", lock_after_seconds=AFTER_SECONDS) as till:
        till.desk.gate.clear()
        till.press_ahead("f5")
        await till.until_asked("send")
        wait(till, AFTER_SECONDS)
        till.desk.gate.set()
        await till.settled()
        assert till.desk.done[-1].startswith("send")
        assert till.screen_name == "login"


async def test_a_lock_key_that_is_held_closes_nothing() -> None:
    async with driven(script=ROSA) as till:
        await till.press(*["f10"] * 20)
        assert not till.app._exit
        wait(till, 3)
        await till.press("f10", "f10")
        assert till.app._exit


@pytest.mark.parametrize(
    ("pin", "place", "on_bar", "not_on_bar"),
    [
        (ROSA, "floor", ("F9 Cobrar",), ("F3 Hoy", "F6 Cocina", "Ctrl E")),
        (JULIO, "floor", ("F7 Para llevar", "F9 Cobrar"), ("F3 Hoy", "F6 Cocina", "Ctrl E")),
        (CARMEN, "floor", ("F3 Hoy", "F6 Cocina", "F9 Cobrar", "Ctrl E Por resolver"), ()),
        (WILDER, "kitchen", ("Enter Listo",), ("F2 Mesas",)),
    ],
)
async def test_each_role_lands_where_it_works_and_sees_the_keys_it_may_use(
    pin: str, place: str, on_bar: tuple[str, ...], not_on_bar: tuple[str, ...]
) -> None:
    async with driven(script=pin, size=(200, 60)) as till:
        assert till.screen_name == place
        bar = await till.grid()
        assert [key for key in on_bar if key not in bar] == []
        assert [key for key in not_on_bar if key in bar] == []


async def test_a_kitchen_display_leads_everybody_to_the_wall() -> None:
    desk = PaperDesk(premises=replace(PREMISES, device_kind=DeviceKind.KITCHEN))
    async with driven(desk, script=JULIO) as till:
        assert till.screen_name == "kitchen"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (Language.SPANISH, ("solo Carmen Flores", "si lo aprueba Rosa Quispe")),
        (Language.ENGLISH, ("only Carmen Flores", "if Rosa Quispe")),
    ],
)
async def test_the_help_says_who_may_what_is_not_on_the_bar_and_who_approves(
    language: Language, said: tuple[str, str]
) -> None:
    async with driven(PaperDesk(language=language), size=(200, 60), script=JULIO + "<f1>") as till:
        shown = await till.grid()
        for _page in range(3):
            await till.press("pagedown")
            shown += await till.grid()
        assert [each for each in said if each not in shown] == []


async def test_a_grey_key_says_why_by_key_and_by_tap_and_in_the_help() -> None:
    why = "No hay ningún pedido por cobrar"
    async with driven(script=ROSA) as till:
        await till.press("f9")
        assert till.screen_name == "floor"
        assert why in await till.grid()
        await till.press("x", "backspace")
        till.app.screen.tap_action("pay")
        assert why in await till.grid()
        await till.press("f1")
        await till.type("cobrar")
        assert "Ahora no: No hay ningún" in await till.grid()


async def test_a_grey_key_opens_no_empty_dialog() -> None:
    async with driven(script=WILDER) as till:
        await till.press("f6")
        assert till.screen_name == "kitchen"
        assert "No hay comandas listas" in await till.grid()


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (Language.SPANISH, "F5 Enviar: cierra esto antes con F2"),
        (Language.ENGLISH, "F5 Send: close this first with F2"),
    ],
)
async def test_a_key_of_the_screen_below_a_dialog_says_how_to_get_there(language: Language, said: str) -> None:
    async with driven(PaperDesk(language=language), script=ROSA + "7\nparrilla\n<f5>") as till:
        assert till.screen_name == "options"
        assert said in await till.grid()


async def test_a_key_that_does_nothing_says_which_do() -> None:
    async with driven(script=ROSA + "7\nlom\n<f9><f12>") as till:
        assert "F12 no hace nada aquí" in await till.grid()


async def test_after_paying_neither_keypad_nor_methods_are_shown() -> None:
    async with driven(script=ROSA + "7\nlom\n<f5><f9>\n") as till:
        assert till.screen_name == "paid"
        assert not till.app.screen.pad.display or till.app.screen.pad.size.width == 0
        assert "Yape" not in await till.grid()
