"""Today's sales on the till: who may see them, and that they follow what happens."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from restaurant import MANAGER
from textual.events import MouseScrollUp

from shared.kernel.language import Language
from shared.menu.rules import default_modifiers
from shared.orders.commands import first_check_id
from shared.orders.records import OrderKind
from shared.payments.rules import Tender, TenderKind
from shared.sales.queries import DaySales, paid_on_open_orders
from terminal.store.errors import StoreError
from tests.faults.till_on_disk import PIN, copy_till
from tests.terminal.looks.picture import text_grid
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.paper_sales import DAY, a_good_day
from tests.terminal.screens.till import PlayedApp, driven

NOTHING = DaySales(DAY, (), (), (), ())
MANAGERS_PIN, CASHIERS_PIN = "3333\n", "1234\n"


async def test_a_manager_sees_what_was_sold_and_goes_back_to_the_tables() -> None:
    async with driven(PaperDesk(sales=a_good_day()), script=MANAGERS_PIN) as till:
        await till.press("f3")
        assert till.screen_name == "today"
        screen = await till.grid()
        for shown in ("sábado 14 mar 2026", "Lomo saltado", "Yape", "mejor: 13 h, S/ 1,423.50"):
            assert shown in screen
        await till.press("f2")
        assert till.screen_name == "floor"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            Language.SPANISH,
            "No tienes permiso para ver informes. Puede hacerlo: Carmen Flores.",
        ),
        (Language.ENGLISH, "You may not see reports. Who may: Carmen Flores. Let them log in"),
    ],
)
async def test_a_cashier_is_told_who_may_and_how(language: Language, said: str) -> None:
    async with driven(PaperDesk(language=language, sales=a_good_day()), script=CASHIERS_PIN, size=(80, 24)) as till:
        await till.press("f3")
        assert till.screen_name == "floor"
        assert said in await till.grid()
        assert "sales_today" not in till.desk.asked
        await till.press("f10")
        await till.type(MANAGERS_PIN)
        await till.press("f3")
        assert till.screen_name == "today"


@pytest.mark.parametrize(
    ("language", "shown"), [(Language.SPANISH, "{} a {} de 16 · ↑ ↓"), (Language.ENGLISH, "{} to {} of 16 · ↑ ↓")]
)
async def test_every_dish_can_be_reached_by_keys_and_by_wheel(language: Language, shown: str) -> None:
    desk = PaperDesk(language=language, sales=a_good_day())
    async with driven(desk, script=f"{MANAGERS_PIN}<f3>", size=(80, 24)) as till:
        assert shown.format(1, 9) in await till.grid()
        for keys, place in ((["down"], (2, 10)), (["up", "up"], (1, 9)), (["pagedown"], (8, 16)), (["pageup"], (1, 9))):
            await till.press(*keys)
            assert shown.format(*place) in await till.grid()
        await till.press(*["down"] * 30)
        screen = await till.grid()
        assert shown.format(8, 16) in screen
        assert "Cusqueña" in screen
        assert "Lomo saltado" not in screen
        items = till.app.screen.items
        await till.pilot._post_mouse_events([MouseScrollUp], items)
        assert shown.format(7, 15) in await till.grid()
        await till.press("f2", "f3")
        assert shown.format(1, 9) in await till.grid()


async def test_the_screen_follows_the_sales() -> None:
    async with driven(PaperDesk(sales=NOTHING), script=f"{MANAGERS_PIN}<f3>") as till:
        assert "Hoy todavía no se ha vendido nada." in await till.grid()
        till.desk.sales = a_good_day()
        till.desk.publish("orders")
        screen = await till.grid()
        assert "Lomo saltado" in screen
        assert "Hoy todavía" not in screen


async def test_the_screen_passes_into_the_next_day() -> None:
    async with driven(PaperDesk(sales=a_good_day()), script=f"{MANAGERS_PIN}<f3>") as till:
        till.desk.sales = DaySales(DAY + timedelta(days=1), (), (), (), ())
        till.app.screen.tick()
        assert "sábado 14 mar" in await till.grid()
        till.desk.time += timedelta(minutes=1)
        till.app.screen.tick()
        assert "domingo 15 mar" in await till.grid()


async def test_sums_that_cannot_be_read_leave_the_till_where_it_is() -> None:
    async with driven(PaperDesk(sales=a_good_day()), script=MANAGERS_PIN) as till:
        till.desk.fails.append(StoreError("STORE_DISK_FULL"))
        await till.press("f3")
        assert till.screen_name == "floor"
        await till.press("f3")
        assert till.screen_name == "today"


async def test_a_real_till_shows_a_sale_as_soon_as_it_is_paid(founded: Path, tmp_path: Path) -> None:
    async with copy_till(founded, tmp_path / "till").desk() as desk:
        app = PlayedApp(desk, script=f"{PIN}\n")  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)) as pilot:
            desk.actor = MANAGER
            app.play("<f3>")
            await pilot.pause()
            await app.settled()
            assert "Hoy todavía no se ha vendido nada." in text_grid(app.export_screenshot())
            item = next(iter(desk.menu.items.values()))
            order_id = await desk.open_order(OrderKind.TAKEOUT)
            await desk.add_line(order_id, item, default_modifiers(item), 2_000)
            cash = next(method for method in desk.methods if method.kind is TenderKind.CASH)
            paid = await desk.pay(order_id, first_check_id(order_id), [Tender(cash.id, cash.name, cash.kind, 10**6)])
            await pilot.pause()
            await app.settled()
            await pilot.pause()
            screen = text_grid(app.export_screenshot())
            assert "En cuentas abiertas" not in screen
        (total,) = (await desk.sales_today()).totals
        assert (total.checks, total.total_minor) == (1, paid.total_minor)
        for shown in (item.name, cash.name, desk.money(paid.total_minor)):
            assert shown in screen


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_what_was_taken_is_what_was_sold_and_what_lies_on_open_orders(
    size: tuple[int, int], founded: Path, tmp_path: Path
) -> None:
    async with copy_till(founded, tmp_path / "till").desk() as desk:
        desk.actor = MANAGER
        item = next(iter(desk.menu.items.values()))
        cash = next(method for method in desk.methods if method.kind is TenderKind.CASH)
        for amount in (10**6, 500):
            order_id = await desk.open_order(OrderKind.TAKEOUT)
            await desk.add_line(order_id, item, default_modifiers(item), 2_000)
            await desk.pay(order_id, first_check_id(order_id), [Tender(cash.id, cash.name, cash.kind, amount)])
        day = await desk.sales_today()
        (total,), (taken,) = day.totals, day.methods
        assert day.open_minor == {total.currency: 500}
        assert taken.total_minor == total.total_minor + total.rounding_minor + 500
        app = PlayedApp(desk, script=f"{PIN}\n")  # type: ignore[arg-type]
        async with app.run_test(size=size) as pilot:
            desk.actor = MANAGER
            app.play("<f3>")
            await pilot.pause()
            await app.settled()
            await pilot.pause()
            screen = text_grid(app.export_screenshot()).splitlines()
            (line,) = [line for line in screen if "Sin comprobante" in line]
            assert desk.money(500) in line
        ids = desk.store.identity
        async with desk.store.reading() as reader:
            tomorrow = day.day + timedelta(days=1)
            assert await paid_on_open_orders(reader, ids.organization_id, ids.branch_id, tomorrow) == {}
        await desk.pay(order_id, first_check_id(order_id), [Tender(cash.id, cash.name, cash.kind, 10**6)])
        assert (await desk.sales_today()).open_minor == {}
