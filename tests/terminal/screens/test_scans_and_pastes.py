"""Codes and texts that no person typed: where they are taken, where they are refused, and that they change nothing."""

from __future__ import annotations

import re

import pytest

from shared.kernel.quantity import ONE
from tests.terminal.screens.paper_desk import PaperDesk, busy_desk
from tests.terminal.screens.till import DrivenTill, driven

BARCODE = "7750182000123"
ORDERING = "1234\n7\nlom\n"
PAYING = "1234\n7\nlom\ncau\n<f9>"


def barcode_of(till: DrivenTill, code: str) -> str:
    return till.desk.menu.by_code[code].barcodes[0]


def ordered(till: DrivenTill) -> list[tuple[str, int]]:
    """What the first order holds: name and quantity of each line."""
    order = next(iter(till.desk.orders.values()))
    return [(line.item_name, line.quantity_milli // ONE) for line in order.lines]


def notes_of(till: DrivenTill) -> list[str]:
    return [line.notes for order in till.desk.orders.values() for line in order.lines if line.notes]


def desk_of(place: str) -> PaperDesk:
    return busy_desk() if place in ("floor", "kitchen", "recall", "exceptions", "help") else PaperDesk()


async def test_a_scanned_code_adds_its_dish_once() -> None:
    async with driven(script=ORDERING) as till:
        await till.scan(barcode_of(till, "agu"))
        assert ordered(till) == [("Lomo saltado", 1), ("Agua sin gas", 1)]
        assert till.app.screen.line.text == ""


async def test_a_quantity_typed_before_a_scan_says_how_many() -> None:
    async with driven(script=ORDERING) as till:
        await till.type("3*")
        await till.scan(barcode_of(till, "agu"))
        assert ordered(till)[-1] == ("Agua sin gas", 3)


async def test_twenty_scans_in_a_row_count_once_each_and_in_order_with_the_keys() -> None:
    codes = re.findall(r"\w+", "ant teq cau cho pap lec tir chi aji arp sec tac arm cha tal pol sus pic maz agu")
    async with driven(script="1234\n7\n") as till:
        till.desk.gate.clear()
        for code in codes:
            till.scan_ahead(barcode_of(till, code))
        till.press_ahead("f5")
        await till.pilot.pause()
        till.desk.gate.set()
        await till.settled()
        assert ordered(till) == [(till.desk.menu.by_code[code].name, 1) for code in codes]
        assert till.desk.done[-1] == "send A-1"


async def test_an_unknown_code_is_named_and_the_scans_behind_it_count() -> None:
    async with driven(script="1234\n7\n", size=(80, 24)) as till:
        for code in (BARCODE, BARCODE, barcode_of(till, "agu")):
            till.scan_ahead(code)
        await till.settled()
        assert ordered(till) == [("Agua sin gas", 1)]
        await till.scan(BARCODE)
        assert f"Ningún producto tiene el código {BARCODE}." in await till.grid()


async def test_a_scanned_name_orders_nothing() -> None:
    async with driven(script="1234\n7\n") as till:
        await till.scan("Chicha morada")
        assert not any(each.startswith("add") for each in till.desk.done)


async def test_a_pasted_note_of_two_lines_is_one_note_and_orders_nothing() -> None:
    async with driven(busy_desk(), script=ORDERING) as till:
        done = len(till.desk.done)
        await till.press("f3")
        await till.paste("sin cebolla\n\x1b[31mají\u202e aparte\r\n\u200b")
        assert till.desk.done[done:] == []
        assert till.app.screen.line.text == "/sin cebolla [31mají aparte"
        await till.press("enter")
        assert "sin cebolla [31mají aparte" in notes_of(till)


async def test_a_paste_goes_on_where_a_note_was_begun_and_says_where_it_was_cut() -> None:
    async with driven(script=ORDERING) as till:
        await till.press("f3", *"sin sal")
        await till.paste("ni ajo " * 50)
        line = till.app.screen.line
        assert line.text.startswith("/sin sal ni ajo ni ajo")
        assert line.answered == till.desk.texts("input.cut")


async def test_a_scan_while_a_note_is_written_is_text_of_the_note() -> None:
    async with driven(script=ORDERING) as till:
        await till.press("f3")
        await till.scan(barcode_of(till, "agu"))
        assert till.app.screen.line.text == f"/{barcode_of(till, 'agu')}"
        assert ordered(till) == [("Lomo saltado", 1)]


async def test_text_pasted_into_an_order_orders_nothing_and_says_where_it_can_go() -> None:
    async with driven(script=ORDERING) as till:
        await till.type("ca")
        await till.paste("chicharron\n")
        assert ordered(till) == [("Lomo saltado", 1)]
        assert till.app.screen.line.text == "ca"
        assert "Abre antes la nota de un plato con F3." in till.app.screen.line.answered


@pytest.mark.parametrize("way", ["scan", "paste"])
@pytest.mark.parametrize("text", [BARCODE, "76", f"{BARCODE}\r", "0"])
async def test_no_code_is_money(way, text) -> None:
    async with driven(script=PAYING) as till:
        await till.type("5")
        await getattr(till, way)(text)
        assert till.screen_name == "payment"
        assert till.app.screen._paying.typed == "5"
        assert not any(each.startswith("pay") for each in till.desk.done)
        assert "no es dinero: no se anotó nada" in await till.grid()


async def test_a_code_after_the_sale_begins_no_next_one() -> None:
    async with driven(script=PAYING) as till:
        await till.press("enter")
        await till.scan(BARCODE)
        assert till.screen_name == "paid"


@pytest.mark.parametrize("way", ["scan", "paste"])
async def test_no_code_is_a_pin_or_a_wrong_try(way) -> None:
    async with driven() as till:
        await till.type("12")
        for _ in range(9):
            await getattr(till, way)("98765432\r")
        assert "No cuenta como intento." in await till.grid()
        assert till.desk.asked == []
        await till.type("34\n")
        assert till.screen_name == "floor"


PLACES = {
    "floor": "1234\n",
    "kitchen": "4444\n",
    "recall": "4444\n<f6>",
    "exceptions": "3333\n<ctrl+e>",
    "today": "3333\n<f3>",
    "help": "1234\n<f1>",
    "options": "1234\n7\nbif\n",
}


@pytest.mark.parametrize("way", ["scan", "paste"])
@pytest.mark.parametrize("place", PLACES)
async def test_elsewhere_a_code_is_refused_in_a_sentence_and_changes_nothing(place, way) -> None:
    async with driven(desk_of(place), script=PLACES[place]) as till:
        assert till.screen_name == place
        asked = list(till.desk.asked)
        await getattr(till, way)("1\r2\r3\r775018")
        assert (till.screen_name, till.desk.asked) == (place, asked)
        screen = await till.grid()
        assert any(sentence in screen for sentence in ("No se hizo nada", "Elige primero las opciones"))
