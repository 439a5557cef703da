"""What papers tell the kitchen: with the real commands, on one till and on two that meet later."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from restaurant import MANAGER, TILL, WAITER, House, Replica, Village, found

from shared.kitchen.commands import confirm
from shared.kitchen.queries import open_tickets
from shared.menu.rules import default_modifiers
from shared.orders.commands import add_line, change_line, first_check_id, one_more, open_order, set_quantity
from shared.orders.correcting import lift_void
from shared.orders.noting import note_order
from shared.orders.records import LineVoid, OrderKind
from shared.payments.rules import Tender, TenderKind
from shared.tenancy.queries import premises
from terminal.papers.kitchen_papers import print_changes
from terminal.papers.past_tasks import refund
from terminal.papers.print_plan import PrintPlan
from terminal.papers.tasks import PrintContext, cancel_order, send, send_and_pay, void_line
from terminal.printing.documents import KitchenDocument, KitchenNews, KitchenRequest, PaperKind, decode
from terminal.printing.records import metadata, print_job

ORDER = UUID(int=1_000)
LOMO, CEVICHE, CHICHA = UUID(int=1), UUID(int=2), UUID(int=3)
PAPER = PrintPlan(default_kitchen="cocina")
Said = tuple[str, str, int]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, House]:
    folder = tmp_path_factory.mktemp("restaurant")
    return folder, asyncio.run(found(folder))


@pytest.fixture
async def village(template: tuple[Path, House], tmp_path: Path) -> AsyncIterator[Village]:
    village = Village(template[0], tmp_path, template[1])
    yield village
    await village.close()


class Kitchen:
    """A device with printers, and the papers that come out of them."""

    def __init__(self, replica: Replica, plan: PrintPlan, house: House) -> None:
        self.replica = replica
        self.house = house
        self._plan = plan
        self._seen = 0

    async def context(self) -> PrintContext:
        place = self.replica.place
        async with self.replica.connection() as connection:
            await connection.run_sync(metadata.create_all)
            here = await premises(connection, place.organization_id, place.branch_id, place.device_id)
        assert here is not None
        return PrintContext(here, self._plan, {each: name for name, each in self.house.stations.items()})

    async def order(self, *codes: str) -> None:
        menu = await self.replica.menu()
        lines = {"lom": LOMO, "cev": CEVICHE, "chi": CHICHA}
        async with self.replica.work(MANAGER) as work:
            await open_order(work, ORDER, OrderKind.DINE_IN, table_id=self.house.tables["1"])
            for code in codes:
                item = menu.items[self.house.items[code]]
                await add_line(work, ORDER, lines[code], item.id, default_modifiers(item))

    async def send(self) -> list[KitchenDocument]:
        context = await self.context()
        async with self.replica.work(MANAGER) as work:
            await send(work, ORDER, context)
        return await self.new()

    async def void(self, line: UUID, milli: int = 1_000, *, was_made: bool = False) -> list[KitchenDocument]:
        context = await self.context()
        async with self.replica.work(MANAGER) as work:
            void_id = work.ids.new()
            await void_line(work, ORDER, line, void_id, milli, "error", context, was_made=was_made)
        return await self.new()

    async def cancel(self) -> list[KitchenDocument]:
        context = await self.context()
        async with self.replica.work(MANAGER) as work:
            await cancel_order(work, ORDER, "se fueron", context)
        return await self.new()

    async def follow(self) -> list[KitchenDocument]:
        """What came by sync, or by a command that prints nothing, prints."""
        context = await self.context()
        async with self.replica.work(MANAGER) as work:
            await print_changes(work, ORDER, context)
        return await self.new()

    async def new(self) -> list[KitchenDocument]:
        async with self.replica.connection() as connection:
            rows = (await connection.execute(sa.select(print_job).order_by(sa.literal_column("rowid")))).all()
        papers = [decode(PaperKind.KITCHEN, row.payload) for row in rows if row.kind == PaperKind.KITCHEN]
        new, self._seen = papers[self._seen :], len(papers)
        return new  # type: ignore[return-value]


def said(papers: list[KitchenDocument]) -> list[tuple[KitchenNews, list[Said]]]:
    """What each paper is, and its lines: dish, note, portions (below nothing: called off)."""
    return [
        (
            paper.news,
            [
                (line.name, line.note, line.quantity_milli * (1 if line.change is KitchenRequest.ADD else -1))
                for line in paper.lines
            ],
        )
        for paper in papers
    ]


@pytest.fixture
async def kitchen(village: Village) -> Kitchen:
    return Kitchen(village.replica(TILL), PAPER, village.house)


async def test_the_papers_of_one_sending_are_counted(kitchen: Kitchen) -> None:
    await kitchen.order("lom", "chi")
    papers = await kitchen.send()
    assert [(paper.station, paper.part, paper.parts, paper.news) for paper in papers] == [
        ("Cocina", 1, 2, KitchenNews.NEW),
        ("Barra", 2, 2, KitchenNews.NEW),
    ]
    assert await kitchen.send() == []


async def test_a_printer_that_separates_gives_each_category_its_slip(village: Village) -> None:
    plan = PrintPlan(default_kitchen="cocina", separating=frozenset({"cocina"}))
    kitchen = Kitchen(village.replica(TILL), plan, village.house)
    await kitchen.order("lom", "cev", "chi")
    papers = await kitchen.send()
    assert [(paper.category, paper.part, paper.parts, len(paper.lines)) for paper in papers] == [
        ("Platos", 1, 2, 2),
        ("Bebidas", 2, 2, 1),
    ]
    assert all(paper.table and paper.server and paper.sent_at for paper in papers)


async def test_what_is_sent_later_to_a_station_that_knows_the_order_is_an_addition(kitchen: Kitchen) -> None:
    await kitchen.order("chi")
    await kitchen.send()
    menu = await kitchen.replica.menu()
    async with kitchen.replica.work(MANAGER) as work:
        await add_line(work, ORDER, CEVICHE, menu.items[kitchen.house.items["cev"]].id)
    (first,) = await kitchen.send()
    assert (first.station, first.news, first.parts) == ("Cocina", KitchenNews.NEW, 1), "the bar hears nothing"
    async with kitchen.replica.work(MANAGER) as work:
        await one_more(work, CEVICHE, work.ids.new())
    assert said(await kitchen.send()) == [(KitchenNews.ADDED, [("Ceviche", "", 1_000)])]


async def test_a_voided_line_is_called_off_once(kitchen: Kitchen) -> None:
    await kitchen.order("lom", "chi")
    await kitchen.send()
    assert said(await kitchen.void(LOMO)) == [(KitchenNews.CANCELLED, [("Lomo saltado", "", -1_000)])]
    assert await kitchen.follow() == []
    assert await kitchen.send() == []


async def test_what_was_made_is_called_off_too(kitchen: Kitchen) -> None:
    await kitchen.order("lom")
    await kitchen.send()
    assert said(await kitchen.void(LOMO, was_made=True)) == [(KitchenNews.CANCELLED, [("Lomo saltado", "", -1_000)])]


async def test_a_cancelled_order_is_called_off_at_every_station(kitchen: Kitchen) -> None:
    await kitchen.order("lom", "cev", "chi")
    await kitchen.send()
    papers = await kitchen.cancel()
    assert [(paper.station, paper.part, paper.parts) for paper in papers] == [("Cocina", 1, 2), ("Barra", 2, 2)]
    assert said(papers) == [
        (KitchenNews.CANCELLED, [("Lomo saltado", "", -1_000), ("Ceviche", "", -1_000)]),
        (KitchenNews.CANCELLED, [("Chicha morada", "", -1_000)]),
    ]


async def test_what_was_never_sent_is_not_called_off(kitchen: Kitchen) -> None:
    await kitchen.order("lom")
    assert await kitchen.cancel() == []


async def test_a_changed_dish_prints_with_the_sending_what_goes_and_what_comes(kitchen: Kitchen) -> None:
    await kitchen.order("lom")
    await kitchen.send()
    async with kitchen.replica.work(MANAGER) as work:
        await change_line(work, LOMO, notes="sin sal")
    assert await kitchen.follow() == [], "the change is under way: nobody has sent it"
    (paper,) = await kitchen.send()
    assert said([paper]) == [(KitchenNews.CHANGED, [("Lomo saltado", "", -1_000), ("Lomo saltado", "sin sal", 1_000)])]


async def test_a_lifted_void_asks_for_the_dish_again(kitchen: Kitchen) -> None:
    await kitchen.order("lom")
    await kitchen.send()
    await kitchen.void(LOMO)
    (void,) = await kitchen.replica.rows(LineVoid)
    async with kitchen.replica.work(MANAGER) as work:
        await lift_void(work, void.id)
    assert said(await kitchen.follow()) == [(KitchenNews.ADDED, [("Lomo saltado", "", 1_000)])]
    assert said(await kitchen.void(LOMO)) == [(KitchenNews.CANCELLED, [("Lomo saltado", "", -1_000)])]


async def test_what_the_kitchen_confirmed_and_is_wanted_again_is_a_paper_of_its_own_time_and_can_be_called_off(
    kitchen: Kitchen,
) -> None:
    await kitchen.order("lom")
    await kitchen.send()
    await kitchen.void(LOMO)
    await confirm_all(kitchen.replica)
    (void,) = await kitchen.replica.rows(LineVoid)
    async with kitchen.replica.work(MANAGER) as work:
        await lift_void(work, void.id)
    kitchen.replica.clock.pass_time(minutes=40)
    assert await kitchen.follow() == [], "nobody has sent it"
    (paper,) = await kitchen.send()
    assert said([paper]) == [(KitchenNews.ADDED, [("Lomo saltado", "", 1_000)])]
    assert said(await kitchen.void(LOMO)) == [(KitchenNews.CANCELLED, [("Lomo saltado", "", -1_000)])]


async def test_one_more_after_a_void_prints_one_more_whether_or_not_the_kitchen_confirmed(kitchen: Kitchen) -> None:
    await kitchen.order("lom")
    async with kitchen.replica.work(MANAGER) as work:
        await set_quantity(work, LOMO, 3_000)
    await kitchen.send()
    for confirms in (False, True):
        assert said(await kitchen.void(LOMO)) == [(KitchenNews.CANCELLED, [("Lomo saltado", "", -1_000)])]
        if confirms:
            await confirm_all(kitchen.replica)
            assert await kitchen.follow() == []
        async with kitchen.replica.work(MANAGER) as work:
            await one_more(work, LOMO, work.ids.new())
        assert said(await kitchen.send()) == [(KitchenNews.ADDED, [("Lomo saltado", "", 1_000)])]


async def test_what_another_till_took_back_prints_where_the_ticket_was_printed(village: Village) -> None:
    kitchen = Kitchen(village.replica(TILL), PAPER, village.house)
    other = Kitchen(village.replica(WAITER, "B"), PAPER, village.house)
    await kitchen.order("lom", "chi")
    await kitchen.send()
    await other.replica.pull(kitchen.replica)
    assert await other.void(LOMO) == [], "its tickets are the till's"
    await kitchen.replica.pull(other.replica)
    assert said(await kitchen.follow()) == [(KitchenNews.CANCELLED, [("Lomo saltado", "", -1_000)])]
    assert await kitchen.follow() == []
    assert said(await kitchen.cancel()) == [(KitchenNews.CANCELLED, [("Chicha morada", "", -1_000)])]


async def test_what_a_display_confirmed_needs_no_paper(village: Village) -> None:
    kitchen = Kitchen(village.replica(TILL), PAPER, village.house)
    other = village.replica(WAITER, "B")
    await kitchen.order("lom")
    await kitchen.send()
    await other.pull(kitchen.replica)
    async with other.work(MANAGER) as work:
        await change_line(work, LOMO, notes="sin ají")
    await confirm_all(other)
    await kitchen.replica.pull(other)
    assert await kitchen.follow() == []
    assert said(await kitchen.void(LOMO)) == [(KitchenNews.CANCELLED, [("Lomo saltado", "sin ají", -1_000)])]


async def test_two_tills_that_take_back_one_each_call_off_two(village: Village) -> None:
    kitchen = Kitchen(village.replica(TILL), PAPER, village.house)
    other = Kitchen(village.replica(WAITER, "B"), PAPER, village.house)
    await kitchen.order("lom")
    async with kitchen.replica.work(MANAGER) as work:
        await set_quantity(work, LOMO, 3_000)
    await kitchen.send()
    await other.replica.pull(kitchen.replica)
    await kitchen.void(LOMO)
    await other.void(LOMO)
    await kitchen.replica.pull(other.replica)
    assert said(await kitchen.follow()) == [(KitchenNews.CANCELLED, [("Lomo saltado", "", -1_000)])]


async def test_nobody_stops_cooking_what_was_eaten_and_refunded(village: Village) -> None:
    kitchen = Kitchen(village.replica(TILL), PrintPlan("caja", "cocina"), village.house)
    await kitchen.order("lom")
    await kitchen.send()
    context = await kitchen.context()
    async with kitchen.replica.work(MANAGER) as work:
        tender = Tender(village.house.methods["Visa"], "Visa", TenderKind.CARD, 3_890)
        paid = await send_and_pay(work, first_check_id(ORDER), work.ids.new(), [tender], context)
    assert paid.receipt is not None
    village.clock.pass_time(hours=4)
    async with kitchen.replica.work(MANAGER) as work:
        portions = {line.id: line.quantity_milli for line in paid.receipt_lines}
        await refund(work, paid.receipt.id, work.ids.new(), portions, None, "frío", context, was_made=False)
    assert await kitchen.follow() == []


async def confirm_all(replica: Replica) -> None:
    async with replica.connection() as connection:
        tickets = await open_tickets(connection, replica.place.organization_id, replica.place.branch_id)
    for ticket in tickets:
        async with replica.work(MANAGER) as work:
            await confirm(work, ticket.id)


async def test_a_note_of_the_whole_order_prints_once_for_what_is_being_made(kitchen: Kitchen) -> None:
    await kitchen.order("lom", "cev")
    await kitchen.send()
    async with kitchen.replica.work(MANAGER) as work:
        await note_order(work, ORDER, "alergia mariscos")
    noted = await kitchen.follow()
    assert [(paper.news, paper.note, paper.lines) for paper in noted] == [(KitchenNews.NOTED, "alergia mariscos", ())]
    assert await kitchen.follow() == []
    async with kitchen.replica.work(MANAGER) as work:
        await note_order(work, ORDER, "")
    assert [(paper.news, paper.note) for paper in await kitchen.follow()] == [(KitchenNews.NOTED, "")]
