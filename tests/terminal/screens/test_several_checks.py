"""An order with several checks, through the keys of a real till: its total is that of its lines, and all is paid."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from restaurant import MANAGER

from shared.books.gone import Gone
from shared.kernel.language import Language, Texts
from shared.kernel.permissions import DeviceKind
from shared.orders import correcting
from shared.orders.records import OrderKind
from shared.payments import commands as payments
from shared.payments.rules import Tender, TenderKind
from terminal.desks.desk import Desk
from terminal.snapshots.keeping import ROOMS
from tests.faults.till_on_disk import PIN, copy_till
from tests.terminal.looks.picture import text_grid
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.paper_house import PREMISES
from tests.terminal.screens.till import PlayedApp, driven

TABLE = f"{PIN}\n1\n"


async def part_on_a_check_of_its_own(desk: Desk) -> None:
    """The last line of the only order moves to a second check."""
    (order,) = desk.orders.values()
    check_id, line = desk.store.ids.new(), order.lines[-1]
    await desk.store.run(MANAGER, lambda work: payments.open_check(work, order.id, check_id))
    await desk.store.run(MANAGER, lambda work: correcting.move_line(work, line.id, check_id))
    await desk.open()


WORDS = {
    Language.SPANISH: ("2 cuentas", "cuenta 1 de 2", "Del pedido A-1 falta", "cuenta 2 de 2", "Del pedido falta"),
    Language.ENGLISH: ("2 checks", "check 1 of 2", "of order A-1 is still owed", "check 2 of 2", "is still owed"),
}


@pytest.mark.parametrize("language", WORDS)
async def test_the_total_is_of_all_lines_and_one_check_is_paid_after_the_other(
    founded: Path, tmp_path: Path, language: Language
) -> None:
    summed, first, more, second, left = WORDS[language]
    async with copy_till(founded, tmp_path / "till").desk() as desk:
        app = PlayedApp(desk, script=f"{TABLE}cev\nchi\n<f5>")  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)) as pilot:

            async def after(keys: str) -> str:
                app.play(keys)
                await pilot.pause()
                await app.settled()
                return text_grid(app.export_screenshot())

            desk.texts = Texts(language, ROOMS)
            await part_on_a_check_of_its_own(desk)
            desk.texts = Texts(language, ROOMS)
            order = await after("<f2>1\n")
            assert summed in order
            assert "42.50 + 12.00" in order or "12.00 + 42.50" in order
            (view,) = desk.orders.values()
            assert (view.bill.total_minor, view.owed_minor) == (5_450, 5_450)
            assert first in await after("<f9>")
            paid = await after("\n")
            assert more in paid
            assert f"{sum(order.owed_minor for order in desk.orders.values()) / 100:.2f}" in paid
            on = await after("\n")
            assert second in on
            assert left in on
            assert desk.orders, "a key that bounces pays nothing"
            await after("\n")
            assert desk.orders, "the next Enter asks"
            await after("\n")
            assert not any(order.takes_money for order in desk.orders.values())


async def test_how_an_order_ended_is_read_from_the_books(founded: Path, tmp_path: Path) -> None:
    async with copy_till(founded, tmp_path / "till").desk() as desk:
        app = PlayedApp(desk, script=f"{TABLE}cev\n<f5><f2>2\nchi\n<f5>")  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)):
            first, second = sorted(desk.orders.values(), key=lambda order: order.number)
        stays = await desk.store.run(MANAGER, lambda work: payments.join_orders(work, first.id, second.id))
        joined = first if stays == second.id else second
        kept = second if joined is first else first
        assert await desk.what_became_of(joined.id) == Gone(joined.number, joined_to=kept.number)
        desk.actor = MANAGER
        cancelled = await desk.open_order(OrderKind.TAKEOUT)
        await desk.add_line(cancelled, next(item for item in desk.menu.items.values() if item.code == "chi"))
        number = desk.orders[cancelled].number
        await desk.corrections.cancel(cancelled)
        assert await desk.what_became_of(cancelled) == Gone(number)
        await desk.open()
        for check in desk.orders[stays].checks:
            cash = next(method for method in desk.methods if method.kind is TenderKind.CASH)
            tender = Tender(cash.id, cash.name, cash.kind, check.due_minor)
            receipt = (await desk.pay(stays, check.id, [tender])).receipt_number
        assert await desk.what_became_of(stays) == Gone(kept.number, receipt=receipt)


async def test_a_kitchen_display_takes_no_money_and_says_so_at_once() -> None:
    premises = replace(PREMISES, device_kind=DeviceKind.KITCHEN)
    async with driven(PaperDesk(premises=premises), script="1234\n<f2>7\nlom\n<f9>") as till:
        assert till.screen_name != "payment"
        assert "Este equipo no cobra. Cobra el pedido en una caja." in await till.grid()


MORE = {Language.SPANISH: "Ceviche: 1 más. F5 lo envía.", Language.ENGLISH: "Ceviche: 1 more. F5 sends it."}


@pytest.mark.parametrize("language", MORE)
async def test_of_a_sent_dish_a_greater_number_is_more(founded: Path, tmp_path: Path, language: Language) -> None:
    async with copy_till(founded, tmp_path / "till").desk() as desk:
        app = PlayedApp(desk, script=f"{TABLE}2*cev\n<f5>")  # type: ignore[arg-type]
        async with app.run_test(size=(160, 36)) as pilot:
            desk.texts = Texts(language, ROOMS)
            app.play("<ctrl+up>3*\n")
            await pilot.pause()
            await app.settled()
            assert MORE[language] in text_grid(app.export_screenshot())
        (order,) = desk.orders.values()
        assert [line.quantity_milli for line in order.lines] == [2_000, 1_000]
