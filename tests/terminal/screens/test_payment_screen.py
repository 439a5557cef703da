from __future__ import annotations

from shared.orders.records import OrderKind
from terminal.printing.desk import Followed, Prints
from terminal.printing.documents import PaperKind
from terminal.printing.faults import PrinterFault
from terminal.printing.records import State
from terminal.printing.views import PaperState, PulseState
from tests.terminal.screens.paper_desk import PaperDesk, with_check
from tests.terminal.screens.till import driven

PAYING = "1234\n7\nlom\ncau\n<f9>"


def gift_desk(due_minor: int = 0) -> PaperDesk:
    """A sent order at table 7 of which only so much is still to be paid."""
    desk = PaperDesk()
    order = desk.order(OrderKind.DINE_IN, 7, "2*lom", "sent")
    desk.orders[order.id] = with_check(order, credit_minor=order.bill.total_minor - due_minor)
    return desk


async def test_enter_takes_the_exact_amount_in_cash() -> None:
    async with driven(script=PAYING) as till:
        await till.press("enter")
        assert till.desk.done[-1] == "pay A-1"
        assert "VUELTO  S/" not in till.desk.done


async def test_part_by_card_and_the_rest_in_cash() -> None:
    async with driven(script=PAYING) as till:
        await till.press("t", *"40\n")
        assert till.screen_name == "payment"
        assert "Tarjeta S/ 40.00" in await till.grid()
        await till.press("e", *"50\n")
        assert till.desk.done[-1] == "pay A-1"
        assert "Vuelto" not in till.desk.done
        await till.press("enter")
        assert "Vuelto S/ 28.00" in await till.grid()


async def test_enter_closes_a_check_of_nothing_and_the_key_says_so() -> None:
    desk = gift_desk()
    async with driven(desk, script="1234\n7<f9>") as till:
        screen = await till.grid()
        assert "Cerrar cuenta" in screen
        assert "No falta nada por cobrar: Enter cierra la cuenta." in screen
        await till.press("enter")
        assert till.desk.done[-1] == "pay A-1"
        assert till.screen_name == "paid"


async def test_a_tap_closes_a_check_of_nothing_too() -> None:
    async with driven(gift_desk(), script="1234\n7<f9>") as till:
        await till.pilot.click(till.app.screen.notes, offset=(3, 2))
        await till.settled()
        assert till.screen_name == "paid"


async def test_a_card_and_a_rest_that_coins_cannot_pay_close_with_enter() -> None:
    async with driven(gift_desk(due_minor=5_003), script="1234\n7<f9>") as till:
        await till.press("t", *"50\n")
        assert "Cobrado: Tarjeta S/ 50.00 · No falta nada" in await till.grid()
        await till.press("enter")
        assert till.screen_name == "paid"


async def test_a_key_that_bounces_after_a_part_takes_no_money() -> None:
    async with driven(script=PAYING) as till:
        till.press_ahead("t", *"40\n", *["enter"] * 20)
        await till.settled()
        assert till.screen_name == "payment"
        assert "Falta S/ 22.00. Enter otra vez lo cobra con Tarjeta." in await till.grid()
        await till.press("enter")
        assert till.desk.done[-1] == "pay A-1"


async def test_what_was_noted_stays_when_the_order_changes_meanwhile() -> None:
    async with driven(script=PAYING) as till:
        await till.press("t", *"40\n")
        await till.desk.add_line(next(iter(till.desk.orders)), till.desk.menu.by_code["agu"])
        assert "El pedido cambió: ahora faltan S/ 27.00." in await till.grid()
        assert [payment.amount_minor for payment in till.app.screen._paying.noted] == [4_000]


async def test_two_tenders_of_the_same_amount_are_two() -> None:
    async with driven(script=PAYING) as till:
        till.press_ahead(*"20\n20\n22\n")
        await till.settled()
        assert till.desk.done[-1] == "pay A-1"


async def test_a_noted_tender_is_taken_back_and_noted_anew() -> None:
    async with driven(script=PAYING) as till:
        await till.press("t", *"40\n", "f6")
        assert till.desk.done[-1] == "take back of A-1"
        assert "Pago con Tarjeta de S/ 40.00 quitado." in await till.grid()
        await till.press("e", "enter")
        await till.press("enter")
        screen = await till.grid()
        assert "Recibo " in screen
        assert "Vuelto" not in screen, "nothing goes back"


async def test_twenty_presses_of_take_back_take_one_tender_back_at_a_time() -> None:
    async with driven(script=PAYING) as till:
        await till.press("t", *"40\n")
        till.press_ahead(*["f6"] * 20)
        await till.settled()
        assert till.desk.done.count("take back of A-1") == 1
        assert till.screen_name == "payment"


async def test_a_noted_tender_is_kept_at_once_and_stands_when_the_check_is_opened_again() -> None:
    async with driven(script=PAYING) as till:
        await till.press("y", *"20\n")
        assert till.desk.done[-1] == "pay part of A-1"
        await till.press("f2")
        assert till.screen_name == "order"
        await till.press("f9")
        screen = await till.grid()
        assert "Cobrado: Yape S/ 20.00" in screen
        assert "FALTA" in screen
        await till.press("enter")
        assert till.desk.done[-1] == "pay A-1"


async def test_a_card_gives_no_change_and_says_so() -> None:
    async with driven(script=PAYING) as till:
        await till.press("t", *"100\n")
        assert till.screen_name == "payment"
        assert "Con Tarjeta no se da vuelto: ¿S/ 38.00 de propina?" in await till.grid()
        await till.press("enter")
        assert till.desk.done[-2:] == ["tip 3800", "pay A-1"]


async def test_a_quick_note_is_tendered_in_one_tap() -> None:
    async with driven(script=PAYING) as till:
        await till.pilot.click(till.app.screen.notes, offset=(20, 2))
        await till.settled()
        assert till.screen_name == "paid"
        await till.press("enter")
        assert "Vuelto S/ 8.00" in await till.grid()


async def test_the_pad_types_the_amount() -> None:
    async with driven(script=PAYING) as till:
        for offset in ((3, 2), (3, 2)):
            await till.pilot.click(till.app.screen.pad, offset=offset)
        await till.settled()
        assert till.app.screen._paying.typed == "11"


async def test_a_key_after_the_sale_begins_the_next_one() -> None:
    async with driven(script=PAYING) as till:
        await till.press("enter")
        await till.type("8\n")
        assert till.screen_name == "order"
        assert "Mesa 8" in await till.grid()


async def test_on_a_small_screen_the_drawer_and_the_receipt_that_failed_are_both_said_whole() -> None:
    off = PrinterFault.UNREACHABLE
    async with driven(script=PAYING, size=(80, 24)) as till:
        (order,) = till.desk.orders
        await till.press("enter")
        receipt = PaperState("receipts", PaperKind.RECEIPT, State.FAILED, off, asked_at=10)
        pulse = PulseState("receipts", State.FAILED, off, 10)
        till.desk.see(Prints(followed=Followed(order, 10, (receipt,), pulse)))
        await till.settled()
        rows = (await till.grid()).splitlines()
    at = next(at for at, row in enumerate(rows) if "▲ el cajón NO abrió (no está en la red)" in row)
    assert "▲ recibo: no salió (no está en la red), se reintenta" in rows[at + 1]


async def test_paying_from_the_floor_goes_back_to_the_floor() -> None:
    desk = PaperDesk()
    desk.order(OrderKind.DINE_IN, 7, "lom", "sent")
    async with driven(desk, script="1234\n7<f9>") as till:
        assert till.screen_name == "payment"
        await till.press("f2")
        assert till.screen_name == "floor"


async def test_a_check_that_another_till_takes_meanwhile_is_left() -> None:
    async with driven(script=PAYING) as till:
        till.desk.orders.clear()
        till.desk.publish("orders")
        await till.settled()
        assert till.screen_name == "floor"


async def test_more_that_is_ordered_meanwhile_is_asked_for_too() -> None:
    async with driven(script=PAYING) as till:
        order_id = next(iter(till.desk.orders))
        await till.desk.add_line(order_id, till.desk.menu.by_code["agu"])
        await till.settled()
        assert till.app.screen._paying.due_minor == 6_700


async def test_thirteen_digits_are_never_money_however_slowly_they_come() -> None:
    async with driven(script=PAYING) as till:
        await till.type("7750182000123\n\n\n")
        assert till.screen_name == "payment"
        assert till.desk.done[-1] != "pay A-1"
        assert till.desk.noted == {}
        assert "Más de S/ 200,000.00 no se cobra de una vez." in await till.grid()
        await till.press("backspace")
        await till.type("100\n")
        assert till.desk.done[-1] == "pay A-1"


async def test_change_above_the_largest_note_asks_first() -> None:
    async with driven(script=PAYING) as till:
        till.press_ahead(*"50100", *["enter"] * 20)
        await till.settled()
        assert till.screen_name == "payment"
        assert "¿Vuelto de S/ 50,038.00?" in await till.grid()
        await till.press("enter")
        assert till.desk.done[-1] == "pay A-1"


async def test_an_amount_typed_after_the_question_is_asked_about_anew() -> None:
    async with driven(script=PAYING) as till:
        await till.type("50100\n")
        await till.press("backspace", "enter")
        assert "¿Vuelto de S/ 4,948.00?" in await till.grid()
        await till.type("1\n")
        assert till.screen_name == "payment"


async def test_the_largest_note_for_a_small_check_asks_nothing() -> None:
    async with driven(script=PAYING) as till:
        await till.type("200\n")
        assert till.screen_name == "paid"


async def test_exact_cash_takes_two_keys_from_the_order_and_cash_with_change_four() -> None:
    sent = "1234\n7\nlom\ncau\n<f5>7\n"
    async with driven(script=sent) as till:
        await till.press("f9", "enter")
        assert till.desk.done[-1] == "pay A-1"
        assert till.screen_name == "paid"
    async with driven(script=sent) as till:
        await till.press("f9", "7", "0", "enter")
        assert till.desk.done[-1] == "pay A-1"
        assert till.app.screen._taken.change_minor == 800
