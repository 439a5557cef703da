"""Discounts, comps, service, the bill and splits through the keys, over the real store: rows and papers come out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from restaurant import CASHIER, MANAGER
from textual.pilot import Pilot

from shared.payments.adjustment_records import Discount, ServiceCharge
from shared.payments.bill_records import Prebill
from shared.payments.records import Payment, Receipt, ReceiptLine
from shared.staff.records import Approval
from terminal.desks.desk import Desk
from terminal.printing.documents import PaperKind, ReceiptDocument, decode
from terminal.printing.layout import lay_out
from terminal.printing.records import print_job
from tests.faults.till_on_disk import PIN, TillOnDisk
from tests.terminal.looks.picture import text_grid
from tests.terminal.screens.till import PlayedApp

CARMEN = "5671"
ORDERED = "1\ncev\nchi\n2*pan\n"
"""Table 1: ceviche 42.50, chicha 12.00, two breads 6.66 and 10 % on them: 61.83."""


class Played:
    """A running till with its real desk."""

    def __init__(self, app: PlayedApp, desk: Desk, pilot: Pilot[None]) -> None:
        self.app = app
        self.desk = desk
        self.pilot = pilot

    async def play(self, script: str) -> str:
        """The screen as text after these keys."""
        self.app.play(script)
        await self.pilot.pause()
        await self.app.settled()
        await self.pilot.pause()
        return text_grid(self.app.export_screenshot())

    async def rows(self, kind: Any) -> list[Any]:
        table = getattr(kind, "__table__", kind)
        async with self.desk.store.reading() as connection:
            return list(await connection.execute(sa.select(table)))

    async def papers(self) -> list[ReceiptDocument]:
        jobs = await self.rows(print_job)
        found = [decode(PaperKind.RECEIPT, job.payload) for job in jobs if job.kind == PaperKind.RECEIPT]
        return sorted(found, key=lambda paper: (paper.issued_at, paper.number, paper.bill_count))  # type: ignore[union-attr]

    @property
    def asked(self) -> int:
        """What the payment screen asks for."""
        return self.app.screen._paying.asked_minor  # type: ignore[attr-defined]

    async def enter(self, times: int) -> str:
        """Press Enter so many times, each a press of its own."""
        screen = ""
        for _each in range(times):
            screen = await self.play("\n")
        return screen

    @property
    def dues(self) -> list[int]:
        (order,) = self.desk.orders.values()
        return [check.due_minor for check in order.owing]


@asynccontextmanager
async def playing(
    till: TillOnDisk, script: str = ORDERED, *, actor: Any = MANAGER, size: tuple[int, int] = (120, 36)
) -> AsyncIterator[Played]:
    async with till.desk() as desk:
        app = PlayedApp(desk, script=f"{PIN}\n")  # type: ignore[arg-type]
        async with app.run_test(size=size) as pilot:
            desk.actor = actor
            played = Played(app, desk, pilot)
            await played.play(script)
            yield played


async def printed(paper: ReceiptDocument) -> str:
    return "\n".join(line.text for line in lay_out(paper, 42))


# Discounts and comps


async def test_a_rate_off_the_check_is_alike_on_check_payment_bill_and_receipt(till: TillOnDisk) -> None:
    async with playing(till) as played:
        screen = await played.play("<ctrl+d>1\n")
        assert "Descuento a toda la cuenta" in screen
        assert "Quita S/ 6.19: queda S/ 55.64" in await played.play("10")
        assert "Cliente frecuente" in await played.play("\n")
        screen = await played.play("1")
        assert "Descuento dado. Quita S/ 6.19: queda S/ 55.64 por pagar." in screen
        assert "Descuento 10" in screen
        await played.play("<ctrl+b>")
        assert "Descuento 10 % · Cliente frecuente -S/ 6.12" in await played.play("<f9>v")
        assert played.asked == 5_564
        await played.play("\n")
        bill, receipt = await played.papers()
        for paper in (bill, receipt):
            assert paper.total_minor == 5_564
            assert [(each.name, each.amount_minor) for each in paper.discounts] == [
                ("Descuento 10 % · Cliente frecuente", -612)
            ]
        (row,) = await played.rows(Discount)
        assert (row.kind, row.source, row.rate_millionths, row.reason) == ("rate", "hand", 100_000, "Cliente frecuente")


async def test_an_amount_off_one_dish_with_a_reason_of_ones_own(till: TillOnDisk) -> None:
    async with playing(till) as played:
        assert "Descuento a Ceviche" in await played.play("<ctrl+k><ctrl+k><ctrl+k><ctrl+d>")
        await played.play("1\n<tab>5\n")
        assert "S/ 56.83" in await played.play("2plato frío\n")
        (row,) = await played.rows(Discount)
        assert (row.amount_minor, row.reason, row.line_id is not None) == (500, "plato frío", True)


async def test_a_comp_takes_all_of_a_dish_and_is_lifted_where_it_is_listed(till: TillOnDisk) -> None:
    async with playing(till) as played:
        await played.play("<ctrl+k><ctrl+k><ctrl+k><ctrl+d>")
        screen = await played.play("2\n")
        assert "Quita S/ 42.50: queda S/ 19.33 por pagar." in screen
        screen = await played.play("1")
        assert "Cortesía · Reclamo" in screen
        assert "Descuento" not in screen, "the dish itself says that it is on the house"
        assert played.dues == [1_933]
        screen = await played.play("<ctrl+d>")
        assert "Quitar: Cortesía · Reclamo" in screen
        assert "-S/ 42.50" in screen
        assert "Cortesía · Reclamo: se quitó." in await played.play("quitar\n")
        assert played.dues == [6_183]


async def test_the_paper_of_a_refund_says_what_was_on_the_house(till: TillOnDisk) -> None:
    async with playing(till) as played:
        await played.play("<ctrl+k><ctrl+k><ctrl+k><ctrl+d>2\n1<f9>v\n")
        (receipt,) = await played.rows(Receipt)
        lines = {line.id: line.quantity_milli for line in await played.rows(ReceiptLine)}
        await played.desk.past.refund(receipt.id, lines, None, "frío", was_made=False)
        (paper,) = [each for each in await played.papers() if each.of_number]
        assert [(each.name, each.amount_minor) for each in paper.discounts] == [("Cortesía · Reclamo", -4_250)]


async def test_a_third_of_a_dish_is_called_a_third_on_check_and_bill(till: TillOnDisk) -> None:
    async with playing(till) as played:
        (order,) = played.desk.orders.values()
        (line, *_others) = order.lines
        await played.desk.send(order.id)
        new = await played.desk.bills.split_off(order.id, order.check.id, {line.id: 333})
        screen = await played.play("<f1><escape>")
        assert "1/3 Ceviche" in " ".join(screen.split())
        assert "0.333" not in screen
        await played.desk.bills.print_bill(order.id, new)
        (bill,) = await played.papers()
        assert "1/3 Ceviche" in await printed(bill)


async def test_more_than_there_is_is_refused_before_anybody_says_why(till: TillOnDisk) -> None:
    async with playing(till) as played:
        await played.play("<ctrl+d>1\n<tab>100\n")
        assert "El descuento no puede ser" in await played.play("")
        assert await played.rows(Discount) == []


# Service charges and the bill


async def test_ctrl_g_adds_the_houses_service_and_takes_it_off(till: TillOnDisk) -> None:
    async with playing(till) as played:
        assert "Servicio: Recargo 10 %." in await played.play("<ctrl+g>")
        assert played.dues == [6_801]
        assert "Recargo 10 %: se quitó." in await played.play("<ctrl+g>")
        assert played.dues == [6_183]
        await played.play("<ctrl+g>")
        assert played.dues == [6_801]
        assert len(await played.rows(ServiceCharge)) == 2, "what was lifted stays lifted"


async def test_a_large_party_is_charged_for_service_with_the_first_bill_and_once(till: TillOnDisk) -> None:
    async with playing(till, "8*1\ncev\n") as played:
        assert played.dues == [4_250]
        assert "Recargo 10 %" in await played.play("<ctrl+b>")
        assert played.dues == [4_675]
        await played.play("<ctrl+g><f9>")
        assert played.dues == [4_250], "taken off by hand, it does not come back by itself"
        assert len(await played.rows(ServiceCharge)) == 1


async def test_the_payment_of_a_large_party_asks_for_service_too(till: TillOnDisk) -> None:
    async with playing(till, "8*1\ncev\n") as played:
        assert "46.70" in await played.play("<f9>") or played.dues == [4_675]
        await played.play("v\n")
        (receipt,) = await played.rows(Receipt)
        assert (receipt.service_minor, receipt.total_minor) == (425, 4_675)
        (paper,) = await played.papers()
        assert [(each.name, each.amount_minor) for each in paper.services] == [("Recargo 10 %", 425)]


async def test_the_bill_is_no_receipt_and_the_second_says_so(till: TillOnDisk) -> None:
    async with playing(till, size=(120, 36)) as played:
        screen = await played.play("<ctrl+b>")
        assert "Cuenta de A-1 impresa: S/ 61.83." in screen
        assert "pidió la cuenta" in await played.play("<f2>")
        assert "(n.º 2)" in await played.play("1<ctrl+b>")
        first, second = await played.papers()
        paper = await printed(first)
        assert "NO ES COMPROBANTE DE PAGO" in paper
        assert "TOTAL" in paper
        assert "CUENTA 2: REEMPLAZA A LAS ANTERIORES" in await printed(second)
        assert [row.total_minor for row in await played.rows(Prebill)] == [6_183, 6_183]
        assert await played.rows(Receipt) == []


async def test_what_is_ordered_after_the_bill_makes_it_old(till: TillOnDisk) -> None:
    async with playing(till, size=(120, 36)) as played:
        await played.play("<ctrl+b>")
        screen = await played.play("chi\n<f5>")
        assert "Cuenta vieja" in screen
        assert "cuenta vieja" in await played.play("<f2>")
        assert "pidió la cuenta" in await played.play("1<ctrl+b>")


async def test_a_dish_on_the_bill_is_taken_off_for_a_reason(till: TillOnDisk) -> None:
    async with playing(till) as played:
        await played.play("<ctrl+b><ctrl+k>")
        assert "motivo" in (await played.play("<f6>")).casefold() or "¿" in await played.play("")


# Splits


async def test_two_equal_parts_in_exact_cash_take_eight_presses_at_most(till: TillOnDisk) -> None:
    async with playing(till) as played:
        presses = ["f9", "f7", "2", "\n", "\n", "\n", "\n", "\n"]
        assert len(presses) <= 8
        for key in presses:
            await played.play(key if len(key) == 1 else f"<{key}>")
        receipts = await played.rows(Receipt)
        assert sorted(row.total_minor for row in receipts) == [3_091, 3_092]
        assert not played.desk.orders or all(order.is_paid for order in played.desk.orders.values())


async def test_enter_by_habit_after_the_digit_of_a_split_asks_before_it_takes_money(till: TillOnDisk) -> None:
    async with playing(till) as played:
        assert "S/ 20.61 cada una" in await played.play("<f9><f7>")
        assert "S/ 15.45 o S/ 15.46 cada una" in await played.play("")
        screen = await played.play("2\n")
        assert "Falta S/ 30.90. Enter otra vez" in screen
        assert not await played.rows(Payment)
        await played.play("\n")
        assert [row.total_minor for row in await played.rows(Receipt)] == [3_092]


async def test_exact_cash_takes_two_presses_and_change_four(till: TillOnDisk) -> None:
    async with playing(till) as played:
        await played.play("<f9>\n\n")
        await played.play("2\ncev\n<f9>50\n")
        assert len(await played.rows(Receipt)) == 2


async def test_after_one_share_the_rest_is_split_another_way(till: TillOnDisk) -> None:
    async with playing(till) as played:
        screen = await played.play("<f9><f7>3")
        assert "parte 1 de 3" in screen
        assert played.asked == 2_060, "cash is rounded to coins"
        await played.play("v")
        assert played.asked == 2_061
        assert "parte 2 de 3" in await played.enter(2)
        assert "Todo junto" in await played.play("<f7>")
        screen = await played.play("0")
        assert "Por importe" in screen
        screen = await played.play("10\n")
        assert "una parte" in screen
        await played.play("v")
        await played.enter(2)
        await played.play("v")
        await played.enter(2)
        totals = sorted(row.total_minor for row in await played.rows(Receipt))
        assert totals == [1_000, 2_061, 3_122]
        assert len(await played.papers()) == 3, "each share has a receipt of its own"


async def test_a_part_of_a_share_is_kept_and_the_share_goes_on(till: TillOnDisk) -> None:
    async with playing(till) as played:
        await played.play("<f9><f7>2v10\n")
        assert played.asked == 2_092
        await played.play("<backspace>\n")
        assert sorted(row.total_minor for row in await played.rows(Receipt)) == [3_092]
        assert played.dues == [3_091]


async def test_dishes_and_a_shared_one_go_to_a_check_of_their_own(till: TillOnDisk) -> None:
    async with playing(till) as played:
        await played.play("<ctrl+d>1\n10\n1<f9>")
        screen = await played.play("<f7>1")
        assert "1 × Ceviche" in screen
        screen = await played.play("2<up><up>//")
        assert "va 1/3" in screen
        screen = await played.play("\n")
        assert "cuenta 2 de 2" in screen or "cuenta 1 de 2" in screen
        assert sum(played.dues) == 5_564
        await played.play("v\n")
        assert sum(played.dues) + sum(row.total_minor for row in await played.rows(Receipt)) == 5_564
        await played.play("\n")
        await played.play("v")
        await played.enter(1)
        assert sum(row.total_minor for row in await played.rows(Receipt)) == 5_564


async def test_a_split_needs_something_that_goes_and_something_that_stays(till: TillOnDisk) -> None:
    async with playing(till) as played:
        await played.play("<ctrl+v>")
        assert "Marca primero" in await played.play("\n")
        await played.play("123")
        assert "Algo tiene que quedar" in await played.play("\n")
        await played.play("1")
        assert "Cuenta nueva: son 2." in await played.play("\n")
        assert len(played.dues) == 2


async def test_a_program_that_ends_between_two_shares_leaves_the_rest(till: TillOnDisk) -> None:
    async with playing(till) as played:
        await played.play("<f9><f7>3v\n")
    async with playing(till, "1\n<f9>") as played:
        assert played.dues == [4_122]
        await played.play("<f7>2v")
        await played.enter(2)
        await played.play("v")
        await played.enter(1)
        assert sum(row.total_minor for row in await played.rows(Receipt)) == 6_183
        assert sum(row.amount_minor for row in await played.rows(Payment)) == 6_183


# Moving


async def test_a_dish_moves_to_another_table_and_to_a_check_of_its_own(till: TillOnDisk) -> None:
    async with playing(till, f"2\nchi\n<f2>{ORDERED}") as played:
        screen = await played.play("<ctrl+k><ctrl+k><ctrl+k><ctrl+s>")
        assert "Mover Ceviche" in screen
        assert "Mesa 2" in screen
        assert "Ceviche pasó a Mesa 2" in await played.play("2")
        found = {order.table_name: order.bill.total_minor for order in played.desk.orders.values()}
        assert found == {"1": 1_933, "2": 5_450}
        await played.play("<ctrl+k><ctrl+s>1")
        (order,) = [order for order in played.desk.orders.values() if order.table_name == "1"]
        assert len(order.owing) == 2


async def test_a_cashier_gives_a_discount_with_a_managers_pin(till: TillOnDisk) -> None:
    async with playing(till, actor=CASHIER) as played:
        screen = await played.play("<ctrl+d>1\n10\n1")
        assert "PIN" in screen
        assert await played.rows(Discount) == []
        assert "Descuento dado." in await played.play(f"{CARMEN}\n")
        (row,) = await played.rows(Discount)
        (approval,) = await played.rows(Approval)
        assert (row.given_by, approval.approver_id) == (CASHIER.staff_id, MANAGER.staff_id)
        assert played.dues == [5_564]


async def test_a_key_that_bounces_prints_one_bill_adds_one_service_and_makes_one_check(till: TillOnDisk) -> None:
    async with playing(till) as played:
        await played.play("<ctrl+b>" * 20)
        assert len(await played.rows(Prebill)) == 1
        await played.play("<ctrl+g>" * 20)
        assert len(await played.rows(ServiceCharge)) == 1
        await played.play("<ctrl+v>1" + "\n" * 20)
        assert len(played.dues) == 2
        before = sum(played.dues)
        await played.play("<f9><f7>2v" + "\n" * 20)
        assert sum(played.dues) + sum(row.total_minor for row in await played.rows(Receipt)) == before


async def test_hostile_reasons_are_text_on_check_and_paper(till: TillOnDisk) -> None:
    async with playing(till) as played:
        await played.play("<ctrl+d>1\n10\n2[/red]🌶 " + "a" * 200 + "\n")
        (row,) = await played.rows(Discount)
        assert row.reason.startswith("[/red]🌶 aaa")
        assert len(row.reason) <= 120
        await played.play("<ctrl+b>")
        (paper,) = await played.papers()
        assert "[/red]" in await printed(paper)
