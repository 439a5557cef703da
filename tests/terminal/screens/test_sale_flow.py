"""A cashier's day by keyboard: from the PIN to the change, typed as fast as fingers go."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.books.gone import Gone
from shared.kernel.errors import DomainError
from shared.kernel.language import Language
from shared.orders.records import OrderKind
from terminal.store.errors import StoreError
from tests.terminal.screens.paper_desk import PaperDesk, busy_desk
from tests.terminal.screens.till import driven

DINE_IN = OrderKind.DINE_IN


async def test_a_sale_from_pin_to_change() -> None:
    async with driven() as till:
        await till.type("1234\n")
        assert till.screen_name == "floor"
        await till.type("4*7\n")
        assert till.screen_name == "order"
        await till.type("2*lom\ncau\n")
        await till.press("f5")
        assert "Enviado a cocina" in await till.grid()
        await till.press("f9")
        assert till.screen_name == "payment"
        await till.type("200\n")
        assert till.screen_name == "paid"
        screen = await till.grid()
        assert "VUELTO" in screen
        assert "A-00000001" in screen
        await till.press("enter")
        assert till.screen_name == "floor"
        assert "Vuelto S/ 100.00 · recibo A-00000001" in await till.grid()
        assert till.desk.done == ["open A-1", "add A-1", "add A-1", "send A-1", "pay A-1"]


async def test_a_whole_sale_typed_ahead_in_one_burst_is_done_in_order() -> None:
    async with driven() as till:
        till.press_ahead(*"1234\n7\n2*lom\ncau\n", "f5", "f9", *"100\n", "enter", *"8\nchm\n")
        await till.settled()
        assert till.desk.done == [
            *("open A-1", "add A-1", "add A-1", "send A-1", "pay A-1"),
            *("open A-2", "add A-2"),
        ]
        assert till.desk.orders.popitem()[1].table_name == "Mesa 8"


async def test_keys_pressed_while_a_command_is_slow_wait_for_it_and_are_not_lost() -> None:
    async with driven(script="1234\n7\n") as till:
        till.desk.gate.clear()
        till.press_ahead(*"2*lom\ncau\n", "f5", *"aj")
        await till.until_asked("open_order")
        assert till.desk.done == []
        till.desk.gate.set()
        await till.settled()
        assert till.desk.done == ["open A-1", "add A-1", "add A-1", "send A-1"]
        assert till.app.screen.line.text == "aj"


async def test_twenty_presses_of_send_are_one_sending() -> None:
    async with driven(script="1234\n7\nlom\n") as till:
        till.desk.gate.clear()
        till.press_ahead(*["f5"] * 20)
        await till.until_asked("send")
        till.desk.gate.set()
        await till.settled()
        assert till.desk.asked.count("send") == 1
        assert till.desk.done.count("send A-1") == 1


async def test_a_served_order_is_marked_once_and_shown_on_the_floor() -> None:
    async with driven(script="1234\n7\nlom\n<f5><f7>") as till:
        assert "Aún no está listo" in await till.grid()
        till.desk.gate.clear()
        till.press_ahead(*["f7"] * 20)
        await till.until_asked("serve")
        till.desk.gate.set()
        await till.settled()
        assert till.desk.asked.count("serve") == 1
        screen = await till.grid()
        assert "Pedido A-1 servido" in screen
        assert "Servido ─" in screen
        await till.press("f7")
        assert "No hay nada enviado que falte servir." in await till.grid()
        await till.press("f2")
        assert "servido" in await till.grid()


async def test_twenty_presses_of_pay_take_the_money_once_and_the_change_stays() -> None:
    async with driven(script="1234\n7\nlom\n<f9>50") as till:
        till.desk.gate.clear()
        till.press_ahead(*["enter"] * 20)
        await till.until_asked("pay")
        till.desk.gate.set()
        await till.settled()
        assert till.desk.asked.count("pay") == 1
        assert till.screen_name == "paid"


async def test_twenty_taps_on_send_are_one_sending() -> None:
    async with driven(script="1234\n7\nlom\n") as till:
        bar = till.app.screen.bar
        at = next((x, y) for y in range(bar.size.height) for x in range(1, 120) if bar.target_at(x, y) == "send")
        for _ in range(20):
            await till.pilot.click(bar, offset=at)
        await till.settled()
        assert till.desk.done.count("send A-1") == 1


async def test_takeout_is_two_keys_from_the_floor_where_nobody_says_a_name() -> None:
    async with driven(script="1234\n") as till:
        await till.press("f7", "f5", *"lom\n", "f9", "enter")
        assert till.desk.done == ["open A-1", "add A-1", "send A-1", "pay A-1"]


async def test_a_table_opened_by_mistake_leaves_no_trace() -> None:
    async with driven(script="1234\n7\n") as till:
        await till.press("f2")
        assert till.screen_name == "floor"
        assert till.desk.asked == ["log_in"]


async def test_enter_on_an_empty_line_repeats_nothing() -> None:
    async with driven(script="1234\n7\nlom\n") as till:
        await till.press("enter", "enter")
        assert till.desk.done == ["open A-1", "add A-1"]


async def test_arrows_and_enter_do_what_typing_does() -> None:
    async with driven(script="1234\n") as till:
        await till.press("right", "right", "enter")
        assert till.screen_name == "order"
        await till.press("tab", "tab", "down", "enter")
        order = next(iter(till.desk.orders.values()))
        assert (order.table_name, order.lines[0].item_name) == ("Mesa 2", "Lomo saltado")


async def test_a_quantity_typed_before_a_tap_says_how_many() -> None:
    async with driven(script="1234\n7\n3*") as till:
        await till.pilot.click(till.app.screen.tiles, offset=(5, 2))
        await till.settled()
        line = next(iter(till.desk.orders.values())).lines[0]
        assert (line.item_name, line.quantity_milli) == ("Anticuchos de corazón", 3_000)
        assert till.app.screen.line.text == ""


async def test_quantity_note_and_removal_mean_the_last_line_until_another_is_chosen() -> None:
    async with driven(script="1234\n7\nlom\ncau\n") as till:
        await till.press("+", "+", "-")
        await till.type("/sin ají\n")
        await till.press("ctrl+up", "ctrl+up", *"5*\n", "f6")
        order = next(iter(till.desk.orders.values()))
        (causa,) = order.lines
        assert (causa.quantity_milli, causa.notes) == (2_000, "sin ají")
        assert till.desk.done[-2:] == ["change A-1", "remove A-1"]


async def test_the_note_key_goes_on_from_the_note_there_is() -> None:
    async with driven(script="1234\n7\nlom\n/sin ají\n") as till:
        await till.press("f3", *", tibio\n")
        assert next(iter(till.desk.orders.values())).lines[0].notes == "sin ají, tibio"


async def test_options_are_asked_when_needed_and_typed_ahead() -> None:
    async with driven(script="1234\n7\n") as till:
        till.press_ahead(*"2*bif\n2", *"14", "enter", *"cau\n")
        await till.settled()
        steak, causa = next(iter(till.desk.orders.values())).lines
        assert [name for name, _delta in steak.modifiers] == ["Término medio", "Papas fritas", "Tacu tacu"]
        assert steak.quantity_milli == 2_000
        assert causa.item_name == "Causa limeña"
        assert till.screen_name == "order"


async def test_options_cannot_be_accepted_while_an_answer_is_missing() -> None:
    async with driven(script="1234\n7\nbif\n") as till:
        await till.press("enter")
        assert till.screen_name == "options"
        await till.press("f2")
        assert till.screen_name == "order"
        assert till.desk.orders == {}


async def test_options_of_a_line_can_be_changed_on_demand() -> None:
    async with driven(script="1234\n7\nlim\n") as till:
        assert next(iter(till.desk.orders.values())).lines[0].modifiers == (("Vaso", 0),)
        await till.press("f4", "2")
        assert next(iter(till.desk.orders.values())).lines[0].modifiers == (("Jarra", 1400),)


async def test_what_is_not_on_the_menu_is_said_and_the_line_is_free_for_the_next() -> None:
    async with driven(script="1234\n7\n") as till:
        await till.type("xyz\n")
        assert "No hay nada en la carta con «xyz»." in await till.grid()
        await till.type("lom\n")
        assert till.desk.done == ["open A-1", "add A-1"]


async def test_a_sold_out_dish_is_refused_in_words() -> None:
    async with driven(script="1234\n7\nroc\n") as till:
        assert "Rocoto relleno está agotado." in await till.grid()
        assert till.desk.orders == {}


async def test_cancelling_takes_two_presses_in_a_row() -> None:
    async with driven(script="1234\n7\nlom\n") as till:
        await till.press("f12")
        assert "Pulsa otra vez y se anula" in await till.grid()
        await till.press("tab", "f12")
        assert till.desk.orders
        await till.press("f12")
        assert till.desk.orders == {}
        assert till.screen_name == "floor"


async def test_twenty_presses_of_cancel_only_ask() -> None:
    async with driven(script="1234\n7\nlom\n") as till:
        till.press_ahead(*["f12"] * 20)
        await till.settled()
        assert "Pulsa otra vez y se anula" in await till.grid()
        assert till.desk.orders


async def test_a_tap_takes_the_question_whether_to_cancel_back() -> None:
    async with driven(script="1234\n7\nlom\n") as till:
        await till.press("f12")
        await till.pilot.click(till.app.screen.tiles, offset=(5, 2))
        await till.settled()
        await till.press("f12")
        assert till.desk.orders


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (StoreError("STORE_DISK_FULL", path="/x"), None),
        (DomainError("ORDER_CLOSED", number="A-1"), "El pedido A-1 ya se cobró o se anuló."),
        (RuntimeError("a bug"), "Algo falló y quedó anotado."),
    ],
)
async def test_a_command_that_fails_is_said_and_the_next_one_works(error, sentence) -> None:
    async with driven(script="1234\n7\nlom\n") as till:
        till.desk.fails.append(error)
        await till.press("f5")
        wanted = sentence or till.desk.texts("STORE_DISK_FULL", path="/x")
        assert wanted[:40] in await till.grid()
        await till.press("f5")
        assert till.desk.done[-1] == "send A-1"


@pytest.mark.parametrize(
    ("language", "gone", "said"),
    [
        (Language.SPANISH, Gone("A-1", joined_to="A-3"), "A-1 se unió a A-3."),
        (Language.SPANISH, Gone("A-1", receipt="B-00000001"), "A-1 se cobró: recibo B-00000001."),
        (Language.ENGLISH, Gone("A-1"), "A-1 was cancelled."),
    ],
)
async def test_an_order_that_another_till_ended_is_left_with_a_word_for_a_while(
    language: Language, gone: Gone, said: str
) -> None:
    async with driven(PaperDesk(language=language), script="1234\n7\nlom\n") as till:
        (order_id,) = till.desk.orders
        till.desk.gone[order_id] = gone
        till.desk.orders.clear()
        till.desk.publish("orders")
        await till.settled()
        assert till.screen_name == "floor"
        assert said in await till.grid()
        till.desk.time += timedelta(seconds=31)
        till.app.screen.tick()
        assert said not in await till.grid()


async def test_what_another_till_adds_is_shown() -> None:
    async with driven(script="1234\n7\nlom\n") as till:
        till.desk.order(DINE_IN, 3, "cau")
        await till.press("f2")
        assert "A-2" in await till.grid()


async def test_escape_goes_back_too() -> None:
    async with driven(script="1234\n7\nlom\n<f9>") as till:
        await till.press("escape")
        assert till.screen_name == "order"
        await till.press("escape")
        assert till.screen_name == "floor"


async def test_logging_out_asks_who_is_next() -> None:
    async with driven(script="1234\n") as till:
        await till.press("f10")
        assert till.screen_name == "login"
        assert till.desk.actor is None


async def test_an_english_till_speaks_english() -> None:
    async with driven(PaperDesk(language=Language.ENGLISH), script="1234\n7\n2*lom\n") as till:
        screen = await till.grid()
        for words in ("To send", "Send", "Tables", "0 to upload", "TOTAL"):
            assert words in screen


async def test_help_shows_the_keys_of_where_one_is() -> None:
    async with driven(busy_desk(), script="1234\n7\n<f1>") as till:
        assert till.screen_name == "help"
        assert "Enviar a cocina lo que falta enviar" in await till.grid()
        await till.press("f1")
        assert till.screen_name == "order"


@pytest.mark.parametrize("key", ["f3", "f5", "f6", "f7", "f9", "ctrl+x", "ctrl+v"])
async def test_no_key_passes_over_what_is_still_typed(key: str) -> None:
    """A first-time cashier believed that the order was empty: nobody said that a text waited for more letters."""
    async with driven(script="1234\n7\ncau\n", size=(80, 24)) as till:
        await till.type("2*arroz\n")
        await till.press(key)
        assert till.screen_name == "order"
        assert "Primero lo escrito: más letras o flechas, o Esc lo borra." in await till.grid()
        assert till.app.screen.line.text == "2*arroz "
        await till.press("escape")
        await till.type("lom")
        await till.press(key)
        assert "Primero lo escrito: Enter lo toma, Esc lo borra." in await till.grid()
        await till.type("\n")
        assert till.desk.done == ["open A-1", "add A-1", "add A-1"]


async def test_a_note_that_is_typed_is_saved_before_the_order_goes() -> None:
    async with driven(script="1234\n7\nlom\n/sin ají<f5>") as till:
        assert "send A-1" not in till.desk.done
        await till.press("enter", "f5")
        assert till.desk.done[-1] == "send A-1"
        assert next(iter(till.desk.orders.values())).lines[0].notes == "sin ají"


async def test_what_no_dish_is_called_does_not_stop_its_deletion() -> None:
    async with driven(script="1234\n7\nlom\nxyz<f5>") as till:
        assert "Enter no puede hacer nada con lo escrito: Esc lo borra." in await till.grid()
        await till.press("escape", "f5")
        assert till.desk.done[-1] == "send A-1"


async def test_a_dish_typed_on_the_floor_says_where_an_order_begins() -> None:
    async with driven(script="1234\nlom", size=(80, 24)) as till:
        said = "«lom» es un plato: antes su mesa (número, Enter) o F7 "
        assert said in await till.grid()
        await till.type("\n")
        assert said in await till.grid()
        await till.type("xyz")
        assert "No hay mesa ni pedido «xyz»." in await till.grid()


async def test_a_key_that_needs_a_line_chooses_the_last_sent_one_and_goes_on_when_pressed_again() -> None:
    async with driven(script="1234\n7\ncau\nlom\n<f5><f6>", size=(80, 24)) as till:
        assert "Elegido: Lomo saltado. F6 otra vez sigue" in await till.grid()
        assert till.screen_name == "order"
        await till.press("f6")
        assert till.screen_name != "order"
        assert "Lomo saltado" in await till.grid()
        assert till.desk.corrections.voids == []
