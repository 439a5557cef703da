"""What is sold by weight or at an open price, through the keys."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from shared.kernel.language import Language
from terminal.scale.scale import ScaleState
from terminal.screens.handover.view import order_tile
from terminal.screens.order.command import AddItem, SetQuantity, parse
from terminal.screens.order.menu_line import MenuLine, Refusal, Take
from terminal.screens.voice import Voice
from tests.terminal.scale.pan import PATIENCE_SECONDS, Pan, scale_at
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.paper_dishes import CHEESE, ON_REQUEST, OTHERS, dishes_desk
from tests.terminal.screens.till import DrivenTill, driven

CASHIER, MANAGER, WAITER = "1234\n7\n", "3333\n7\n", "2222\n7\n"


def lines(desk: PaperDesk) -> list[tuple[str, int, int]]:
    """Item, quantity in thousandths, price of one."""
    (order,) = desk.orders.values()
    return [(line.item_name, line.quantity_milli, line.unit_minor) for line in order.lines]


async def seen(till: DrivenTill, *keys: str) -> str:
    await till.press(*keys)
    return await till.grid()


# -- the key line ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "item", "quantity_milli", "counted", "price"),
    [
        ("que", CHEESE, 1_000, False, ""),
        ("0.350*que", CHEESE, 350, True, ""),
        ("0,35*queso", CHEESE, 350, True, ""),
        (".350*que", CHEESE, 350, True, ""),
        ("2*que", CHEESE, 2_000, True, ""),
        ("queso 0.350", CHEESE, 350, True, ""),
        ("queso 0,350", CHEESE, 350, True, ""),
        ("0,350 queso", CHEESE, 350, True, ""),
        ("otr", OTHERS, 1_000, False, ""),
        ("45*otros", OTHERS, 45_000, True, ""),
        ("otros 45", OTHERS, 1_000, False, "45"),
        ("2*otros 45.50", OTHERS, 2_000, True, "45.50"),
    ],
)
def test_a_number_before_is_how_much_and_a_number_behind_is_what_is_missing(
    text: str, item: object, quantity_milli: int, counted: bool, price: str
) -> None:
    deed = MenuLine(dishes_desk().menu).read(text).deed
    assert isinstance(deed, Take)
    assert (deed.item, deed.quantity_milli, deed.counted, deed.price) == (item, quantity_milli, counted, price)


def test_a_number_behind_a_usual_dish_stays_refused() -> None:
    deed = MenuLine(dishes_desk().menu).read("causa 2").deed
    assert isinstance(deed, Refusal)
    assert deed.code == "order.quantity_first"


# -- by weight -------------------------------------------------------------------------------------------------------


async def test_a_weight_typed_before_the_name_asks_nothing() -> None:
    desk = dishes_desk()
    async with driven(desk, script=CASHIER) as till:
        await till.type("0.350*que")
        assert "0.350 kg × Queso paria" in await till.grid()
        shown = await seen(till, "enter")
        assert lines(desk) == [("Queso paria", 350, 4_800)]
        assert "0.350 kg × S/ 48.00" in shown
        assert "S/ 16.80" in shown


async def test_without_a_weight_it_is_asked_and_says_what_it_comes_to() -> None:
    desk = dishes_desk()
    async with driven(desk, script=CASHIER) as till:
        await till.type("que")
        assert "Enter pide el peso" in await till.grid()
        await till.press("enter")
        assert till.screen_name == "amount"
        assert "× S/ 48.00 = S/ 16.80" in await seen(till, *"0.35")
        await till.press("enter")
        assert lines(desk) == [("Queso paria", 350, 4_800)]
        await till.type(".\n")
        assert till.screen_name == "amount", "once more is another weighing"
        await till.press("escape")
        assert len(lines(desk)) == 1


async def test_a_weight_that_cannot_be_meant_says_so_before_and_after_enter() -> None:
    desk = dishes_desk()
    async with driven(desk, script=CASHIER) as till:
        assert "hasta 100 kg" in await seen(till, *"que\n350")
        await till.press("enter")
        assert till.screen_name == "amount", "what was typed is still there"
        assert not desk.orders or not lines(desk)
        await till.press("escape")
        assert "hasta 100 kg" in await seen(till, *"350*que\n")


async def test_nothing_makes_a_weight_one_more_or_one_less() -> None:
    desk = dishes_desk()
    async with driven(desk, script=f"{CASHIER}1.350*que\n") as till:
        for keys in ("+", "-"):
            assert "se vende por peso" in await seen(till, *keys)
        await till.type("0.4*\n")
        assert lines(desk) == [("Queso paria", 400, 4_800)]
        await till.type("0.25*que\n")
        assert [quantity for _item, quantity, _price in lines(desk)] == [400, 250], "each weighing is a line"


async def test_ctrl_w_weighs_again_and_changes_the_price_by_right() -> None:
    desk = dishes_desk()
    async with driven(desk, script=f"{MANAGER}0.350*que\n") as till:
        assert "× S/ 48.00 = S/ 16.80" in await seen(till, "ctrl+w"), "as it is"
        await till.press(*"0.5", "enter")
        assert lines(desk) == [("Queso paria", 500, 4_800)]
        await till.press("ctrl+w", "tab", *"45", "enter")
        assert lines(desk) == [("Queso paria", 500, 4_500)]
        await till.press("f5")
        assert till.screen_name == "order"
        await till.press("ctrl+w")
        assert till.screen_name == "order", "what was sent keeps its weight"


async def test_a_cashier_changes_weights_and_has_another_price_approved() -> None:
    desk = dishes_desk()
    async with driven(desk, script=f"{CASHIER}0.350*que\n") as till:
        await till.press("ctrl+w", "tab", *"40", "enter")
        assert till.screen_name == "approval"
        assert lines(desk) == [("Queso paria", 350, 4_800)]
        await till.type("3333\n")
        assert lines(desk) == [("Queso paria", 350, 4_000)]
        assert desk.approved == ["override_price: Rosa Quispe, Carmen Flores"]


async def test_keys_pressed_twenty_times_add_once() -> None:
    desk = dishes_desk()
    async with driven(desk, script=CASHIER) as till:
        till.press_ahead(*"que", *["enter"] * 20)
        await till.settled()
        assert till.screen_name == "amount"
        till.press_ahead(*"0.35", *["enter"] * 20)
        await till.settled()
        assert lines(desk) == [("Queso paria", 350, 4_800)]


# -- open prices -----------------------------------------------------------------------------------------------------


async def test_an_open_price_is_asked_and_cannot_be_left_out() -> None:
    desk = dishes_desk()
    async with driven(desk, script=CASHIER) as till:
        await till.type("2*otros\n")
        shown = await till.grid()
        assert "2 × Otros" in shown
        await till.press("enter")
        assert till.screen_name == "amount"
        assert "2 × S/ 45.00 = S/ 90.00" in await seen(till, *"45")
        await till.press("enter")
        assert lines(desk) == [("Otros", 2_000, 4_500)]
        await till.type("otros 12.50\n")
        assert lines(desk)[1:] == [("Otros", 1_000, 1_250)]
        await till.press("ctrl+w", *"9", "enter")
        assert lines(desk)[1:] == [("Otros", 1_000, 900)]


async def test_who_may_not_set_a_price_has_it_approved_by_somebody_who_may() -> None:
    desk = dishes_desk()
    async with driven(desk, script=WAITER) as till:
        await till.type("otros 45\n")
        assert till.screen_name == "approval"
        assert not lines(desk)
        await till.press("escape")
        assert not lines(desk)
        await till.type("otros\n")
        await till.type("45\n")
        assert till.screen_name == "approval"
        await till.type("1234\n")
        assert lines(desk) == [("Otros", 1_000, 4_500)]
        assert desk.approved == ["set_open_price: Julio Mamani, Rosa Quispe"]
        assert desk.actor.name == "Julio Mamani"


async def test_a_price_that_no_coin_pays_is_refused() -> None:
    desk = dishes_desk()
    async with driven(desk, script=CASHIER) as till:
        assert "no es posible" in await seen(till, *"otros 45.555\n")
        assert "no es posible" in await seen(till, *"otros 0\n")
        assert not desk.orders or not lines(desk)


async def test_what_is_weighed_and_priced_at_the_counter_asks_for_both() -> None:
    desk = dishes_desk()
    async with driven(desk, script=CASHIER) as till:
        await till.type("cor\n")
        await till.press(*"0.8", "enter")
        shown = await till.grid()
        assert "0.800 kg × Corte del día" in shown
        assert "S/ 90.00" in shown, "what the menu proposes"
        await till.press("enter")
        assert lines(desk) == [(ON_REQUEST.name, 800, 9_000)]


async def test_by_taps_alone() -> None:
    desk = dishes_desk()
    async with driven(desk, script=CASHIER, size=(80, 24)) as till:
        shelf = next(tile.id for tile in till.app.screen.shelves.tiles if tile.title == "Mostrador")
        till.app.screen.shelves.tapped(shelf)
        await till.settled()
        till.app.screen.tiles.tapped(CHEESE.id)
        await till.settled()
        assert till.screen_name == "amount"
        for key in ("0", ".", "3", "5"):
            till.app.screen.pad.tapped(key)
            await till.settled()
        till.app.screen.tap_action("accept")
        await till.settled()
        assert lines(desk) == [("Queso paria", 350, 4_800)]


async def test_the_menu_says_by_what_it_is_sold_in_both_languages() -> None:
    for language, said in ((Language.SPANISH, "precio libre"), (Language.ENGLISH, "open price")):
        async with driven(dishes_desk(language=language), script=f"{CASHIER}o") as till:
            assert said in await seen(till, *"tros")
            assert "S/ 48.00/kg" in await seen(till, "escape", *"queso")


def test_the_grammar_tells_whether_a_quantity_was_typed() -> None:
    counted = {text: parse(text) for text in ("que", "1*que", "1 que", "0.4*")}
    assert [command.counted for command in counted.values() if isinstance(command, AddItem)] == [False, True, True]
    assert counted["0.4*"] == SetQuantity(400)


# -- with a scale ----------------------------------------------------------------------------------------------------


@pytest.fixture
def pan(tmp_path: Path) -> Pan:
    return Pan(tmp_path)


async def shows(till: DrivenTill, text: str) -> None:
    """Wait until the screen shows a text."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while text not in await till.grid():  # noqa: ASYNC110 - a line rings no bell
            await asyncio.sleep(0.02)


async def test_a_stable_weight_fills_the_dialog_and_enter_takes_it(pan: Pan) -> None:
    desk = dishes_desk(scale=scale_at(pan))
    async with driven(desk, script=f"{CASHIER}que\n") as till:
        await shows(till, "Escuchando la balanza")
        pan.send(b"US,GS,+  0.347kg\r\n")
        await shows(till, "todavía se mueve")
        await till.press("enter")
        assert till.screen_name == "amount", "a weight that moves is not taken"
        pan.send(b"ST,GS,+  0.350kg\r\n")
        await shows(till, "× S/ 48.00 = S/ 16.80")
        await till.press("enter")
        assert lines(desk) == [("Queso paria", 350, 4_800)]
        assert desk.scale.view.state is ScaleState.DISCONNECTED, "nobody looks any more: the port is closed"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"ST,GS,+  0.000kg\r\n", "marca cero"),
        (b"ST,GS,-  0.120kg\r\n", "menos de cero"),
        (b"OL,GS,+ ------kg\r\n", "Demasiado peso"),
        (b"ST,GS,+250.000kg\r\n", "250.000 kg"),
    ],
)
async def test_a_scale_with_no_weight_to_take_says_why_and_typing_works(pan: Pan, sent: bytes, said: str) -> None:
    desk = dishes_desk(scale=scale_at(pan))
    async with driven(desk, script=f"{CASHIER}que\n") as till:
        pan.send(sent)
        await shows(till, said)
        await till.press("enter")
        assert till.screen_name == "amount"
        pan.send(sent)
        await till.press(*"0.420", "enter")
        assert lines(desk) == [("Queso paria", 420, 4_800)]


async def test_a_scale_that_is_away_says_so_and_typing_works(pan: Pan) -> None:
    desk = dishes_desk(scale=scale_at(pan))
    pan.unplug()
    async with driven(desk, script=f"{CASHIER}que\n") as till:
        await shows(till, "no está conectada")
        pan.plug()
        await shows(till, "Escuchando la balanza")
        pan.send(b"ST,GS,+  0.350kg\r\n")
        await shows(till, "Balanza estable")
        await till.press(*"0.2")
        pan.send(b"ST,GS,+  0.360kg\r\n")
        await till.press("enter")
        assert lines(desk) == [("Queso paria", 200, 4_800)], "what is typed wins"


async def test_a_scale_in_grams_weighs_what_is_sold_by_the_kilo(pan: Pan) -> None:
    desk = dishes_desk(scale=scale_at(pan, unit="g"))
    async with driven(desk, script=f"{CASHIER}que\n") as till:
        pan.send(b"ST,GS,   350.0 g\r\n")
        await shows(till, "= S/ 16.80")
        await till.press("f1")
        await till.press("escape")
        pan.send(b"ST,GS,   400.0 g\r\n")
        await shows(till, "= S/ 19.20")
        await till.press("enter")
        assert lines(desk) == [("Queso paria", 400, 4_800)]


async def test_what_is_to_be_handed_over_says_the_unit_of_a_weight(voice: Voice) -> None:
    desk = dishes_desk()
    async with driven(desk, script=f"{CASHIER}0,35*queso\n") as till:
        (order,) = till.desk.orders.values()
        assert "0.350 kg " in order_tile(order, None, voice).title
