"""What waits for a person is ended at the screen of exceptions of one of two real tills, and is gone at both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from restaurant import CASHIER, TILL
from restaurant import MANAGER as CARMEN

from shared.exceptions.commands import note_event
from shared.exceptions.records import Settlement
from shared.exceptions.rules import EventKind
from shared.kernel.permissions import Permission
from shared.kernel.work import Work
from shared.payments.adjusting import add_service_charge
from shared.payments.records import Check, Receipt, ReceiptLine, WriteOff
from shared.payments.refund_records import Refund
from shared.payments.refunding import refund
from shared.payments.rules import TenderKind
from shared.payments.way_back import PayBack
from shared.staff.records import Approval
from shared.truth.family import Difference
from tests.faults.till_on_disk import PIN
from tests.terminal.looks.picture import text_grid
from tests.terminal.screens.real_desk import rows
from tests.terminal.screens.till import PlayedApp
from tests.terminal.screens.two_tills import MANAGER, TABLE, House, seen, two_tills

INBOX = f"{MANAGER}\n<ctrl+e>"
"""Log the manager in, and show what waits."""
CEVICHE = 4_250


@pytest.fixture
async def house(founded: Path, tmp_path: Path) -> AsyncIterator[House]:
    async with two_tills(founded, tmp_path) as both:
        yield both


async def paid_twice(house: House) -> None:
    await seen(house.till, f"{TABLE}cev\n<f5>")
    await house.meet()
    for desk in (house.till, house.other):
        await seen(desk, f"{TABLE}<f9>50\n")
    await house.meet()


async def refunded_without_right(house: House, size: int = 1) -> None:
    async def note(work: Work) -> None:
        await note_event(
            work, EventKind.WITHOUT_RIGHT, TILL, size=size, device_id=TILL, reason=str(Permission.REFUND.value)
        )

    await house.till.store.run(CASHIER, note)
    await house.meet()


async def test_nothing_is_said_while_nothing_waits(house: House) -> None:
    assert "por resolver" not in await seen(house.till, f"{MANAGER}\n")
    screen = await seen(house.till, INBOX)
    assert "No queda nada por resolver." in screen
    assert "Ahora nada pide una decisión." in screen
    assert "Lo que la pide llega solo" in screen, "who comes here first reads what it is for"


async def test_money_taken_twice_is_given_back_once_by_twenty_presses_and_gone_on_both_tills(house: House) -> None:
    await paid_twice(house)
    for desk in (house.till, house.other):
        assert "1 por resolver · Ctrl E" in await seen(desk, f"{PIN}\n")
        assert "Pagado dos veces" in await seen(desk, INBOX)
    assert "Devolver S/ 42.50 · Efectivo" in await seen(house.till, f"{INBOX}\n")
    said = await seen(house.till, f"{INBOX}\n{'1' * 20}")
    assert "Devuelto: S/ 42.50 (como se pagó). No queda nada por resolver." in said
    assert "por resolver ·" not in said
    (refund,) = await rows(house.till, Refund.__table__)
    assert (refund.paid_minor, refund.cashier_name) == (CEVICHE, "Carmen")
    await house.meet()
    assert house.other.open_exceptions == ()
    assert not any(order.takes_money for order in house.other.orders.values())


async def test_enter_alone_moves_no_money(house: House) -> None:
    await paid_twice(house)
    assert "Elige con su número" in await seen(house.till, INBOX, *["\n"] * 5)
    assert await rows(house.till, Refund.__table__) == []


async def test_one_key_pressed_without_end_moves_no_money_of_the_next_one(house: House) -> None:
    await paid_twice(house)
    await paid_twice(house)
    assert len(house.till.open_exceptions) == 2
    await seen(house.till, f"{INBOX}\n{'1' * 20}", *["1"] * 5)
    assert len(await rows(house.till, Refund.__table__)) == 1


async def test_what_another_till_ended_meanwhile_is_told_calmly_and_not_done_again(house: House) -> None:
    await paid_twice(house)
    app = PlayedApp(house.other, script=f"{INBOX}\n")  # type: ignore[arg-type]
    async with app.run_test(size=(120, 36)) as pilot:
        await seen(house.till, f"{INBOX}\n1")
        await house.meet()
        await app.settled()
        await pilot.pause()
        assert app.screen.screen_name == "exceptions"
        assert "Nada se hizo dos veces." in text_grid(app.export_screenshot())
        app.play("1")
        await pilot.pause()
        await app.settled()
    assert len(await rows(house.other, Refund.__table__)) == 1


async def test_a_cashier_sees_what_waits_and_who_may_end_it(house: House) -> None:
    await paid_twice(house)
    assert "Puede hacerlo: Carmen." in await seen(house.till, f"{PIN}\n<ctrl+e>")
    asked = await seen(house.till, f"{PIN}\n<ctrl+e>\n1")
    assert "Hace falta una aprobación" in asked
    assert "(S/ 42.50)" in asked
    assert await rows(house.till, Refund.__table__) == []
    assert len(house.till.open_exceptions) == 1


async def test_a_cashier_gives_back_with_the_pin_of_somebody_who_may_and_both_are_noted(house: House) -> None:
    await paid_twice(house)
    refused = await seen(house.till, f"{PIN}\n<ctrl+e>\n1", "9999\n", f"{PIN}\n")
    assert "Tu propio PIN no basta" in refused
    said = await seen(house.till, f"{PIN}\n<ctrl+e>\n1", f"{MANAGER}\n")
    assert "Devuelto: S/ 42.50 (como se pagó). No queda nada por resolver." in said
    (refund,) = await rows(house.till, Refund.__table__)
    assert refund.refunded_by == CASHIER.staff_id
    approvals = await rows(house.till, Approval.__table__)
    assert {(each.asker_id, each.approver_id) for each in approvals} == {(CASHIER.staff_id, CARMEN.staff_id)}
    assert (Refund.__tablename__, refund.id, CEVICHE) in {
        (each.of_table, each.of_row_id, each.amount_minor) for each in approvals
    }
    await house.meet()
    assert house.other.open_exceptions == ()


async def test_a_note_settles_an_event_on_both_tills_and_one_that_grows_is_back(house: House) -> None:
    await refunded_without_right(house)
    assert "en una nota qué" in await seen(house.till, f"{INBOX}\n", "\n"), "an empty note says nothing"
    assert "Nota guardada." in await seen(house.till, f"{INBOX}\nya se habló", "\n" * 20)
    assert len(await rows(house.till, Settlement.__table__)) == 1
    await house.meet()
    assert house.other.open_exceptions == ()
    await refunded_without_right(house, size=2)
    assert "Ya se había resuelto con una nota" in await seen(house.other, INBOX)


async def test_what_was_ordered_while_somebody_paid_is_paid_from_here_or_voided_with_a_reason(house: House) -> None:
    await seen(house.till, f"{TABLE}cev\n<f5>")
    await house.meet()
    await seen(house.other, f"{TABLE}2*chi\n<f5>")
    await seen(house.till, f"{TABLE}<f9>50\n")
    await house.meet()
    assert "Cobrarlo: ir al pago del pedido A-1" in await seen(house.till, f"{INBOX}\n")
    assert "POR COBRAR" in await seen(house.till, f"{INBOX}\n1")
    assert "Anulado." in await seen(house.till, f"{INBOX}\n2no lo quisieron", "\n")
    await house.meet()
    assert house.other.open_exceptions == ()


async def test_two_orders_of_one_table_are_joined(house: House) -> None:
    for desk in (house.till, house.other):
        await seen(desk, f"{TABLE}cev\n")
    await house.meet()
    assert "Unir los pedidos" in await seen(house.other, f"{INBOX}\n")
    assert "Pedidos unidos." in await seen(house.other, f"{INBOX}\n1")
    await house.meet()
    assert house.till.open_exceptions == ()
    assert len(house.till.orders) == 1


async def cancelled(house: House) -> None:
    asked = await seen(house.other, f"{MANAGER}\n1\n<f12>")
    assert "¿Ya se preparó?" in asked, "this kitchen cooks from paper, and says nothing"
    assert "anulado" in await seen(house.other, f"{MANAGER}\n1\n<f12>", "2", "se fueron\n")
    await house.meet()


def number_of(screen: str, words: str) -> str:
    """The number before these words."""
    row = next(row for row in screen.splitlines() if words in row)
    return row.split()[0]


async def test_what_was_paid_and_taken_off_is_put_on_the_bill_again(house: House) -> None:
    await seen(house.till, f"{TABLE}cev\n<f5>")
    await house.meet()
    await seen(house.till, f"{TABLE}<f9>50\n")
    await cancelled(house)
    asked = await seen(house.till, f"{INBOX}\n")
    assert "Devolver S/ 42.50" in asked
    again = number_of(asked, "Volver a ponerlo en la cuenta: 1 Ceviche")
    assert "Está otra vez en la cuenta. No queda nada por resolver." in await seen(house.till, f"{INBOX}\n{again}")
    await house.meet()
    assert house.other.open_exceptions == ()


async def test_a_change_after_cooking_is_confirmed_for_the_kitchen(house: House) -> None:
    await seen(house.till, f"{TABLE}cev\n<f5>")
    await seen(house.till, "1\n", start="kds")
    await house.meet()
    await cancelled(house)
    assert "Cambiado después de cocinar" in await seen(house.till, INBOX)
    assert "La cocina queda avisada." in await seen(house.till, f"{INBOX}\n1")
    await house.meet()
    assert house.till.open_exceptions == house.other.open_exceptions == ()


async def refunded_on_both(house: House) -> None:
    await seen(house.till, f"{TABLE}cev\n<f5>")
    await seen(house.till, f"{TABLE}<f9>50\n")
    await house.meet()
    for desk in (house.till, house.other):
        (line,) = await rows(desk, ReceiptLine.__table__)
        cash = next(PayBack(each.id, each.name, each.kind) for each in desk.methods if each.kind is TenderKind.CASH)

        async def give(work: Work, line=line, cash=cash) -> None:
            await refund(work, line.check_id, work.ids.new(), {line.id: 1_000}, cash, "pelo")

        await desk.store.run(CARMEN, give)
    await house.meet()


async def test_what_is_missing_is_charged_from_here_to_the_cent_and_makes_no_receipt(house: House) -> None:
    await refunded_on_both(house)
    asked = await seen(house.till, f"{INBOX}\n")
    assert "Cobrarlo: ir al pago del pedido A-1" in asked
    assert "POR COBRAR" in await seen(house.till, f"{INBOX}\n{number_of(asked, 'Cobrarlo')}")
    said = await seen(house.till, f"{INBOX}\n1", "50\n")
    assert "Dinero que faltaba" in said
    assert len(await rows(house.till, Receipt.__table__)) == 1
    await house.meet()
    for desk in (house.till, house.other):
        assert [each.kind for each in desk.open_exceptions] == [Difference.REFUNDED_TWICE]


async def test_what_was_charged_too_little_is_taken_once_however_often_it_is_pressed(house: House) -> None:
    await seen(house.till, f"{TABLE}cev\n<f5>")
    await house.meet()
    (check,) = await rows(house.other, Check.__table__)

    async def serve(work: Work) -> None:
        await add_service_charge(work, check.id, 100_000)

    await house.other.store.run(CARMEN, serve)
    await seen(house.till, f"{TABLE}<f9>50\n")
    await house.meet()
    asked = await seen(house.till, f"{INBOX}\n")
    way = number_of(asked, "Cobrar S/ 4.25 · Visa")
    assert "Cobrado: S/ 4.25 (Visa). No queda nada por resolver." in await seen(house.till, f"{INBOX}\n{way * 20}")
    await house.meet()
    assert house.other.open_exceptions == ()
    assert len(await rows(house.other, Receipt.__table__)) == 2


async def test_the_floor_takes_what_is_missing_too(house: House) -> None:
    await refunded_on_both(house)
    assert "falta pago" in await seen(house.till, f"{PIN}\n")
    assert "Dinero que faltaba" in await seen(house.till, f"{TABLE}<f9>", "50\n")


async def test_money_refunded_on_both_tills_is_written_off_once_and_explained(house: House) -> None:
    await refunded_on_both(house)
    assert "Dar por perdidos S/ 42.50" in await seen(house.till, f"{INBOX}\n")
    assert "Dado por perdido: S/ 42.50. Por resolver: 1." in await seen(house.till, f"{INBOX}\n{'2' * 20}")
    assert [each.amount_minor for each in await rows(house.till, WriteOff.__table__)] == [CEVICHE]
    assert "No queda nada por resolver." in await seen(house.till, f"{INBOX}\nCarmen lo devolvió dos veces", "\n")
    await house.meet()
    assert house.other.open_exceptions == ()


async def test_what_was_said_of_an_empty_list_goes_when_something_comes(house: House) -> None:
    app = PlayedApp(house.till, script=f"{INBOX}\n")  # type: ignore[arg-type]
    async with app.run_test(size=(120, 36)) as pilot:
        assert text_grid(app.export_screenshot()).count("No queda nada por resolver.") == 2
        await refunded_without_right(house)
        await app.settled()
        await pilot.pause()
        assert "No queda nada" not in text_grid(app.export_screenshot())
