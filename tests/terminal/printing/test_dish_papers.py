"""Papers of what is weighed, priced at the till and chosen twice: with the real commands, read back from the bytes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from restaurant import CASHIER, CLOUD, TILL, House, Village, found

from shared.menu.commands import add_item
from shared.orders.commands import add_line, first_check_id, open_order
from shared.orders.records import OrderKind
from shared.payments.rules import Tender, TenderKind
from shared.tenancy.queries import premises
from terminal.papers.print_plan import PrintPlan
from terminal.papers.tasks import PrintContext, send, send_and_pay
from terminal.printing.documents import PaperKind, decode
from terminal.printing.escpos import render
from terminal.printing.printers import PrinterProfile
from terminal.printing.records import metadata, print_job

ORDER, CHEESE, PORK, OTHERS = UUID(int=1_000), UUID(int=2_001), UUID(int=2_002), UUID(int=2_003)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, House]:
    folder = tmp_path_factory.mktemp("restaurant")
    return folder, asyncio.run(found(folder))


@pytest.fixture
async def village(template: tuple[Path, House], tmp_path: Path) -> AsyncIterator[Village]:
    village = Village(template[0], tmp_path, template[1])
    yield village
    await village.close()


async def test_papers_say_weights_twice_and_a_plus_only_where_it_costs_more(
    village: Village, read_paper: Callable[[bytes], Any]
) -> None:
    house, cloud, till = village.house, village.replica(CLOUD), village.replica(TILL)
    async with till.connection() as connection:
        await connection.run_sync(metadata.create_all)
    async with cloud.work() as work:
        lomo = (await cloud.menu()).items[house.items["lom"]]
        same = (lomo.category_id, lomo.tax_category_id)
        await add_item(work, "Queso paria", *same, 4_800, item_id=CHEESE, unit="kg")
        await add_item(work, "Chicharrón", *same, 7_200, "chk", lomo.station_id, item_id=PORK, unit="kg")
        await add_item(work, "Otros", *same, 0, item_id=OTHERS, open_price=True)
    await till.pull(cloud)
    plan = PrintPlan(receipt="caja", default_kitchen="cocina")
    async with till.connection() as connection:
        here = await premises(connection, till.place.organization_id, till.place.branch_id, till.place.device_id)
    assert here is not None
    egg = (house.modifiers["jugoso"], house.modifiers["huevo"], house.modifiers["huevo"])
    async with till.work(CASHIER) as work:
        await open_order(work, ORDER, OrderKind.TAKEOUT)
        await add_line(work, ORDER, UUID(int=1), CHEESE, quantity_milli=350)
        await add_line(work, ORDER, UUID(int=2), PORK, quantity_milli=1_200)
        await add_line(work, ORDER, UUID(int=3), OTHERS, unit_price_minor=4_500)
        await add_line(work, ORDER, UUID(int=4), lomo.id, egg)
    context = PrintContext(here, plan, {})
    async with till.work(CASHIER) as work:
        await send(work, ORDER, context)
    total = 1_680 + 8_640 + 4_500 + 4_490
    async with till.work(CASHIER) as work:
        tender = Tender(house.methods["Visa"], "Visa", TenderKind.CARD, total)
        await send_and_pay(work, first_check_id(ORDER), work.ids.new(), [tender], context)

    async with till.connection() as connection:
        jobs = (await connection.execute(sa.select(print_job).order_by(sa.literal_column("rowid")))).all()
    texts = {
        kind: [
            line.text.rstrip()
            for job in jobs
            if job.kind == kind
            for line in read_paper(render(decode(PaperKind(kind), job.payload), PrinterProfile())).lines
        ]
        for kind in (PaperKind.KITCHEN, PaperKind.RECEIPT)
    }
    kitchen, receipt = texts[PaperKind.KITCHEN], texts[PaperKind.RECEIPT]
    assert "1.200 kg x Chicharrón" in kitchen
    assert kitchen[kitchen.index("1 x Lomo saltado") + 1 :][:2] == ["     Jugoso", "   + 2 x Huevo"]
    at = next(at for at, text in enumerate(receipt) if text.startswith("Queso paria"))
    assert receipt[at].endswith("S/ 16.80")
    assert receipt[at + 1] == "     0.350 kg x S/ 48.00"
    assert "     1.200 kg x S/ 72.00" in receipt
    at = next(at for at, text in enumerate(receipt) if "Lomo saltado" in text)
    assert receipt[at + 1 : at + 3] == ["     Jugoso", "   + 2 x Huevo (S/ 6.00)"]
    assert any(text.startswith("1 Otros") and text.endswith("S/ 45.00") for text in receipt)
