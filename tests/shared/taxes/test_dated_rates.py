"""Taxes are of a category and a day: which rates are in force, and what bill and receipt make of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from restaurant import CASHIER, CLOUD, MANAGER, SERVER, Replica, Village

from shared.kernel.errors import DomainError
from shared.kitchen.sending import send_order
from shared.menu.records import Item
from shared.orders.commands import add_line, first_check_id, open_order
from shared.orders.records import OrderKind, OrderLine
from shared.payments.commands import pay
from shared.payments.records import Receipt, ReceiptLine
from shared.payments.rules import Tender, TenderKind
from shared.taxes.commands import add_tax_category, add_tax_rate
from shared.taxes.queries import rates_in_force
from shared.taxes.rules import DatedRate, Tax, in_force

FOOD, BAGS = UUID(int=1), UUID(int=2)
ORDER, LINE, RECEIPT = UUID(int=1_000), UUID(int=1_001), UUID(int=1_002)
NEW_YEAR = date(2027, 1, 1)
OLD, SPECIAL = Tax("IGV", 180_000), Tax("IGV", 105_000)


@pytest.fixture
def cloud(village: Village) -> Replica:
    return village.replica(CLOUD, "")


def test_of_a_name_the_rate_that_began_last_is_in_force_and_others_stand_beside_it() -> None:
    bag = Tax("ICBPER", 0, included=False, per_unit_minor=50)
    rates = [
        DatedRate(FOOD, SPECIAL, date(2026, 1, 1), date(2026, 12, 31)),
        DatedRate(FOOD, OLD),
        DatedRate(BAGS, OLD),
        DatedRate(BAGS, bag, date(2026, 6, 1)),
    ]
    expected = {
        date(2025, 12, 31): {FOOD: {OLD}, BAGS: {OLD}},
        date(2026, 1, 1): {FOOD: {SPECIAL}, BAGS: {OLD}},
        date(2026, 12, 31): {FOOD: {SPECIAL}, BAGS: {OLD, bag}},
        NEW_YEAR: {FOOD: {OLD}, BAGS: {OLD, bag}},
    }
    for heard in (rates, rates[::-1]):
        for day, taxes in expected.items():
            assert {category: set(found) for category, found in in_force(heard, day).items()} == taxes
    both_begin_today = [DatedRate(FOOD, OLD, NEW_YEAR), DatedRate(FOOD, SPECIAL, NEW_YEAR)]
    assert in_force(both_begin_today, NEW_YEAR) == {FOOD: (SPECIAL,)}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"rate_millionths": -1}, "RATE_NOT_SENSIBLE"),
        ({"rate_millionths": 1_000_001}, "RATE_NOT_SENSIBLE"),
        ({"per_unit_minor": -1}, "RATE_NOT_SENSIBLE"),
        ({"rate_millionths": 1, "per_unit_minor": 1}, "RATE_NOT_SENSIBLE"),
        ({"name": " "}, "NAME_MISSING"),
        ({"valid_from": NEW_YEAR, "valid_until": date(2026, 12, 31)}, "RATE_ENDS_BEFORE_IT_BEGINS"),
    ],
)
async def test_a_tax_that_makes_no_sense_is_refused(cloud: Replica, given: dict[str, object], code: str) -> None:
    with pytest.raises(DomainError, match=code):
        async with cloud.work() as work:
            await add_tax_rate(work, **{"tax_category_id": FOOD, "name": "IGV", **given})  # type: ignore[arg-type]


async def test_a_cashier_writes_no_taxes(cloud: Replica) -> None:
    for command, given in ((add_tax_category, ("Comida",)), (add_tax_rate, (FOOD, "IGV", 180_000))):
        with pytest.raises(DomainError, match="NOT_PERMITTED"):
            async with cloud.work(CASHIER) as work:
                await command(work, *given)  # type: ignore[operator]


async def test_a_bill_of_last_year_that_is_paid_after_midnight_bears_the_new_rate(
    village: Village, till: Replica, cloud: Replica
) -> None:
    """The law goes by the civil day: the business day still runs."""
    async with cloud.work() as work:
        await add_tax_rate(work, village.house.taxes["IGV"], "IGV", 105_000, valid_from=NEW_YEAR)
    await till.pull(cloud)
    a_minute_to_midnight = datetime(2027, 1, 1, 4, 59, tzinfo=UTC)  # in Lima
    village.clock.pass_time(seconds=(a_minute_to_midnight - village.clock.now()).total_seconds())
    async with till.work(SERVER) as work:
        await open_order(work, ORDER, OrderKind.TAKEOUT)
        await work.session.flush()
        await add_line(work, ORDER, LINE, village.house.items["cev"])
        await work.session.flush()
        await send_order(work, ORDER)
    village.clock.pass_time(minutes=2)
    visa = Tender(village.house.methods["Visa"], "Visa", TenderKind.CARD, 4_250)
    async with till.work(CASHIER) as work:
        paid = await pay(work, first_check_id(ORDER), RECEIPT, [visa])
    assert paid.receipt is not None
    assert paid.receipt.business_date == date(2026, 12, 31)
    assert paid.receipt.taxes == [
        {
            "name": "IGV",
            "rate_millionths": 105_000,
            "included": True,
            "per_unit_minor": 0,
            "net_minor": 3_846,
            "tax_minor": 404,
        }
    ]
    assert paid.receipt_lines[0].taxes == [
        {"name": "IGV", "rate_millionths": 105_000, "included": True, "per_unit_minor": 0, "tax_minor": 404}
    ]


async def test_a_line_takes_price_and_tax_from_the_menu_and_from_nobody_else(
    village: Village, till: Replica, cloud: Replica
) -> None:
    ceviche, huevo = village.house.items["cev"], village.house.modifiers["huevo"]
    async with cloud.work() as work:
        item = await work.get(Item, ceviche)
        item.price_minor, item.unit = 4_500, "plato"
        (await work.get(Item, village.house.items["pan"])).active = False
    await till.pull(cloud)
    async with till.work(SERVER) as work:
        await open_order(work, ORDER, OrderKind.TAKEOUT)
        await work.session.flush()
        line = await add_line(work, ORDER, LINE, ceviche)
    assert (line.item_name, line.unit_price_minor, line.unit) == ("Ceviche", 4_500, "plato")
    assert line.tax_category_id == village.house.taxes["IGV"]
    for dish, modifiers, code in (
        ("cev", [huevo], "MODIFIER_UNKNOWN"),
        ("lom", [], "TOO_FEW_MODIFIERS"),
        ("pan", [], "NOT_FOUND"),
    ):
        with pytest.raises(DomainError, match=code):
            async with till.work(SERVER) as work:
                await add_line(work, ORDER, UUID(int=9), village.house.items[dish], modifiers)


async def test_a_receipt_line_says_what_a_fiscal_document_asks(village: Village, till: Replica) -> None:
    house = village.house
    extras = [house.modifiers["jugoso"], house.modifiers["queso"]]
    async with till.work(MANAGER) as work:
        await open_order(work, ORDER, OrderKind.TAKEOUT)
        await work.session.flush()
        await add_line(work, ORDER, LINE, house.items["lom"], extras, 2_000)
        await work.session.flush()
        await send_order(work, ORDER)
        await work.session.flush()
        await pay(work, first_check_id(ORDER), RECEIPT, [Tender(house.methods["Visa"], "Visa", TenderKind.CARD, 8_680)])
    (line,) = await till.rows(ReceiptLine)
    (receipt,) = await till.rows(Receipt)
    (ordered,) = await till.rows(OrderLine)
    assert (line.unit_price_minor, line.quantity_milli, line.gross_minor) == (4_340, 2_000, 8_680)
    assert line.category_id == ordered.category_id
    assert (line.discounts, line.service_minor) == ([], 0)
    assert [each["tax_minor"] for each in line.taxes] == [line.tax_minor] == [receipt.tax_minor]


async def test_rates_are_read_in_one_statement(village: Village, till: Replica) -> None:
    with till.counted() as statements:
        async with till.connection() as connection:
            found = await rates_in_force(connection, till.place.organization_id, NEW_YEAR)
    assert len(statements) == 1
    assert found[village.house.taxes["IGV"]] == (OLD,)
