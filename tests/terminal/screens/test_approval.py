"""Somebody approves with their PIN what the person who is logged in may not do: once, there, and noted with both."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.kernel.errors import DomainError, NotPermitted
from shared.kernel.permissions import Permission, Role
from terminal.widgets.key_pad import KeyPad
from tests.terminal.screens.paper_desk import PaperDesk, busy_desk
from tests.terminal.screens.paper_house import STAFF
from tests.terminal.screens.till import DrivenTill, driven

JULIO, CARMEN = "2222\n", "3333\n"
SENT = "7\nlom\n<f5>"
BOTH = "cancel: Julio Mamani, Carmen Flores"


async def cancel(till: DrivenTill) -> None:
    """What was sent is cancelled for a reason."""
    await till.press("f12")
    await till.press("1")


async def test_a_manager_cancels_with_a_pin_on_the_waiters_screen_and_the_waiter_goes_on() -> None:
    async with driven(script=JULIO + SENT) as till:
        await cancel(till)
        assert till.screen_name == "approval"
        asked = await till.grid()
        assert "Julio Mamani pide aprobación para" in asked
        assert "cancelar pedidos" in asked
        assert "Carmen" in asked
        assert "Rosa" in asked, "a cashier may cancel, too"
        assert "Julio Mamani, " not in asked.split("Puede aprobar")[1]
        assert till.desk.done == ["open A-1", "add A-1", "send A-1"]
        await till.type(CARMEN)
        assert till.screen_name == "floor"
        assert till.desk.done[-1] == "cancel A-1"
        assert till.desk.approved == [BOTH]
        assert till.desk.actor.name == "Julio Mamani"


async def test_the_next_deed_asks_again() -> None:
    async with driven(script=JULIO + SENT) as till:
        await cancel(till)
        await till.type(CARMEN)
        await till.press(*"8\nlom\n", "f5")
        await cancel(till)
        assert till.screen_name == "approval"
        assert till.desk.done[-1] == "send A-2"


async def test_a_waiter_takes_a_payment_that_a_cashier_approves() -> None:
    async with driven(script=JULIO + "7\nlom\n<f5>") as till:
        assert "F9 Cobrar" in await till.grid()
        await till.press("f9")
        assert till.screen_name == "payment"
        await till.press("enter")
        assert till.screen_name == "approval"
        await till.type("1234\n")
        assert till.screen_name == "paid"
        assert till.desk.approved == ["pay: Julio Mamani, Rosa Quispe"]


@pytest.mark.parametrize("leave", ["escape", "f2"])
async def test_leaving_the_dialog_does_nothing_and_the_screen_is_as_it_was(leave: str) -> None:
    async with driven(script=JULIO + SENT) as till:
        await cancel(till)
        await till.type("33")
        await till.press(leave)
        assert till.screen_name == "order"
        assert till.desk.done[-1] == "send A-1"
        assert till.desk.approved == []
        assert "log_in" in till.desk.asked
        assert "approver" not in till.desk.asked


async def test_ones_own_pin_a_wrong_one_and_one_without_the_right_are_refused_in_words() -> None:
    async with driven(script=JULIO + SENT) as till:
        await cancel(till)
        await till.type(JULIO)
        assert "Tu propio PIN no basta" in await till.grid()
        await till.type("4444\n")
        grid = " ".join((await till.grid()).split())
        assert "Wilder Chávez tampoco puede" in grid
        await till.type("9999\n")
        assert "PIN incorrecto" in await till.grid()
        await till.type("33\n")
        assert "4 a 8 dígitos" in await till.grid()
        assert till.screen_name == "approval"
        assert till.desk.asked.count("approver") == 3, "a PIN that is not complete is no attempt"
        await till.type(CARMEN)
        assert till.desk.approved == [BOTH]


async def test_a_limit_of_who_approves_is_said_with_its_amount() -> None:
    desk = PaperDesk(limits={Permission.VOID_SENT_LINE: 2_000})
    error = NotPermitted(Permission.VOID_SENT_LINE, 3_800)
    async with driven(desk, script=JULIO + "7\nlom\n") as till:
        till.desk.fails.append(error)
        await till.press("f5")
        asked = await till.grid()
        assert "anular lo enviado (S/ 38.00)" in asked
        assert "Rosa" not in asked
        await till.type(CARMEN)
        refused = await till.grid()
        assert "Carmen Flores puede hasta S/" in refused
        assert "20.00. Pídeselo" in refused


async def test_the_pause_after_wrong_pins_is_counted_down_in_the_dialog() -> None:
    async with driven(script=JULIO + SENT) as till:
        await cancel(till)
        till.desk.fails.append(_locked(till.desk))
        await till.type(CARMEN)
        assert "Demasiados intentos" in await till.grid()
        till.app._tick()
        assert "Demasiados intentos" in await till.grid()
        till.desk.time = till.desk.paused_until
        till.app._tick()
        assert "PIN de quien aprueba" in await till.grid()
        assert "Demasiados" not in await till.grid()


async def test_the_lock_closes_the_dialog_and_gives_the_deed_up() -> None:
    async with driven(script=JULIO + SENT) as till:
        await cancel(till)
        await till.type("33")
        await till.press("f10")
        assert till.screen_name == "login"
        await till.type(JULIO)
        assert till.screen_name == "order"
        assert till.desk.approved == []
        assert "A-1" in await till.grid()


async def test_what_was_typed_ahead_never_becomes_a_pin() -> None:
    async with driven(script=JULIO + "7\nlom\n<f5>") as till:
        await till.press("f12")
        till.press_ahead("f12", *"2*inca\n", *"999999\n")
        await till.settled()
        assert till.screen_name == "approval"
        assert "approver" not in till.desk.asked


async def test_fingers_alone_can_approve() -> None:
    async with driven(script=JULIO + SENT) as till:
        await cancel(till)
        for key in "3333✓":
            await tap(till, key)
        assert till.desk.approved == [BOTH]


async def test_where_nobody_may_the_dialog_does_not_open() -> None:
    waiters = tuple(each for each in STAFF if each.role in (Role.WAITER, Role.KITCHEN))
    async with driven(PaperDesk(staff=waiters), script=JULIO + SENT) as till:
        await cancel(till)
        assert till.screen_name == "order"
        assert "llama a la administración" in await till.grid()


async def test_an_action_that_cannot_be_approved_says_who_may() -> None:
    async with driven(busy_desk(), script=JULIO + "<f3>") as till:
        assert till.screen_name == "floor"
        assert "Carmen Flores" in await till.grid()


def _locked(desk: PaperDesk) -> DomainError:
    desk.paused_until = desk.time + timedelta(seconds=30)
    return DomainError("PIN_LOCKED", seconds=30, wait="30 s")


async def tap(till: DrivenTill, key: str) -> None:
    pad = till.app.screen.pad.query_one(KeyPad)
    pad.post_message(KeyPad.Pressed(pad, key))
    await till.settled()
