"""What a payment asks besides an amount, through the keys: slips, QR, other money, accounts, tips, wrong methods."""

from __future__ import annotations

import pytest

from shared.kernel.permissions import Permission
from shared.payments.accounts import AccountView
from terminal.dialogs.qr_code import half_blocks, modules_of
from tests.terminal.screens.paper_menu import key
from tests.terminal.screens.paper_methods import QR
from tests.terminal.screens.paper_methods import tender_desk as desk
from tests.terminal.screens.till import driven

CARD, MANAGER = "4111111111111111", "3333"
PAYING = "1234\n7\nlom\ncau\n<f9>"
MANAGED = PAYING.replace("1234", MANAGER)


async def test_the_slip_of_a_card_is_noted_with_f5_and_can_be_left_out() -> None:
    async with driven(desk(), script=PAYING) as till:
        await till.press("t", "f5")
        await till.type("4242\nP-118\nA77\n")
        assert "Datos: P-118 · ****4242 · A77" in await till.grid()
        await till.press("enter")
        ((paid,),) = till.desk.noted.values()
        assert (paid.reference, paid.last_four) == ("P-118", "4242")


@pytest.mark.parametrize("field", [0, 1, 2])
async def test_a_whole_card_number_is_refused_in_every_field_typed_and_scanned(field: int) -> None:
    async with driven(desk(), script=PAYING) as till:
        await till.press("t", "f5", *["enter"] * field)
        await till.scan(CARD)
        await till.press("f5")
        assert till.screen_name == "form"
        assert "Solo las 4 últimas cifras: la tarjeta entera no se guarda." in await till.grid()
        await till.press("f2")
        await till.press("f2")
        assert till.app.screen._paying.details.words == ""


async def test_a_wallet_shows_the_qr_then_asks_the_operation_and_a_number_used_today_asks_first() -> None:
    async with driven(desk(), script=PAYING) as till:
        await till.type("y20\n")
        assert till.screen_name == "qr"
        shown = await till.grid()
        assert half_blocks(modules_of(QR))[4].strip() in shown
        assert "Yape · S/ 20.00" in shown
        await till.press("f5")
        assert till.desk.done[-1] == "QR of Yape for 2000"
        await till.press("enter")
        await till.type("881204\n")
        assert till.desk.done[-1] == "pay part of A-1"
        await till.type("y20\n")
        await till.press("enter")
        await till.type("881204\n")
        assert till.desk.done[-1] == "pay part of A-1"
        assert "La operación 881204 ya se cobró hoy (S/ 20.00)." in await till.grid()
        assert len(next(iter(till.desk.noted.values()))) == 1
        await till.press("enter")
        assert len(next(iter(till.desk.noted.values()))) == 2


async def test_an_operation_number_typed_at_the_qr_is_the_operation_number() -> None:
    async with driven(desk(), script=PAYING) as till:
        await till.type("y20\n")
        assert till.screen_name == "qr"
        await till.press(*"881204")
        assert till.screen_name == "form"
        assert "881204" in await till.grid()
        await till.press("enter")
        assert [paid.reference for (paid,) in till.desk.noted.values()] == ["881204"]


async def test_leaving_the_qr_takes_no_money() -> None:
    async with driven(desk(), script=PAYING) as till:
        await till.press("y", "enter", "f2")
        assert till.screen_name == "payment"
        assert till.desk.noted == {}


async def test_dollars_are_typed_as_dollars_and_change_is_in_soles() -> None:
    async with driven(desk(), script=PAYING) as till:
        await till.press("d")
        screen = await till.grid()
        assert "USD 16.51" in screen
        assert "1 USD = 3.755" in screen
        await till.type("20\n")
        ((paid,),) = till.desk.noted.values()
        assert (paid.given_currency, paid.given_minor, paid.tendered_minor) == ("USD", 2_000, 7_510)
        await till.press("enter")
        assert "Vuelto S/ 13.10" in await till.grid()


async def test_without_a_rate_other_money_is_refused_and_says_where_to_set_it() -> None:
    house = desk()
    house.exchange = {}
    async with driven(house, script=MANAGED) as till:
        await till.type("d20\n")
        assert "No hay tipo de cambio de USD" in await till.grid()
        await till.press("ctrl+o")
        await till.type("3.8\n")
        assert till.desk.done[-1] == "rate USD 3800000"
        await till.press("enter")
        assert till.screen_name == "paid"


async def test_a_voucher_gives_no_change_and_asks_before_its_rest_lapses() -> None:
    async with driven(desk(), script=PAYING) as till:
        await till.type("v100\n")
        assert "Vale no da vuelto: se pierden S/ 38.00." in await till.grid()
        await till.press("enter")
        ((paid,),) = till.desk.noted.values()
        assert (paid.amount_minor, paid.tendered_minor) == (6_200, 6_200)


async def test_on_account_it_goes_to_a_name_and_is_paid_later_from_the_floor() -> None:
    async with driven(desk(), script=MANAGED) as till:
        await till.press("ctrl+a")
        await till.type("ana torres\n")
        await till.type("999111222\n")
        assert till.desk.accounts[-1].phone == "999111222"
        assert till.desk.done[-3:] == ["account of ana torres", "send A-1", "pay A-1"]
    owing = desk(accounts=(AccountView(key(30, 1), "Ana Torres", "", 0, 6_200),))
    async with driven(owing, script="1234\n") as till:
        await till.press("ctrl+a", "1", "enter")
        await till.type("20\n")
        await till.press("1")
        assert till.desk.done[-1] == "collect 2000 by Efectivo"
        assert "Ana Torres pagó S/ 20.00. Debe S/ 42.00." in await till.grid()


async def test_more_than_is_owed_is_not_taken() -> None:
    owing = desk(accounts=(AccountView(key(30, 1), "Ana Torres", "", 0, 6_200),))
    async with driven(owing, script="1234\n") as till:
        await till.press("ctrl+a", "1", "enter")
        await till.type("100\n")
        assert till.screen_name == "amount"
        assert "Es más de lo que debe" in await till.grid()


async def test_a_tip_joins_what_is_asked_and_is_no_part_of_the_bill() -> None:
    async with driven(desk(), script=PAYING) as till:
        await till.press("f4")
        await till.type("8\n")
        assert "propina S/ 8.00" in await till.grid()
        await till.type("100\n")
        assert till.desk.done[-2:] == ["tip 800", "pay A-1"]
        await till.press("enter")
        assert "Vuelto S/ 30.00" in await till.grid()


async def test_a_tip_after_the_payment_and_a_percentage_of_the_bill() -> None:
    async with driven(desk(), script=PAYING) as till:
        await till.press("enter", "f4", "tab")
        await till.type("10\n")
        await till.press("2", "enter")
        assert till.desk.done[-1] == "tip 620 by Tarjeta"
        assert till.screen_name == "paid"
        assert "Propina de S/ 6.20 con Tarjeta anotada." in await till.grid()
        await till.press("f4", "2", "enter")
        assert till.desk.done[-1] == "lift tip 620"
        assert "Propina de S/ 6.20 quitada." in await till.grid()


async def test_tips_of_several_people_on_one_check_are_taken_back_each_by_itself() -> None:
    async with driven(desk(), script=PAYING) as till:
        await till.press("enter", "f4")
        await till.type("5\n")
        await till.press("1")
        await till.type("julio\n")
        assert till.desk.done[-1] == "tip 500 by Efectivo of Julio Mamani"
        await till.press("f4", "1", "enter")
        await till.type("8\n")
        await till.press("2")
        await till.type("carmen\n")
        assert till.desk.done[-1] == "tip 800 by Tarjeta of Carmen Flores"
        await till.press("f4")
        listed = await till.grid()
        assert "Efectivo · Julio Mamani" in listed
        assert "Tarjeta · Carmen Flores" in listed
        await till.press("2", "enter")
        assert till.desk.done[-1] == "lift tip 500"
        assert [each.amount_minor for each in till.desk.tenders.given] == [800]


async def test_a_tip_above_the_bill_is_asked_about_and_one_that_is_a_slip_is_refused() -> None:
    async with driven(desk(), script=PAYING) as till:
        await till.press("f4")
        await till.type("999999999\n")
        assert "Ninguna caja toma una propina de tanto" in await till.grid()
        await till.press("enter", "delete")
        await till.type("100\n")
        assert "¿Propina de S/ 100.00? Es más que la cuenta de S/ 62.00" in await till.grid()
        assert till.screen_name == "amount"
        await till.press("enter")
        assert till.screen_name == "payment"
        assert "propina S/ 100.00" in await till.grid()


async def test_a_wrong_method_on_a_receipt_is_changed_by_who_may() -> None:
    async with driven(desk(), script=MANAGED) as till:
        await till.press("enter", "f6", "1")
        assert till.desk.done[-1] == "replace by Tarjeta"
        assert "S/ 62.00: cambiado de Efectivo a Tarjeta." in await till.grid()
        assert till.screen_name == "paid"


async def test_a_cashier_needs_an_approval_to_change_what_a_receipt_counts() -> None:
    async with driven(desk(), script=PAYING) as till:
        assert not till.desk.actor.may(Permission.CORRECT_PAYMENT)
        await till.press("enter", "f6")
        assert till.desk.done[-1] == "pay A-1"


def test_a_code_reads_dark_on_light_with_an_edge() -> None:
    rows = modules_of(QR)
    assert not any(rows[0] + rows[1])
    assert rows[2][2]
    assert len(half_blocks(rows)) == -(-len(rows) // 2)
