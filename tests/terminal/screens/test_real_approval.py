"""A real desk: a cashier asks through several dialogs, somebody approves at the end, and both are in the books."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from restaurant import CASHIER
from restaurant import MANAGER as CARMEN

from shared.kernel.work import Work
from shared.orders.commands import add_line
from shared.orders.records import LineVoid, OrderLine
from shared.payments.adjustment_records import Discount
from shared.payments.tips import Tip
from shared.staff.records import Approval
from terminal.desks.desk import Desk
from tests.faults.till_on_disk import PIN, copy_till
from tests.terminal.looks.picture import text_grid
from tests.terminal.screens.real_desk import rows
from tests.terminal.screens.till import PlayedApp
from tests.terminal.screens.two_tills import MANAGER, TABLE, seen


@pytest.fixture
async def desk(founded: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    async with copy_till(founded, tmp_path / "till").desk() as desk:
        desk.log_out()
        yield desk


async def test_a_void_with_its_reason_is_approved_at_the_end_and_asked_for_once(desk: Desk) -> None:
    steps = (f"{TABLE}2*cev\n<f5><ctrl+k>", "<f6>", "1\n", "1", "no le gusto\n")
    asked = await seen(desk, *steps)
    assert "Hace falta una aprobación" in asked
    said = " ".join(asked.split())
    assert "Ceviche" in said, "the approver reads which dish"
    assert "S/ 42.50" in said, "what one of the two is worth"
    assert "no le gusto" in said, "and why"
    assert await rows(desk, LineVoid.__table__) == []
    assert "anulados 1" in await seen(desk, *_again(steps), f"{MANAGER}\n", "\n")
    (void,) = await rows(desk, LineVoid.__table__)
    (approval,) = await rows(desk, Approval.__table__)
    assert (approval.of_table, approval.of_row_id) == (LineVoid.__tablename__, void.id)
    assert (approval.asker_id, approval.approver_id) == (CASHIER.staff_id, CARMEN.staff_id)
    assert void.voided_by == CASHIER.staff_id


async def test_a_cash_tip_that_is_taken_back_after_the_receipt_is_approved(desk: Desk) -> None:
    steps = ("2*cev\n<f9>", "<f4>5\n", "\n", "<f4>", "2\n")
    assert "Hace falta una aprobación" in await seen(desk, TABLE, *steps)
    assert [tip.lifted for tip in await rows(desk, Tip.__table__)] == [False]
    said = await seen(desk, f"{PIN}\n2\n", *steps, f"{MANAGER}\n")
    assert "Propina de S/ 5.00 quitada" in said
    assert sorted(tip.lifted for tip in await rows(desk, Tip.__table__)) == [False, True]
    (approval,) = await rows(desk, Approval.__table__)
    assert (approval.of_table, approval.approver_id) == (Tip.__tablename__, CARMEN.staff_id)


async def test_a_discount_is_approved_with_its_amount(desk: Desk) -> None:
    asked = await seen(desk, f"{TABLE}2*cev\n<f5>", "<ctrl+k><ctrl+d>", "3\n", "5\n", "1")
    assert "Hace falta una aprobación" in asked
    assert "4.25)" in asked
    said = await seen(desk, TABLE, "<ctrl+k><ctrl+d>", "3\n", "5\n", "1", f"{MANAGER}\n")
    assert "Descuento dado. Quita S/ 4.25" in said
    (discount,) = await rows(desk, Discount.__table__)
    (approval,) = await rows(desk, Approval.__table__)
    assert (approval.of_row_id, approval.amount_minor) == (discount.id, 425)
    assert discount.given_by == CASHIER.staff_id


async def test_an_order_that_grew_while_the_dialog_stood_is_asked_about_anew(desk: Desk) -> None:
    app = PlayedApp(desk, "pos", script=f"{TABLE}2*cev\n<f5>")  # type: ignore[arg-type]
    async with app.run_test(size=(120, 36)) as pilot:

        async def play(keys: str) -> str:
            app.play(keys)
            await pilot.pause()
            await app.settled()
            return text_grid(app.export_screenshot())

        for keys in ("<ctrl+k><ctrl+d>", "3\n", "5\n"):
            await play(keys)
        assert "4.25)" in await play("1")
        await _another_till_adds_what_is_there(desk)
        assert "8.50)" in await play(f"{MANAGER}\n")
        assert await rows(desk, Discount.__table__) == await rows(desk, Approval.__table__) == []
        assert "Descuento dado" in await play(f"{MANAGER}\n")
    (discount,) = await rows(desk, Discount.__table__)
    (approval,) = await rows(desk, Approval.__table__)
    assert discount.worth_minor == discount.most_minor == approval.amount_minor == 850


async def _another_till_adds_what_is_there(desk: Desk) -> None:
    """The same dish as often again, written beside the screen."""
    (line,) = await rows(desk, OrderLine.__table__)
    assert desk.actor is not None

    async def add(work: Work) -> None:
        await add_line(
            work,
            line.order_id,
            work.ids.new(),
            line.item_id,
            quantity_milli=line.quantity_milli,
            check_id=line.check_id,
        )

    await desk.store.run(desk.actor, add)


def _again(steps: tuple[str, ...]) -> tuple[str, ...]:
    """The same at the table as it is now: what was sent is sent."""
    return (f"{TABLE}<ctrl+k>", *steps[1:])


async def test_wrong_pins_of_an_approval_cost_what_they_cost_at_the_log_in(desk: Desk) -> None:
    ask = (f"{TABLE}cev\n<f5><ctrl+k>", "<f6>", "1", "no le gusto\n")
    said = await seen(desk, *ask, *["0000\n"] * 4, f"{MANAGER}\n" * 20)
    assert "Demasiados intentos" in said
    assert await rows(desk, LineVoid.__table__) == await rows(desk, Approval.__table__) == []
    desk.log_out()
    assert desk.pin_pause_seconds > 0
    assert "Demasiados intentos" in await seen(desk, f"{MANAGER}\n"), "the log-in waits, too"


async def test_twenty_presses_of_enter_approve_once(desk: Desk) -> None:
    ask = (f"{TABLE}2*cev\n<f5><ctrl+k>", "<f6>", "1\n", "2", "no le gusto\n")
    await seen(desk, *ask, MANAGER + "\n" * 20)
    assert len(await rows(desk, LineVoid.__table__)) == len(await rows(desk, Approval.__table__)) == 1
