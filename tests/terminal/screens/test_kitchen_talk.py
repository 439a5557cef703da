"""What cooks say besides bumping: messages to who serves, what is sold out, and the food safety log."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.kernel.language import Language
from shared.tenancy.records import ReasonKind
from terminal.screens.cook_phrases import message_words
from tests.terminal.screens.paper_desk import PaperDesk, busy_desk
from tests.terminal.screens.paper_house import REASONS
from tests.terminal.screens.paper_menu import item_of
from tests.terminal.screens.paper_talk import FLOOR, FRIDGE
from tests.terminal.screens.till import DrivenTill, driven

WAITER = "2222\n"


async def at_the_wall(till: DrivenTill) -> None:
    """The display is on its wall, where its station acts."""
    await till.settled()
    assert till.screen_name == "kitchen"


async def test_a_cook_tells_who_took_the_marked_ticket_a_phrase_or_an_own_text() -> None:
    async with driven(busy_desk(), "kds", size=(99, 28)) as till:
        await at_the_wall(till)
        await till.press("1", "w")
        assert "avisar a Rosa Quispe" in await till.grid()
        await till.press("1")
        assert "Avisado" in await till.grid()
        (message,) = till.desk.messages.known
        assert message.order_number
        await till.press("w", "4")
        await till.type("No hay más causa\n")
        assert till.desk.messages.known[-1].text == "No hay más causa"


async def test_without_a_mark_it_is_for_all_who_serve_and_who_reads_it_confirms_it() -> None:
    async with driven(busy_desk(), script=WAITER, size=(80, 24)) as till:
        waiter = till.desk.actor
        till.desk.kitchen.take_place()
        await till.desk.messages.tell("Ven a la cocina", None)
        till.desk.actor = waiter
        till.desk.publish("messages")
        screen = await till.grid()
        assert "Ven a la cocina" in screen or "1 mensaje" in screen
        await till.press("ctrl+z", "enter")
        assert till.desk.messages.known == []
        assert "mensaje" not in await till.grid()


async def test_six_left_are_said_by_number_keys_and_stand_on_the_menu() -> None:
    async with driven(busy_desk(), "kds", size=(99, 28)) as till:
        await at_the_wall(till)
        await till.press("a")
        await till.type("lomo\n")
        await till.press("2")
        await till.type("6\n")
        assert "Lomo saltado: quedan 6" in await till.grid()
        assert till.desk.left[item_of(till.desk.menu, "lom").id].left_milli == 6_000
        await till.press("a", "1")
        assert "quedan 6" in await till.grid()


async def test_who_serves_says_it_of_the_chosen_line_and_takes_it_back() -> None:
    async with driven(script=f"{WAITER}7\nlom\n", size=(120, 36)) as till:
        lomo = item_of(till.desk.menu, "lom").id
        await till.press("f8")
        await till.type("agotado")
        await till.press("enter")
        assert "¿Qué se agotó" in await till.grid()
        await till.type("lomo s\n")
        await till.press("1")
        assert till.desk.left[lomo].is_out
        await till.press("f8")
        await till.type("agotado")
        await till.press("enter")
        await till.type("lomo s\n")
        await till.press("3")
        assert lomo not in till.desk.left


@pytest.fixture
def checked() -> PaperDesk:
    desk = busy_desk()
    desk.safety.points = (FRIDGE, replace(FLOOR, last_at=desk.time))
    return desk


async def test_what_is_due_stands_in_the_walls_status_until_it_is_noted_with_a_pin(checked: PaperDesk) -> None:
    async with driven(checked, "kds", size=(99, 28)) as till:
        await at_the_wall(till)
        assert "Refrigeradora 1" in await till.grid()
        await till.press("h", "1")
        await till.type("9,5\n\n4444\n")
        assert "fuera de lo permitido" in await till.grid()
        assert checked.safety.entries == []
        await till.press("2")
        (entry,) = checked.safety.entries
        assert (entry.value_milli, entry.passed, entry.action) == (9_500, False, "Ajusté el equipo y mido de nuevo")
        assert "Refrigeradora 1: anotado por" in await till.grid()


async def test_a_word_in_place_of_a_figure_is_refused_in_a_sentence(checked: PaperDesk) -> None:
    async with driven(checked, "kds", size=(99, 28)) as till:
        await at_the_wall(till)
        await till.press("h", "1")
        await till.type("f")
        screen = await till.grid()
        assert "«f» no va aquí. Escribe la cifra medida: 4.2 o -18." in screen
        await till.type("\n\n4444\n")
        assert "Falta Valor." in await till.grid()
        assert checked.safety.entries == []


async def test_what_the_house_does_about_a_fridge_out_of_limits_is_its_own_list(
    checked: PaperDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(REASONS, ReasonKind.SAFETY, ("Llamé al técnico",))
    async with driven(checked, "kds", size=(99, 28)) as till:
        await at_the_wall(till)
        await till.press("h", "1")
        await till.type("9,5\n\n4444\n")
        screen = await till.grid()
        assert "Llamé al técnico" in screen
        assert "Ajusté el equipo" not in screen
        await till.press("1")
        assert checked.safety.entries[0].action == "Llamé al técnico"


async def test_a_refusal_names_the_point_as_its_reader_calls_it() -> None:
    desk = busy_desk(language=Language.ENGLISH)
    desk.safety.points = (FRIDGE,)
    async with driven(desk, "kds", size=(99, 28)) as till:
        await at_the_wall(till)
        await till.press("h", "1")
        await till.type("99999\n\n4444\n")
        screen = await till.grid()
        assert "Type what you measured at Fridge 1." in screen
        assert "Refrigeradora" not in screen


async def test_what_is_due_since_yesterday_says_so(checked: PaperDesk) -> None:
    checked.safety.points = (replace(FRIDGE, times=(23 * 60,)), replace(FRIDGE, id=FLOOR.id, name="Cámara"))
    async with driven(checked, "kds", size=(99, 28)) as till:
        await at_the_wall(till)
        await till.press("h")
        screen = await till.grid()
        assert "ayer 23:00" in screen
        assert "desde 08:00" in screen


async def test_a_pin_is_shown_to_nobody_and_a_wrong_one_writes_nothing(checked: PaperDesk) -> None:
    async with driven(checked, "kds", size=(99, 28)) as till:
        await at_the_wall(till)
        await till.press("h", "1")
        await till.type("4\n\n\n9876")
        screen = await till.grid()
        assert "9876" not in screen
        assert "••••" in screen
        await till.press("enter")
        assert checked.safety.entries == []


async def test_a_correction_is_another_entry_and_the_list_shows_both(checked: PaperDesk) -> None:
    async with driven(checked, script=WAITER, size=(120, 36)) as till:
        for value in ("42\n\nmedí mal\n", "4.2\n\n\n"):
            await till.press("f8")
            await till.type("sanitario")
            await till.press("enter", "1")
            if value.startswith("4.2"):
                await till.press("escape")
                await till.press("f8")
                await till.type("sanitario")
                await till.press("enter", "3", "1")
            await till.type(value)
        first, second = checked.safety.entries
        assert (first.corrected, second.corrects) == (True, first.id)
        await till.press("f8")
        await till.type("sanitario")
        await till.press("enter", "3")
        screen = await till.grid()
        assert "corregida" in screen
        assert "4.2 °C" in screen


async def test_an_option_that_is_sold_out_is_refused_and_says_so_where_it_is_chosen() -> None:
    async with driven(script=f"{WAITER}7\nbif\n", size=(120, 36)) as till:
        group = item_of(till.desk.menu, "bif").modifier_groups[0]
        till.desk.availability.say(group.choices[0].id)
        await till.press("escape")
        await till.type("bif\n1")
        screen = await till.grid()
        assert "agotado" in screen
        assert f"{group.choices[0].name} está agotado" in screen


def test_a_phrase_reaches_who_reads_it_in_their_language() -> None:
    english, spanish = busy_desk(language=Language.ENGLISH), busy_desk()
    for code in ("kitchen.phrase_longer", "kitchen.phrase_come"):
        assert message_words(english, spanish.texts(code)) == english.texts(code)
    assert message_words(english, "Se acabó el pan") == "Se acabó el pan"
