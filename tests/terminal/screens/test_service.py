"""Combos, happy hours, halves, allergies and seats by the keys of the order screen, over the real desk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from restaurant import HandClock
from service_menu import AT_FOUR, AT_SIX, add_service_menu
from textual.pilot import Pilot

from shared.books.views import OrderView
from terminal.desks.desk import Desk
from terminal.printing.documents import KitchenDocument, KitchenNews, PaperKind, ReceiptDocument, decode
from terminal.printing.records import print_job
from terminal.screens.kitchen.view import wall_ticket
from terminal.screens.voice import Voice
from terminal.supervision.fire_duty import fire_due
from tests.faults.till_on_disk import PIN, TillOnDisk, copy_till, found_till
from tests.terminal.screens.real_desk import played, rows
from tests.terminal.screens.till import PlayedApp

AT_ONE = f"{PIN}\n1\n"


@pytest.fixture(scope="module")
def with_service(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A till whose menu has a combo, a happy hour, a breakfast and a pizza in halves."""
    root = tmp_path_factory.mktemp("service")
    asyncio.run(found_till(root, add_service_menu))
    return root


@pytest.fixture
def till(with_service: Path, tmp_path: Path) -> TillOnDisk:
    return copy_till(with_service, tmp_path / "till")


class WallClock(HandClock):
    """Of a machine that was never started again."""

    def boot(self) -> str:
        return "the first"


class Played:
    """A till at work, and what it shows."""

    def __init__(self, desk: Desk, app: PlayedApp, pilot: Pilot[None], clock: HandClock) -> None:
        self.desk, self.app, self.pilot, self.clock = desk, app, pilot, clock

    async def type(self, script: str) -> str:
        return await played(self.app, self.pilot, script)

    @property
    def order(self) -> OrderView:
        (order,) = self.desk.orders.values()
        return order

    async def papers(self) -> list[KitchenDocument]:
        made = [decode(PaperKind(row.kind), row.payload) for row in await rows(self.desk, print_job)]
        return [paper for paper in made if isinstance(paper, KitchenDocument)]


@asynccontextmanager
async def at_work(till: TillOnDisk, script: str = AT_ONE, size: tuple[int, int] = (120, 36)) -> AsyncIterator[Played]:
    clock = WallClock(AT_FOUR)
    async with till.desk(clock) as desk:
        app = PlayedApp(desk, script=script)  # type: ignore[arg-type]
        async with app.run_test(size=size) as pilot:
            yield Played(desk, app, pilot, clock)


async def test_a_combo_asks_for_what_can_be_chosen_and_stands_with_its_parts(till: TillOnDisk) -> None:
    async with at_work(till) as at:
        screen = await at.type("menu\n")
        assert "Menú del día: Fondo" in screen, "one choice for the starter is not asked for"
        screen = await at.type("\n")
        assert "Menú del día: Bebida" in screen
        screen = await at.type("2")
        assert "en Menú del día" in screen
        assert [line.item_name for line in at.order.lines] == ["Sopa", "Seco", "Cerveza"]
        assert at.order.bill.gross_minor == 1_800, "20.00 less a quarter, and 3.00 for the beer"
        await at.type("+")
        assert at.order.bill.gross_minor == 3_600
        await at.type("<f6>")
        assert not at.order.lines
        await at.type("<ctrl+u>")
        assert len(at.order.lines) == 3


async def test_the_bill_and_the_kitchen_name_the_combo_of_each_part(till: TillOnDisk) -> None:
    async with at_work(till, f"{AT_ONE}menu\n\n1<f5><ctrl+b>") as at:
        await at.type("")
        made = [decode(PaperKind(row.kind), row.payload) for row in await rows(at.desk, print_job)]
        (bill,) = (paper for paper in made if isinstance(paper, ReceiptDocument))
        assert {(line.name, line.note) for line in bill.lines} == {
            (name, "Menú del día") for name in ("Sopa", "Seco", "Jugo")
        }
        assert {line.combo for paper in await at.papers() for line in paper.lines} == {"Menú del día"}


async def test_a_happy_hour_ends_on_the_screen_and_the_line_keeps_its_price(till: TillOnDisk) -> None:
    async with at_work(till, f"{AT_ONE}cer", (80, 24)) as at:
        assert "↓ S/ 7.50" in await at.type("")
        assert "Hora feliz" in await at.type("\n")
        at.clock.instant = AT_SIX
        assert "↓ S/ 7.50" not in await at.type("cer")
        await at.type("\n")
        assert [line.unit_minor for line in at.order.lines] == [750, 1_000]


async def test_a_dish_of_another_part_of_the_day_says_from_when_it_is_sold(till: TillOnDisk) -> None:
    async with at_work(till, f"{AT_ONE}hue") as at:
        assert "desde 07:00" in await at.type("")
        assert "Huevos se vende en “Desayuno”, desde las 07:00." in await at.type("\n")


async def test_an_allergy_stands_on_the_order_the_wall_and_papers_and_warns(till: TillOnDisk) -> None:
    async with at_work(till, f"{AT_ONE}cev\n<f5>") as at:
        screen = await at.type("!")
        assert "Alergia de la mesa" in screen
        screen = await at.type("apio\n")
        assert "ALERGIA: apio" in screen
        assert "La cocina ya lo ve" in screen
        (_first, told) = await at.papers()
        assert (told.news, told.allergies, [line.name for line in told.lines]) == (
            KitchenNews.ALLERGY,
            "apio",
            ["Ceviche"],
        )
        screen = await at.type("sop")
        assert "▲ apio" in screen
        screen = await at.type("\n")
        assert "¡CUIDADO! Sopa lleva apio" in screen
        await at.type("<f5>")
        assert (await at.papers())[-1].allergies == "apio"
        assert all(ticket.allergies for ticket in at.desk.tickets)
        assert {line.name: line.dangers for line in (await at.papers())[-1].lines} == {"Sopa": "apio"}
        marked = {line.item_name: line.dangers for ticket in at.desk.tickets for line in ticket.lines}
        assert marked == {"Ceviche": (), "Sopa": ("celery",)}
        cards = [wall_ticket(ticket, Voice.of(at.desk)) for ticket in at.desk.tickets]  # type: ignore[arg-type]
        said = {line.name: [extra.text for extra in line.extras] for card in cards for line in card.lines}
        assert said["Sopa"] == ["¡LLEVA apio!"]
        screen = await at.type("!\n")
        assert "ALERGIA" not in screen


async def test_two_halves_share_a_pizza_and_the_dearest_is_charged(till: TillOnDisk) -> None:
    async with at_work(till, f"{AT_ONE}piz\n") as at:
        await at.type("1")
        await at.type("3\n")
        (line,) = at.order.lines
        assert [name for name, _price in line.modifiers] == ["½ Margarita", "½ Mar"]
        assert line.unit_minor == 3_900


@pytest.mark.parametrize("keys", ["<ctrl+v>s", "<f9><f7>s", "<f9><f7>1s"], ids=["order", "payment", "by dish"])
async def test_a_check_is_split_by_seat_and_what_is_nobodys_is_shared(till: TillOnDisk, keys: str) -> None:
    script = f"{AT_ONE}pan\n<ctrl+v>s"
    async with at_work(till, script) as at:
        assert "No hay asientos anotados" in await at.type("")
        await at.type("<escape>cev\n<ctrl+a>1lom\n<ctrl+a>2<f5>")
        due = at.order.due_minor
        screen = await at.type(keys)
        assert "2 cuentas, una por asiento; lo que no es de ninguno se reparte." in screen
        assert len(at.order.checks) == 2
        assert sum(check.due_minor for check in at.order.checks) == due
        assert {line.seat for line in at.order.lines if line.item_name != "Pan"} >= {1, 2}


async def test_a_course_is_held_by_hand_and_fired_by_itself_at_its_time_after_midnight(till: TillOnDisk) -> None:
    async with at_work(till, f"{AT_ONE}cev\n<ctrl+y>1") as at:
        at.clock.instant = AT_SIX + timedelta(hours=5, minutes=30)  # 23:30 in Lima
        await at.desk.courses.hold(at.order.id, 1)
        screen = await at.type("<f5>")
        assert "¿Qué tiempo sale ahora a cocina?" in screen
        screen = await at.type("0")
        assert "A una hora" in screen or "a una hora" in screen
        screen = await at.type("45\n")
        assert "sale a las 00:15" in screen
        assert not await at.papers()
        await at.type("<ctrl+l>")
        assert at.desk.actor is None, "it goes while the till is locked"
        at.clock.instant += timedelta(minutes=44)
        assert at.desk.courses.due(at.desk.actor) == ()
        at.clock.instant += timedelta(minutes=1)
        assert [each[:2] for each in at.desk.courses.due(at.desk.actor)] == [(at.order.id, 1)]
        await fire_due(at.desk)  # the app's own second may be first
        (paper,) = await at.papers()
        assert (paper.news, paper.course) == (KitchenNews.FIRED, "1.er TIEMPO")
        assert await fire_due(at.desk) == [], "once"
